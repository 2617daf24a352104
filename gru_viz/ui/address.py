"""Keep the browser's address equal to the view, so that a reload, a bookmark or a sent link opens the same picture.

`st.query_params` would add one entry to the browser's history with every letter typed, and `bind=` would write
translated labels and a pasted megabyte into the URL. So what neither does is done here: replace the address in place.
"""

from __future__ import annotations

from streamlit.components.v2 import component

from gru_viz.ui.link import current, query_of, url_names

_WRITE = """
export default function ({ data }) {
  const address = new URL(window.location.href)
  for (const name of data.names) address.searchParams.delete(name)
  for (const [name, value] of Object.entries(data.query)) address.searchParams.set(name, value)
  if (address.href !== window.location.href) window.history.replaceState(window.history.state, "", address)
}
"""

_writer = component("gru_viz_address", js=_WRITE)


def write(key: str = "address") -> None:
    """Write the session's view into the address bar."""
    view = current()
    _writer(key=key, data={"names": list(url_names(type(view)).values()), "query": query_of(view)}, height=0)
