"""The lanes player on a page: mounts the component and gives back the step that was committed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

from gru_viz.draw.player import bundle
from gru_viz.draw.player.lanes import blob
from gru_viz.locale import player_words
from gru_viz.story.lanes import Lanes
from gru_viz.ui.kit import appearance
from gru_viz.ui.kit.i18n import spoken
from gru_viz.ui.kit.player_view import DAMAGED
from gru_viz.ui.kit.served import Served

_COMPONENT = Served("lanes", partial(bundle.js, DAMAGED, bundle.LANES))


def committed(key: str = "lanes") -> int | None:
    """The step committed last, from 0; None where none was. Readable before the lanes are drawn."""
    return _said(key).get("step")


def _said(key: str) -> dict[str, int]:
    state = st.session_state.get(key)
    said = state.get("step") if state else None
    return said if isinstance(said, dict) else {}


def lanes(scene: Lanes, *, key: str = "lanes", on_commit: Callable[[], None] = lambda: None) -> int | None:
    """Draw the lanes; give the step committed last.

    Args:
        scene: what is shown; its step moves the player only where it differs from the scene's before. Where it brings
            no words of the player's own, they are added.
        on_commit: called when the visitor commits a step, before the page runs again.
    """
    whole = replace(scene, labels=scene.labels or player_words(spoken()))
    data = blob(whole, appearance.colours(), _said(key).get("count", 0))
    _COMPONENT(key=key, data=data, on_step_change=on_commit, height="content")
    return committed(key)
