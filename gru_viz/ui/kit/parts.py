"""A part of a page that runs by itself: what is done in it makes and sends nothing else of the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from gru_viz.ui.kit.notices import in_words
from gru_viz.ui.kit.turns import TURNS
from gru_viz.ui.kit.visits import visit

P = ParamSpec("P")


def part(draw: Callable[P, None]) -> Callable[P, None]:
    """A fragment of Streamlit's.

    Streamlit stops no run half way for one of a part: what comes meanwhile is run once, at its end, with the newest
    that was typed. So a burst of keystrokes is worth two runs at most.
    """

    @st.fragment
    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> None:
        with TURNS.turn(), in_words():
            visit()
            draw(*args, **kwargs)

    return drawn
