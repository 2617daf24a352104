"""The instrument: the player on this run, and beside it, where something is held or edited, the run that follows."""

from __future__ import annotations

import streamlit as st

from gru_viz.errors import InputError
from gru_viz.story.cell_scene import scene
from gru_viz.story.runs import Run
from gru_viz.story.scene import Selection
from gru_viz.ui.explore.selection import commit, selection
from gru_viz.ui.explore.view import view
from gru_viz.ui.explore.what_if import held_by_dragging, second_run
from gru_viz.ui.kit import player_view
from gru_viz.ui.kit.i18n import sentence, speaker, spoken
from gru_viz.ui.kit.link import keep
from gru_viz.ui.kit.markdown import plain
from gru_viz.ui.kit.pickers import pick


def stage(run: Run) -> Selection:
    """Draw the player; give what is selected."""
    _item(run.trace.batch_size)
    at = selection(run)
    try:
        changed = second_run(run, at)
    except InputError as error:
        changed = None
        st.warning(plain(sentence(error)), icon=":material/info:")
    player_view.player(scene(run, at, spoken(), changed), on_commit=_committed)
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
    keep(item=min(view().item, count - 1))

    def number(item: int) -> str:
        return say("batch.number", item=item + 1, items=count)

    pick("item", range(count), "batch.label", number, key="b", widget=st.selectbox, width=220)
