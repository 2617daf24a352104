"""The figures of the drawers, drawn from the cards and from the text that is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import plotly.graph_objects as go

from gru_viz.draw.figures.by_position import Reader, by_position
from gru_viz.draw.figures.timeline import Waits, needed, timeline
from gru_viz.draw.palette import Palette
from gru_viz.story.labels import class_word
from gru_viz.story.readers import Readers
from gru_viz.story.symbols import visible
from gru_viz.ui.bigru.conclusions import exact, reader, thousand
from gru_viz.ui.bigru.measures import by_place, metrics, ways
from gru_viz.ui.bigru.view import view
from gru_viz.ui.kit import figures
from gru_viz.ui.kit.i18n import speaker, t

Figure = Callable[[Readers, Palette], go.Figure]


def show(figure: go.Figure, name: str) -> None:
    """Draw a figure; its own bar saves it as PNG or SVG, whichever is chosen."""
    figures.show(figure, name, key=f"bigru-{name}", displayModeBar=True)


def format_choice() -> None:
    """In which format the camera of a figure saves it."""
    figures.picture_format("bigru.picture", "bigru.picture.{}", key="bigru-picture", label_visibility="visible")


def accuracy_figure(reading: Readers, colours: Palette) -> go.Figure:
    """Syntax: mistakes by class. Names: accuracy by origin, best first."""
    if reading.example == "syntax":
        kinds = list(reading.labels)
        curves = {way: _pick(metrics(reading, way)["accuracy_by_class"], kinds) for way in ways(reading)}
        return _mistakes(curves, t("bigru.axis.class"), colours, joined=False)
    by = {way: metrics(reading, way)["accuracy_by_origin"] for way in ways(reading)}
    kinds = sorted(reading.labels, key=lambda kind: -by["forward"].get(kind, 0.0))
    curves = {way: _pick(found, kinds) for way, found in by.items()}
    return _shares(curves, t("bigru.axis.origin"), colours, joined=False)


def position_figure(reading: Readers, colours: Palette) -> go.Figure:
    """Syntax: mistakes by place in the token, or by what is typed. Names: accuracy by letters read."""
    what = view().tokens
    curves = by_place(reading, what)
    if reading.example == "names":
        return _shares(curves, t("bigru.axis.letters"), colours, joined=True)
    title = t("bigru.axis.typed") if what == "typed" else t("bigru.axis.place")
    return _mistakes(curves, title, colours, joined=True)


def timeline_figure(reading: Readers, colours: Palette) -> go.Figure:
    """When each reader can answer for each character of this text."""
    tokens = [visible(token) for token in reading.tokens]
    readers = [Waits(way, reader(way), needed(way, len(tokens))) for way in ways(reading)]
    return timeline(tokens, readers, t("bigru.axis.text"), t("bigru.axis.needed"), t("bigru.timeline.hover"), colours)


def _pick(found: Mapping[str, float], kinds: list[str]) -> dict[str, float]:
    return {class_word(kind, speaker()): found[kind] for kind in kinds if kind in found}


def _mistakes(curves: Mapping[str, Mapping[str, float]], x: str, colours: Palette, *, joined: bool) -> go.Figure:
    """Of a thousand characters, how many are wrong: differences near 100 % can be seen."""
    readers = [
        Reader(
            way,
            reader(way),
            list(found),
            [1000 * (1 - value) for value in found.values()],
            [t("bigru.hover.wrong", wrong=thousand(value), accuracy=exact(value)) for value in found.values()],
        )
        for way, found in curves.items()
    ]
    return by_position(readers, x, t("bigru.axis.wrong"), colours, joined=joined)


def _shares(curves: Mapping[str, Mapping[str, float]], x: str, colours: Palette, *, joined: bool) -> go.Figure:
    readers = [
        Reader(
            way,
            reader(way),
            list(found),
            [100 * value for value in found.values()],
            [exact(value) for value in found.values()],
        )
        for way, found in curves.items()
    ]
    return by_position(readers, x, t("bigru.axis.accuracy"), colours, joined=joined)
