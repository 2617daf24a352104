"""The text a page reads, as one types it: a field of one line or of several, and chips that put an example into it.

The view's `text` is what is true, None standing for the example the field opens with. A text that is too long, typed
or linked, is cut and says so; the field then shows what is read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from gru_viz.limits import TEXT_CHARACTERS
from gru_viz.locale.digits import count
from gru_viz.ui.kit.i18n import t
from gru_viz.ui.kit.link import keep, viewed
from gru_viz.ui.kit.live_field import live_field, typed
from gru_viz.ui.kit.markdown import plain
from gru_viz.ui.kit.notices import notice


def one_line(key: str, opening: str, hint: str) -> str:
    """Draw a field of one line; what is read.

    Args:
        opening: the example it opens with.
        hint: what stands in it when it is empty.
    """
    return _field(key, opening, hint, several=False)


def several_lines(key: str, opening: str, hint: str) -> str:
    """Draw a field of several lines; what is read. The same as `one_line` else."""
    return _field(key, opening, hint, several=True)


def _field(key: str, opening: str, hint: str, *, several: bool) -> str:
    text = _held(key, opening)
    live_field(text, stamp(key), t("text.label"), hint, key=key, several=several, on_change=partial(_typed, key))
    return text


def _typed(key: str) -> None:
    """Take over what was typed, but not into a text that another one has just taken the place of: who types and
    presses at once is told in any order."""
    told = typed(key)
    if told is not None and told.stamp == stamp(key):
        keep(text=told.text)


def _held(key: str, opening: str) -> str:
    text = viewed("text")
    if text is None:
        return opening
    if len(text) > TEXT_CHARACTERS:
        given, text = len(text), text[:TEXT_CHARACTERS]
        keep(text=text)
        _anew(key)
        st.session_state[f"{key}-cut"] = text, given
    if text == opening:
        keep(text=None)
    return text


def say_if_cut(key: str) -> None:
    """A text that was too long says so, as long as it stands there."""
    text, given = st.session_state.get(f"{key}-cut", (None, 0))
    if text is not None and text == viewed("text"):
        notice(t("notice.cut", given=count(given), most=count(TEXT_CHARACTERS)))


def use(key: str, text: str | None, **fresh: Any) -> None:
    """Put a text into the field as a whole; None for the example it opens with.

    Args:
        fresh: fields of the view that begin anew.
    """
    keep(text=text, **fresh)
    _anew(key)


def _anew(key: str) -> None:
    """The field takes the view's text as a whole, whatever was typed."""
    st.session_state[f"{key}-stamp"] = stamp(key) + 1


def stamp(key: str) -> int:
    """Counts how often a text was put into the field as a whole."""
    return st.session_state.get(f"{key}-stamp", 0)


def examples(
    key: str,
    hints: Sequence[str],
    into: str,
    *,
    short: Callable[[str], str] | None = None,
    within: str = "examples",
    **fresh: Any,
) -> None:
    """Chips: one widget, for every widget costs each keystroke its share.

    Args:
        into: the field's key.
        short: how an example is written on its chip.
        within: the key of what holds them.
        fresh: fields of the view that begin anew with an example.
    """
    with st.container(key=within):
        st.pills(
            t("examples.label"),
            hints,
            format_func=short or _short,
            key=key,
            on_change=partial(_use_example, key, into, **fresh),
            label_visibility="collapsed",
        )


def _use_example(key: str, into: str, **fresh: Any) -> None:
    hint, st.session_state[key] = st.session_state[key], None
    if hint is not None:
        use(into, hint, **fresh)


def _short(hint: str) -> str:
    # A button's label is Markdown: what the hint says must stay what it says, and spaces in front would make it code.
    text = hint.lstrip(" ")
    text = text if len(text) <= 28 else text[:27] + "…"
    return plain(text.replace("\n", "↵"))
