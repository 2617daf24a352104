"""Conclusions are true of their figures: every code has figures that bring it about and figures that do not."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gru_viz.analysis.clock import Timing
from gru_viz.analysis.conclusions import (
    Curve,
    Score,
    Spread,
    interval,
    of_curves,
    of_delays,
    of_holding,
    of_measured,
    of_score,
    of_speed,
    of_step,
)
from gru_viz.analysis.holding import apart, twins
from gru_viz.quantities import Cell
from gru_viz.tasks import adding, copying, recall
from gru_viz.tasks.delays import Form
from gru_viz.tasks.family import GRU, LSTM, RNN, Variant, fresh
from gru_viz.ui.compare.words import sentences
from gru_viz.ui.i18n import LANGUAGES, translate

R, L, G = Cell.RNN, Cell.LSTM, Cell.GRU
FORMS = (recall.FORM, copying.FORM, adding.FORM)


def codes(found: list) -> list[str]:
    return [one.code for one in found]


def english(found: list) -> str:
    return sentences(found, lambda key, **params: translate("en", key, **params))


def test_a_winner_is_named_only_where_the_sample_can_tell() -> None:
    shares = {R: 0.743, L: 0.741, G: 0.753}
    assert codes(of_score(Score("accuracy", shares, 2949))) == ["tie_accuracy"]
    assert codes(of_score(Score("accuracy", shares, 2_000_000))) == ["best_accuracy"]
    assert "2,949 held-out answers" in english(of_score(Score("accuracy", shares, 2949)))


def test_equal_scores_are_equal() -> None:
    found = of_score(Score("accuracy", {R: 0.1, L: 1.0, G: 1.0}, 7000))
    assert english(found) == "LSTM and GRU are right equally often on held-out data, 100 %."


def test_less_is_better_where_it_is() -> None:
    found = of_score(Score("bits", {R: 1.456, L: 1.43, G: 1.39}))[0]
    assert (found.code, found.params["best"], found.params["second"]) == ("best_bits", "GRU", "LSTM")
    assert of_score(Score("bits", {R: 1.456, L: 1.391, G: 1.39}))[0].code == "tie_bits"
    assert of_score(Score("error", {R: 24.9, L: 22.3, G: 23.2}, 59))[0].code == "tie_error"
    assert of_score(Score("error", {R: 24.9, L: 12.3, G: 23.2}, 590))[0].code == "best_error"


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


def delays(**means: float) -> dict[int, Spread]:
    return {int(name[1:]): Spread(mean, mean - 0.02, min(1.0, mean + 0.02)) for name, mean in means.items()}


def test_delays_say_how_long_each_cell_holds() -> None:
    cells = {
        R: delays(d5=0.6, d50=0.95, d200=0.13),
        L: delays(d5=0.99, d50=0.92, d200=0.5),
        G: delays(d5=1.0, d50=1.0, d200=0.98),
    }
    said = english(of_delays(cells, 0.125))
    assert "GRU up to 200 steps, the longest tried; LSTM up to 50; RNN not even at 5" in said
    assert "At 200 steps: GRU 98 % (96–100); LSTM 50 % (48–52); RNN 13 % (11–15)." in said
    assert "RNN: no better than guessing (12.5 %)" in said
    assert "overlap" not in said


def test_seeds_that_overlap_are_no_victory() -> None:
    cells = {R: delays(d5=0.5), L: delays(d5=0.97), G: delays(d5=0.98)}
    found = of_delays(cells, 0.125)
    assert [one.params["best"] for one in found if one.code == "overlap"] == ["GRU"]
    assert "guessing_is" not in codes(found)


def test_curves_say_when_the_others_were_there() -> None:
    steps = [10, 20, 30, 40]
    curves = {
        R: Curve(steps, [0.1, 0.3, 0.5, 0.6]),
        L: Curve(steps, [0.2, 0.7, 0.65, 0.8]),
        G: Curve(steps, [0.6, 0.7, 0.8, 0.9]),
    }
    assert "RNN ends at 60 % after 40 steps; the others were there earlier: LSTM after 20; GRU after 10." in english(
        of_curves("accuracy", curves)
    )
    falling = {cell: Curve(steps, [1 - y for y in curve.score]) for cell, curve in curves.items()}
    told = of_curves("bits", falling)[0]
    assert (told.code, told.params["last"]) == ("caught_up_bits", "RNN")
    assert [one.params["count"] for one in told.params["each"]] == [20, 10]


def test_cards_without_a_curve_are_named() -> None:
    found = of_curves("accuracy", {L: Curve([1], [0.5])}, [G])
    assert codes(found) == ["curve_missing"]
    assert found[0].params["cell"] == "GRU"


def test_the_interval_is_wilsons() -> None:
    """Checked against the closed form's published example: 15 of 148 gives 6.2 % to 16.0 % (Newcombe 1998, case 3)."""
    low, high = interval(15 / 148, 148)
    assert (round(low, 4), round(high, 4)) == (0.0624, 0.1605)
    assert interval(1.0, 500)[1] == 1.0
    assert interval(1.0, 500)[0] > 0.99
    assert interval(0.0, 20)[0] == 0.0


def test_fresh_measurements_tell_ties() -> None:
    assert codes(of_measured({R: 0.2, L: 0.95, G: 0.96}, 100, 50)) == ["measured", "measured_tie"]
    assert codes(of_measured({R: 0.2, L: 0.75, G: 0.96}, 2000, 50)) == ["measured"]
    assert codes(of_measured({R: 0.2, L: 1.0, G: 1.0}, 100, 50)) == ["measured"], (
        "equal is no question of more sequences"
    )


def test_states_that_forget_keep_or_drift() -> None:
    found = of_holding({R: [1, 0.6, 0.3, 0.0], L: [1, 0.9, 0.8, 0.7], G: [1, 2, 3, 3.2]})
    assert codes(found) == ["forgets", "keeps", "grows"]
    assert found[0].params["count_half"] == 2
    assert "3.2 times after 3 steps" in english(found)


def test_a_step_says_who_agrees() -> None:
    shares = {R: 0.2, L: 0.3, G: 0.4}
    assert of_step({R: "a", L: "a", G: "a"}, shares).code == "agree"
    odd = of_step({R: "a", L: "b", G: "a"}, shares)
    assert english([odd]) == "RNN and GRU say a; LSTM says b (30 %)."
    assert "GRU c (40 %)" in english([of_step({R: "a", L: "b", G: "c"}, shares)])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_conclusion_has_words_in_both_languages(language: str) -> None:
    cells = {R: delays(d5=0.1, d9=0.1), L: delays(d5=0.97, d9=0.95), G: delays(d5=0.98, d9=0.2)}
    found = [
        *of_score(Score("accuracy", {R: 0.1, L: 0.2, G: 0.3}, 9)),
        *of_delays(cells, 0.125),
        *of_holding({R: [1, 0.1], L: [1, 0.8], G: [1, 2]}),
        *of_measured({R: 0.1, L: 0.2, G: 0.2}, 50, 9),
    ]
    said = sentences(found, lambda key, **params: translate(language, key, **params))
    assert "compare." not in said
    assert "{" not in said


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
    share = apart(model, sequences.inputs, other, at)
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
    share = apart(model, sequences.inputs, *twins("copy", sequences, 1))
    np.testing.assert_allclose(share, 0.5 ** np.arange(len(share)), rtol=1e-3)
