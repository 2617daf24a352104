"""The closed vocabulary: the cells, and every quantity a recurrent cell computes, its symbol and range.

Nothing else in the project spells a quantity's name as a new literal; where it stands in the weights its cell's record
says (`kind.Kind.rows`).
"""

from __future__ import annotations

from enum import StrEnum


class Cell(StrEnum):
    """The recurrent cells there is a record of: the three that PyTorch ships, and MinGRU."""

    GRU = "GRU"
    LSTM = "LSTM"
    RNN = "RNN"
    MINGRU = "MinGRU"


class Quantity(StrEnum):
    """A named activation; the value is the field's symbol and the attribute's name on a `LayerTrace`."""

    Z = "z"
    R = "r"
    N = "n"
    H = "h"
    I = "i"  # noqa: E741 - the field's symbol for the input gate
    F = "f"
    G = "g"
    O = "o"  # noqa: E741 - the field's symbol for the output gate
    C = "c"

    @property
    def is_gate(self) -> bool:
        """True for values of a sigmoid, which live in 0..1 and are drawn on a sequential scale."""
        return self in _SIGMOID

    @property
    def label_key(self) -> str:
        """The key of this quantity's long name in the translation catalogues."""
        return f"quantity.{self.value}"


_SIGMOID = frozenset({Quantity.Z, Quantity.R, Quantity.I, Quantity.F, Quantity.O})
