"""A memory over all steps, once its gates are known: ``c_t = f_t * c_{t-1} + u_t``, an LSTM's with ``u_t = i_t * g_t``.

In a cell whose x alone decides the gates (`at_once.py`) it is h, with z for f and what is written for u.

Two ways to the same numbers. `step_by_step` is one small product a step: the least work, and on a CPU the fastest. A
GPU would be asked T times for next to nothing; there `doubling` takes log2(T) large steps (Hillis and Steele 1986,
"Data parallel algorithms", CACM 29(12)): a pair (f, u) stands for the map c -> f c + u, and after the step of distance
d every pair stands for the 2 d steps up to its own,

    (f, u)_t  <-  (f_t * f_{t-d},  f_t * u_{t-d} + u_t).

There are products of gates from 0..1 and sums in it, no quotient and no logarithm: a gate of exactly 0 forgets, and a
product too small for a float is the 0 that it means. So that the pairs stay small beside the trace, they are taken
`BLOCK` steps at a time.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gru_viz.engines.carried import Carried

BLOCK = 1024


def scan(cells: Carried, forget: Tensor, alive: Tensor | None, initial: Tensor) -> None:
    """c of every step, in place.

    Args:
        cells: holds u in the slots of now.
        forget: f, `(T, B, H)`.
        alive: `(T, B)`; a backward pass stays at `initial` where it is False. What a forward pass computes there is
            never looked at.
        initial: c before the first step read, `(B, H)`.
    """
    if cells.now.device.type == "cpu":
        step_by_step(cells, forget, alive, initial)
    else:
        doubling(cells, forget, alive, initial)


def step_by_step(cells: Carried, forget: Tensor, alive: Tensor | None, initial: Tensor) -> None:
    """As `scan`, on the CPU, in reading order."""
    with torch.inference_mode():
        now, f_all = torch.from_dlpack(cells.now), torch.from_dlpack(forget)
        order = slice(None, None, -1 if cells.reverse else 1)
        c_prev = initial
        for t, (c, f) in list(enumerate(zip(now.unbind(0), f_all.unbind(0), strict=True)))[order]:
            c_prev = c.addcmul_(f, c_prev)
            if alive is not None and cells.reverse:
                torch.where(alive[t].unsqueeze(-1), c, initial, out=c)


@torch.no_grad()
def doubling(cells: Carried, forget: Tensor, alive: Tensor | None, initial: Tensor) -> None:
    """As `scan`, on any device, with a number of launches that grows with log2 of the steps."""
    now, before = cells.now, initial
    starts = range(0, len(now), BLOCK)
    for start in reversed(starts) if cells.reverse else starts:
        piece = slice(start, start + BLOCK)
        gate, added = forget[piece].clone(), now[piece]
        if alive is not None and cells.reverse:
            dead = ~alive[piece].unsqueeze(-1)
            gate.masked_fill_(dead, 0)  # here the map is c -> initial, whatever c is
            added.copy_(torch.where(dead, initial, added))
        _pairs(gate, added, before, reverse=cells.reverse)
        before = added[0 if cells.reverse else -1]


def _pairs(gate: Tensor, added: Tensor, before: Tensor, *, reverse: bool) -> None:
    """Turns `added` into c, `gate` being used up."""
    first = added[-1 if reverse else 0]
    first.addcmul_(gate[-1 if reverse else 0], before)
    distance, steps = 1, len(added)
    while distance < steps:
        late, early = slice(distance, None), slice(None, steps - distance)
        if reverse:
            late, early = early, late
        more, product = gate[late] * added[early], gate[late] * gate[early]
        added[late] += more
        gate[late] = product
        distance *= 2
