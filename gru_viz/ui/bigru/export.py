"""Data and export: every step's answers as CSV and Parquet, the figures as one HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from gru_viz.draw.files import csv, parquet, web_page
from gru_viz.draw.palette import Palette
from gru_viz.draw.steps_table import STEP, mark, numbered, read_on_screen
from gru_viz.story.readers import Readers
from gru_viz.ui.bigru import charts
from gru_viz.ui.bigru.measures import ways
from gru_viz.ui.kit import appearance
from gru_viz.ui.kit.downloads import download
from gru_viz.ui.kit.i18n import t

FIGURES = (charts.accuracy_figure, charts.position_figure, charts.timeline_figure)


def panel(reading: Readers, step: int) -> None:
    """Buttons that make their file when they are pressed, and the same table to look at."""
    colours = appearance.colours()
    # Drawn now, in the visitor's language: a download is made when no page is running.
    figures = [make(reading, colours) for make in FIGURES]
    with st.container(horizontal=True, gap="small"):
        made = {
            "csv": lambda: csv(numbered(frame(reading))),
            "parquet": lambda: parquet(numbered(frame(reading))),
            "html": partial(_page, figures, colours),
        }
        for kind, make in made.items():
            file = f"bi-gru-{reading.example}.{kind}"
            download(f"bigru.data.{kind}", file, make, key=f"bigru-download-{kind}")
    st.caption(t("bigru.data.what"))
    table = frame(reading)
    table.index = pd.RangeIndex(1, len(table) + 1, name=STEP)
    shares = [name for name in table.columns if name.startswith("p_")]
    st.dataframe(mark(read_on_screen(table, shares), step), key="bigru-data", height=300)


def frame(reading: Readers) -> pd.DataFrame:
    """One row a step: what is true, what every reader and half says and how surely, and what the winning logit is
    made of (relative to the mean of the classes; the bias is the rest). Column names are the same in every language."""
    labels = np.array(reading.labels, dtype=object)
    truth = np.full(len(reading.tokens), None, dtype=object) if reading.truth is None else labels[reading.truth]
    columns: dict[str, object] = {"token": list(reading.tokens), "truth": truth}
    beliefs = {way: reading.belief(way) for way in ways(reading)}
    beliefs |= {"left_half": reading.ways.left, "right_half": reading.ways.right}
    for name, belief in beliefs.items():
        columns[name] = labels[belief.argmax(1)]
        columns[f"p_{name}"] = belief.max(1)
    parts = [reading.ways.parts(step) for step in range(len(reading.tokens))]
    columns["logit"] = [one.total for one in parts]
    columns["from_left"] = [one.left for one in parts]
    columns["from_right"] = [one.right for one in parts]
    return pd.DataFrame(columns)


def _page(figures: Sequence[go.Figure], colours: Palette) -> bytes:
    """All figures of the drawers on one page that needs neither this app nor the internet."""
    for figure in figures:
        figure.update_layout(paper_bgcolor=colours.paper)
    return web_page("Bi-GRU", [("", figure) for figure in figures], colours, "margin: 2rem")
