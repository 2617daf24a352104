"""A field of one line or of several that tells each letter at once.

Streamlit's own live `text_input` waits before it tells, and loses letters typed into a page just opened where it waits
less than a typist; its `text_area` tells only when it is left. So the field is a component of our own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

import streamlit as st

from gru_viz.draw.player import bundle
from gru_viz.ui.kit.served import Served

NAME = "text"
_COMPONENT = Served(NAME, partial(bundle.joined, bundle.FIELD))
_SESSION = "field-session"


@dataclass(frozen=True)
class Typed:
    """What a field told last.

    Attributes:
        text: what stands in it.
        stamp: of the text that was put into it as a whole, and typed on.
        count: how often it has told.
    """

    text: str
    stamp: int
    count: int


def live_field(
    text: str,
    stamp: int,
    label: str,
    placeholder: str,
    *,
    key: str,
    several: bool = False,
    on_change: Callable[[], None] = lambda: None,
) -> None:
    """Draw the field.

    Args:
        text: what it holds; taken over by the browser only when `stamp` is another than before: what is typed is the
            field's own.
        several: lines, not one.
        on_change: called after a letter, before the page runs again; `typed` then has the text.
    """
    known = typed(key)
    data = {"text": text, "stamp": stamp, "label": label, "placeholder": placeholder, "several": several}
    # A server that was started anew knows less than the field: `session` tells it from one that means another text.
    data |= {"session": st.session_state.setdefault(_SESSION, uuid4().hex), "heard": known.count if known else 0}
    _COMPONENT(key=key, data=data, on_typed_change=on_change, height="content")


def typed(key: str) -> Typed | None:
    """What was typed last; None where nothing was yet."""
    state = st.session_state.get(key)
    said = state.get("typed") if state else None
    if not isinstance(said, dict):
        return None
    text, stamp, count = (said.get(name) for name in ("text", "stamp", "count"))
    if not (isinstance(text, str) and isinstance(stamp, int) and isinstance(count, int)):
        return None
    # Half a pair of UTF-16 can be told, but not written.
    return Typed(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), stamp, count)
