"""The row of input: what the three read, and which task's models they are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from gru_viz.cells.quantities import Cell
from gru_viz.errors import InputError
from gru_viz.models.reading import narrowed
from gru_viz.story.runs import Given, Loaded
from gru_viz.story.trio import load_three, offered
from gru_viz.tasks.tables.reader import read
from gru_viz.tasks.tables.table import Table
from gru_viz.ui.compare.view import view
from gru_viz.ui.explore.source import hints_of
from gru_viz.ui.kit import how_read, text_field
from gru_viz.ui.kit.i18n import speaker, t
from gru_viz.ui.kit.link import keep, settle
from gru_viz.ui.kit.notices import notice

FIELD = "compare-text"
_TYPED = "compare-typed"


def source(device: str) -> tuple[str, Mapping[Cell, Loaded], Given | None]:
    """Draw the input row and read it: the task, its models, and what they are given, or None for nothing.

    Raises:
        InputError, ModelError: what was given cannot be used; the widgets are drawn all the same.
    """
    task = view().task if view().task in offered() else offered()[0]
    with st.container(key="source", gap="xsmall"):
        left, right = st.columns([1.15, 1], gap="small", vertical_alignment="top")
        with right:
            _task_picker(task)
        loaded = load_three(task, device)
        hints = hints_of(loaded[Cell.GRU])
        with left:
            text = text_field.one_line(FIELD, hints[0], t(f"compare.hint.{task}"))
        text_field.examples("compare-example", hints[:6], FIELD)
    text_field.say_if_cut(FIELD)
    if not text.strip():
        notice(t(f"compare.hint.{task}"))
        return task, loaded, None
    what = given(loaded[Cell.GRU], text)
    if what.numbers is not None and text != hints[0]:
        st.caption(how_read.said(_table(text, what.numbers.shape[1])))
    return task, loaded, what


def preset(loaded: Mapping[Cell, Loaded]) -> Given:
    """What is read before anybody has typed."""
    return given(loaded[Cell.GRU], hints_of(loaded[Cell.GRU])[0])


def given(loaded: Loaded, text: str) -> Given:
    """A text, or the numbers it holds: a series, or steps separated by semicolons of as many columns as are read.

    Raises:
        InputError: numbers are wanted, and these are none.
    """
    if loaded.model.vocabulary is not None:
        return Given(text=text)
    columns = loaded.model.rnn.input_size
    table = _table(text, columns)
    numbers = table.values(list(table.names))
    if numbers.shape[1] != columns:
        raise InputError(
            "compare.columns",
            "Each step needs {columns} number(s) here, and these have {found}.",
            columns=columns,
            found=numbers.shape[1],
        )
    return Given(numbers=np.asarray(numbers))


def _table(text: str, columns: int) -> Table:
    lines = narrowed(text).replace(";", "\n") if columns > 1 else text
    return read(lines, locale=st.context.locale or "", columns=columns)


def _task_picker(task: str) -> None:
    say = speaker()
    settle("compare-task", task)
    st.segmented_control(
        t("compare.task"),
        offered(),
        format_func=lambda name: say(f"compare.task.{name}"),
        key="compare-task",
        required=True,
        on_change=_task_changed,
        label_visibility="collapsed",
        width="stretch",
        wrap=True,
    )
    keep(task=task)


def _task_changed() -> None:
    """A new task starts at its own example, or at what was last typed for it; nothing typed is lost."""
    typed = st.session_state.setdefault(_TYPED, {})
    typed[view().task] = view().text
    chosen = st.session_state["compare-task"]
    keep(task=chosen, text=typed.get(chosen), step=None)


def unusual(task: str, what: Given, tokens: tuple[str, ...]) -> str | None:
    """The key of a sentence for input that can be read, but asks nothing this game could answer; else None."""
    if task == "recall" and sum(token in "ABCDEFGH" for token in tokens) != 1:
        return "compare.odd_input.recall"
    if task == "copy" and "?" not in tokens:
        return "compare.odd_input.copy"
    if task == "adding" and what.numbers is not None:
        flags, amounts = what.numbers[:, 1], what.numbers[:, 0]
        if sorted(flags[flags != 0]) != [1.0, 1.0] or amounts.min() < 0 or amounts.max() > 1:
            return "compare.odd_input.adding"
    return None
