"""The least a Streamlit page can do with a keystroke: echo the text into four Plotly heatmaps. No model runs.

What `benchmarks.keystroke` measures the Explore page against: the same text field, and four pictures of the
same size, 96 units × as many steps as there are letters, each with the letters above its columns.
"""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from gru_viz.ui.kit.live_field import live_field, typed

UNITS = 96
HEIGHT = 150

st.set_page_config(layout="wide")
live_field("rossellini", 0, "text", "", key="text")
told = typed("text")
text = told.text if told else "rossellini"
steps = np.arange(len(text))
codes = np.array([ord(letter) for letter in text])
for place in range(4):
    values = np.sin(np.outer(np.arange(UNITS) + place, codes)).astype(np.float32)
    figure = go.Figure(go.Heatmap(z=values, showscale=False))
    figure.update_xaxes(tickvals=steps, ticktext=list(text), side="top")
    figure.update_layout(height=HEIGHT, margin={"t": 20, "b": 0, "l": 0, "r": 0})
    st.plotly_chart(figure, key=f"heatmap-{place}", theme=None, config={"displayModeBar": False})
