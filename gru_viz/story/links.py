"""What a link holds: a page's view, each URL parameter declared once with its default and its check.

Every page declares one class of its own, a `View` with more fields. Parameters at their default are left out of the
URL. A value that cannot be is replaced by the default, and named, so that the page can say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from gru_viz.analysis.order import Order
from gru_viz.locale import LANGUAGES

T = TypeVar("T")

DEVICES = ("cpu", "cuda", "mps")
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
