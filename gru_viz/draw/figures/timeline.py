"""When each reader can answer: how much of the text must be there before it says what a character is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from gru_viz.draw.figures.by_position import WAYS, reader_canvas, reader_colour
from gru_viz.draw.figures.of_cells import titled
from gru_viz.draw.figures.time_axis import escaped
from gru_viz.draw.palette import Palette, rgb

HEIGHT = 300
MOST_TICKS = 60


@dataclass(frozen=True)
class Waits:
    """One reader: for every character how many must be there before its answer.

    Attributes:
        way: "forward", "backward" or "both".
        needed: (T,) from 1 to T.
    """

    way: str
    name: str
    needed: Sequence[int]


def needed(way: str, steps: int) -> list[int]:
    """How many characters of a text of so many must be there before a reader answers for each of them.

    A reader from the left answers for a character as it comes; whoever reads from the right starts with the last.
    """
    return list(range(1, steps + 1)) if way == "forward" else [steps] * steps


def timeline(
    tokens: Sequence[str], readers: Sequence[Waits], x_title: str, y_title: str, hover: str, colours: Palette
) -> go.Figure:
    """A line a reader over the text; the area above the forward one is what waiting for the end costs.

    Args:
        tokens: the text, as it can be drawn.
        hover: what is said of a point, with {token}, {name} and {needed}.
    """
    drawing = reader_canvas(colours, HEIGHT)
    places = np.arange(1, len(tokens) + 1)
    every = -(-len(tokens) // MOST_TICKS)
    drawing["xaxis"] |= {
        "tickmode": "array",
        "tickvals": places[::every],
        "ticktext": [escaped(token) for token in tokens[::every]],
        "tickangle": 0,
        "range": [0.5, len(tokens) + 0.5],
    }
    drawing["xaxis"]["title"] = titled(x_title)
    drawing["yaxis"] |= {"range": [0, len(tokens) * 1.08 + 0.5], "tickformat": "d"}
    drawing["yaxis"]["title"] = titled(y_title)
    drawing["hovermode"] = "closest"
    waits = sorted(readers, key=lambda reader: sum(reader.needed))
    traces = [_line(reader, tokens, places, hover, place, colours) for place, reader in enumerate(waits)]
    return go.Figure({"data": traces, "layout": drawing}, _validate=False)


def _line(
    reader: Waits, tokens: Sequence[str], places: np.ndarray, hover: str, place: int, colours: Palette
) -> dict[str, Any]:
    """The quickest reader first; the next fills what lies between them."""
    colour = reader_colour(reader.way, colours)
    red, green, blue = rgb(colour)
    symbol, dash = WAYS[reader.way]
    told = [
        escaped(hover.format(token=token, name=reader.name, needed=count))
        for token, count in zip(tokens, reader.needed, strict=True)
    ]
    fill = {"fill": "tonexty", "fillcolor": f"rgba({red}, {green}, {blue}, 0.10)"} if place == 1 else {}
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": escaped(reader.name),
        "x": places,
        "y": list(reader.needed),
        "line": {"color": colour, "width": 2.2, "dash": dash, "shape": "hv" if reader.way == "forward" else "linear"},
        "marker": {"size": 8 if len(tokens) <= MOST_TICKS else 3, "symbol": symbol, "color": colour},
        "text": told,
        "hovertemplate": "%{text}<extra></extra>",
        **fill,
    }
