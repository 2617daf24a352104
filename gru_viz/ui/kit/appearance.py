"""Light or dark: the palette of this visitor's theme, and the style sheet that uses it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from gru_viz.draw.palette import Palette, css_properties_of_both, palette

ICON = str(Path(__file__).parent / "icon.png")
"""A valve three quarters open. A file of ours: an icon named by word would be fetched from the internet."""

_SHEET = "\n".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in ("style.css", "skeleton.css"))


def colours() -> Palette:
    """The palette of the theme the browser shows."""
    return palette(st.context.theme.type)


def dress() -> None:
    """Give the page its style sheet, with both palettes: it follows a theme that changes while nothing runs."""
    st.html(f"<style>:root {{ {css_properties_of_both()} }}\n{_SHEET}</style>")


def dress_more(sheet: Path) -> None:
    """Give the page a few lines of style of its own, in the colours that `dress` has set."""
    st.html(f"<style>{sheet.read_text(encoding='utf-8')}</style>")
