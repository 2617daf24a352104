"""A file from the visitor: any kind and any size are taken, so that it is this page that says what cannot be read.

Streamlit itself would refuse a name's ending or a size in English, or let the file vanish. What is larger than the
server takes (`server.maxUploadSize`) never arrives: there the style sheet puts our words in the place of Streamlit's.
"""

from __future__ import annotations

import streamlit as st
from streamlit.typing import UploadedFile

from gru_viz.tasks.tables.encoding import MOST_BYTES, check_size
from gru_viz.ui.i18n import t

UPLOAD = 200
"""Megabytes that may be sent: far more than is read, so that the page can say so in the visitor's words."""


def uploaded(
    label: str, key: str, disabled: bool = False, most: int | None = MOST_BYTES // 2**20
) -> UploadedFile | None:
    """Draw the field; the file that was given, if any, of whatever size.

    Args:
        most: megabytes that are read, as the field says; None for all that can be sent.
    """
    _words(key, UPLOAD if most is None else most)
    return st.file_uploader(label, key=key, max_upload_size=UPLOAD, disabled=disabled, label_visibility="collapsed")


def contents(file: UploadedFile) -> bytes:
    """What is in a file; InputError for one that is larger than is read, before it is copied."""
    check_size(file.size)
    return file.getvalue()


def _words(key: str, most: int) -> None:
    """Our words for the style sheet, where Streamlit has its own in English only."""
    said = {
        "choose": t("upload.choose"),
        "limit": t("upload.limit", most=most),
        "refused": t("upload.refused", sent=UPLOAD, most=most),
    }
    given = " ".join(f'--upload-{name}: "{text}";' for name, text in said.items())
    st.html(f"<style>.st-key-{key} {{ {given} }}</style>")
