"""Continue the text: the language model writes on, symbol by symbol, until it is done or told to stop."""

from __future__ import annotations

import time
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gru_viz.errors import InputError
from gru_viz.locale.digits import percent
from gru_viz.story.runs import Run
from gru_viz.story.symbols import visible
from gru_viz.ui.explore.source import FIELD
from gru_viz.ui.explore.view import view
from gru_viz.ui.kit import address, text_field
from gru_viz.ui.kit.i18n import sentence, t
from gru_viz.ui.kit.link import keep, settle
from gru_viz.ui.kit.markdown import plain
from gru_viz.ui.kit.whole import whole_number

LENGTH = 120
PAUSE = 0.03
"""Seconds between two symbols: fast enough to read along, slow enough to see each choice."""
_STORY, _WRITING, _TAKEN = "story", "writing", "taken"


def continue_text(run: Run) -> None:
    """The panel; shown for models that predict the next symbol."""
    if run.model.kind == "next" and run.given.text:
        with st.container(key="continue", border=True, gap="xsmall"):
            _panel(run, run.given.text)


@st.fragment
def _panel(run: Run, prompt: str) -> None:
    _forget_other_prompts(run, prompt)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        settle("temperature", st.session_state.get("temperature", view().temperature))
        st.slider(t("continue.temperature"), 0.0, 2.0, step=0.1, key="temperature", width=190, on_change=_stop)
        settle("seed", st.session_state.get("seed", view().seed))
        trouble = _seed()
        keep(temperature=round(st.session_state["temperature"], 1))
        st.button(
            t("continue.start"),
            key="continue-start",
            on_click=_start,
            icon=":material/edit:",
            type="primary",
            disabled=bool(trouble),
        )
        st.button(t("continue.stop"), key="continue-stop", on_click=_stop, icon=":material/stop:")
        taking = st.container(width="content")
    if trouble:
        st.session_state[_WRITING] = False
        st.warning(trouble)
    place = st.empty()
    if st.session_state[_WRITING]:
        _write(run, prompt, place)
    elif st.session_state[_STORY]:
        place.html(_page(prompt, st.session_state[_STORY], ""))
    if st.session_state[_STORY] and taking.button(t("continue.use"), key="continue-use", icon=":material/input:"):
        st.session_state[_TAKEN] = prompt + st.session_state[_STORY]
        st.rerun()
    address.write("address-of-continue")


def _seed() -> str:
    """Keep the seed that stands in the field; or why it cannot be."""
    try:
        keep(seed=whole_number(t("continue.seed"), 0, 2**31 - 1, key="seed", step=1, width=130, on_change=_stop))
    except InputError as error:
        return sentence(error)
    return ""


def _forget_other_prompts(run: Run, prompt: str) -> None:
    """Another model or prompt starts a new page."""
    if st.session_state.get("story-of") != (run.model.name, prompt):
        st.session_state["story-of"] = (run.model.name, prompt)
        st.session_state[_STORY] = ""
        st.session_state[_WRITING] = False


def _start() -> None:
    st.session_state[_WRITING] = True
    st.session_state[_STORY] = ""


def _stop() -> None:
    st.session_state[_WRITING] = False


def take_over() -> None:
    """Put a finished text into the input field; called before the field is drawn."""
    if (text := st.session_state.pop(_TAKEN, None)) is not None:
        text_field.use(FIELD, text)


def _write(run: Run, prompt: str, place: DeltaGenerator) -> None:
    """One symbol at a time. Stop interrupts between two; so does any other control, after which the same text goes on:
    the seed decides it, so what stands already is passed over."""
    story = ""
    try:
        for made in run.model.generate(prompt, LENGTH, view().temperature, view().seed):
            story += made.token
            if len(story) <= len(st.session_state[_STORY]):
                continue
            st.session_state[_STORY] = story
            top = "   ".join(f"{visible(s)} {t('number.percent', value=percent(p))}" for s, p in made.top[:3])
            place.html(_page(prompt, story, top))
            time.sleep(PAUSE)
    except InputError as error:
        place.caption(plain(sentence(error)))
    st.session_state[_WRITING] = False


def _page(prompt: str, story: str, top: str) -> str:
    note = f'<div class="gv-note">{escape(top)}&nbsp;</div>'
    return f'<div class="gv-story" data-testid="story">{escape(prompt)}<b>{escape(story)}</b></div>{note}'
