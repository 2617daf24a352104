"""A button that makes its file only when it is pressed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from gru_viz.ui.kit.i18n import t

_KINDS = {".csv": "text/csv", ".html": "text/html", ".parquet": "application/vnd.apache.parquet"}


def download(label: str, name: str, make: Callable[[], bytes], *, key: str, **style: Any) -> None:
    """Draw the button.

    Args:
        label: the key of its words.
        name: the file's, its ending too.
        make: the file's content. Called when no page is running: it must not ask for the visitor's language or colours.
    """
    kind = _KINDS.get(Path(name).suffix, "application/octet-stream")
    icon = ":material/download:"
    st.download_button(t(label), make, name, kind, key=key, icon=icon, on_click="ignore", **style)
