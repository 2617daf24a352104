"""What the lanes player is sent: several readers of one text (`story.lanes`) as one safetensors blob, strips as one
byte a cell, as `quantise` says.

Names of tensors: `<lane>.<row>.strip` (T, H) bytes, `.step`, `.low` (H,) · `<lane>.<row>.which`, `.share`, `.mark` (T,)
· `bars.<k>` (T, K), `bars.<k>.truth` (T,) · everything else is the metadata's `lanes`, one JSON string.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from safetensors.numpy import save

from gru_viz.draw.palette import Palette
from gru_viz.draw.player.quantise import Arrays, quantised
from gru_viz.story.kept import kept
from gru_viz.story.lanes import MARKS, BeliefBars, Joined, Lane, Lanes, NoteRow, Row, StripRow

VERSION = 1
NOBODY = 255
"""Stands in `which` where a row says nothing of a step."""


def blob(lanes: Lanes, colours: Palette, heard: int = 0) -> bytes:
    """The lanes as bytes for the component's `data`; what does not hang on the step is made once.

    Args:
        heard: how many of the player's commits were known when this was made; an older scene moves no step.
    """
    about, arrays = _body(lanes, colours)
    said = json.dumps(about | {"step": lanes.step, "heard": heard}, ensure_ascii=False, separators=(",", ":"))
    return save(arrays, {"lanes": said})


@kept(24, key=lambda lanes, colours: lanes.key and (lanes.key, colours.kind))
def _body(lanes: Lanes, colours: Palette) -> tuple[dict[str, Any], Arrays]:
    """All but the step: what is said, and the tensors."""
    arrays: Arrays = {}
    about = {
        "version": VERSION,
        "steps": len(lanes.tokens),
        "tokens": list(lanes.tokens),
        "unknown": [int(place) for place in lanes.unknown],
        "meeting": lanes.meeting,
        "lanes": [_lane(arrays, lane, colours) for lane in lanes.lanes],
        "bars": None if lanes.bars is None else _bars(arrays, lanes.bars, colours),
        "joined": None if lanes.joined is None else _joined(lanes.joined),
        "sentences": list(lanes.sentences),
        "labels": dict(lanes.labels),
    }
    return about, {name: np.ascontiguousarray(value) for name, value in arrays.items()}


def _lane(arrays: Arrays, lane: Lane, colours: Palette) -> dict[str, Any]:
    return {
        "name": lane.name,
        "title": lane.title,
        "caption": lane.caption,
        "reads": lane.reads,
        "colour": colours.slot(lane.slot),
        "rows": [_row(arrays, f"{lane.name}.{place}", row, colours) for place, row in enumerate(lane.rows)],
    }


def _row(arrays: Arrays, name: str, row: Row, colours: Palette) -> dict[str, Any]:
    said = {"symbol": row.symbol, "caption": row.caption}
    if isinstance(row, NoteRow):
        return {"kind": "note", "text": row.text, **said}
    if isinstance(row, StripRow):
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
    hues = [colours.slot(slot) for slot in row.slots]
    return {"kind": "cells", "names": list(row.names), "colours": hues, "written": row.written, **said}


def _bars(arrays: Arrays, bars: BeliefBars, colours: Palette) -> dict[str, Any]:
    for place, row in enumerate(bars.rows):
        arrays[f"bars.{place}"] = row.values.astype(np.float32)
        if row.truth is not None:
            arrays[f"bars.{place}.truth"] = np.where(row.truth < 0, NOBODY, row.truth).astype(np.uint8)
    rows = [{"name": row.name, "judged": row.truth is not None} for row in bars.rows]
    hues = [colours.slot(slot) for slot in bars.slots]
    return {"names": list(bars.names), "colours": hues, "rows": rows, "title": bars.title}


def _joined(joined: Joined) -> dict[str, Any]:
    return {
        "left": [joined.left[0], joined.left[1]],
        "right": [joined.right[0], joined.right[1]],
        "title": joined.title,
        "leftCaption": joined.left_caption,
        "rightCaption": joined.right_caption,
    }
