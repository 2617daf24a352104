"""The row under the tokens: a river of classes, the likeliest next symbols, a forecast, or what the layer reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gru_viz.locale import Say
from gru_viz.models.reading import UNKNOWN
from gru_viz.story.labels import input_names, label
from gru_viz.story.runs import Place, Run
from gru_viz.story.slots import class_places, class_slot

RIVER_CLASSES = 6
GUESSES = 4
LISTED = 5
"""How many classes the player lists for a step: whichever they are, their numbers must be there."""


@dataclass(frozen=True)
class BeliefRow:
    """The row under the tokens.

    Attributes:
        kind: "classify" (a river of `values`), "next" (the likeliest symbols), "forecast" or "inputs": what the layer
            reads, the input's columns or the h of the layer below.
        names: a name per row: classes; columns or units of what is read; for "next" every symbol; for "forecast" what
            was given, what was foretold for that step, what is foretold there for the next, and the other columns.
        values: (K, T): shares, probabilities or numbers; NaN where there is none.
        symbols: for "next" (K, T): indices into `names`, likeliest first.
        surprise: for "next" (T,): bits by which the symbol that did come next surprised; NaN at the last step.
        unknown: for "next" what the symbol is called that stands for all unknown ones, where it is among those shown.
        slots: for "classify" a colour (see `slots`) for each of the first rows, the bands of the river; the others are
            named in lists only, and the river shows them with all that is left.
    """

    kind: str
    names: Sequence[str]
    values: NDArray[np.floating]
    symbols: NDArray[np.integer] | None = None
    surprise: NDArray[np.floating] | None = None
    slots: Sequence[str] = ()
    unknown: str = ""


def belief_row(
    run: Run,
    place: Place,
    say: Say,
    slot_of: Callable[[int, int], str] | None = None,
    window: slice = slice(None),
) -> BeliefRow:
    """What stands under the tokens for this kind of model.

    Args:
        slot_of: a class and its place -> its colour; None: the colour of its place.
        window: the steps shown.
    """
    if run.belief is None:
        columns = run.layer(place.layer, place.direction)["x"][window, place.batch].astype(np.float32).T
        return BeliefRow("inputs", input_names(run.trace, place.layer), columns)
    if run.model.kind == "classify":
        return _river(run, run.belief[window], say, slot_of or (lambda _, at: class_slot(at)))
    return _guesses(run, run.belief, say, window) if run.model.kind == "next" else _series(run, run.belief, say, window)


def _river(run: Run, belief: NDArray[np.float32], say: Say, slot_of: Callable[[int, int], str]) -> BeliefRow:
    places = shown_classes(belief)
    bands = sorted(places, key=lambda index: places[index])
    leading = np.unique(np.argpartition(-belief, min(LISTED, belief.shape[1]) - 1, axis=1)[:, :LISTED])
    rows = [*bands, *(int(i) for i in leading if i not in places)]
    names = [label(run.model, run.model.labels[i], say) for i in rows]
    return BeliefRow("classify", names, belief[:, rows].T, slots=[slot_of(i, places[i]) for i in bands])


def shown_classes(belief: NDArray[np.float32]) -> dict[int, int]:
    """Which classes a river shows, each with the place of its colour."""
    return class_places([int(i) for i in np.argsort(-belief.max(axis=0), kind="stable")[:RIVER_CLASSES]])


def _guesses(run: Run, belief: NDArray[np.float32], say: Say, window: slice) -> BeliefRow:
    assert run.reading is not None
    here = belief[window]
    best = np.argpartition(-here, range(min(GUESSES, belief.shape[1])), axis=1)[:, :GUESSES]
    ids = run.reading.ids.numpy()
    surprise = np.append(-np.log2(np.maximum(belief[np.arange(len(ids) - 1), ids[1:]], 1e-12)), np.nan)
    names = [label(run.model, symbol, say) for symbol in run.model.labels]
    shares = np.take_along_axis(here, best, axis=1).T
    unknown = next((names[k] for k in np.unique(best) if run.model.labels[k] == UNKNOWN), "")
    return BeliefRow("next", names, shares, best.T, surprise[window], (class_slot(0),), unknown)


def _series(run: Run, belief: NDArray[np.float32], say: Say, window: slice) -> BeliefRow:
    numbers = run.given.numbers
    assert numbers is not None
    coming = belief[:, 0]
    drawn = coming if run.answers_now else np.append(np.nan, coming[:-1])
    others = numbers[:, 1:].T
    rows = np.stack([numbers[:, 0], drawn, coming, *others])
    told = say("belief.actual"), say("belief.forecast"), say("belief.coming")
    return BeliefRow(
        "forecast", [*told, *(str(k + 2) for k in range(len(others)))], rows[:, window], slots=(class_slot(0),)
    )
