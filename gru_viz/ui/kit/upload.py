"""A file from the visitor: any kind and any size are taken, so that it is this page that says what cannot be read.

Streamlit itself would refuse a name's ending or a size in English, or let the file vanish. What is larger than the
server takes (`server.maxUploadSize`) never arrives: there the style sheet puts our words in the place of Streamlit's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from streamlit.typing import UploadedFile

from gru_viz.limits import FILE_BYTES, SENT_MEGABYTES
from gru_viz.tasks.tables.encoding import check_size
from gru_viz.ui.kit.i18n import t
from gru_viz.ui.kit.markdown import plain


@dataclass(frozen=True)
class File:
    """A file that was given.

    Attributes:
        name: as the visitor calls it.
        blob: what is in it.
        identity: another for every file that is given, the same one twice too.
    """

    name: str
    blob: bytes
    identity: str


def kept(label: str, key: str, disabled: bool = False) -> File | None:
    """Draw the field; the file that was given, of which the session keeps what is in it until another is given or it
    is taken away: the field itself is empty once it was out of sight, and then it is said what is kept.

    Raises:
        InputError: it is larger than is read; the field is drawn all the same.
    """
    name = _name_of(key)
    given = uploaded(label, key, disabled, on_change=lambda: _changed(key))
    if given is not None:
        found: File | None = st.session_state.get(name)
        if found is None or found.identity != given.file_id:
            st.session_state.pop(name, None)
            st.session_state[name] = File(given.name, contents(given), given.file_id)
        return st.session_state[name]
    found = st.session_state.get(name)
    if found is not None:
        with st.container(key=f"{key}-still", horizontal=True, gap="small", vertical_alignment="center"):
            st.caption(t("upload.kept", name=plain(found.name)), width="content")
            st.button(
                t("upload.remove"),
                key=f"{key}-remove",
                icon=":material/close:",
                type="tertiary",
                on_click=lambda: st.session_state.pop(name, None),
                disabled=disabled,
            )
    return found


def _name_of(key: str) -> str:
    return f"{key}-kept"


def _changed(key: str) -> None:
    """A file taken out of the field is not kept."""
    if st.session_state.get(key) is None:
        st.session_state.pop(_name_of(key), None)


def uploaded(
    label: str,
    key: str,
    disabled: bool = False,
    most: int | None = FILE_BYTES // 2**20,
    on_change: Callable[[], None] | None = None,
) -> UploadedFile | None:
    """Draw the field; the file that was given, if any, of whatever size.

    Args:
        most: megabytes that are read, as the field says; None for all that can be sent.
        on_change: called when a file is given or taken away.
    """
    _words(key, SENT_MEGABYTES if most is None else most)
    return st.file_uploader(
        label,
        key=key,
        max_upload_size=SENT_MEGABYTES,
        disabled=disabled,
        label_visibility="collapsed",
        on_change=on_change,
    )


def contents(file: UploadedFile) -> bytes:
    """What is in a file; InputError for one that is larger than is read, before it is copied."""
    check_size(file.size)
    return file.getvalue()


def _words(key: str, most: int) -> None:
    """Our words for the style sheet, where Streamlit has its own in English only."""
    said = {
        "choose": t("upload.choose"),
        "limit": t("upload.limit", most=most),
        "refused": t("upload.refused", sent=SENT_MEGABYTES, most=most),
    }
    given = " ".join(f'--upload-{name}: "{text}";' for name, text in said.items())
    st.html(f"<style>.st-key-{key} {{ {given} }}</style>")
