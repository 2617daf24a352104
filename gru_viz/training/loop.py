"""The training loop: AdamW, a OneCycle schedule, clipped gradients, early stop, mixed precision on CUDA.

Half precision is float16, with gradients scaled (torch.amp): cuDNN's recurrent kernels are cast to float16 whatever
type autocast is told (torch's aten/src/ATen/cudnn/AutocastRNN.cpp), and unscaled its small gradients would be lost.

A `Training` is a run that can be advanced by one step, written down and taken up again; `fit` takes it to its end. Runs
are seeded by the task, so they can be repeated, and a run taken up from a checkpoint ends, bit for bit, where it would
have ended without the break (one machine, one version of torch, the same number of threads, on the CPU; on CUDA as far
as `training.repeatable` says, on MPS up to rounding).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from functools import cached_property
from math import isfinite, nan
from pathlib import Path
from statistics import fmean
from time import perf_counter
from typing import Any, Protocol

import torch
from torch.nn.utils import clip_grad_norm_
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from gru_viz.errors import InputError, ModelError
from gru_viz.tasks.task import Budget, Problem
from gru_viz.training import checkpoint
from gru_viz.training.best import EarlyStop
from gru_viz.training.position import Bookmark

REPORTS = 50
"""How often a run tells its progress."""
CHECKPOINT_SECONDS = 10.0
"""How much of a run a kill may cost."""
HALF = {"cuda": torch.float16}
"""Kinds of device on which the forward pass and its gradients are of half precision, and which."""
FIRST_SCALE = 2.0**10
"""What a loss is multiplied with at first in half precision: the largest float16 is 65,504."""


@dataclass(frozen=True)
class Progress:
    """Where a run stands: steps done of all, mean loss since the last report, seconds of training so far."""

    step: int
    steps: int
    loss: float
    seconds: float


@dataclass(frozen=True)
class Hooks:
    """What is called while a run goes on; each gets the number of steps done.

    Attributes:
        progress: told some fifty times a run.
        step: called after every step, with its loss.
        cancelled: asked before every step; True ends the run there with `Stopped`, its checkpoint written.
    """

    progress: Callable[[Progress], None] | None = None
    step: Callable[[int, float], None] | None = None
    cancelled: Callable[[], bool] = lambda: False


class Stopped(Exception):
    """A run was cancelled between two steps; its checkpoint, if one is kept, is written.

    Attributes:
        step: steps done.
        steps: steps in all.
    """

    def __init__(self, step: int, steps: int) -> None:
        super().__init__(f"stopped at step {step} of {steps}")
        self.step, self.steps = step, steps


class Companion(Protocol):
    """Something that goes along with a run and is saved with it, such as a learning curve."""

    def state(self) -> dict[str, Any]:
        """Itself in plain values and tensors."""
        ...

    def restore(self, state: dict[str, Any]) -> None:
        """Be what `state` says."""
        ...


class Training:
    """One run of one problem, advanced step by step.

    Attributes:
        step: steps done.
        steps: steps in all; 0 leaves the model as it was seeded.
        seconds: how long training took so far; a run taken up again counts on.
    """

    def __init__(self, problem: Problem, budget: Budget) -> None:
        self.problem, self.budget = problem, budget
        self.step, self.steps, self.seconds = 0, budget.steps, 0.0
        self._losses: list[float] = []
        self._start = Bookmark(problem)
        self._parameters = list(problem.model.parameters())
        self._optimiser = AdamW(self._parameters, lr=budget.learning_rate, weight_decay=budget.weight_decay)
        self._schedule = _one_cycle(self._optimiser, budget)
        self._device = problem.model.device.type
        self._half = HALF.get(self._device)
        # float16's gradients are lifted out of the range that rounds to zero.
        self._scaler = torch.amp.GradScaler(self._device, FIRST_SCALE, enabled=self._half is not None)

    @property
    def done(self) -> bool:
        """Whether every step was taken."""
        return self.step >= self.steps

    def advance(self) -> float:
        """Take one optimiser step; give its loss.

        Raises:
            ModelError: the loss is not a number; this step then changed no weight.
        """
        started = perf_counter()
        model = self.problem.model
        if not model.training:
            model.train()
        with torch.autocast(self._device, self._half) if self._half else nullcontext():
            loss = self.problem.loss()
        value = loss.item()
        if not isfinite(value):
            raise ModelError("training.diverged", "The loss is {loss} at step {step}.", loss=value, step=self.step)
        self._optimiser.zero_grad()
        self._scaler.scale(loss).backward()
        self._scaler.unscale_(self._optimiser)
        clip_grad_norm_(self._parameters, self.budget.clip)
        scale = self._scaler.get_scale()
        self._scaler.step(self._optimiser)
        self._scaler.update()
        if self._scaler.get_scale() >= scale:  # else the gradients overflowed, and the optimiser took no step
            self._schedule.step()
        self.step += 1
        self._losses.append(value)
        self.seconds += perf_counter() - started
        return value

    def report(self) -> Progress:
        """Where the run stands; the mean of the losses starts over."""
        at = Progress(self.step, self.steps, self.loss, self.seconds)
        self._losses = []
        return at

    @property
    def loss(self) -> float:
        """Mean loss since the last report."""
        return fmean(self._losses) if self._losses else nan

    def state(self) -> checkpoint.Saved:
        """Everything the rest of the run depends on: weights, optimiser, schedule, chance, place in the data."""
        return {
            "about": self._about(),
            "step": self.step,
            "seconds": self.seconds,
            "losses": self._losses,
            "model": self.problem.model.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
            "scaler": self._scaler.state_dict(),
            "position": self._start.moved(self.problem),
            "chance": torch.get_rng_state(),
            "chance_cuda": torch.cuda.get_rng_state() if self._device == "cuda" else None,
        }

    def restore(self, state: checkpoint.Saved) -> None:
        """Stand where the run stood that wrote `state`.

        Raises:
            ModelError: the state is of another task, budget or version of torch.
        """
        for key, wanted in self._about().items():
            if (found := state["about"].get(key)) != wanted:
                raise ModelError(
                    "training.other_run",
                    "The checkpoint is of another run: its {key} is {found}, and here it is {wanted}.",
                    key=key,
                    found=found,
                    wanted=wanted,
                )
        self.problem.model.load_state_dict(state["model"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])
        self._scaler.load_state_dict(state["scaler"])
        self._start.move(self.problem, state["position"])
        self.step, self.seconds, self._losses = state["step"], state["seconds"], list(state["losses"])
        torch.set_rng_state(state["chance"])
        if state["chance_cuda"] is not None:
            torch.cuda.set_rng_state(state["chance_cuda"])

    @cached_property
    def _data(self) -> str:
        """Tells the problem's data from others, as far as its card does: symbols, labels, sizes, sources."""
        said = json.dumps([self.problem.model.card, self.problem.facts()], sort_keys=True, default=str)
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    def _about(self) -> dict[str, Any]:
        shapes = {name: list(value.shape) for name, value in self.problem.model.state_dict().items()}
        return {
            "model": self.problem.model.name,
            "budget": asdict(self.budget),
            "weights": shapes,
            "torch": str(torch.__version__),
            "device": self._device,
            "data": self._data,
        }


