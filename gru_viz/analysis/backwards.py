"""Gradients back through a trace: from h of a layer to everything below it, by the cells' one-step adjoints.

The trace holds every activation, so nothing is run again and no graph is kept: from the last step a direction read to
its first, one small product a step for all gradients that go back side by side. What is kept meanwhile is one state's
width a gradient, and between two layers one layer's width a gradient and step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import hardshrink

from gru_viz.cells import KINDS
from gru_viz.cells.kind import Held, Weights
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import BACKWARD, Spec
from gru_viz.engines.linearised import Linearised
from gru_viz.tracing.edits import held
from gru_viz.tracing.terms import same_make, weights_as_traced
from gru_viz.tracing.trace import Trace

SLOPES_BYTES = 16 * 2**20
"""So much of the slopes is in memory at once."""

_SLOPES = 6
"""The most slopes a cell has (LSTM)."""


@dataclass(frozen=True)
class Way:
    """One layer in one direction, some sequences of a trace, ready to be gone back along.

    Attributes:
        weights: in the dtype and on the device to compute in.
        values, previous, held: of the cell, `(T, B, W)` each.
        alive: `(T, B)` bool, or None where every step is within its sequence.
    """

    spec: Spec
    weights: Weights
    values: Mapping[Quantity, Tensor]
    previous: Mapping[Quantity, Tensor]
    held: Held
    alive: Tensor | None
    reverse: bool

    def backwards(self, steps: range) -> Iterator[tuple[int, Linearised]]:
        """Input steps with their linear maps, from the last that was read to the first."""
        row = self.values[Quantity.H].shape[1] * self.spec.hidden_size * self.dtype.itemsize * _SLOPES
        size = max(1, SLOPES_BYTES // row)
        order = steps if self.reverse else steps[::-1]
        for begin in range(0, len(order), size):
            block = order[begin : begin + size]
            low, high = min(block), max(block) + 1
            linear = self.linearised(slice(low, high))
            for step in block:
                yield step, linear[step - low]

    def linearised(self, where: slice) -> Linearised:
        """Some input steps as linear maps."""
        values, previous = (
            {q: tensor[where].to(self.weights.ih) for q, tensor in each.items()}
            for each in (self.values, self.previous)
        )
        return Linearised.of(
            self.spec, self.weights, values, previous, {q: mask[where] for q, mask in self.held.items()}
        )

    @property
    def dtype(self) -> torch.dtype:
        """What gradients are computed in."""
        return self.weights.ih.dtype

    @property
    def width(self) -> int:
        """Of the layer's input."""
        return self.weights.ih.shape[1]

    @property
    def h(self) -> Tensor:
        """`(T, B, P)`, as it is computed with."""
        return self.values[Quantity.H].to(self.weights.ih)


def ways(rnn: nn.Module, trace: Trace, batch: slice, *, double: bool = False) -> list[Way]:
    """Every layer and direction of a trace, in its order.

    Args:
        batch: which of its sequences.
        double: compute in double precision in main memory; else on the trace's device in its own dtype, or in float32
            where that is coarser.

    Raises:
        InputError: the module is of another make than the trace's.
    """
    spec = same_make(rnn, trace)
    weights = weights_as_traced(spec, rnn, trace)
    dtype = torch.float64 if double or trace.dtype is torch.float64 else torch.float32
    device = torch.device("cpu") if double else trace.device
    found = []
    for place, layer in enumerate(trace.layers):
        own = Weights(*(None if w is None else w.to(device, dtype) for w in weights[place]))  # type: ignore[arg-type]
        found.append(
            Way(
                spec=spec,
                weights=own,
                values={q: v[:, batch] for q, v in layer.values.items()},
                previous={q: v[:, batch] for q, v in layer.previous.items()},
                held={q: mask.to(device) for q, mask in _held(trace, place, batch).items()},
                alive=None if layer.alive is None else layer.alive[:, batch].to(device),
                reverse=layer.direction == BACKWARD,
            )
        )
    return found


def _held(trace: Trace, place: int, batch: slice) -> dict[Quantity, Tensor]:
    """What clamps set in one layer and direction, of the quantities they touched there."""
    if not trace.made.edits:
        return {}
    number, direction = place // len(trace.directions), trace.layers[place].direction
    clamps, x = trace.made.edits, trace.layers[0].x
    masks = {q: held(clamps, trace.spec, x, q, number, direction)[:, batch] for q in KINDS[trace.cell].quantities}
    return {q: mask for q, mask in masks.items() if mask.any()}


Arrive = Callable[[int, Tensor], None]
"""Adds what arrives at h of an input step from above to the gradients `(K, B, P)` that are there."""

Live = Callable[[int], slice]
"""Which of the K gradients are not 0 at an input step."""

Seen = Callable[[int, tuple[Tensor, ...]], None]
"""Is shown the whole gradient at what an input step left: at h, or at h and c, `(K, B, W)` each."""


def nobody(_step: int, _gradients: tuple[Tensor, ...]) -> None:
    """Looks at nothing."""


def descend(way: Way, count: int, steps: range, arrive: Arrive, live: Live, below: Tensor, seen: Seen = nobody) -> None:
    """Takes gradients back along one direction of one layer.

    Args:
        count: K, how many go back side by side.
        steps: the input steps to go through; at all others every gradient is 0.
        below: `(T, K, B, I)`, to which the gradients at the layer's input are added.
    """
    batch = way.values[Quantity.H].shape[1]
    state = tuple(way.weights.ih.new_zeros(count, batch, width) for width in KINDS[way.spec.cell].widths(way.spec))
    # Numbers too small to be written in full slow a processor down by a factor of ten, and nobody sees them.
    least = torch.finfo(way.dtype).tiny * 1e8
    for step, linear in way.backwards(steps):
        arrive(step, state[0])
        if way.alive is not None:
            for part in state:
                part.mul_(way.alive[step].unsqueeze(-1))
        seen(step, state)
        rows = live(step)
        back = linear.back(tuple(part[rows] for part in state))
        for part, new in zip(state, back.state, strict=True):
            part[rows] = hardshrink(new, least)
        below[step, rows] += back.sums @ way.weights.ih
