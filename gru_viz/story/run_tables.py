"""One run as tables, a row a step or a unit, their heads in the visitor's language: what pages and files show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gru_viz.analysis.half_life import half_life
from gru_viz.analysis.similarity import activity
from gru_viz.cells import KINDS
from gru_viz.cells.quantities import Quantity
from gru_viz.locale import Say
from gru_viz.locale.digits import percent
from gru_viz.story.labels import label
from gru_viz.story.runs import Run, memory, states
from gru_viz.story.scene import Selection
from gru_viz.story.symbols import visible

if TYPE_CHECKING:
    import pandas as pd

TOP = 5
MOST_UNITS = 12


@dataclass(frozen=True)
class Written:
    """A table, and how its numbers are written where a page has a way of its own.

    Attributes:
        writers: column -> how a number of it is written.
    """

    table: pd.DataFrame
    writers: Mapping[str, Callable[[float], str]] = field(default_factory=dict)


def by_step(run: Run, columns: Mapping[str, ArrayLike], say: Say) -> pd.DataFrame:
    """A row a step, counted from 1, with what was read in front."""
    import pandas as pd

    table = pd.DataFrame(columns)
    table.insert(0, say("table.token"), [visible(token) for token in run.tokens])
    table.index = pd.RangeIndex(1, len(table) + 1, name=say("table.step"))
    return table


def predictions(run: Run, say: Say) -> Written:
    """What the model believed after every step: its likeliest guesses, or what it foretold beside what was given.

    Raises:
        ValueError: the model has no head.
    """
    if run.belief is None:
        raise ValueError("a model without a head believes nothing")
    if run.model.kind == "forecast":
        numbers = run.given.numbers
        actual = np.full(len(run.trace), np.nan) if numbers is None else numbers[:, 0]
        told = say("belief.answer") if run.answers_now else say("table.forecast_next")
        return Written(by_step(run, {say("table.given"): actual, told: run.belief[:, 0]}, say))
    best = np.argsort(-run.belief, axis=1, kind="stable")[:, :TOP]
    shares = 100 * np.take_along_axis(run.belief, best, axis=1)
    columns: dict[str, ArrayLike] = {}
    writers: dict[str, Callable[[float], str]] = {}

    def in_percent(value: float) -> str:
        return say("number.percent", value=percent(value / 100, 1))

    for rank in range(best.shape[1]):
        probability = say("table.probability", rank=rank + 1)
        columns[say("table.rank", rank=rank + 1)] = [label(run.model, run.model.labels[i], say) for i in best[:, rank]]
        columns[probability] = shares[:, rank]
        writers[probability] = in_percent
    return Written(by_step(run, columns, say), writers)


def values(run: Run, at: Selection) -> dict[Quantity, NDArray]:
    """(T, H) of everything the cell computes in the layer that is looked at, z as the convention has it."""
    place = at.place
    kind = KINDS[run.trace.cell]
    found = {q: run.layer(place.layer, place.direction)[q.value][:, place.batch] for q in kind.shown}
    if at.convention == "new" and kind.turns is not None:
        found[kind.turns] = 1 - found[kind.turns]
    return found


def of_unit(run: Run, at: Selection, say: Say) -> pd.DataFrame:
    """What the selected unit computed at every step."""
    found = values(run, at)
    return by_step(run, {q.value: one[:, at.unit] for q, one in found.items()}, say)


def most_active(run: Run, at: Selection, say: Say) -> tuple[pd.DataFrame, int]:
    """The units that move most, with the selected one among them, and the row in which it stands."""
    import pandas as pd

    place = at.place
    found = values(run, at)
    moved = activity(*states(run, place))
    best = np.argsort(-moved, kind="stable")[:MOST_UNITS]
    if at.unit not in best:
        best = np.append(best[:-1], at.unit)
    lives = half_life(memory(run, place))
    alive = run.trace.layer(place.layer, place.direction).mask[:, place.batch].cpu().numpy()
    columns = {say("units.unit"): best, say("units.moved"): moved[best]}
    for gate in (quantity for quantity in found if quantity.is_gate):
        columns[say("units.mean", symbol=gate.value)] = found[gate][alive][:, best].mean(axis=0)
    columns[say("units.h")] = found[Quantity.H][alive][-1, best]
    if np.isfinite(lives).any():
        columns[say("units.half_life")] = np.where(np.isfinite(lives), lives, np.nan)[best]
    return pd.DataFrame(columns), int(np.flatnonzero(best == at.unit)[0])


def layer_table(run: Run, at: Selection) -> pd.DataFrame:
    """One layer of a sequence as `Trace.to_frame` has it, z as the page writes it."""
    frame = run.trace.to_frame(at.place.layer, at.place.direction, at.place.batch)
    turned = KINDS[run.trace.cell].turns
    if at.convention == "new" and turned is not None:
        frame[turned.value] = 1 - frame[turned.value]
    return frame
