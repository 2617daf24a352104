"""Early stop: a run that no longer gets better ends, whatever drives it, and what remains are its best weights.

Laws: the weights are those of the step with the best held-out value; a run that is not watched is as it was; a run that
is watched but never stopped takes every step.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from gru_viz.cli import main
from gru_viz.errors import ModelError
from gru_viz.models import load
from gru_viz.tasks import TASKS
from gru_viz.tasks.task import Budget
from gru_viz.training import Hooks, Options, Stopped, fit, rebuild
from gru_viz.training.best import Best, score_of
from gru_viz.training.curve import Curve, early_stop
from gru_viz.training.race import Race, last_good
from gru_viz.training.studies import OFFERS, Recipe, race, trained

WILD = Budget(steps=200, learning_rate=0.1, patience=16)
"""So fast that the held-out error soon jumps about."""


def copied(model: torch.nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


def test_a_run_ends_with_the_weights_of_its_best_look() -> None:
    problem = TASKS["sunspots"].prepare()
    curve = Curve(problem)
    early = early_stop(curve, WILD)
    assert early is not None
    kept: dict[int, dict[str, Tensor]] = {}
    hooks = Hooks(progress=curve, step=lambda step, _: kept.update({step: copied(problem.model)}))
    fit(problem, WILD, hooks=hooks, early_stop=early)
    steps, errors = (curve.points()[name] for name in ("step", "held_out"))
    assert early.stopped == max(kept) == steps[-1] < WILD.steps
    assert early.best.step == steps[errors.index(min(errors))]
    assert early.stopped - early.best.step >= WILD.patience
    assert same(copied(problem.model), kept[early.best.step])
    assert problem.probe()[1] == early.best.score == min(errors)


def test_accuracy_rises_and_errors_fall() -> None:
    best = Best()
    for step, value in enumerate((0.5, 0.9, 0.7)):
        best.look(step, score_of("accuracy", value), torch.nn.Linear(1, 1))
    assert best.step == 1
    best = Best()
    for step, value in enumerate((30.0, float("nan"), 25.0, 25.0, 27.0)):
        best.look(step, score_of("root_mean_square_error", value), torch.nn.Linear(1, 1))
    assert (best.step, best.waited(4)) == (2, 2)


@pytest.mark.parametrize("name", [name for name in TASKS if name != "example"])
def test_of_every_held_out_value_it_is_known_whether_it_rises(name: str) -> None:
    curve = load(name).card["curve"]
    first, last = (score_of(curve["metric"], value) for value in (curve["held_out"][0], curve["held_out"][-1]))
    assert last < first


def test_without_patience_nothing_is_watched() -> None:
    assert early_stop(Curve(TASKS["sunspots"].prepare()), replace(WILD, patience=0)) is None


def test_rebuild_says_on_the_card_where_it_stopped_and_which_weights_these_are(tmp_path: Path) -> None:
    options = Options(steps=200, learning_rate=0.1, patience=16)
    card = load(rebuild("sunspots", options, folder=tmp_path, threads=1)).card
    assert card["command"] == "gru-viz train sunspots --steps 200 --learning-rate 0.1 --patience 16"
    assert (card["training"]["learning_rate"], card["training"]["patience"]) == (0.1, 16)
    told = card["early_stop"]
    assert told["steps_done"] - told["best_step"] == told["patience"] == 16
    assert card["curve"]["step"][-1] <= told["steps_done"] < 200
    # The probe of sunspots is measured on the very years the metrics are.
    assert card["metrics"]["root_mean_square_error"] <= min(card["curve"]["held_out"])
    assert "flatter" in told["chosen_by"]
    assert card["chosen_on"] == {"learning_rate": "unrecorded", "weights": "held_out"}


def test_a_patient_run_takes_every_step(tmp_path: Path) -> None:
    card = load(rebuild("sunspots", Options(steps=25, patience=1000), folder=tmp_path, threads=1)).card
    assert card["early_stop"]["steps_done"] == 25
    assert card["early_stop"]["best_step"] in range(1, 26)


def test_a_checkpoint_of_another_patience_is_refused(tmp_path: Path) -> None:
    left = iter(range(10))
    with pytest.raises(Stopped):
        rebuild("sunspots", Options(steps=50), folder=tmp_path, cancelled=lambda: next(left, None) is None)
    with pytest.raises(ModelError) as caught:
        rebuild("sunspots", Options(steps=50, patience=5), folder=tmp_path, resume=True)
    assert caught.value.code == "training.other_run"


def test_the_command_line_says_that_it_stopped_early(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = ["train", "sunspots", "--steps", "200", "--learning-rate", "0.1", "--patience", "16", "--threads", "1"]
    assert main([*line, "--out", str(tmp_path)]) == 0
    told = json.loads((tmp_path / "sunspots" / "card.json").read_text(encoding="utf-8"))["early_stop"]
    assert (
        f"stopped early at step {told['steps_done']}: no better root_mean_square_error for 16 steps; "
        f"the weights are those of step {told['best_step']}"
    ) in capsys.readouterr().out


def run(made: Race) -> Race:
    while made.advance():
        pass
    return made


HASTY = Recipe("sunspots", ("GRU", "RNN"), width=8, learning_rate=0.1, steps=300, patience=1)
"""Ends at the first mark that is not better than all before."""


def test_a_runner_stops_at_its_patience_with_its_best_weights_while_others_go_on() -> None:
    study = OFFERS["sunspots"].make(None)
    made = run(race(study, HASTY))
    for at, runner in zip(made.standings(), made.runners, strict=True):
        assert at.fault is None
        assert at.stopped == at.step == at.curve[-1].step < 300
        values = [point.held_out for point in at.curve]
        assert at.value == min(values)
        assert at.best == at.curve[values.index(min(values))].step
        good = last_good(runner)
        assert good is not None
        assert good.step == at.best
        assert same(dict(good.weights), copied(runner.problem.model))
        assert [one.step for one in runner.snapshots] == sorted({one.step for one in runner.snapshots})
        assert runner.problem.probe()[1] == at.value
        assert at.gates is not None
        assert at.gates.step == at.best
    assert made.over
    assert made.pace().share == 1.0
    assert made.pace().seconds_left == 0.0


def test_a_patient_runner_ends_at_its_last_step_with_its_best_weights() -> None:
    study = OFFERS["sunspots"].make(None)
    made = run(race(study, replace(HASTY, cells=("GRU",), steps=60, patience=60)))
    at = made.standings()[0]
    assert (at.step, at.stopped) == (60, None)
    assert at.value == min(point.held_out for point in at.curve)
    assert same(dict(last_good(made.runners[0]).weights), copied(made.runners[0].problem.model))  # type: ignore[union-attr]


def test_looking_at_a_run_that_was_stopped_by_hand_changes_nothing_about_it() -> None:
    study, recipe = OFFERS["sunspots"].make(None), replace(HASTY, cells=("GRU",), patience=40)
    plain, looked_at = (race(study, recipe) for _ in range(2))
    run(plain)
    for _ in range(3):
        for _ in range(17):
            looked_at.advance()
        looked_at.runners[0].rest()
    run(looked_at)
    one, other = plain.standings()[0], looked_at.standings()[0]
    assert (one.step, one.stopped, one.best, one.value) == (other.step, other.stopped, other.best, other.value)
    assert same(copied(plain.runners[0].problem.model), copied(looked_at.runners[0].problem.model))
    assert set(one.curve) <= set(other.curve)


def test_a_runner_that_has_ended_rests_as_it_is() -> None:
    made = run(race(OFFERS["sunspots"].make(None), HASTY))
    runner = made.runners[0]
    before, kept = runner.standing(), runner.snapshots
    runner.rest()
    assert runner.standing() == before
    assert runner.snapshots == kept


def test_what_is_taken_along_says_that_it_was_chosen() -> None:
    study = OFFERS["sunspots"].make(None)
    stopped = run(race(study, HASTY)).runners[0]
    card = trained(stopped, study).card
    assert card["early_stop"]["best_step"] == card["steps_done"] == card["curve"]["step"][-1]
    assert card["early_stop"]["steps_done"] > card["steps_done"]
    assert card["chosen_on"] == {"weights": "held_out"}
    unwatched = run(race(study, replace(HASTY, patience=0, steps=8))).runners[0]
    assert trained(unwatched, study).card["chosen_on"] == {}
    plain = run(race(study, replace(HASTY, patience=0, steps=10))).runners[0]
    assert "early_stop" not in trained(plain, study).card
    assert plain.standing().best is None
