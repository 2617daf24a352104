"""Who is here: the one place that hears of a visitor's leaving, whatever page was open."""

from __future__ import annotations

import streamlit as st

from gru_viz.heap import settle_heap_later


@st.cache_resource(scope="session", on_release=lambda _: settle_heap_later(), show_spinner=False)
def visit() -> None:
    """To be called in every run of every page: what it returns is released when the visitor has left."""
