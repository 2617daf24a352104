"""Readers compared place by place: how often each is wrong at a token's first character, its second; or by class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from gru_viz.draw.figures.of_cells import canvas, titled
from gru_viz.draw.figures.time_axis import escaped
from gru_viz.draw.palette import Palette
from gru_viz.locale.digits import bound

HEIGHT = 300
MOST_BARS = 10
"""With more places than this a bar would be too thin for its number: they are marked instead."""
WAYS = {"forward": ("triangle-right", "dot"), "backward": ("triangle-left", "dash"), "both": ("diamond", "solid")}
"""Marker and line of a reader: the arrow points where it reads to, so that no reader is known by its colour alone."""


@dataclass(frozen=True)
class Reader:
    """One reader's figures.

    Attributes:
        way: "forward", "backward" or "both".
        places: what stands on the axis, in order; a reader may have fewer than another.
        values: the figure at each.
        told: each as it is written when pointed at.
    """

    way: str
    name: str
    places: Sequence[str]
    values: Sequence[float]
    told: Sequence[str]


def reader_colour(way: str, colours: Palette) -> str:
    """The hue of a way of reading, which is no gate's: a GRU's, a GRU's that reads from the right, a Bi-GRU's."""
    return colours.cell({"forward": "GRU", "backward": "GRU ←", "both": "Bi-GRU"}[way])


def by_position(
    readers: Sequence[Reader], x_title: str, y_title: str, colours: Palette, *, joined: bool = True
) -> go.Figure:
    """Every reader's figure at every place, the axis from 0.

    Args:
        joined: the places follow one another, so lines join them; False for classes, which have no order: bars, each
            with its number, or marks where there are too many.
    """
    drawing = reader_canvas(colours, HEIGHT)
    places = list(dict.fromkeys(place for reader in readers for place in reader.places))
    drawing["xaxis"] |= {"type": "category", "categoryorder": "array", "categoryarray": places}
    drawing["xaxis"]["title"] = titled(x_title)
    drawing["yaxis"] |= {"rangemode": "tozero"}
    drawing["yaxis"]["title"] = titled(y_title)
    bars = not joined and len(places) <= MOST_BARS
    traces = [_bars(reader, colours) if bars else _marks(reader, colours, joined) for reader in readers]
    return go.Figure({"data": traces, "layout": drawing}, _validate=False)


def reader_canvas(colours: Palette, height: int) -> dict[str, Any]:
    """The canvas of figures of readers: room for the arrows in the legend, a camera that is there but quiet."""
    drawing = canvas(colours, height)
    drawing["legend"] |= {"entrywidth": 92}
    drawing["uniformtext"] = {"minsize": 9, "mode": "hide"}
    drawing["modebar"] = {"bgcolor": "rgba(0,0,0,0)", "color": colours.quiet, "activecolor": colours.ink}
    return drawing


def _bars(reader: Reader, colours: Palette) -> dict[str, Any]:
    """Bars with their number on top; the reader's arrow is in the legend and on every bar's foot in its pattern."""
    return {
        "type": "bar",
        "name": escaped(reader.name),
        "x": [escaped(place) for place in reader.places],
        "y": list(reader.values),
        "marker": {
            "color": reader_colour(reader.way, colours),
            "pattern": {
                "shape": {"forward": "/", "backward": "\\", "both": ""}[reader.way],
                "fillmode": "overlay",
                "fgcolor": colours.panel,
                "fgopacity": 0.45,
                "size": 7,
            },
        },
        "text": [bound(value) for value in reader.values],
        "textposition": "outside",
        "textangle": 0,
        "textfont": {"size": 11, "color": colours.ink},
        "cliponaxis": False,
        "hovertext": [escaped(words) for words in reader.told],
        "hovertemplate": "%{hovertext}",
    }


def _marks(reader: Reader, colours: Palette, joined: bool) -> dict[str, Any]:
    symbol, dash = WAYS[reader.way]
    colour = reader_colour(reader.way, colours)
    return {
        "type": "scatter",
        "mode": "lines+markers" if joined else "markers",
        "name": escaped(reader.name),
        "x": [escaped(place) for place in reader.places],
        "y": list(reader.values),
        "line": {"color": colour, "width": 2.2, "dash": dash},
        "marker": {"size": 11, "symbol": symbol, "color": colour},
        "text": [escaped(words) for words in reader.told],
        "hovertemplate": "%{text}",
    }
