"""The fastest engine on a CPU, where numba is installed (`pip install "gru-viz[fast]"`): the steps as machine code.

Torch makes one matrix product of what the inputs say at all steps; `compiled.py` does the rest in one call, without
Python's lock, by the program that `program.py` makes of the cell's equations. Where a batch is large enough for torch's
product to be faster than ours, torch makes that of each step too, and the compiled code what follows on it.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from gru_viz.cells import KINDS
from gru_viz.cells.kind import Weights
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import Spec
from gru_viz.engines.carried import Carried, Pass
from gru_viz.engines.compiling import kernel
from gru_viz.engines.products import write_product

STEPWISE = 300_000
"""Multiplications of one step (B times the weights of h_prev) from which torch's product is worth its call; see
`benchmarks/trace_speed.py --engines`."""

LEAST_BATCH = 4
"""Below it a product is bound by reading the weights, and torch's is not faster."""


def run(
    spec: Spec, weights: Weights, x: Tensor, state: tuple[Tensor, ...], alive: Tensor | None, *, reverse: bool
) -> Pass:
    """Runs one layer in one direction; signature and meaning as `engines.run.Engine` says."""
    kind = KINDS[spec.cell]
    steps, batch, _ = x.shape
    with torch.no_grad():
        carried = {q: Carried.empty(steps, part, reverse=reverse) for q, part in zip(kind.carried, state, strict=True)}
        h = carried[Quantity.H]
        # A cell whose only row is its memory is squashed where the memory is kept.
        rows = h.now if kind.rows == kind.carried else x.new_empty(steps, batch, len(kind.rows) * spec.hidden_size)
        write_product(rows, x, weights.ih, _bias(spec, weights))
        many = batch >= LEAST_BATCH and batch * weights.hh.numel() >= STEPWISE
        (_step_by_step if many else _at_once)(spec, weights, rows, carried, alive if reverse else None)
    values = dict(zip(kind.rows, rows.chunk(len(kind.rows), -1), strict=True))
    values |= {quantity: memory.now for quantity, memory in carried.items()}
    return Pass({q: values[q] for q in kind.quantities}, {q: memory.prev for q, memory in carried.items()})


def _bias(spec: Spec, w: Weights) -> Tensor:
    """What is added to the inputs' product: both biases, unless a gate acts on what h_prev says, its bias included."""
    kind = KINDS[spec.cell]
    bias = w.b_ih + w.b_hh
    for quantity in _gated(spec):
        kind.part(bias, quantity).copy_(kind.part(w.b_ih, quantity))
    return bias


@lru_cache
def _gated(spec: Spec) -> tuple[Quantity, ...]:
    """The rows in which a gate acts on what h_prev says."""
    kind = KINDS[spec.cell]
    resets = {quantity: kind.sum_of(quantity, spec).reset for quantity in kind.rows}
    return tuple(quantity for quantity, reset in resets.items() if reset is not None and reset[1] == "after")


def _array(tensor: Tensor | None, like: Tensor, rank: int) -> np.ndarray:
    """The tensor as an array with its numbers one after the other; an empty one for what is not there."""
    return (like.new_empty((0,) * rank) if tensor is None else tensor.contiguous()).numpy()


def _slots(carried: dict[Quantity, Carried]) -> tuple[Tensor, Tensor | None]:
    cell = carried.get(Quantity.C)
    return carried[Quantity.H].slots, None if cell is None else cell.slots


def _at_once(spec: Spec, w: Weights, rows: Tensor, carried: dict[Quantity, Carried], alive: Tensor | None) -> None:
    """Every step in one call of the compiled loop."""
    from gru_viz.engines.compiled import TILE
    from gru_viz.engines.program import program

    compiled = kernel(rows.dtype)
    assert compiled is not None
    h, c = _slots(carried)
    tile = min(rows.shape[1], TILE)
    compiled.run(
        program(spec),
        spec.hidden_size,
        rows.numpy(),
        _array(w.hh, rows, 2),
        _array(w.b_hh, rows, 1),
        _array(w.hr, rows, 2),
        rows.new_empty(tile, rows.shape[2]).numpy(),
        rows.new_empty(tile, spec.hidden_size).numpy(),
        h.numpy(),
        _array(c, rows, 3),
        np.empty((0, 0), bool) if alive is None else _array(alive, alive, 2),
        carried[Quantity.H].reverse,
    )


def _step_by_step(spec: Spec, w: Weights, rows: Tensor, carried: dict[Quantity, Carried], alive: Tensor | None) -> None:
    """Torch's product and the compiled lines in turns, so many times a step as the program has products."""
    from gru_viz.engines.program import NONE, stages

    compiled = kernel(rows.dtype)
    assert compiled is not None
    (steps, batch, width), size = rows.shape, spec.hidden_size
    h, c = _slots(carried)
    sums, spare = rows.new_empty(batch, width), rows.new_empty(batch, size)
    arrays = (rows.numpy(), sums.numpy(), _array(w.b_hh, rows, 1), spare.numpy(), w.hr is not None)
    memory = (h.numpy(), _array(c, rows, 3))
    columns = w.hh.t().contiguous()
    with torch.inference_mode():
        all_h, all_rows, to, read = (torch.from_dlpack(each) for each in (h, rows, sums, spare))
        parts = []
        for product, lines in stages(spec):
            first, last, gate = product or (0, -1, NONE)
            these = slice(first * size, (last + 1) * size)
            by = None if gate == NONE else slice(gate * size, (gate + 1) * size)
            parts.append((columns[:, these], to[:, these], by, lines))
        for t in range(steps - 1, -1, -1) if carried[Quantity.H].reverse else range(steps):
            before, now = (t + 1, t) if carried[Quantity.H].reverse else (t, t + 1)
            for weight, out, by, lines in parts:
                if out.shape[1]:
                    seen = all_h[before] if by is None else torch.mul(all_h[before], all_rows[t][:, by], out=read)
                    torch.mm(seen, weight, out=out)
                compiled.step(lines, size, t, before, now, *arrays, *memory)
            if w.hr is not None:
                torch.mm(read, w.hr.t(), out=all_h[now])
            if alive is not None:
                for memory_ in carried.values():
                    torch.where(alive[t].unsqueeze(-1), memory_.slots[now], memory_.slots[-1], out=memory_.slots[now])
