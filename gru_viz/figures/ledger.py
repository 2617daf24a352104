"""The ledger: what each cell costs and is worth, as bars from zero; and its weight matrices, drawn to scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from gru_viz.figures.frame import escaped
from gru_viz.figures.of_cells import CELLS, canvas, note
from gru_viz.palette import Palette
from gru_viz.quantities import Cell

BAR = 15
"""Pixels of a bar and the gap under it."""
HEAD = 25
"""Pixels of a row's title."""
_THICK = 0.72
_LENGTH = 0.8
"""How far the longest bar of a row reaches; right of it stands its number."""


@dataclass(frozen=True)
class Entry:
    """One row: a quantity of every cell.

    Attributes:
        values: the numbers; a cell may be missing.
        written: each as it stands beside its bar.
        remark: what stands right of the title, e.g. that less is better.
    """

    title: str
    values: Mapping[Cell, float]
    written: Mapping[Cell, str]
    remark: str = ""


def ledger(entries: Sequence[Entry], colours: Palette) -> go.Figure:
    """Every row has a scale of its own from 0 to its largest value, so lengths compare within a row."""
    height = len(entries) * (HEAD + BAR * len(CELLS))
    drawing = canvas(colours, height + 6, left=44, bottom=2, top=2)
    drawing |= {"showlegend": False, "hovermode": "closest", "barmode": "overlay"}
    traces, y = [], 0.0
    for entry in entries:
        y += HEAD
        drawing["annotations"] += _title(entry, y - 6, colours)
        traces.append(_bars(entry, [y + BAR * (place + 0.5) for place in range(len(CELLS))], colours))
        drawing["annotations"] += [_cell(cell, y + BAR * (place + 0.5), colours) for place, cell in enumerate(CELLS)]
        y += BAR * len(CELLS)
    drawing["xaxis"] = {"range": [0, 1], "visible": False, "fixedrange": True}
    drawing["yaxis"] = {"range": [height + 2, 0], "visible": False, "fixedrange": True}
    return go.Figure({"data": traces, "layout": drawing}, _validate=False)


def _bars(entry: Entry, places: Sequence[float], colours: Palette) -> dict[str, Any]:
    largest = max(entry.values.values(), default=1.0) or 1.0
    there = [(cell, y) for cell, y in zip(CELLS, places, strict=True) if cell in entry.values]
    written = [escaped(entry.written[cell]) for cell, _ in there]
    return {
        "type": "bar",
        "orientation": "h",
        "name": entry.title,
        "x": [_LENGTH * entry.values[cell] / largest for cell, _ in there],
        "y": [y for _, y in there],
        "width": BAR * _THICK,
        "marker": {"color": [colours.cell(cell) for cell, _ in there], "line": {"width": 0}},
        "text": [f"<b>{text}</b>" for text in written],
        "textposition": "outside",
        "cliponaxis": False,
        "textfont": {"size": 12.5, "color": colours.ink},
        "customdata": [f"{cell.value}: {text}" for (cell, _), text in zip(there, written, strict=True)],
        "hovertemplate": f"{escaped(entry.title)}<br>%{{customdata}}<extra></extra>",
    }


def _title(entry: Entry, y: float, colours: Palette) -> list[dict[str, Any]]:
    text = escaped(entry.title) + (f"  <i>{escaped(entry.remark)}</i>" if entry.remark else "")
    place = {"xref": "paper", "x": 0, "xshift": -44, "xanchor": "left", "y": y, "yanchor": "middle"}
    return [note(text, colours, **place)]


def _cell(cell: Cell, y: float, colours: Palette) -> dict[str, Any]:
    return note(cell.value, colours, xref="paper", x=0, xshift=-6, xanchor="right", y=y, yanchor="middle")


@dataclass(frozen=True)
class Matrices:
    """The weight matrices of one cell.

    Attributes:
        pairs: how many, each one with the input and one with the memory.
        inputs, hidden: their sizes: hidden × inputs and hidden × hidden.
        names: a symbol a pair.
        written: what is said beside them.
    """

    pairs: int
    inputs: int
    hidden: int
    names: Sequence[str]
    written: str


PLOT_HEIGHT = 190
_GAP = 0.06


def matrices(cells: Mapping[Cell, Matrices], colours: Palette) -> go.Figure:
    """Each pair of matrices as two rectangles side by side, light with the input and dark with the memory: one unit of
    length is one row or column of weights for every cell, so that areas are parameters."""
    drawing = canvas(colours, PLOT_HEIGHT, left=6, bottom=4, top=4)
    drawing |= {"showlegend": False, "hovermode": False}
    x, tallest = 0.0, max(one.hidden for one in cells.values())
    unit = max(one.pairs * (one.inputs + one.hidden) for one in cells.values())
    for cell, one in cells.items():
        begin = x
        for name in one.names:
            drawing["shapes"] += _pair(x, one, colours.cell(cell))
            label = note(f"<i>{escaped(name)}</i>", colours, x=x + (one.inputs + one.hidden) / 2, y=one.hidden)
            drawing["annotations"].append({**label, "yanchor": "bottom"})
            x += one.inputs + one.hidden + _GAP * unit / 4
        said = f"<b>{cell.value}</b><br>{escaped(one.written)}"
        drawing["annotations"].append(note(said, colours, x=begin, xanchor="left", y=0, yanchor="top", align="left"))
        x += _GAP * unit
    drawing["xaxis"] = {"range": [0, x], "visible": False, "fixedrange": True, "constrain": "domain"}
    drawing["yaxis"] = {"range": [-0.34 * tallest, 1.16 * tallest], "visible": False, "fixedrange": True,
                        "scaleanchor": "x", "scaleratio": 1, "constrain": "domain"}  # fmt: skip
    empty = {"type": "scatter", "x": [0], "y": [0], "mode": "markers", "marker": {"opacity": 0}, "hoverinfo": "skip"}
    return go.Figure({"data": [empty], "layout": drawing}, _validate=False)


def _pair(x: float, one: Matrices, hue: str) -> list[dict[str, Any]]:
    edges = ((x, x + one.inputs, 0.4), (x + one.inputs, x + one.inputs + one.hidden, 0.85))
    return [
        {
            "type": "rect", "x0": begin, "x1": end, "y0": 0, "y1": one.hidden,
            "fillcolor": hue, "opacity": strength, "line": {"width": 0},
        }
        for begin, end, strength in edges
    ]  # fmt: skip
