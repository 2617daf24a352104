"""Half-lives against a slow reading of their definition, and in cases anyone can do in their head."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import gru_viz as gv
from gru_viz.analysis.half_life import half_life, half_lives
from gru_viz.analysis.memory import memory_of
from gru_viz.cells.quantities import Cell
from tests.properties.calls import Call, calls

GATED = ("GRU", "LSTM", "LSTM projected", "gv.GRU")


def by_definition(keep: list[float]) -> list[float]:
    """From every step, the first number of steps after which the product is at most 1/2."""
    lives = []
    for start in range(len(keep)):
        product, life = 1.0, math.inf
        for k, gate in enumerate(keep[start + 1 :], 1):
            product *= min(max(gate, 0.0), 1.0)
            if product <= 0.5 * (1 + 1e-9):
                life = k
                break
        lives.append(life)
    return lives


@given(calls(makes=GATED), st.lists(st.sampled_from([-1.0, 0.0, 0.5, 0.9, 1.0, 2.0]), max_size=1))
def test_equals_the_definition(call: Call, held: list[float]) -> None:
    gate = "f" if isinstance(call.rnn, nn.LSTM) else "z"
    trace = call.trace(interventions=[gv.clamp(gate, value, units=0) for value in held])
    for direction in trace.directions:
        found = half_lives(memory_of(trace, 0, direction))
        layer = trace.layer(0, direction)
        alive = np.flatnonzero(layer.mask[:, 0])
        read = alive[::-1] if direction == "backward" else alive
        for unit in range(trace.hidden_size):
            keep = layer.quantity(gate)[:, 0, unit].double()
            assert found[read, unit].tolist() == by_definition([float(keep[t]) for t in read])
        assert np.isnan(np.delete(found, alive, axis=0)).all()


def held_at(keep: list[float], steps: int) -> gv.Trace:
    """A GRU whose unit u keeps keep[u] of its memory at every step."""
    clamps = [gv.clamp("z", value, units=unit) for unit, value in enumerate(keep)]
    return gv.trace(nn.GRU(1, len(keep), dtype=torch.float64), torch.ones(steps, 1, 1).double(), interventions=clamps)


def test_a_steady_gate_has_one_half_life_however_short_the_trace() -> None:
    keep = [0.0, 0.5, 0.5 ** (1 / 3), 0.5**0.1, 0.99, 1.0]
    assert half_life(memory_of(held_at(keep, 11))).tolist() == [1, 1, 3, 10, math.inf, math.inf]
    assert half_life(memory_of(held_at(keep, 4))).tolist() == [1, 1, 3, math.inf, math.inf, math.inf]
    assert half_life(memory_of(held_at(keep, 200)))[4] == math.ceil(math.log(0.5) / math.log(0.99))
    assert half_lives(memory_of(held_at(keep, 3)))[:, 1].tolist() == [1, 1, math.inf]


def test_the_median_counts_a_start_only_while_it_is_watched() -> None:
    """Starts 0 to 5 of a unit that keeps everything but steps 2 and 3: lives 2, 1, 1, then nothing halves again."""
    clamps = [gv.clamp("z", 1.0), gv.clamp("z", 0.5, steps=[2, 3])]
    trace = gv.trace(nn.GRU(1, 1), torch.ones(6, 1, 1), interventions=clamps)
    assert half_lives(memory_of(trace))[:, 0].tolist() == [2, 1, 1, math.inf, math.inf, math.inf]
    # After one step 5 are watched (the last start never is) and 2 have halved: 3/5 go on. After two steps 4 starts
    # were watched that long, of which 2 have gone already and one goes now.
    assert half_life(memory_of(trace)).tolist() == [2]


def kaplan_meier(lives: list[float]) -> float:
    """The textbook's product over the times of events, one start at a time."""
    watched = [(life, True) if math.isfinite(life) else (len(lives) - 1 - s, False) for s, life in enumerate(lives)]
    surviving = 1.0
    for k in range(1, len(lives)):
        at_risk = sum(time >= k for time, _ in watched)
        ended = sum(event and time == k for time, event in watched)
        surviving *= 1 - ended / at_risk if at_risk else 1
        if surviving <= 0.5 + 1e-9:
            return k
    return math.inf


@given(calls(makes=GATED))
def test_the_median_is_kaplan_and_meiers(call: Call) -> None:
    trace = call.trace()
    for direction in trace.directions:
        lives = half_lives(memory_of(trace, -1, direction))
        read = lives[~np.isnan(lives).any(axis=1)]
        read = read[::-1] if direction == "backward" else read
        expected = [kaplan_meier(read[:, unit].tolist()) for unit in range(trace.hidden_size)]
        assert half_life(memory_of(trace, -1, direction)).tolist() == expected


def test_the_plain_rnn_has_none() -> None:
    trace = gv.trace(nn.RNN(2, 3), torch.zeros(4, 1, 2))
    assert trace.cell is Cell.RNN
    assert np.isnan(half_life(memory_of(trace))).all()
    assert half_lives(memory_of(trace)).shape == (4, 3)
    assert np.isnan(half_lives(memory_of(trace))).all()


def test_a_sequence_that_is_not_there_is_refused() -> None:
    with pytest.raises(gv.InputError, match="There is no sequence 2"):
        memory_of(gv.trace(nn.GRU(2, 3), torch.zeros(4, 2, 2)), batch=2)
