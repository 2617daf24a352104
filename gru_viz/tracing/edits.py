"""Interventions: "what if this gate were open?" A clamp replaces an activation before anything uses it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor

from gru_viz.cells import KINDS
from gru_viz.cells.kind import Edit
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import FORWARD, Spec
from gru_viz.engines.run import LayerEdits
from gru_viz.engines.spec_of import check_place
from gru_viz.errors import InputError
from gru_viz.scalars import is_a, real, shown, whole
from gru_viz.tracing.places import Named, Places, places_of, within


@dataclass(frozen=True)
class Clamp:
    """One intervention; made by `clamp`, applied by `gru_viz.trace(..., interventions=[...])`.

    A value of its own: what named its places may change later, and two clamps that say the same are equal. Indices are
    kept as a tuple, a slice with plain edges, a mask as a `Mask`.
    """

    quantity: Quantity
    value: float
    units: Places = None
    steps: Places = None
    batch: Places = None
    layer: int = 0
    direction: str = FORWARD

    def __post_init__(self) -> None:
        read = {
            "quantity": _quantity(self.quantity),
            "value": _value(self.value),
            "units": places_of("unit", self.units),
            "steps": places_of("step", self.steps),
            "batch": places_of("batch", self.batch),
            "layer": _layer(self.layer),
        }
        for name, value in read.items():
            object.__setattr__(self, name, value)

    def __hash__(self) -> int:
        # Python hashes slices from 3.12 on.
        edges = [(p.start, p.stop, p.step) if isinstance(p, slice) else p for p in (self.units, self.steps, self.batch)]
        return hash((self.quantity, self.value, *edges, self.layer, self.direction))


Interventions: TypeAlias = Clamp | Iterable[Clamp] | None


def clamp(
    quantity: str,
    value: float,
    units: Named = None,
    steps: Named = None,
    batch: Named = None,
    layer: int = 0,
    direction: str = FORWARD,
) -> Clamp:
    """Holds a quantity at `value` for some units and steps.

    The value replaces the activation after its nonlinearity and before anything uses it, so that everything later
    follows. For z it is PyTorch's z (1 keeps the old state), whatever convention a page shows.

    Args:
        quantity: a gate's name ("z", "r", "n"; "i", "f", "g", "o"), or "h", "c".
        value: the number to hold it at: a real one of any library, 0-dim arrays and tensors too; no bool.
        units, steps, batch: an index, a slice, several indices, or a mask of booleans, one a place: of Python, NumPy,
            pandas or torch; None for all. Steps are input steps. They are read now: an array that changes later
            changes no clamp.
        layer, direction: where.

    Raises:
        InputError: unknown quantity, a value that is no finite number, or what cannot name a place: a text, a
            fraction, a table, a lone True. (Whether the places are there is checked when the trace is made.)
    """
    return Clamp(quantity, value, units, steps, batch, layer, direction)  # type: ignore[arg-type]


def _quantity(name: object) -> Quantity:
    names = [q.value for q in Quantity]
    if not isinstance(name, str) or name not in names:
        raise InputError(
            "clamp.quantity",
            "There is no quantity '{quantity}' to clamp; choose one of {names}.",
            quantity=name if isinstance(name, str) else shown(name),
            names=", ".join(names),
        )
    return Quantity(name)


def _value(value: object) -> float:
    number = real(value)
    if number is None or not math.isfinite(number):
        raise InputError("clamp.value", "A clamp needs a finite number, not {value}.", value=shown(value))
    return number


def _layer(layer: object) -> int:
    number = whole(layer)
    if number is None:
        raise InputError("clamp.layer", "A clamp's layer is a whole number, not {layer}.", layer=shown(layer))
    return number


def clamps_of(interventions: Interventions) -> tuple[Clamp, ...]:
    """One clamp, several, or None for none, as a tuple.

    Raises:
        InputError: something else, or among them something else.
    """
    if interventions is None or is_a(interventions, Clamp):
        return () if interventions is None else (interventions,)
    several = isinstance(interventions, Iterable) and not isinstance(interventions, (str, bytes, Tensor, Mapping))
    clamps: list[Clamp] = []
    for one in interventions if several else (interventions,):
        if not is_a(one, Clamp):
            raise InputError(
                "clamp.kind",
                "interventions holds {found}; pass what gv.clamp(...) returns, one or a list of them.",
                found=shown(one),
            )
        clamps.append(one)
    return tuple(clamps)


class Edits:
    """Several clamps in order, bound to one call's sizes: (layer, direction) -> what to do at each input step."""

    def __init__(self, clamps: Iterable[Clamp], spec: Spec, x: Tensor) -> None:
        self._bound = [_Bound(c, spec, x) for c in clamps]

    def __call__(self, layer: int, direction: str) -> LayerEdits | None:
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

        return LayerEdits(frozenset().union(*(b.steps for b in here)), edit_at)


