"""How sure a belief was after each letter, beside how often it was right: over-confident where it said more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from gru_viz.analysis.trust import Trust
from gru_viz.draw.figures.of_cells import canvas, titled
from gru_viz.draw.figures.time_axis import escaped
from gru_viz.draw.palette import Palette
from gru_viz.locale import Say

HEIGHT = 190


@dataclass(frozen=True)
class Said:
    """Shares of 1 after each number of letters.

    Attributes:
        letters: how many were read.
        said: the mean confidence of the best guess.
        right: how often it was right; low, high: the 95 % interval of that.
    """

    letters: Sequence[int]
    said: Sequence[float]
    right: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def trust(found: Said, said: str, right: str, x_title: str, y_title: str, colours: Palette) -> go.Figure:
    """Two lines in percent: dashed what it said, solid what was right, with whiskers of 95 %."""
    drawing = canvas(colours, HEIGHT)
    drawing["xaxis"] |= {"title": titled(x_title), "dtick": 1}
    drawing["yaxis"] |= {"title": titled(y_title), "range": [0, 100]}
    up = [100 * (high - share) for high, share in zip(found.high, found.right, strict=True)]
    down = [100 * (share - low) for low, share in zip(found.low, found.right, strict=True)]
    whiskers = {"type": "data", "array": up, "arrayminus": down, "symmetric": False, "thickness": 1.2, "width": 3}
    dashed = _line(found.letters, found.said, said, colours.quiet, "dash")
    solid = _line(found.letters, found.right, right, colours.ink, "solid") | {"error_y": whiskers}
    return go.Figure({"data": [dashed, solid], "layout": drawing}, _validate=False)


def of_card(measured: Mapping[int, Trust], colours: Palette, say: Say) -> go.Figure:
    """What the best guess says after each number of letters, and how often it is right."""
    bounds = [one.right.interval or (one.right.value,) * 2 for one in measured.values()]
    drawn = Said(
        list(measured),
        [one.said for one in measured.values()],
        [one.right.value for one in measured.values()],
        [low for low, _ in bounds],
        [high for _, high in bounds],
    )
    return trust(drawn, say("trust.said"), say("trust.right"), say("trust.letters"), say("trust.percent"), colours)


def _line(letters: Sequence[int], shares: Sequence[float], name: str, hue: str, dash: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": list(letters),
        "y": [100 * share for share in shares],
        "line": {"color": hue, "width": 1.6, "dash": dash},
        "marker": {"size": 5, "color": hue},
        "hovertemplate": f"{escaped(name)} %{{y:.1f}} %<extra></extra>",
    }
