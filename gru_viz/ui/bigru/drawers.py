"""Below the lanes: where two directions help, accuracy by position, the price, data to take away. Closed at first."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from gru_viz.analysis.clock import STEPS
from gru_viz.analysis.stopwatch import Measured
from gru_viz.draw.files import csv, parquet
from gru_viz.draw.readers_figures import accuracy_figure, page, position_figure, timeline_figure
from gru_viz.draw.steps_table import STEP, mark, numbered, read_on_screen
from gru_viz.story import readers_concluded as concluded
from gru_viz.story.readers import BOTH, Readers
from gru_viz.story.readers_measured import by_place, prices, shapes
from gru_viz.story.readers_table import frame, price_table
from gru_viz.ui.bigru.view import TABS, TOKENS, view
from gru_viz.ui.kit import appearance, figures, timing
from gru_viz.ui.kit.downloads import download
from gru_viz.ui.kit.drawers import one_open
from gru_viz.ui.kit.i18n import speaker, t
from gru_viz.ui.kit.link import keep
from gru_viz.ui.kit.markdown import plain
from gru_viz.ui.kit.pickers import pick


def drawers(reading: Readers, step: int) -> None:
    """The four drawers; only what is open runs."""
    panels = {"help": _help, "position": _position, "price": _price, "data": partial(_data, step=step)}
    opening = {name: partial(panels[name], reading) for name in TABS}
    one_open(opening, "bigru.tab.{}", key="bigru-tab", required=False, wrap=True)


def _show(figure: go.Figure, name: str) -> None:
    figures.show(figure, name, key=f"bigru-{name}", displayModeBar=True)


def _conclude(sentences: list[str], key: str = "bigru-conclusion") -> None:
    """What follows from the figure above."""
    with st.container(key=key):
        st.markdown(plain(" ".join(sentences)))


def _format() -> None:
    figures.picture_format("bigru.picture", "bigru.picture.{}", key="bigru-picture", label_visibility="visible")


def _help(reading: Readers) -> None:
    _show(accuracy_figure(reading, appearance.colours(), speaker()), "accuracy")
    _conclude(concluded.of_accuracy(reading, speaker()))
    _format()


def _position(reading: Readers) -> None:
    if reading.example == "syntax":
        measured = [one for one in TOKENS if BOTH in by_place(reading, one)]
        if view().tokens not in measured:
            keep(tokens=TOKENS[0])
        key, words = "bigru-tokens", "bigru.tokens.{}"
        pick("tokens", measured, "bigru.tokens", words, key=key, label_visibility="visible")
    _show(position_figure(reading, appearance.colours(), speaker(), view().tokens), "position")
    _conclude([concluded.of_position(reading, view().tokens, speaker())])
    _format()


def _price(reading: Readers) -> None:
    say, asked = speaker(), shapes(reading)
    _show(timeline_figure(reading, appearance.colours(), say), "timeline")
    _conclude([concluded.of_waiting(reading, say)])
    told = timing.timed(asked)
    times = told.times if isinstance(told, Measured) else None
    shape = {t("bigru.price.microseconds"): st.column_config.NumberColumn(format="%.1f")}
    table = price_table(reading, times, say)
    st.dataframe(table, key="bigru-prices", hide_index=True, column_config=shape, width=860)
    _conclude(concluded.of_price(prices(reading), times, say), "bigru-prices-conclusion")
    device = next(iter(asked.values())).device
    how = t("bigru.price.how", clock=t(f"timing.clock.{device}"), length=STEPS)
    st.caption(timing.trouble(told) or f"{how} {timing.when(told)}")
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        _format()
        timing.again_button(asked, told, "bigru.price.again", key="bigru-again")
    if told is None:
        timing.fill_in(asked)


def _data(reading: Readers, step: int) -> None:
    """Buttons that make their file when they are pressed, and the same table to look at."""
    colours, say, table = appearance.colours(), speaker(), frame(reading)

    html = partial(page, reading, colours, say, view().tokens)
    files = {"csv": lambda: csv(numbered(table)), "parquet": lambda: parquet(numbered(table)), "html": html}
    with st.container(horizontal=True, gap="small"):
        for kind, make in files.items():
            file = f"bi-gru-{reading.example}.{kind}"
            download(f"bigru.data.{kind}", file, make, key=f"bigru-download-{kind}")
    st.caption(t("bigru.data.what"))
    shares = [name for name in table.columns if name.startswith("p_")]
    shown = numbered(table).set_index(STEP)
    st.dataframe(mark(read_on_screen(shown, shares), step), key="bigru-data", height=300)
