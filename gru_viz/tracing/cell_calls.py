"""Calls of a recurrent cell, a step at a time, gathered into sequences: one Trace each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from gru_viz.cells import KINDS
from gru_viz.cells.kind import Weights, unedited
from gru_viz.cells.spec import Spec
from gru_viz.engines.carried import State
from gru_viz.engines.run import Plan, run_stack
from gru_viz.engines.spec_of import spec_of
from gru_viz.engines.weights import named_weights, weights_in_use
from gru_viz.tracing.layer_calls import made_under, own
from gru_viz.tracing.layout import Layout
from gru_viz.tracing.trace import Trace

OPEN = 8
"""So many sequences of one cell may take turns; where more are begun, the oldest is taken for finished."""


@dataclass
class _Sequence:
    """Calls of which each was given what the one before returned, with the same weights."""

    spec: Spec
    weights: Weights
    named: dict[str, Tensor]
    unbatched: bool
    autocast: torch.dtype | None
    initial: State
    state: State
    x: list[Tensor] = field(default_factory=list)
    h: list[Tensor] = field(default_factory=list)

    def goes_on(self, weights: Weights, given: State | None, unbatched: bool, autocast: torch.dtype | None) -> bool:
        if given is None or unbatched != self.unbatched or autocast != self.autocast:
            return False
        return _equal(given, self.state) and _equal(weights, self.weights)

    def trace(self) -> Trace:
        h = torch.stack(self.h)
        plan = Plan(torch.stack(self.x), tuple(s.unsqueeze(0) for s in self.initial), known_output=h)
        runs = run_stack(self.spec, (self.weights,), plan)
        made = made_under(self.autocast, plan.x, runs, self.named)
        return Trace.assembled(self.spec, runs, None, Layout(False, unbatched=self.unbatched), made)


class CellCalls:
    """Takes the calls of one cell in turn and gives back the sequences that have ended."""

    def __init__(self) -> None:
        self._open: list[_Sequence] = []

    def add(self, cell: nn.Module, x: Any, hx: Any, result: Any | None, autocast: torch.dtype | None) -> list[Trace]:
        """Takes one call; returns the traces of sequences that it ended.

        Args:
            x, hx: what the cell's forward was given: `(B, I)` or `(I,)`, and h, (h, c) or None.
            result: what it returned, or None where somebody may have changed that: then it is computed again.
            autocast: the dtype of the autocast the call was made under.
        """
        spec = spec_of(cell)
        kind = KINDS[spec.cell]
        (weights,) = weights_in_use(cell, spec)
        unbatched = x.dim() == 1
        x = _batched(own(x, weights.ih), unbatched)
        given = None if hx is None else _state(own(hx, weights.ih), unbatched)
        begun = next((s for s in reversed(self._open) if s.goes_on(weights, given, unbatched, autocast)), None)
        if begun is None:
            if given is None:
                given = tuple(x.new_zeros(len(x), width) for width in kind.widths(spec))
            kept = Weights(*(None if w is None else w.clone() for w in weights))  # type: ignore[arg-type]
            begun = _Sequence(spec, kept, named_weights(cell, spec, (kept,)), unbatched, autocast, given, given)
            self._open.append(begun)
        if result is None:
            step = kind.step(spec, x, begun.state, weights, unedited)
            begun.state = tuple(getattr(step, part) for part in kind.carried)
        else:
            begun.state = _state(own(result, weights.ih), unbatched)
        begun.x.append(x)
        begun.h.append(begun.state[0])
        return [self._open.pop(0).trace()] if len(self._open) > OPEN else []

    def close(self) -> list[Trace]:
        """The traces of all sequences that are still open, in the order in which they were begun."""
        ended, self._open = self._open, []
        return [sequence.trace() for sequence in ended]


def _state(value: Any, unbatched: bool) -> State:
    parts = (value,) if isinstance(value, Tensor) else tuple(value)
    return tuple(_batched(part, unbatched) for part in parts)


def _batched(value: Tensor, unbatched: bool) -> Tensor:
    return value.unsqueeze(0) if unbatched else value


def _equal(one: tuple[Tensor | None, ...], two: tuple[Tensor | None, ...]) -> bool:
    return all(a is b or (a is not None and b is not None and torch.equal(a, b)) for a, b in zip(one, two, strict=True))
