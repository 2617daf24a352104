"""What the player is sent: one layer of a trace as one safetensors blob.

Strips go as one byte a cell for every step, as `quantise` says: each row of a state has a step of its own
(`A.step.h`), the metadata's `ends` say how far the colours run and how large the largest value is, and 255 marks a step
beyond the sequence's end or a number that is none. Equations need exact numbers: summands and values go as float32 for
a window of steps around the selected one, all of them where they fit. The input's part is stored once for each
different input, because a character always says the same. Everything else (the cell's record, tokens, labels,
sentences, orders of units, selection) is one JSON string, the metadata's `player`.

However long a trace is, a blob takes at most `BLOB_BYTES` for each that it shows: what is said, believed and drawn
exactly is then said of the steps around the selected one, neighbouring units share rows of the strips, and the player
asks for what it lacks when one looks there.

Names of tensors: `A.strip.z` (T, H) · `A.value.z`, `A.recurrent.r` (window, H) · `A.prev.h` (1 or window, H) ·
`A.input.r` (different inputs, H), `A.which` (window,) · `A.bias.r` (2, H), and the same with `B.` for a second trace ·
`weight` (rows, P) of the candidate and the units `weight.units` they belong to · `order.0` (H,). Where strips hold
means of neighbours, `groups` (H,) says each unit's row, `groups.h` (P,) a projected h's, and `A.line.z` (units, T) is
exact for the units looked at, and for those of which cells lie beyond the colours' end; the metadata's `lines` name
them. The row under the tokens: `belief_part`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from gru_viz.analysis.similarity import grouped
from gru_viz.cells import KINDS
from gru_viz.cells.kind import Squash
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import FORWARD, Spec
from gru_viz.draw.palette import Palette
from gru_viz.draw.player import cell_record
from gru_viz.draw.player.belief_part import belief_part
from gru_viz.draw.player.quantise import Arrays
from gru_viz.draw.player.strips import Strips
from gru_viz.draw.player.window import around, told
from gru_viz.engines.weights import weights_of
from gru_viz.story.kept import kept
from gru_viz.story.scene import Scene, Selection, Side
from gru_viz.tracing.edits import held
from gru_viz.tracing.terms import terms
from gru_viz.tracing.trace import Trace

VERSION = 1
BLOB_BYTES = 1_000_000
"""How large a blob is at most for each trace it shows; what does not fit is fetched when it is looked at."""
EXACT_BYTES = 250_000
"""Kept for the exact numbers around the selected step, however long the trace is."""
TOLD_BYTES = 100_000
"""Sentences of more bytes than this are those around the selected step."""
WEIGHT_BYTES = 40_000
"""The candidate's weights go whole up to this size; of larger ones only the rows of the units looked at."""

MARGIN = 12_000
"""The header's own names and offsets, the JSON's escapes in it, and what the window adds to it."""


@dataclass(frozen=True)
class _Body:
    """A blob but for its selection and the weights of the units looked at.

    Attributes:
        every_step: all is said of every step, so that nothing hangs on the selected one.
        every_unit: every unit has a row of its own, so that nothing hangs on the selected ones and on their order.
    """

    about: dict[str, Any]
    arrays: Arrays
    digest: str
    every_step: bool
    every_unit: bool


def blob(scene: Scene, colours: Palette, heard: int = 0) -> bytes:
    """The scene as bytes for the component's `data`; what does not hang on the selection is made once a scene.

    Args:
        heard: how many of the player's commits were known when this was made; an older selection moves no player.
    """
    weights = _weight_rows(scene)
    body = _body(scene, colours, _size({}, weights))
    about = body.about | {
        "selection": _selection(scene.selection) | {"heard": heard},
        "key": body.digest + _digest(weights),
    }
    return save(body.arrays | weights, {"player": _json(about)})


def _body(scene: Scene, colours: Palette, spent: int) -> _Body:
    """The body that was made first, if it says the same of what is selected now; else one for what is."""
    made_for, first = _first(scene, colours, spent)
    wanted = _hangs_on(scene.selection, first)
    if wanted == _hangs_on(made_for, first):
        return first
    return _made(replace(scene, selection=wanted), colours, spent)


