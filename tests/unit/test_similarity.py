"""Order and averages of units."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gru_viz.analysis.similarity import activity, group_means, grouped, similarity_order


def test_like_units_stand_together() -> None:
    time = np.linspace(0, 6, 40)
    kinds = np.stack([np.sin(time), np.cos(time), -np.sin(time)])
    which = np.random.default_rng(0).integers(0, 3, 30)
    order = similarity_order(kinds[which].T + 0.01 * np.random.default_rng(1).standard_normal((40, 30)))
    seen = which[order]
    assert np.count_nonzero(np.diff(seen)) == 2, "three kinds, two borders"


@given(st.integers(1, 300), st.integers(1, 12), st.integers(0, 5))
def test_every_unit_is_in_exactly_one_row(units: int, steps: int, seed: int) -> None:
    states = np.random.default_rng(seed).standard_normal((steps, units))
    order = similarity_order(states)
    assert sorted(order) == list(range(units))
    groups = grouped(order, 64)
    assert len(groups) == min(units, 64)
    means = group_means(states, groups)
    expected = np.stack([states[:, group].mean(axis=1) for group in groups])
    np.testing.assert_allclose(means, expected, rtol=1e-5, atol=1e-6)


def test_up_to_the_limit_nothing_is_averaged() -> None:
    states = np.random.default_rng(0).standard_normal((5, 64)).astype(np.float32)
    order = np.arange(64)[::-1]
    assert np.array_equal(group_means(states, grouped(order, 64)), states.T[::-1])


def test_activity_is_the_mean_step() -> None:
    assert activity(np.zeros((2, 2)), np.array([[1.0, 0.0], [0.0, 0.5]])).tolist() == [0.5, 0.25]
    assert activity(np.zeros((0, 2)), np.zeros((0, 2))).tolist() == [0.0, 0.0]


def test_a_still_model_has_an_order_too() -> None:
    assert sorted(similarity_order(np.zeros((4, 7)))) == list(range(7))
    assert sorted(similarity_order(np.full((4, 7), np.nan))) == list(range(7))
