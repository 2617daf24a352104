"""One byte a cell: it is read as near to what it was, whatever its neighbours are, and what lies beyond is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gru_viz.draw.player.quantise import LEVELS, NONE, Quantised, quantised

ALIVE = np.array([True])


def back(strip: Quantised) -> np.ndarray:
    """The numbers, as the player reads them."""
    cells = np.where(strip.cells == NONE, np.nan, strip.cells.astype(float))
    if strip.steps is None:
        return cells / LEVELS
    return (cells - 127) * strip.steps if strip.lows is None else strip.lows + cells * strip.steps


def test_zero_stays_zero_and_what_is_no_number_is_marked() -> None:
    values = np.array([[0.0, -3.0, 3.0, np.nan, np.inf]], dtype=np.float32)
    assert quantised(values, ALIVE, gate=False).cells[0].tolist() == [127, 0, 254, NONE, NONE]
    assert quantised(values, ~ALIVE, gate=False).cells.tolist() == [[NONE] * 5]


@given(arrays(np.float32, (6, 4), elements=st.floats(-1e6, 1e6, width=32)), st.booleans())
def test_every_row_is_right_to_half_of_its_own_step(values: np.ndarray, gate: bool) -> None:
    strip = quantised(values, np.ones(6, dtype=bool), gate)
    step = np.full(4, 1 / LEVELS) if strip.steps is None else strip.steps.astype(float)
    assert (np.abs(back(strip) - values) <= 0.5001 * step + 1e-6 * np.abs(values).max()).all()
    largest = np.abs(values).max(axis=0)
    assert (step <= np.maximum(largest / 126, 2.1 * (gate * np.maximum(largest, 1)) / LEVELS) + 1e-6).all()


def test_the_colours_run_as_far_as_most_units_and_most_steps_do() -> None:
    usual = np.random.default_rng(0).uniform(-1.5, 1.5, (200, 20))
    counting = usual.copy()
    counting[:, 3] = np.arange(200)
    held = usual.copy()
    held[50] = 80.0
    for values, most in ((counting, 199.0), (held, 80.0)):
        strip = quantised(values, np.ones(200, dtype=bool), gate=False)
        assert 1.4 < strip.end < 1.6
        assert strip.most == most
        assert strip.beyond.any()
    everywhere = quantised(10 * usual, np.ones(200, dtype=bool), gate=False)
    assert everywhere.end == everywhere.most == pytest.approx(15, abs=0.2)
    assert not everywhere.beyond.any()
    # As in english-lstm over 2,000 characters: many units drift, each farther than the one before.
    drifting = usual * 10.0 ** np.linspace(0, 3, 20)
    strip = quantised(drifting, np.ones(200, dtype=bool), gate=False)
    assert (np.abs(drifting) < strip.end / 254).mean() < 0.1
    assert 0 < (np.abs(drifting) > strip.end).mean() < 0.35
    assert quantised(usual / 10, np.ones(200, dtype=bool), gate=False).end == 1


def test_a_gate_set_beyond_its_range_says_so_and_is_read_right() -> None:
    values = np.array([[0.25, 5.0], [0.75, -1.0]])
    strip = quantised(values, np.array([True, True]), gate=True)
    assert np.abs(back(strip) - values).max() < 0.013
    assert strip.beyond.tolist() == [0, 4]
    within = quantised(values[:, :1], np.array([True, True]), gate=True)
    assert within.steps is None
    assert not within.beyond.any()
