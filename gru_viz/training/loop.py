"""The training loop: AdamW, a OneCycle schedule, clipped gradients. Seeded by the task, so a run can be repeated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from torch.nn.utils import clip_grad_norm_
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from gru_viz.errors import ModelError
from gru_viz.tasks.task import Budget, Problem

REPORTS = 50
"""How often a run tells its progress."""


@dataclass(frozen=True)
class Progress:
    """Where a run stands: steps done of all, mean loss since the last report, seconds since the start."""

    step: int
    steps: int
    loss: float
    seconds: float


def fit(problem: Problem, budget: Budget, on_progress: Callable[[Progress], None] | None = None) -> float:
    """Train a problem's model in place; return the seconds it took.

    Raises:
        ModelError: the loss is no longer a number.
    """
    started = perf_counter()
    if budget.steps == 0:
        return 0.0
    model = problem.model.train()
    optimiser = AdamW(model.parameters(), lr=budget.learning_rate, weight_decay=budget.weight_decay)
    # OneCycle divides by the length of its phases less one, so a run of a few steps needs a climb of at least two.
    climb = min(max(budget.warmup, 2 / budget.steps), 0.5)
    schedule = OneCycleLR(optimiser, budget.learning_rate, total_steps=max(budget.steps, 4), pct_start=climb)
    every, total, counted = max(1, budget.steps // REPORTS), 0.0, 0
    for step in range(budget.steps):
        loss = problem.loss()
        if not loss.isfinite():
            raise ModelError("training.diverged", "The loss is {loss} at step {step}.", loss=loss.item(), step=step)
        optimiser.zero_grad()
        loss.backward()
        clip_grad_norm_(model.parameters(), budget.clip)
        optimiser.step()
        schedule.step()
        total, counted = total + loss.item(), counted + 1
        if on_progress and ((step + 1) % every == 0 or step + 1 == budget.steps):
            on_progress(Progress(step + 1, budget.steps, total / counted, perf_counter() - started))
            total, counted = 0.0, 0
    model.eval()
    return perf_counter() - started
