"""One layer's steps as linear maps: how a change of the state, or of x, arrives in the next state.

Made from what was computed (a trace's tensors, or the textbook's steps at guessed states), in closed form and without
a graph, by the adjoint that each cell's record brings. State means all that is carried: h, or an LSTM's h and c side
by side, S wide in all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from gru_viz.cells import KINDS
from gru_viz.cells.kind import Back, Held, Slopes, Weights
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import Spec


@dataclass(frozen=True)
class Linearised:
    """Steps of one layer in one direction, each at the point where it was computed.

    Attributes:
        slopes: see `cells.kind.Adjoint`; every tensor `(*N, W)`, N steps, sequences or both.
        stays: `(*N, P)` bool, where h is held by a clamp; None where nothing of it is.
    """

    spec: Spec
    weights: Weights
    slopes: Slopes
    stays: Tensor | None = None

    @classmethod
    def of(
        cls,
        spec: Spec,
        weights: Weights,
        values: Mapping[Quantity, Tensor],
        previous: Mapping[Quantity, Tensor],
        held: Held | None = None,
    ) -> Linearised:
        """From what each step computed and what it read, `(*N, W)` each; `held` says what clamps had set."""
        held = held or {}
        slopes = KINDS[spec.cell].adjoint(spec).slopes(weights, values, previous, held)
        return cls(spec, weights, slopes, held.get(Quantity.H))

    def __getitem__(self, where: Any) -> Linearised:
        """Some of the steps, as an index or slice of N's first dimension names them."""
        stays = None if self.stays is None else self.stays[where]
        return replace(self, slopes={name: slope[where] for name, slope in self.slopes.items()}, stays=stays)

    def back(self, gradients: tuple[Tensor, ...]) -> Back:
        """Gradients at what the steps left, `(K, *N, W)` each, to gradients at what they read."""
        if self.stays is not None:
            gradients = (gradients[0].masked_fill(self.stays, 0), *gradients[1:])
        return KINDS[self.spec.cell].adjoint(self.spec).back(self.weights, self.slopes, gradients)

    def along(self, path: str) -> Linearised:
        """The same steps with only one of the cell's paths from old state to new open."""
        open_ = KINDS[self.spec.cell].adjoint(self.spec).paths[path]
        shut = {name: slope if name in open_ else torch.zeros_like(slope) for name, slope in self.slopes.items()}
        return replace(self, slopes=shut)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths from old state to new, which add up to the whole: "leak", then the quantities led through."""
        return tuple(KINDS[self.spec.cell].adjoint(self.spec).paths)

    def jacobians(self) -> Float[Tensor, "*N S S"]:
        """Of every step the derivative of the new state by the old: row i, column j is d new_i / d old_j."""
        return torch.cat(self.back(self._units()).state, -1).movedim(0, -2)

    def input_jacobians(self) -> Float[Tensor, "*N S I"]:
        """Of every step the derivative of the new state by x."""
        return (self.back(self._units()).sums @ self.weights.ih).movedim(0, -2)

    def _units(self) -> tuple[Tensor, ...]:
        """A gradient of 1 at each place of the state in turn, at every step: `(S, *N, W)` for each part."""
        widths = KINDS[self.spec.cell].widths(self.spec)
        some = next(iter(self.slopes.values()))
        steps = some.shape[:-1]
        each = torch.eye(sum(widths), dtype=some.dtype, device=some.device)
        spread = each.view(len(each), *(1 for _ in steps), len(each)).expand(-1, *steps, -1)
        return spread.split(list(widths), -1)


def jacobians(
    spec: Spec,
    weights: Weights,
    values: Mapping[Quantity, Tensor],
    previous: Mapping[Quantity, Tensor],
    held: Held | None = None,
) -> Float[Tensor, "*N S S"]:
    """The derivative of each step's new state by its old one, of all steps at once; arguments as `Linearised.of`.

    A step that was made by `Kind.step` on states `(*N, W)` gives its values by name:
    ``{q: getattr(step, q) for q in kind.quantities}``.
    """
    return Linearised.of(spec, weights, values, previous, held).jacobians()
