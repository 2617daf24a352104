"""The plain (Elman) RNN, tanh or relu: no gates, all of the memory is overwritten at every step.

Source: documentation of `torch.nn.RNN`. Letters in shapes as in `gru.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gru_viz.cells.kind import (
    STATES,
    Adjoint,
    Back,
    Edit,
    Function,
    Held,
    Kind,
    Slopes,
    Squash,
    Weights,
    unedited,
)
from gru_viz.cells.quantities import Cell, Quantity
from gru_viz.cells.spec import Spec


class RNNStep(NamedTuple):
    """Everything one plain RNN step computes: what the input says, what the memory says, and the new memory."""

    a: Float[Tensor, "*B H"]
    b: Float[Tensor, "*B H"]
    h: Float[Tensor, "*B H"]


def rnn_step(
    x: Float[Tensor, "*B I"],
    h_prev: Float[Tensor, "*B H"],
    w: Weights,
    edit: Edit = unedited,
    nonlinearity: Callable[[Tensor], Tensor] = torch.tanh,
) -> RNNStep:
    """One step of the plain (Elman) RNN. Source: documentation of `torch.nn.RNN`."""
    a = x @ w.ih.T + w.b_ih
    b = h_prev @ w.hh.T + w.b_hh
    return RNNStep(a, b, edit(Quantity.H, nonlinearity(a + b)))


def rnn_slopes(
    w: Weights,  # noqa: ARG001 - one signature for all cells
    values: Mapping[Quantity, Tensor],
    previous: Mapping[Quantity, Tensor],  # noqa: ARG001
    held: Held,  # noqa: ARG001 - h is all there is to hold, and the caller minds it
    *,
    is_relu: bool = False,
) -> Slopes:
    """What the sum is worth in h. As torch has it, relu's slope at 0 is 0."""
    h = values[Quantity.H]
    return {"h": (h > 0).to(h.dtype) if is_relu else 1 - h * h}


def rnn_back(w: Weights, slopes: Slopes, gradients: tuple[Tensor, ...]) -> Back:
    """One step backwards: ``dh/dh_prev = diag(h) W_hh`` with the slope for the letter."""
    sums = gradients[0] * slopes["h"]
    return Back((sums @ w.hh,), sums)


def _function(spec: Spec) -> Function:
    return "relu" if spec.nonlinearity == "relu" else "tanh"


RNN = Kind(
    name=Cell.RNN,
    rows=(Quantity.H,),
    shown=(Quantity.H,),
    carried=(Quantity.H,),
    modules=(nn.RNN, nn.RNNCell),
    step=lambda spec, x, state, w, edit: rnn_step(x, state[0], w, edit, STATES[_function(spec)]),
    equations=lambda spec: (Squash(Quantity.H, _function(spec), phase=3),),
    adjoint=lambda spec: Adjoint(
        slopes=partial(rnn_slopes, is_relu=_function(spec) == "relu"), back=rnn_back, paths={"h": ("h",)}
    ),
    roles={"memory": (Quantity.H,), "kept": (), "written": (), "candidate": (), "own": ()},
    kernel=lambda spec: torch.rnn_relu if spec.nonlinearity == "relu" else torch.rnn_tanh,
    nonlinearities=("tanh", "relu"),
    options=lambda make: {"nonlinearity": make.nonlinearity},
    plan=lambda spec: "rnn",
)
