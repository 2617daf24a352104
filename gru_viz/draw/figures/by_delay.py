"""Memory over time: accuracy against delay with the seeds' spread, and how long two states stay apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from gru_viz.cells.quantities import Cell
from gru_viz.draw.figures.of_cells import band, canvas, cell_line, note, titled
from gru_viz.draw.figures.time_axis import escaped
from gru_viz.draw.palette import Palette

HEIGHT = 300


@dataclass(frozen=True)
class Held:
    """One cell's accuracy at every delay, over several seeds; all of one length.

    Attributes:
        mean, low, high: shares of right answers.
    """

    delays: Sequence[int]
    mean: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


@dataclass(frozen=True)
class Fresh:
    """One cell's accuracy on sequences of one delay, with its interval."""

    delay: int
    share: float
    low: float
    high: float
    name: str


@dataclass(frozen=True)
class HeldWords:
    """What is written on the figure."""

    title: str
    delay: str
    guessing: str


def accuracy_by_delay(
    cells: Mapping[Cell, Held],
    chance: float,
    words: HeldWords,
    colours: Palette,
    fresh: Mapping[Cell, Fresh] | None = None,
) -> go.Figure:
    """Accuracy from 0 to 1 against delay on a logarithmic axis: the line is the mean, the band reaches from the
    lowest seed to the highest, the dotted rule is guessing; a diamond with its interval is what was measured fresh."""
    drawing = canvas(colours, HEIGHT, top=58)
    traces = [band(cell, one.delays, one.low, one.high, colours) for cell, one in cells.items()]
    traces += [
        cell_line(cell, one.delays, one.mean, colours, hovertemplate="%{y:.1%}", meta=cell.value)
        for cell, one in cells.items()
    ]
    traces += [_mark(cell, one, colours) for cell, one in (fresh or {}).items()]
    delays = sorted({delay for one in cells.values() for delay in one.delays})
    drawing["xaxis"] |= {
        "type": "log",
        "tickvals": delays,
        "ticktext": [str(d) for d in delays],
        "title": titled(words.delay),
    }
    drawing["yaxis"] |= {"range": [0, 1.04], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]}
    drawing["title"] = {"text": escaped(words.title), "x": 0, "xref": "paper", "font": {"size": 13.5}, "y": 0.97}
    drawing["shapes"] = [
        {
            "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": chance, "y1": chance,
            "line": {"color": colours.quiet, "dash": "dot", "width": 1.3},
        }
    ]  # fmt: skip
    place = {"xref": "paper", "x": 1, "xanchor": "right", "y": chance, "yanchor": "bottom"}
    drawing["annotations"] = [note(escaped(words.guessing), colours, **place)]
    return go.Figure({"data": traces, "layout": drawing}, _validate=False)


def _mark(cell: Cell, one: Fresh, colours: Palette) -> dict[str, Any]:
    hue = colours.cell(cell)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{cell.value}, {one.name}",
        "x": [one.delay],
        "y": [one.share],
        "marker": {"symbol": "diamond", "size": 12, "color": hue, "line": {"width": 1.5, "color": colours.ink}},
        "error_y": {
            "type": "data", "symmetric": False, "array": [one.high - one.share], "arrayminus": [one.share - one.low],
            "color": hue, "thickness": 1.6, "width": 5,
        },
        "hovertemplate": "%{y:.1%}",
        "showlegend": False,
    }  # fmt: skip


def left_over(shares: Mapping[Cell, Sequence[float]], x_title: str, y_title: str, colours: Palette) -> go.Figure:
    """What is left of the distance between two states, step by step after the symbol in which they differ: 1 is all
    of it, and more than 1 is drifting apart. One scale for all cells, from 0."""
    drawing = canvas(colours, HEIGHT)
    traces = [
        cell_line(cell, range(len(share)), share, colours, mode="lines", hovertemplate="%{y:.1%}")
        for cell, share in shares.items()
    ]
    top = max(1.0, *(max(share) for share in shares.values()))
    drawing["xaxis"] |= {"title": titled(x_title), "rangemode": "tozero"}
    drawing["yaxis"] |= {"range": [0, 1.06 * top], "tickformat": ".0%", "title": titled(y_title)}
    return go.Figure({"data": traces, "layout": drawing}, _validate=False)
