"""The three cells' player and the picker of what of each it shows."""

from __future__ import annotations

import streamlit as st

from gru_viz.story.trio import Trio
from gru_viz.story.trio_lanes import ROWS, trio_lanes
from gru_viz.ui.compare.view import view
from gru_viz.ui.kit import address, lanes_view
from gru_viz.ui.kit.i18n import speaker, spoken, t
from gru_viz.ui.kit.link import keep, settle

KEY = "compare-lanes"


@st.fragment
def stage(trio: Trio) -> None:
    """The role picker and the player. A fragment: a committed step draws nothing else."""
    _role_picker()
    shown = trio_lanes(trio, view().role, selected(trio), spoken())
    lanes_view.lanes(shown, key=KEY, on_commit=_committed)
    address.write()


def selected(trio: Trio) -> int | None:
    """The view's step; None where it is the last one, or beyond."""
    step = view().step
    if step is not None and step >= len(trio) - 1:
        step = None
        keep(step=None)
    return step


def _committed() -> None:
    keep(step=lanes_view.committed(KEY))


def _role_picker() -> None:
    say = speaker()
    settle("compare-role", st.session_state.get("compare-role", view().role))
    chosen = st.segmented_control(
        t("compare.role"),
        ROWS,
        format_func=lambda role: say(f"compare.role.{role}"),
        key="compare-role",
        required=True,
        label_visibility="collapsed",
    )
    keep(role=chosen)
