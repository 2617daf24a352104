"""A field for a whole number within bounds, in which what is shown is what is taken, or is refused in words.

Streamlit's own bounds would turn a number outside red, keep it on the page, and let the page go on with the one before;
so the field has none, and the page is told. A field of Streamlit's for whole numbers would, too, cut 2.5 to 2 unasked;
so it is one for any number, and what is not whole is refused here.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from gru_viz.errors import InputError


def whole_number(label: str, low: int, high: int, *, key: str, step: int = 1, **options: Any) -> int:
    """Draw the field and read it; its value is the session's under `key`.

    Raises:
        InputError: the number is not whole or out of bounds; the field is drawn all the same. To be said, and nothing
            to be run.
    """
    value: Any = st.number_input(label, key=key, step=float(step), format="%g", **options)
    return whole(label, value, low, high)


def whole(label: str, value: float, low: int, high: int) -> int:
    """The value as a whole number.

    Raises:
        InputError: it is not whole, or out of bounds.
    """
    if not float(value).is_integer():
        raise InputError(
            "number.whole",
            "{name} must be a whole number, not {value}: nothing was run with it.",
            name=label,
            value=f"{value:,.12g}",
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
            low=_written(low),
            high=_written(high),
            value=_written(value),
        )
    return value


def _written(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,g}"
