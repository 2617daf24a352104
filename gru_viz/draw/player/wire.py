"""What the player is sent: one layer of a trace as one safetensors blob.

Strips go as one byte a cell for every step, as `quantise` says: each row of a state has a step of its own
(`A.step.h`), the metadata's `ends` say how far the colours run and how large the largest value is, and 255 marks a step
beyond the sequence's end or a number that is none. Equations need exact numbers: summands and
values go as float32 for a window of steps around the selected one, all of them where they fit. The input's part is
stored once for each different input, because a character always says the same. Everything else (the cell's
record, tokens, labels, sentences, belief, orders of units, selection) is one JSON string, the metadata's `player`.

Names of tensors: `A.strip.z` (T, H) · `A.value.z`, `A.recurrent.r` (window, H) · `A.prev.h` (1 or window, H) ·
`A.input.r` (different inputs, H), `A.which` (window,) · `A.bias.r` (2, H), and the same with `B.` for a second trace ·
`weight` (rows, P) of the candidate and the units `weight.units` they belong to · `order.0` (H,). Where strips hold
means of neighbours, `groups` (H,) says each unit's row, and `A.line.z` (units, T) is exact for the units looked at, and
for those of which cells lie beyond the colours' end; the metadata's `lines` name them.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from gru_viz.analysis.similarity import group_means, grouped
from gru_viz.cells import KINDS
from gru_viz.cells.kind import Squash
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import FORWARD, Spec
from gru_viz.draw.palette import Palette
from gru_viz.draw.player import record
from gru_viz.draw.player.quantise import Quantised, quantised
from gru_viz.engines.weights import weights_of
from gru_viz.story.belief_row import BeliefRow
from gru_viz.story.scene import Scene, Selection, Side
from gru_viz.tracing.edits import held
from gru_viz.tracing.terms import terms
from gru_viz.tracing.trace import Trace

VERSION = 1
FEWEST_ROWS = 48
BLOB_BYTES = 1_000_000
"""How large a blob is for each trace it shows; steps whose exact numbers do not fit are fetched when looked at."""
EXACT_BYTES = 700_000
"""What the exact numbers may take however much the strips have taken already."""
STRIP_BYTES = 1_200_000
"""Strips of more cells than this hold means of neighbouring units, in the order shown."""
MOST_EXACT = 8
"""Of so many units far beyond the others, those with the largest values, every step is sent as it is."""
WEIGHT_BYTES = 40_000
"""The candidate's weights go whole up to this size; of larger ones only the rows of the units looked at."""

MARGIN = 12_000
"""The header's own names and offsets, the JSON's escapes in it, and what the window adds to it."""

Arrays = dict[str, NDArray[Any]]


