"""Below the instrument: what if, predictions, the most active units, data to take away.

All of them follow the player's selection, and only what is open runs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from gru_viz.analysis.half_life import half_life
from gru_viz.analysis.order import states_of
from gru_viz.analysis.similarity import activity
from gru_viz.cells import KINDS
from gru_viz.cells.quantities import Cell, Quantity
from gru_viz.draw.files import csv
from gru_viz.draw.palette import Palette
from gru_viz.draw.steps_table import from_one, mark
from gru_viz.locale.digits import figure, percent
from gru_viz.story.labels import label
from gru_viz.story.runs import Run
from gru_viz.story.scene import Selection
from gru_viz.story.symbols import visible
from gru_viz.ui.explore import what_if
from gru_viz.ui.explore.picture import picture
from gru_viz.ui.explore.view import TABS
from gru_viz.ui.kit import appearance
from gru_viz.ui.kit.downloads import download
from gru_viz.ui.kit.drawers import drawers
from gru_viz.ui.kit.i18n import speaker, t
from gru_viz.ui.kit.trust import trusted

TOP = 5
MOST_UNITS = 12


def details(run: Run, at: Selection) -> None:
    """Four drawers, closed at first: what nobody looks at costs no keystroke anything."""
    panels = {what_if.TAB: what_if.panel, "predictions": _predictions, "units": _units, "data": _data}
    drawers({name: partial(panels[name], run, at) for name in TABS}, "tab.{}", required=False)


def _predictions(run: Run, at: Selection) -> None:
    if run.belief is None:
        st.caption(t("belief.none"))
        return
    if run.model.kind == "forecast":
        numbers = run.given.numbers
        actual = np.full(len(run.trace), np.nan) if numbers is None else numbers[:, 0]
        told = t("belief.answer") if run.answers_now else t("table.forecast_next")
        _table(run, at, {t("table.given"): actual, told: run.belief[:, 0]})
        return
    best = np.argsort(-run.belief, axis=1, kind="stable")[:, :TOP]
    shares = 100 * np.take_along_axis(run.belief, best, axis=1)
    columns: dict[str, ArrayLike] = {}
    writers: dict[str, Callable[[float], str]] = {}
    say = speaker()
    write = partial(_in_percent, say)
    for rank in range(best.shape[1]):
        probability = t("table.probability", rank=rank + 1)
        columns[t("table.rank", rank=rank + 1)] = [label(run.model, run.model.labels[i], say) for i in best[:, rank]]
        columns[probability] = shares[:, rank]
        writers[probability] = write
    _table(run, at, columns, writers)
    trusted(run, at.step)


def _in_percent(say: Callable[..., str], value: float) -> str:
    return say("number.percent", value=percent(value / 100, 1))


def _table(
    run: Run,
    at: Selection,
    columns: Mapping[str, ArrayLike],
    writers: Mapping[str, Callable[[float], str]] | None = None,
    shape: Mapping[str, Any] | None = None,
) -> None:
    """One row a step, the selected one marked; what has no writer of its own is written as numbers are read."""
    table = pd.DataFrame(columns)
    table.insert(0, t("table.token"), [visible(token) for token in run.tokens])
    table.index = pd.RangeIndex(1, len(table) + 1, name=t("table.step"))
    broken = {name: figure for name in columns if pd.api.types.is_float_dtype(table[name])}
    shown = mark(table.style, at.step).format(broken | dict(writers or {}), na_rep="")
    st.dataframe(shown, key="predictions", column_config=dict(shape or {}), height=300)


def _units(run: Run, at: Selection) -> None:
    place = at.place
    values = _values(run, at)
    moved = activity(*states_of(run.trace, place.layer, place.direction, place.batch))
    best = np.argsort(-moved, kind="stable")[:MOST_UNITS]
    if at.unit not in best:
        best = np.append(best[:-1], at.unit)
    lives = half_life(run.trace, place.layer, place.direction, place.batch)
    gates = [gate for gate in KINDS[run.trace.cell].shown if gate.is_gate]
    columns = {t("units.unit"): best, t("units.moved"): moved[best]}
    alive = run.trace.layer(place.layer, place.direction).mask[:, place.batch].cpu().numpy()
    columns |= {t("units.mean", symbol=gate.value): values[gate][alive][:, best].mean(axis=0) for gate in gates}
    columns |= {t("units.h"): values[Quantity.H][alive][-1, best]}
    if np.isfinite(lives).any():
        columns[t("units.half_life")] = np.where(np.isfinite(lives), lives, np.nan)[best]
    way = t(f"convention.short_{at.convention}")
    key = "units.caption" if run.trace.cell is Cell.GRU else "units.caption_plain"
    st.caption(t(key, layer=place.layer + 1, unit=at.unit, way=way))
    if t("units.half_life") in columns:
        st.caption(t("units.half_life_help"))
    table = pd.DataFrame(columns)
    shape = {name: st.column_config.NumberColumn(format="%.3f") for name in table.columns[1:]}
    shape[t("units.half_life")] = st.column_config.NumberColumn(format="%.0f")
    row = int(np.flatnonzero(best == at.unit)[0])
    st.dataframe(mark(table.style, row), key="units", hide_index=True, column_config=shape, width=860)


def _values(run: Run, at: Selection) -> dict[Quantity, NDArray]:
    """(T, H) of everything the cell computes, z as the convention has it."""
    place = at.place
    found = {q: run.layer(place.layer, place.direction)[q.value][:, place.batch] for q in KINDS[run.trace.cell].shown}
    if at.convention == "new" and Quantity.Z in found:
        found[Quantity.Z] = 1 - found[Quantity.Z]
    return found


def _data(run: Run, at: Selection) -> None:
    place = at.place
    final = run.trace.final[0] if isinstance(run.trace.final, tuple) else run.trace.final
    output = tuple(run.trace.output.shape) if isinstance(run.trace.output, Tensor) else ()
    st.caption(t("data.shapes", output=output, hn=tuple(final.shape), layers=run.trace.num_layers))
    with st.container(horizontal=True, gap="small"):
        name, drawn = run.model.name, partial(_figure, run, at, appearance.colours(), speaker())
        download("data.csv", f"{name}-layer{place.layer + 1}.csv", partial(csv_of, run, at), key="download-csv")
        download("data.trace", f"{name}.safetensors", partial(_saved, run), key="download-trace")
        download("data.figure", f"{name}.html", drawn, key="download-figure")
    gru = run.trace.cell is Cell.GRU
    st.caption(t("data.what", way=t(f"convention.short_{at.convention}")) if gru else t("data.what_plain"))
    st.caption(t("data.unit", unit=at.unit, layer=place.layer + 1))
    values = _values(run, at)
    columns = {q.value: values[q][:, at.unit] for q in KINDS[run.trace.cell].shown}
    _table(run, at, columns, shape={name: st.column_config.NumberColumn(format="%.6f") for name in columns})


def csv_of(run: Run, at: Selection) -> bytes:
    """One layer of a sequence as CSV, z as the page writes it."""
    frame = run.trace.to_frame(at.place.layer, at.place.direction, at.place.batch)
    if at.convention == "new" and Quantity.Z in frame:
        frame[Quantity.Z.value] = 1 - frame[Quantity.Z.value]
    return csv(from_one(frame))


def _figure(run: Run, at: Selection, colours: Palette, say: Callable[..., str]) -> bytes:
    drawn = picture(run, at, colours, say)
    return drawn.to_html(include_plotlyjs=True, config={"displaylogo": False}).encode("utf-8")


def _saved(run: Run) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trace.safetensors"
        run.trace.save(file)
        return file.read_bytes()
