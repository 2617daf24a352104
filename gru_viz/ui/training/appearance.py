"""The Train page's own few lines of style."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_SHEET = (Path(__file__).parent / "train.css").read_text(encoding="utf-8")


def dress() -> None:
    """Give the page its style sheet; colours are the ones `gru_viz.ui.appearance.dress` has set."""
    st.html(f"<style>{_SHEET}</style>")
