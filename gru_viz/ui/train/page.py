"""Train: pick a task, let several cells race, watch the gates being born, rewind, take the model along."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from gru_viz.training.sessions import Session
from gru_viz.ui.kit import appearance, notices
from gru_viz.ui.kit.i18n import sentence, t
from gru_viz.ui.kit.link import turn_to
from gru_viz.ui.kit.masthead import masthead
from gru_viz.ui.train import session as sessions
from gru_viz.ui.train.snapshots import snapshots
from gru_viz.ui.train.source import Settings, source
from gru_viz.ui.train.stage import places, stage
from gru_viz.ui.train.view import TrainView

_SHEET = Path(__file__).parent / "train.css"
PATIENCE = 2.0
"""Seconds a press of Stop waits for the step under way."""
_STARTED = "train-started"


def train() -> None:
    """The page."""
    turn_to(TrainView)
    appearance.dress()
    appearance.dress_more(_SHEET)
    notices.clear()
    places(masthead())
    sessions.warm_up()
    session = sessions.current()
    if session is not None:
        session.rest()
    busy = session is not None and session.active  # asked once: a worker may end while the page is being drawn
    with st.container(key="train-head", horizontal=True, gap="small", vertical_alignment="top"):
        with st.container(key="train-asked", width="stretch", gap="xsmall"):
            asked = source(busy)
        if session is not None and session.recipe.task != asked.recipe.task:
            session = None  # it is still there for when its task is chosen again
        with st.container(key="train-controls", width="content", gap="xsmall"):
            _controls(session, asked, busy)
    _begin(asked)
    said = st.container()
    if session is not None and session.fault is not None:
        notices.notice(sentence(session.fault))
    with st.container(key="train-stage", border=True, gap="xsmall"):
        stage(session, asked.recipe, asked.study, busy)
    if session is not None and not busy and session.begun:
        snapshots(session)
    notices.wrong_link()
    notices.draw(said)


def _controls(session: Session | None, asked: Settings, busy: bool) -> None:
    """Start, stop, go on."""
    if session is not None and busy:
        st.button(
            t("train.stop"), icon=":material/stop:", key="train-stop", on_click=_stop, args=(session,), width="stretch"
        )
        return
    goes_on = session is not None and session.can_go_on
    st.button(
        t("train.start"),
        icon=":material/play_arrow:",
        key="train-start",
        type="secondary" if goes_on else "primary",
        disabled=not asked.ready,
        on_click=_start,
        width="stretch",
    )
    if session is not None and goes_on:
        st.button(
            t("train.resume"),
            icon=":material/resume:",
            key="train-resume",
            type="primary",
            on_click=session.job.start,
            width="stretch",
        )


def _start() -> None:
    st.session_state[_STARTED] = True


def _begin(asked: Settings) -> None:
    """Start what was pressed for, with the settings as they stand on the page: the press itself knows only those that
    were drawn before, not the number that was typed last."""
    if st.session_state.pop(_STARTED, False) and asked.ready:
        assert asked.study is not None
        sessions.begin(asked.recipe, asked.study, asked.start)
        st.rerun()


def _stop(session: Session) -> None:
    session.job.stop()
    session.job.join(PATIENCE)
