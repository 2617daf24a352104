"""What kind of recurrent module this is, and its weights: the one place that reads an `nn.RNNBase`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gru_viz import cells
from gru_viz.cells import Edit, Step, Weights
from gru_viz.errors import InputError
from gru_viz.quantities import ROW_ORDER, Cell, Quantity
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


def spec_of(rnn: object) -> Spec:
    """Reads the make of a recurrent module.

    Raises:
        InputError: the module is not an `nn.GRU`, `nn.LSTM`, `nn.RNN` or `gv.GRU`.
    """
    if not isinstance(rnn, (nn.GRU, nn.LSTM, nn.RNN)):
        raise InputError(
            "module.not_recurrent",
            "{kind} is not a recurrent layer; pass an nn.GRU, nn.LSTM, nn.RNN or gv.GRU "
            "(for a model that contains one, use gv.record(model)).",
            kind=type(rnn).__name__,
        )
    return Spec(
        cell=Cell.GRU if isinstance(rnn, nn.GRU) else Cell.LSTM if isinstance(rnn, nn.LSTM) else Cell.RNN,
        input_size=rnn.input_size,
        hidden_size=rnn.hidden_size,
        num_layers=rnn.num_layers,
        directions=DIRECTIONS if rnn.bidirectional else getattr(rnn, "directions", (FORWARD,)),
        batch_first=rnn.batch_first,
        bias=bool(rnn.bias),
        dropout=rnn.dropout,
        proj_size=rnn.proj_size,
        nonlinearity=getattr(rnn, "nonlinearity", "tanh"),
        reset_after=getattr(rnn, "reset_after", True),
    )


def parameter_names(layer: int, direction: str) -> Iterator[str]:
    """PyTorch's names of one layer's parameters: weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, weight_hr_l0."""
    suffix = f"_l{layer}" + ("_reverse" if direction == BACKWARD else "")
    for stem in ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"):
        yield stem + suffix


def weights_of(rnn: nn.RNNBase, layer: int, direction: str, *, grad: bool = False) -> Weights:
    """One layer's weights in one direction, detached unless `grad`; biases the module lacks come as zeros."""
    # A module of one direction, whichever it is, has one set of weights and PyTorch's plain names for them.
    named = parameter_names(layer, direction if rnn.bidirectional else FORWARD)
    ih, hh, b_ih, b_hh, hr = (getattr(rnn, name, None) for name in named)
    assert ih is not None
    zeros = ih.new_zeros(ih.shape[0]) if b_ih is None or b_hh is None else None
    found = Weights(ih, hh, zeros if b_ih is None else b_ih, zeros if b_hh is None else b_hh, hr)  # type: ignore[arg-type]
    if grad:
        return found
    return Weights(*(None if w is None else w.detach() for w in found))  # type: ignore[arg-type]


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
