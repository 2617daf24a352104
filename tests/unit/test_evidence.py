"""A figure may be called better than another only where its evidence says so: runs, samples, pieces, or nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru_viz.analysis.evidence import (
    FEWEST,
    Figure,
    Gain,
    Pieces,
    against,
    apart,
    better,
    difference,
    gain,
    left_of,
    of_pieces,
    of_seeds,
    of_share,
    ranked,
    wilson,
)


def test_the_interval_is_wilsons() -> None:
    """Checked against the closed form's published example: 15 of 148 gives 6.2 % to 16.0 % (Newcombe 1998, case 3)."""
    bounds = wilson(15 / 148, 148)
    assert bounds is not None
    assert [round(bound, 4) for bound in bounds] == [0.0624, 0.1605]
    assert wilson(1.0, 500) == (pytest.approx(500 / (500 + 1.96**2)), 1.0)
    assert wilson(0.0, 20) == (0.0, pytest.approx(1.96**2 / (20 + 1.96**2)))
    assert wilson(0.5, 0) is None


def test_seeds_that_overlap_name_no_winner_and_seeds_apart_do() -> None:
    """Adding's three seeds: GRU wins two of them, LSTM the shipped one."""
    lstm = of_seeds([0.9744, 0.9437, 0.9514], 7000, "sequence")
    gru = of_seeds([0.927, 0.9566, 0.9604], 7000, "sequence")
    rnn = of_seeds([0.456, 0.508, 0.497], 7000, "sequence")
    found = ranked({"RNN": rnn, "LSTM": lstm, "GRU": gru})
    assert (found.best, found.top, found.behind) == (None, ("LSTM", "GRU"), ("RNN",))
    assert found.of_cells
    winner = ranked({"RNN": rnn, "GRU": gru})
    assert (winner.best, winner.second) == ("GRU", "RNN")


def test_three_seeds_without_overlap_may_still_be_too_few() -> None:
    """A mean of three runs is known to within 4.3 standard errors: ranges that just miss each other prove little."""
    low, high = of_seeds([0.80, 0.85, 0.90], 0, ""), of_seeds([0.91, 0.95, 0.99], 0, "")
    assert low.high < high.low
    assert not apart(low, high)
    reach = 4.302652729911275 * np.std([0.80, 0.85, 0.90], ddof=1) / math.sqrt(3)
    assert low.interval == (pytest.approx(0.85 - reach), pytest.approx(0.85 + reach))


def test_runs_that_agree_are_no_surer_than_their_sample() -> None:
    one, other = of_seeds([0.9, 0.9, 0.9], 100, "sequence"), of_seeds([0.91, 0.91, 0.91], 100, "sequence")
    assert one.interval == wilson(0.9, 100)
    assert not apart(one, other)
    assert apart(of_seeds([0.5, 0.5, 0.5], 100, "sequence"), other)


def test_one_run_of_each_is_about_these_models() -> None:
    found = ranked({"A": of_share(0.9, 5000, "name"), "B": of_share(0.5, 5000, "name")})
    assert (found.best, found.of_cells) == ("A", False)
    mixed = ranked({"A": of_seeds([0.9, 0.91], 500, "name"), "B": of_share(0.5, 5000, "name")})
    assert not mixed.of_cells


@pytest.mark.parametrize(
    "figures",
    [
        {"A": Figure(1.4, rises=False), "B": Figure(9.9, rises=False)},
        {"A": of_share(0.9, 0, "name"), "B": of_share(0.1, 0, "name")},
        {"A": of_share(0.9, 0, "name"), "B": of_share(0.1, 10_000, "name")},
        {"A": of_share(0.7, 50, "name"), "B": of_share(0.7, 50_000, "name")},
        {"A": Figure(math.nan, (0.1, 0.2)), "B": of_share(0.9, 1000, "name")},
    ],
    ids=["no interval", "no sample", "one without", "a tie", "no number"],
)
def test_without_evidence_nobody_is_better(figures: dict[str, Figure]) -> None:
    found = ranked(figures)
    assert found.best is None
    assert not found.behind


