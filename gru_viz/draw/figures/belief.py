"""What the model believes at every step: a river of classes, guessed next symbols, a forecast; or what it was given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gru_viz.draw.figures.time_axis import WIDTH, Columns, escaped
from gru_viz.draw.palette import Palette, rgb
from gru_viz.locale import Say
from gru_viz.locale.digits import percent
from gru_viz.story.belief_row import BeliefRow

BELIEF_HEIGHT = 92
HALF_LINE = 8
"""Half a label's line, in pixels."""
THINNEST = 15
"""A band of fewer pixels has no name."""


LONGEST, TOO_LONG = 8, "\N{REFERENCE MARK}"
"""A symbol's name that is longer than a column is wide is read on hovering."""


def extent(row: BeliefRow) -> tuple[float, float]:
    """Bottom and top of the row's own y axis."""
    if row.kind == "classify":
        return 0.0, 1.0
    if row.kind in ("next", "inputs"):
        return len(row.values) - 0.5, -0.5
    known = row.values[:2][np.isfinite(row.values[:2])]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    room = 0.08 * (high - low) or 1.0
    return low - room, high + room


def draw(row: BeliefRow, columns: Columns, axis: str, colours: Palette, say: Say) -> tuple[list[dict], list[dict]]:
    """Traces and annotations of the belief row."""
    if row.kind == "classify":
        river = _River(row, say)
        return _river(river, columns, axis, colours), _river_labels(river, columns, axis, colours)
    if row.kind == "next":
        return [_ladder(row, columns, axis, colours, say)], []
    if row.kind == "inputs":
        return [_inputs(row, columns, axis, colours)], []
    return _series(row, columns, axis, colours), []


class _River:
    """The bands of a row of classes: shares (K, T) bottom to top; what is left is drawn above them."""

    def __init__(self, row: BeliefRow, say: Say) -> None:
        bands = len(row.slots)
        self.names, self.slots, self.shares = list(row.names[:bands]), row.slots, row.values[:bands]
        self.rest_name = say("belief.rest")
        self._say = say

    def percent(self, band: int, step: int) -> str:
        """A share as it is written."""
        return _percent(self._say, self.shares[band, step])


def _percent(say: Say, share: float) -> str:
    return say("number.percent", value=percent(float(share)))


def _river(river: _River, columns: Columns, axis: str, colours: Palette) -> list[dict[str, Any]]:
    edges = np.concatenate([[columns.first - 0.5], columns.steps, [columns.first + len(columns) - 0.5]])
    shared = {"type": "scatter", "mode": "lines", "x": edges, "xaxis": "x", "yaxis": axis, "stackgroup": "belief",
              "hoverinfo": "skip", "line": {"width": 0.6, "color": colours.panel}}  # fmt: skip
    rest = np.clip(1.0 - river.shares.sum(axis=0), 0.0, 1.0)
    hues = [colours.slot(slot) for slot in river.slots]
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


def _three(river: _River, step: int) -> list[tuple[str, str]]:
    best = np.argsort(-river.shares[:, step], kind="stable")[:3]
    return [(river.names[k], river.percent(k, step)) for k in best]


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


def _river_labels(river: _River, columns: Columns, axis: str, colours: Palette) -> list[dict[str, Any]]:
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


def _labels(river: _River) -> list[_Label]:
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
            text = f"{river.names[k]} {river.percent(k, step)}"
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


def _ladder(row: BeliefRow, columns: Columns, axis: str, colours: Palette, say: Say) -> dict[str, Any]:
    """The likeliest next symbols, likeliest on top."""
    assert row.symbols is not None
    named = [[row.names[int(symbol)] for symbol in symbols] for symbols in row.symbols]
    hover = [
        [say("belief.next_hover", symbol=name, percent=_percent(say, share)) for name, share in zip(*one, strict=True)]
        for one in zip(named, row.values, strict=True)
    ]
    return {
        "type": "heatmap",
        "name": "belief",
        "x": np.asarray(columns.steps),
        "y": np.arange(len(named)),
        "z": row.values,
        "zmin": 0.0,
        "zmax": 1.0,
        "colorscale": colours.likelihood(),
        "showscale": False,
        "xgap": 2 if len(columns) <= 32 else 1,
        "ygap": 1,
        "text": [[escaped(name if len(name) <= LONGEST else TOO_LONG) for name in names] for names in named],
        "texttemplate": "%{text}",
        "textfont": {"size": max(10, min(16, 560 // max(len(columns), 1)))},
        "customdata": hover,
        "hovertemplate": "%{customdata}<extra></extra>",
        "xaxis": "x",
        "yaxis": axis,
    }


def _series(row: BeliefRow, columns: Columns, axis: str, colours: Palette) -> list[dict[str, Any]]:
    """What was given, and what had been foretold for that step."""
    shared = {"type": "scatter", "mode": "lines+markers", "x": np.asarray(columns.steps), "xaxis": "x", "yaxis": axis}
    given, foretold = (values.astype(np.float32) for values in row.values[:2])
    given_name, foretold_name = (escaped(name) for name in row.names[:2])
    actual = {**shared, "name": given_name, "y": given,
              "line": {"color": colours.ink, "width": 1.6}, "marker": {"size": 4},
              "hovertemplate": f"{given_name} %{{y:.4~g}}<extra></extra>"}  # fmt: skip
    forecast = {**shared, "name": foretold_name, "y": foretold,
                "line": {"color": colours.classes[0], "width": 1.8, "dash": "dot"}, "marker": {"size": 4},
                "hovertemplate": f"{foretold_name} %{{y:.4~g}}<extra></extra>"}  # fmt: skip
    return [actual, forecast]


def _inputs(row: BeliefRow, columns: Columns, axis: str, colours: Palette) -> dict[str, Any]:
    end = max(float(np.abs(row.values).max(initial=0.0)), 1e-9)
    return {
        "type": "heatmap",
        "name": "input",
        "x": np.asarray(columns.steps),
        "y": np.arange(len(row.names)),
        "z": row.values,
        "zmin": -end,
        "zmax": end,
        "colorscale": colours.diverging(),
        "showscale": False,
        "xgap": 2,
        "ygap": 1,
        "text": [[escaped(name)] * len(columns) for name in row.names],
        "hovertemplate": "<b>x</b> %{text} %{z:.4f}<extra></extra>",
        "xaxis": "x",
        "yaxis": axis,
    }
