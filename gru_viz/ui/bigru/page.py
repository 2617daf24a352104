"""Bi-GRU: one text read from both ends, and what either reader knew where they meet."""

from __future__ import annotations

import streamlit as st

from gru_viz.errors import InputError, ModelError
from gru_viz.story.readers import Readers, missing, read, there
from gru_viz.ui.bigru.drawers import drawers
from gru_viz.ui.bigru.remembered import forget, remembered
from gru_viz.ui.bigru.source import PRESETS, example, source, stamp
from gru_viz.ui.bigru.stage import selected, stage
from gru_viz.ui.bigru.view import BiGruView
from gru_viz.ui.kit import address, appearance, notices
from gru_viz.ui.kit.i18n import sentence, t
from gru_viz.ui.kit.link import turn_to
from gru_viz.ui.kit.masthead import chips, device, masthead

_SHOWN = "bigru-shown"


def bigru() -> None:
    """The page."""
    turn_to(BiGruView)
    appearance.dress()
    notices.clear()
    head = masthead()
    if not there():
        st.error(t("bigru.no_models"))
        return
    reading = read_it()
    said = st.container()
    chips(head, *reading.runs.values())
    instrument(reading)
    notices.wrong_link()
    if absent := missing():
        notices.notice(t("bigru.missing", models=", ".join(absent)))
    notices.unknown(len(reading.unknown), len(reading.tokens), t(f"bigru.example.{reading.example}"))
    notices.draw(said)


def read_it() -> Readers:
    """Read what was given; if it cannot be, say why and keep the picture there was."""
    try:
        text = source()
        if text is not None:
            st.session_state[_SHOWN] = read(example(), text, device())
        else:
            forget()
    except (InputError, ModelError) as error:
        notices.notice(sentence(error))
    shown = st.session_state.get(_SHOWN)
    if shown is None or shown.example != example():
        shown = st.session_state[_SHOWN] = read(example(), PRESETS[example()][0], device())
    return shown


@st.fragment
def instrument(reading: Readers) -> None:
    """The lanes and what follows their selection. A fragment: a committed step draws nothing else."""
    at = selected(reading)
    stage(reading, remembered(reading, stamp()), at)
    drawers(reading, at.step)
    address.write()
