"""A link to a file that is made only when it is followed; it looks like Streamlit's buttons."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

import streamlit as st

from gru_viz.ui.kit.i18n import t
from gru_viz.ui.kit.offered import Offer

_KINDS = {".csv": "text/csv", ".html": "text/html", ".parquet": "application/vnd.apache.parquet"}
_OFFERS = "offers"


def download(label: str, name: str, make: Callable[[], bytes], *, key: str, help: str = "") -> None:
    """Draw the link.

    Args:
        label: the key of its words.
        name: the file's, its ending too.
        make: the file's content. Called when no page is running: it must not ask for the visitor's language or colours.
        key: the same in every run; the link's id.
        help: shown while one points at it.
    """
    offers: dict[str, Offer] = st.session_state.setdefault(_OFFERS, {})
    if key not in offers:
        offers[key] = Offer()
    offers[key].file = name, _KINDS.get(Path(name).suffix, "application/octet-stream"), make
    told = f' title="{escape(help)}"' if help else ""
    # Its name comes from the server, which knows the newest: a link drawn before the last letter has an older one.
    icon = '<span class="gv-symbol" aria-hidden="true">download</span>'
    link = f'<a class="gv-download" id="{key}" href="{offers[key].address}" download{told}>{icon}{escape(t(label))}</a>'
    st.html(link, width="content")