def _hangs_on(at: Selection, body: _Body) -> Selection:
    """The selection as far as the body hangs on it."""
    found = Selection(follows=True, place=at.place)
    if not body.every_step:
        found = replace(found, step=at.step, follows=at.follows)
    return found if body.every_unit else replace(found, unit=at.unit, pins=at.pins, order=at.order)


@kept(16, key=lambda scene, colours, spent: scene.key and (scene.key, scene.place, colours.kind, spent))
def _first(scene: Scene, colours: Palette, spent: int) -> tuple[Selection, _Body]:
    return scene.selection, _made(scene, colours, spent)


@kept(16, key=lambda scene, colours, spent: scene.key and (scene.key, scene.selection, colours.kind, spent))
def _made(scene: Scene, colours: Palette, spent: int) -> _Body:
    """A body beside which so many bytes are spent already."""
    shown = {f"{name}.": side for name, side in (("A", scene.side), ("B", scene.other)) if side is not None}
    arrays: Arrays = {}
    for place, order in enumerate(scene.orders.values()):
        arrays[f"order.{place}"] = np.asarray(order, dtype=np.uint16)
    about = _about(scene)
    beside = spent + _size(about | {"selection": _selection(scene.selection)}, arrays)
    most = BLOB_BYTES - (MARGIN + beside) // len(shown)
    said_of = {name: _told(scene, side, colours) for name, side in shown.items()}
    strips = {name: _strips(scene, side) for name, side in shown.items()}
    rows = min(strips[name].fitting(most - EXACT_BYTES - _size(*said_of[name])) for name in shown)
    groups = _groups(scene, rows)
    arrays |= {f"groups{name}": _rows_of(found) for name, found in groups.items()}
    about["sides"] = {}
    for name, side in shown.items():
        said, own = said_of[name]
        more, drawn = strips[name].drawn(groups)
        own |= drawn
        window, exact = _exact(scene, side, most - _size(said | more, own))
        about["sides"][name[0]] = said | more | window
        arrays |= {f"{name}{part}": values for part, values in (own | exact).items()}
    arrays = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
    every_step = all(_says_all(about["sides"][name[0]], side) for name, side in shown.items())
    return _Body(about, arrays, _digest(arrays), every_step, not groups)


def _says_all(said: dict[str, Any], side: Side) -> bool:
    """Whether sentences, belief and exact numbers are those of every step."""
    windows = [said["last"] - said["first"]]
    if said["belief"] is not None:
        windows.append(said["belief"]["last"] - said["belief"]["first"])
    return len(said["narration"]) == len(side.narration) and all(window == said["steps"] for window in windows)


def _size(about: dict[str, Any], arrays: Arrays) -> int:
    """The bytes that these take: the metadata is JSON in JSON."""
    said = json.dumps(_json(about), ensure_ascii=False).encode()
    return len(said) + sum(value.nbytes for value in arrays.values())


def _about(scene: Scene) -> dict[str, Any]:
    return {
        "version": VERSION,
        "partings": [{"quantity": q, "step": step, "by": by} for q, step, by in scene.partings],
        "labels": dict(scene.labels),
        "orders": list(scene.orders),
        **cell_record.about(scene.side.trace.spec),
        "layer": scene.place.layer,
        "direction": scene.place.direction,
        "below": _below(scene),
    }


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
    found = hashlib.blake2b(digest_size=8)
    for name, value in arrays.items():
        found.update(name.encode() + value.tobytes())
    return found.hexdigest()


def _groups(scene: Scene, rows: int) -> dict[str, list[NDArray[np.intp]]]:
    """Neighbouring units that share a row of the strips, at most so many rows: of all quantities, and under ".h" those
    of a projected h, which has units of its own. Empty where every unit has its own row."""
    spec = scene.side.trace.spec
    if rows >= spec.hidden_size:
        return {}
    name = scene.selection.order or next(iter(scene.orders), None)
    order = np.asarray(scene.orders.get(name or "", ()), dtype=np.intp)
    if len(order) != spec.hidden_size:
        order = np.arange(spec.hidden_size)
    found = {"": grouped(order, rows)}
    if spec.proj_size:
        found[f".{Quantity.H}"] = grouped(np.arange(spec.proj_size), rows)
    return found


