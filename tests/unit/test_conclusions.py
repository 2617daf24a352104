"""Conclusions are true of their figures: every code has figures that bring it about and figures that do not."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gru_viz.analysis.clock import Timing
from gru_viz.analysis.conclusions import of_speed, of_step
from gru_viz.analysis.holding import left, twins
from gru_viz.cells.quantities import Cell
from gru_viz.locale import translate
from gru_viz.story.concluded import sentences
from gru_viz.tasks import adding, copying, recall
from gru_viz.tasks.delays import Form
from gru_viz.tasks.family import GRU, LSTM, RNN, Variant, fresh

R, L, G = Cell.RNN, Cell.LSTM, Cell.GRU
FORMS = (recall.FORM, copying.FORM, adding.FORM)


def codes(found: list) -> list[str]:
    return [one.code for one in found]


def english(found: list) -> str:
    return sentences(found, lambda key, **params: translate("en", key, **params))


def test_speed_says_what_the_clock_and_the_count_said() -> None:
    times = {R: Timing(7e-6), L: Timing(5e-6), G: Timing(14e-6)}
    work = {R: 900, L: 1000, G: 990}
    said = english(of_speed(times, work, Timing(15e-6)))
    assert "LSTM takes the least time a step here, 5 µs" in said
    assert "GRU takes 2.8 times as long with 0.99 times the multiply-adds" in said
    assert "15 µs, 3 times as much" in said
    assert codes(of_speed(times, work)) == ["speed"]


def test_times_that_hardly_differ_are_a_tie() -> None:
    near = {R: Timing(5.0e-6), L: Timing(5.2e-6), G: Timing(5.9e-6)}
    assert codes(of_speed(near, dict.fromkeys(near, 10))) == ["speed_tie"]


def test_a_step_says_who_agrees() -> None:
    shares = {R: 0.2, L: 0.3, G: 0.4}
    assert of_step({R: "a", L: "a", G: "a"}, shares).code == "agree"
    odd = of_step({R: "a", L: "b", G: "a"}, shares)
    assert english([odd]) == "RNN and GRU say a; LSTM says b (30 %)."
    assert "GRU c (40 %)" in english([of_step({R: "a", L: "b", G: "c"}, shares)])


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_twins_differ_in_one_place_and_in_the_answer(form: Form) -> None:
    sequences = form.sequences(12, 40, 3)
    other, at = twins(form.name, sequences, 3)
    changed = (other != sequences.inputs).reshape(len(other), 40, -1).any(dim=-1)
    assert changed.sum(dim=0).tolist() == [1] * 40
    assert changed.int().argmax(dim=0).tolist() == at.tolist()
    if form.name == "recall":
        letters = other[at, torch.arange(40)]
        assert ((letters >= 9) & (letters <= 16)).all(), "the flag stays a flag"


@pytest.mark.parametrize("variant", [GRU, LSTM, RNN], ids=lambda variant: variant.cell)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_the_distance_begins_at_one_and_sees_only_what_comes_after(form: Form, variant: Variant) -> None:
    with torch.random.fork_rng(devices=[]):
        model = fresh(form.card(variant, 8), 0).eval()
    sequences = form.sequences(10, 16, 5)
    other, at = twins(form.name, sequences, 5)
    share = left(model, sequences.inputs, other, at).mean
    assert share[0] == 1
    assert len(share) == len(sequences.inputs) - int(at.max())
    states = [model.rnn(model.embedding(x) if model.embedding else x)[0].detach() for x in (sequences.inputs, other)]
    by_hand = [
        np.mean([float((states[0][at[k] + step, k] - states[1][at[k] + step, k]).norm()) for k in range(16)])
        for step in range(len(share))
    ]
    np.testing.assert_allclose(share, np.array(by_hand) / by_hand[0], rtol=1e-5)


def test_a_state_that_is_told_nothing_more_forgets() -> None:
    """An RNN whose memory is multiplied by a half forgets by a half a step: the law the chart is read by."""
    with torch.random.fork_rng(devices=[]):
        model = fresh(copying.FORM.card(RNN, 4), 0).eval()
    with torch.no_grad():
        model.rnn.weight_hh_l0.copy_(0.5 * torch.eye(4))
        model.rnn.weight_ih_l0.mul_(1e-3)  # small values, where tanh is the identity
        model.rnn.bias_ih_l0.zero_()
        model.rnn.bias_hh_l0.zero_()
    sequences = copying.FORM.sequences(8, 16, 1)
    share = left(model, sequences.inputs, *twins("copy", sequences, 1)).mean
    np.testing.assert_allclose(share, 0.5 ** np.arange(len(share)), rtol=1e-3)
