"""Numbers of one's own: pasted or uploaded, columns picked, normalised; and the model that reads them."""

from __future__ import annotations

import streamlit as st
from streamlit.typing import UploadedFile

from gru_viz import models
from gru_viz.errors import InputError
from gru_viz.limits import INPUT_ROWS, TEXT_CHARACTERS
from gru_viz.locale.digits import count
from gru_viz.story.runs import Given, Loaded, load, untrained
from gru_viz.tasks.tables.numerals import scaled
from gru_viz.tasks.tables.reader import read
from gru_viz.tasks.tables.table import Choices, Table
from gru_viz.ui.explore.view import SCALES, view
from gru_viz.ui.kit import how_read
from gru_viz.ui.kit.i18n import t
from gru_viz.ui.kit.link import keep, settle
from gru_viz.ui.kit.notices import notice
from gru_viz.ui.kit.pickers import pick
from gru_viz.ui.kit.upload import contents, uploaded

_READ = "numbers-read"
"""Which upload was read last: another one is read as it is itself."""

SUNSPOTS = (
    "155.4 154.6 140.4 115.9 66.6 45.9 17.9 13.4 29.4 100.2 157.6 142.6 145.7 94.3 54.6 29.9 17.5 8.6 21.5 64.3 "
    "93.3 119.6 111.0 104.0 63.7 40.4 29.8 15.2 7.5 2.9"
)
"""Yearly mean sunspot numbers 1979 to 2008 (public domain): what the page shows before anybody has pasted anything."""


def numbers(device: str, own: Loaded | None = None) -> tuple[Loaded, Given]:
    """Draw paste field, upload, columns and normalisation; return the model that fits and what it is given.

    Args:
        own: a model of numbers that is to read them, whatever their columns; None for ours.

    Raises:
        InputError: they are no table of numbers, or not of the columns `own` reads.
    """
    start = _start(own)
    with st.container(key="numbers", gap="xsmall"):
        pasting, uploading = st.columns([1, 1], gap="small")
        with pasting:
            pasted = _paste_field(start)
        with uploading:
            file = uploaded(t("numbers.upload"), "file")
        _remember(pasted, start, file.name if file is not None else None)
        if file is None and not pasted.strip():
            notice(t("hint.numbers"))
            notice(t("notice.example_shown"))
        columns = None if own is None else own.model.rnn.input_size
        table = _table(file, pasted if pasted.strip() else start, columns)
        rows = table.guess.given
        if rows > INPUT_ROWS:
            notice(t("notice.rows", given=count(rows), most=count(INPUT_ROWS)))
        return _read(table, device, own)


def _table(file: UploadedFile | None, pasted: str, columns: int | None) -> Table:
    """What was given as a table, read as the visitor says; how is kept in the link."""
    given = pasted if file is None else contents(file)
    of = None if file is None else file.file_id
    if st.session_state.get(_READ, of) != of:
        how_read.forget("numbers")
        keep(read=None)
        if not st.session_state.get("columns"):  # nothing was picked of what was read before: nothing is kept of it
            st.session_state.pop("columns", None)
            keep(columns=None)
    st.session_state[_READ] = of
    chosen = how_read.choices("numbers", view().read)
    keep(read=str(chosen) or None)
    locale = st.context.locale or ""
    return how_read.read_as("numbers", chosen, lambda how: _opened(given, how, locale, columns), typed=file is None)


@st.cache_data(scope="session", max_entries=4, show_spinner=False)
def _opened(given: bytes | str, how: Choices, locale: str, columns: int | None) -> Table:
    """Forgotten with the connection."""
    return read(given, how, locale=locale, columns=columns, most=INPUT_ROWS)


def _start(own: Loaded | None) -> str:
    """What stands in the field before anybody has pasted anything: a model's own first example."""
    return own.hints[0].replace("; ", "\n") if own is not None and own.hints else SUNSPOTS


def _paste_field(start: str) -> str:
    settle("data", st.session_state.get("data", view().data if view().data is not None else start))
    return st.text_area(t("numbers.paste"), key="data", height=92, label_visibility="collapsed") or ""


def _remember(pasted: str, start: str, upload: str | None) -> None:
    """What can be linked is; of an upload a link holds the name, and says so when the file is missing."""
    missing = view().upload if upload is None and "file" not in st.session_state.get("seen", ()) else None
    if upload is not None:
        st.session_state["seen"] = ("file",)
    if missing:
        notice(t("notice.upload_missing", name=missing))
    fits = pasted != start and len(pasted) <= TEXT_CHARACTERS
    keep(data=pasted if fits else None, upload=upload or missing)
    if len(pasted) > TEXT_CHARACTERS and upload is None:
        notice(t("notice.not_in_link"))


def _read(table: Table, device: str, own: Loaded | None) -> tuple[Loaded, Given]:
    numeric = table.numeric()
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        chosen = _columns(table, numeric)
        values = table.values(chosen) if chosen else None
        trained = own is not None or (len(chosen) == 1 and "sunspots" in models.available())
        how = _scale("none" if trained else "zscore")
        if values is None and not numeric:
            notice(t("numbers.none_found"))
        if values is None:
            raise InputError("table.no_numbers", "Choose at least one column of numbers.")
        if own is not None:
            loaded = own
        elif trained:
            loaded = load("sunspots", device)
            st.caption(t("numbers.trained"), width="stretch")
        else:
            loaded = untrained(len(chosen), device)
            st.caption(t("numbers.untrained", columns=len(chosen)), width="stretch")
    return loaded, Given(numbers=scaled(values, how))


def _columns(table: Table, numeric: list[str]) -> list[str]:
    if len(table.names) == 1:
        return list(table.names)
    linked = [name for name in (view().columns or "").split(",") if name in table.names]
    before = st.session_state.get("columns", linked or numeric)
    kept = [name for name in before if name in table.names]
    # Another table: what was picked of the last one says nothing of it.
    settle("columns", kept if kept or not before else numeric)
    chosen = st.multiselect(t("numbers.columns"), table.names, key="columns", width=360)
    keep(columns=None if chosen == numeric else ",".join(chosen))
    return chosen


def _scale(usual: str) -> str:
    before = st.session_state.get("scale", view().scale or usual)
    chosen = pick("scale", SCALES, "numbers.scale", "scale.{}", value=before, label_visibility="visible")
    keep(scale=None if chosen == usual else chosen)
    return chosen
