"""The language of this visitor's session, and words in it (`gru_viz.locale`)."""

from __future__ import annotations

import streamlit as st

from gru_viz import locale
from gru_viz.errors import InputError, ModelError
from gru_viz.locale import DEFAULT, LANGUAGES, Say, translate

_CHOSEN = "language"


def speak(language: str) -> None:
    """Choose the language of this visitor's session."""
    st.session_state[_CHOSEN] = language


def spoken() -> str:
    """The language of this visitor's session."""
    return st.session_state.get(_CHOSEN, DEFAULT)


def browser_language() -> str:
    """The browser's language if we speak it, else English."""
    wanted = (st.context.locale or "").lower()
    return next((language for language in LANGUAGES if wanted.startswith(language)), DEFAULT)


def t(key: str, /, **params: object) -> str:
    """One sentence in the visitor's language."""
    return translate(spoken(), key, **params)


def speaker() -> Say:
    """`t` with the language fixed now: for a widget's format_func, which Streamlit may call when no page is running,
    and for whatever makes sentences without knowing of a session."""
    return locale.speaker(spoken())


def sentence(error: InputError | ModelError) -> str:
    """An error in the visitor's language."""
    return locale.error_sentence(spoken(), error)
