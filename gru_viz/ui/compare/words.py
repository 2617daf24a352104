"""What follows from a figure, written under it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import streamlit as st

from gru_viz.analysis.conclusions import Conclusion
from gru_viz.story.concluded import sentences
from gru_viz.ui.kit.i18n import speaker


def conclude(found: Iterable[Conclusion], key: str) -> None:
    """Write what follows from a figure under it."""
    text = sentences(found, speaker())
    if text:
        st.html(f'<p class="gv-conclusion" data-testid="conclusion-{key}">{escape(text)}</p>')
