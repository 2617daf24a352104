"""Below the lanes: where two directions help, accuracy by position, the price, data to take away. Closed at first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pandas as pd
import streamlit as st

from gru_viz.analysis.clock import STEPS, Shape
from gru_viz.analysis.stopwatch import Measured
from gru_viz.story.readers import BOTH, Readers
from gru_viz.ui.bigru import charts, conclusions
from gru_viz.ui.bigru.export import panel as data
from gru_viz.ui.bigru.measures import WIDE_BOTH, WIDE_ONE, by_place, prices, shapes, ways
from gru_viz.ui.bigru.view import TABS, TOKENS, view
from gru_viz.ui.kit import appearance, timing
from gru_viz.ui.kit.drawers import drawers
from gru_viz.ui.kit.i18n import t
from gru_viz.ui.kit.link import keep
from gru_viz.ui.kit.markdown import plain
from gru_viz.ui.kit.pickers import pick


def details(reading: Readers, step: int) -> None:
    """The four drawers; only what is open runs."""
    panels = {"help": _help, "position": _position, "price": _price, "data": partial(data, step=step)}
    opening = {name: partial(panels[name], reading) for name in TABS}
    drawers(opening, "bigru.tab.{}", key="bigru-tab", required=False, wrap=True)


def _say(sentences: list[str]) -> None:
    """What follows from the figure above."""
    with st.container(key="bigru-conclusion"):
        st.markdown(plain(" ".join(sentences)))


def _help(reading: Readers) -> None:
    charts.show(charts.accuracy_figure(reading, appearance.colours()), "accuracy")
    _say(conclusions.of_accuracy(reading))
    charts.format_choice()


def _position(reading: Readers) -> None:
    if reading.example == "syntax":
        measured = [one for one in TOKENS if BOTH in by_place(reading, one)]
        if view().tokens not in measured:
            keep(tokens=TOKENS[0])
        key, words = "bigru-tokens", "bigru.tokens.{}"
        pick("tokens", measured, "bigru.tokens", words, key=key, label_visibility="visible")
    charts.show(charts.position_figure(reading, appearance.colours()), "position")
    _say([conclusions.of_position(reading, view().tokens)])
    charts.format_choice()


def _price(reading: Readers) -> None:
    charts.show(charts.timeline_figure(reading, appearance.colours()), "timeline")
    _say([conclusions.of_waiting(reading)])
    found, asked = prices(reading), shapes(reading)
    told = timing.timed(asked)
    times = told.times if isinstance(told, Measured) else None
    names = {way: conclusions.reader(way) for way in ways(reading)}
    names |= {WIDE_ONE: t("bigru.price.wide_one"), WIDE_BOTH: t("bigru.price.wide_both")}
    table = pd.DataFrame(
        {
            t("bigru.price.reader"): [names[name] for name in found],
            t("bigru.price.units"): [one.width for one in found.values()],
            t("bigru.price.parameters"): [one.parameters for one in found.values()],
            t("bigru.price.products"): [one.products for one in found.values()],
            t("bigru.price.microseconds"): [1e6 * times[name].seconds if times else None for name in found],
        }
    )
    shape = {t("bigru.price.microseconds"): st.column_config.NumberColumn(format="%.1f")}
    st.dataframe(table, key="bigru-prices", hide_index=True, column_config=shape, width=860)
    _say_more(conclusions.of_price(found, times))
    how = t("bigru.price.how", clock=t(f"timing.clock.{_device(asked)}"), length=STEPS)
    st.caption(timing.trouble(told) or f"{how} {timing.when(told)}")
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        charts.format_choice()
        timing.again_button(asked, told, "bigru.price.again", key="bigru-again")
    if told is None:
        timing.fill_in(asked)


def _device(asked: Mapping[str, Shape]) -> str:
    return next(iter(asked.values())).device


def _say_more(sentences: list[str]) -> None:
    with st.container(key="bigru-prices-conclusion"):
        st.markdown(plain(" ".join(sentences)))
