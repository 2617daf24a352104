"""Several models trained in turn on the same task, step by step, watched all the while.

Every runner takes one step, then the next runner takes one: their curves advance together on one core, whatever a
step of each costs. At marks spread over the run each is measured on held-out data and its gates are read on one fixed
input; its weights are kept at some of them, the initialisation first. A runner whose loss is lost drops out and the
others go on; so does one that has not got better for as long as its budget's patience, with its best weights.

One thread advances a race; others may read it at any time: what they read is only ever replaced or added to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite, nan
from time import perf_counter
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gru_viz.cells import KINDS
from gru_viz.errors import ModelError
from gru_viz.limits import SNAPSHOT_BYTES
from gru_viz.models.sequence import Input, SequenceModel
from gru_viz.tasks.task import Budget
from gru_viz.training.best import Best, score_of
from gru_viz.training.loop import Training

MARKS = 40
"""How often a run is measured, the start and the end besides."""
SNAPSHOTS = 24
GOOD = 1.25
"""A snapshot is worth having while its loss is at most this many times the first one."""
LOST = 5.0
"""A mean loss this many times the first one is lost: with clipped gradients it seldom reaches infinity."""


class Contest(Protocol):
    """A problem that can be watched while it is learnt."""

    model: SequenceModel

    def loss(self) -> Tensor:
        """The loss of the next training step."""
        ...

    def probe(self) -> tuple[str, float]:
        """The held-out metric's name and value; draws no random number."""
        ...

    def metrics(self) -> dict[str, Any]:
        """What the model is worth on held-out data, beside a baseline."""
        ...

    def facts(self) -> dict[str, Any]:
        """The card's sentences about data and model."""
        ...


@dataclass(frozen=True)
class Point:
    """One mark of a learning curve: mean training loss since the mark before, and the held-out metric."""

    step: int
    loss: float
    held_out: float


@dataclass(frozen=True)
class Snapshot:
    """The weights after `step` steps, with the point of that mark."""

    step: int
    point: Point
    weights: Mapping[str, Tensor]


@dataclass(frozen=True)
class Gates:
    """What a runner's first layer computed on the fixed input after `step` steps: quantity -> (T, H)."""

    step: int
    values: Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Standing:
    """Where a runner stands, for whoever looks on.

    Attributes:
        seconds: how long its own steps took.
        fault: why it dropped out.
        best: the step with the best held-out value so far, if it is watched for an early stop.
        stopped: the step at which it was stopped early.
    """

    name: str
    step: int
    steps: int
    seconds: float
    curve: tuple[Point, ...]
    gates: Gates | None
    fault: ModelError | None
    best: int | None = None
    stopped: int | None = None

    @property
    def over(self) -> bool:
        """Whether it takes no more steps."""
        return self.fault is not None or self.stopped is not None or self.step >= self.steps

    @property
    def value(self) -> float | None:
        """The held-out value of the weights it has: the latest, or, once a watched run is over, the best."""
        if not self.curve:
            return None
        at_best = [point for point in self.curve if self.over and point.step == self.best]
        return (at_best or self.curve)[-1].held_out


