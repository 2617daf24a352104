"""What kind of recurrent module this is; its weights are read in `weights.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gru_viz.cells import equations as cells
from gru_viz.cells.equations import Edit, Step, Weights
from gru_viz.cells.quantities import ROW_ORDER, Cell, Quantity
from gru_viz.engines.foreign import not_recurrent, own_forward
from gru_viz.errors import InputError
from gru_viz.scalars import shown, whole

FORWARD, BACKWARD = "forward", "backward"
DIRECTIONS = (FORWARD, BACKWARD)


@dataclass(frozen=True)
class Spec:
    """A recurrent module's make, without its weights."""

    cell: Cell
    input_size: int
    hidden_size: int
    num_layers: int
    directions: tuple[str, ...]
    batch_first: bool
    bias: bool
    dropout: float
    proj_size: int = 0
    nonlinearity: str = "tanh"
    reset_after: bool = True

    @property
    def state_size(self) -> int:
        """Width of h: the projection's where there is one, else hidden_size."""
        return self.proj_size or self.hidden_size

    @property
    def name(self) -> str:
        """The module as a reader would call it in a sentence."""
        return f"{self.cell.value}({self.input_size}, {self.hidden_size}, {self.num_layers})"

    def quantities(self) -> tuple[Quantity, ...]:
        """What a trace of one layer holds, in PyTorch's row order, then c where there is one, then h."""
        rows = () if self.cell is Cell.RNN else ROW_ORDER[self.cell]
        carried = (Quantity.C,) if self.cell is Cell.LSTM else ()
        return (*rows, *carried, Quantity.H)

    def stepper(self) -> Callable[[Tensor, tuple[Tensor, ...], Weights, Edit], Step]:
        """The textbook step of this cell, with one signature for all: (x, (h,) or (h, c), weights, edit)."""
        if self.cell is Cell.LSTM:
            return lambda x, state, w, edit: cells.lstm_step(x, state[0], state[1], w, edit)
        if self.cell is Cell.RNN:
            squash = torch.relu if self.nonlinearity == "relu" else torch.tanh
            return lambda x, state, w, edit: cells.rnn_step(x, state[0], w, edit, squash)
        step = cells.gru_step if self.reset_after else cells.gru_step_reset_before
        return lambda x, state, w, edit: step(x, state[0], w, edit)


def is_cell(rnn: object) -> bool:
    """Whether the module computes one step a call: an `nn.GRUCell`, `nn.LSTMCell` or `nn.RNNCell`."""
    return isinstance(rnn, nn.RNNCellBase)


def spec_of(rnn: object) -> Spec:
    """Reads the make of a recurrent module; a cell's is that of a layer which it is one step of.

    Raises:
        InputError: the module is not an `nn.GRU`, `nn.LSTM`, `nn.RNN`, `gv.GRU` or a cell of torch's, or its class
            computes with a `forward` of its own.
    """
    if not isinstance(rnn, (nn.GRU, nn.LSTM, nn.RNN, nn.GRUCell, nn.LSTMCell, nn.RNNCell)):
        raise not_recurrent(rnn)
    if changed := own_forward(rnn):
        raise InputError(
            "module.own_forward",
            "{kind} has a {method} of its own, and what that computes besides the {cell}'s equations cannot be seen; "
            "trace the plain nn.{base} it builds on, with its weights and the input that reaches it.",
            kind=type(rnn).__name__,
            method=changed,
            cell=cell_of(rnn).value,
            base=next(kind.__name__ for kind in type(rnn).__mro__ if kind.__module__ == nn.GRU.__module__),
        )
    common = {"cell": cell_of(rnn), "input_size": rnn.input_size, "hidden_size": rnn.hidden_size}
    common |= {"bias": bool(rnn.bias), "nonlinearity": getattr(rnn, "nonlinearity", "tanh")}
    if isinstance(rnn, nn.RNNCellBase):
        return Spec(**common, num_layers=1, directions=(FORWARD,), batch_first=False, dropout=0.0)
    return Spec(
        **common,
        num_layers=rnn.num_layers,
        directions=DIRECTIONS if rnn.bidirectional else getattr(rnn, "directions", (FORWARD,)),
        batch_first=rnn.batch_first,
        dropout=rnn.dropout,
        proj_size=rnn.proj_size,
        reset_after=getattr(rnn, "reset_after", True),
    )


def cell_of(rnn: object) -> Cell:
    """Which equations a layer or a cell of torch's computes."""
    if isinstance(rnn, (nn.GRU, nn.GRUCell)):
        return Cell.GRU
    return Cell.LSTM if isinstance(rnn, (nn.LSTM, nn.LSTMCell)) else Cell.RNN


def check_place(spec: Spec, layer: int, direction: str) -> int:
    """Returns the layer as a non-negative number.

    Raises:
        InputError: there is no such layer or direction.
    """
    number = whole(layer)
    if number is None or not -spec.num_layers <= number < spec.num_layers:
        raise InputError(
            "place.layer",
            "There is no layer {layer}: this {cell} has {layers}, numbered 0 to {last}.",
            layer=shown(layer) if number is None else number,
            cell=spec.cell.value,
            layers=spec.num_layers,
            last=spec.num_layers - 1,
        )
    if not isinstance(direction, str) or direction not in spec.directions:
        raise InputError(
            "place.direction",
            "There is no direction '{direction}': this {cell} reads {directions}.",
            direction=direction if isinstance(direction, str) else shown(direction),
            cell=spec.cell.value,
            directions=" and ".join(spec.directions),
        )
    return number % spec.num_layers
