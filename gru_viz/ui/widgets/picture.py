"""The left half: from a run and a selection to the instrument's one figure."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gru_viz.analysis.similarity import group_means, grouped
from gru_viz.figures.belief import Belief, Guesses, Inputs, River, Series, class_slots
from gru_viz.figures.frame import Columns
from gru_viz.figures.instrument import instrument
from gru_viz.figures.strips import MOST_ROWS, Line, Strip
from gru_viz.palette import Palette
from gru_viz.quantities import SHOWN, Quantity
from gru_viz.ui.i18n import t
from gru_viz.ui.runs import Run, units, update_gate
from gru_viz.ui.symbols import visible
from gru_viz.ui.widgets.transport import Selection

RIVER_CLASSES = 6
GUESSES = 4


def picture(run: Run, at: Selection, colours: Palette) -> None:
    """Draw the figure."""
    figure = instrument(
        _columns(run, at),
        belief(run, at, colours),
        t(f"belief.row_{run.model.kind}"),
        _strips(run, at),
        _lines(run, at),
        t("unit.number", unit=at.unit),
        colours,
    )
    with st.container(key="strips"):
        st.plotly_chart(
            figure, key="figure", theme=None, config={"displayModeBar": False, "responsive": True}, alt=t("figure.alt")
        )


def _columns(run: Run, at: Selection) -> Columns:
    tokens = [visible(token) for token in run.tokens[at.window]]
    unknown = frozenset(place - at.first for place in run.unknown if at.first <= place < at.last)
    return Columns(tokens, at.first, at.step - at.first, unknown)


def quantity(run: Run, at: Selection, what: Quantity) -> NDArray:
    """A quantity of the selected layer, batch element and window, (T, H); z as the convention has it."""
    values = run.layer(at.layer)
    found = update_gate(values, at.convention) if what is Quantity.Z else values[what]
    return found[at.window, at.item]


def symbol(what: Quantity, at: Selection) -> str:
    """How a quantity is written; z never without the way it points."""
    return f"z ({t(f'convention.short_{at.convention}')})" if what is Quantity.Z else what.value


def _strips(run: Run, at: Selection) -> list[Strip]:
    groups = grouped(units(run.loaded, at.layer).order, MOST_ROWS)
    names = [_row_name(group) for group in groups]
    chosen = next(place for place, group in enumerate(groups) if at.unit in group)
    return [
        Strip(what, group_means(quantity(run, at, what), groups), names, chosen, what.value, _caption(what, at))
        for what in SHOWN[run.trace.cell]
    ]


def _caption(what: Quantity, at: Selection) -> str:
    if what is Quantity.Z:
        return f"{t(what.label_key)}\n{t(f'convention.short_{at.convention}')}"
    return t(what.label_key)


def _row_name(group: NDArray[np.intp]) -> str:
    if len(group) == 1:
        return t("unit.number", unit=int(group[0]))
    return t("unit.mean", units=", ".join(str(int(unit)) for unit in group))


def _lines(run: Run, at: Selection) -> list[Line]:
    return [
        Line(what, quantity(run, at, what)[:, at.unit].astype(np.float32), symbol(what, at))
        for what in SHOWN[run.trace.cell]
    ]


def belief(run: Run, at: Selection, colours: Palette) -> Belief:
    """What stands in the first row for this kind of model."""
    if run.belief is None:
        columns = run.layer(0)["x"][at.window, at.item]
        return Inputs(columns.T.astype(np.float32), [str(i + 1) for i in range(columns.shape[1])])
    here = run.belief[at.window]
    if run.model.kind == "classify":
        return _river(run, here, colours)
    if run.model.kind == "next":
        return _guesses(run, here)
    return _series(run, at)


def shown_classes(belief_rows: NDArray[np.float32], colours: Palette) -> dict[int, int]:
    """Which classes the river shows, each with its place in the palette."""
    ranked = [int(i) for i in np.argsort(-belief_rows.max(axis=0), kind="stable")[:RIVER_CLASSES]]
    return class_slots(ranked, len(colours.classes))


def class_name(run: Run, index: int) -> str:
    """A class in the visitor's language, or as the model calls it."""
    label = run.model.labels[index]
    key = f"class.{label}"
    return label if t(key) == key else t(key)


def percent(share: float) -> str:
    """A probability as a whole percentage."""
    return t("number.percent", value=f"{100 * share:.0f}")


def _river(run: Run, here: NDArray[np.float32], colours: Palette) -> River:
    slots = shown_classes(here, colours)
    shown = sorted(slots, key=lambda index: slots[index])
    shares = here[:, shown].T
    percents = [[percent(float(p)) for p in row] for row in shares]
    return River([class_name(run, i) for i in shown], [slots[i] for i in shown], shares, percents, t("belief.rest"))


def _guesses(run: Run, here: NDArray[np.float32]) -> Guesses:
    best = np.argsort(-here, axis=1, kind="stable")[:, :GUESSES]
    p = np.take_along_axis(here, best, axis=1).T
    symbols = [[visible(run.model.labels[i]) for i in row] for row in best.T]
    hover = [
        [t("belief.next_hover", symbol=s, percent=percent(float(q))) for s, q in zip(row, values, strict=True)]
        for row, values in zip(symbols, p, strict=True)
    ]
    return Guesses(symbols, p, hover)


def _series(run: Run, at: Selection) -> Series:
    assert run.belief is not None
    numbers = run.given.numbers
    actual = numbers[:, 0] if numbers is not None else run.layer(0)["x"][:, at.item, 0]
    foretold = np.concatenate([[np.nan], run.belief[:-1, 0]])
    names = t("belief.actual"), t("belief.forecast")
    return Series(actual[at.window].astype(np.float32), foretold[at.window].astype(np.float32), *names)
