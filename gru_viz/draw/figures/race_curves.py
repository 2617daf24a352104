"""Learning curves of models that race, and the gates one of them has learnt so far on a fixed input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gru_viz.draw.figures.of_cells import DASHES
from gru_viz.draw.figures.strips import HeatStrip, heatmap, row_axis
from gru_viz.draw.figures.time_axis import FONT, AxisRow, Columns, axis_name, escaped, layout
from gru_viz.draw.palette import Palette

HEIGHT = 376
GAP = 0.1
"""Share of the height between the two charts."""
STRIP_HEIGHT = 148


@dataclass(frozen=True)
class RaceCurve:
    """One model's learning curve.

    Attributes:
        name: the cell.
        steps, loss, held_out: (marks,) each.
        lost: it dropped out at its last mark.
        faint: of an earlier run, for comparison.
        best: the step whose weights were kept in the end, marked by a diamond; None where they are the last.
    """

    name: str
    steps: Sequence[int]
    loss: Sequence[float]
    held_out: Sequence[float]
    lost: bool = False
    faint: bool = False
    best: int | None = None


@dataclass(frozen=True)
class Axes:
    """What is written at the charts: the held-out metric, the loss, the x axis; whether the metric is a share; what
    stands in the charts while they are empty."""

    held_out: str
    loss: str
    steps: str
    share: bool
    empty: str = ""


def race_curves(drawn: Sequence[RaceCurve], steps: int, axes: Axes, colours: Palette) -> go.Figure:
    """Held-out metric above, training loss below, one x axis from 0 to the last step; a cross where a run was lost, a
    diamond at the weights kept by an early stop."""
    shares = "y2"
    data = [_line(curve, curve.held_out, "y", axes.share, colours) for curve in drawn]
    data += [_line(curve, curve.loss, shares, False, colours) for curve in drawn]
    # Plotly leaves out a chart without data: these keep both where they will be.
    data += [{"x": [0], "y": [None], "yaxis": axis, "hoverinfo": "skip"} for axis in ("y", shares)]
    low = (1 - GAP) * 0.46
    line = {"showgrid": True, "gridcolor": colours.rule, "zeroline": False, "fixedrange": True, "nticks": 5}
    top = {**line, "domain": [low + GAP, 1.0], "anchor": "x", "rangemode": "tozero"}
    if axes.share:
        top |= {"tickformat": ".0%", "range": [0.0, 1.02], "rangemode": "normal"}
    drawing: dict[str, Any] = {
        "height": HEIGHT,
        "margin": {"l": 46, "r": 14, "t": 24, "b": 46, "pad": 2},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": colours.ink, "size": 12, "family": FONT},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "x",
        "hoverlabel": {"bgcolor": colours.paper, "bordercolor": colours.rule, "font": {"color": colours.ink}},
        "xaxis": {
            "range": [0, max(steps, 1)], "fixedrange": True, "showgrid": False, "zeroline": False, "anchor": shares,
            "title": {"text": escaped(axes.steps), "standoff": 9, "font": {"size": 12, "color": colours.quiet}},
            "tickcolor": colours.rule, "ticks": "outside", "ticklen": 4, "linecolor": colours.rule, "nticks": 7,
        },
        "yaxis": top,
        "yaxis2": {**line, "domain": [0.0, low], "anchor": "x", "rangemode": "tozero", **_unit_range(drawn)},
        "annotations": [_title(axes.held_out, 1.0), _title(axes.loss, low), *_empty(axes.empty, low, colours)],
    }  # fmt: skip
    return go.Figure({"data": data, "layout": drawing}, _validate=False)


def _unit_range(drawn: Sequence[RaceCurve]) -> dict[str, Any]:
    """A range of its own for a chart that is still empty."""
    return {} if drawn else {"range": [0.0, 5.0]}


def _line(curve: RaceCurve, values: Sequence[float], axis: str, share: bool, colours: Palette) -> dict[str, Any]:
    hue = colours.cell(curve.name)
    sizes, symbols = np.zeros(len(curve.steps)), ["circle"] * len(curve.steps)
    if len(sizes):
        sizes[-1], symbols[-1] = (9, "x") if curve.lost else (6, "circle")
    for index in np.flatnonzero(np.asarray(curve.steps) == curve.best):
        sizes[index], symbols[index] = 11, "diamond"
    number = "%{y:.1%}" if share else "%{y:.4~g}"
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": f"{'before ' if curve.faint else ''}{curve.name}",
        "x": np.asarray(curve.steps),
        "y": np.asarray(values, dtype=np.float64),
        "xaxis": "x",
        "yaxis": axis,
        "cliponaxis": False,
        "opacity": 0.3 if curve.faint else 1.0,
        "line": {"color": hue, "width": 1.4 if curve.faint else 2.2, "dash": DASHES[curve.name]},
        "marker": {
            "color": hue, "size": sizes, "opacity": 1, "line": {"width": 0},
            "symbol": symbols or "circle",
        },
        "hoverinfo": "skip" if curve.faint else None,
        "hovertemplate": None if curve.faint else f"{escaped(curve.name)} {number}<extra></extra>",
    }  # fmt: skip


def _title(text: str, top: float) -> dict[str, Any]:
    return {
        "text": escaped(text), "xref": "paper", "yref": "paper", "x": 0, "y": top, "xanchor": "left",
        "yanchor": "bottom", "showarrow": False, "font": {"size": 12.5}, "yshift": 4, "xshift": -40,
    }  # fmt: skip


def _empty(text: str, low: float, colours: Palette) -> list[dict[str, Any]]:
    if not text:
        return []
    middle = {"xref": "paper", "yref": "paper", "x": 0.5, "y": (1 + low + GAP) / 2, "showarrow": False}
    return [{**middle, "text": escaped(text), "font": {"size": 14, "color": colours.quiet}, "bgcolor": colours.panel}]


def gate_strips(columns: Columns, strips: Sequence[HeatStrip], colours: Palette) -> go.Figure:
    """Strips of a few quantities, units down, steps across, every column under its token."""
    rows = [AxisRow(STRIP_HEIGHT, one.symbol, one.caption, colours.hue(one.quantity), 0.0, 1.0) for one in strips]
    drawing = layout(columns, rows, colours)
    for index, strip in enumerate(strips):
        drawing[axis_name(index, long=True)] |= row_axis(strip)
    data = [heatmap(strip, columns, axis_name(index), colours) for index, strip in enumerate(strips)]
    return go.Figure({"data": data, "layout": drawing}, _validate=False)


def strip_rows(values: NDArray[np.floating], most: int) -> tuple[NDArray[np.float32], list[str]]:
    """(T, H) by unit number as at most `most` rows, neighbours averaged where there are more; the rows' names."""
    groups = np.array_split(np.arange(values.shape[1]), min(most, values.shape[1]))
    rows = np.stack([values[:, group].mean(1) for group in groups]).astype(np.float32)
    return rows, [str(group[0]) if len(group) == 1 else f"{group[0]}–{group[-1]}" for group in groups]
