"""Data and export: every table behind the page as CSV or Parquet, every chart as one page of HTML."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from gru_viz.analysis.ledger import Models, shapes
from gru_viz.analysis.stopwatch import Outcome
from gru_viz.draw import comparison_tables as tables
from gru_viz.draw.comparison import all_charts, cards_of
from gru_viz.draw.files import csv, parquet, web_page
from gru_viz.draw.palette import Palette
from gru_viz.draw.steps_table import read_on_screen
from gru_viz.locale import Say
from gru_viz.locale.digits import count
from gru_viz.story.compared import three, trained_three
from gru_viz.story.trio import Trio, games
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
    name = pick("table", TABLES, "compare.table", "compare.table.{}", key="compare-table")
    made = table(name, trio, device, view().equal)
    file = f"gru-explorer-{trio.task}"
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for what, make in {"csv": csv, "parquet": parquet}.items():
            label = f"compare.download.{what}"
            download(label, f"{file}-{name}.{what}", partial(make, made), key=f"compare-{what}")
        found = _times(trio, device, view().equal)
        charts = partial(all_in_one, trio.task, device, view().equal, found, appearance.colours(), speaker())
        download("compare.download.html", f"{file}.html", charts, key="compare-html")
        picture_format("compare.picture", str.upper, key="compare-picture")
    if len(made) > PREVIEW:
        st.caption(t("compare.preview", shown=PREVIEW, rows=count(len(made))))
    shown = read_on_screen(made.head(PREVIEW), shares=("probability",))
    st.dataframe(shown, key="compare-preview", height=300, hide_index=True)
    st.caption(t("compare.picture_help"))


def table(name: str, trio: Trio, device: str, equal: str) -> pd.DataFrame:
    """One of the page's tables."""
    if name == "steps":
        return tables.steps(trio)
    if name == "predictions":
        return tables.predictions(trio)
    if name == "ledger":
        return tables.ledger(three(trio.task, device, equal), _times(trio, device, equal), equal)
    if name == "memory":
        return tables.delays(_of_games(device))
    return tables.curves(cards_of(trained_three(trio.task, device)))


def _times(trio: Trio, device: str, equal: str) -> Outcome | None:
    """What the ledger shows."""
    return timing.timed(shapes(three(trio.task, device, equal), device))


def _of_games(device: str) -> dict[str, Models]:
    return {game: trained_three(game, device) for game in games()}


def all_in_one(task: str, device: str, equal: str, found: Outcome | None, colours: Palette, say: Say) -> bytes:
    """All charts in one file."""
    cards = cards_of(trained_three(task, device))
    drawn = all_charts(three(task, device, equal), found, equal, _of_games(device), cards, colours, say)
    title = f"{say('app.title')}: {say(f'compare.task.{task}')}"
    return web_page(title, drawn, colours, "font-family: sans-serif; max-width: 60rem;")
