"""Bi-GRU: one text read from both ends, and what either reader knew where they meet."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gru_viz.errors import InputError, ModelError
from gru_viz.story.readers import Readers, missing, read, there
from gru_viz.ui.bigru.drawers import drawers
from gru_viz.ui.bigru.remembered import forget, remembered
from gru_viz.ui.bigru.source import PRESETS, example, source, source_place, stamp
from gru_viz.ui.bigru.stage import selected, stage
from gru_viz.ui.bigru.view import BiGruView
from gru_viz.ui.kit import address, appearance, notices
from gru_viz.ui.kit.i18n import sentence, t
from gru_viz.ui.kit.link import turn_to
from gru_viz.ui.kit.masthead import chips, device, masthead
from gru_viz.ui.kit.parts import part

_SHOWN = "bigru-shown"


def bigru() -> None:
    """The page."""
    turn_to(BiGruView)
    appearance.dress()
    head = masthead()
    examples = there()
    if not examples:
        st.error(t("bigru.no_models"))
        return
    reading(head, source_place(examples))


@part
def reading(head: DeltaGenerator, place: DeltaGenerator) -> None:
    """All that follows what is typed.

    Args:
        head, place: where the chips stand, and what is read.
    """
    notices.clear()
    shown = read_it(place)
    said = st.container()
    chips(head, *shown.runs.values())
    instrument(shown)
    notices.wrong_link()
    if absent := missing():
        notices.notice(t("bigru.missing", models=", ".join(absent)))
    notices.unknown(len(shown.unknown), len(shown.tokens), t(f"bigru.example.{shown.example}"))
    notices.draw(said)


def read_it(place: DeltaGenerator) -> Readers:
    """Read what was given; if it cannot be, say why and keep the picture there was."""
    try:
        text = source(place)
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


@part
def instrument(shown: Readers) -> None:
    """The lanes and what follows their selection: a committed step draws nothing else."""
    at = selected(shown)
    stage(shown, remembered(shown, stamp()), at)
    drawers(shown, at.step)
    address.write()
