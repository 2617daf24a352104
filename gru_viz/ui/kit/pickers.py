"""A choice among a few that the page's view keeps: the widget, its words, and what a choice changes.

The view is what is true, and the widget follows it: so a link, another widget and the page itself can change it, and a
widget that was out of sight comes back as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from gru_viz.ui.kit.i18n import speaker, t
from gru_viz.ui.kit.link import keep, settle, viewed

T = TypeVar("T")


def pick(
    field: str,
    options: Sequence[T],
    label: str,
    words: str | Callable[[T], str] = str,
    *,
    key: str | None = None,
    value: Any = ...,
    changed: Callable[[], None] | None = None,
    widget: Callable[..., Any] = st.segmented_control,
    **style: Any,
) -> T:
    """Draw the widget; what stands in it.

    Args:
        field: of the view, which keeps the choice.
        label: the key of what it is called, for who cannot see it (`label_visibility="visible"`: for everybody).
        words: what an option is called: a family of keys ("tab.{}"), or a function, which must not ask for the
            visitor's language: Streamlit may call it when no page is running.
        key: the widget's, where it is not the field's name.
        value: what stands in it; left out, what the view has.
        changed: called when a choice was made, in place of keeping it in the view.
        widget: `st.segmented_control`, `st.selectbox` or `st.pills`.
        style: for the widget. A segmented control is `required` unless told otherwise.
    """
    key = key or field
    say = speaker()
    settle(key, viewed(field) if value is ... else value)
    if widget is st.segmented_control:
        style = {"required": True} | style
    return widget(
        t(label),
        options,
        format_func=words if callable(words) else lambda option: say(words.format(option)),
        key=key,
        on_change=changed or partial(_keep, field, key),
        **{"label_visibility": "collapsed"} | style,
    )


def _keep(field: str, key: str) -> None:
    if key in st.session_state:  # else another choice made at the same time has taken this one back
        keep(**{field: st.session_state[key]})
