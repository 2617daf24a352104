"""A figure on this page: its own colours, and a button in its corner that saves it as the picture asked for."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from gru_viz.ui.compare.view import view


def draw(figure: go.Figure, key: str) -> None:
    """Draw a figure; `key` also names the file it is saved as."""
    config = {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": view().picture, "filename": f"gru-explorer-{key}", "scale": 2},
    }
    st.plotly_chart(figure, key=f"figure-{key}", theme=None, config=config)