def touched(clamps: Iterable[Clamp], spec: Spec, x: Tensor, layer: int, direction: str) -> Tensor:
    """`(T, B)` bool: the steps and sequences of a call on `x` `(T, B, I)` at which a layer has something clamped."""
    found = torch.zeros(x.shape[:2], dtype=torch.bool, device=x.device)
    for bound in _here(clamps, spec, x, layer, direction):
        found[sorted(bound.steps)] |= bound.mask.any(-1)
    return found


def held(clamps: Iterable[Clamp], spec: Spec, x: Tensor, quantity: Quantity, layer: int, direction: str) -> Tensor:
    """`(T, B, W)` bool: where a call on `x` `(T, B, I)` has a quantity of one layer set by a clamp."""
    width = spec.state_size if quantity is Quantity.H else spec.hidden_size
    found = torch.zeros(*x.shape[:2], width, dtype=torch.bool, device=x.device)
    for bound in _here(clamps, spec, x, layer, direction):
        if bound.quantity is quantity:
            found[sorted(bound.steps)] |= bound.mask
    return found


def _here(clamps: Iterable[Clamp], spec: Spec, x: Tensor, layer: int, direction: str) -> list[_Bound]:
    place = check_place(spec, layer, direction)
    bound = (_Bound(clamp, spec, x) for clamp in clamps)
    return [one for one in bound if (one.layer, one.direction) == (place, direction)]


class _Bound:
    """A clamp whose places are known to exist."""

    def __init__(self, c: Clamp, spec: Spec, x: Tensor) -> None:
        if c.quantity not in KINDS[spec.cell].quantities:
            raise InputError(
                "clamp.not_here",
                "This {cell} has no '{quantity}'; it has {names}.",
                cell=spec.cell.value,
                quantity=c.quantity.value,
                names=", ".join(KINDS[spec.cell].quantities),
            )
        self.layer, self.direction = check_place(spec, c.layer, c.direction), c.direction
        width = spec.state_size if c.quantity is Quantity.H else spec.hidden_size
        self.steps = frozenset(within("step", c.steps, x.shape[0]))
        self.quantity, self._value = c.quantity, c.value
        if abs(c.value) > torch.finfo(x.dtype).max:
            raise InputError(
                "clamp.too_large",
                "{value} is too large for {dtype}; clamp to a smaller number.",
                value=c.value,
                dtype=str(x.dtype).removeprefix("torch."),
            )
        self.mask = torch.zeros(x.shape[1], width, dtype=torch.bool, device=x.device)
        rows = torch.tensor(within("batch", c.batch, x.shape[1]), device=x.device)
        columns = torch.tensor(within("unit", c.units, width), device=x.device)
        self.mask[rows.unsqueeze(1), columns] = True

    def apply(self, quantity: Quantity, value: Tensor) -> Tensor:
        return value.masked_fill(self.mask, self._value) if quantity is self.quantity else value
