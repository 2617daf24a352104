"""The instrument: the player on this run, and beside it, where something is held or edited, the run that follows."""

from __future__ import annotations

import streamlit as st

from gru_viz.errors import InputError
from gru_viz.ui.explore.scene import scene
from gru_viz.ui.explore.selection import Selection, commit, selection
from gru_viz.ui.explore.view import keep, settle, view
from gru_viz.ui.explore.what_if import held_by_dragging, second_run
from gru_viz.ui.kit import appearance, player_view
from gru_viz.ui.kit.i18n import sentence, speaker, t
from gru_viz.ui.kit.runs import Run


def instrument(run: Run) -> Selection:
    """Draw the player; give what is selected."""
    _item(run.trace.batch_size)
    at = selection(run)
    try:
        changed = second_run(run, at)
    except InputError as error:
        changed = None
        st.warning(sentence(error), icon=":material/info:")
    player_view.player(scene(run, at, appearance.colours(), changed), on_commit=_committed)
    return at


def _committed() -> None:
    said = player_view.committed()
    commit(said)
    if said.clamp is not None:
        held_by_dragging(said.clamp)


def _item(count: int) -> None:
    """Which sequence of a batch is shown."""
    if count == 1:
        return
    say = speaker()
    settle("b", min(st.session_state.get("b", view().item), count - 1))
    chosen = st.selectbox(
        t("batch.label"),
        range(count),
        format_func=lambda k: say("batch.number", item=k + 1, items=count),
        key="b",
        width=220,
        label_visibility="collapsed",
    )
    keep(item=chosen)
