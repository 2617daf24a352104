"""What Compare concludes says no more than its evidence, in both languages; the whole text is in the golden files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru_viz.analysis import card_figures, learning
from gru_viz.analysis import games as memory
from gru_viz.analysis.comparisons import HeldOutCurve, Over, Score, Shipped, of_curves, of_delays, of_score
from gru_viz.analysis.conclusions import Conclusion, Unit
from gru_viz.analysis.evidence import Figure, Pieces, of_pieces, of_seeds, of_share
from gru_viz.analysis.holding import Left
from gru_viz.analysis.ledger import held_out
from gru_viz.analysis.run_now import of_holding, of_measured
from gru_viz.cells.quantities import Cell
from gru_viz.locale import LANGUAGES, translate
from gru_viz.models import load
from gru_viz.story.compared import trained_three
from gru_viz.story.concluded import sentences
from gru_viz.story.trio import GAMES, games, offered
from gru_viz.tasks import adding, copying, recall
from gru_viz.tasks.delays import DelayTask
from gru_viz.tasks.family import RNN as VARIANT
from tests.unit.golden import agrees_with

R, L, G = Cell.RNN, Cell.LSTM, Cell.GRU
UNITS: tuple[Unit, ...] = ("accuracy", "bits", "error")
NOTHING: dict[str, str] = {}
RNN = (0.4, 0.41, 0.42)


def codes(found: list[Conclusion]) -> list[str]:
    return [one.code for one in found]


def said(found: list[Conclusion], language: str = "en") -> str:
    return sentences(found, partial(translate, language))


def share(value: float, n: int = 1000) -> Figure:
    return of_share(value, n, "name", NOTHING)


def seeds(*values: float, n: int = 1000) -> Figure:
    return of_seeds(values, n, "sequence", NOTHING)


def chapters(*bits: float) -> Figure:
    """Bits a character of chapters of equal length."""
    return of_pieces(Pieces.of([1000 * each for each in bits], [1000] * len(bits)), "chapter", NOTHING, rises=False)


def test_seeds_that_overlap_are_not_ranked() -> None:
    found = of_score(Score("accuracy", {R: seeds(*RNN), L: seeds(0.97, 0.955, 0.94), G: seeds(0.93, 0.945, 0.96)}))
    assert said(found) == (
        "LSTM and GRU cannot be told apart on held-out data with 3 training runs each: LSTM 95.5 % (91.8–99.2); GRU "
        "94.5 % (90.8–98.2). Right less often: RNN 41 % (38–44.1). In brackets: the 95 % interval of the mean of 3 "
        "training runs, never narrower than the runs’ own range; who overlaps is not told apart."
    )
    assert "most often" not in said(found)


def test_seeds_apart_are_ranked_and_speak_of_the_cell() -> None:
    found = of_score(Score("accuracy", {R: seeds(*RNN), L: seeds(0.6, 0.61, 0.62), G: seeds(0.9, 0.91, 0.92)}))
    assert said(found).startswith(
        "GRU is right most often on held-out data, 91 % (88.5–93.5); next is LSTM, 61 % (57.9–64). In brackets"
    )


def test_one_run_speaks_of_this_model() -> None:
    found = of_score(Score("accuracy", {R: share(0.4), L: share(0.6), G: share(0.9)}))
    assert said(found) == (
        "This GRU is right most often on held-out data, 90 % (88–91.7); next is this LSTM, 60 % (56.9–63). In "
        "brackets: 95 % intervals, each formed by itself. All read the same 1,000 names, but they were not compared "
        "one by one, which could tell more. One training run each: this is about these models, and tells little about "
        "their cells."
    )
    assert said(found, "zh").startswith(
        "在留出数据上，这个 GRU 正确率最高，为 90%（88–91.7）；其次是这个 LSTM，为 60%（56.9–63）。"
    )


def test_a_sample_too_small_names_nobody() -> None:
    figures = {R: share(0.743, 2949), L: share(0.741, 2949), G: share(0.753, 2949)}
    found = of_score(Score("accuracy", figures))
    assert codes(found) == ["tie_accuracy", "brackets_alone", "one_run"]
    assert said(found).startswith(
        "This GRU, this RNN and this LSTM cannot be told apart on held-out data with 2,949 names"
    )


@pytest.mark.parametrize("unit", UNITS)
def test_figures_without_evidence_are_told_and_not_ranked(unit: Unit) -> None:
    bare = {cell: Figure(value, chosen_on=NOTHING, rises=unit == "accuracy") for cell, value in ((R, 0.1), (L, 0.5))}
    found = of_score(Score(unit, bare))
    assert codes(found) == [f"bare_{unit}", "one_run"]
    assert "none is called better" in said(found)


def test_equal_scores_are_equal() -> None:
    found = of_score(Score("accuracy", {R: share(0.1), L: share(1.0), G: share(1.0)}))
    assert codes(found) == ["same_accuracy", "behind_accuracy", "brackets_alone", "one_run"]
    assert said(found).startswith("This LSTM and this GRU are right equally often on held-out data, 100 % (99.6–100).")


def test_bits_are_compared_chapter_by_chapter() -> None:
    spread = np.linspace(1.0, 2.0, 40)
    figures = {R: chapters(*(spread + 0.03)), L: chapters(*(spread + 0.2)), G: chapters(*spread)}
    assert said(of_score(Score("bits", figures))) == (
        "This GRU needs the fewest bits a character on held-out text, 1.5 bits; next is this RNN, 1.53 bits. The "
        "difference is 0.03 (95 %: 0.03–0.03; the same 40 chapters, resampled in pairs). One training run each: this "
        "is about these models, and tells little about their cells."
    )
    dice = np.random.default_rng(0)
    noisy = {cell: chapters(*(spread + dice.normal(0, 0.2, 40))) for cell in (R, L, G)}
    assert codes(of_score(Score("bits", noisy)))[0] == "tie_bits"


def test_what_was_chosen_on_the_same_data_is_said() -> None:
    def chosen(on: dict[str, str] | None) -> str:
        figures = {cell: replace(share(value), chosen_on=on) for cell, value in ((R, 0.2), (G, 0.9))}
        return said(of_score(Score("accuracy", figures)))

    assert chosen({"learning_rate": "held_out", "width": "held_out"}).endswith(
        "Chosen on the same held-out data, which flatters the figures a little: the learning rate and the width."
    )
    assert chosen({"weights": "unrecorded"}).endswith(
        "It was not recorded which data were used to choose the moment whose weights were kept."
    )
    assert chosen(None).endswith("It was not recorded which data were used to choose the settings of these models.")
    assert chosen({"steps": "validation"}) == chosen({}), "what was chosen on data kept for that flatters nothing"


def delays(**values: Sequence[float]) -> dict[int, Figure]:
    return {int(name[1:]): seeds(*runs) for name, runs in values.items()}


def near(value: float) -> tuple[float, float, float]:
    return max(0.0, value - 0.005), value, min(1.0, value + 0.005)


def test_delays_say_how_long_every_run_holds() -> None:
    cells = {
        R: delays(d5=near(0.6), d50=near(0.95), d200=near(0.13)),
        L: delays(d5=near(0.99), d50=(0.95, 0.93, 0.91), d200=near(0.5)),
        G: delays(d5=near(0.99), d50=near(0.99), d200=near(0.98)),
    }
    told = said(of_delays(cells, 0.125))
    assert (
        "in every one of 3 training runs: GRU up to 200 steps, the longest tried; LSTM up to 50; RNN not even" in told
    )
    assert (
        "At 200 steps, mean of 3 training runs and its 95 % interval: GRU 98 % (96.8–99.2); LSTM 50 % (46.9–53.1); RNN "
        "13 %"
    ) in told
    assert "RNN: in at least one training run not to be told from guessing there (12.5 %)" in told
    assert "told apart" not in told


def test_one_run_that_fails_does_not_hold() -> None:
    """The mean of 0.87, 0.93 and 0.93 is above 90 %; one of the runs is not."""
    held = of_delays(
        {G: delays(d5=near(0.99), d150=(0.868, 0.933, 0.926)), R: delays(d5=near(0.2), d150=near(0.2))}, 0.1
    )
    assert "GRU up to 5;" in said(held)


def test_delays_that_not_all_measured_are_not_compared() -> None:
    cells = {R: delays(d5=near(0.2), d50=near(0.2)), G: delays(d5=near(0.9), d50=near(0.9), d200=near(0.1))}
    assert "At 50 steps" in said(of_delays(cells, 0.125))


def test_seeds_that_overlap_are_no_victory() -> None:
    cells = {R: delays(d5=near(0.5)), L: delays(d5=near(0.97)), G: delays(d5=near(0.975))}
    assert "GRU and LSTM cannot be told apart there with 3 training runs each: these" in said(of_delays(cells, 0.125))


def test_guessing_is_told_by_the_interval() -> None:
    """13 % of 1,000 cannot be told from 12.5 %; of a million it can; and without a sample nothing is claimed."""

    def lost(n: int) -> bool:
        figures = {G: {5: seeds(0.9, 0.9, n=n)}, R: {5: seeds(0.13, 0.131, n=n)}}
        return "guessing_is" in codes(of_delays(figures, 0.125))

    assert lost(1000)
    assert not lost(1_000_000)
    assert not lost(0)


STEPS = [10, 20, 30, 40]
LEARNT = {
    R: HeldOutCurve(STEPS, [0.1, 0.3, 0.5, 0.6]),
    L: HeldOutCurve(STEPS, [0.2, 0.7, 0.65, 0.8]),
    G: HeldOutCurve(STEPS, [0.6, 0.7, 0.8, 0.9]),
}


def test_curves_name_the_last_only_where_the_held_out_scores_do() -> None:
    known = Score("accuracy", {R: share(0.6), L: share(0.8), G: share(0.9)})
    assert said(of_curves(known, LEARNT)) == (
        "The curves are of one training run each. That of this RNN ends at 60 % after 40 steps; in this one run the "
        "others first come to as much: LSTM after 20 steps; GRU after 10 steps."
    )
    unknown = Score("accuracy", {R: share(0.6, 5), L: share(0.8, 5), G: share(0.9, 5)})
    assert said(of_curves(unknown, LEARNT)).startswith(
        "The curves are of one training run each and end at RNN 60 %; LSTM 80 %; GRU 90 %. Held-out data do not"
    )
    falling = {cell: HeldOutCurve(STEPS, [1 - y for y in curve.score]) for cell, curve in LEARNT.items()}
    fewer = {
        cell: Figure(value, (value - 0.01, value + 0.01), rises=False) for cell, value in ((R, 0.4), (L, 0.2), (G, 0.1))
    }
    told = of_curves(Score("bits", fewer), falling)[0]
    assert [one.params["count"] for one in told.params["each"]] == [20, 10]


def test_cards_without_a_curve_are_named() -> None:
    found = of_curves(Score("accuracy", {L: share(0.5), G: share(0.6)}), {L: HeldOutCurve([1], [0.5])}, [G])
    assert codes(found) == ["curve_missing"]
    assert found[0].params["cell"] == "GRU"


def test_fresh_measurements_tell_ties_of_these_models() -> None:
    few = of_measured({R: share(0.2, 100), L: share(0.95, 100), G: share(0.96, 100)}, 50)
    assert codes(few) == ["measured", "measured_tie"]
    assert (
        "This GRU and this LSTM cannot be told apart by these intervals, each formed by itself: that would take more "
        "sequences."
    ) in said(few)
    assert codes(of_measured({R: share(0.2, 2000), L: share(0.75, 2000), G: share(0.96, 2000)}, 50)) == ["measured"]
    alike = of_measured({R: share(0.2, 100), L: share(1.0, 100), G: share(1.0, 100)}, 50)
    assert codes(alike) == ["measured"], "equal is no question of more sequences"


def test_states_that_forget_keep_or_drift() -> None:
    left = {
        R: Left([1, 0.6, 0.3, 0.1], 0.05, 0.2),
        L: Left([1, 0.9, 0.8, 0.7], 0.6, 0.75),
        G: Left([1, 2, 3, 3.2], 2.5, 4.1),
    }
    found = of_holding(left, dict.fromkeys(left, share(0.9)), 0.125, 3)
    assert codes(found) == ["forgets", "keeps", "grows"]
    assert said(found) == (
        "The two states of this RNN are on average 10 % as far apart after 3 steps as at first (middle half of the "
        "pairs: 5–20 %); less than half was left after 2 steps. The two states of this LSTM are on average still 70 % "
        "as far apart after 3 steps (middle half of the pairs: 60–75 %). The two states of this GRU have on "
        "average drifted further apart, 3.2 times as far after 3 steps (middle half of the pairs: 2.5–4.1)."
    )
    assert "shorter" in codes(of_holding(left, dict.fromkeys(left, share(0.9)), 0.125, 200))


def test_one_step_is_one_step_and_none_is_said_once() -> None:
    figures = dict.fromkeys((R, L, G), share(0.9, 500))
    assert said(of_measured(figures, 1)).startswith("500 fresh sequences of 1 step, share right")
    one = of_holding(dict.fromkeys((R, L, G), Left([1, 0.4], 0.3, 0.5)), figures, 0.125, 1)
    assert "after 1 step as at first" in said(one)
    assert "1 steps" not in said(one)
    none = of_holding(dict.fromkeys((R, L, G), Left([1.0], 1.0, 1.0)), figures, 0.125, 0)
    assert said(none) == "With nothing to wait for, all of the difference is still there."


def test_worse_than_guessing_is_not_called_like_guessing() -> None:
    """46 of 500 is 9.2 % (7–12.1): 12.5 % lies outside, and below it."""
    figures = {R: share(46 / 500, 500), L: share(0.13, 500), G: share(1.0, 500)}
    for last, code in ((1.0, "still differ"), (0.001, "hardly anything differs")):
        told = said(of_holding(dict.fromkeys(figures, Left([1.0, last], last, last)), figures, 0.125, 1))
        assert f"This RNN: {'the states ' if last == 1 else ''}{code}" in told
        below, within = told.split("This LSTM: ")[1], told.split("This RNN: ")[1].split("This LSTM: ")[0]
        assert "the answers cannot be told from guessing (12.5 %)" in below
        assert "the answers are not better than guessing (12.5 %)" in within
        assert "told from" not in within
    cells = {R: delays(d5=(0.073, 0.125, 0.261)), L: delays(d5=near(0.125)), G: delays(d5=near(0.9))}
    told = said(of_delays(cells, 0.125))
    assert "RNN: in at least one training run not better than guessing there (12.5 %)." in told
    assert "LSTM: in at least one training run not to be told from guessing there (12.5 %)." in told


def test_what_is_printed_is_what_was_compared() -> None:
    """Adding, until it stops improving: the ranges of GRU and RNN do not touch, the intervals of their means do."""
    runs = {G: (0.956, 0.97, 0.991), L: (0.905, 0.94, 0.959), R: (0.824, 0.893, 0.908)}
    cells = {cell: {200: seeds(*each)} for cell, each in runs.items()}
    told = said(of_delays(cells, 0.19))
    assert "its 95 % interval: GRU 97.2 % (92.9–100); LSTM 93.5 % (86.7–100); RNN 87.5 % (76.4–98.6)." in told
    assert "GRU, LSTM and RNN cannot be told apart there with 3 training runs each: these intervals overlap." in told


def test_a_pair_that_is_apart_is_named_though_a_third_lies_between() -> None:
    chain = {G: share(0.9, 300), L: share(0.85, 300), R: share(0.8, 300)}
    assert said(of_score(Score("accuracy", chain))).startswith(
        "Right on held-out data: this GRU 90 % (86.1–92.9); this LSTM 85 % (80.5–88.6); this RNN 80 % (75.1–84.1). "
        "With 300 names this GRU is right more often than this RNN; no other two can be told apart."
    )
    assert "By these intervals this GRU is right more often than this RNN; to tell" in said(of_measured(chain, 5))
    wide = {G: seeds(0.99, 0.8, 0.95), L: seeds(*near(0.9)), R: seeds(*near(0.8))}
    told = said(of_delays({cell: {5: figure} for cell, figure in wide.items()}, 0.1))
    assert "There LSTM is right more often than RNN; no other two can be told apart with 3 training runs each." in told


def test_a_curve_says_which_run_it_is_of_and_what_it_was_measured_on() -> None:
    known = Score("accuracy", {R: share(0.6), L: share(0.8), G: share(0.9)}, Over((5, 200), 1000))
    one = dict.fromkeys((R, L, G), Shipped(0, 3))
    told = said(of_curves(known, LEARNT, shipped=one, over=Over((5, 100), 128)))
    assert "Of 3 training runs each, the curves are of the shipped one, seed 0." in told
    assert "mean over waits of 5 and 100 steps, 128 sequences each" in told
    assert "in the ledger is the mean over waits of 5 and 200 steps, 1,000 other sequences each." in told
    assert "shipped" not in said(of_curves(known, LEARNT, shipped=dict.fromkeys((R, L, G), Shipped(0, 1))))
    assert "earlier" not in told
    differ = said(of_curves(known, LEARNT, shipped=one | {L: Shipped(1, 3)}))
    assert "seed 0 (RNN), seed 1 (LSTM) and seed 0 (GRU)" in differ
    assert "of 3 training runs each the one of seed 0." in said(of_measured(known.figures, 5, one))


def test_the_last_point_of_a_games_curve_is_what_the_words_say() -> None:
    """The shipped model, at the delays and sequences that are named."""
    for name in ("adding-rnn", "recall-rnn"):
        task = DelayTask(adding.FORM if name == "adding-rnn" else recall.FORM, VARIANT)
        problem = task.prepare()
        problem.model = load(name)
        assert problem.probe()[1] == pytest.approx(load(name).card["curve"]["held_out"][-1], abs=0.004)


CLAIM = "what no longer differs cannot be named"


def reading(left: Sequence[float], right: Sequence[float]) -> str:
    """What is said of three cells whose states are so far apart at the end, and who answer so well."""
    cells = (R, L, G)
    shares = {cell: Left([1.0, 0.4, end], end, end) for cell, end in zip(cells, left, strict=True)}
    return said(of_holding(shares, {cell: share(x) for cell, x in zip(cells, right, strict=True)}, 0.125, 2))


def test_what_no_longer_differs_is_claimed_only_where_it_is_so() -> None:
    """Recall's own case: the RNN's states differ most, and it scores least."""
    told = reading([2.8, 2.7, 1.5], [0.376, 1.0, 1.0])
    assert CLAIM not in told
    assert (
        "This RNN: the states still differ, and yet the others are right more often: that states differ does not"
        in told
    )
    assert (
        f"This RNN: hardly anything differs by then, and the answers cannot be told from guessing (12.5 %): {CLAIM}."
        in (reading([0.001, 0.8, 0.8], [0.13, 1.0, 1.0]))
    )
    assert "a small difference can be enough" in reading([0.001, 0.8, 0.8], [0.9, 1.0, 1.0])
    assert "cannot be told from guessing (12.5 %): that states differ" in reading([0.8, 0.8, 0.8], [0.12, 1.0, 1.0])
    assert "still differ" not in reading([0.8, 0.8, 0.8], [0.9, 0.91, 0.92]), "scores too near to be contrasted"


@given(st.lists(st.floats(0, 3), min_size=3, max_size=3), st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_no_reading_contradicts_distance_or_score(left: list[float], right: list[float]) -> None:
    shares = dict(zip((R, L, G), (Left([1.0, one], one, one) for one in left), strict=True))
    figures = {cell: share(one) for cell, one in zip((R, L, G), right, strict=True)}
    for one in of_holding(shares, figures, 0.125, 1)[3:]:
        for who in one.params["who"]:
            cell = Cell(who.params["cell"])
            assert (shares[cell].mean[-1] < 0.01) == one.code.startswith("gone")
            if one.code.endswith("guesses"):
                low, high = figures[cell].interval or (1, 0)
                assert low <= 0.125 <= high
            if one.code.endswith("below"):
                assert (figures[cell].interval or (0, 1))[1] < 0.125
            if one.code == "apart_least":
                assert figures[cell].value == min(figure.value for figure in figures.values())


@pytest.mark.parametrize("task", ["adding", "recall", "copy"])
def test_the_ledger_uses_every_seed_of_the_cards(task: str) -> None:
    score = held_out(trained_three(task, "cpu"))
    assert score is not None
    for cell, figure in score.figures.items():
        metrics = load({R: f"{task}-rnn", L: f"{task}-lstm", G: task}[cell]).card["metrics"]
        rows = metrics["same_steps"]["accuracy_by_delay"].values()
        assert figure.seeds == pytest.approx(np.mean([row["seeds"] for row in rows], axis=0))
        assert figure.seeds[0] == pytest.approx(metrics["accuracy"], abs=1e-4), "seed 0 is the shipped model"
        assert figure.n == 7000


def test_the_cards_sums_are_the_cards_figures() -> None:
    for name in ("english", "english-lstm", "english-rnn", "python", "python-lstm", "python-rnn"):
        card = load(name).card
        found = card_figures.held_out({"it": card}, "bits_per_character", rises=False)["it"]
        assert found.pieces is not None
        assert found.pieces.mean == pytest.approx(card["metrics"]["bits_per_character"], abs=1e-4)
        assert found.n == card["documents"]["held_out"]
        assert found.pieces.counts.sum() == card["metrics"]["held_out_characters"]
    for name in ("syntax", "syntax-bigru", "syntax-backward", "syntax-lstm", "syntax-rnn"):
        metrics = load(name).card["metrics"]
        for kind, value in metrics["accuracy_by_class"].items():
            found = card_figures.of_group(load(name).card, f"class/{kind}")
            assert found is not None
            assert found.value == pytest.approx(value, abs=6e-5)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_shipped_models(language: str) -> None:
    """All that Compare concludes from the cards, word by word; the clock's and the dice's sentences are not in it."""
    lines = []
    for task in offered():
        score = held_out(trained_three(task, "cpu"))
        assert score is not None
        lines += [f"# {task}", said(of_score(score), language)]
        lines.append(
            said(learning.curves_concluded(learning.cards_of(trained_three(task, "cpu")), task in GAMES), language)
        )
        if task in games():
            for budget in memory.BUDGETS:
                found = memory.by_delay(trained_three(task, "cpu"), budget)
                lines.append(said(of_delays(found, memory.FORMS[task].chance), language))
    text = "\n".join(lines) + "\n"
    assert "compare." not in text
    assert "{" not in text
    agrees_with(f"comparisons.{language}.txt", text)


def test_the_games_chances_are_what_the_pages_compare_with() -> None:
    assert [form.chance for form in (recall.FORM, copying.FORM)] == [0.125, 0.125]
    assert adding.FORM.chance == load("adding").card["metrics"]["baseline_accuracy"]
