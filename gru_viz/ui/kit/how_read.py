"""How a table was read: one quiet line beside it, and a field for each guess where it can be changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields

import streamlit as st

from gru_viz.errors import InputError
from gru_viz.story import table_told
from gru_viz.story.table_told import asks, called, guessed, said_of_encoding
from gru_viz.tasks.tables.table import OPTIONS, Choices, Table
from gru_viz.ui.kit.i18n import speaker, t
from gru_viz.ui.kit.link import settle
from gru_viz.ui.kit.markdown import plain

AUTO = ""


def choices(key: str, kept: str | None) -> Choices:
    """What this visitor has chosen in the fields of one table, or a link has; `kept` as `Choices` writes it."""
    before = Choices.of(kept or "")
    named = {one.name: getattr(before, one.name) or AUTO for one in fields(Choices)}
    said = {name: st.session_state.get(_field(key, name), value) for name, value in named.items()}
    return Choices(**{name: value or None for name, value in said.items()})


def forget(key: str) -> None:
    """Another file is read as it is itself, not as the one before it."""
    for one in fields(Choices):
        st.session_state.pop(_field(key, one.name), None)


def read_as(key: str, chosen: Choices, read: Callable[[Choices], Table], typed: bool, numbers: bool = True) -> Table:
    """Read a table, say how, and offer the choices; they are offered, too, where it cannot be read as it is.

    Args:
        read: the reading of what was given.
        typed: whether it was typed or pasted: then it has no encoding.

    Raises:
        InputError: whatever `read` raises, after the choices are drawn.
    """
    try:
        found = read(chosen)
    except InputError:
        _line(key, t("how.failed"), chosen, None, asks(None, typed, numbers))
        raise
    _line(key, said(found, numbers), chosen, found, asks(found, typed, numbers))
    return found


def said(found: Table, numbers: bool = True) -> str:
    """How a table was read, in one line."""
    return table_told.said(found, speaker(), plain, numbers)


def encoding_line(key: str, chosen: Choices, encoding: str | None) -> None:
    """The same for a plain text, of which only the encoding can be guessed."""
    _line(key, said_of_encoding(encoding, speaker()), chosen, None, ("encoding",), encoding)


def _field(key: str, name: str) -> str:
    return f"{key}-how-{name}"


def _line(
    key: str, sentence: str, chosen: Choices, found: Table | None, asks: Sequence[str], encoding: str | None = None
) -> None:
    with st.container(key=f"{key}-how", horizontal=True, gap="small", vertical_alignment="center"):
        st.caption(sentence, width="stretch")
        with st.popover(t("how.change"), icon=":material/tune:", type="tertiary", key=f"{key}-how-open"):
            for name in asks:
                _choice(key, name, chosen, found, encoding)


def _choice(key: str, name: str, chosen: Choices, found: Table | None, encoding: str | None) -> None:
    own = getattr(chosen, name) or AUTO
    options = [AUTO, *OPTIONS[name]]
    if name == "dates":
        options += [str(place) for place in range(len(found.names) + 1)] if found else [own] * bool(own)
    found_out = None if own else (found and guessed(found, name)) or (encoding if name == "encoding" else None)
    say = speaker()

    def shown(option: str) -> str:
        if option == AUTO:
            return say("how.auto_is", what=called(say, name, found_out, found)) if found_out else say("how.auto")
        return called(say, name, option, found)

    settle(_field(key, name), own if own in options else AUTO)
    st.selectbox(t(f"how.ask.{name}"), options, format_func=shown, key=_field(key, name))
