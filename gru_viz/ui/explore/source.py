"""The row of input: what is read, which model reads it, and examples to start from."""

from __future__ import annotations

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gru_viz import models
from gru_viz.cells.spec import FORWARD
from gru_viz.errors import InputError, ModelError
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


def picked(there: list[str]) -> str:
    """The model chosen, if it is among these; else the first that is."""
    chosen = view().model
    if chosen in there:
        return chosen
    refuse("model", chosen)
    return there[0]


def source_place(there: list[str], device: str) -> DeltaGenerator:
    """Draw the input row but for what is read: models, and the chosen one's examples. Give the place of the rest."""
    name = picked(there)
    keep(model=name)
    with source_row(1.75, partial(_model_picker, there)) as left:
        if hints := _hints(name, device):
            text_field.examples("example", hints, FIELD)
    return left


def _hints(name: str, device: str) -> tuple[str, ...]:
    """The examples of a model that reads text; none of one that cannot be read, as `source` will say."""
    if name in ("numbers", "example"):
        return ()
    try:
        loaded = _loaded(name, device)
    except (InputError, ModelError):
        return ()
    return () if loaded.model.vocabulary is None else loaded.hints[:6]


def source(place: DeltaGenerator, device: str) -> tuple[Loaded, Given | None]:
    """Draw what is read into its place, and read it. None when there is nothing to read yet.

    Raises:
        InputError, ModelError: what was given cannot be used; the widgets are drawn all the same.
    """
    name = view().model
    with place:
        if name == "numbers":
            return own_numbers.numbers(device)
        loaded = _loaded(name, device)
        if name == "example":
            return loaded, random_input.random_input(loaded)
        if loaded.model.vocabulary is None:
            return own_numbers.numbers(device, loaded)
        text = text_field.one_line(FIELD, preset(loaded), _hint(loaded))
    text_field.say_if_cut(FIELD)
    if not text:
        notice(_hint(loaded))
        return loaded, None
    return loaded, Given(text=text)


def _loaded(name: str, device: str) -> Loaded:
    return load_mine(name, device) if name in mine() else load(name, device)


def _model_picker(there: list[str]) -> None:
    name = partial(model_name, say=speaker())
    pick("model", there, "model.label", name, changed=_model_changed, width="stretch", wrap=True)


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
