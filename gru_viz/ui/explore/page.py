"""Explore: type something, and see a real GRU decide at every step what to keep and what to overwrite."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gru_viz.errors import InputError, ModelError
from gru_viz.story.runs import Given, Run, load, run
from gru_viz.ui.explore.continue_text import continue_text, take_over
from gru_viz.ui.explore.drawers import drawers
from gru_viz.ui.explore.source import choices, preset, source, source_place
from gru_viz.ui.explore.stage import stage
from gru_viz.ui.explore.view import ExploreView
from gru_viz.ui.kit import address, appearance, notices
from gru_viz.ui.kit.i18n import sentence, t
from gru_viz.ui.kit.link import turn_to
from gru_viz.ui.kit.masthead import chips, device, masthead
from gru_viz.ui.kit.parts import part
from gru_viz.ui.kit.trained import model_name

_SHOWN = "shown"


def explore() -> None:
    """The home page."""
    turn_to(ExploreView)
    appearance.dress()
    take_over()
    head = masthead()
    there = choices()
    if not there:
        st.error(t("error.no_models"))
        return
    reading(head, source_place(there, device()))


@part
def reading(head: DeltaGenerator, place: DeltaGenerator) -> None:
    """All that follows what is typed.

    Args:
        head, place: where the chips stand, and what is read.
    """
    notices.clear()
    shown = read_and_run(place)
    said = st.container()
    chips(head, shown)
    instrument(shown)
    continue_text(shown)
    notices.wrong_link()
    notices.unknown(len(shown.unknown), len(shown.trace), model_name(shown.model.name))
    notices.draw(said)


def read_and_run(place: DeltaGenerator) -> Run:
    """Run what was given; if it cannot be, say why and keep the picture there was, and say what it is of."""
    try:
        loaded, given = source(place, device())
        if given is not None:
            st.session_state[_SHOWN] = run(loaded, given)
            return st.session_state[_SHOWN]
        if not _same_model(loaded.name):
            st.session_state[_SHOWN] = run(loaded, Given(text=preset(loaded)))
    except (InputError, ModelError) as error:
        notices.notice(sentence(error))
        if _SHOWN not in st.session_state:
            st.session_state[_SHOWN] = _first()
    kept: Run = st.session_state[_SHOWN]
    notices.notice(t("notice.still", model=model_name(kept.model.name), what=kept.given.in_short))
    return kept


def _same_model(name: str) -> bool:
    return _SHOWN in st.session_state and st.session_state[_SHOWN].model.name == name


def _first() -> Run:
    """What the page opens with when a link's own input cannot be read: the first model that can."""
    *others, last = (name for name in choices() if name != "numbers")
    for name in others:
        with suppress(ModelError):
            return _preset_run(name)
    return _preset_run(last)


def _preset_run(name: str) -> Run:
    loaded = load(name, "cpu")
    return run(loaded, Given(text=preset(loaded)))


@part
def instrument(shown: Run) -> None:
    """The player and what follows its selection: a step, unit or layer committed draws nothing else."""
    at = stage(shown)
    drawers(shown, at)
    address.write()
