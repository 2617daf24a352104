"""What stays for good is kept out of the garbage collector's sight.

Streamlit collects all garbage after every run of a page (its option `runner.postScriptGC`). With torch and plotly
loaded that walks through some 400,000 objects that never go: 0.2 s in which no thread of the process can work, after
every keystroke of every visitor and every look at a training run. Objects that are frozen (`gc.freeze`) are passed
over, and what a run leaves behind is still collected after it. Among the frozen are things of whoever is here just
then; so everything is looked at once more when a visitor has left.
"""

from __future__ import annotations

import gc
from functools import cache
from threading import Lock, Timer

LATER = 180.0
"""Seconds from a visitor's leaving to that look: Streamlit keeps a session for two minutes, should it come back."""

_GUARD = Lock()
_LEFT = {"waiting": False, "more": False}
"""Whether a look is due, and whether somebody has left since it was."""


def settle_heap() -> None:
    """Collect all garbage, then freeze what is left."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


@cache
def settle_heap_first() -> None:
    """`settle_heap`, once in the life of the process: to be called when the pages have been imported."""
    settle_heap()


def settle_heap_later() -> None:
    """Look `LATER` from now; whoever leaves meanwhile is looked at by one more look after that."""
    with _GUARD:
        _LEFT["more"] = _LEFT["waiting"]
        if not _LEFT["waiting"]:
            _LEFT["waiting"] = True
            _wait()


def _wait() -> None:
    timer = Timer(LATER, _look)
    timer.daemon = True
    timer.start()


def _look() -> None:
    settle_heap()
    with _GUARD:
        _LEFT["waiting"], _LEFT["more"] = _LEFT["more"], False
        if _LEFT["waiting"]:
            _wait()