class Runner:
    """One model in a race.

    Args:
        fixed: the input on which its gates are watched.
        seed: what the problem was made from, for the card.
    """

    def __init__(self, name: str, problem: Contest, budget: Budget, fixed: Input, seed: int = 0) -> None:
        self.name, self.problem, self.fixed, self.seed = name, problem, fixed, seed
        self.training = Training(problem, budget)  # type: ignore[arg-type]
        self.snapshots: tuple[Snapshot, ...] = ()
        self.metric = ""
        self._curve: tuple[Point, ...] = ()
        self._gates: Gates | None = None
        self._fault: ModelError | None = None
        self._best = Best()
        self._stopped: int | None = None
        size = sum(value.numel() * value.element_size() for value in problem.model.state_dict().values())
        kept = max(4, min(SNAPSHOTS, SNAPSHOT_BYTES // max(size, 1)))
        self._keep = marks(budget.steps, kept) | {0}
        self._marks = marks(budget.steps, MARKS) | self._keep

    def standing(self) -> Standing:
        """A picture of now."""
        training = self.training
        return Standing(
            *(self.name, training.step, training.steps, training.seconds),
            *(self._curve, self._gates, self._fault, self.best, self._stopped),
        )

    @property
    def best(self) -> int | None:
        """The step with the best held-out value so far; None if the run is not watched for an early stop."""
        return self._best.step

    @property
    def over(self) -> bool:
        """Whether it takes no more steps."""
        return self._fault is not None or self._stopped is not None or self.training.done

    def advance(self) -> None:
        """Take one step, and look where a mark is reached; the initialisation is looked at before the first step."""
        try:
            if not self._curve:
                self._begin()
                return
            self.training.advance()
            if self.training.step in self._marks or self.training.done:
                at = self.training.report()
                self._check(at.loss)
                self._look(at.step, at.loss)
                self._watch(at.step)
        except ModelError as error:
            self._fault = error

    def _begin(self) -> None:
        """The first step, whose loss is that of the initialisation; its weights are kept whatever comes of it."""
        self._look(0, nan)
        self._watch(0)
        loss = self.training.advance()
        first = replace(self._curve[0], loss=loss)
        self._curve, self.snapshots = (first,), (replace(self.snapshots[0], point=first),)

    def rest(self) -> None:
        """Look and keep the weights where the run was stopped between two marks. It goes on as if nobody had looked:
        an early stop does not count what was seen here."""
        step = self.training.step
        if not self._curve or self.over or any(one.step == step for one in self.snapshots):
            return
        if self._curve[-1].step == step:
            self._snapshot(self._curve[-1], self.problem.model.state_dict())
        else:
            self._keep |= {step}
            self._look(step, self.training.loss)

    def _look(self, step: int, loss: float) -> None:
        """Measure on held-out data, read the gates, keep the weights where they are to be kept."""
        model = self.problem.model.eval()
        with torch.no_grad():
            self.metric, held_out = self.problem.probe()
            self._gates = Gates(step, gates(model, self.fixed))
        point = Point(step, loss, held_out)
        self._curve = (*(known for known in self._curve if known.step < step), point)
        if step in self._keep:
            self._snapshot(point, model.state_dict())

    def _snapshot(self, point: Point, weights: Mapping[str, Tensor]) -> None:
        kept = {name: value.detach().cpu().clone() for name, value in weights.items()}
        others = (one for one in self.snapshots if one.step != point.step)
        self.snapshots = tuple(sorted((*others, Snapshot(point.step, point, kept)), key=lambda one: one.step))

    def _watch(self, step: int) -> None:
        """Early stop: when a watched run ends, by patience or by itself, it goes back to its best weights."""
        patience = self.training.budget.patience
        if not patience:
            return
        self._best.look(step, score_of(self.metric, self._curve[-1].held_out), self.problem.model)
        if self._best.waited(step) >= patience:
            self._stopped = step
        if self.over:
            model = self.problem.model.eval()
            self._best.go_back(model)
            with torch.no_grad():
                self._gates = Gates(self.best or 0, gates(model, self.fixed))
            self._snapshot(next(one for one in self._curve if one.step == self.best), self._best.weights)

    def _check(self, loss: float) -> None:
        first = self._curve[0].loss
        if loss > LOST * max(first, 1e-6):
            raise ModelError(
                "training.lost",
                "The loss rose from {first} to {loss} by step {step}; a lower learning rate may help.",
                first=f"{first:.3g}",
                loss=f"{loss:.3g}",
                step=self.training.step,
            )


def marks(steps: int, count: int) -> set[int]:
    """About `count` steps of a run, denser at the start, where most is learnt; the first and the last included."""
    places = {round(steps * (k / count) ** 1.5) for k in range(1, count + 1)}
    return {place for place in places if place > 0} | {steps}


def gates(model: SequenceModel, fixed: Input) -> dict[str, NDArray[np.float32]]:
    """What the first layer computes forward on an input: every quantity that is drawn, (T, H)."""
    made = model.trace(fixed)
    layer = made.layer(0)
    return {q.value: layer.quantity(q.value)[:, 0].float().cpu().numpy() for q in KINDS[made.cell].shown}


@dataclass(frozen=True)
class Pace:
    """Share of the steps that is done, examples a second, and seconds left (None before the first step)."""

    share: float
    examples: float
    seconds_left: float | None


@dataclass
class Race:
    """Runners in turn.

    Attributes:
        examples_per_step: how many examples one step of one runner learns from.
        seconds: how long the race has been going, looking and keeping included.
    """

    runners: Sequence[Runner]
    examples_per_step: int = 1
    seconds: float = field(default=0.0, init=False)
    _turn: int = field(default=0, init=False)

    @property
    def over(self) -> bool:
        """Whether nobody takes another step."""
        return all(runner.over for runner in self.runners)

    def advance(self) -> bool:
        """Let the next runner take its step; False when nobody has one left."""
        started = perf_counter()
        for _ in self.runners:
            runner = self.runners[self._turn]
            self._turn = (self._turn + 1) % len(self.runners)
            if not runner.over:
                runner.advance()
                self.seconds += perf_counter() - started
                return True
        return False

    def pace(self) -> Pace:
        """How fast it goes and how long it will take, from how it went so far."""
        standings = self.standings()
        done = sum(at.step for at in standings)
        left = sum(at.steps - at.step for at in standings if not at.over)
        speed = done / self.seconds if self.seconds else 0.0
        share = done / (done + left) if done + left else 0.0
        return Pace(share, speed * self.examples_per_step, left / speed if speed else None)

    def standings(self) -> list[Standing]:
        """Where everybody stands."""
        return [runner.standing() for runner in self.runners]

    def runner(self, name: str) -> Runner:
        """A runner by its name."""
        return next(runner for runner in self.runners if runner.name == name)


def last_good(runner: Runner) -> Snapshot | None:
    """The latest snapshot whose loss is a number not much above that at the start; of a sound run, simply the last,
    and of one watched for an early stop, once it has ended, the best."""
    kept = runner.snapshots
    if runner.over and (best := [one for one in kept if one.step == runner.best]):
        return best[0]
    if not kept:
        return None
    sound = [one for one in kept if isfinite(one.point.loss) and one.point.loss <= GOOD * kept[0].point.loss]
    if runner.standing().fault is not None:  # its last losses are of weights before those that were kept
        first = score_of(runner.metric, kept[0].point.held_out)
        sound = [one for one in sound if score_of(runner.metric, one.point.held_out) <= first]
    return sound[-1] if sound else kept[0]
