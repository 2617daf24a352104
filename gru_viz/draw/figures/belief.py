"""What the model believes at every step: a river of classes, guessed next symbols, a forecast; or what it was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gru_viz.draw.figures.time_axis import WIDTH, Columns, escaped
from gru_viz.draw.palette import Palette, rgb

BELIEF_HEIGHT = 92
HALF_LINE = 8
"""Half a label's line, in pixels."""
THINNEST = 15
"""A band of fewer pixels has no name."""


@dataclass(frozen=True)
class River:
    """Shares of the likeliest classes, (K, T), bottom to top; the rest is drawn above them.

    Attributes:
        names: what the classes are called.
        slots: the place of each class in the palette, from `slots.class_places`.
        percents: every share as it is written.
    """

    names: list[str]
    slots: Sequence[int]
    shares: NDArray[np.float32]
    percents: list[list[str]]
    rest_name: str


@dataclass(frozen=True)
class Guesses:
    """The likeliest next symbols at every step, likeliest first; everything is (K, T)."""

    symbols: Sequence[Sequence[str]]
    p: NDArray[np.float32]
    hover: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Series:
    """Numbers over time, (T,): what came in, and what was foretold for that step, NaN where nothing was."""

    actual: NDArray[np.float32]
    forecast: NDArray[np.float32]
    actual_name: str
    forecast_name: str


@dataclass(frozen=True)
class Inputs:
    """The numbers that came in, (I, T), where the model believes nothing."""

    values: NDArray[np.float32]
    names: Sequence[str]


Belief = River | Guesses | Series | Inputs


def extent(belief: Belief) -> tuple[float, float]:
    """Bottom and top of the row's own y axis."""
    if isinstance(belief, River):
        return 0.0, 1.0
    if isinstance(belief, Guesses):
        return len(belief.symbols) - 0.5, -0.5
    if isinstance(belief, Inputs):
        return len(belief.names) - 0.5, -0.5
    known = np.concatenate([belief.actual, belief.forecast])
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    room = 0.08 * (high - low) or 1.0
    return low - room, high + room


def draw(belief: Belief, columns: Columns, axis: str, colours: Palette) -> tuple[list[dict], list[dict]]:
    """Traces and annotations of the belief row."""
    if isinstance(belief, River):
        return _river(belief, columns, axis, colours), _river_labels(belief, columns, axis, colours)
    if isinstance(belief, Guesses):
        return [_ladder(belief, columns, axis, colours)], []
    if isinstance(belief, Inputs):
        return [_inputs(belief, columns, axis, colours)], []
    return _series(belief, columns, axis, colours), []


def _river(river: River, columns: Columns, axis: str, colours: Palette) -> list[dict[str, Any]]:
    edges = np.concatenate([[columns.first - 0.5], columns.steps, [columns.first + len(columns) - 0.5]])
    shared = {"type": "scatter", "mode": "lines", "x": edges, "xaxis": "x", "yaxis": axis, "stackgroup": "belief",
              "hoverinfo": "skip", "line": {"width": 0.6, "color": colours.panel}}  # fmt: skip
    rest = np.clip(1.0 - river.shares.sum(axis=0), 0.0, 1.0)
    hues = [colours.classes[slot] for slot in river.slots]
    bands = list(zip(river.names, river.shares, hues, strict=True))
    traces = [
        {**shared, "name": f"belief-{escaped(name)}", "y": np.pad(share, 1, mode="edge"), "fillcolor": colour}
        for name, share, colour in [*bands, (river.rest_name, rest, colours.rest)]
    ]
    text = ["<br>".join(f"{escaped(n)} {p}" for n, p in _three(river, step)) for step in range(len(columns))]
    hover = {"type": "scatter", "mode": "markers", "x": np.asarray(columns.steps), "y": np.full(len(columns), 0.5),
             "marker": {"opacity": 0, "size": 1}, "text": text, "hovertemplate": "%{text}<extra></extra>",
             "xaxis": "x", "yaxis": axis, "name": "belief"}  # fmt: skip
    return [*traces, hover]


def _three(river: River, step: int) -> list[tuple[str, str]]:
    best = np.argsort(-river.shares[:, step], kind="stable")[:3]
    return [(river.names[k], river.percents[k][step]) for k in best]


@dataclass(frozen=True)
class _Label:
    """One name in pixels of the row: its ends, its middle's height, and where Plotly anchors it."""

    text: str
    left: float
    right: float
    y: float
    anchor: str
    x: float

    def touches(self, other: _Label) -> bool:
        return self.left < other.right and other.left < self.right and abs(self.y - other.y) < 2 * HALF_LINE


def _river_labels(river: River, columns: Columns, axis: str, colours: Palette) -> list[dict[str, Any]]:
    """In ink on a patch of the page's colour: to be read on every band, played or still veiled."""
    return [
        {
            "xref": "x", "yref": axis, "x": columns.first - 0.5 + label.x * len(columns) / WIDTH,
            "xanchor": label.anchor, "y": label.y / BELIEF_HEIGHT,
            "text": f"<b>{escaped(label.text)}</b>", "showarrow": False, "borderpad": 0,
            "bgcolor": "rgba({}, {}, {}, 0.75)".format(*rgb(colours.panel)),
            "font": {"size": 11, "color": colours.ink},
        }
        for label in _labels(river)
    ]  # fmt: skip


