"""A text field that runs the model while one types, and chips that put an example into it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from gru_viz.ui.kit.i18n import t
from gru_viz.ui.kit.link import MOST_CHARACTERS, settle
from gru_viz.ui.kit.markdown import plain
from gru_viz.ui.kit.notices import notice

LIVE = "60ms"
"""How long typing pauses before the model runs: one keystroke, one run, but not two for a held key."""


def field(key: str, opening: str, hint: str) -> str:
    """Draw the field and give what stands in it, cut where it is too long.

    Args:
        opening: what stands in it when it is new.
        hint: what stands in it when it is empty.
    """
    if key not in st.session_state:
        settle(key, opening)
        _cut(key)
    st.text_input(
        t("text.label"),
        key=key,
        live=LIVE,
        on_change=partial(_cut, key),
        placeholder=hint,
        label_visibility="collapsed",
        autocomplete="off",
    )
    return st.session_state[key]


def say_if_cut(key: str) -> None:
    """A text that was too long says so."""
    if cut := st.session_state.get(f"{key}-cut"):
        notice(t("notice.cut", given=f"{cut:,}", most=f"{MOST_CHARACTERS:,}"))


def _cut(key: str) -> None:
    text = st.session_state[key]
    st.session_state[f"{key}-cut"] = len(text) if len(text) > MOST_CHARACTERS else 0
    if st.session_state[f"{key}-cut"]:
        st.session_state[key] = text[:MOST_CHARACTERS]


def use(key: str, text: str) -> None:
    """Put a text into the field, as if it had been typed."""
    st.session_state[key] = text
    _cut(key)


def examples(key: str, hints: Sequence[str], into: str) -> None:
    """Chips: one widget, for every widget costs each keystroke its share."""
    with st.container(key="examples"):
        st.pills(
            t("examples.label"),
            hints,
            format_func=_short,
            key=key,
            on_change=partial(_use_example, key, into),
            label_visibility="collapsed",
        )


def _use_example(key: str, into: str) -> None:
    hint, st.session_state[key] = st.session_state[key], None
    if hint is not None:
        use(into, hint)


def _short(hint: str) -> str:
    # A button's label is Markdown: what the hint says must stay what it says, and spaces in front would make it code.
    text = hint.lstrip(" ")
    text = text if len(text) <= 28 else text[:27] + "…"
    return plain(text.replace("\n", "↵"))
