"""Rebuilding the zoo: the same seed writes the same bytes, and measuring a learning curve changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from gru_viz.models.zoo import CARD, WEIGHTS
from gru_viz.tasks import TASKS, recall
from gru_viz.tasks.delays import DelayTask
from gru_viz.tasks.family import LSTM
from gru_viz.tasks.task import Budget
from gru_viz.training import Options, Progress, fit, rebuild
from gru_viz.training.curve import Curve


@pytest.mark.parametrize("name", ["recall", "names", "copy-lstm"])
def test_training_twice_from_the_seed_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    one, other = (rebuild(name, Options(steps=4), folder=tmp_path / place, threads=1) for place in ("one", "other"))
    assert (one / WEIGHTS).read_bytes() == (other / WEIGHTS).read_bytes()
    first, second = (json.loads((folder / CARD).read_text(encoding="utf-8")) for folder in (one, other))
    for card in (first, second):
        card.pop("training_seconds")
        card.pop("date")
    assert first == second
    assert first["curve"]["step"] == [1, 3, 4]


def test_another_seed_trains_other_weights() -> None:
    models = []
    for seed in (0, 1):
        problem = DelayTask(recall.FORM, LSTM, seed).prepare()
        fit(problem, Budget(steps=2))
        models.append(problem.model)
    assert not torch.equal(models[0].rnn.weight_hh_l0, models[1].rnn.weight_hh_l0)


@pytest.mark.parametrize("name", ["recall", "adding-rnn", "sunspots-lstm"])
def test_the_learning_curve_changes_nothing_about_the_training(name: str) -> None:
    watched, alone = (TASKS[name].prepare() for _ in range(2))
    budget = Budget(steps=5, learning_rate=1e-2)
    curve = Curve(watched)
    fit(watched, budget, curve)
    fit(alone, budget)
    for key, value in watched.model.state_dict().items():
        assert torch.equal(value, alone.model.state_dict()[key]), key
    points = curve.points()
    assert points["step"] == [1, 3, 5]
    assert points["held_out"][-1] == watched.probe()[1]
    assert points["metric"] == watched.probe()[0]


def test_a_curve_goes_on_from_where_it_was_written_down() -> None:
    problem = TASKS["sunspots"].prepare()
    whole, first, second = Curve(problem), Curve(problem), Curve(problem)
    for step in range(1, 8):
        at = Progress(step, 7, 1.0 / step, 0.0)
        whole(at)
        (first if step <= 4 else second)(at)
        if step == 4:
            second.restore(first.state())
    assert second.points() == whole.points()
    assert whole.points()["step"] == [1, 3, 5, 7]
    assert first.points()["step"] == [1, 3]
