"""Below the instrument: what if, predictions, the most active units, data to take away.

All of them follow the player's selection, and only what is open runs.
"""

from __future__ import annotations

from functools import partial

import streamlit as st
from torch import Tensor

from gru_viz.analysis.trust import by_letters
from gru_viz.cells import KINDS
from gru_viz.draw.figures.trust import of_card
from gru_viz.draw.files import csv, interactive, safetensors
from gru_viz.draw.run_figure import picture
from gru_viz.draw.steps_table import broken, from_one, mark
from gru_viz.locale.digits import figure
from gru_viz.story.run_tables import Written, layer_table, most_active, of_unit, predictions
from gru_viz.story.runs import Run
from gru_viz.story.scene import Selection
from gru_viz.story.trust_told import sentence
from gru_viz.ui.explore import what_if
from gru_viz.ui.explore.view import TABS
from gru_viz.ui.kit import appearance, figures
from gru_viz.ui.kit.downloads import download
from gru_viz.ui.kit.drawers import one_open
from gru_viz.ui.kit.i18n import speaker, t


def drawers(run: Run, at: Selection) -> None:
    """Four drawers, closed at first: what nobody looks at costs no keystroke anything."""
    panels = {what_if.TAB: what_if.panel, "predictions": _predictions, "units": _units, "data": _data}
    one_open({name: partial(panels[name], run, at) for name in TABS}, "tab.{}", required=False)


def _predictions(run: Run, at: Selection) -> None:
    if run.belief is None:
        st.caption(t("belief.none"))
        return
    _steps(predictions(run, speaker()), at)
    measured = by_letters(run.model.card) if run.model.kind != "forecast" else {}
    if measured:
        figures.conclusion(sentence(run.model.card, run.belief[at.step], at.step, speaker()), "trust")
        drawn = of_card(measured, appearance.colours(), speaker())
        figures.show_bare(drawn, t("trust.alt"), key="trust", width=520)


def _steps(found: Written, at: Selection, digits: str | None = None) -> None:
    """One row a step, the selected one marked; what has no writer of its own is written as numbers are read."""
    table = found.table
    numbers = broken(table)
    shown = mark(table.style, at.step).format(dict.fromkeys(numbers, figure) | dict(found.writers), na_rep="")
    shape = {name: st.column_config.NumberColumn(format=digits) for name in numbers if digits}
    st.dataframe(shown, key="predictions", column_config=shape, height=300)


def _units(run: Run, at: Selection) -> None:
    table, row = most_active(run, at, speaker())
    way, lives = t(f"convention.short_{at.convention}"), t("units.half_life")
    key = "units.caption" if KINDS[run.trace.cell].turns else "units.caption_plain"
    st.caption(t(key, layer=at.place.layer + 1, unit=at.unit, way=way))
    if lives in table:
        st.caption(t("units.half_life_help"))
    shape = {name: st.column_config.NumberColumn(format="%.3f") for name in table.columns[1:]}
    shape[lives] = st.column_config.NumberColumn(format="%.0f")
    st.dataframe(mark(table.style, row), key="units", hide_index=True, column_config=shape, width=860)


def _data(run: Run, at: Selection) -> None:
    trace, name, layer = run.trace, run.model.name, at.place.layer + 1
    final = trace.final[0] if isinstance(trace.final, tuple) else trace.final
    output = tuple(trace.output.shape) if isinstance(trace.output, Tensor) else ()
    st.caption(t("data.shapes", output=output, hn=tuple(final.shape), layers=trace.num_layers))
    say, colours = speaker(), appearance.colours()  # asked now: a download is made when no page is running
    with st.container(horizontal=True, gap="small"):
        table, drawn = lambda: csv(from_one(layer_table(run, at))), lambda: interactive(picture(run, at, colours, say))
        download("data.csv", f"{name}-layer{layer}.csv", table, key="download-csv")
        download("data.trace", f"{name}.safetensors", partial(safetensors, trace), key="download-trace")
        download("data.figure", f"{name}.html", drawn, key="download-figure")
    turns = KINDS[trace.cell].turns
    st.caption(t("data.what", way=t(f"convention.short_{at.convention}")) if turns else t("data.what_plain"))
    st.caption(t("data.unit", unit=at.unit, layer=layer))
    _steps(Written(of_unit(run, at, say)), at, "%.6f")
