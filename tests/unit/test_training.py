"""Training: repeatable, stoppable without harm, and written at once or not at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from gru_viz.errors import InputError, ModelError
from gru_viz.models import load
from gru_viz.models.sequence import SequenceModel
from gru_viz.models.zoo import CARD, WEIGHTS
from gru_viz.tasks import TRAINABLE, recall
from gru_viz.tasks.characters import CharacterProblem, Sizes
from gru_viz.tasks.delays import DelayTask
from gru_viz.tasks.task import Budget
from gru_viz.training import Options, Progress, Stopped, fit, rebuild
from gru_viz.training.rebuild import write

REBUILD = import_module("gru_viz.training.rebuild")  # the name gru_viz.training.rebuild is the function's
SMALL = Sizes(embedding=4, hidden=8, streams=4, window=16, dropout=0.05)
TEXT = "the quick brown fox jumps over the lazy dog, and the dog sleeps on.\n" * 40


def problem(seed: int = 0) -> CharacterProblem:
    return CharacterProblem("small", [TEXT, TEXT[::-1]], [TEXT[:500]], SMALL, seed, {})


def weights(model: SequenceModel) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def trained(seed: int, steps: int) -> SequenceModel:
    task = problem(seed)
    fit(task, Budget(steps=steps, learning_rate=1e-2))
    return task.model


def same(one: SequenceModel, other: SequenceModel) -> bool:
    return all(torch.equal(a, b) for a, b in zip(weights(one).values(), weights(other).values(), strict=True))


def test_the_same_seed_trains_the_same_weights_bit_for_bit() -> None:
    assert same(trained(1, 30), trained(1, 30))
    assert not same(trained(1, 30), trained(2, 30))


def test_training_learns_and_tells_how_far_it_is() -> None:
    seen: list[Progress] = []
    task = problem()
    before = task.metrics()["bits_per_character"]
    fit(task, Budget(steps=120, learning_rate=3e-2), seen.append)
    after = task.metrics()
    assert after["bits_per_character"] < 0.6 * before
    assert after["bits_per_character"] < after["baseline_bits_per_character"]
    assert seen[-1].step == seen[-1].steps == 120
    assert [at.step for at in seen] == sorted({at.step for at in seen})
    assert seen[-1].loss < seen[0].loss
    assert not task.model.training


def test_bits_a_character_are_those_of_a_step_by_step_reading() -> None:
    task = problem()
    fit(task, Budget(steps=20, learning_rate=1e-2))
    model, text = task.model, TEXT[:500]
    beliefs, ids = model.predict(model.trace(text)), model.encode(text)
    bits = -beliefs[:-1].gather(1, ids[1:, None]).log2().mean().item()
    assert task.metrics()["bits_per_character"] == pytest.approx(bits, abs=2e-3)


def test_no_steps_leave_the_model_as_it_was_seeded() -> None:
    task = problem()
    before = weights(task.model)
    assert fit(task, Budget(steps=0)) == 0.0
    assert all(torch.equal(before[name], value) for name, value in weights(task.model).items())


def test_a_loss_that_is_not_a_number_stops_the_run() -> None:
    task = problem()
    with torch.no_grad():
        task.model.rnn.weight_hh_l0.fill_(float("nan"))
    with pytest.raises(ModelError) as caught:
        fit(task, Budget(steps=3))
    assert (caught.value.code, caught.value.params["step"]) == ("training.diverged", 0)


def test_rebuild_writes_a_model_that_loads_and_says_how_it_was_made(tmp_path: Path) -> None:
    text = tmp_path / "mine.txt"
    text.write_text(TEXT * 60, encoding="utf-8")
    folder = rebuild("english", Options(data=text, steps=2), folder=tmp_path / "zoo", threads=1)
    model = load(folder)
    assert sorted(file.name for file in folder.iterdir()) == sorted([CARD, WEIGHTS])
    assert [entry.name for entry in (tmp_path / "zoo").iterdir()] == ["english"]
    assert model.card["command"] == "gru-viz train english --data mine.txt --steps 2"
    assert model.card["training"]["steps"] == 2
    assert model.card["torch_version"] == torch.__version__
    assert str(tmp_path) not in json.dumps(model.card)


def test_rebuild_leaves_torchs_chance_and_threads_alone(tmp_path: Path) -> None:
    threads = torch.get_num_threads()
    torch.manual_seed(9)
    untouched = torch.rand(3)
    torch.manual_seed(9)
    rebuild("example", folder=tmp_path, threads=threads + 1)
    assert torch.equal(torch.rand(3), untouched)
    assert torch.get_num_threads() == threads


def test_the_shipped_example_can_be_rebuilt_bit_for_bit(tmp_path: Path) -> None:
    again = rebuild("example", folder=tmp_path)
    assert same(load(again), load("example"))


@pytest.mark.parametrize(
    ("name", "options", "kind", "code"),
    [
        ("nomes", {}, ModelError, "training.unknown"),
        ("example", {"steps": -1}, InputError, "training.steps"),
        ("sunspots", {"learning_rate": 0.0}, InputError, "training.rate"),
        ("sunspots", {"learning_rate": float("nan")}, InputError, "training.rate"),
        ("sunspots", {"learning_rate": 1e300}, InputError, "training.rate"),
        ("sunspots", {"patience": 0}, InputError, "training.patience"),
        ("sunspots", {"device": "abacus"}, InputError, "training.device"),
        ("example", {"data": Path("some.txt")}, ModelError, "training.own_data"),
        ("names", {"data": Path("some.txt")}, ModelError, "training.own_data"),
        ("english", {"data": Path("no-such-file.txt")}, ModelError, "corpus.file"),
    ],
)
def test_what_cannot_be_trained_is_refused(
    tmp_path: Path, name: str, options: dict[str, Any], kind: type[Exception], code: str
) -> None:
    with pytest.raises(kind) as caught:
        rebuild(name, Options(**options), folder=tmp_path)
    assert caught.value.code == code  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "sunspots" / "thesis.txt"
    mine.parent.mkdir()
    mine.write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        rebuild("sunspots", Options(steps=1), folder=tmp_path)
    assert caught.value.code == "training.place_taken"
    assert [file.read_text(encoding="utf-8") for file in (tmp_path / "sunspots").iterdir()] == ["years of work"]


def test_where_nothing_can_be_written_nothing_is_trained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError) as caught:
        rebuild("sunspots", Options(steps=10**9), folder=tmp_path / "file")
    assert caught.value.code == "training.place"


def test_a_run_stopped_while_its_cells_are_compared_can_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stops(*_: object) -> dict[str, Any]:
        raise Stopped(3, 10)

    monkeypatch.setitem(TRAINABLE, "recall", Short())
    with monkeypatch.context() as broken:
        broken.setattr(REBUILD, "study", stops)
        with pytest.raises(Stopped):
            rebuild("recall", folder=tmp_path, threads=1)
    assert (tmp_path / "recall.checkpoint").is_file()
    monkeypatch.setattr(REBUILD, "study", lambda *_: {"seeds": [0]})
    card = load(rebuild("recall", folder=tmp_path, threads=1, resume=True)).card
    assert (card["training"]["steps"], card["metrics"]["seeds"]) == (4, [0])
    assert "Three seeds" in card["measured"]
    assert not (tmp_path / "recall.checkpoint").exists()
    plain = load(rebuild("recall", Options(steps=2), folder=tmp_path, threads=1)).card
    assert "seeds" not in plain["measured"]
    assert "fairness" not in plain


class Short(DelayTask):
    """recall, for a moment."""

    def __init__(self) -> None:
        super().__init__(recall.FORM)
        self.budget = Budget(4, 1e-3)


def test_writing_replaces_the_old_model_and_leaves_no_debris(tmp_path: Path) -> None:
    for seed in (1, 2):
        model = problem(seed).model
        write(model, model.card, tmp_path / "small")
        assert same(load(tmp_path / "small"), model)
    assert [entry.name for entry in tmp_path.iterdir()] == ["small"]


def test_a_write_that_fails_leaves_the_old_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = problem(1).model, problem(2).model
    write(old, old.card, tmp_path / "small")
    renamed = Path.rename

    def fails(self: Path, target: Path) -> Path:
        if target == tmp_path / "small" and self.suffix != ".old":
            raise OSError("disk full")
        return renamed(self, target)

    with monkeypatch.context() as broken:
        broken.setattr(Path, "rename", fails)
        with pytest.raises(InputError, match="small: disk full"):
            write(new, new.card, tmp_path / "small")
    assert same(load(tmp_path / "small"), old)
    assert [entry.name for entry in tmp_path.iterdir()] == ["small"]


KILLED = """
import sys, time
from pathlib import Path
from gru_viz.training import Options, rebuild
rebuild("english", Options(data=Path(sys.argv[1]), steps=500), folder=Path(sys.argv[2]), threads=1,
        on_progress=lambda at: print("going", flush=True))
"""


def test_a_killed_run_leaves_the_old_model(tmp_path: Path) -> None:
    text = tmp_path / "mine.txt"
    text.write_text(TEXT * 60, encoding="utf-8")
    folder = rebuild("english", Options(data=text, steps=0), folder=tmp_path / "zoo", threads=1)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    line = [sys.executable, "-c", KILLED, str(text), str(tmp_path / "zoo")]
    with subprocess.Popen(line, stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"going\n"
        os.kill(run.pid, signal.SIGTERM)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    load(folder)
