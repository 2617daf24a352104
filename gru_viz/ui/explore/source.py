"""The row of input: what is read, which model reads it, and examples to start from."""

from __future__ import annotations

import streamlit as st

from gru_viz import models
from gru_viz.cells.spec import FORWARD
from gru_viz.ui.explore import random_input
from gru_viz.ui.explore.view import MODELS, keep, refuse, settle, view
from gru_viz.ui.kit import live_text
from gru_viz.ui.kit import own_numbers as numbers
from gru_viz.ui.kit.i18n import speaker, t
from gru_viz.ui.kit.notices import notice
from gru_viz.ui.kit.runs import Given, Loaded, load
from gru_viz.ui.kit.trained import load_mine, mine, model_name

_TYPED = "typed"
FIELD = "text"


def choices() -> list[str]:
    """What can be picked here: the zoo's models that are there, numbers of one's own, what one trained."""
    there = models.available()
    return [*(name for name in MODELS if name == "numbers" or name in there), *mine()]


def picked() -> str:
    """The model chosen, if it is there; else the first that is."""
    chosen = st.session_state.get("model", view().model)
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
    with st.container(key="source", gap="xsmall"):
        left, right = st.columns([1.75, 1], gap="small", vertical_alignment="top")
        with right:
            _model_picker(name)
        with left:
            if name == "numbers":
                return numbers.numbers(device)
            loaded = load_mine(name, device) if name in mine() else load(name, device)
            if name == "example":
                return loaded, random_input.random_input(loaded)
            if loaded.model.vocabulary is None:
                return numbers.numbers(device, loaded)
            text = _text_field(loaded)
        live_text.examples("example", hints_of(loaded)[:6], FIELD)
    return loaded, _given(text, loaded)


def _model_picker(name: str) -> None:
    say = speaker()
    settle("model", name)
    st.segmented_control(
        t("model.label"),
        choices(),
        format_func=lambda choice: model_name(choice, say),
        key="model",
        required=True,
        on_change=_model_changed,
        label_visibility="collapsed",
        width="stretch",
        wrap=True,
    )
    keep(model=name)


def _model_changed() -> None:
    """A new model starts at its own example, or at what was last typed for it; nothing typed is lost."""
    typed = st.session_state.setdefault(_TYPED, {})
    before = view()
    typed[before.model] = before.text
    chosen = st.session_state["model"]
    fresh = dict.fromkeys(("step", "unit", "pins", "hold", "edit"))
    keep(model=chosen, text=typed.get(chosen), layer=0, direction=FORWARD, item=0, **fresh)
    for key in ("text", "b", "data"):
        st.session_state.pop(key, None)


def preset(loaded: Loaded) -> str:
    """What a model shows before anybody has typed: the first of its own hints."""
    hints = hints_of(loaded)
    return hints[0] if hints else t("preset.text")


def hints_of(loaded: Loaded) -> list[str]:
    """Example inputs from the model's card, each on one line."""
    return [hint for hint in loaded.model.card.get("hint") or () if isinstance(hint, str)]


def _text_field(loaded: Loaded) -> str:
    asked = view().text
    text = live_text.field(FIELD, preset(loaded) if asked is None else asked, _hint(loaded))
    keep(text=None if text == preset(loaded) else text)
    return text


def _hint(loaded: Loaded) -> str:
    return t("hint.mine") if loaded.name in mine() else t(f"hint.{loaded.name}")


def _given(text: str, loaded: Loaded) -> Given | None:
    live_text.say_if_cut(FIELD)
    if not text:
        notice(_hint(loaded))
        return None
    return Given(text=text)


def use(text: str) -> None:
    """Put a text into the field, as if it had been typed."""
    live_text.use(FIELD, text)
