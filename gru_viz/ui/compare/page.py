"""Compare: the same input through an RNN, an LSTM and a GRU that cost the same, side by side."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gru_viz.errors import InputError, ModelError
from gru_viz.story.compared import unusual
from gru_viz.story.trio import Trio, load_three, offered, run_three
from gru_viz.ui.compare.drawers import drawers
from gru_viz.ui.compare.ledger import ledger
from gru_viz.ui.compare.source import preset, source, source_place
from gru_viz.ui.compare.stage import forecasts, stage
from gru_viz.ui.compare.view import CompareView
from gru_viz.ui.kit import appearance, notices
from gru_viz.ui.kit.i18n import sentence, t
from gru_viz.ui.kit.link import turn_to
from gru_viz.ui.kit.masthead import chips, device, masthead
from gru_viz.ui.kit.parts import part

_SHOWN = "compared"


def compare() -> None:
    """The page."""
    turn_to(CompareView)
    appearance.dress()
    head = masthead()
    if not offered():
        st.error(t("compare.no_models"))
        return
    reading(head, source_place(device()))


@part
def reading(head: DeltaGenerator, place: DeltaGenerator) -> None:
    """All that follows what is typed.

    Args:
        head, place: where the chips stand, and what is read.
    """
    notices.clear()
    shown = read_and_run(place)
    said = st.container()
    chips(head, *shown.runs.values())
    with st.container(key="compared"):
        left, right = st.columns([1.45, 1], gap="medium")
        with left:
            stage(shown)
            forecasts(shown)
        with right:
            ledger(shown, device())
    drawers(shown, device())
    notices.wrong_link()
    remark(shown)
    notices.draw(said)


def read_and_run(place: DeltaGenerator) -> Trio:
    """Run what was given; if it cannot be, say why and keep the picture there was."""
    try:
        task, loaded, given = source(place, device())
        if given is not None:
            st.session_state[_SHOWN] = run_three(task, loaded, given)
        elif _SHOWN not in st.session_state or st.session_state[_SHOWN].task != task:
            st.session_state[_SHOWN] = run_three(task, loaded, preset(loaded))
    except (InputError, ModelError) as error:
        notices.notice(sentence(error))
        if _SHOWN not in st.session_state:
            task = offered()[0]
            loaded = load_three(task, "cpu")
            st.session_state[_SHOWN] = run_three(task, loaded, preset(loaded))
    return st.session_state[_SHOWN]


def remark(shown: Trio) -> None:
    """Say what of the input no model has seen, or what it does not ask."""
    notices.unknown(len(shown.any.unknown), len(shown), t(f"compare.task.{shown.task}"))
    if key := unusual(shown.task, shown.given, shown.any.tokens):
        notices.notice(t(key))
