"""What stands beside each other on Bi-GRU and Compare says the same: marks, sentences, strips, tables.

Over every model and texts of many kinds: the marks of the lanes, the ticks of the bars, the sentence under them, the
table of data and the cells further down are read apart and compared.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import streamlit as st

import gru_viz as gv
from gru_viz.cells.quantities import Cell
from gru_viz.cells.spec import DIRECTIONS
from gru_viz.draw.compared_tables import table as table_of
from gru_viz.draw.steps_table import STEP
from gru_viz.locale import LANGUAGES, speaker, translate
from gru_viz.locale.digits import significant
from gru_viz.story import readers, readers_lanes, trio_lanes
from gru_viz.story.compared import given
from gru_viz.story.lanes import AnswerRow, BeliefBar, Lanes
from gru_viz.story.readers import BOTH, WAYS, Readers
from gru_viz.story.readers_table import frame
from gru_viz.story.revisions import Answers
from gru_viz.story.runs import Run
from gru_viz.story.symbols import visible
from gru_viz.story.trio import CELLS, TASKS, Trio, load_three, offered, run_three
from gru_viz.tasks.syntax_truth import truth
from gru_viz.ui.bigru import stage
from gru_viz.ui.bigru.view import BiGruView
from gru_viz.ui.compare.view import CompareView
from gru_viz.ui.kit.i18n import speak, spoken

ENGLISH = speaker("en")
CODE = [
    'define = "a # b"  # x12\ndef form(x2): return x2 + 12',
    "importer = imports + 12",
    "is_land = forty is not None",
    'format = "if # not"  # def',
    "whiled",
    "x",
    "class A:\n    def in_(self): pass\n",
    "lambda_ = lambda: not None",
    "'a' + b'' # 1",
    "x = 's",
    "🙂 = ?",
]
NAMES = ["rossellini", "kowalczyk", "nakamura", "o'sullivan", "van den berg", "x", "Ａｎｎａ", "müller 7"]
TEXTS = {
    "names": NAMES,
    "english": ["In the beginning", "x", "And God said, Let there be light: and", "42 ~ ü"],
    "python": ["def f(self):", "import os\nfor", "x = {", "\t\t"],
    "recall": ["bdaCfhag", "abc", "A", "ABab", "hgHfedcba"],
    "copy": ["cadb.....????", "cadb", "????", "cadb..????.."],
    "adding": ["0.7 0; 0.2 1; 0.9 0; 0.6 1", "0.5 0; 0.5 0", "0 1; 1 1; 1 1"],
    "sunspots": ["5 11 16 23 36 58", "1 2", "0 0 0"],
}


@pytest.fixture(autouse=True)
def english() -> None:
    speak("en")


def read(example: str, text: str, **view: Any) -> tuple[Readers, Lanes]:
    st.session_state["view"] = BiGruView(example=example, text=text, **view)
    reading = readers.read(example, text, "cpu")
    answers = {way: Answers.first(reading.tokens, reading.answers(way)) for way in reading.runs}
    return reading, readers_lanes.readers_lanes(reading, answers, None, spoken())


def lane(shown: Lanes, name: str) -> AnswerRow:
    row = next(one for one in shown.lanes if one.name == name).rows[0]
    assert isinstance(row, AnswerRow)
    return row


def ticked(bar: BeliefBar) -> np.ndarray:
    """Where a bar's largest share is the right class: what the player puts a tick on."""
    assert bar.truth is not None
    return bar.values.argmax(axis=1) == bar.truth


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", CODE)
def test_who_is_right_is_the_same_in_marks_ticks_sentence_and_table(text: str, language: str) -> None:
    speak(language)
    reading, shown = read("syntax", text)
    table = frame(reading)
    if reading.truth is None:
        wrong_marks = [lane(shown, readers_lanes.LANES[way]).marks for way in reading.runs]
        assert all("wrong" not in marks for marks in wrong_marks)
        assert table["truth"].isna().all()
        return
    kinds = truth(text)
    assert kinds is not None
    right = {}
    assert shown.bars is not None
    bars = {row.name: row for row in shown.bars.rows}
    for way in WAYS:
        right[way] = np.array([mark != "wrong" for mark in lane(shown, readers_lanes.LANES[way]).marks])
        np.testing.assert_array_equal(ticked(bars[translate(language, f"bigru.bar.{way}")]), right[way])
        np.testing.assert_array_equal(table[way] == table["truth"], right[way])
    for step, told in enumerate(shown.sentences):
        good, bad = ([way for way in WAYS if bool(right[way][step]) == flag] for flag in (True, False))
        code = "all" if not bad else "some" if good else "none"
        kind = translate(language, f"bigru.as.{kinds[step]}")
        said = {"truth": kind, "right": listed(good, language), "wrong": listed(bad, language)}
        assert translate(language, f"bigru.judged.{code}", **said) in told


