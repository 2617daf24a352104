"""Below the lanes: how long it holds, learning curves, the parts list, data. Only what is open runs."""

from __future__ import annotations

from functools import partial

import streamlit as st

from gru_viz.analysis.learning import cards_of, curves_concluded
from gru_viz.draw.compared_figures import curves_figure, parts_table
from gru_viz.story.compared import trained_three
from gru_viz.story.concluded import sentences
from gru_viz.story.trio import GAMES, Trio
from gru_viz.ui.compare.export import data
from gru_viz.ui.compare.games import memory
from gru_viz.ui.kit import address, appearance
from gru_viz.ui.kit.drawers import one_open
from gru_viz.ui.kit.figures import conclusion, show
from gru_viz.ui.kit.i18n import speaker, t
from gru_viz.ui.kit.parts import part


@part
def drawers(trio: Trio, device: str) -> None:
    """Four drawers, one of them open. What is done in them draws nothing above."""
    panels = {
        "memory": partial(memory, trio.task, device),
        "curves": partial(_curves, trio.task, device),
        "parts": _parts,
        "data": partial(data, trio, device),
    }
    one_open(panels, "compare.tab.{}", label="compare.tab", key="compare-tab")
    address.write("address-of-drawers")


def _curves(task: str, device: str) -> None:
    """The learning curves there are; a card without one is named."""
    cards, say = cards_of(trained_three(task, device)), speaker()
    drawn = curves_figure(cards, appearance.colours(), say)
    if drawn is None:
        st.caption(t("compare.curves.none"))
        return
    show(drawn, "curves", key="figure-curves")
    conclusion(sentences(curves_concluded(cards, game=task in GAMES), say), "conclusion-curves")
    st.caption(t("compare.curves.caption"))


def _parts() -> None:
    """Who plays whose part: roles down, cells across."""
    st.caption(t("compare.parts.roles"))
    st.table(parts_table(speaker()))
