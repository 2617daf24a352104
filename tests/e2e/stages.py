"""The pages that hold nothing but one player, each at the address of its file's name: one server for all tests."""

from __future__ import annotations

from pathlib import Path

import streamlit as st


def nothing() -> None:
    """The page at the bare address, which no page below may have."""


HERE = Path(__file__).parent
PAGES = [st.Page(HERE / f"{name}.py", url_path=name) for name in ("player_page", "lanes_page")]

st.navigation([st.Page(nothing, default=True), *PAGES], position="hidden").run()
