"""Who is here: every run of a page, and of a part of it, says so, for whoever waits for a visitor's leaving."""

from __future__ import annotations

from collections.abc import Callable

_ASKED: list[Callable[[], None]] = []


def at_every_run(say: Callable[[], None]) -> Callable[[], None]:
    """Call this in every run of every page from now on."""
    _ASKED.append(say)
    return say


def visit() -> None:
    """To be called in every run: of a page, and of a part that runs by itself. A connection that stumbled comes back
    with whatever the visitor does next."""
    for say in _ASKED:
        say()
