"""Times a page shows: asked of the stopwatch, filled in when they are there, and kept for who has seen them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import streamlit as st

from gru_viz.analysis.clock import Shape
from gru_viz.analysis.stopwatch import Outcome, Stopwatch
from gru_viz.story import timing_told
from gru_viz.ui.kit.i18n import speaker, t

EVERY = 0.7
"""Seconds after which a page looks again whether a measurement is there."""
_TOLD, _VISITOR = "timing-told", "timing-visitor"

STOPWATCH = Stopwatch()
"""Shared by all visitors: one measurement at a time."""


def timed(shapes: Mapping[str, Shape]) -> Outcome | None:
    """What this visitor was last told of these shapes: typing measures nothing anew. None while it is being measured.

    Where it is None, `fill_in` must be drawn after what it concerns.
    """
    told = st.session_state.setdefault(_TOLD, {})
    key = tuple(shapes.items())
    if key not in told:
        found = STOPWATCH.ask(shapes, _visitor())
        if found is None:
            return None
        told[key] = found
    return told[key]


def again(shapes: Mapping[str, Shape]) -> None:
    """Measure anew, for a button."""
    st.session_state.get(_TOLD, {}).pop(tuple(shapes.items()), None)
    STOPWATCH.again(shapes)


def fill_in(shapes: Mapping[str, Shape]) -> None:
    """Look again and again until there is an answer; then the page is drawn once more."""

    def look() -> None:
        if timed(shapes) is not None:
            st.rerun()

    st.fragment(look, run_every=EVERY)()


def again_button(shapes: Mapping[str, Shape], told: Outcome | None, label: str, key: str) -> None:
    """A button that measures anew, once there is an answer; `label` is the key of its words."""
    icon = ":material/timer:"
    st.button(t(label), key=key, icon=icon, on_click=again, args=(shapes,), disabled=told is None)


def trouble(found: Outcome | None) -> str:
    """Why there is no time, in the visitor's language; empty where there is one."""
    return timing_told.trouble(found, speaker())


def when(found: Outcome | None) -> str:
    """When a time was measured, by the visitor's clock, and that it is kept; empty where there is none."""
    return timing_told.when(found, st.context.timezone, speaker())


def _visitor() -> str:
    return _present(st.session_state.setdefault(_VISITOR, secrets.token_hex(8)))


def _left(visitor: str) -> None:
    STOPWATCH.leave(visitor)


@st.cache_resource(scope="session", on_release=_left, show_spinner=False)
def _present(visitor: str) -> str:
    """Called once a connection; what it returns is released when the connection ends."""
    return visitor
