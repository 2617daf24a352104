"""Train: pick a task, let several cells race, watch the gates being born, rewind, take the model along."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from gru_viz.training.sessions import Session
from gru_viz.ui.kit import appearance, notices
from gru_viz.ui.kit.i18n import sentence, t
from gru_viz.ui.kit.link import turn_to
from gru_viz.ui.kit.masthead import masthead
from gru_viz.ui.train import session, watch
from gru_viz.ui.train.afterwards import afterwards, choose_runner
from gru_viz.ui.train.settings import Settings, TrainView, settings

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
    watch.places(masthead())
    session.warm_up()
    run = session.current()
    if run is not None:
        run.rest()
    busy = run is not None and run.active
    with st.container(key="train-head", horizontal=True, gap="small", vertical_alignment="top"):
        with st.container(key="train-asked", width="stretch", gap="xsmall"):
            asked = settings(busy)
        with st.container(key="train-controls", width="content", gap="xsmall"):
            _controls(run if _shown(run, asked) else None, asked, busy)
    _begin(asked)
    said = st.container()
    if run is not None and _shown(run, asked) and run.fault is not None:
        notices.notice(sentence(run.fault))
    if not _shown(run, asked):
        run = None  # it is still there for when its task is chosen again
    with st.container(key="train-stage", border=True, gap="xsmall"):
        _stage(run, asked, busy)
    if run is not None and not busy and run.begun:
        afterwards(run)
    notices.wrong_link()
    notices.draw(said)


def _shown(run: Session | None, asked: Settings) -> bool:
    """Whether the visitor's run is of the task that is chosen."""
    return run is not None and run.recipe.task == asked.recipe.task


def _controls(run: Session | None, asked: Settings, busy: bool) -> None:
    """Start, stop, go on."""
    if run is not None and busy:
        st.button(
            t("train.stop"), icon=":material/stop:", key="train-stop", on_click=_stop, args=(run,), width="stretch"
        )
        return
    goes_on = run is not None and run.can_go_on
    st.button(
        t("train.start"),
        icon=":material/play_arrow:",
        key="train-start",
        type="secondary" if goes_on else "primary",
        disabled=not asked.ready,
        on_click=_start,
        width="stretch",
    )
    if run is not None and goes_on:
        st.button(
            t("train.resume"),
            icon=":material/resume:",
            key="train-resume",
            type="primary",
            on_click=run.job.start,
            width="stretch",
        )


def _start() -> None:
    st.session_state[_STARTED] = True


def _begin(asked: Settings) -> None:
    """Start what was pressed for, with the settings as they stand on the page: the press itself knows only those that
    were drawn before, not the number that was typed last."""
    if st.session_state.pop(_STARTED, False) and asked.ready:
        assert asked.study is not None
        session.begin(asked.recipe, asked.study, asked.start)
        st.rerun()


def _stop(run: Session) -> None:
    run.job.stop()
    run.job.join(PATIENCE)


def _stage(run: Session | None, asked: Settings, busy: bool) -> None:
    """Curves and gates; looks again and again while a run goes on, and when it ends the whole page is drawn anew."""
    left, right = st.columns(watch.HALVES, gap="medium", vertical_alignment="center")
    status = left.container(key="train-status")
    status.empty()
    with right:
        choose_runner([at.name for at in run.standings()] if run and run.race else list(asked.recipe.cells))

    def look() -> None:
        with status:
            watch.status(run, asked.recipe)
        watch.charts(run, asked.recipe, asked.study, appearance.colours())
        if busy and run is not None and not run.active:
            st.rerun()

    # Whether it trains is asked once a run of the page: a worker may end while the page is being drawn.
    st.fragment(look, run_every=watch.EVERY if busy else None)()