def _one_cycle(optimiser: AdamW, budget: Budget) -> OneCycleLR:
    # OneCycle divides by the length of its phases less one, so a run of a few steps needs a climb of at least two.
    climb = min(max(budget.warmup, 2 / max(budget.steps, 1)), 0.5)
    return OneCycleLR(optimiser, budget.learning_rate, total_steps=max(budget.steps, 4), pct_start=climb)


@dataclass(frozen=True)
class Keep:
    """Where and how a run is kept while it goes on.

    Attributes:
        file: the checkpoint; removed when the run has ended, unless it lingers.
        resume: go on from it.
        every: seconds between two writes; it is also written at a cancel.
        along: what is saved and restored with the run, by name.
        lingers: written once more when the run has ended, for the caller to remove when its result is safe.
    """

    file: Path
    resume: bool = False
    every: float = CHECKPOINT_SECONDS
    along: Mapping[str, Companion] = field(default_factory=dict)
    lingers: bool = False


def fit(
    problem: Problem,
    budget: Budget,
    on_progress: Callable[[Progress], None] | None = None,
    *,
    hooks: Hooks | None = None,
    early_stop: EarlyStop | None = None,
    keep: Keep | None = None,
) -> float:
    """Train a problem's model in place; return the seconds its steps took, hooks and checkpoints not counted.

    Args:
        on_progress: told some fifty times how far the run is; short for `Hooks(progress=...)`.
        early_stop: when to end before the last step; in any case the model then has its best weights.
        keep: where a checkpoint is written; nothing is if None.

    Raises:
        ModelError: the loss is no longer a number; the checkpoint is damaged or of another run.
        InputError: there is no checkpoint to go on from.
        Stopped: the run was cancelled.
    """
    run = _Run(Training(problem, budget), hooks or Hooks(progress=on_progress), early_stop, keep)
    if keep and keep.resume:
        run.resume(keep.file)
    try:
        run.go()
    finally:
        problem.model.eval()
    if keep and keep.lingers:
        run.save()
    elif keep:
        keep.file.unlink(missing_ok=True)
    if early_stop:
        early_stop.best.go_back(problem.model)
    return run.training.seconds


class _Run:
    """A training with all that watches it."""

    def __init__(self, training: Training, hooks: Hooks, early_stop: EarlyStop | None, keep: Keep | None) -> None:
        self.training, self._hooks, self._keep = training, hooks, keep
        self._early = early_stop
        self._along: dict[str, Companion] = dict(keep.along) if keep else {}
        if early_stop:
            self._along["early stop"] = early_stop

    def go(self) -> None:
        """Step by step to the end."""
        training, hooks, early, model = self.training, self._hooks, self._early, self.training.problem.model
        every, saved = max(1, training.steps // REPORTS), perf_counter()
        while not training.done and not (early and early.stopped):
            if hooks.cancelled():
                self.save()
                raise Stopped(training.step, training.steps)
            loss = training.advance()
            if hooks.step:
                hooks.step(training.step, loss)
            if training.step % every == 0 or training.done:
                self._report()
            if early and early.enough(training.step, model):
                break
            if self._keep and not training.done and perf_counter() - saved >= self._keep.every:
                self.save()
                saved = perf_counter()

    def _report(self) -> None:
        at = self.training.report()
        if self._hooks.progress:
            self._hooks.progress(at)

    def save(self) -> None:
        """Write the checkpoint, if one is kept."""
        if self._keep:
            along = {name: companion.state() for name, companion in self._along.items()}
            checkpoint.save(self._keep.file, self.training.state() | {"along": along})

    def resume(self, file: Path) -> None:
        """Stand where the checkpoint says."""
        if not file.is_file():
            raise InputError(
                "training.no_checkpoint", "There is no checkpoint {file} to go on from; start anew.", file=file.name
            )
        state = checkpoint.load(file)
        self.training.restore(state)
        for name, companion in self._along.items():
            companion.restore(state["along"][name])
