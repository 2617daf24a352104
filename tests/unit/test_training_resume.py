"""A run that is broken off and taken up again ends, bit for bit, where it would have ended without the break.

Laws: resumed = uninterrupted, whenever the break came, by cancel, Ctrl-C or SIGKILL; a checkpoint is there complete or
not at all; what is no checkpoint of this run is refused with a sentence.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gru_viz.errors import InputError, ModelError
from gru_viz.models import load, seeded
from gru_viz.tasks.characters import CharacterProblem, Sizes
from gru_viz.tasks.names import NamesProblem
from gru_viz.tasks.sunspots import SunspotsProblem
from gru_viz.tasks.task import Budget, Problem
from gru_viz.training import EarlyStop, Hooks, Keep, Stopped, Training, checkpoint, fit
from gru_viz.training.position import Bookmark

TEXT = "the quick brown fox jumps over the lazy dog, and the dog sleeps on.\n" * 40
SIZES = Sizes(embedding=4, hidden=8, streams=4, window=16, dropout=0.05)
BUDGET = Budget(steps=60, learning_rate=1e-2)


def characters() -> CharacterProblem:
    return CharacterProblem("small", [TEXT, TEXT[::-1]], [TEXT[:500]], SIZES, 3, {})


def names() -> NamesProblem:
    letters = random.Random(0)
    made = {ending: tuple({"".join(letters.choices("abcdeklmnor", k=5)) + ending for _ in range(90)}) for ending in
            ("ini", "sky", "son")}  # fmt: skip
    return NamesProblem(made, 1)


def sunspots() -> SunspotsProblem:
    return SunspotsProblem([50 + 40 * float(torch.tensor(0.57 * year).sin()) for year in range(200)], 2)


PROBLEMS: dict[str, Callable[[], Problem]] = {"characters": characters, "names": names, "sunspots": sunspots}


def weights(problem: Problem) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in problem.model.state_dict().items()}


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())


def after(steps: int) -> Callable[[], bool]:
    """Cancels a run that has done so many steps."""
    left = iter(range(steps))
    return lambda: next(left, None) is None


@pytest.mark.parametrize("kind", PROBLEMS)
@pytest.mark.parametrize("at", [0, 1, 37])
def test_resumed_is_uninterrupted(kind: str, at: int, tmp_path: Path) -> None:
    whole = PROBLEMS[kind]()
    fit(whole, BUDGET)
    file = tmp_path / "run.checkpoint"
    with pytest.raises(Stopped) as stopped:
        fit(PROBLEMS[kind](), BUDGET, hooks=Hooks(cancelled=after(at)), keep=Keep(file))
    assert (stopped.value.step, stopped.value.steps) == (at, 60)
    torch.rand(7)  # somebody else's chance
    again = PROBLEMS[kind]()
    fit(again, BUDGET, keep=Keep(file, resume=True))
    assert same(weights(again), weights(whole))
    assert not file.exists()


def test_a_run_taken_up_twice_reports_the_same_losses(tmp_path: Path) -> None:
    file, seen, told = tmp_path / "run.checkpoint", [], []
    fit(characters(), Budget(steps=120), hooks=Hooks(progress=lambda at: seen.append((at.step, at.loss))))
    hooks = Hooks(progress=lambda at: told.append((at.step, at.loss)), cancelled=after(41))
    for resume in (False, True):
        with pytest.raises(Stopped):
            fit(characters(), Budget(steps=120), hooks=hooks, keep=Keep(file, resume))
        hooks = Hooks(progress=hooks.progress, cancelled=after(20))
    fit(characters(), Budget(steps=120), hooks=Hooks(progress=hooks.progress), keep=Keep(file, resume=True))
    assert told == seen


class WithDropout(NamesProblem):
    """Its dice are torch's own: dropout between two layers."""

    def __init__(self) -> None:
        super().__init__({"ini": ("rossini", "bellini", "puccini"), "sky": ("kowalsky", "lipsky", "novotsky")}, 0)
        self.model.rnn = nn.GRU(self.model.rnn.input_size, self.model.rnn.hidden_size, 2, dropout=0.5)


