"""The readable engine: the steps of `cells`, one after the other. Any cell, any device; the only one that takes edits.

Slower than the others by the price of a Python step, and the reference for all of them. Under autograd it keeps the
graph; otherwise it writes each step into buffers of the final size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from gru_viz.cells import KINDS
from gru_viz.cells.kind import Edit, Step, Weights, unedited
from gru_viz.cells.spec import Spec
from gru_viz.engines.carried import Pass

EditAt = Callable[[int], Edit]
"""The edit of an input step; how interventions reach the cell."""


def never(_step: int) -> Edit:
    """No intervention at any step."""
    return unedited


def run(
    spec: Spec,
    weights: Weights,
    x: Tensor,
    state: tuple[Tensor, ...],
    alive: Tensor | None,
    *,
    reverse: bool,
    edit_at: EditAt = never,
    grad: bool = False,
) -> Pass:
    """Runs one layer in one direction; signature and meaning as `engines.run.Engine` says.

    Args:
        edit_at: the edit to apply at an input step.
        grad: keep the graph, so that gradients flow to x, state and weights.
    """
    kind = KINDS[spec.cell]
    quantities, carried = kind.quantities, kind.carried
    names = (*quantities, *(f"{q}_prev" for q in carried))
    keep = _Graph(names) if grad else _Buffers(names, x.shape[0])
    initial = state
    order = range(x.shape[0] - 1, -1, -1) if reverse else range(x.shape[0])
    with torch.set_grad_enabled(grad and torch.is_grad_enabled()):
        for t in order:
            done: Step = kind.step(spec, x[t], state, weights, edit_at(t))
            keep.write(t, [*(getattr(done, q) for q in quantities), *state])
            state = tuple(getattr(done, q) for q in carried)
            if alive is not None and reverse:
                mask = alive[t].unsqueeze(-1)
                state = tuple(torch.where(mask, s, s0) for s, s0 in zip(state, initial, strict=True))
        kept = keep.read()
    return Pass({q: kept[q] for q in quantities}, {q: kept[f"{q}_prev"] for q in carried})


class _Graph:
    """Keeps every step's tensors, and stacks them at the end: autograd sees through."""

    def __init__(self, names: Sequence[str]) -> None:
        self._steps: dict[int, Sequence[Tensor]] = {}
        self._names = names

    def write(self, t: int, values: Sequence[Tensor]) -> None:
        self._steps[t] = values

    def read(self) -> dict[str, Tensor]:
        in_order = [self._steps[t] for t in sorted(self._steps)]
        return {
            name: torch.stack(column) for name, column in zip(self._names, zip(*in_order, strict=True), strict=True)
        }


class _Buffers:
    """Writes every step into its place at once: no second copy of the trace at any moment."""

    def __init__(self, names: Sequence[str], steps: int) -> None:
        self._names, self._steps = names, steps
        self._buffers: list[Tensor] = []

    def write(self, t: int, values: Sequence[Tensor]) -> None:
        if not self._buffers:
            self._buffers = [value.new_empty(self._steps, *value.shape) for value in values]
        for buffer, value in zip(self._buffers, values, strict=True):
            buffer[t] = value

    def read(self) -> dict[str, Tensor]:
        return dict(zip(self._names, self._buffers, strict=True))
