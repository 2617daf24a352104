"""Keep the browser's address equal to the view, so that a reload, a bookmark or a sent link opens the same picture.

`st.query_params` would add one entry to the browser's history with every letter typed, and `bind=` would write
translated labels and a pasted megabyte into the URL. So what neither does is done here: replace the address in place.

A page has several writers, one in each part that is drawn by itself, and each tells the whole view as it was when its
part was drawn. The browser starts them when it gets to them (a first one only once its frame is up, all of them again
when the theme changes), so an older view can come last: every view is stamped, and an older stamp writes nothing.
"""

from __future__ import annotations

import time

import streamlit as st
from streamlit.components.v2 import component

from gru_viz.story.links import query_of, url_names
from gru_viz.ui.kit.link import current

_WRITE = """
let newest = 0 // all writers of a tab are this one module
export default function ({ data }) {
  if (data.stamp < newest) return
  newest = data.stamp
  const address = new URL(window.location.href)
  for (const name of data.names) address.searchParams.delete(name)
  for (const [name, value] of data.query) address.searchParams.set(name, value)
  if (address.href !== window.location.href) window.history.replaceState(window.history.state, "", address)
}
"""

_writer = component("gru_viz_address", js=_WRITE)


_STAMPED = "address-stamped"


def write(key: str = "address") -> None:
    """Write the session's view into the address bar."""
    view = current()
    query = query_of(view)
    # Tuples: of a list or a dict Streamlit asks pandas whether it is a table.
    data = {
        "names": tuple(url_names(type(view)).values()),
        "query": tuple(query.items()),
        "stamp": _stamp((type(view), query)),
    }
    _writer(key=key, data=data, height=0)


def _stamp(said: object) -> float:
    """When the session came to say this, in seconds: the same as long as it says the same, always later afterwards.

    A clock, no count: a tab outlives its session when the server starts anew.
    """
    before, stamp = st.session_state.get(_STAMPED, (None, 0.0))
    if before != said:
        stamp = max(time.time(), stamp + 1e-3)
        st.session_state[_STAMPED] = said, stamp
    return stamp
