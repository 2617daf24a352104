"""Orders of units: each unit once, like beside like, the liveliest or longest first."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import gru_viz as gv
from gru_viz.analysis import order as orders
from gru_viz.analysis.half_life import half_life
from gru_viz.analysis.memory import memory_of
from gru_viz.analysis.order import Order, clustered, states_of, unit_order
from gru_viz.analysis.similarity import activity
from tests.properties.calls import Call, calls


@given(calls(), st.sampled_from(Order))
def test_every_unit_stands_once(call: Call, by: Order) -> None:
    trace = call.trace()
    for direction in trace.directions:
        found = unit_order(trace, by, -1, direction, trace.batch_size - 1)
        assert sorted(found.tolist()) == list(range(trace.hidden_size))


@given(calls())
def test_the_most_active_and_the_longest_lived_come_first(call: Call) -> None:
    trace = call.trace()
    layer = trace.layer(0)
    q = "c" if "c" in layer.gates or trace.spec.proj_size else "h"
    alive = layer.mask[:, 0]
    moved = (layer.quantity(q) - layer.quantity(f"{q}_prev"))[alive][:, 0].double().abs().mean(0)
    assert (np.diff(moved[unit_order(trace, Order.ACTIVITY).copy()].numpy()) <= 1e-12).all()
    lives = half_life(memory_of(trace))[unit_order(trace, Order.HALF_LIFE)]
    assert np.isnan(lives).all() or lives.tolist() == sorted(lives.tolist(), reverse=True)


def test_activity_is_the_one_the_pages_show() -> None:
    trace = gv.trace(nn.GRU(3, 20), torch.randn(9, 1, 3))
    shown = activity(*states_of(trace))
    assert unit_order(trace, Order.ACTIVITY).tolist() == np.argsort(-shown, kind="stable").tolist()


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_activity_begins_with_the_first_state_and_goes_as_the_cell_reads(direction: str) -> None:
    """A unit that holds on to a large first state did not move; nor one far from 0 at the other end."""
    torch.manual_seed(0)
    rnn = nn.GRU(2, 3, bidirectional=True)
    h0 = torch.randn(2, 1, 3)
    h0[:, 0, 1] = 5.0
    keep = gv.clamp("z", 1.0, units=[1], direction=direction)
    trace = gv.trace(rnn, torch.randn(6, 1, 2), h0, interventions=[keep])
    layer = trace.layer(0, direction)
    moved = activity(*states_of(trace, 0, direction))
    wanted = (layer.h - layer.h_prev)[:, 0].abs().mean(0)
    assert moved == pytest.approx(wanted.tolist(), abs=1e-6)
    assert moved[1] == 0
    assert unit_order(trace, Order.ACTIVITY, 0, direction)[-1] == 1


def test_equal_units_stay_as_numbered() -> None:
    held = gv.trace(nn.GRU(1, 5), torch.ones(4, 1, 1), interventions=[gv.clamp("h", 0.3), gv.clamp("z", 0.2)])
    for by in Order:
        assert unit_order(held, by).tolist() == [0, 1, 2, 3, 4], by
    assert unit_order(gv.trace(nn.RNN(1, 4), torch.ones(3, 1, 1)), Order.HALF_LIFE).tolist() == [0, 1, 2, 3]


def length(points: np.ndarray, order: np.ndarray) -> float:
    """The sum of distances between neighbours."""
    return float(np.linalg.norm(np.diff(points[:, order], axis=1), axis=0).sum())


def test_like_units_stand_together() -> None:
    time = np.linspace(0, 6, 40)
    kinds = np.stack([np.sin(time), np.cos(time), -np.sin(time)])
    which = np.random.default_rng(0).integers(0, 3, 30)
    states = kinds[which].T + 0.01 * np.random.default_rng(1).standard_normal((40, 30))
    assert np.count_nonzero(np.diff(which[clustered(states)])) == 2, "three kinds, two borders"


def test_units_on_a_line_stand_in_line() -> None:
    values = np.random.default_rng(2).permutation(30) / 10
    for states in (values[None], np.outer([1.0, 2.0, -1.0], values) + 3):
        found = values[clustered(states)]
        assert found.tolist() in (sorted(values), sorted(values, reverse=True))
    assert values[clustered(values[None])][0] == values.max(), "the higher end stands on top"


@given(st.integers(0, 200))
def test_no_order_of_four_units_that_keeps_two_pairs_is_shorter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    states = rng.standard_normal((5, 2)).repeat(2, axis=1) * 5 + 0.1 * rng.standard_normal((5, 4))
    pairs = [p for p in permutations(range(4)) if {p[0], p[1]} in ({0, 1}, {2, 3})]
    assert length(states, clustered(states)) <= min(length(states, np.array(p)) for p in pairs) + 1e-9


@pytest.mark.parametrize(("steps", "units"), [(1, 1), (1, 2), (5, 1), (5, 2), (1, 7), (3, 513)])
def test_small_and_large_states_have_an_order(steps: int, units: int) -> None:
    states = np.random.default_rng(0).standard_normal((steps, units))
    for some in (states, np.zeros_like(states), np.round(states), np.full_like(states, np.nan)):
        assert sorted(clustered(some).tolist()) == list(range(units))


def test_still_units_stand_together_and_do_not_disturb_the_others() -> None:
    states = np.random.default_rng(3).standard_normal((6, 9)) + 5
    states[:, [1, 4, 8]] = 0.0
    assert clustered(states).tolist()[-3:] == [1, 4, 8]


def test_a_long_trace_is_thinned_and_hardly_changes() -> None:
    rng = np.random.default_rng(4)
    sources = np.cumsum(rng.standard_normal((2000, 3)), axis=0)
    which = rng.integers(0, 3, 60)
    states = np.tanh(sources[:, which] / 20) + 0.01 * rng.standard_normal((2000, 60))
    assert np.count_nonzero(np.diff(which[clustered(states)])) == 2


def test_the_cost_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, ...]] = []

    def watched(points: np.ndarray) -> np.ndarray:
        seen.append(points.shape)
        return np.arange(len(points))

    monkeypatch.setattr(orders, "_leaves", watched)
    rng = np.random.default_rng(5)
    clustered(rng.standard_normal((2000, orders.MOST_UNITS)))
    assert seen == [(orders.MOST_UNITS, orders.MOST_STEPS)]
    clustered(rng.standard_normal((20, orders.MOST_UNITS + 1)))
    assert len(seen) == 1, "more different units are not clustered"
    clustered(np.sign(rng.standard_normal((3, 2000))))
    assert seen[1][0] <= 8, "identical units count once"
