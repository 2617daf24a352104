"""The row of input: what the three read, and which task's models they are."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gru_viz.cells.quantities import Cell
from gru_viz.errors import InputError, ModelError
from gru_viz.story.compared import given, table_of
from gru_viz.story.runs import Given, Loaded
from gru_viz.story.trio import load_three, offered
from gru_viz.ui.compare.view import view
from gru_viz.ui.kit import how_read, text_field
from gru_viz.ui.kit.i18n import t
from gru_viz.ui.kit.link import keep
from gru_viz.ui.kit.notices import notice
from gru_viz.ui.kit.pickers import pick
from gru_viz.ui.kit.source_row import another, source_row

FIELD, _PICKER = "compare-text", "compare-task"


def source_place(device: str) -> DeltaGenerator:
    """Draw the input row but for what is read: the tasks, and the chosen one's examples. Give the place of the rest."""
    if view().task not in offered():
        keep(task=offered()[0])
    with source_row(1.15, _task_picker) as left:
        if hints := _hints(view().task, device):
            text_field.examples("compare-example", hints, FIELD)
    return left


def _hints(task: str, device: str) -> tuple[str, ...]:
    """A task's examples; none of one whose models cannot be read, as `source` will say."""
    try:
        return load_three(task, device)[Cell.GRU].hints[:6]
    except (InputError, ModelError):
        return ()


def source(place: DeltaGenerator, device: str) -> tuple[str, Mapping[Cell, Loaded], Given | None]:
    """Draw what is read into its place, and read it: the task, its models, and what they are given; None for nothing.

    Raises:
        InputError, ModelError: what was given cannot be used; the widgets are drawn all the same.
    """
    task, locale = view().task, st.context.locale or ""
    loaded = load_three(task, device)
    hints = loaded[Cell.GRU].hints
    with place:
        text = text_field.one_line(FIELD, hints[0], t(f"compare.hint.{task}"))
    text_field.say_if_cut(FIELD)
    if not text.strip():
        notice(t(f"compare.hint.{task}"))
        return task, loaded, None
    what = given(loaded[Cell.GRU].model, text, locale)
    if what.numbers is not None and text != hints[0]:
        st.caption(how_read.said(table_of(text, what.numbers.shape[1], locale)))
    return task, loaded, what


def preset(loaded: Mapping[Cell, Loaded]) -> Given:
    """What is read before anybody has typed."""
    return given(loaded[Cell.GRU].model, loaded[Cell.GRU].hints[0])


def _task_picker() -> None:
    pick(
        *("task", offered(), "compare.task", "compare.task.{}"),
        key=_PICKER,
        changed=lambda: another("task", _PICKER, FIELD, step=None),
        width="stretch",
        wrap=True,
    )
