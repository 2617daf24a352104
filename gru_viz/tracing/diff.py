"""Two traces side by side: what changed, and at which step each quantity first parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import torch
from torch import Tensor

from gru_viz.cells.spec import BACKWARD, FORWARD
from gru_viz.engines.made import agree
from gru_viz.errors import InputError
from gru_viz.scalars import is_a, real, refused, shown
from gru_viz.tracing.activations import Activations
from gru_viz.tracing.edits import Clamp, touched

A = TypeVar("A", bound=Activations)


@dataclass(frozen=True)
class TraceDiff(Generic[A]):
    """Traces a and b aligned step by step over the shorter length.

    Attributes:
        a, b: the two traces, whole.
        steps: how many steps are compared.
    """

    a: A
    b: A
    steps: int

    @classmethod
    def of(cls, a: A, b: A) -> TraceDiff[A]:
        """Aligns two traces; see `Trace.diff`."""
        if not is_a(b, Activations):
            raise refused("The other trace", b, "what gv.trace returns")
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

    def parted(self, layer: int = 0, direction: str = FORWARD, tolerance: float | None = None) -> Mapping[str, Tensor]:
        """Where each quantity of one layer differs, `(steps, B, ·)` bool on a's device.

        A difference counts where it is more than rounding explains, given how both traces were made (`agree`), and
        where something that differs between the two runs could have reached it: the input, a state they started from,
        a clamp. The second is asked only of traces that are known to come from the same weights.

        Args:
            tolerance: an absolute limit instead: the largest difference still taken for rounding.
        """
        limit = None if tolerance is None else real(tolerance)
        if tolerance is not None and (limit is None or not limit >= 0):
            raise refused("tolerance", tolerance, "a number from 0 on, or None")
        one, two = self.a.layer(layer, direction).values, self.b.layer(layer, direction).values
        reached = self._reached.get((layer % self.a.num_layers, direction))
        found = {}
        for q in one:
            a, b = one[q][: self.steps], two[q][: self.steps].to(one[q].device)
            apart = ~agree(a, b, self.a.made, self.b.made) if limit is None else (b.to(a.dtype) - a).abs() > limit
            found[q.value] = apart if reached is None else apart & reached.unsqueeze(-1)
        return found

    def first_step(
        self, quantity: str, layer: int = 0, direction: str = FORWARD, tolerance: float | None = None
    ) -> int | None:
        """The first input step, in the order the direction reads, at which a quantity differs in any unit (`parted`).

        None if it never does. A backward direction reads from the end, so its first step is the last that differs.

        Args:
            tolerance: the largest absolute difference still taken for rounding; what `agree` says if None.

        Raises:
            InputError: the layer has no such quantity.
        """
        found = self.first_steps(layer, direction, tolerance)
        if not isinstance(quantity, str) or quantity not in found:
            raise InputError(
                "diff.quantity",
                "This {cell} has no '{quantity}'; it has {names}.",
                cell=self.a.cell.value,
                quantity=quantity if isinstance(quantity, str) else shown(quantity),
                names=", ".join(found),
            )
        return found[quantity]

    def first_steps(
        self, layer: int = 0, direction: str = FORWARD, tolerance: float | None = None
    ) -> dict[str, int | None]:
        """`first_step` of every quantity of one layer."""
        return {name: _first(apart, direction) for name, apart in self.parted(layer, direction, tolerance).items()}

    @cached_property
    def _reached(self) -> Mapping[tuple[int, str], Tensor]:
        """(layer, direction) -> `(steps, B)`: where a difference may have a cause; empty if weights may differ too."""
        a, b = self.a, self.b
        if not a.made.same_weights(b.made):
            return {}
        device = a.device
        cause = self._differs(a.layers[0].x, b.layers[0].x)
        masks = (side.layers[0].mask[: self.steps].to(device) for side in (a, b))
        cause |= next(masks) ^ next(masks)
        edits = _not_in_both(a, b)
        found: dict[tuple[int, str], Tensor] = {}
        for layer in range(a.num_layers):
            for direction in a.directions:
                here = cause.clone()
                for side, clamps in zip((a, b), edits, strict=True):
                    x = side.layers[0].x
                    here |= touched(clamps, side.spec, x, layer, direction)[: self.steps].to(device)
                found[layer, direction] = self._carried_on(here, layer, direction)
            cause = torch.stack([found[layer, direction] for direction in a.directions]).any(0)
        return found

    def _differs(self, one: Tensor, two: Tensor) -> Tensor:
        """`(steps, B)`: where two inputs `(T, B, I)` are not the very same; everywhere if they are of other widths."""
        one, two = one[: self.steps], two[: self.steps].to(one.device)
        if one.shape != two.shape:
            return one.new_ones(one.shape[:2], dtype=torch.bool)
        return (one != two).any(-1)

    def _carried_on(self, cause: Tensor, layer: int, direction: str) -> Tensor:
        """Everything a pass reads after a cause, or from another state, may differ."""
        one, two = self.a.layer(layer, direction), self.b.layer(layer, direction)
        other_start = torch.zeros_like(cause[0])
        for quantity in one.previous:
            start = one.initial(quantity)
            other_start |= (start != two.initial(quantity).to(start)).any(-1)
        if direction == BACKWARD:
            # Steps that only the longer of the two has are read first.
            other_start |= len(self.a) != len(self.b)
            cause = cause.flip(0)
        reached = cause.cummax(0).values | other_start
        return reached.flip(0) if direction == BACKWARD else reached


def _not_in_both(a: Activations, b: Activations) -> tuple[tuple[Clamp, ...], tuple[Clamp, ...]]:
    """The clamps of each trace that the other lacks: those after the first at which they differ."""
    one, two = a.made.edits, b.made.edits
    if len(a) != len(b):  # the same clamp may name other steps
        return one, two
    same = 0
    while same < min(len(one), len(two)) and one[same] == two[same]:
        same += 1
    return one[same:], two[same:]


def _first(apart: Tensor, direction: str) -> int | None:
    steps = torch.nonzero(apart.flatten(1).any(1)).flatten()
    if not len(steps):
        return None
    return int(steps[-1] if direction == BACKWARD else steps[0])
