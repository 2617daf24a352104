"""What figures of several cells share: the canvas, a line a cell, a legend on top. The same hue and dash everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gru_viz.cells.quantities import Cell
from gru_viz.draw.figures.time_axis import FONT, escaped
from gru_viz.draw.palette import Palette, rgb

DASHES = {"RNN": "dot", "LSTM": "dash", "GRU": "solid", "Bi-GRU": "dashdot", "MinGRU": "longdash"}
"""Lines differ by more than their hue, the same on every chart."""


def canvas(colours: Palette, height: int, *, left: int = 52, bottom: int = 40, top: int = 34) -> dict[str, Any]:
    """A layout with our font and colours, a horizontal legend on top and nothing that drags."""
    axis = {
        "gridcolor": colours.rule, "zerolinecolor": colours.rule, "linecolor": colours.rule, "fixedrange": True,
        "tickfont": {"size": 12, "color": colours.quiet},
        "automargin": True,
    }  # fmt: skip
    return {
        "height": height,
        "margin": {"l": left, "r": 16, "t": top, "b": bottom, "pad": 2},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": colours.ink, "size": 13, "family": FONT},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 13}},
        "dragmode": False,
        "hovermode": "x unified",
        "hoverlabel": {"bgcolor": colours.paper, "bordercolor": colours.rule, "font": {"color": colours.ink}},
        "xaxis": {**axis, "showgrid": False},
        "yaxis": dict(axis),
        "annotations": [],
        "shapes": [],
    }


def titled(text: str) -> dict[str, Any]:
    """The title of an axis."""
    return {"text": escaped(text), "font": {"size": 12}, "standoff": 8}


def cell_line(cell: Cell, x: Sequence[float], y: Sequence[float], colours: Palette, **more: Any) -> dict[str, Any]:
    """One cell's line."""
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(x) <= 12 else "lines",
        "name": cell.value,
        "x": list(x),
        "y": list(y),
        "line": {"color": colours.cell(cell), "width": 2.6, "dash": DASHES[cell]},
        "marker": {"size": 7, "color": colours.cell(cell)},
        **more,
    }


def band(
    cell: Cell, x: Sequence[float], low: Sequence[float], high: Sequence[float], colours: Palette
) -> dict[str, Any]:
    """The room between the lowest and the highest seed, as one closed outline."""
    red, green, blue = rgb(colours.cell(cell))
    return {
        "type": "scatter",
        "mode": "lines",
        "name": cell.value,
        "x": [*x, *reversed(x)],
        "y": [*high, *reversed(low)],
        "fill": "toself",
        "fillcolor": f"rgba({red}, {green}, {blue}, 0.16)",
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def note(text: str, colours: Palette, **place: Any) -> dict[str, Any]:
    """A quiet word in the figure."""
    return {"text": text, "showarrow": False, "font": {"size": 12, "color": colours.quiet}, **place}
