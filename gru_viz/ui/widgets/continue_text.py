"""Continue the text: the language model writes on, symbol by symbol, until it is done or told to stop."""

from __future__ import annotations

import time
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gru_viz.errors import InputError
from gru_viz.ui.i18n import sentence, t
from gru_viz.ui.runs import Run
from gru_viz.ui.state import keep, settle, view
from gru_viz.ui.symbols import visible
from gru_viz.ui.widgets.source import use

LENGTH = 120
PAUSE = 0.03
"""Seconds between two symbols: fast enough to read along, slow enough to see each choice."""
_STORY, _WRITING = "story", "writing"


def continue_text(run: Run) -> None:
    """The panel; shown for models that predict the next symbol."""
    if run.model.kind == "next" and run.given.text:
        with st.container(key="continue", border=True, gap="xsmall"):
            _panel(run, run.given.text)


@st.fragment
def _panel(run: Run, prompt: str) -> None:
    story = _story(run, prompt)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        settle("temperature", st.session_state.get("temperature", view().temperature))
        st.slider(t("continue.temperature"), 0.0, 2.0, step=0.1, key="temperature", width=190)
        settle("seed", st.session_state.get("seed", view().seed))
        st.number_input(t("continue.seed"), 0, 2**31 - 1, key="seed", step=1, width=130)
        keep(temperature=round(st.session_state["temperature"], 1), seed=int(st.session_state["seed"]))
        st.button(t("continue.start"), key="continue-start", on_click=_start, icon=":material/edit:", type="primary")
        st.button(t("continue.stop"), key="continue-stop", on_click=_stop, icon=":material/stop:")
        if story:
            st.button(t("continue.use"), key="continue-use", on_click=_use, args=(prompt + story,), icon=":material/input:")
    place = st.empty()
    if st.session_state.get(_WRITING):
        _write(run, prompt, place)
        st.rerun(scope="fragment")
    elif story:
        place.html(_page(prompt, story, ""))
    if st.session_state.pop("continue-used", False):
        st.rerun()


def _story(run: Run, prompt: str) -> str:
    """What has been written after this very prompt; another prompt starts a new page."""
    if st.session_state.get("story-of") != (run.model.name, prompt):
        st.session_state["story-of"] = (run.model.name, prompt)
        st.session_state[_STORY] = ""
        st.session_state[_WRITING] = False
    return st.session_state[_STORY]


def _start() -> None:
    st.session_state[_WRITING] = True
    st.session_state[_STORY] = ""


def _stop() -> None:
    st.session_state[_WRITING] = False


def _use(text: str) -> None:
    use(text)
    st.session_state["continue-used"] = True


def _write(run: Run, prompt: str, place: DeltaGenerator) -> None:
    """One symbol at a time; pressing Stop, or anything else on the page, interrupts between two symbols."""
    try:
        for made in run.model.generate(prompt, LENGTH, view().temperature, view().seed):
            st.session_state[_STORY] += made.token
            top = "   ".join(f"{visible(s)} {t('number.percent', value=f'{100 * p:.0f}')}" for s, p in made.top[:3])
            place.html(_page(prompt, st.session_state[_STORY], top))
            time.sleep(PAUSE)
    except InputError as error:
        place.caption(sentence(error))
    st.session_state[_WRITING] = False


def _page(prompt: str, story: str, top: str) -> str:
    note = f'<div class="gv-note">{escape(top)}&nbsp;</div>'
    return f'<div class="gv-story" data-testid="story">{escape(prompt)}<b>{escape(story)}</b></div>{note}'
