"""The row of input: what is read, which model reads it, and examples to start from."""

from __future__ import annotations

from functools import partial

import streamlit as st

from gru_viz import models
from gru_viz.cells.spec import FORWARD
from gru_viz.story.runs import Given, Loaded, load
from gru_viz.ui.explore import own_numbers, random_input
from gru_viz.ui.explore.view import MODELS, view
from gru_viz.ui.kit import text_field
from gru_viz.ui.kit.i18n import speaker, t
from gru_viz.ui.kit.link import keep, refuse
from gru_viz.ui.kit.notices import notice
from gru_viz.ui.kit.pickers import pick
from gru_viz.ui.kit.source_row import another, source_row
from gru_viz.ui.kit.trained import load_mine, mine, model_name

FIELD = "text"


def choices() -> list[str]:
    """What can be picked here: the zoo's models that are there, numbers of one's own, what one trained."""
    there = models.available()
    return [*(name for name in MODELS if name == "numbers" or name in there), *mine()]


def picked() -> str:
    """The model chosen, if it is there; else the first that is."""
    chosen = view().model
    if chosen in choices():
        return chosen
    refuse("model", chosen)
    return choices()[0]


def source(device: str) -> tuple[Loaded, Given | None]:
    """Draw the input row for the chosen model and read it. None when there is nothing to read yet.

    Raises:
        InputError, ModelError: what was given cannot be used; the widgets are drawn all the same.
    """
    name = picked()
    keep(model=name)
    with source_row(1.75, _model_picker) as left:
        with left:
            if name == "numbers":
                return own_numbers.numbers(device)
            loaded = load_mine(name, device) if name in mine() else load(name, device)
            if name == "example":
                return loaded, random_input.random_input(loaded)
            if loaded.model.vocabulary is None:
                return own_numbers.numbers(device, loaded)
            text = text_field.one_line(FIELD, preset(loaded), _hint(loaded))
        text_field.examples("example", loaded.hints[:6], FIELD)
    text_field.say_if_cut(FIELD)
    if not text:
        notice(_hint(loaded))
        return loaded, None
    return loaded, Given(text=text)


def _model_picker() -> None:
    name = partial(model_name, say=speaker())
    pick("model", choices(), "model.label", name, changed=_model_changed, width="stretch", wrap=True)


def _model_changed() -> None:
    fresh = dict.fromkeys(("step", "unit", "pins", "hold", "edit"))
    another("model", "model", FIELD, layer=0, direction=FORWARD, item=0, **fresh)
    for key in ("b", "data"):
        st.session_state.pop(key, None)


def preset(loaded: Loaded) -> str:
    """What a model shows before anybody has typed: the first of its own hints."""
    return loaded.hints[0] if loaded.hints else t("preset.text")


def _hint(loaded: Loaded) -> str:
    return t("hint.mine") if loaded.name in mine() else t(f"hint.{loaded.name}")
