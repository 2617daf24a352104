"""From a task's name to a folder with weights and card: what `gru-viz train` and `make models` run.

The folder appears at once or not at all: a killed run leaves the old model as it was.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save as tensors_to_bytes

from gru_viz.atomic import folder_beside
from gru_viz.errors import InputError, ModelError
from gru_viz.models.sequence import SequenceModel
from gru_viz.models.zoo import CARD, ROOTS, WEIGHTS
from gru_viz.tasks import TRAINABLE
from gru_viz.tasks.delays import STUDIED, DelayProblem, DelayTask
from gru_viz.tasks.task import Budget, Problem, Task, task_of
from gru_viz.training.best import WATCHED, told
from gru_viz.training.curve import Curve, early_stop
from gru_viz.training.loop import Hooks, Keep, Progress, fit
from gru_viz.training.options import Options
from gru_viz.training.repeatable import threads_held
from gru_viz.training.study import study


def default_folder() -> Path:
    """Where models go if nobody says: the source tree's assets, or, from an installed wheel, ./assets/models."""
    return ROOTS[0] if ROOTS[0].is_dir() else Path("assets") / "models"


def rebuild(
    name: str,
    options: Options | None = None,
    *,
    folder: Path | None = None,
    threads: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    resume: bool = False,
) -> Path:
    """Train a task's model from its seed, measure it, and write it as `folder`/`name`; return that folder.

    While it trains, a checkpoint lies beside that folder; with `resume` it goes on from there.

    Args:
        options: what is done otherwise than the task would by itself.
        folder: where the model's own folder is written.
        threads: of torch, on the CPU.

    Raises:
        ModelError: no such task, its data are missing, the training diverged, or the checkpoint is of another run.
        InputError: an option that cannot be, or no checkpoint to go on from.
        Stopped: it was cancelled; the checkpoint is written.
    """
    task = task_of(name, TRAINABLE)
    options = options or Options()
    options.check()
    place = (folder or default_folder()) / name
    check_place(place)
    budget = options.budget(task.budget)
    with threads_held(threads), torch.random.fork_rng(devices=[]):
        problem = task.prepare(options.data)
        problem.model.to(device := options.device or "cpu")
        early = early_stop(curve := Curve(problem, on_progress), budget)
        keep = Keep(checkpoint_of(name, folder), resume, along={"curve": curve}, lingers=True)
        hooks = Hooks(progress=curve, cancelled=cancelled)
        seconds = fit(problem, budget, hooks=hooks, early_stop=early, keep=keep)
        problem.model.cpu().eval()
        check_finite(problem.model)
        card = full_card(task, problem, budget, seconds, options.command(name))
        card |= {"machine": machine(device), "curve": curve.points()}
        card["chosen_on"] = chosen_on(card, options, stopped=early is not None)
        if early:
            card["early_stop"] = told(budget.patience, early.stopped or budget.steps, early.best.step)
        if isinstance(task, DelayTask) and isinstance(problem, DelayProblem) and options == Options():
            card["metrics"] |= study(task, problem, budget, Hooks(progress=on_progress, cancelled=cancelled))
            card |= STUDIED
    write(problem.model, card, place)
    keep.file.unlink(missing_ok=True)
    return place


def chosen_on(card: Mapping[str, Any], options: Options, *, stopped: bool) -> dict[str, str] | None:
    """On what the settings of a run were chosen, for its card; None where nobody has written it down.

    Args:
        card: the task's sentences; it says so of the task's own settings.
        options: a rate that was given was chosen nobody knows how.
        stopped: early stop took the weights of the best held-out value.
    """
    known = card.get("chosen_on")
    if options.learning_rate is not None:
        known = (known or {}) | {"learning_rate": "unrecorded"}
    return (known or {}) | WATCHED if stopped else known


def check_place(place: Path) -> None:
    """Raises an InputError, before anything is trained, where writing a model would fail or take other files along."""
    try:
        held = {file.name for file in place.iterdir()} if place.exists() else set()
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place.parent):
            pass
    except OSError as error:
        raise unwritable(place, error) from error
    if held - {WEIGHTS, CARD}:
        raise InputError(
            "training.place_taken",
            "{place} holds other files, such as {file}: choose another folder with {option}.",
            place=str(place),
            file=min(held - {WEIGHTS, CARD}),
            option="--out",
        )


def unwritable(place: Path, error: OSError) -> InputError:
    """What is said where a model or its card cannot be written."""
    reason = error.strerror or str(error)
    return InputError("training.place", "Nothing can be written to {place}: {reason}.", place=str(place), reason=reason)


def check_finite(model: SequenceModel) -> None:
    """Raises a ModelError for weights that are no model any more."""
    if not all(value.isfinite().all() for value in model.state_dict().values()):
        raise ModelError("training.not_finite", "The weights hold NaN or infinity; a lower learning rate may help.")


def checkpoint_of(name: str, folder: Path | None = None) -> Path:
    """Where the checkpoint of a running `rebuild` is."""
    return (folder or default_folder()) / f"{name}.checkpoint"


def full_card(task: Task, problem: Problem, budget: Budget, seconds: float, line: str) -> dict[str, Any]:
    """Everything the card says but the machine and the curve; every number in it was measured by this run."""
    model = problem.model
    return {
        **model.card,
        **problem.facts(),
        "seed": task.seed,
        "command": line,
        "parameters": sum(p.numel() for p in model.parameters()),
        "training": asdict(budget) | {"optimiser": "AdamW", "schedule": "OneCycle"},
        "training_seconds": round(seconds, 1),
        "date": datetime.now(UTC).date().isoformat(),
        "torch_version": torch.__version__,
        "metrics": problem.metrics(),
    }


def machine(device: str) -> str:
    """What a model was trained on."""
    gpu = torch.cuda.get_device_name() if device == "cuda" else {"cpu": "no GPU", "mps": "Apple's GPU"}[device]
    return f"{os.cpu_count()} CPU cores ({platform.machine()}), {torch.get_num_threads()} thread(s), {gpu}"


def write(model: SequenceModel, card: dict[str, Any], folder: Path) -> Path:
    """Put weights and card in place of whatever `folder` held, in one move after everything is on disk.

    Raises:
        InputError: it cannot be written there; what stood there stands.
    """
    weights = tensors_to_bytes({name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()})
    card = card | {"weights_sha256": hashlib.sha256(weights).hexdigest()}
    place = Path(os.path.realpath(folder))  # a link stays one: what it points to is replaced
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = folder_beside(place)
        try:
            (fresh / WEIGHTS).write_bytes(weights)
            (fresh / CARD).write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            _swap(fresh, place)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise unwritable(folder, error) from error
    return folder


def _swap(fresh: Path, folder: Path) -> None:
    """Move `fresh` to `folder`; the old folder ends up as `fresh`. If the second rename fails the first is undone."""
    if not folder.exists():
        fresh.rename(folder)
        return
    aside = fresh.with_name(fresh.name + ".old")
    folder.rename(aside)
    try:
        fresh.rename(folder)
    except OSError:
        aside.rename(folder)
        raise
    aside.rename(fresh)
