"""Two traces side by side: what changed, and at which step each quantity first parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from gru_viz.engines.spec import FORWARD
from gru_viz.errors import InputError
from gru_viz.quantities import Quantity
from gru_viz.trace import TOLERANCE, Trace


@dataclass(frozen=True)
class TraceDiff:
    """Traces a and b aligned step by step over the shorter length.

    Attributes:
        a, b: the two traces, whole.
        steps: how many steps are compared.
    """

    a: Trace
    b: Trace
    steps: int

    @classmethod
    def of(cls, a: Trace, b: Trace) -> TraceDiff:
        """Aligns two traces; see `Trace.diff`."""
        for what, one, two in (
            ("cell", a.cell.value, b.cell.value),
            ("number of layers", a.num_layers, b.num_layers),
            ("directions", " and ".join(a.directions), " and ".join(b.directions)),
            ("hidden size", a.hidden_size, b.hidden_size),
            ("state size", a.spec.state_size, b.spec.state_size),
            ("batch size", a.batch_size, b.batch_size),
        ):
            if one != two:
                raise InputError(
                    "diff.make",
                    "These traces cannot be compared: the {what} is {one} in one and {two} in the other.",
                    what=what,
                    one=one,
                    two=two,
                )
        return cls(a, b, min(len(a), len(b)))

    def layer(self, k: int, direction: str = FORWARD) -> Mapping[str, Tensor]:
        """b - a of every quantity of one layer, `(steps, B, ·)`, on a's device."""
        one, two = self.a.layer(k, direction).values, self.b.layer(k, direction).values
        return {
            q.value: two[q][: self.steps].to(one[q]) - one[q][: self.steps]  # a's device and dtype
            for q in one
        }

    def first_step(
        self, quantity: str, layer: int = 0, direction: str = FORWARD, tolerance: float | None = None
    ) -> int | None:
        """The first input step at which a quantity differs by more than `tolerance` in any unit; None if it never does.

        Args:
            tolerance: the largest difference still taken for rounding; the dtype's `TOLERANCE` if None.
        """
        return self.first_steps(layer, direction, tolerance)[Quantity(quantity)]

    def first_steps(
        self, layer: int = 0, direction: str = FORWARD, tolerance: float | None = None
    ) -> dict[str, int | None]:
        """`first_step` of every quantity of one layer."""
        limit = max(TOLERANCE[self.a.dtype], TOLERANCE[self.b.dtype]) if tolerance is None else tolerance
        return {name: _first_over(delta, limit) for name, delta in self.layer(layer, direction).items()}


def _first_over(delta: Tensor, limit: float) -> int | None:
    over = (delta.abs() > limit).flatten(1).any(1)
    return int(torch.nonzero(over)[0]) if bool(over.any()) else None
