"""What a link holds: a page's view, each URL parameter declared once with its default and its check.

Every page declares one class of its own, a `View` with more fields. A view is read from the URL when a session first
opens its page; widgets change it; `gru_viz.ui.kit.address` writes it back. Parameters at their default are left out of
the URL. A value that cannot be is replaced by the default, and the page says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

import streamlit as st

from gru_viz.analysis.order import Order
from gru_viz.locale import LANGUAGES

T = TypeVar("T")
_VIEW, _VIEWS, _WRONG = "view", "views", "wrong"

DEVICES = ("cpu", "cuda", "mps")
MOST_CHARACTERS = 2000
"""The longest text a page reads, and a link carries."""
PICTURES = ("png", "svg")
"""The formats in which the corner of a figure saves it."""


def param(default: T, read: Callable[[str], T], url: str | None = None) -> T:
    """A field of a view: its default, how it is read, and its name in the URL where that is not the field's own."""
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


def words(raw: str) -> str:
    """A reader for any text."""
    return raw


# What the views of several pages have in common, declared once. Each is a field of its own: a dataclass takes no field
# twice, and their order is the order in the address.


def text() -> Any:
    """What is read; None for the page's own example."""
    return param(None, words)


def place(url: str | None = None) -> Any:
    """A step or a unit, from 0; None for the one the page chooses."""
    return param(None, whole(0), url)


def convention() -> Any:
    """Which way z points: "keep" (PyTorch) or "new" (tutorial)."""
    return param("keep", one_of("keep", "new"))


def unit_order() -> Any:
    """How units are ordered."""
    return param(Order.SIMILARITY.value, one_of(*Order))


def drawer(*tabs: str, opened: str | None = None) -> Any:
    """Which of the drawers is open."""
    return param(opened, one_of(*tabs))


def picture() -> Any:
    """The format in which a figure is saved."""
    return param(PICTURES[0], one_of(*PICTURES))


@dataclass(frozen=True)
class View:
    """What the link to any page can say, and what comes along from page to page.

    Attributes:
        lang: "en" or "zh"; None for the browser's.
        device: where models run.
    """

    lang: str | None = param(None, one_of(*LANGUAGES))
    device: str = param("cpu", one_of(*DEVICES))


V = TypeVar("V", bound=View)


@dataclass(frozen=True)
class Wrong:
    """A URL parameter that was not taken, and what the link said."""

    name: str
    value: str


def url_names(kind: type[View]) -> dict[str, str]:
    """Field of a view -> how it is called in the URL."""
    return {declared.name: declared.metadata["url"] or declared.name for declared in fields(kind)}


def read(kind: type[V], query: Mapping[str, str]) -> tuple[V, tuple[Wrong, ...]]:
    """A link's parameters as a view; whatever cannot be is left at its default and named."""
    found: dict[str, Any] = {}
    wrong = []
    for declared in fields(kind):
        name = declared.metadata["url"] or declared.name
        if name not in query:
            continue
        try:
            found[declared.name] = declared.metadata["read"](query[name])
        except ValueError:
            wrong.append(Wrong(name, query[name][:40]))
    return kind(**found), tuple(wrong)


def query_of(view: View) -> dict[str, str]:
    """The parameters of a link that opens this view: those that are not at their default."""
    return {
        declared.metadata["url"] or declared.name: str(value)
        for declared in fields(view)
        if (value := getattr(view, declared.name)) != declared.default
    }


def turn_to(kind: type[View]) -> None:
    """Begin a page: from here on its view is the one that is meant. What every page shares comes along."""
    before = st.session_state.get(_VIEW)
    if isinstance(before, kind):
        return
    views = st.session_state.setdefault(_VIEWS, {})
    if before is not None:
        views[type(before)] = before
    for name in url_names(View).values():
        st.session_state.pop(name, None)  # every page has a widget of its own by this name, which begins with the view
    query = st.query_params.to_dict()
    asked, wrong = read(kind, query)
    st.session_state[_WRONG] = wrong
    shared = {} if before is None else {name: getattr(before, name) for name in url_names(View) if name not in query}
    # A link that says something means what it says; a click on the page's name means the page as it was left.
    told = query.keys() & (set(url_names(kind).values()) - set(url_names(View).values()))
    st.session_state[_VIEW] = replace(asked if told else views.get(kind, asked), **shared)


def current() -> View:
    """The view of the page that is open."""
    return st.session_state[_VIEW]


def kept(name: str) -> Any:
    """One field of that view, for what several pages share and each has in its view."""
    return getattr(current(), name)


def shared(name: str) -> Any:
    """What every page's view has, also before it is known which page is opened."""
    if _VIEW in st.session_state:
        return getattr(st.session_state[_VIEW], name)
    return getattr(read(View, st.query_params.to_dict())[0], name)


def keep(**changes: Any) -> None:
    """Change the view of the page that is open."""
    st.session_state[_VIEW] = replace(current(), **changes)


def wrong() -> tuple[Wrong, ...]:
    """What the link said that could not be taken."""
    return st.session_state.get(_WRONG, ())


def refuse(name: str, value: object) -> None:
    """Note one more parameter that could not be taken, found out only once the model was known."""
    called = url_names(type(current()))[name]
    if all(one.name != called for one in wrong()):
        st.session_state[_WRONG] = (*wrong(), Wrong(called, str(value)))


def settle(key: str, value: Any) -> None:
    """Give a widget its value before it is drawn, without touching it when it has that value already."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
