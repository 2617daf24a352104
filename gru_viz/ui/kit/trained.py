"""Models this visitor has trained on the Train page, as long as the session lasts."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from gru_viz.models import SequenceModel
from gru_viz.story.runs import Loaded, ready
from gru_viz.ui.kit.i18n import t

TRAINED = "trained"
"""Where in the session they lie: name -> model."""


def mine() -> dict[str, SequenceModel]:
    """Name -> model, in the order in which they were taken along."""
    return st.session_state.setdefault(TRAINED, {})


def take(model: SequenceModel) -> None:
    """Keep a model for the other pages; a newer one takes the place of one of the same name."""
    mine()[model.name] = model


def load_mine(name: str, device: str) -> Loaded:
    """One of them, ready on a device."""
    model = mine()[name]
    kept: dict[str, tuple[SequenceModel, Loaded]] = st.session_state.setdefault("trained-ready", {})
    before = kept.get(name)
    if before is None or before[0] is not model or before[1].device != device:
        kept[name] = model, ready(model, device)
    return kept[name][1]


def model_name(name: str, say: Callable[..., str] = t) -> str:
    """What a model is called on a page."""
    if name in st.session_state.get(TRAINED, {}):
        return say("model.mine", name=name.removeprefix("trained-").replace("-", " "))
    return say(f"model.{name}")
