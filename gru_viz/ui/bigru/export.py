"""Data and export: every step's answers as CSV and Parquet, the figures as one HTML file."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from gru_viz.draw.palette import Palette
from gru_viz.draw.steps_table import STEP, numbered, read_on_screen
from gru_viz.ui.bigru import charts
from gru_viz.ui.bigru.measures import ways
from gru_viz.ui.bigru.readers import Reading
from gru_viz.ui.kit import appearance
from gru_viz.ui.kit.i18n import t

FIGURES = (charts.accuracy_figure, charts.position_figure, charts.timeline_figure)
_MARK = "rgba(127, 127, 127, 0.22)"


def panel(reading: Reading, step: int) -> None:
    """Buttons that make their file when they are pressed, and the same table to look at."""
    colours = appearance.colours()
    # Drawn now, in the visitor's language: a download is made when no page is running.
    figures = [make(reading, colours) for make in FIGURES]
    with st.container(horizontal=True, gap="small"):
        _download("csv", f"bi-gru-{reading.example}.csv", lambda: _csv(reading), "text/csv")
        _download("parquet", f"bi-gru-{reading.example}.parquet", lambda: _parquet(reading), "application/octet-stream")
        _download("html", f"bi-gru-{reading.example}.html", lambda: _page(figures, colours), "text/html")
    st.caption(t("bigru.data.what"))
    table = frame(reading)
    table.index = pd.RangeIndex(1, len(table) + 1, name=STEP)
    chosen = pd.IndexSlice[table.index[step], :]
    shares = [name for name in table.columns if name.startswith("p_")]
    marked = read_on_screen(table, shares).set_properties(
        subset=chosen, **{"font-weight": "bold", "background-color": _MARK}
    )
    st.dataframe(marked, key="bigru-data", height=300)


def frame(reading: Reading) -> pd.DataFrame:
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


def _csv(reading: Reading) -> bytes:
    return numbered(frame(reading)).to_csv(index=False).encode("utf-8-sig")


def _parquet(reading: Reading) -> bytes:
    file = io.BytesIO()
    numbered(frame(reading)).to_parquet(file, index=False)
    return file.getvalue()


def _page(figures: Sequence[go.Figure], colours: Palette) -> bytes:
    """All figures of the drawers on one page that needs neither this app nor the internet."""
    for figure in figures:
        figure.update_layout(paper_bgcolor=colours.paper)
    bodies = [
        figure.to_html(full_html=False, include_plotlyjs=place == 0, config={"displaylogo": False})
        for place, figure in enumerate(figures)
    ]
    style = f"body {{ margin: 2rem; background: {colours.paper}; color: {colours.ink} }}"
    head = f'<meta charset="utf-8"><title>Bi-GRU</title><style>{style}</style>'
    return f"<!doctype html><html><head>{head}</head><body>{''.join(bodies)}</body></html>".encode()


def _download(what: str, name: str, make: Callable[[], bytes], mime: str) -> None:
    st.download_button(
        t(f"bigru.data.{what}"),
        make,
        file_name=name,
        mime=mime,
        key=f"bigru-download-{what}",
        icon=":material/download:",
        on_click="ignore",
    )
