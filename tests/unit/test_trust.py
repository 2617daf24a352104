"""How far a belief may be trusted is said as it was measured, and only where it was."""

from __future__ import annotations

import pytest

import gru_viz as gv
from gru_viz.analysis.trust import as_sure, by_letters
from gru_viz.draw.figures.trust import of_card
from gru_viz.draw.palette import LIGHT
from gru_viz.locale import speaker
from gru_viz.story import runs, trust_told
from gru_viz.story.runs import Given


def card(said: float, right: int, texts: int, bins: dict[str, str] | None = None) -> dict:
    empty = {key: " ".join(["0"] * 10) for key in ("texts", "confidence", "right")}
    kept = {"1": {"texts": texts, "confidence": said, "right": right, "bins": bins or empty}}
    return {"metrics": {"calibration_by_letters_read": kept}}


@pytest.mark.parametrize(
    ("said", "right", "texts", "verdict"),
    [
        (0.7, 520, 1000, "over"),
        (0.3, 520, 1000, "under"),
        (0.53, 520, 1000, "fair"),
        (0.7, 5, 10, "fair"),
        (0.9, 0, 0, "fair"),
    ],
)
def test_over_confident_is_what_lies_above_the_interval(said: float, right: int, texts: int, verdict: str) -> None:
    assert by_letters(card(said, right, texts))[1].verdict == verdict


def test_the_shipped_model_is_surer_than_it_should_be_in_the_middle_of_a_name() -> None:
    measured = by_letters(gv.load("names").card)
    assert [measured[letters].verdict for letters in (3, 4, 5, 6)] == ["over"] * 4
    assert measured[4].said == pytest.approx(0.4745)
    assert measured[4].right.value == pytest.approx(910 / 2915)
    low, high, near = as_sure(gv.load("names").card, 4, 0.64) or (0, 0, None)
    assert (low, high) == (0.6, 0.7)
    assert near is not None
    assert (near.right.value, near.right.n) == (81 / 216, 216)


def test_of_too_few_nothing_is_said() -> None:
    found = gv.load("names").card
    assert as_sure(found, 2, 0.75) is None, "six names"
    assert as_sure(found, 11, 0.75) is None, "not measured"
    assert by_letters(gv.load("syntax").card) == {}
    assert as_sure(gv.load("example").card, 1, 1.0) is None


def test_the_sentence_is_of_the_selected_step() -> None:
    run = runs.run(runs.load("names", "cpu"), Given(text="rossellinissimo"))
    assert run.belief is not None
    card, say = run.model.card, speaker("en")
    said = trust_told.sentence(card, run.belief[3], 3, say)
    assert said.startswith(
        "After letter 4 this model’s best guess says 47 % on average and is right 31 % of the time (2,915"
    )
    assert "surer than it should be" in said
    best = float(run.belief[3].max())
    assert f"Where it says {int(10 * best) * 10}–{int(10 * best) * 10 + 10} % then, as here" in said
    assert trust_told.sentence(card, run.belief[12], 12, say) == "", "only ten letters were measured"


def test_the_figure_shows_what_was_measured() -> None:
    measured = by_letters(gv.load("names").card)
    drawn = of_card(measured, LIGHT, speaker("en"))
    said, right = drawn.data
    assert list(right.y) == pytest.approx([100 * one.right.value for one in measured.values()])
    assert list(said.y) == pytest.approx([100 * one.said for one in measured.values()])
    bounds = measured[4].right.interval
    assert bounds is not None
    assert right.error_y.array[3] == pytest.approx(100 * (bounds[1] - measured[4].right.value))