def test_less_is_better_where_it_is() -> None:
    figures = {"A": Figure(1.4, (1.3, 1.5), rises=False), "B": Figure(1.7, (1.6, 1.8), rises=False)}
    assert ranked(figures).best == "A"
    assert better(figures["A"], figures["B"])
    assert not better(figures["B"], figures["A"])


def test_the_others_are_ranked_only_where_they_are_apart() -> None:
    close = {"A": of_share(0.9, 1000, "x"), "B": of_share(0.5, 1000, "x"), "C": of_share(0.49, 1000, "x")}
    assert (ranked(close).best, ranked(close).second) == ("A", None)
    same = ranked({"A": of_share(1.0, 10, "x"), "B": of_share(1.0, 10, "x"), "C": of_share(0.1, 10, "x")})
    assert (same.same, same.behind) == (True, ("C",))
    with pytest.raises(ValueError, match="nothing to rank"):
        ranked({})


def files(shares: list[float], size: int = 1000) -> Pieces:
    return Pieces.of([share * size for share in shares], [size] * len(shares))


def test_characters_of_a_file_are_no_samples_of_their_own() -> None:
    """Twenty files of 100,000 characters that are all right or all wrong: twenty samples, not two million."""
    found = of_pieces(files([1.0, 0.0] * 10, 100_000), "file")
    assert found.interval is not None
    low, high = found.interval
    assert high - low > 0.35
    exact = wilson(0.5, 20)
    assert exact is not None
    assert (low, high) == (pytest.approx(exact[0], abs=0.06), pytest.approx(exact[1], abs=0.06))
    naive = wilson(0.5, 2_000_000)
    assert naive is not None
    assert naive[1] - naive[0] < 0.002
    assert found.n == 20


def test_files_that_vary_much_are_compared_in_pairs() -> None:
    """Every file of the one is a hundredth better: unpaired the files' spread hides it, paired it is certain."""
    easy = np.linspace(0.2, 0.9, 40)
    one, two = of_pieces(files(list(easy)), "file"), of_pieces(files(list(easy + 0.01)), "file")
    assert one.interval is not None
    assert two.interval is not None
    assert two.interval[0] < one.interval[1]
    assert better(two, one)
    bounds = difference(two, one)
    assert bounds == (pytest.approx(0.01), pytest.approx(0.01))


def test_other_files_are_not_paired() -> None:
    easy = np.linspace(0.2, 0.9, 40)
    one, two = of_pieces(files(list(easy)), "file"), of_pieces(files(list(easy + 0.01), 999), "file")
    assert difference(one, two) is None
    assert not apart(one, two)


def test_of_too_few_pieces_there_is_no_interval() -> None:
    few, more = ([0.1 + 0.001 * k for k in range(n)] for n in (FEWEST - 1, FEWEST))
    assert of_pieces(files(few), "file").interval is None
    assert of_pieces(files(more), "file").interval is not None
    assert gain(of_pieces(files(few), "file"), of_pieces(files([one + 0.5 for one in few]), "file")) is None
    assert math.isnan(of_pieces(Pieces.of([], []), "file").value)


def test_a_piece_without_characters_changes_nothing() -> None:
    shares = list(np.linspace(0.3, 0.8, 20))
    with_empty = Pieces.of([*(1000 * share for share in shares), 0.0], [*[1000] * 20, 0])
    found = of_pieces(with_empty, "file")
    assert found.n == 20
    assert found.value == pytest.approx(np.mean(shares))
    assert found.interval == pytest.approx(of_pieces(files(shares), "file").interval, abs=0.03)


