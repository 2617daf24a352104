"""Curves of several cells: the held-out score after so many optimiser steps, and forecasts over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gru_viz.cells.quantities import Cell
from gru_viz.draw.figures.of_cells import canvas, cell_line, titled
from gru_viz.draw.figures.time_axis import escaped
from gru_viz.draw.palette import Palette

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
    traces = [cell_line(cell, steps, scores, colours, hovertemplate=form) for cell, (steps, scores) in cells.items()]
    drawing["xaxis"] |= {"title": titled(x_title), "rangemode": "tozero"}
    drawing["yaxis"] |= {"title": titled(y_title)}
    if share:
        drawing["yaxis"] |= {"range": [0, 1.02], "tickformat": ".0%"}
    return go.Figure({"data": traces, "layout": drawing}, _validate=False)


def forecast(
    actual: NDArray[np.floating],
    cells: Mapping[Cell, NDArray[np.floating]],
    names: tuple[str, str],
    tokens: Sequence[str],
    colours: Palette,
) -> go.Figure:
    """Numbers over time, (T,): what was, in ink, and what each cell said of it; NaN where nothing was said.

    Args:
        names: of what was, and of the vertical axis.
        tokens: what was read at every step, for the hover.
    """
    drawing = canvas(colours, 230)
    steps = [step + 1 for step in range(len(actual))]
    truth = {
        "type": "scatter", "mode": "lines+markers", "name": names[0], "x": steps, "y": actual,
        "line": {"color": colours.ink, "width": 1.4}, "marker": {"size": 4}, "hovertemplate": "%{y:.4~g}",
    }  # fmt: skip
    traces = [truth]
    for cell, values in cells.items():
        said = {"text": [escaped(token) for token in tokens], "hovertemplate": "%{y:.4~g}", "mode": "lines"}
        traces.append(cell_line(cell, steps, [float(value) for value in values], colours, **said))
    drawing["yaxis"] |= {"title": titled(names[1])}
    drawing["xaxis"] |= {"range": [0.5, len(steps) + 0.5]}
    return go.Figure({"data": traces, "layout": drawing}, _validate=False)
