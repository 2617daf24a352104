"""One number of whatever library: what counts as a whole number, what as a real one, and how a wrong value is shown.

People hold their numbers as Python's, NumPy's, pandas' or torch's, as often as not from an `argmax()`. What a value
means is decided here, once: a bool is an answer and no number, a fraction is no index, a text is neither.
"""

from __future__ import annotations

import operator
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from torch import Tensor

from gru_viz.errors import InputError

if TYPE_CHECKING:
    from typing_extensions import TypeIs

K = TypeVar("K")

_MOST_SHOWN = 60


def whole(value: object) -> int | None:
    """The int that a value is: an int, a NumPy integer, a 0-dim integer array or tensor; None for anything else.

    A bool is None, and so is a float, even 2.0.
    """
    kind = _kind(value)
    if kind is not None and kind not in "iu":
        return None
    if isinstance(value, bool) or getattr(value, "ndim", 0):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, RuntimeError):
        return None


def real(value: object) -> float | None:
    """The float that a value is: any real number, a NumPy scalar, a 0-dim array or tensor; None for anything else.

    A bool, a complex number and a text are None; NaN and infinity are floats.
    """
    kind = _kind(value)
    if kind is not None and (kind not in "iuf" or getattr(value, "ndim", 0)):
        return None
    if kind is None and (isinstance(value, bool) or not isinstance(value, (Real, Decimal))):
        return None
    try:
        return float(value.detach().item() if isinstance(value, Tensor) else value)  # type: ignore[arg-type]
    except OverflowError:  # an int beyond any float
        return float("inf")
    except (TypeError, ValueError, RuntimeError):
        return None


def shown(value: object) -> str:
    """A value as a sentence names it: its own words on one line, cut where they are long."""
    try:
        words = " ".join(repr(value).split())
    except Exception:  # noqa: BLE001 - a foreign repr may raise anything, and a wrong value still gets its sentence
        words = ""
    if not words or len(words) > _MOST_SHOWN:
        shape = getattr(value, "shape", None)
        sized = f" of shape {tuple(shape)}" if isinstance(shape, tuple) else ""
        return f"{words[: _MOST_SHOWN - 3]}..." if words and not sized else f"a {type(value).__name__}{sized}"
    return words


def refused(name: str, value: object, wanted: str) -> InputError:
    """The error for an argument that is of another kind than the one wanted."""
    return InputError(
        "argument.kind", "{name} cannot be {found}; pass {wanted}.", name=name, found=shown(value), wanted=wanted
    )


def _kind(value: Any) -> str | None:
    """NumPy's letter for what a scalar, an array or a tensor holds: "i", "u", "f", "b", "c", ...; None for the rest."""
    if isinstance(value, Tensor):
        if value.dtype.is_floating_point:
            return "f"
        if value.dtype.is_complex:
            return "c"
        return "b" if str(value.dtype) == "torch.bool" else "i"
    if isinstance(value, (np.generic, np.ndarray)):
        return value.dtype.kind
    return None


def is_a(value: object, kind: type[K]) -> TypeIs[K]:
    """Whether a value is of a class of ours, also where that class was loaded again since the value was made.

    A page's server loads changed sources while it runs and keeps models and traces it has made: those are instances of
    a class that only shares the new one's name.
    """
    named = (kind.__module__, kind.__qualname__)
    return isinstance(value, kind) or any((own.__module__, own.__qualname__) == named for own in type(value).__mro__)
