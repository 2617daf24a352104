"""A number a visitor has set: taken as it is shown, or refused in words."""

from __future__ import annotations

from typing import Any

from gru_viz.errors import InputError
from gru_viz.locale.digits import entered


def whole(label: str, value: float, low: int, high: int) -> int:
    """The value as a whole number.

    Args:
        label: what it is called, in the visitor's language.

    Raises:
        InputError: it is not whole, or out of bounds.
    """
    if not float(value).is_integer():
        raise InputError(
            "number.whole",
            "{name} must be a whole number, not {value}: nothing was run with it.",
            name=label,
            value=entered(value, 12),
        )
    return within(label, int(value), low, high)


def within(label: str, value: float, low: float, high: float) -> Any:
    """The value.

    Raises:
        InputError: it is out of bounds.
    """
    if not low <= value <= high:
        raise InputError(
            "number.bounds",
            "{name} must be from {low} to {high}, not {value}: nothing was run with it.",
            name=label,
            low=entered(low),
            high=entered(high),
            value=entered(value),
        )
    return value