def test_the_bootstrap_is_scipys() -> None:
    """Against an independent oracle: scipy's own percentile bootstrap of a ratio of sums."""
    from scipy.stats import bootstrap

    dice = np.random.default_rng(5)
    counts = dice.integers(200, 4000, 60).astype(float)
    sums = counts * dice.beta(30, 5, 60)
    found = of_pieces(Pieces.of(sums, counts), "file").interval
    wanted = bootstrap(
        (sums, counts),
        lambda s, c, axis: s.sum(axis) / c.sum(axis),
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=20_000,
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert found == (pytest.approx(wanted.low, abs=1.5e-3), pytest.approx(wanted.high, abs=1.5e-3))


def test_gains_are_compared_with_each_other() -> None:
    noise = np.random.default_rng(0).normal(0, 0.001, 4000)
    large, small, none = Gain(0.1, 0.1 + noise), Gain(0.02, 0.02 + noise[::-1]), Gain(0.0, noise)
    assert (large.sign, none.sign, Gain(-0.1, noise - 0.1).sign) == (1, 0, -1)
    assert large.less(small).sign == 1
    assert large.less(small, 2).value == pytest.approx(0.06)


def test_what_is_left_of_the_mistakes_has_an_interval() -> None:
    wrong = np.linspace(0.1, 0.4, 40)
    one, two = of_pieces(files(list(1 - wrong)), "file"), of_pieces(files(list(1 - wrong / 5)), "file")
    share, bounds = left_of(one, two)
    assert share == pytest.approx(0.2)
    assert bounds == (pytest.approx(0.2), pytest.approx(0.2))
    assert left_of(of_share(0.9, 100, "name"), of_share(0.95, 100, "name")) == (pytest.approx(0.5), None)


def test_guessing_is_not_told_from_what_its_interval_holds() -> None:
    assert against(of_share(0.13, 1000, "sequence"), 0.125) == 0, "above by less than the sample can tell"
    assert against(of_share(0.11, 1000, "sequence"), 0.125) == 0, "below by less"
    assert against(of_share(0.092, 500, "sequence"), 0.125) == -1, "7–12.1 % lies wholly below"
    assert against(of_share(0.2, 1000, "sequence"), 0.125) == 1
    assert against(of_seeds([0.9, 0.13, 0.95], 1000, "sequence"), 0.125) == 0, "one run is enough"
    assert against(of_share(0.125, 0, "sequence"), 0.125) is None, "without a sample nobody can tell"


shares = st.floats(0, 1)
sizes = st.integers(0, 5000)
singles = st.builds(of_share, shares, sizes, st.just("name"))
several = st.builds(of_seeds, st.lists(shares, min_size=1, max_size=5), sizes, st.just("sequence"))
in_files = st.lists(st.floats(0, 1), min_size=0, max_size=25).map(lambda found: of_pieces(files(found), "file"))
figures = st.one_of(singles, several, in_files, st.builds(Figure, shares))


@given(st.dictionaries(st.sampled_from("ABCD"), figures, min_size=1))
def test_who_is_ranked_is_apart(given_: dict[str, Figure]) -> None:
    """The law of the module: whoever is called best, second or behind is separated from those it is set above."""
    found = ranked(given_)
    pairs = [(found.best, name) for name in given_ if found.best is not None and name != found.best]
    pairs += [(found.second, name) for name in found.order[2:] if found.second is not None]
    pairs += [(top, name) for top in found.top for name in found.behind]
    for high, low in pairs:
        assert high is not None
        one, other = given_[high], given_[low]
        assert one.value > other.value
        between = difference(one, other)
        if between is not None:
            assert between[0] > 0
        else:
            assert one.interval is not None
            assert other.interval is not None
            assert other.interval[1] < one.interval[0]


@given(figures, figures)
def test_apart_is_symmetric_and_nobody_is_better_than_himself(one: Figure, other: Figure) -> None:
    assert apart(one, other) == apart(other, one)
    assert not better(one, one)
    assert not (better(one, other) and better(other, one))


@given(st.lists(shares, min_size=2, max_size=6), sizes)
def test_an_interval_of_runs_holds_every_run(values: list[float], n: int) -> None:
    found = of_seeds(values, n, "sequence")
    assert found.interval is not None
    assert 0 <= found.interval[0] <= min(values) <= max(values) <= found.interval[1] <= 1
