"""Numbers as people read them: never surer than they are, never finer than they are known."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gru_viz
from gru_viz.draw.steps_table import read_on_screen
from gru_viz.locale import speaker
from gru_viz.locale.digits import bound, decimals, entered, figure, percent, probability, ratio, short, signed, typed_as
from gru_viz.story.readers_concluded import exact


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_what_is_nearly_sure_is_never_written_as_sure(p: float) -> None:
    for digits in (1, 2, 3):
        assert float(probability(p, digits).lstrip("<>")) not in (0, 1)
        assert float(percent(p, digits).lstrip("<>")) not in (0, 100)
    assert exact(p, speaker("en")).split()[0] not in ("100.00", "0.00")


@pytest.mark.parametrize(
    ("p", "words"),
    [(0.9987, ">0.99"), (np.float32(0.99996), ">0.99"), (0.002, "<0.01"), (1, "1.00"), (0, "0.00"), (0.104, "0.10")],
)
def test_a_probability_in_a_sentence(p: float, words: str) -> None:
    assert probability(p) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (13.248250000000294, "13.248"),
        (0.43423566222190857, "0.43424"),
        (float("nan"), ""),
        (123456.7, "123,457"),
        (-0.5, "\N{MINUS SIGN}0.5"),
        (1.25e-7, "1.25e-07"),
        (40.0, "40"),
    ],
)  # fmt: skip
def test_a_number_in_a_table(value: float, words: str) -> None:
    assert figure(value) == words


def test_a_table_is_read_with_few_digits_and_keeps_its_values() -> None:
    table = pd.DataFrame({"cell": ["GRU"], "n": [3], "error": [13.248250000000294], "p": [0.9999], "none": [np.nan]})
    shown = read_on_screen(table, shares=("p",))
    html = shown.to_html()
    assert re.findall(r">([^<>\n]*)</td>", html) == ["GRU", "3", "13.248", "&gt;0.999", ""] or ">0.999" in html
    assert "13.2482500" not in html
    assert shown.data["error"][0] == 13.248250000000294


@pytest.mark.parametrize(
    ("value", "doubt", "words"),
    [
        (2.1347, 0.0, "2.13"), (2.1347, 0.04, "2.1"), (2.1347, 0.2, "2"), (2.1347, 0.001, "2.13"),
        (1.31, 0.2, "1.3"), (14.6, 0.1, "15"),
    ],
)  # fmt: skip
def test_a_ratio_is_no_finer_than_its_doubt(value: float, doubt: float, words: str) -> None:
    assert ratio(value, doubt) == words


@pytest.mark.parametrize(
    ("value", "digits", "words"),
    [(12345, 6, "12,345"), (2.5, 12, "2.5"), (1234567.25, 12, "1,234,567.25"), (0.1, 6, "0.1"), (1e6, 6, "1e+06")],
)  # fmt: skip
def test_a_number_somebody_has_set_is_said_as_it_was_set(value: float, digits: int, words: str) -> None:
    assert entered(value, digits) == words
    assert typed_as(1234567.25) == "1234567.25"


@pytest.mark.parametrize(
    ("value", "digits", "words"),
    [(0.125, 2, "0.12"), (-0.001, 2, "0.00"), (-1.5, 1, "\N{MINUS SIGN}1.5"), (12345678.0, 3, "1.235e+07")],
)  # fmt: skip
def test_a_number_with_so_many_decimals(value: float, digits: int, words: str) -> None:
    assert decimals(value, digits) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "0.0"), (0.0041, "0.004"), (-0.0049, "\N{MINUS SIGN}0.005"), (0.049, "0.05"), (0.05, "0.1"), (1.25, "1.2")],
)  # fmt: skip
def test_on_which_side_of_nought_a_bound_lies_can_be_read(value: float, words: str) -> None:
    assert bound(value) == words
    assert (signed(0.25), signed(-3.04)) == ("+0.2", "\N{MINUS SIGN}3.0")
    assert short(-1234.56) == "\N{MINUS SIGN}1235"


def test_a_button_that_cannot_be_pressed_keeps_its_words() -> None:
    """The paper's colour is for words on the primary colour only; a button switched off has none behind them."""
    sheet = (Path(gru_viz.__file__).parent / "ui" / "kit" / "style.css").read_text(encoding="utf-8")
    (rule,) = re.findall(r"[^\n]*st-key-run-now[^\n]*\{ color: var\(--gv-paper\)[^\n]*", sheet)
    assert all("button:enabled" in part for part in re.split(r",(?![^(]*\))", rule.split("{")[0]))
