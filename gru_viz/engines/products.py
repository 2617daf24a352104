"""Matrix products over all steps at once, written where their result will live."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

PARTS = 24
"""Pieces in which an x that must be copied to be multiplied is taken: each copy is small beside the trace."""


def write_product(out: Tensor, x: Tensor, weight: Tensor, bias: Tensor) -> None:
    """out[t] = x[t] @ weight.T + bias, for a contiguous `out` `(T, B, G)` and any `x` `(T, B, I)`."""
    for rows, part in _pieces(out, x):
        torch.addmm(bias, part, weight.t(), out=rows)


def add_product(out: Tensor, x: Tensor, weight: Tensor) -> None:
    """out[t] += x[t] @ weight.T, for a contiguous `out` `(T, B, G)` and any `x` `(T, B, I)`."""
    for rows, part in _pieces(out, x):
        rows.addmm_(part, weight.t())


def _pieces(out: Tensor, x: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Matrices of `out` and `x` row by row: whole where x is one, else some steps at a time (a batch-first input)."""
    if x.is_contiguous():
        yield out.view(-1, out.shape[-1]), x.view(-1, x.shape[-1])
        return
    steps = max(1, x.shape[0] // PARTS)
    for to, part in zip(out.split(steps), x.split(steps), strict=True):
        yield to.view(-1, to.shape[-1]), part.reshape(-1, part.shape[-1])
