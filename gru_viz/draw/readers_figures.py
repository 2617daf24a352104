"""The figures of several readers of one text, drawn from their cards and from the text."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from gru_viz.draw.figures.by_position import Reader, by_position
from gru_viz.draw.figures.timeline import Waits, needed, timeline
from gru_viz.draw.files import web_page
from gru_viz.draw.palette import Palette
from gru_viz.locale import Say
from gru_viz.story.labels import class_word
from gru_viz.story.readers import Readers
from gru_viz.story.readers_concluded import exact, reader, thousand
from gru_viz.story.readers_measured import by_place, metrics, ways
from gru_viz.story.symbols import visible

Curves = Mapping[str, Mapping[str, float]]
"""Reader -> place or class -> accuracy."""


def accuracy_figure(reading: Readers, colours: Palette, say: Say) -> go.Figure:
    """Syntax: mistakes by class. Names: accuracy by origin, best first."""
    if reading.example == "syntax":
        kinds = list(reading.labels)
        curves = {way: _pick(metrics(reading, way)["accuracy_by_class"], kinds, say) for way in ways(reading)}
        return _mistakes(curves, say("bigru.axis.class"), colours, say, joined=False)
    by = {way: metrics(reading, way)["accuracy_by_origin"] for way in ways(reading)}
    kinds = sorted(reading.labels, key=lambda kind: -by["forward"].get(kind, 0.0))
    curves = {way: _pick(found, kinds, say) for way, found in by.items()}
    return _shares(curves, say("bigru.axis.origin"), colours, say, joined=False)


def position_figure(reading: Readers, colours: Palette, say: Say, what: str) -> go.Figure:
    """Syntax: mistakes by place in the token, or by what is typed. Names: accuracy by letters read.

    Args:
        what: as `readers_measured.by_place` has it.
    """
    curves = by_place(reading, what)
    if reading.example == "names":
        return _shares(curves, say("bigru.axis.letters"), colours, say, joined=True)
    title = say("bigru.axis.typed") if what == "typed" else say("bigru.axis.place")
    return _mistakes(curves, title, colours, say, joined=True)


def timeline_figure(reading: Readers, colours: Palette, say: Say) -> go.Figure:
    """When each reader can answer for each character of this text."""
    tokens = [visible(token) for token in reading.tokens]
    readers = [Waits(way, reader(way, say), needed(way, len(tokens))) for way in ways(reading)]
    return timeline(
        tokens, readers, say("bigru.axis.text"), say("bigru.axis.needed"), say("bigru.timeline.hover"), colours
    )


def page(reading: Readers, colours: Palette, say: Say, what: str) -> bytes:
    """All of them as one page of HTML."""
    figures = [
        accuracy_figure(reading, colours, say),
        position_figure(reading, colours, say, what),
        timeline_figure(reading, colours, say),
    ]
    for figure in figures:
        figure.update_layout(paper_bgcolor=colours.paper)
    return web_page("Bi-GRU", [("", figure) for figure in figures], colours, "margin: 2rem")


def _pick(found: Mapping[str, float], kinds: list[str], say: Say) -> dict[str, float]:
    return {class_word(kind, say): found[kind] for kind in kinds if kind in found}


def _mistakes(curves: Curves, x: str, colours: Palette, say: Say, *, joined: bool) -> go.Figure:
    """Of a thousand characters, how many are wrong: differences near 100 % can be seen."""
    readers = [
        Reader(
            way,
            reader(way, say),
            list(found),
            [1000 * (1 - value) for value in found.values()],
            [say("bigru.hover.wrong", wrong=thousand(value), accuracy=exact(value, say)) for value in found.values()],
        )
        for way, found in curves.items()
    ]
    return by_position(readers, x, say("bigru.axis.wrong"), colours, joined=joined)


def _shares(curves: Curves, x: str, colours: Palette, say: Say, *, joined: bool) -> go.Figure:
    readers = [
        Reader(
            way,
            reader(way, say),
            list(found),
            [100 * value for value in found.values()],
            [exact(value, say) for value in found.values()],
        )
        for way, found in curves.items()
    ]
    return by_position(readers, x, say("bigru.axis.accuracy"), colours, joined=joined)
