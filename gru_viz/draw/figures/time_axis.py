"""The shared time axis: where each row of the instrument stands, tokens on top, one crosshair through all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gru_viz.draw.palette import Palette

LEFT = 66
"""Pixels left of the first column, for the rows' names."""
RIGHT = 6
GAP = 7
"""Pixels between two rows."""
FONT = '"Source Sans", "Source Sans 3", "Noto Sans SC", sans-serif'


@dataclass(frozen=True)
class AxisRow:
    """One row of the instrument: its height in pixels, what is written left of it and the range of its own y axis."""

    height: int
    symbol: str
    caption: str
    colour: str
    low: float
    high: float


@dataclass(frozen=True)
class Columns:
    """The steps drawn.

    Attributes:
        tokens: what each step read, as it can be seen.
        first: the 0-based number of the first step drawn.
        selected: which of them is selected, as an index into `tokens`.
        unknown: indices of tokens the model has never seen; they are written fainter, with a question mark.
    """

    tokens: Sequence[str]
    first: int
    selected: int
    unknown: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def steps(self) -> list[int]:
        """The x coordinate of every column: its 0-based step."""
        return list(range(self.first, self.first + len(self.tokens)))


def escaped(text: str) -> str:
    """Text as Plotly must be given it, for it reads a few HTML tags and entities in every label."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


WIDTH = 580
"""About as many pixels as the columns get on a screen of 1440; only sizes and labels are chosen by it."""


def token_size(columns: Columns) -> int:
    """Font size of the tokens in pixels: large for a name, still legible for a full window of a text."""
    longest = max((_width(token) for token in columns.tokens), default=1.0)
    return max(11, min(22, int(WIDTH / (max(len(columns), 1) * max(longest, 1.0) * 0.66))))


def token_stride(columns: Columns) -> int:
    """1 where every token fits over its column; more for long ones such as numbers, of which every n-th is written."""
    longest = max((_width(token) for token in columns.tokens), default=1.0)
    needed = token_size(columns) * 0.55 * longest + 3
    return 1 if longest <= 1.8 else max(1, -(-int(needed * len(columns)) // WIDTH))


def _width(token: str) -> float:
    return sum(1.8 if ord(character) > 0x2E7F else 1.0 for character in token)


def layout(columns: Columns, rows: Sequence[AxisRow], colours: Palette) -> dict[str, Any]:
    """The figure's layout: one x axis for all rows, one y axis a row, named y, y2, y3 … from the top."""
    top = token_size(columns) + 12
    inner = sum(row.height for row in rows) + GAP * (len(rows) - 1)
    made: dict[str, Any] = {
        "height": inner + top + 2,
        "margin": {"l": LEFT, "r": RIGHT, "t": top, "b": 2, "pad": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": colours.ink, "size": 12, "family": FONT},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "x",
        "hoversubplots": "axis",
        "hoverlabel": {
            "bgcolor": colours.paper,
            "bordercolor": colours.rule,
            "font": {"color": colours.ink, "size": 12},
        },
        "xaxis": _time_axis(columns, colours),
        "annotations": [],
        "shapes": [],
    }
    upper = inner
    for index, row in enumerate(rows):
        lower = upper - row.height
        domain = [max(0.0, lower / inner), min(1.0, upper / inner)]
        made[axis_name(index, long=True)] = {
            "domain": domain,
            "range": [row.low, row.high],
            "anchor": "x",
            "fixedrange": True,
            "visible": False,
        }
        made["annotations"] += _row_name(row, domain)
        upper = lower - GAP
    return made


def axis_name(index: int, *, long: bool = False) -> str:
    """The name Plotly gives the y axis of the row at `index` from the top: y, y2 … or, in a layout, yaxis, yaxis2 …"""
    return ("yaxis" if long else "y") + ("" if index == 0 else str(index + 1))


def _time_axis(columns: Columns, colours: Palette) -> dict[str, Any]:
    size = token_size(columns)
    marked = [_marked(columns, place, colours) for place in range(len(columns))]
    return {
        "side": "top",
        "anchor": "y",
        "range": [columns.first - 0.5, columns.first + len(columns) - 0.5],
        "tickmode": "array",
        "tickvals": columns.steps,
        "ticktext": marked,
        "tickangle": 0,
        "tickfont": {"size": size, "color": colours.ink},
        "ticks": "",
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "showspikes": True,
        "spikemode": "across",
        "spikesnap": "hovered data",
        "spikethickness": 1,
        "spikedash": "solid",
        "spikecolor": colours.quiet,
    }


def _marked(columns: Columns, place: int, colours: Palette) -> str:
    text = escaped(columns.tokens[place])
    if place != columns.selected and place % token_stride(columns):
        return ""
    if place in columns.unknown:
        text = f'<span style="color:{colours.quiet}">{text}<sub>?</sub></span>'
    return f"<b>{text}</b>" if place == columns.selected else text


def _row_name(row: AxisRow, domain: list[float]) -> list[dict[str, Any]]:
    shared = {"xref": "paper", "x": 0, "yref": "paper", "showarrow": False, "xanchor": "right", "align": "right"}
    caption = {
        **shared,
        "xshift": -9,
        "font": {"size": 11},
        "opacity": 0.75,
        "text": escaped(row.caption).replace("\n", "<br>"),
    }
    if not row.symbol:
        return [{**caption, "y": domain[1], "yanchor": "top"}]
    symbol = {
        **shared,
        "xshift": -10,
        "y": domain[1],
        "yanchor": "top",
        "text": f"<b><i>{escaped(row.symbol)}</i></b>",
        "font": {"size": 19, "color": row.colour},
    }
    return [symbol, {**caption, "y": domain[1], "yanchor": "top", "yshift": -27}]


def selection(columns: Columns, colours: Palette) -> list[dict[str, Any]]:
    """The selected column's outline, and a veil over the steps that come after it."""
    here = columns.first + columns.selected
    end = columns.first + len(columns) - 0.5
    shapes: list[dict[str, Any]] = [
        {
            "type": "rect", "xref": "x", "yref": "paper", "x0": here - 0.5, "x1": here + 0.5, "y0": 0, "y1": 1,
            "line": {"color": colours.ink, "width": 1.6}, "layer": "above",
        }
    ]  # fmt: skip
    if here + 0.5 < end:
        shapes.append(
            {
                "type": "rect", "xref": "x", "yref": "paper", "x0": here + 0.5, "x1": end, "y0": 0, "y1": 1,
                "line": {"width": 0}, "fillcolor": colours.panel, "opacity": 0.62, "layer": "above",
            }
        )  # fmt: skip
    return shapes
