"""Several readers of one text, side by side: what the lanes player is sent, as one safetensors blob.

A lane is one model, or one direction of one, with rows under a shared ribbon of tokens: strips of units × steps (one
byte a cell, as `quantise` says), cells that say what it takes each token for, or a sentence where it has nothing to
show. Beside the lanes stand bars: beliefs at the selected step, a row each, over classes all of them share.

Names of tensors: `<lane>.<row>.strip` (T, H) bytes, `.step`, `.low` (H,) · `<lane>.<row>.which`, `.share`, `.mark` (T,)
· `bars.<k>` (T, K), `bars.<k>.truth` (T,) · everything else is the metadata's `lanes`, one JSON string.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from gru_viz.cells.quantities import Quantity
from gru_viz.draw.player.quantise import quantised

VERSION = 1
NOBODY = 255
"""Stands in `which` where a row says nothing of a step."""


Mark = Literal["", "wrong", "revised", "differs"]
MARKS: tuple[Mark, ...] = get_args(Mark)


@dataclass(frozen=True)
class Strip:
    """Units × steps of one quantity.

    Attributes:
        quantity: decides hue and scale.
        values: (T, H), as a trace has them, units in the order to be drawn, top to bottom.
        symbol, caption: what stands at its left; the symbol defaults to the quantity's.
        alive: (T,) steps that are part of the sequence; None for all.
    """

    quantity: Quantity
    values: NDArray[np.floating]
    symbol: str = ""
    caption: str = ""
    alive: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Cells:
    """What a lane takes each token for: a coloured cell a step.

    Attributes:
        names, colours: the classes, as a visitor reads them, and a CSS colour for each.
        which: (T,) index into them; negative where nothing is said.
        share: (T,) how sure, 0..1, shown as the cell's strength.
        marks: (T,) one of `MARKS` each: "wrong" is crossed, "revised" framed, "differs" dotted.
        symbol, caption: what stands at its left.
        written: write the class and its share under each cell, where there is room.
    """

    names: Sequence[str]
    colours: Sequence[str]
    which: NDArray[np.integer]
    share: NDArray[np.floating]
    marks: Sequence[Mark] = ()
    symbol: str = ""
    caption: str = ""
    written: bool = False


@dataclass(frozen=True)
class Note:
    """A sentence where a row would stand."""

    text: str
    symbol: str = ""
    caption: str = ""


Row = Strip | Cells | Note


@dataclass(frozen=True)
class Lane:
    """One reader.

    Attributes:
        name: its test id is "lane-<name>"; letters, digits and hyphens.
        title, caption: what stands at its left; both may be empty.
        reads: which part of the text it has read when a step is played: what is left of it ("forward"), what is right
            of it ("backward"), or it answers where both have been ("both"); "all" is nobody who reads: the truth.
        colour: a CSS colour for its title.
    """

    name: str
    rows: Sequence[Row]
    title: str = ""
    caption: str = ""
    reads: Literal["forward", "backward", "both", "all"] = "forward"
    colour: str = ""


@dataclass(frozen=True)
class Bar:
    """Beliefs of one reader, a stacked bar at the selected step.

    Attributes:
        values: (T, K) shares of the classes of its `Bars`.
        truth: (T,) the right class, negative where unknown: the bar then says whether its largest share is right.
    """

    name: str
    values: NDArray[np.floating]
    truth: NDArray[np.integer] | None = None


@dataclass(frozen=True)
class Bars:
    """Several readers' beliefs over the same classes; `title` may hold {token} and {step}."""

    names: Sequence[str]
    colours: Sequence[str]
    rows: Sequence[Bar]
    title: str = ""


@dataclass(frozen=True)
class Joined:
    """Two strips' columns at the selected step laid side by side: the concatenation of two directions.

    Attributes:
        left, right: (lane's name, index of a `Strip` among its rows).
        title, left_caption, right_caption: may hold {token}, {step}, {left} and {right}: the text each side has read.
    """

    left: tuple[str, int]
    right: tuple[str, int]
    title: str = ""
    left_caption: str = ""
    right_caption: str = ""