def blob(scene: Scene, colours: Palette, heard: int = 0) -> bytes:
    """The scene as bytes for the component's `data`.

    Args:
        heard: how many of the player's commits were known when this was made; an older selection moves no player.
    """
    arrays: Arrays = {}
    groups = _groups(scene)
    if groups is not None:
        arrays["groups"] = _rows_of(groups)
    arrays |= _weight_rows(scene)
    for place, order in enumerate(scene.orders.values()):
        arrays[f"order.{place}"] = np.asarray(order, dtype=np.uint16)
    shown = {name: side for name, side in (("A", scene.side), ("B", scene.other)) if side is not None}
    sides = {name: _add_strips(arrays, f"{name}.", scene, side, groups, colours) for name, side in shown.items()}
    about = {
        "version": VERSION,
        "sides": sides,
        "partings": [{"quantity": q, "step": step, "by": by} for q, step, by in scene.partings],
        "selection": _selection(scene.selection) | {"heard": heard},
        "labels": dict(scene.labels),
        "orders": list(scene.orders),
        **record.about(scene.side.trace.spec),
        "layer": scene.place.layer,
        "direction": scene.place.direction,
        "below": _below(scene),
    }
    spent = len(_json(about).encode()) + sum(value.nbytes for value in arrays.values())
    left = max(BLOB_BYTES - MARGIN - spent // len(shown), EXACT_BYTES)
    for name, side in shown.items():
        sides[name] |= _add_exact(arrays, f"{name}.", scene, side, left)
    arrays = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
    about["key"] = _digest(arrays)
    return save(arrays, {"player": _json(about)})


def _json(about: dict[str, Any]) -> str:
    return json.dumps(about, ensure_ascii=False, separators=(",", ":"))


def _below(scene: Scene) -> dict[str, int] | None:
    """The layer whose h is read here, counted from 1, and how many numbers those are; None where it reads the input."""
    if not scene.place.layer:
        return None
    x = scene.side.trace.layer(scene.place.layer, scene.place.direction).x
    return {"layer": scene.place.layer, "width": x.shape[-1], "directions": len(scene.side.trace.spec.directions)}


def _selection(selection: Selection) -> dict[str, Any]:
    return {
        "step": None if selection.follows else selection.step,
        "unit": int(selection.unit),
        "convention": selection.convention,
        "pins": [int(pin) for pin in selection.pins],
        "order": selection.order,
    }


def _digest(arrays: Arrays) -> str:
    found = hashlib.blake2b(digest_size=12)
    for name, value in arrays.items():
        found.update(name.encode() + value.tobytes())
    return found.hexdigest()


def _groups(scene: Scene) -> list[NDArray[np.intp]] | None:
    """Neighbouring units that share a row of the strips; None where every unit has its own."""
    spec, steps = scene.side.trace.spec, len(scene.side.trace)
    a_row = steps * len(KINDS[spec.cell].shown) * (1 if scene.other is None else 2)
    if spec.proj_size or a_row * spec.hidden_size <= STRIP_BYTES:
        return None
    name = scene.selection.order or next(iter(scene.orders), None)
    order = np.asarray(scene.orders.get(name or "", range(spec.hidden_size)), dtype=np.intp)
    return grouped(order, max(FEWEST_ROWS, STRIP_BYTES // a_row))


def _rows_of(groups: list[NDArray[np.intp]]) -> NDArray[np.uint16]:
    """(H,): the row of each unit."""
    rows = np.empty(sum(map(len, groups)), dtype=np.uint16)
    for row, units in enumerate(groups):
        rows[units] = row
    return rows


def _looked_at(scene: Scene) -> list[int]:
    return sorted({int(unit) for unit in (scene.selection.unit, *scene.selection.pins)})


def _add_strips(
    arrays: Arrays, prefix: str, scene: Scene, side: Side, groups: list[NDArray[np.intp]] | None, colours: Palette
) -> dict[str, Any]:
    """Put one trace's strips beside the others; give what the metadata says of it."""
    layer = side.trace.layer(scene.place.layer, scene.place.direction)
    alive = layer.mask[:, scene.place.batch].cpu().numpy()
    ends, lines = {}, {}
    for quantity in KINDS[layer.cell].shown:
        name, values = quantity.value, _plain(layer.quantity(quantity.value), scene.place.batch)
        strip = quantised(values if groups is None else group_means(values, groups).T, alive, quantity.is_gate)
        arrays |= strip.arrays(f"{prefix}{{}}.{name}")
        ends[name] = [strip.end, strip.most if strip.beyond.any() else 0]
        far = _farthest(quantised(values, alive, quantity.is_gate) if groups is not None else strip)
        lines[name] = sorted({*far, *(() if groups is None else _looked_at(scene))} & {*range(values.shape[1])})
        if lines[name]:
            arrays[f"{prefix}line.{name}"] = values[:, lines[name]].T
    return {
        "steps": len(side.trace),
        "ends": ends,
        "lines": lines,
        "tokens": list(side.tokens),
        "unknown": [int(place) for place in side.unknown],
        "narration": list(side.narration),
        "held": _held(scene, side.trace),
        "belief": _add_belief(arrays, prefix, side.belief, colours),
    }


def _held(scene: Scene, trace: Trace) -> list[dict[str, Any]]:
    """What clamps set in this layer: of each the quantity, and runs [first, last] of its steps and of its units."""
    x, place = trace.layers[0].x, scene.place
    found = []
    for clamp in trace.made.edits:
        mask = held([clamp], trace.spec, x, clamp.quantity, place.layer, place.direction)[:, place.batch].cpu().numpy()
        if mask.any():
            steps, units = (_runs(np.flatnonzero(mask.any(axis))) for axis in (1, 0))
            found.append({"quantity": clamp.quantity.value, "steps": steps, "units": units})
    return found


def _runs(places: NDArray[np.intp]) -> list[list[int]]:
    """Ascending places as runs [first, last], both included."""
    breaks = np.flatnonzero(np.diff(places) > 1) + 1
    return [[int(run[0]), int(run[-1])] for run in np.split(places, breaks)]


def _farthest(strip: Quantised) -> list[int]:
    """The units that go beyond the colours' end, those that go farthest: a byte says too little of them."""
    ranked = np.argsort(-strip.beyond, kind="stable")[:MOST_EXACT]
    return [int(unit) for unit in ranked if strip.beyond[unit] > 0]


def _window(scene: Scene, steps: int, different: int, left: int) -> tuple[int, int]:
    """The steps whose exact numbers are sent: all, or as many as surely fit, around the selected one."""
    spec = scene.side.trace.spec
    gates, values = len(KINDS[spec.cell].rows), len(KINDS[spec.cell].shown)
    a_row = 4 * spec.hidden_size
    if a_row * (steps * (gates + values) + different * gates) <= left:
        return 0, steps
    fit = max(1, min(steps, left // (a_row * (2 * gates + values))))
    wanted = steps - 1 if scene.selection.follows else min(scene.selection.step, steps - 1)
    first = min(max(0, wanted - fit // 2), steps - fit)
    return first, first + fit


def _add_exact(arrays: Arrays, prefix: str, scene: Scene, side: Side, left: int) -> dict[str, int]:
    """Put one trace's exact numbers beside the others, in at most so many bytes; give the window of steps."""
    layer = side.trace.layer(scene.place.layer, scene.place.direction)
    sums = side.sums or terms(scene.rnn, side.trace, scene.place.layer, scene.place.direction)
    inputs = _plain(layer.x, scene.place.batch)
    first, last = _window(scene, len(inputs), len(_different(inputs)[1]), left)
    window, remembering = slice(first, last), _remembering(side.trace.spec)
    for quantity in KINDS[layer.cell].shown:
        arrays[f"{prefix}value.{quantity.value}"] = _plain(layer.quantity(quantity.value)[window], scene.place.batch)
    for carried, before in layer.previous.items():
        after = arrays[f"{prefix}value.{carried.value}"]
        arrays[f"{prefix}prev.{carried.value}"] = _unsaid(
            _plain(before[window], scene.place.batch), after, layer.direction
        )
    which, firsts = _different(inputs[window])
    arrays[f"{prefix}which"] = which
    for gate, term in sums.items():
        arrays[f"{prefix}input.{gate}"] = _plain(term.input[window], scene.place.batch)[firsts]
        if gate in remembering:
            arrays[f"{prefix}recurrent.{gate}"] = _plain(term.recurrent[window], scene.place.batch)
        # The same at every step of the sequence, of which the first is always one.
        biases = (part[0, scene.place.batch] for part in (term.bias_ih, term.bias_hh))
        arrays[f"{prefix}bias.{gate}"] = np.stack([_numpy(bias) for bias in biases])
    return {"first": first, "last": last}


def _unsaid(before: NDArray[np.float32], after: NDArray[np.float32], direction: str) -> NDArray[np.float32]:
    """What was read at each step, or only at the window's edge where the values of the other steps say the rest."""
    if direction == FORWARD:
        return before[:1] if np.array_equal(before[1:], after[:-1]) else before
    return before[-1:] if np.array_equal(before[:-1], after[1:]) else before


def _different(x: NDArray[np.float32]) -> tuple[NDArray[np.uint16], NDArray[np.intp]]:
    """For every step the number of its input among the different ones, and where each was met first."""
    _, firsts, which = np.unique(x, axis=0, return_index=True, return_inverse=True)
    return which.reshape(-1).astype(np.uint16), firsts


def _plain(tensor: Any, item: int) -> NDArray[np.float32]:
    return _numpy(tensor[:, item])


def _numpy(tensor: Any) -> NDArray[np.float32]:
    return tensor.detach().float().cpu().numpy()


def _remembering(spec: Spec) -> set[Quantity]:
    """The quantities in whose sum the memory has a say."""
    squashes = (one for one in KINDS[spec.cell].equations(spec) if isinstance(one, Squash))
    return {one.quantity for one in squashes if one.recurrent}


def _weight_rows(scene: Scene) -> Arrays:
    """Which units, and the candidate's recurrent weights of each: whose memory moves it, where any does."""
    kind = KINDS[scene.side.trace.cell]
    if kind.candidate not in _remembering(scene.side.trace.spec):
        return {}
    rows = _numpy(kind.part(weights_of(scene.rnn, scene.place.layer, scene.place.direction).hh, kind.candidate))
    units = np.arange(len(rows), dtype=np.uint16)
    if rows.nbytes > WEIGHT_BYTES:
        units = np.asarray(_looked_at(scene), dtype=np.uint16)
    return {"weight.units": units, "weight": rows[units]}


def _add_belief(arrays: Arrays, prefix: str, belief: BeliefRow | None, colours: Palette) -> dict[str, Any] | None:
    if belief is None:
        return None
    arrays[f"{prefix}belief"] = np.asarray(belief.values, dtype=np.float32)
    if belief.symbols is not None:
        arrays[f"{prefix}symbols"] = belief.symbols.astype(np.uint16)
    if belief.surprise is not None:
        arrays[f"{prefix}surprise"] = belief.surprise.astype(np.float32)
    return {
        "kind": belief.kind,
        "names": list(belief.names),
        "colours": [colours.slot(slot) for slot in belief.slots],
        "unknown": belief.unknown,
    }
