"""Below the lanes: how long it holds, learning curves, the parts list, data. Only what is open runs."""

from __future__ import annotations

from functools import partial

import streamlit as st

from gru_viz.story.trio import Trio
from gru_viz.ui.compare import curves, data, parts
from gru_viz.ui.compare import games as memory
from gru_viz.ui.compare.view import TABS, view
from gru_viz.ui.kit import address
from gru_viz.ui.kit.i18n import speaker, t
from gru_viz.ui.kit.link import keep, settle


@st.fragment
def drawers(trio: Trio, device: str) -> None:
    """Four drawers, one of them open. A fragment: what is done in them draws nothing above."""
    say = speaker()
    settle("compare-tab", st.session_state.get("compare-tab", view().tab))
    opened = st.segmented_control(
        t("compare.tab"),
        TABS,
        format_func=lambda name: say(f"compare.tab.{name}"),
        key="compare-tab",
        required=True,
        label_visibility="collapsed",
    )
    keep(tab=opened)
    {
        "memory": partial(memory.panel, trio.task, device),
        "curves": partial(curves.panel, trio.task, device),
        "parts": parts.panel,
        "data": partial(data.panel, trio, device),
    }[view().tab]()
    address.write("address-of-drawers")
