"""This session's view of the page that is open: read from the link, changed by widgets, kept from page to page.

A view is read from the URL when a session first opens its page (`gru_viz.story.links`); widgets change it;
`gru_viz.ui.kit.address` writes it back. A value that cannot be is replaced by the default, and the page says so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from gru_viz.story.links import View, Wrong, read, url_names

_VIEW, _VIEWS, _WRONG = "view", "views", "wrong"


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


def viewed(name: str) -> Any:
    """One field of that view, for what several pages share and each has in its view."""
    return getattr(current(), name)


def shared(name: str) -> Any:
    """What every page's view has, also before it is known which page is opened."""
    if _VIEW in st.session_state:
        return getattr(st.session_state[_VIEW], name)
    return getattr(read(View, st.query_params.to_dict())[0], name)


def keep(**changes: Any) -> None:
    """Change the view of the page that is open."""
    before = current()
    if any(getattr(before, name) != value for name, value in changes.items()):
        st.session_state[_VIEW] = replace(before, **changes)


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
