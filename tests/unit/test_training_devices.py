"""Where a model lives is where it is trained, and half precision loses nothing that training needs.

A machine without a GPU can still tell whether batches follow the model: on torch's device "meta" nothing is computed,
but an operation that mixes devices is refused as it would be on CUDA.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from gru_viz.tasks import TASKS, tang
from gru_viz.tasks.task import Budget
from gru_viz.training import Hooks, Keep, Options, Stopped, Training, fit, loop, rebuild
from gru_viz.training.studies import OFFERS, untrained
from tests.unit.test_training_race import FILES
from tests.unit.test_training_resume import after, characters, names, same, sunspots, weights

POEMS = ["秋风动寒食，露浓长草绿。\n春眠不觉晓，白日依山尽。\n" * 20] * 12
CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")


def poems() -> tang.TangProblem:
    return tang.TangProblem("small", POEMS, POEMS[:1], tang.Sizes(embedding=4, hidden=8, most=20), 0, {})


def on_page(task: str, cell: str) -> Callable[[], object]:
    def made() -> object:
        offer = OFFERS[task]
        study = offer.make(FILES.get(task))
        return study.problem(untrained(study, cell, offer.start), 0)

    return made


PROBLEMS: dict[str, Callable[[], object]] = {
    "characters": characters,
    "names": names,
    "sunspots": sunspots,
    "poems": poems,
    **{name: TASKS[name].prepare for name in ("recall-lstm", "copy", "adding-rnn")},
    **{f"{task} {cell}": on_page(task, cell) for task, offer in OFFERS.items() for cell in offer.cells},
}
# Packing looks at the lengths, which a device without numbers has not.
WITHOUT_PACKING = [name for name in PROBLEMS if name not in ("names Bi-GRU", "table Bi-GRU")]


@pytest.mark.parametrize("name", WITHOUT_PACKING)
def test_a_batch_follows_its_model(name: str) -> None:
    problem = PROBLEMS[name]()
    problem.model.to("meta")  # type: ignore[attr-defined]
    for _ in range(2):  # the second batch goes on from what the first left
        assert problem.loss().device.type == "meta"  # type: ignore[attr-defined]


@pytest.mark.cuda
@CUDA
@pytest.mark.parametrize("name", PROBLEMS)
def test_cuda_gives_the_losses_and_the_held_out_values_of_the_cpu(name: str) -> None:
    here, there = PROBLEMS[name](), PROBLEMS[name]()
    there.model.to("cuda")  # type: ignore[attr-defined]
    for _ in range(3):
        torch.testing.assert_close(there.loss().cpu(), here.loss(), atol=1e-4, rtol=1e-4)  # type: ignore[attr-defined]
    assert there.probe()[1] == pytest.approx(here.probe()[1], rel=0.01)  # type: ignore[attr-defined]


@pytest.mark.cuda
@CUDA
@pytest.mark.parametrize("name", ["names-lstm", "sunspots"])
def test_cuda_rebuilds_a_model_and_says_so(tmp_path: Path, name: str) -> None:
    from gru_viz.models import load

    card = load(rebuild(name, Options(steps=20, device="cuda"), folder=tmp_path)).card
    assert torch.cuda.get_device_name() in card["machine"]
    assert card["command"] == f"gru-viz train {name} --steps 20 --device cuda"


@pytest.fixture
def half(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CPU in half precision, which it can do too, slowly."""
    monkeypatch.setattr(loop, "HALF", {"cpu": torch.float16})


BUDGET = Budget(steps=60, learning_rate=1e-2)


@pytest.mark.usefixtures("half")
@pytest.mark.parametrize("make", [names, sunspots])
def test_half_precision_learns_with_weights_of_full_precision(make: Callable) -> None:
    problem, seen = make(), []
    fit(problem, BUDGET, hooks=Hooks(step=lambda _, loss: seen.append(loss)))
    assert seen[-1] < 0.5 * seen[0]
    assert all(value.dtype == torch.float32 for value in weights(problem).values())


@pytest.mark.usefixtures("half")
def test_half_precision_resumed_is_uninterrupted(tmp_path: Path) -> None:
    whole, again = names(), names()
    fit(whole, BUDGET)
    with pytest.raises(Stopped):
        fit(names(), BUDGET, hooks=Hooks(cancelled=after(30)), keep=Keep(tmp_path / "c"))
    fit(again, BUDGET, keep=Keep(tmp_path / "c", resume=True))
    assert same(weights(again), weights(whole))


@pytest.mark.usefixtures("half")
def test_gradients_that_overflow_cost_a_step_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "FIRST_SCALE", 2.0**40)
    problem = names()
    training = Training(problem, BUDGET)
    before = weights(problem)
    rate = training._optimiser.param_groups[0]["lr"]
    training.advance()
    assert same(weights(problem), before)
    assert training._optimiser.param_groups[0]["lr"] == rate
    while not training.done:
        training.advance()
    assert not same(weights(problem), before)
    assert all(value.isfinite().all() for value in weights(problem).values())


def test_full_precision_is_exact_on_the_cpu() -> None:
    training = Training(names(), BUDGET)
    assert training.state()["scaler"] == {}