def listed(ways: list[str], language: str) -> str:
    return translate(language, "bigru.list").join(translate(language, f"bigru.lane.{way}") for way in ways)


@pytest.mark.parametrize(("example", "text"), [("syntax", text) for text in CODE] + [("names", text) for text in NAMES])
def test_each_cell_of_explore_believes_what_its_half_does(
    example: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, shown = read(example, text, cells="on")
    drawn: dict[str, Run] = {}
    monkeypatch.setattr(stage.player_view, "player", lambda *a, **k: None)
    monkeypatch.setattr(stage.cell_scene, "scene", lambda run, at, *_, **__: drawn.__setitem__(at.place.direction, run))
    stage._cells(reading, stage.Spot(0, True))
    assert shown.bars is not None
    bars = {row.name: row.values for row in shown.bars.rows}
    halves = {"forward": reading.ways.left, "backward": reading.ways.right}
    for direction in DIRECTIONS:
        np.testing.assert_array_equal(drawn[direction].belief, halves[direction])
        side = "left" if direction == "forward" else "right"
        bar = bars[translate("en", f"bigru.bar.{side}_half")]
        belief = halves[direction]
        np.testing.assert_allclose(bar.max(axis=1) >= belief.max(axis=1) - 1e-6, True)
        table = frame(reading)
        assert list(table[f"{side}_half"]) == [reading.labels[k] for k in belief.argmax(axis=1)]
    np.testing.assert_array_equal(reading.runs[BOTH].belief, reading.belief(BOTH), "the reading's own is untouched")


def compared(task: str, text: str) -> tuple[Trio, Lanes]:
    st.session_state["view"] = CompareView(task=task, text=text)
    loaded = load_three(task, "cpu")
    trio = run_three(task, loaded, given(loaded[Cell.GRU].model, text))
    return trio, trio_lanes.trio_lanes(trio, "memory", None, "en")


@pytest.mark.parametrize(
    ("task", "text"), [(task, text) for task in TASKS for text in TEXTS[task]], ids=lambda value: value[:20]
)
def test_what_three_cells_say_is_the_same_in_lanes_bars_sentence_and_table(task: str, text: str) -> None:
    if task not in offered():
        pytest.skip(f"{task} is not in the zoo")
    trio, shown = compared(task, text)
    table = table_of("predictions", trio, "cpu", "parameters")
    assert sorted(set(table[STEP])) == list(range(1, len(trio) + 1))
    if trio.kind == "forecast":
        for step, told in enumerate(shown.sentences):
            for cell in CELLS:
                value = table[(table["cell"] == cell.value) & (table[STEP] == step + 1)]["forecast"].item()
                assert f"{cell.value} {significant(value)}" in told
        return
    rows = {cell: next(one for one in shown.lanes if one.title == cell.value).rows[-1] for cell in CELLS}
    assert shown.bars is not None
    for step, told in enumerate(shown.sentences):
        which = {cell: int(row.which[step]) for cell, row in rows.items() if isinstance(row, AnswerRow)}
        marks = {cell: row.marks[step] for cell, row in rows.items() if isinstance(row, AnswerRow)}
        if min(which.values()) < 0:
            assert told == translate("en", "compare.not_asked")
            assert set(marks.values()) == {""}, "nothing is marked where nothing is asked"
            continue
        for cell, index in which.items():
            here = table[(table["cell"] == cell.value) & (table[STEP] == step + 1)]
            assert here["prediction"].item() == visible(trio.any.model.labels[index])
            assert (marks[cell] == "differs") == (list(which.values()).count(index) == 1)
            bar = next(row for row in shown.bars.rows if row.name == cell.value)
            name = trio.label(index, ENGLISH)
            largest = shown.bars.names[int(bar.values[step].argmax())]
            assert largest in (name, translate("en", "belief.rest"))
            assert name in told
        kinds = len(set(which.values()))
        begin = {1: "All three say", 3: "Each says something else"}
        assert all(told.startswith(words) == (kinds == count) for count, words in begin.items())
        if kinds == 2:
            odd = next(cell for cell, mark in marks.items() if mark)
            assert f"; {odd.value} says {trio.label(which[odd], ENGLISH)}" in told


@pytest.mark.parametrize("task", TASKS)
def test_no_two_symbols_look_alike(task: str) -> None:
    """Sentences group by what is written: two symbols that are written alike would be told as one."""
    if task not in offered():
        pytest.skip(f"{task} is not in the zoo")
    trio, _ = compared(task, TEXTS[task][0])
    names = [trio.label(index, ENGLISH) for index in range(len(trio.any.model.labels))]
    assert len(names) == len(set(names))
    assert gv.load(task).labels == trio.any.model.labels
