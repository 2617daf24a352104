"""The closed vocabulary: every quantity a recurrent cell computes, its symbol, range and place in PyTorch's weights.

Nothing else in the project slices stacked weight rows by hand or spells a quantity's name as a new literal.
Row orders are PyTorch's (documentation of `torch.nn.GRU` and `torch.nn.LSTM`): GRU stacks r, z, n; LSTM i, f, g, o.
"""

from __future__ import annotations

from enum import StrEnum

from torch import Tensor


class Cell(StrEnum):
    """The three recurrent cells PyTorch ships."""

    GRU = "GRU"
    LSTM = "LSTM"
    RNN = "RNN"


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

ROW_ORDER: dict[Cell, tuple[Quantity, ...]] = {
    Cell.GRU: (Quantity.R, Quantity.Z, Quantity.N),
    Cell.LSTM: (Quantity.I, Quantity.F, Quantity.G, Quantity.O),
    Cell.RNN: (Quantity.H,),
}
"""How PyTorch stacks the rows of weight_ih and weight_hh, cell by cell."""

SHOWN: dict[Cell, tuple[Quantity, ...]] = {
    Cell.GRU: (Quantity.Z, Quantity.R, Quantity.N, Quantity.H),
    Cell.LSTM: (Quantity.F, Quantity.I, Quantity.G, Quantity.O, Quantity.C, Quantity.H),
    Cell.RNN: (Quantity.H,),
}
"""The order in which pages draw a cell's quantities, top to bottom."""


def rows(stacked: Tensor, cell: Cell, first: Quantity, last: Quantity | None = None) -> Tensor:
    """A view of the rows of a stacked weight or bias from `first` to `last`, both included (`last` None: only it)."""
    order = ROW_ORDER[cell]
    begin, end = order.index(first), order.index(first if last is None else last) + 1
    size = stacked.shape[0] // len(order)
    return stacked[begin * size : end * size]
