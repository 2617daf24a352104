"""The equations: one step of every recurrent cell, readable, with every intermediate named.

The textbook the fast engines are tested against. Conventions, stated because they differ everywhere:

* **GRU, reset-after** (`gru_step`): r multiplies ``W_hn h + b_hn``, *after* the matrix product, which is what PyTorch
  and cuDNN compute. Source: documentation of `torch.nn.GRU`.
* **GRU, reset-before** (`gru_step_reset_before`): r multiplies ``h`` *before* the matrix product. This is the paper and
  the tutorial. Source: Cho et al. 2014, arXiv:1406.1078, eq. 5-8.
* **z is PyTorch's in both**: ``h = (1 - z) * n + z * h_prev``, so z -> 1 keeps the old state. The tutorial's z is the
  complement of this one; it exists only as a view (`gru_viz.update_gate`).
* **LSTM** (`lstm_step`): documentation of `torch.nn.LSTM`; no peepholes; ``proj_size`` shrinks h through ``W_hr``
  (Sak et al. 2014, arXiv:1402.1128).
* **RNN** (`rnn_step`): Elman's, tanh or relu. Source: documentation of `torch.nn.RNN`.

Weight rows are stacked r, z, n (GRU) and i, f, g, o (LSTM). Letters in shapes: B batch, I inputs, H units, P the width
of h (H, or proj_size). Everything works with or without the batch dimension, on any device, under autograd or not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from gru_viz.cells.quantities import Quantity

Edit = Callable[[Quantity, Tensor], Tensor]
"""Sees each activation before anything uses it, and returns the one to go on with: how a clamp enters a step."""


def unedited(_quantity: Quantity, value: Tensor) -> Tensor:
    """The edit that changes nothing."""
    return value


class Weights(NamedTuple):
    """One layer, one direction; rows stacked as PyTorch stacks them (G gates of H rows). Missing biases are zeros."""

    ih: Float[Tensor, "GH I"]
    hh: Float[Tensor, "GH P"]
    b_ih: Float[Tensor, " GH"]
    b_hh: Float[Tensor, " GH"]
    hr: Float[Tensor, "P H"] | None = None


class GRUStep(NamedTuple):
    """Everything one GRU step computes. `a_*` is what the input says, `b_*` what the memory says, biases included."""

    a_r: Float[Tensor, "*B H"]
    a_z: Float[Tensor, "*B H"]
    a_n: Float[Tensor, "*B H"]
    b_r: Float[Tensor, "*B H"]
    b_z: Float[Tensor, "*B H"]
    b_n: Float[Tensor, "*B H"]
    r: Float[Tensor, "*B H"]
    z: Float[Tensor, "*B H"]
    n: Float[Tensor, "*B H"]
    h: Float[Tensor, "*B H"]


class LSTMStep(NamedTuple):
    """Everything one LSTM step computes; h has the projected width where there is a projection."""

    i: Float[Tensor, "*B H"]
    f: Float[Tensor, "*B H"]
    g: Float[Tensor, "*B H"]
    o: Float[Tensor, "*B H"]
    c: Float[Tensor, "*B H"]
    h: Float[Tensor, "*B P"]


class RNNStep(NamedTuple):
    """Everything one plain RNN step computes: what the input says, what the memory says, and the new memory."""

    a: Float[Tensor, "*B H"]
    b: Float[Tensor, "*B H"]
    h: Float[Tensor, "*B H"]


Step = GRUStep | LSTMStep | RNNStep


def gru_step(x: Float[Tensor, "*B I"], h_prev: Float[Tensor, "*B H"], w: Weights, edit: Edit = unedited) -> GRUStep:
    """One GRU step as PyTorch defines it: reset-after. Source: documentation of `torch.nn.GRU`."""
    a_r, a_z, a_n = (x @ w.ih.T + w.b_ih).chunk(3, -1)
    b_r, b_z, b_n = (h_prev @ w.hh.T + w.b_hh).chunk(3, -1)
    r = edit(Quantity.R, torch.sigmoid(a_r + b_r))
    z = edit(Quantity.Z, torch.sigmoid(a_z + b_z))
    n = edit(Quantity.N, torch.tanh(a_n + r * b_n))
    h = edit(Quantity.H, (1 - z) * n + z * h_prev)
    return GRUStep(a_r, a_z, a_n, b_r, b_z, b_n, r, z, n, h)


def gru_step_reset_before(
    x: Float[Tensor, "*B I"], h_prev: Float[Tensor, "*B H"], w: Weights, edit: Edit = unedited
) -> GRUStep:
    """One GRU step as the paper and the tutorial define it: r acts on h before the matrix product that gives n.

    Source: Cho et al. 2014, arXiv:1406.1078, eq. 5-8, with PyTorch's z and both of PyTorch's biases.
    """
    a_r, a_z, a_n = (x @ w.ih.T + w.b_ih).chunk(3, -1)
    w_r, w_z, w_n = w.hh.chunk(3, 0)
    c_r, c_z, c_n = w.b_hh.chunk(3, 0)
    b_r, b_z = h_prev @ w_r.T + c_r, h_prev @ w_z.T + c_z
    r = edit(Quantity.R, torch.sigmoid(a_r + b_r))
    z = edit(Quantity.Z, torch.sigmoid(a_z + b_z))
    b_n = (r * h_prev) @ w_n.T + c_n
    n = edit(Quantity.N, torch.tanh(a_n + b_n))
    h = edit(Quantity.H, (1 - z) * n + z * h_prev)
    return GRUStep(a_r, a_z, a_n, b_r, b_z, b_n, r, z, n, h)


def lstm_step(
    x: Float[Tensor, "*B I"],
    h_prev: Float[Tensor, "*B P"],
    c_prev: Float[Tensor, "*B H"],
    w: Weights,
    edit: Edit = unedited,
) -> LSTMStep:
    """One LSTM step. Source: documentation of `torch.nn.LSTM`."""
    i, f, g, o = (x @ w.ih.T + w.b_ih + h_prev @ w.hh.T + w.b_hh).chunk(4, -1)
    i, f = edit(Quantity.I, torch.sigmoid(i)), edit(Quantity.F, torch.sigmoid(f))
    g, o = edit(Quantity.G, torch.tanh(g)), edit(Quantity.O, torch.sigmoid(o))
    c = edit(Quantity.C, f * c_prev + i * g)
    h = o * torch.tanh(c)
    h = edit(Quantity.H, h if w.hr is None else h @ w.hr.T)
    return LSTMStep(i, f, g, o, c, h)


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
