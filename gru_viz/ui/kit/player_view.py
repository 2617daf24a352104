"""The player on a page: mounts the component, keeps what was committed, gives it back.

Playing, scrubbing and hovering stay in the browser. What comes back is a commit: a click, a key, a pause.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from gru_viz.draw.player import bundle
from gru_viz.draw.player.wire import blob
from gru_viz.locale import LANGUAGES, translate
from gru_viz.story.scene import Committed, Scene
from gru_viz.ui.kit import appearance
from gru_viz.ui.kit.served import Served

DAMAGED = {language: translate(language, "player.damaged") for language in LANGUAGES}
_COMPONENT = Served("player", partial(bundle.js, DAMAGED))


def committed(key: str = "player") -> Committed:
    """What was committed last, readable before the player is drawn."""
    state = st.session_state.get(key)
    return _read(state, state.get("clamp") if state else None)


def player(scene: Scene, *, key: str = "player", on_commit: Callable[[], None] = lambda: None) -> Committed:
    """Draw the player.

    Args:
        scene: what it shows; its selection moves the player only where it differs from the scene's before.
        on_commit: called when the visitor commits something, before the page runs again.
    """
    return mount(blob(scene, appearance.colours(), committed(key).count), key=key, on_commit=on_commit)


def mount(data: bytes, *, key: str = "player", on_commit: Callable[[], None] = lambda: None) -> Committed:
    """Draw the player from a blob that was made before."""
    result = _COMPONENT(key=key, data=data, on_selection_change=on_commit, on_clamp_change=on_commit, height="content")
    return _read(result, getattr(result, "clamp", None))


def _read(state: Any, clamp: Any) -> Committed:
    said = state.get("selection") if state else None
    if not isinstance(said, dict):
        return Committed(clamp=clamp)
    pins = said.get("pins")
    return Committed(
        step=said.get("step"),
        unit=said.get("unit"),
        convention=said.get("convention"),
        order=said.get("order"),
        layer=said.get("layer"),
        direction=said.get("direction"),
        pins=None if pins is None else tuple(pins),
        clamp=clamp,
        count=said.get("count") or 0,
    )