def test_torchs_own_chance_is_kept_too(tmp_path: Path) -> None:
    torch.manual_seed(5)
    whole = WithDropout()
    fit(whole, BUDGET)
    torch.manual_seed(5)
    with pytest.raises(Stopped):
        fit(WithDropout(), BUDGET, hooks=Hooks(cancelled=after(20)), keep=Keep(tmp_path / "c"))
    again = WithDropout()
    fit(again, BUDGET, keep=Keep(tmp_path / "c", resume=True))
    assert same(weights(again), weights(whole))


KILLED = """
import sys, torch
from pathlib import Path
from tests.unit.test_training_resume import characters, BUDGET
from gru_viz.training import Hooks, Keep, fit
torch.set_num_threads(1)
told = Hooks(step=lambda step, loss: print(step, flush=True))
fit(characters(), BUDGET, hooks=told, keep=Keep(Path(sys.argv[1]), every=0.0))
"""


def test_a_run_killed_at_any_moment_goes_on_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "run.checkpoint"
    moment = random.randint(2, 50)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(file)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2], text=True
    ) as child:
        assert child.stdout
        for line in child.stdout:
            if int(line) >= moment:
                os.kill(child.pid, signal.SIGKILL)
                break
    assert child.returncode == -signal.SIGKILL
    reached = checkpoint.load(file)["step"]
    assert moment - 1 <= reached < BUDGET.steps
    again, whole = characters(), characters()
    fit(again, BUDGET, keep=Keep(file, resume=True))
    fit(whole, BUDGET)
    assert same(weights(again), weights(whole)), f"killed at step {moment}, checkpoint of step {reached}"


