"""Interventions: "what if this gate were open?" A clamp replaces an activation before anything uses it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gru_viz.cells import Edit
from gru_viz.engines.spec import FORWARD, Spec, check_place
from gru_viz.engines.textbook import EditAt
from gru_viz.errors import InputError
from gru_viz.quantities import Quantity

Where = int | slice | Sequence[int] | None


@dataclass(frozen=True)
class Clamp:
    """One intervention; made by `clamp`, applied by `gru_viz.trace(..., interventions=[...])`."""

    quantity: Quantity
    value: float
    units: Where
    steps: Where
    batch: Where
    layer: int
    direction: str


def clamp(
    quantity: str,
    value: float,
    units: Where = None,
    steps: Where = None,
    batch: Where = None,
    layer: int = 0,
    direction: str = FORWARD,
) -> Clamp:
    """Holds a quantity at `value` for some units and steps.

    The value replaces the activation after its nonlinearity and before anything uses it, so that everything later
    follows. For z it is PyTorch's z (1 keeps the old state), whatever convention a page shows.

    Args:
        quantity: a gate's name ("z", "r", "n"; "i", "f", "g", "o"), or "h", "c".
        value: the number to hold it at.
        units, steps, batch: an index, a slice, a sequence of indices, or None for all; steps are input steps.
        layer, direction: where.

    Raises:
        InputError: unknown quantity or a value that is no finite number (places are checked when the trace is made).
    """
    names = [q.value for q in Quantity]
    if quantity not in names:
        raise InputError(
            "clamp.quantity",
            "There is no quantity '{quantity}' to clamp; choose one of {names}.",
            quantity=str(quantity),
            names=", ".join(names),
        )
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        raise InputError("clamp.value", "A clamp needs a finite number, not {value}.", value=str(value))
    return Clamp(Quantity(quantity), float(value), units, steps, batch, layer, direction)


class Edits:
    """Several clamps in order, bound to one call's sizes: (layer, direction) -> what to do at each input step."""

    def __init__(self, clamps: Iterable[Clamp], spec: Spec, x: Tensor) -> None:
        self._bound = [_Bound(c, spec, x) for c in clamps]

    def __call__(self, layer: int, direction: str) -> EditAt | None:
        here = [b for b in self._bound if (b.layer, b.direction) == (layer, direction)]
        if not here:
            return None

        def edit_at(step: int) -> Edit:
            now = [b for b in here if step in b.steps]

            def edit(quantity: Quantity, value: Tensor) -> Tensor:
                for bound in now:
                    value = bound.apply(quantity, value)
                return value

            return edit

        return edit_at


class _Bound:
    """A clamp whose places are known to exist."""

    def __init__(self, c: Clamp, spec: Spec, x: Tensor) -> None:
        if c.quantity not in spec.quantities():
            raise InputError(
                "clamp.not_here",
                "This {cell} has no '{quantity}'; it has {names}.",
                cell=spec.cell.value,
                quantity=c.quantity.value,
                names=", ".join(spec.quantities()),
            )
        self.layer, self.direction = check_place(spec, c.layer, c.direction), c.direction
        width = spec.state_size if c.quantity is Quantity.H else spec.hidden_size
        self.steps = frozenset(_indices("step", c.steps, x.shape[0]))
        self._quantity, self._value = c.quantity, c.value
        if abs(c.value) > torch.finfo(x.dtype).max:
            raise InputError(
                "clamp.too_large",
                "{value} is too large for {dtype}; clamp to a smaller number.",
                value=c.value,
                dtype=str(x.dtype).removeprefix("torch."),
            )
        self._mask = torch.zeros(x.shape[1], width, dtype=torch.bool, device=x.device)
        rows = torch.tensor(_indices("batch", c.batch, x.shape[1]), device=x.device)
        columns = torch.tensor(_indices("unit", c.units, width), device=x.device)
        self._mask[rows.unsqueeze(1), columns] = True

    def apply(self, quantity: Quantity, value: Tensor) -> Tensor:
        return value.masked_fill(self._mask, self._value) if quantity is self._quantity else value


def _indices(kind: str, where: Where, size: int) -> list[int]:
    """The places named, as non-negative numbers below `size`."""
    if where is None:
        return list(range(size))
    if isinstance(where, slice):
        outside = [edge for edge in (where.start, where.stop) if edge is not None and not -size <= edge <= size]
        named = outside or list(range(size))[where]
        inside = bool(named) and not outside
        said = f"{where.start}:{where.stop}"
    else:
        try:
            named = [int(where)] if isinstance(where, int) else [int(i) for i in where]
        except (TypeError, ValueError):
            named = []
        inside = bool(named) and all(-size <= i < size for i in named)
        said = ", ".join(map(str, named)) or "nothing"
    if not inside:
        raise InputError(
            "clamp.range",
            "The clamp names {kind} {named}; there are {size}, numbered 0 to {last}.",
            kind=kind,
            named=said,
            size=size,
            last=size - 1,
        )
    return [i % size for i in named]
