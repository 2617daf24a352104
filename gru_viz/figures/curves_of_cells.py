"""Learning curves of several cells: the held-out score after so many optimiser steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from gru_viz.figures.of_cells import canvas, line
from gru_viz.palette import Palette
from gru_viz.quantities import Cell

HEIGHT = 320


def curves(
    cells: Mapping[Cell, tuple[Sequence[int], Sequence[float]]],
    x_title: str,
    y_title: str,
    colours: Palette,
    *,
    share: bool,
) -> go.Figure:
    """One line a cell, as it was measured while the model was trained.

    Args:
        cells: steps done, and the score after them.
        share: the score is a share of 1, drawn from 0 to 1; else on its own scale.
    """
    drawing = canvas(colours, HEIGHT)
    form = "%{y:.1%}" if share else "%{y:.4~g}"
    traces = [line(cell, steps, scores, colours, hovertemplate=form) for cell, (steps, scores) in cells.items()]
    drawing["xaxis"] |= {"title": x_title, "rangemode": "tozero"}
    drawing["yaxis"] |= {"title": y_title}
    if share:
        drawing["yaxis"] |= {"range": [0, 1.02], "tickformat": ".0%"}
    return go.Figure({"data": traces, "layout": drawing}, _validate=False)
