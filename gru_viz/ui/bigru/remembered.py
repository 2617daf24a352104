"""What every reader said to the text before, as long as one types on."""

from __future__ import annotations

import streamlit as st

from gru_viz.story.readers import Readers
from gru_viz.story.revisions import Answers

_REMEMBERED = "bigru-remembered"


def remembered(readers: Readers, stamp: int) -> dict[str, Answers]:
    """Every reader's answers, with what they took back since the text before; by way.

    Args:
        stamp: counts the texts that were put in as a whole: what follows another of these follows nothing.
    """
    known = st.session_state.get(_REMEMBERED)
    key = readers.example, stamp, tuple(readers.runs)
    before = known[1] if known is not None and known[0] == key else {}
    found = {}
    for way in readers.runs:
        now = readers.answers(way)
        found[way] = before[way].to(readers.tokens, now) if way in before else Answers.first(readers.tokens, now)
    st.session_state[_REMEMBERED] = key, found
    return found


def forget() -> None:
    """An emptied field ends what was said: the next text follows nothing."""
    st.session_state.pop(_REMEMBERED, None)