@dataclass(frozen=True)
class Lanes:
    """Everything the lanes player shows.

    Attributes:
        tokens: what was read, as it can be drawn.
        step: the selected step; None is the last.
        heard: how many of the player's commits were known when this was made; an older scene moves no step.
        meeting: lanes that read backward start at the other end, and both cursors are shown until they have met.
        unknown: steps whose token no lane has seen in training.
        sentences: one a step, or none.
        labels: the player's own words, from `ui.player_view.labels`.
    """

    tokens: Sequence[str]
    lanes: Sequence[Lane]
    step: int | None = None
    meeting: bool = False
    bars: Bars | None = None
    joined: Joined | None = None
    unknown: Sequence[int] = ()
    sentences: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    heard: int = 0


def blob(lanes: Lanes) -> bytes:
    """The lanes as bytes for the component's `data`."""
    arrays: dict[str, NDArray[Any]] = {}
    about = {
        "version": VERSION,
        "steps": len(lanes.tokens),
        "tokens": list(lanes.tokens),
        "unknown": [int(place) for place in lanes.unknown],
        "step": lanes.step,
        "heard": lanes.heard,
        "meeting": lanes.meeting,
        "lanes": [_lane(arrays, lane) for lane in lanes.lanes],
        "bars": None if lanes.bars is None else _bars(arrays, lanes.bars),
        "joined": None if lanes.joined is None else _joined(lanes.joined),
        "sentences": list(lanes.sentences),
        "labels": dict(lanes.labels),
    }
    arrays = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
    return save(arrays, {"lanes": json.dumps(about, ensure_ascii=False, separators=(",", ":"))})


def _lane(arrays: dict[str, NDArray[Any]], lane: Lane) -> dict[str, Any]:
    return {
        "name": lane.name,
        "title": lane.title,
        "caption": lane.caption,
        "reads": lane.reads,
        "colour": lane.colour,
        "rows": [_row(arrays, f"{lane.name}.{place}", row) for place, row in enumerate(lane.rows)],
    }


def _row(arrays: dict[str, NDArray[Any]], name: str, row: Row) -> dict[str, Any]:
    said = {"symbol": row.symbol, "caption": row.caption}
    if isinstance(row, Note):
        return {"kind": "note", "text": row.text, **said}
    if isinstance(row, Strip):
        alive = np.ones(len(row.values), dtype=bool) if row.alive is None else row.alive
        strip = quantised(row.values, alive, row.quantity.is_gate)
        arrays |= strip.arrays(f"{name}.{{}}")
        ends = [strip.end, strip.most if strip.beyond.any() else 0]
        more = {"quantity": row.quantity.value, "gate": row.quantity.is_gate, "ends": ends}
        return {"kind": "strip", **said, **more, "symbol": row.symbol or row.quantity.value}
    arrays[f"{name}.which"] = np.where(row.which < 0, NOBODY, row.which).astype(np.uint8)
    arrays[f"{name}.share"] = row.share.astype(np.float32)
    marks = row.marks or [""] * len(row.which)
    arrays[f"{name}.mark"] = np.array([MARKS.index(mark) for mark in marks], dtype=np.uint8)
    return {"kind": "cells", "names": list(row.names), "colours": list(row.colours), "written": row.written, **said}


def _bars(arrays: dict[str, NDArray[Any]], bars: Bars) -> dict[str, Any]:
    for place, row in enumerate(bars.rows):
        arrays[f"bars.{place}"] = row.values.astype(np.float32)
        if row.truth is not None:
            arrays[f"bars.{place}.truth"] = np.where(row.truth < 0, NOBODY, row.truth).astype(np.uint8)
    rows = [{"name": row.name, "judged": row.truth is not None} for row in bars.rows]
    return {"names": list(bars.names), "colours": list(bars.colours), "rows": rows, "title": bars.title}


def _joined(joined: Joined) -> dict[str, Any]:
    return {
        "left": [joined.left[0], joined.left[1]],
        "right": [joined.right[0], joined.right[1]],
        "title": joined.title,
        "leftCaption": joined.left_caption,
        "rightCaption": joined.right_caption,
    }
