"""A figure on a page: in its own colours, saved by a button in its corner; and under it what follows from it."""

from __future__ import annotations

from html import escape
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from gru_viz.story.links import PICTURES
from gru_viz.ui.kit.link import viewed
from gru_viz.ui.kit.pickers import pick


def show(figure: go.Figure, name: str, *, key: str, **config: Any) -> None:
    """Draw a figure whose corner saves it in the format the view's `picture` names.

    Args:
        name: of the file, after "gru-explorer-".
        config: of Plotly, besides what is set here.
    """
    saved = {"format": viewed("picture"), "filename": f"gru-explorer-{name}", "scale": 2}
    config = {"displaylogo": False, "modeBarButtons": [["toImage"]], "toImageButtonOptions": saved} | config
    st.plotly_chart(figure, key=key, theme=None, config=config)


def show_bare(figure: go.Figure, alt: str, *, key: str, **style: Any) -> None:
    """Draw a figure without a button, with words for who cannot see it."""
    config = {"displayModeBar": False, "responsive": True}
    st.plotly_chart(figure, key=key, theme=None, config=config, alt=alt, **style)


def picture_format(label: str, words: Any, *, key: str, **style: Any) -> None:
    """In which format the corner of a figure saves it; `label` and `words` as `pick` takes them."""
    pick("picture", PICTURES, label, words, key=key, **style)


def conclusion(text: str, name: str) -> None:
    """What follows from a figure, right under it; nothing where nothing does."""
    if text:
        st.html(f'<p class="gv-conclusion" data-testid="{name}">{escape(text)}</p>')
