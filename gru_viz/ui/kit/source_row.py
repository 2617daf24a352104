"""The row of input at the head of a page: on the left what is read, on the right who reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gru_viz.ui.kit.link import viewed
from gru_viz.ui.kit.text_field import use


@contextmanager
def source_row(width: float, picker: Callable[[], object], key: str = "source") -> Iterator[DeltaGenerator]:
    """Draw the picker, and give the place on its left; what is drawn outside of that place stands under both.

    Args:
        width: of the place on the left, the picker's being 1.
    """
    with st.container(key=key, gap="xsmall"):
        left, right = st.columns([width, 1], gap="small", vertical_alignment="top")
        with right:
            picker()
        yield left


def another(field: str, key: str, into: str, **fresh: Any) -> None:
    """Another model or task was picked: it starts at its own example, or at what was last typed for it; nothing typed
    is lost.

    Args:
        field: of the view, which keeps what was picked; key: of its picker; into: of the text's field.
        fresh: fields of the view that begin anew.
    """
    typed = st.session_state.setdefault(f"{key}-typed", {})
    typed[viewed(field)] = viewed("text")
    chosen = st.session_state[key]
    use(into, typed.get(chosen), **{field: chosen} | fresh)
