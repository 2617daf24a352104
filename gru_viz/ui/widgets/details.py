"""Below the instrument: predictions as a table, the most active units, data to take away. Only what is open runs."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st
from torch import Tensor

from gru_viz.analysis.similarity import activity
from gru_viz.ui.i18n import speaker, t
from gru_viz.ui.runs import Run
from gru_viz.ui.state import view
from gru_viz.ui.symbols import visible
from gru_viz.ui.widgets.picture import class_name

TOP = 5
MOST_UNITS = 12
TABS = ("predictions", "units", "data")


@st.fragment
def details(run: Run) -> None:
    """Three drawers, closed at first: what nobody looks at costs no keystroke anything."""
    say = speaker()
    opened = st.segmented_control(
        t("tab.label"), TABS, format_func=lambda name: say(f"tab.{name}"), key="tab", label_visibility="collapsed"
    )
    if opened is not None:
        {"predictions": _predictions, "units": _units, "data": _data}[opened](run)


def _predictions(run: Run) -> None:
    if run.belief is None:
        st.caption(t("belief.none"))
        return
    if run.model.kind == "forecast":
        numbers = run.given.numbers
        actual = np.full(len(run.trace), np.nan) if numbers is None else numbers[:, 0]
        table = {t("table.given"): actual, t("table.forecast_next"): run.belief[:, 0]}
        st.dataframe(_indexed(run, pd.DataFrame(table)), key="predictions", height=300)
        return
    best = np.argsort(-run.belief, axis=1, kind="stable")[:, :TOP]
    columns = {}
    for rank in range(best.shape[1]):
        names = [
            class_name(run, i) if run.model.kind == "classify" else visible(run.model.labels[i]) for i in best[:, rank]
        ]
        columns[t("table.rank", rank=rank + 1)] = names
        columns[t("table.probability", rank=rank + 1)] = 100 * np.take_along_axis(run.belief, best, axis=1)[:, rank]
    shape = {
        t("table.probability", rank=rank + 1): st.column_config.NumberColumn(format="%.1f %%")
        for rank in range(best.shape[1])
    }
    st.dataframe(_indexed(run, pd.DataFrame(columns)), key="predictions", column_config=shape, height=300)


def _indexed(run: Run, table: pd.DataFrame) -> pd.DataFrame:
    table.insert(0, t("table.token"), [visible(token) for token in run.tokens])
    table.index = pd.RangeIndex(1, len(table) + 1, name=t("table.step"))
    return table


def _units(run: Run) -> None:
    layer = min(view().layer, run.trace.num_layers - 1)
    item = min(view().item, run.trace.batch_size - 1)
    values = {name: array[:, item] for name, array in run.layer(layer).items() if name in ("z", "r", "h")}
    moved = activity(values["h"])
    best = np.argsort(-moved, kind="stable")[:MOST_UNITS]
    st.caption(t("units.caption", layer=layer + 1))
    table = pd.DataFrame(
        {
            t("units.unit"): best,
            t("units.moved"): moved[best],
            t("units.z"): values["z"][:, best].mean(axis=0),
            t("units.r"): values["r"][:, best].mean(axis=0),
            t("units.h"): values["h"][-1, best],
        }
    )
    shape = {name: st.column_config.NumberColumn(format="%.3f") for name in table.columns[1:]}
    st.dataframe(table, key="units", hide_index=True, column_config=shape, width=720)


def _data(run: Run) -> None:
    layer = min(view().layer, run.trace.num_layers - 1)
    item = min(view().item, run.trace.batch_size - 1)
    final = run.trace.final[0] if isinstance(run.trace.final, tuple) else run.trace.final
    output = tuple(run.trace.output.shape) if isinstance(run.trace.output, Tensor) else ()
    st.caption(t("data.shapes", output=output, hn=tuple(final.shape), layers=run.trace.num_layers))
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            t("data.csv"),
            lambda: run.trace.to_frame(layer=layer, batch=item).to_csv(index=False).encode("utf-8-sig"),
            file_name=f"{run.model.name}-layer{layer}.csv",
            mime="text/csv",
            key="download-csv",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            t("data.trace"),
            lambda: _saved(run),
            file_name=f"{run.model.name}.safetensors",
            key="download-trace",
            icon=":material/download:",
            on_click="ignore",
        )
    st.caption(t("data.what"))


def _saved(run: Run) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trace.safetensors"
        run.trace.save(file)
        return file.read_bytes()
