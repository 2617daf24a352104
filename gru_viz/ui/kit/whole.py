"""A field for a whole number within bounds, in which what is shown is what is taken, or is refused in words.

Streamlit's own bounds would turn a number outside red, keep it on the page, and let the page go on with the one before;
so the field has none, and the page is told. A field of Streamlit's for whole numbers would, too, cut 2.5 to 2 unasked;
so it is one for any number, and what is not whole is refused here.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from gru_viz.story.asked import whole


def whole_number(label: str, low: int, high: int, *, key: str, step: int = 1, **options: Any) -> int:
    """Draw the field and read it; its value is the session's under `key`.

    Raises:
        InputError: the number is not whole or out of bounds; the field is drawn all the same. To be said, and nothing
            to be run.
    """
    value: Any = st.number_input(label, key=key, step=float(step), format="%g", **options)
    return whole(label, value, low, high)
