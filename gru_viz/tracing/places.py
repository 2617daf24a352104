"""Places along an axis, as people name them: an index, a slice, several indices, or a mask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
from torch import Tensor

from gru_viz.errors import InputError
from gru_viz.scalars import shown, whole


@dataclass(frozen=True)
class Mask:
    """Booleans, one a place.

    Attributes:
        indices: the places where it is True.
        size: how many booleans: what the axis must have.
    """

    indices: tuple[int, ...]
    size: int


Places: TypeAlias = tuple[int, ...] | range | slice | Mask | None
"""Places along an axis whose size is not known yet, for good; None is all of them."""

Named: TypeAlias = "int | Iterable[int] | Iterable[bool] | Tensor | np.ndarray | Places"
"""What people name places by."""

_MOST = 10_000_000
"""Longer than any axis: where an endless iterator is no longer followed."""


def places_of(kind: str, named: Named) -> Places:
    """What was named: a later change of the caller's list or array changes nothing.

    A mask is booleans alone, one a place. A bare True or False names nothing: it could be an index or a mask.

    Args:
        kind: what a sentence calls a place: "unit", "step", "batch".

    Raises:
        InputError: this is no way to name places: a text, a fraction, a table, a dict, a lone True.
    """
    if named is None or isinstance(named, Mask):
        return named
    if (index := whole(named)) is not None:
        return (index,)
    if isinstance(named, slice):
        return _slice(kind, named)
    if isinstance(named, range):
        return named if len(named[: _MOST + 1]) > _MOST else tuple(named)
    items = _items(named)
    if items is None:
        raise _no_place(kind, named)
    if items and all(isinstance(item, (bool, np.bool_)) for item in items):
        return Mask(tuple(place for place, here in enumerate(items) if here), len(items))
    indices: list[int] = []
    for item in items:
        if (index := whole(item)) is None:
            raise _no_place(kind, item)
        indices.append(index)
    return tuple(indices)


def within(kind: str, places: Places, size: int) -> list[int]:
    """The places as non-negative numbers below `size`.

    Raises:
        InputError: one of them is not there, nothing was named, or the mask is of another size.
    """
    if places is None:
        return list(range(size))
    if isinstance(places, Mask) and places.size != size:
        raise InputError(
            "clamp.mask",
            "The clamp's mask of {kind}s has {found} values; there are {size} {kind}s, one value each.",
            kind=kind,
            found=places.size,
            size=size,
        )
    if isinstance(places, slice):
        found = range(size)[places]
        inside = all(edge is None or -size <= edge <= size for edge in (places.start, places.stop))
    else:
        found = places.indices if isinstance(places, Mask) else places
        ends = (found[0], found[-1]) if isinstance(found, range) else found
        inside = all(-size <= index < size for index in ends)
    if not found or not inside:
        raise InputError(
            "clamp.range",
            "The clamp names {kind} {named}; there are {size}, numbered 0 to {last}.",
            kind=kind,
            named=_said(places),
            size=size,
            last=size - 1,
        )
    return [index % size for index in found]


def _said(places: tuple[int, ...] | range | slice | Mask) -> str:
    if isinstance(places, (slice, range)):
        edges = (places.start, places.stop, None if places.step == 1 else places.step)
        start, stop, step = ("" if edge is None else str(edge) for edge in edges)
        return f"{start}:{stop}" + (f":{step}" if step else "")
    indices = places.indices if isinstance(places, Mask) else places
    return (", ".join(map(str, indices[:20])) or "nothing") + (", ..." if len(indices) > 20 else "")


def _slice(kind: str, named: slice) -> slice:
    given = (named.start, named.stop, named.step)
    edges = [None if edge is None else whole(edge) for edge in given]
    if edges[2] == 0 or any(edge is None and was is not None for edge, was in zip(edges, given, strict=True)):
        raise _no_place(kind, named)
    return slice(edges[0], edges[1], None if edges[2] == 1 else edges[2])


def _items(named: Any) -> list[Any] | None:
    """What a sequence, an array, a tensor, a column or a set holds, place by place; None where it is none of these."""
    if isinstance(named, (str, bytes, bytearray, memoryview, Mapping)) or getattr(named, "ndim", 1) != 1:
        return None
    try:
        if isinstance(named, Tensor):
            # One value each, not Python's: an array of floats must not pass for one of ints.
            return list(named.detach().cpu().numpy())
        held = sorted(named) if isinstance(named, (set, frozenset)) else list(islice(iter(named), _MOST + 1))
    except (TypeError, ValueError, RuntimeError):
        return None
    held = [item.item() if _is_lone_bool(item) else item for item in held]
    return held if len(held) <= _MOST else None


def _is_lone_bool(item: object) -> bool:
    return isinstance(item, (Tensor, np.ndarray)) and item.ndim == 0 and str(item.dtype).endswith("bool")


def _no_place(kind: str, named: object) -> InputError:
    return InputError(
        "clamp.place",
        "A clamp cannot name a {kind} by {found}; pass an index, a slice, a sequence of whole numbers, or a mask of "
        "booleans.",
        kind=kind,
        found=shown(named),
    )
