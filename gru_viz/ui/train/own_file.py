"""A visitor's own file on the Train page: given, read, how it was read said and open to change."""

from __future__ import annotations

import streamlit as st

from gru_viz.errors import InputError
from gru_viz.limits import FILE_BYTES
from gru_viz.locale.digits import count
from gru_viz.tasks.tables.encoding import Decoded, decoded
from gru_viz.tasks.tables.table import Choices, Table
from gru_viz.training import own_data
from gru_viz.training.studies import Upload
from gru_viz.ui.kit import how_read, upload
from gru_viz.ui.kit.i18n import t
from gru_viz.ui.kit.link import settle
from gru_viz.ui.kit.notices import notice

_WANTS = {"table": "train.wants_table", "text": "train.wants_text"}
_LABELS = {"table": "train.task_table", "text": "train.task_text"}


def own_file(task: str, busy: bool) -> Upload:
    """Draw the field and what was found in the file: rows of (text, label), or a text. None while there is no file.

    Raises:
        InputError: it cannot be read.
    """
    st.caption(t(_WANTS[task], most=FILE_BYTES // 2**20))
    key = f"train-{task}"
    file = upload.kept(t(_LABELS[task]), f"train-file-{task}", busy)
    if file is None:
        return None
    if st.session_state.get(f"{key}-of") != file.identity:
        how_read.forget(key)
        for name in ("read", "text", "label", "text-kept", "label-kept"):
            st.session_state.pop(f"{key}-{name}", None)
        st.session_state[f"{key}-of"] = file.identity
    chosen = how_read.choices(key, st.session_state.get(f"{key}-read"))
    st.session_state[f"{key}-read"] = str(chosen)  # the fields themselves are forgotten while another task is shown
    return _rows(key, file.blob, chosen, busy) if task == "table" else _text(key, file.blob, chosen)


def _rows(key: str, blob: bytes, chosen: Choices, busy: bool) -> own_data.Rows:
    locale = st.context.locale or ""
    found = how_read.read_as(key, chosen, lambda how: _opened(blob, how, locale), typed=False, numbers=False)
    text, label = own_data.columns(found)
    with st.container(horizontal=True, gap="small"):
        text = _column(key, "text", found, text, busy)
        label = _column(key, "label", found, label, busy)
    rows = tuple(own_data.pairs(found, text, label))
    for doubt in own_data.doubts(rows):
        notice(t(f"train.labels_{doubt}", name=label, count=count(len({kind for _, kind in rows}))))
    return rows


def _column(key: str, what: str, found: Table, guessed: str, busy: bool) -> str:
    """Which column it is: the one that was picked, wherever the table has it; else the one that was guessed."""
    kept = f"{key}-{what}-kept"  # a field that a misread table does not draw is forgotten
    picked = st.session_state.get(f"{key}-{what}", st.session_state.get(kept))
    settle(f"{key}-{what}", picked if picked in found.names else guessed)
    shown = st.selectbox(t(f"how.column.{what}"), found.names, key=f"{key}-{what}", disabled=busy, width=220) or guessed
    if shown != guessed or picked in found.names:
        st.session_state[kept] = shown
    return shown


def _text(key: str, blob: bytes, chosen: Choices) -> str:
    locale = st.context.locale or ""
    try:
        found = _decoded(blob, chosen, locale)
    except InputError:
        how_read.encoding_line(key, chosen, None)
        raise
    how_read.encoding_line(key, chosen, found.encoding)
    return found.text


@st.cache_data(scope="session", max_entries=2, show_spinner=False)
def _opened(blob: bytes, how: Choices, locale: str) -> Table:
    """Forgotten with the connection."""
    return own_data.opened(blob, how, locale)


@st.cache_data(scope="session", max_entries=2, show_spinner=False)
def _decoded(blob: bytes, how: Choices, locale: str) -> Decoded:
    """Forgotten with the connection."""
    return decoded(blob, how.encoding, locale)
