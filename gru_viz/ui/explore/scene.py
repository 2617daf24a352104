"""From a run and a selection to what the player shows: tokens, belief, sentences, orders of units, a second run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

import gru_viz as gv
from gru_viz.analysis.order import Order, unit_order
from gru_viz.analysis.what_if import WhatIf
from gru_viz.cells.quantities import Cell
from gru_viz.draw.figures.belief import class_slots
from gru_viz.draw.palette import Palette
from gru_viz.draw.player import wire
from gru_viz.locale import translate
from gru_viz.models.reading import UNKNOWN
from gru_viz.story.narrate import Belief, narrate, sentence
from gru_viz.story.symbols import visible
from gru_viz.ui.explore.selection import Selection
from gru_viz.ui.kit import player_view
from gru_viz.ui.kit.i18n import spoken, t
from gru_viz.ui.kit.runs import Run, units

RIVER_CLASSES = 6
GUESSES = 4
LISTED = 5
"""How many classes the player lists for a step: whichever they are, their numbers must be there."""


def scene(run: Run, at: Selection, colours: Palette, changed: WhatIf | None = None) -> wire.Scene:
    """The player's scene: the run as A, and beside it what `changed` ran as B."""
    side = _side(run, run.trace, run.belief, at, colours)
    other, partings = None, []
    if changed is not None:
        belief = None if changed.belief is None else changed.belief.b.astype(np.float32)
        other = _side(run, changed.b, belief, at, colours)
        partings = [(name, one.step, one.by) for name, one in changed.first.items() if one is not None]
    return wire.Scene(
        run.model.rnn,
        side,
        at.place.layer,
        at.place.direction,
        at.place.batch,
        wire.Selection(None if at.follows else at.step, at.unit, at.convention, at.pins, at.order.value),
        other,
        partings,
        _orders(run, at),
        player_view.labels() | ({"now.forecast": t("belief.answer")} if run.answers_now else {}),
    )


def _side(run: Run, trace: gv.Trace, belief: NDArray[np.float32] | None, at: Selection, colours: Palette) -> wire.Side:
    tokens = trace.tokens or tuple(str(step + 1) for step in range(len(trace)))
    text = "".join(tokens)
    own = trace is run.trace
    unknown = run.unknown if own or run.model.vocabulary is None else run.model.tokenize(text).unknown
    sums = run.terms(at.place.layer, at.place.direction) if own else None
    row = _row(run, trace, belief, text, at, colours)
    return wire.Side(
        trace, [visible(token) for token in tokens], row, _told(run, trace, belief, text, at), unknown, sums
    )


def _told(run: Run, trace: gv.Trace, belief: NDArray[np.float32] | None, text: str, at: Selection) -> list[str]:
    """One sentence a step, in the visitor's language."""
    model, place = run.model, at.place
    seen = None
    if belief is not None and model.kind != "none" and not run.answers_now:
        read = model.encode(text).tolist() if model.kind == "next" else None
        seen = Belief(belief, model.labels, model.kind, read)
    claims = narrate(trace, seen, layer=place.layer, direction=place.direction, batch=place.batch)
    say, name = partial(translate, spoken()), partial(label, run)
    return [sentence(parts, say, name) for parts in claims]


def _orders(run: Run, at: Selection) -> dict[str, list[int]]:
    place = at.place
    found = {Order.SIMILARITY.value: units(run, place.layer, place.direction, place.batch).order.tolist()}
    for order in (Order.INDEX, Order.ACTIVITY, Order.HALF_LIFE):
        if order is not Order.HALF_LIFE or run.trace.cell is not Cell.RNN:
            found[order.value] = unit_order(run.trace, order, place.layer, place.direction, place.batch).tolist()
    return found


def _row(
    run: Run, trace: gv.Trace, belief: NDArray[np.float32] | None, text: str, at: Selection, colours: Palette
) -> wire.Belief:
    """What stands under the tokens for this kind of model."""
    if belief is None:
        columns = trace.layer(at.place.layer, at.place.direction).x[:, at.place.batch].detach().float().cpu().numpy().T
        return wire.Belief("inputs", input_names(trace, at.place.layer), columns)
    if run.model.kind == "classify":
        return _river(run, belief, colours)
    if run.model.kind == "next":
        return _guesses(run, belief, text, colours)
    return _series(run, belief, colours)


def input_names(trace: gv.Trace, layer: int) -> list[str]:
    """What each number a layer reads is called: a column of the input, or a unit of the layer below."""
    if not layer:
        return [str(k + 1) for k in range(trace.spec.input_size)]
    ways = ("h",) if len(trace.directions) == 1 else ("h→", "h←")
    return [f"{way}[{unit}]" for way in ways for unit in range(trace.spec.state_size)]


def _river(run: Run, belief: NDArray[np.float32], colours: Palette) -> wire.Belief:
    slots = shown_classes(belief, colours)
    bands = sorted(slots, key=lambda index: slots[index])
    leading = np.unique(np.argpartition(-belief, min(LISTED, belief.shape[1]) - 1, axis=1)[:, :LISTED])
    rows = [*bands, *(int(i) for i in leading if i not in slots)]
    names = [label(run, run.model.labels[i]) for i in rows]
    return wire.Belief("classify", names, belief[:, rows].T, colours=[colours.classes[slots[i]] for i in bands])


def _guesses(run: Run, belief: NDArray[np.float32], text: str, colours: Palette) -> wire.Belief:
    best = np.argpartition(-belief, range(min(GUESSES, belief.shape[1])), axis=1)[:, :GUESSES]
    ids = run.model.encode(text).cpu().numpy()
    surprise = np.append(-np.log2(np.maximum(belief[np.arange(len(ids) - 1), ids[1:]], 1e-12)), np.nan)
    names = [label(run, symbol) for symbol in run.model.labels]
    shares = np.take_along_axis(belief, best, axis=1).T
    unknown = next((names[k] for k in np.unique(best) if run.model.labels[k] == UNKNOWN), "")
    return wire.Belief("next", names, shares, best.T, surprise, colours.classes[:1], unknown)


def _series(run: Run, belief: NDArray[np.float32], colours: Palette) -> wire.Belief:
    numbers = run.given.numbers
    assert numbers is not None
    coming = belief[:, 0]
    drawn = coming if run.answers_now else np.append(np.nan, coming[:-1])
    others = numbers[:, 1:].T
    rows = np.stack([numbers[:, 0], drawn, coming, *others])
    names = [t("belief.actual"), t("belief.forecast"), t("belief.coming"), *(str(k + 2) for k in range(len(others)))]
    return wire.Belief("forecast", names, rows, colours=colours.classes[:1])


def shown_classes(belief: NDArray[np.float32], colours: Palette) -> dict[int, int]:
    """Which classes the river shows, each with its place in the palette."""
    ranked = [int(i) for i in np.argsort(-belief.max(axis=0), kind="stable")[:RIVER_CLASSES]]
    return class_slots(ranked, len(colours.classes))


def label(run: Run, name: str, say: Callable[..., str] = t) -> str:
    """A label of the model as a visitor reads it: a class in their language, a symbol made visible, the one that stands
    for all unknown characters by what it means."""
    if run.model.kind != "classify":
        known = len(run.model.labels) - 1
        return say("symbol.unknown", count=f"{known:,}") if name == UNKNOWN else visible(name)
    key = f"class.{name}"
    return name if say(key) == key else say(key)
