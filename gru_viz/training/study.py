"""How a cell fares at every delay: several seeds, with equal steps and trained until it stops improving."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import Any

from gru_viz.tasks.delays import DelayProblem, DelayTask
from gru_viz.tasks.task import Budget
from gru_viz.training.loop import Hooks, fit

SEEDS = (0, 1, 2)
DOUBLINGS = 2
GAIN = 0.01
"""A doubling of the steps that gains less mean accuracy than this was the last."""


CHOSEN_STEPS = {"chosen_on": {"steps": "validation"}}
"""How many steps it takes until it stops is decided by sequences kept for that."""


def study(task: DelayTask, problem: DelayProblem, budget: Budget, hooks: Hooks | None = None) -> dict[str, Any]:
    """The card's comparison of budgets; `problem` is the task's own, already trained with `budget`.

    Raises:
        Stopped: it was cancelled; nothing of it is kept.
    """
    started = perf_counter()
    same, longer, steps = [], [], []
    for seed in SEEDS:
        first = problem if seed == task.seed else _trained(task.with_seed(seed), budget, hooks)
        best, used = _until_it_stops(task.with_seed(seed), first, budget, hooks)
        same.append(first.accuracy_by_delay())
        longer.append(same[-1] if best is first else best.accuracy_by_delay())
        steps.append(used)
    return {
        "seeds": list(SEEDS),
        "same_steps": {"steps": [budget.steps] * len(SEEDS), "accuracy_by_delay": _spread(same)},
        "until_it_stops": {"steps": steps, "accuracy_by_delay": _spread(longer)} | CHOSEN_STEPS,
        "study_seconds": round(perf_counter() - started, 1),
    }


def _trained(task: DelayTask, budget: Budget, hooks: Hooks | None) -> DelayProblem:
    problem = task.prepare()
    fit(problem, budget, hooks=hooks)
    return problem


def _until_it_stops(
    task: DelayTask, first: DelayProblem, budget: Budget, hooks: Hooks | None
) -> tuple[DelayProblem, int]:
    """The best of runs with more and more steps, and how many it took."""
    best, score, used = first, first.score(), budget.steps
    for doubling in range(1, DOUBLINGS + 1):
        if score > 1 - GAIN:
            break  # no run can gain enough
        steps = budget.steps * 2**doubling
        run = _trained(task, replace(budget, steps=steps), hooks)
        found = run.score()
        gain = found - score
        if gain > 0:
            best, score, used = run, found, steps
        if gain < GAIN:
            break
    return best, used


def _spread(runs: list[dict[str, float]]) -> dict[str, dict[str, Any]]:
    """For every delay: the mean over the seeds, the lowest, the highest, and each."""
    return {
        delay: {
            "mean": round(sum(run[delay] for run in runs) / len(runs), 4),
            "low": min(run[delay] for run in runs),
            "high": max(run[delay] for run in runs),
            "seeds": [run[delay] for run in runs],
        }
        for delay in runs[0]
    }
