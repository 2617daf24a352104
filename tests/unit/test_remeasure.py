"""`gru-viz measure` writes what it found into a card whose figures come out again, and touches no other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from gru_viz.cli import main
from gru_viz.errors import ModelError
from gru_viz.models.zoo import CARD, ROOTS, WEIGHTS, load
from gru_viz.training import Options, remeasure
from gru_viz.training.rebuild import chosen_on


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A copy of a small model, its card without what measuring brings."""
    shutil.copytree(ROOTS[0] / "sunspots", tmp_path / "sunspots")
    return tmp_path


def card_of(shelf: Path, name: str = "sunspots") -> dict:
    return json.loads((shelf / name / CARD).read_text(encoding="utf-8"))


def test_measuring_twice_writes_the_same(shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights = (shelf / "sunspots" / WEIGHTS).read_bytes()
    assert main(["measure", "sunspots", "--out", str(shelf)]) == 0
    first = (shelf / "sunspots" / CARD).read_bytes()
    assert "wrote" in capsys.readouterr().out
    remeasure("sunspots", folder=shelf)
    assert (shelf / "sunspots" / CARD).read_bytes() == first
    assert (shelf / "sunspots" / WEIGHTS).read_bytes() == weights
    assert card_of(shelf) == load("sunspots").card
    assert sorted(file.name for file in (shelf / "sunspots").iterdir()) == [CARD, WEIGHTS]


def test_a_lost_metric_comes_back(shelf: Path) -> None:
    card = card_of(shelf)
    wanted = card["metrics"].pop("mean_absolute_error")
    (shelf / "sunspots" / CARD).write_text(json.dumps(card), encoding="utf-8")
    remeasure("sunspots", folder=shelf)
    assert card_of(shelf)["metrics"]["mean_absolute_error"] == wanted


def test_a_card_of_other_data_stays_as_it_is(shelf: Path) -> None:
    card = card_of(shelf)
    card["metrics"]["root_mean_square_error"] -= 1
    before = json.dumps(card)
    (shelf / "sunspots" / CARD).write_text(before, encoding="utf-8")
    with pytest.raises(ModelError, match="root_mean_square_error") as caught:
        remeasure("sunspots", folder=shelf)
    assert caught.value.code == "measure.other"
    assert (shelf / "sunspots" / CARD).read_text(encoding="utf-8") == before


def test_studies_of_several_seeds_stay(tmp_path: Path) -> None:
    shutil.copytree(ROOTS[0] / "copy-rnn", tmp_path / "copy-rnn")
    before = card_of(tmp_path, "copy-rnn")
    remeasure("copy-rnn", folder=tmp_path)
    assert card_of(tmp_path, "copy-rnn") == before
    with pytest.raises(ModelError, match="no task"):
        remeasure("nothing")


def test_a_run_says_what_it_was_chosen_on() -> None:
    tuned = {"chosen_on": {"learning_rate": "held_out"}}
    assert chosen_on(tuned, Options(), stopped=False) == {"learning_rate": "held_out"}
    assert chosen_on(tuned, Options(), stopped=True) == {"learning_rate": "held_out", "weights": "held_out"}
    assert chosen_on(tuned, Options(learning_rate=0.1), stopped=False) == {"learning_rate": "unrecorded"}
    assert chosen_on({}, Options(), stopped=False) is None
    assert chosen_on({}, Options(), stopped=True) == {"weights": "held_out"}
