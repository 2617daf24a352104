"""The learning curve a card keeps: loss and a held-out metric, measured as the training goes."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from gru_viz.tasks.task import Budget, Problem
from gru_viz.training.best import EarlyStop, score_of
from gru_viz.training.loop import Progress

EVERY = 2
"""Of how many reports of progress one becomes a point: about 25 points a run."""


class Curve:
    """A progress callback that measures, passes the progress on, and keeps the points.

    Attributes:
        seconds: how long the measuring took, which is no training.
        metric: what is measured, once it has been.
    """

    def __init__(self, problem: Problem, then: Callable[[Progress], None] | None = None) -> None:
        self.seconds = 0.0
        self._problem, self._then = problem, then
        self._reports = 0
        self.metric = ""
        self._points: dict[str, list[float]] = {"step": [], "loss": [], "held_out": []}

    def __call__(self, at: Progress) -> None:
        self._reports += 1
        if self._reports % EVERY == 1 or at.step == at.steps:
            started = perf_counter()
            self._problem.model.eval()  # the next step of training turns it back
            self.metric, value = self._problem.probe()
            for name, found in zip(self._points, (at.step, round(at.loss, 4), value), strict=True):
                self._points[name].append(found)
            self.seconds += perf_counter() - started
        if self._then:
            self._then(at)

    def at(self, step: int) -> float | None:
        """The held-out value measured after just this step; None if there was no measuring."""
        steps = self._points["step"]
        return self._points["held_out"][-1] if steps and steps[-1] == step else None

    def points(self) -> dict[str, Any]:
        """As the card holds it: the metric's name; steps done, mean loss since the last report, the metric's value."""
        return {"metric": self.metric, **self._points}

    def state(self) -> dict[str, Any]:
        """What a checkpoint has to hold for the curve to go on."""
        return {"reports": self._reports, "metric": self.metric, "points": self._points, "seconds": self.seconds}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave."""
        self._reports, self.metric, self.seconds = state["reports"], state["metric"], state["seconds"]
        self._points = {name: list(values) for name, values in state["points"].items()}


def early_stop(curve: Curve, budget: Budget) -> EarlyStop | None:
    """The early stop a budget asks for, watching the points of a learning curve; None if it asks for none."""

    def score(step: int) -> float | None:
        value = curve.at(step)
        return None if value is None else score_of(curve.metric, value)

    return EarlyStop(score, budget.patience) if budget.patience else None