def train(folder: Path, *options: str, interrupt: bool = False) -> tuple[int, str]:
    line = [sys.executable, "-m", "gru_viz.cli", "train", "sunspots", "--out", str(folder), "--threads", "1"]
    with subprocess.Popen([*line, "--steps", "150", *options], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        said = child.stdout.readline()
        if interrupt:
            child.send_signal(signal.SIGINT)
        said += child.stdout.read()
    return child.returncode, said


def test_ctrl_c_leaves_a_checkpoint_says_so_and_resume_goes_on(tmp_path: Path) -> None:
    status, said = train(tmp_path, interrupt=True)
    assert status == 130
    assert "it is kept in" in said
    assert "--resume" in said
    assert [entry.name for entry in tmp_path.iterdir()] == ["sunspots.checkpoint"]
    assert train(tmp_path, "--resume")[0] == 0
    assert train(tmp_path / "whole")[0] == 0
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == []
    resumed, whole = load(tmp_path / "sunspots"), load(tmp_path / "whole" / "sunspots")
    assert same(resumed.state_dict(), whole.state_dict())
    assert resumed.card["curve"] == whole.card["curve"]


def kept(file: Path) -> Path:
    training = Training(characters(), BUDGET)
    training.advance()
    checkpoint.save(file, training.state())
    return file


def test_a_write_that_fails_leaves_the_old_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = kept(tmp_path / "run.checkpoint")
    before = file.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(ModelError, match="No space left") as caught:
            kept(file)
    assert caught.value.code == "training.cannot_save"
    assert file.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.checkpoint"]


def damaged(file: Path) -> None:
    file.write_bytes(kept(file).read_bytes()[:-100])


def not_ours(file: Path) -> None:
    torch.save({"weights": torch.zeros(2)}, file)


class Runs:
    """Unpickling this would run code."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("ran",)


def harmful(file: Path) -> None:
    torch.save({"about": Runs()}, file)


@pytest.mark.parametrize("make", [damaged, not_ours, harmful, lambda file: file.write_text("no")])
def test_what_is_no_checkpoint_is_refused(make: Callable[[Path], None], tmp_path: Path) -> None:
    file = tmp_path / "run.checkpoint"
    make(file)
    with pytest.raises(ModelError, match=r"run\.checkpoint cannot be used") as caught:
        fit(characters(), BUDGET, keep=Keep(file, resume=True))
    assert caught.value.code == "training.damaged"
    assert not Path("ran").exists()


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    file = kept(tmp_path / "run.checkpoint")
    for problem, budget in ((characters(), Budget(steps=61)), (sunspots(), BUDGET)):
        with pytest.raises(ModelError) as caught:
            fit(problem, budget, keep=Keep(file, resume=True))
        assert caught.value.code == "training.other_run"


def test_without_a_checkpoint_there_is_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        fit(characters(), BUDGET, keep=Keep(tmp_path / "none", resume=True))
    assert caught.value.code == "training.no_checkpoint"


def test_early_stop_ends_the_run_with_its_best_weights() -> None:
    problem, scores, seen = characters(), iter([3.0, 1.0, 2.0, 1.5, 0.5]), []

    def score(step: int) -> float | None:
        if step % 5:
            return None
        seen.append(weights(problem))
        return next(scores)

    done: list[int] = []
    fit(
        problem,
        BUDGET,
        hooks=Hooks(step=lambda step, _: done.append(step)),
        early_stop=EarlyStop(score, patience=10),
    )
    assert done[-1] == 20
    assert same(weights(problem), seen[1])
    assert not problem.model.training


def test_early_stop_remembers_its_best_across_a_break(tmp_path: Path) -> None:
    best: dict[str, Tensor] = {}

    def rule(scores: list[float]) -> EarlyStop:
        left = iter(scores)
        return EarlyStop(lambda step: None if step % 5 else next(left), patience=15)

    problem = characters()
    watch = Hooks(
        step=lambda step, _: best.update(weights(problem)) if step == 5 else None,
        cancelled=after(12),
    )
    with pytest.raises(Stopped):
        fit(problem, BUDGET, hooks=watch, early_stop=rule([1.0, 2.0]), keep=Keep(tmp_path / "c"))
    again = characters()
    fit(again, BUDGET, early_stop=rule([3.0, 4.0]), keep=Keep(tmp_path / "c", resume=True))
    assert same(weights(again), best)


def test_a_bookmark_holds_what_moved_and_nothing_else() -> None:
    problem = names()
    start = Bookmark(problem)
    assert set(start.moved(problem)) == {"_dice"}
    problem.loss()
    assert set(start.moved(problem)) == {"_dice", "_order"}
    problem._weights.mul_(2)
    assert set(start.moved(problem)) == {"_dice", "_order", "_weights"}
    problem._owners = object()  # type: ignore[assignment]
    with pytest.raises(ModelError) as caught:
        start.moved(problem)
    assert caught.value.code == "training.position"


class OnDevice:
    """Learn to say 1, wherever the model lives."""

    def __init__(self, device: str) -> None:
        self.model = seeded(2, 8).to(device)
        self._x = torch.randn(5, 4, 2, generator=torch.Generator().manual_seed(0)).to(device)
        self.types: set[torch.dtype] = set()

    def loss(self) -> Tensor:
        states = self.model(self._x)[0]
        self.types.add(states.dtype)
        return (states.float() - 1).square().mean()

    def metrics(self) -> dict[str, Any]:
        return {}

    def facts(self) -> dict[str, Any]:
        return {}


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_cuda_trains_in_mixed_precision_and_resumes(tmp_path: Path) -> None:
    whole, seen = OnDevice("cuda"), []
    fit(whole, BUDGET, hooks=Hooks(step=lambda _, loss: seen.append(loss)))  # type: ignore[arg-type]
    assert whole.types == {torch.float16}
    assert all(value.dtype == torch.float32 for value in whole.model.state_dict().values())
    assert seen[-1] < 0.5 * seen[0]
    with pytest.raises(Stopped):
        fit(OnDevice("cuda"), BUDGET, hooks=Hooks(cancelled=after(30)), keep=Keep(tmp_path / "c"))  # type: ignore[arg-type]
    again = OnDevice("cuda")
    fit(again, BUDGET, keep=Keep(tmp_path / "c", resume=True))  # type: ignore[arg-type]
    for name, value in again.model.state_dict().items():
        torch.testing.assert_close(value, whole.model.state_dict()[name])
