"""Data and export: every table behind the page as CSV or Parquet, every chart as one page of HTML."""

from __future__ import annotations

from functools import partial

import streamlit as st

from gru_viz.analysis.ledger import shapes
from gru_viz.draw.compared_figures import all_charts
from gru_viz.draw.files import csv, parquet
from gru_viz.draw.steps_table import read_on_screen
from gru_viz.locale.digits import count
from gru_viz.story.compared import three
from gru_viz.story.trio import Trio
from gru_viz.ui.compare.view import TABLES, view
from gru_viz.ui.kit import appearance, timing
from gru_viz.ui.kit.downloads import download
from gru_viz.ui.kit.figures import picture_format
from gru_viz.ui.kit.i18n import speaker, t
from gru_viz.ui.kit.pickers import pick

PREVIEW = 200
"""Rows shown; a download has all of them."""


def data(trio: Trio, device: str) -> None:
    """A table picker, its first rows, downloads, and as what figures are saved."""
    from gru_viz.draw.compared_tables import table  # here: it brings pandas, which nobody needs who looks at no table

    equal, say, file = view().equal, speaker(), f"gru-explorer-{trio.task}"
    found = timing.timed(shapes(three(trio.task, device, equal), device))
    name = pick("table", TABLES, "compare.table", "compare.table.{}", key="compare-table")
    made = table(name, trio, device, equal, found)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for kind, make in {"csv": csv, "parquet": parquet}.items():
            download(f"compare.download.{kind}", f"{file}-{name}.{kind}", partial(make, made), key=f"compare-{kind}")
        charts = partial(all_charts, trio.task, device, equal, found, appearance.colours(), say)
        download("compare.download.html", f"{file}.html", charts, key="compare-html")
        picture_format("compare.picture", str.upper, key="compare-picture")
    if len(made) > PREVIEW:
        st.caption(t("compare.preview", shown=PREVIEW, rows=count(len(made))))
    shown = read_on_screen(made.head(PREVIEW), shares=("probability",))
    st.dataframe(shown, key="compare-preview", height=300, hide_index=True)
    st.caption(t("compare.picture_help"))
