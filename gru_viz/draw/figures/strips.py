"""Strips: a quantity of every unit over time, units down, steps across, and one unit's quantities as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gru_viz.cells.quantities import Quantity
from gru_viz.draw.figures.time_axis import Columns, escaped
from gru_viz.draw.palette import Palette

STRIP_HEIGHT = 97
LEAST_ROW = 1.5
"""A row thinner than this many pixels would be drawn over its neighbour: units are averaged instead."""
MOST_ROWS = int(STRIP_HEIGHT / LEAST_ROW)


@dataclass(frozen=True)
class HeatStrip:
    """One quantity of all units.

    Attributes:
        quantity: what it is; decides hue and scale.
        values: (rows, T), a unit or the mean of a group of like units each.
        rows: the name of every row, for the hover.
        chosen: index of the row that holds the selected unit.
        symbol, caption: what is written beside the strip.
    """

    quantity: Quantity
    values: NDArray[np.float32]
    rows: Sequence[str]
    chosen: int
    symbol: str
    caption: str


def bound(strip: HeatStrip) -> float:
    """End of the strip's colour scale: 1 for gates and tanh, more only for a state that leaves -1..1."""
    if strip.quantity.is_gate:
        return 1.0
    finite = np.abs(strip.values[np.isfinite(strip.values)])
    return max(1.0, float(finite.max())) if finite.size else 1.0


def heatmap(strip: HeatStrip, columns: Columns, axis: str, colours: Palette) -> dict[str, Any]:
    """Gates on 0..1 in their own hue; states on one diverging scale, symmetric around 0; the exact value on hover."""
    end = bound(strip)
    gate = strip.quantity.is_gate
    return {
        "type": "heatmap",
        "name": f"strip-{strip.quantity.value}",
        "x": np.asarray(columns.steps),
        "y": [escaped(row) for row in strip.rows],
        "z": strip.values,
        "zmin": 0.0 if gate else -end,
        "zmax": end,
        "colorscale": colours.sequential(strip.quantity) if gate else colours.diverging(),
        "showscale": False,
        "xgap": 2 if len(columns) <= 32 else 1,
        "xaxis": "x",
        "yaxis": axis,
        "hovertemplate": f"<b>{escaped(strip.symbol)}</b> %{{z:.4f}}  %{{y}}<extra></extra>",
    }


def row_axis(strip: HeatStrip) -> dict[str, Any]:
    """The y axis of a strip: first row on top, a category a row so that the hover names the unit; never drawn."""
    return {"type": "category", "range": [len(strip.rows) - 0.5, -0.5]}


def row_outline(strip: HeatStrip, columns: Columns, axis: str, colours: Palette) -> dict[str, Any]:
    """A thin frame round the row of the selected unit, two pixels off it so that the row itself stays visible."""
    ends = columns.first - 0.5, columns.first + len(columns) - 0.5
    reach = 0.5 + 2 * len(strip.rows) / STRIP_HEIGHT
    return {
        "type": "rect", "xref": "x", "yref": axis, "x0": ends[0], "x1": ends[1],
        "y0": strip.chosen - reach, "y1": strip.chosen + reach, "layer": "above", "fillcolor": "rgba(0,0,0,0)",
        "line": {"color": colours.ink, "width": 1},
    }  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One quantity of the selected unit over time, (T,)."""

    quantity: Quantity
    values: NDArray[np.float32]
    symbol: str


def line(drawn: Line, columns: Columns, axis: str, colours: Palette) -> dict[str, Any]:
    """A line through every step, its dot on the selected one; h is drawn strongest."""
    strong = drawn.quantity in (Quantity.H, Quantity.C)
    dots = np.zeros(len(columns))
    dots[columns.selected] = 9 if strong else 7
    if len(columns) == 1:
        dots[:] = 9
    hue = colours.hue(drawn.quantity)
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": f"line-{drawn.quantity.value}",
        "x": np.asarray(columns.steps),
        "y": np.asarray(drawn.values, dtype=np.float32),
        "line": {"color": hue, "width": 2.8 if strong else 1.6},
        "marker": {"color": hue, "size": dots, "line": {"width": 0}, "opacity": 1},
        "xaxis": "x",
        "yaxis": axis,
        "hovertemplate": f"<b>{escaped(drawn.symbol)}</b> %{{y:.4f}}<extra></extra>",
    }
