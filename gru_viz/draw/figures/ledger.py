"""The ledger: what each cell costs and is worth, as bars from zero; and its weight matrices, drawn to scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from gru_viz.cells.quantities import Cell
from gru_viz.draw.figures.of_cells import canvas, note
from gru_viz.draw.figures.time_axis import escaped
from gru_viz.draw.palette import Palette
from gru_viz.story.trio import CELLS

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
        values: the numbers; a cell may be missing. Without any the remark stands where the bars would.
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
        places = {cell: y + BAR * (place + 0.5) for place, cell in enumerate(CELLS) if cell in entry.values}
        if places:
            traces.append(_bars(entry, places, colours))
        else:
            middle = {"x": 0, "xanchor": "left", "y": y + BAR * len(CELLS) / 2, "yanchor": "middle"}
            drawing["annotations"].append(note(f"<i>{escaped(entry.remark)}</i>", colours, **middle))
        for cell, place in places.items():
            drawing["annotations"] += [_cell(cell, place, colours), _number(entry, cell, place, colours)]
        y += BAR * len(CELLS)
    drawing["xaxis"] = {"range": [0, 1], "visible": False, "fixedrange": True}
    drawing["yaxis"] = {"range": [height + 2, 0], "visible": False, "fixedrange": True}
    return go.Figure({"data": traces, "layout": drawing}, _validate=False)


def _length(entry: Entry, cell: Cell) -> float:
    return _LENGTH * entry.values[cell] / (max(entry.values.values()) or 1.0)


def _bars(entry: Entry, places: Mapping[Cell, float], colours: Palette) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": entry.title,
        "x": [_length(entry, cell) for cell in places],
        "y": list(places.values()),
        "width": BAR * _THICK,
        "marker": {"color": [colours.cell(cell) for cell in places], "line": {"width": 0}},
        "customdata": [f"{cell.value}: {escaped(entry.written[cell])}" for cell in places],
        "hovertemplate": f"{escaped(entry.title)}<br>%{{customdata}}<extra></extra>",
    }


def _number(entry: Entry, cell: Cell, y: float, colours: Palette) -> dict[str, Any]:
    place = {"x": _length(entry, cell), "xshift": 6, "xanchor": "left", "y": y, "yanchor": "middle"}
    return {**note(f"<b>{escaped(entry.written[cell])}</b>", colours, **place), "font": {"size": 12.5}}


def _title(entry: Entry, y: float, colours: Palette) -> list[dict[str, Any]]:
    text = escaped(entry.title) + (f"  <i>{escaped(entry.remark)}</i>" if entry.remark and entry.values else "")
    place = {"xref": "paper", "x": 0, "xshift": -42, "xanchor": "left", "y": y, "yanchor": "middle"}
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


_BETWEEN, _APART, _LABEL = 0.008, 0.04, 0.2
"""Between pairs, between cells, and at least for a cell's words: as shares of all the matrices' widths."""


def matrices(cells: Mapping[Cell, Matrices], colours: Palette) -> go.Figure:
    """Each pair of matrices as two rectangles side by side, light with the input and dark with the memory: one unit of
    length is one row or column of weights for every cell, so that areas are parameters."""
    tallest = max(one.hidden for one in cells.values())
    whole = sum(_width(one) for one in cells.values())
    drawing = canvas(colours, int(min(260, 96 + 560 * tallest / whole)), left=6, bottom=4, top=4)
    drawing |= {"showlegend": False, "hovermode": False}
    x = 0.0
    for cell, one in cells.items():
        for place, name in enumerate(one.names):
            at = x + place * (one.inputs + one.hidden + _BETWEEN * whole)
            drawing["shapes"] += _pair(at, one, colours.cell(cell))
            middle = {"x": at + (one.inputs + one.hidden) / 2, "y": one.hidden, "yanchor": "bottom"}
            drawing["annotations"].append(note(f"<i>{escaped(name)}</i>", colours, **middle))
        said = f"<b>{cell.value}</b> {escaped(one.written)}<br>{one.hidden} × {one.inputs + one.hidden}"
        drawing["annotations"].append(note(said, colours, x=x, xanchor="left", y=0, yanchor="top", align="left"))
        pairs = _width(one) + (one.pairs - 1) * _BETWEEN * whole
        x += max(pairs, _LABEL * whole) + _APART * whole
    drawing["xaxis"] = {"range": [0, x], "visible": False, "fixedrange": True, "constrain": "domain"}
    drawing["yaxis"] = {"range": [-0.34 * tallest, 1.16 * tallest], "visible": False, "fixedrange": True,
                        "scaleanchor": "x", "scaleratio": 1, "constrain": "domain"}  # fmt: skip
    empty = {"type": "scatter", "x": [0], "y": [0], "mode": "markers", "marker": {"opacity": 0}, "hoverinfo": "skip"}
    return go.Figure({"data": [empty], "layout": drawing}, _validate=False)


def _width(one: Matrices) -> int:
    return one.pairs * (one.inputs + one.hidden)


def _pair(x: float, one: Matrices, hue: str) -> list[dict[str, Any]]:
    edges = ((x, x + one.inputs, 0.4), (x + one.inputs, x + one.inputs + one.hidden, 0.85))
    return [
        {
            "type": "rect", "x0": begin, "x1": end, "y0": 0, "y1": one.hidden,
            "fillcolor": hue, "opacity": strength, "line": {"width": 0},
        }
        for begin, end, strength in edges
    ]  # fmt: skip
