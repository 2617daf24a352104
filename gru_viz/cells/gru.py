"""The GRU: one step, every intermediate named; the textbook that the fast engines are tested against.

Two variants, which differ in where r acts:

* **reset-after** (`gru_step`): r multiplies ``W_hn h + b_hn``, *after* the matrix product, which is what PyTorch and
  cuDNN compute. Source: documentation of `torch.nn.GRU`.
* **reset-before** (`gru_step_reset_before`): r multiplies ``h`` *before* the matrix product. This is the paper and the
  tutorial. Source: Cho et al. 2014, arXiv:1406.1078, eq. 5-8.

z is PyTorch's in both: ``h = (1 - z) * n + z * h_prev``, so z -> 1 keeps the old state. The tutorial's z is the
complement of this one; it exists only as a view (`gru_viz.update_gate`). Weight rows are stacked r, z, n.

Letters in shapes, here and in every cell's file: B batch, I inputs, H units, P the width of h (H, or proj_size).
Everything works with or without the batch dimension, on any device, under autograd or not.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gru_viz.cells.kind import Edit, Kind, Mix, Squash, Weights, unedited
from gru_viz.cells.quantities import Cell, Quantity


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


GRU = Kind(
    name=Cell.GRU,
    rows=(Quantity.R, Quantity.Z, Quantity.N),
    shown=(Quantity.Z, Quantity.R, Quantity.N, Quantity.H),
    carried=(Quantity.H,),
    modules=(nn.GRU, nn.GRUCell),
    step=lambda spec, x, state, w, edit: (gru_step if spec.reset_after else gru_step_reset_before)(
        x, state[0], w, edit
    ),
    equations=lambda spec: (
        Squash(Quantity.R, "sigmoid"),
        Squash(Quantity.Z, "sigmoid"),
        Squash(Quantity.N, "tanh", reset=(Quantity.R, "after" if spec.reset_after else "before"), phase=2),
        Mix(Quantity.H, keep=Quantity.Z, candidate=Quantity.N),
    ),
    roles={
        "memory": (Quantity.H,),
        "kept": (Quantity.Z,),
        "written": (Quantity.Z,),
        "candidate": (Quantity.N,),
        "own": (Quantity.R,),
    },
    kernel=lambda spec: torch.gru if spec.reset_after else None,
    plan=lambda spec: "gru" if spec.reset_after else "gru-reset-before",
)