def _rows_of(groups: list[NDArray[np.intp]]) -> NDArray[np.uint16]:
    """(H,): the row of each unit."""
    rows = np.empty(sum(map(len, groups)), dtype=np.uint16)
    for row, units in enumerate(groups):
        rows[units] = row
    return rows


def _looked_at(scene: Scene) -> list[int]:
    return sorted({int(unit) for unit in (scene.selection.unit, *scene.selection.pins)})


def _wanted(scene: Scene, steps: int) -> int:
    return steps - 1 if scene.selection.follows else min(scene.selection.step, steps - 1)


def _strips(scene: Scene, side: Side) -> Strips:
    layer = side.trace.layer(scene.place.layer, scene.place.direction)
    alive = layer.mask[:, scene.place.batch].cpu().numpy()
    values = {quantity: _plain(layer.quantity(quantity), scene.place.batch) for quantity in KINDS[layer.cell].shown}
    pins = [int(pin) for pin in scene.selection.pins if pin != scene.selection.unit]
    return Strips(values, alive, [int(scene.selection.unit), *pins])


def _told(scene: Scene, side: Side, colours: Palette) -> tuple[dict[str, Any], Arrays]:
    """What is said of one trace, and the tensors of its belief."""
    wanted = _wanted(scene, len(side.trace))
    first, narration = told(side.narration, wanted, TOLD_BYTES)
    belief, arrays = (None, {}) if side.belief is None else belief_part(side.belief, wanted, colours)
    about = {
        "steps": len(side.trace),
        "tokens": list(side.tokens),
        "unknown": [int(place) for place in side.unknown],
        "narration": narration,
        "told": first,
        "held": _held(scene, side.trace),
        "belief": belief,
    }
    return about, arrays


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


def _exact(scene: Scene, side: Side, left: int) -> tuple[dict[str, int], Arrays]:
    """One trace's exact numbers in at most so many bytes, of one step at least; the metadata says of which steps."""
    layer, item = side.trace.layer(scene.place.layer, scene.place.direction), scene.place.batch
    kind, remembering = KINDS[layer.cell], _remembering(side.trace.spec)
    sums = side.sums or terms(scene.rnn, side.trace, scene.place.layer, scene.place.direction)
    # Biases are the same at every step of the sequence, of which the first is always one.
    biases = {gate: [_numpy(part[0, item]) for part in (term.bias_ih, term.bias_hh)] for gate, term in sums.items()}
    arrays: Arrays = {f"bias.{gate}": np.stack(pair) for gate, pair in biases.items()}
    values = {quantity: _plain(layer.quantity(quantity.value), item) for quantity in kind.shown}
    before = {quantity: _plain(read, item) for quantity, read in layer.previous.items()}
    implied = {quantity: _implied(read, values[quantity], layer.direction) for quantity, read in before.items()}
    inputs = _plain(layer.x, item)
    # Each at every step of the window; what was read before it, where the values do not say it, too.
    each = len(kind.shown) + len(remembering) + sum(not known for known in implied.values())
    a_row = 4 * side.trace.spec.hidden_size
    left -= sum(value.nbytes for value in arrays.values()) + a_row * len(before)
    which, firsts = _different(inputs)
    needed = len(inputs) * each + len(firsts) * len(sums)
    first, last = 0, len(inputs)
    if needed > left // a_row:
        first, last = around(_wanted(scene, last), last, left // a_row // (each + len(sums)))
        which, firsts = _different(inputs[first:last])
    window = slice(first, last)
    for quantity in kind.shown:
        arrays[f"value.{quantity}"] = values[quantity][window]
    for quantity, read in before.items():
        edge = slice(first, first + 1) if layer.direction == FORWARD else slice(last - 1, last)
        arrays[f"prev.{quantity}"] = read[edge if implied[quantity] else window]
    arrays["which"] = which
    for gate, term in sums.items():
        arrays[f"input.{gate}"] = _plain(term.input[window], item)[firsts]
        if gate in remembering:
            arrays[f"recurrent.{gate}"] = _plain(term.recurrent[window], item)
    return {"first": first, "last": last}, arrays


def _implied(before: NDArray[np.float32], after: NDArray[np.float32], direction: str) -> bool:
    """Whether the values of the other steps say what was read at each, but for the edge."""
    return np.array_equal(*((before[1:], after[:-1]) if direction == FORWARD else (before[:-1], after[1:])))


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
