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

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gru_viz.cells.kind import LEAK, Adjoint, Back, Edit, Held, Kind, Mix, Slopes, Squash, Weights, passing, unedited
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


def gru_slopes(
    w: Weights,
    values: Mapping[Quantity, Tensor],
    previous: Mapping[Quantity, Tensor],
    held: Held,
    *,
    reset_after: bool = True,
) -> Slopes:
    """What the old state, and the sums behind z, n and r, are worth in h; and `n_h`, what n hears of h_prev.

    Derived from the two steps above, with ``sigmoid' = s (1 - s)`` and ``tanh' = 1 - tanh²``.
    """
    r, z, n, h_prev = values[Quantity.R], values[Quantity.Z], values[Quantity.N], previous[Quantity.H]
    to_z = passing((h_prev - n) * z * (1 - z), held, Quantity.Z)
    to_n = passing((1 - z) * (1 - n * n), held, Quantity.N)
    to_r = passing(r * (1 - r), held, Quantity.R)
    if not reset_after:  # here r and n_h act on h_prev, before W_hn
        return {LEAK: z, "r": h_prev * to_r, "z": to_z, "n": to_n, "n_h": r}
    w_n, b_n = w.hh.chunk(3, 0)[2], w.b_hh.chunk(3, 0)[2]
    return {LEAK: z, "r": to_n * (h_prev @ w_n.T + b_n) * to_r, "z": to_z, "n": to_n, "n_h": to_n * r}


def gru_back(w: Weights, slopes: Slopes, gradients: tuple[Tensor, ...]) -> Back:
    """One reset-after step backwards: ``dh/dh_prev = diag(leak) + diag(r) W_hr + diag(z) W_hz + diag(n_h) W_hn``."""
    (d_h,) = gradients
    d_r, d_z, d_n = d_h * slopes["r"], d_h * slopes["z"], d_h * slopes["n"]
    d_prev = d_h * slopes[LEAK] + torch.cat([d_r, d_z, d_h * slopes["n_h"]], -1) @ w.hh
    return Back((d_prev,), torch.cat([d_r, d_z, d_n], -1))


def gru_back_reset_before(w: Weights, slopes: Slopes, gradients: tuple[Tensor, ...]) -> Back:
    """One reset-before step backwards: ``dh/dh_prev = diag(leak) + diag(z) W_hz + diag(n) W_hn (diag(n_h) + diag(r)
    W_hr)``; what comes through n has passed W_hn before it parts into r and h_prev."""
    (d_h,) = gradients
    w_r, w_z, w_n = w.hh.chunk(3, 0)
    d_z, d_n = d_h * slopes["z"], d_h * slopes["n"]
    d_product = d_n @ w_n
    d_r = d_product * slopes["r"]
    d_prev = d_h * slopes[LEAK] + d_z @ w_z + d_product * slopes["n_h"] + d_r @ w_r
    return Back((d_prev,), torch.cat([d_r, d_z, d_n], -1))


RESET_AFTER = Adjoint(
    slopes=gru_slopes,
    back=gru_back,
    paths={LEAK: (LEAK,), "r": ("r",), "z": ("z",), "n": ("n_h",)},
)
RESET_BEFORE = Adjoint(
    slopes=partial(gru_slopes, reset_after=False),
    back=gru_back_reset_before,
    paths={LEAK: (LEAK,), "r": ("n", "r"), "z": ("z",), "n": ("n", "n_h")},
)


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
    adjoint=lambda spec: RESET_AFTER if spec.reset_after else RESET_BEFORE,
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
