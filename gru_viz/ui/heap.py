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

import streamlit as st

LATER = 180.0
"""Seconds from a visitor's leaving to that look: Streamlit keeps a session for two minutes, should it come back."""

_PENDING: list[Timer] = []
_GUARD = Lock()


def settle() -> None:
    """Collect all garbage, then freeze what is left."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


@cache
def settle_first() -> None:
    """`settle`, once in the life of the process: to be called when the pages have been imported."""
    settle()


@st.cache_resource(scope="session", on_release=lambda _: _settle_later(), show_spinner=False)
def visit() -> None:
    """To be called in every run of every page: what it returns is released when the visitor has left."""


def _settle_later() -> None:
    with _GUARD:
        if any(timer.is_alive() for timer in _PENDING):
            return
        _PENDING[:] = [Timer(LATER, settle)]
        _PENDING[0].daemon = True
        _PENDING[0].start()
