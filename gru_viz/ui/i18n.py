"""Every word a visitor reads comes from the catalogues in `gru_viz/locale`; code knows only keys.

Keys are gettext message ids ("step.of"); Babel reads the .po files at start, so there is nothing to compile. English is
the fallback for a key another language lacks; tests keep the catalogues equal. An error speaks English by itself, so
the English catalogue holds only those error sentences that read differently on a page.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import streamlit as st
from babel.messages.pofile import read_po

from gru_viz.errors import InputError, ModelError

LANGUAGES = ("en", "zh")
DEFAULT = "en"
_LOCALE = Path(__file__).resolve().parent.parent / "locale"
_CHOSEN = "language"


@cache
def catalogue(language: str) -> dict[str, str]:
    """Key -> sentence of one language, from all of its .po files."""
    found: dict[str, str] = {}
    for path in sorted((_LOCALE / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            found |= {str(m.id): str(m.string) for m in read_po(file, locale=language) if m.id and m.string}
    return found


def translate(language: str, key: str, /, **params: object) -> str:
    """One sentence in one language, its {placeholders} filled; the key itself if nobody has written it."""
    sentence = catalogue(language).get(key) or catalogue(DEFAULT).get(key, key)
    return sentence.format(**params) if params else sentence


def speak(language: str) -> None:
    """Choose the language of this visitor's session."""
    st.session_state[_CHOSEN] = language


def spoken() -> str:
    """The language of this visitor's session."""
    return st.session_state.get(_CHOSEN, DEFAULT)


def browser_language() -> str:
    """The browser's language if we speak it, else English."""
    locale = (st.context.locale or "").lower()
    return next((language for language in LANGUAGES if locale.startswith(language)), DEFAULT)


def t(key: str, /, **params: object) -> str:
    """One sentence in the visitor's language."""
    return translate(spoken(), key, **params)


def speaker() -> Callable[..., str]:
    """`t` with the language fixed now: for a widget's format_func, which Streamlit may call when no page is running."""
    return partial(translate, spoken())


def sentence(error: InputError | ModelError) -> str:
    """An error in the visitor's language; its own English sentence where the catalogue has none."""
    key = f"error.{error.code}"
    return t(key, **error.params) if key in catalogue(spoken()) else str(error)
