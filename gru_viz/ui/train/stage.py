"""What one sees while it trains: how far, how fast, the curves of all runners, the gates of one."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from operator import attrgetter

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gru_viz.draw import race_figures as race
from gru_viz.errors import InputError, ModelError
from gru_viz.models.sequence import Input
from gru_viz.story.training_told import footnotes, progress
from gru_viz.training import studies
from gru_viz.training.race import Gates
from gru_viz.training.race import gates as read_gates
from gru_viz.training.sessions import Session
from gru_viz.training.studies import Recipe, Study
from gru_viz.ui.kit import appearance
from gru_viz.ui.kit.figures import show_bare
from gru_viz.ui.kit.i18n import sentence, speaker, t
from gru_viz.ui.kit.link import settle
from gru_viz.ui.kit.markdown import plain
from gru_viz.ui.train import session as sessions

EVERY = 0.7
"""Seconds between two looks at a session."""
HALVES = [1.12, 1]


def places(head: DeltaGenerator) -> None:
    """How many of the machine's places are taken now, in the masthead."""
    words = t("train.places", busy=sessions.WORKERS.busy(), places=sessions.WORKERS.places)
    with head.container(key="train-places", width="content"):
        st.html(
            f'<span class="gv-chip" title="{escape(t("train.places_help"))}">{escape(words)}</span>', width="content"
        )


def stage(session: Session | None, recipe: Recipe, study: Study | None, busy: bool) -> None:
    """Curves and gates; looks again and again while a session goes on, and when it ends the whole page is drawn anew.

    Args:
        session: None while nothing of this task was trained: then it shows what the recipe would begin with.
        busy: whether it trained or waited to when the page began to be drawn.
    """
    left, right = st.columns(HALVES, gap="medium", vertical_alignment="center")
    status = left.container(key="train-status")
    status.empty()
    with right:
        _choose_runner([at.name for at in session.standings()] if session and session.race else recipe.cells)

    def look() -> None:
        with status:
            _status(session, recipe)
        _charts(session, recipe, study)
        if busy and session is not None and not session.active:
            st.rerun()

    st.fragment(look, run_every=EVERY if busy else None)()


def _choose_runner(names: Sequence[str]) -> None:
    """Which runner's gates are watched and whose snapshots are played."""
    if len(names) < 2:
        return
    settle("train-watch", watched(names))
    st.segmented_control(
        t("train.watch"), names, key="train-watch", required=True, label_visibility="collapsed", width="content"
    )


def watched(names: Sequence[str]) -> str:
    """The runner that was chosen, if it is among these; else the first."""
    chosen = st.session_state.get("train-watch", "")
    return chosen if chosen in names else names[0]


def _status(session: Session | None, recipe: Recipe) -> None:
    """One line: how far it is; before it, what the task is."""
    if session is None:
        st.html(f'<div class="gv-about">{t(f"train.about_{recipe.task}")}</div>')
        return
    words, share = (plain(sentence(session.fault)), 0.0) if session.fault else progress(session, speaker())
    st.progress(share, text=words)


def _charts(session: Session | None, recipe: Recipe, study: Study | None) -> None:
    """Curves on the left, the gates of one runner on the right."""
    left, right = st.columns(HALVES, gap="medium")
    colours, say = appearance.colours(), speaker()
    with left, st.container(key="train-curves", gap="xsmall"):
        st.html(race.legend(session, recipe, colours, say))
        figure = race.race_figure(session, recipe, t("train.empty" if study else "train.empty_file"), colours, say)
        show_bare(figure, t("train.curves_alt"), key="train-chart")
        if said := footnotes(session, say):
            st.caption(said)
    with right, st.container(key="train-gates", gap="xsmall"):
        found = _gates(session, recipe, study)
        if found is None:
            st.caption(t("train.gates_empty"))
            return
        cell, seen, fixed = found
        st.html(race.watched_line(cell, seen, say))
        figure = race.gates_figure(cell, seen, fixed, colours, say)
        show_bare(figure, t("train.gates_alt"), key="train-strips")


def _gates(session: Session | None, recipe: Recipe, study: Study | None) -> tuple[str, Gates, Input] | None:
    """The runner chosen to be watched, its latest gates, and what it reads; before any race, its initialisation."""
    if session is not None:
        seen = {at.name: at.gates for at in session.standings() if at.gates is not None}
        return (name := watched([*seen]), seen[name], session.study.fixed) if seen else None
    if study is None or not recipe.cells:
        return None
    name = watched(recipe.cells)
    try:
        return name, _untrained(study, recipe, name), study.fixed
    except (InputError, ModelError):
        return None


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs={Study: attrgetter("identity")})
def _untrained(study: Study, recipe: Recipe, cell: str) -> Gates:
    """The gates of the initialisation a race of this recipe would start from."""
    return Gates(0, read_gates(studies.untrained(study, cell, recipe), study.fixed))
