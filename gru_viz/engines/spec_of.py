"""What kind of recurrent module this is; its weights are read in `weights.py`."""

from __future__ import annotations

from typing import Any

from torch import nn

from gru_viz.cells import MODULES, kind_of
from gru_viz.cells.spec import DIRECTIONS, FORWARD, Spec
from gru_viz.engines.foreign import not_recurrent, own_forward
from gru_viz.errors import InputError
from gru_viz.scalars import shown, whole


def is_cell(rnn: object) -> bool:
    """Whether the module computes one step a call: an `nn.GRUCell`, `nn.LSTMCell` or `nn.RNNCell`."""
    return isinstance(rnn, nn.RNNCellBase)


def spec_of(rnn: Any) -> Spec:
    """Reads the make of a recurrent module; a cell's is that of a layer which it is one step of.

    Raises:
        InputError: the module is not an `nn.GRU`, `nn.LSTM`, `nn.RNN`, `gv.GRU`, `gv.MinGRU` or a cell of torch's, or
            its class computes with a `forward` of its own.
    """
    kind = kind_of(rnn)
    if kind is None:
        raise not_recurrent(rnn)
    if changed := own_forward(rnn):
        raise InputError(
            "module.own_forward",
            "{kind} has a {method} of its own, and what that computes besides the {cell}'s equations cannot be seen; "
            "trace the plain nn.{base} it builds on, with its weights and the input that reaches it.",
            kind=type(rnn).__name__,
            method=changed,
            cell=kind.name.value,
            base=next(base.__name__ for base in type(rnn).__mro__ if base in MODULES),
        )
    common = {"cell": kind.name, "input_size": rnn.input_size, "hidden_size": rnn.hidden_size}
    common |= {"bias": bool(rnn.bias), "nonlinearity": getattr(rnn, "nonlinearity", "tanh")}
    if is_cell(rnn):
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