def _labels(river: River) -> list[_Label]:
    """Each class is named once, with its share at that step: who leads at the end there, and first, so that the last
    name one reads is the last belief; every other at its peak, or at the nearest step where it has at least half of it
    and the words touch no others."""
    steps = river.shares.shape[1]
    floor = np.concatenate([np.zeros((1, steps)), np.cumsum(river.shares, axis=0)[:-1]])
    leader: int | None = int(river.shares[:, -1].argmax())
    if float(1 - river.shares[:, -1].sum()) > river.shares[leader, -1]:
        leader = None  # one of the others may lead
    ranked = sorted(range(len(river.names)), key=lambda k: (k != leader, -float(river.shares[k].max())))
    labels: list[_Label] = []
    for k in ranked:
        peak = int(river.shares[k].argmax())
        least = max(float(river.shares[k, peak]) / 2, THINNEST / BELIEF_HEIGHT)
        near = [step for step in sorted(range(steps), key=lambda s: abs(s - peak)) if river.shares[k, step] >= least]
        for step in [steps - 1] if k == leader else near:
            text = f"{river.names[k]} {river.percents[k][step]}"
            left, right, anchor, x = _beside(text, step, steps)
            y = (float(floor[k, step]) + float(river.shares[k, step]) / 2) * BELIEF_HEIGHT
            label = _Label(text, left, right, min(max(y, HALF_LINE), BELIEF_HEIGHT - HALF_LINE), anchor, x)
            last = leader is None or k == leader or left + right < labels[0].left + labels[0].right
            if last and not any(label.touches(other) for other in labels):
                labels.append(label)
                break
    return labels


def _beside(text: str, step: int, steps: int) -> tuple[float, float, str, float]:
    """A label's left and right end in its column, its anchor and where that is: by its edge where it is pushed inwards,
    so that a narrower screen clips nothing."""
    half = 3.6 * sum(2 if ord(c) > 0x2E7F else 1 for c in text) + 4
    x = (step + 0.5) * WIDTH / steps
    if x < half:
        return 0.0, 2 * half, "left", 2.0
    if x > WIDTH - half:
        return WIDTH - 2 * half, WIDTH, "right", WIDTH - 2.0
    return x - half, x + half, "center", x


def _ladder(guesses: Guesses, columns: Columns, axis: str, colours: Palette) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "name": "belief",
        "x": np.asarray(columns.steps),
        "y": np.arange(len(guesses.symbols)),
        "z": guesses.p,
        "zmin": 0.0,
        "zmax": 1.0,
        "colorscale": colours.likelihood(),
        "showscale": False,
        "xgap": 2 if len(columns) <= 32 else 1,
        "ygap": 1,
        "text": [[escaped(symbol) for symbol in row] for row in guesses.symbols],
        "texttemplate": "%{text}",
        "textfont": {"size": max(10, min(16, 560 // max(len(columns), 1)))},
        "customdata": [list(row) for row in guesses.hover],
        "hovertemplate": "%{customdata}<extra></extra>",
        "xaxis": "x",
        "yaxis": axis,
    }


def _series(series: Series, columns: Columns, axis: str, colours: Palette) -> list[dict[str, Any]]:
    shared = {"type": "scatter", "mode": "lines+markers", "x": np.asarray(columns.steps), "xaxis": "x", "yaxis": axis}
    actual = {**shared, "name": escaped(series.actual_name), "y": series.actual,
              "line": {"color": colours.ink, "width": 1.6}, "marker": {"size": 4},
              "hovertemplate": f"{escaped(series.actual_name)} %{{y:.4~g}}<extra></extra>"}  # fmt: skip
    forecast = {**shared, "name": escaped(series.forecast_name), "y": series.forecast,
                "line": {"color": colours.classes[0], "width": 1.8, "dash": "dot"}, "marker": {"size": 4},
                "hovertemplate": f"{escaped(series.forecast_name)} %{{y:.4~g}}<extra></extra>"}  # fmt: skip
    return [actual, forecast]


def _inputs(inputs: Inputs, columns: Columns, axis: str, colours: Palette) -> dict[str, Any]:
    end = max(float(np.abs(inputs.values).max(initial=0.0)), 1e-9)
    return {
        "type": "heatmap",
        "name": "input",
        "x": np.asarray(columns.steps),
        "y": np.arange(len(inputs.names)),
        "z": inputs.values,
        "zmin": -end,
        "zmax": end,
        "colorscale": colours.diverging(),
        "showscale": False,
        "xgap": 2,
        "ygap": 1,
        "text": [[escaped(name)] * len(columns) for name in inputs.names],
        "hovertemplate": "<b>x</b> %{text} %{z:.4f}<extra></extra>",
        "xaxis": "x",
        "yaxis": axis,
    }
