"""What a link holds: the view of the Explore page, each URL parameter declared once with its default and its check.

A view is read from the URL when a session starts; widgets change it; `gru_viz.ui.address` writes it back. Parameters at
their default are left out of the URL. A value that cannot be is replaced by the default, and the page says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

import streamlit as st

from gru_viz.analysis.order import Order
from gru_viz.engines.spec import DIRECTIONS, FORWARD
from gru_viz.ui import changes
from gru_viz.ui.i18n import LANGUAGES

T = TypeVar("T")
_VIEW, _WRONG = "view", "wrong"

MOST_CHARACTERS = 2000
MOST_STEPS = 2000


def _param(default: T, read: Callable[[str], T], url: str | None = None) -> T:
    return field(default=default, metadata={"read": read, "url": url})


def one_of(*allowed: str) -> Callable[[str], str]:
    """A reader for one of a few words."""

    def read(raw: str) -> str:
        if raw not in allowed:
            raise ValueError(raw)
        return raw

    return read


def whole(low: int, high: int = 2**31 - 1) -> Callable[[str], int]:
    """A reader for a whole number within bounds."""

    def read(raw: str) -> int:
        if not low <= (value := int(raw)) <= high:
            raise ValueError(raw)
        return value

    return read


def decimal(low: float, high: float) -> Callable[[str], float]:
    """A reader for a number within bounds."""

    def read(raw: str) -> float:
        if not low <= (value := float(raw)) <= high:
            raise ValueError(raw)
        return value

    return read


def written_as(check: Callable[[str], object]) -> Callable[[str], str]:
    """A reader for what is kept as the link writes it, once `check` has understood it."""

    def read(raw: str) -> str:
        check(raw)
        return raw

    return read


def _words(raw: str) -> str:
    return raw


MODELS = ("names", "english", "python", "numbers", "example")
DEVICES = ("cpu", "cuda", "mps")
SCALES = ("none", "zscore", "minmax")
TABS = ("what_if", "predictions", "units", "data")


@dataclass(frozen=True)
class ExploreView:
    """Everything a link to the Explore page says. None means: as the page would choose by itself.

    Attributes:
        lang: "en" or "zh"; None for the browser's.
        model: which model reads.
        text: what it reads; None for the model's own example.
        layer, direction, unit, step: what is selected, from 0; step None follows the last step.
        z: "keep" (PyTorch) or "new" (tutorial).
        order: how units are ordered; pins: units whose lines stay, as `changes.runs_of` writes them.
        hold, edit: what if, as `changes.written` and `changes.edit_written` write it.
        tab: which of the drawers below is open.
        device: where it runs; temperature, seed: how text is continued.
        length, batch, draw: T and B of random input, and the seed it is drawn with.
        item: which element of a batch is shown.
        data, columns, scale: pasted numbers, the columns picked, how they are normalised.
        upload: the name of an uploaded file, which a link cannot carry.
    """

    lang: str | None = _param(None, one_of(*LANGUAGES))
    model: str = _param("names", one_of(*MODELS))
    text: str | None = _param(None, _words)
    layer: int = _param(0, whole(0))
    direction: str = _param(FORWARD, one_of(*DIRECTIONS))
    unit: int | None = _param(None, whole(0))
    step: int | None = _param(None, whole(0))
    z: str = _param("keep", one_of("keep", "new"))
    order: str = _param(Order.SIMILARITY.value, one_of(*Order))
    pins: str | None = _param(None, written_as(changes.units_of))
    hold: str | None = _param(None, written_as(changes.read))
    edit: str | None = _param(None, written_as(changes.edit_read))
    tab: str | None = _param(None, one_of(*TABS))
    device: str = _param("cpu", one_of(*DEVICES))
    temperature: float = _param(0.8, decimal(0, 2))
    seed: int = _param(0, whole(0))
    length: int = _param(1, whole(1, 500), "T")
    batch: int = _param(3, whole(1, 32), "B")
    draw: int = _param(0, whole(0))
    item: int = _param(0, whole(0), "b")
    data: str | None = _param(None, _words)
    columns: str | None = _param(None, _words)
    scale: str | None = _param(None, one_of(*SCALES))
    upload: str | None = _param(None, _words)


@dataclass(frozen=True)
class Wrong:
    """A URL parameter that was not taken, and what the link said."""

    name: str
    value: str


def url_name(name: str) -> str:
    """How a field of the view is called in the URL; also the key of its widget."""
    chosen = next(f for f in fields(ExploreView) if f.name == name).metadata["url"]
    return chosen or name


def read(query: Mapping[str, str]) -> tuple[ExploreView, tuple[Wrong, ...]]:
    """A link's parameters as a view; whatever cannot be is left at its default and named."""
    found: dict[str, Any] = {}
    wrong = []
    for declared in fields(ExploreView):
        name = declared.metadata["url"] or declared.name
        if name not in query:
            continue
        try:
            found[declared.name] = declared.metadata["read"](query[name])
        except ValueError:
            wrong.append(Wrong(name, query[name][:40]))
    return ExploreView(**found), tuple(wrong)


def query_of(view: ExploreView) -> dict[str, str]:
    """The parameters of a link that opens this view: those that are not at their default."""
    return {
        declared.metadata["url"] or declared.name: str(value)
        for declared in fields(view)
        if (value := getattr(view, declared.name)) != declared.default
    }


def view() -> ExploreView:
    """This session's view; read from the URL at the first call."""
    if _VIEW not in st.session_state:
        st.session_state[_VIEW], st.session_state[_WRONG] = read(st.query_params.to_dict())
    return st.session_state[_VIEW]


def keep(**changes: Any) -> ExploreView:
    """Change this session's view."""
    st.session_state[_VIEW] = replace(view(), **changes)
    return st.session_state[_VIEW]


def wrong() -> tuple[Wrong, ...]:
    """What the link said that could not be taken."""
    view()
    return st.session_state[_WRONG]


def refuse(name: str, value: object) -> None:
    """Note one more parameter that could not be taken, found out only once the model was known."""
    known = wrong()
    if all(one.name != url_name(name) for one in known):
        st.session_state[_WRONG] = (*known, Wrong(url_name(name), str(value)))


def settle(key: str, value: Any) -> None:
    """Give a widget its value before it is drawn, without touching it when it has that value already."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
