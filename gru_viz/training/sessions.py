"""A visitor's training: a press of Start, kept as long as the visitor is there.

Nothing in it knows of a page: whoever serves visitors says who begins, leaves, comes back. Whoever leaves ends the
worker's work at once, and whoever is back within a grace finds everything again, stopped; then it is forgotten.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import partial
from threading import Lock, Timer
from typing import Any

from gru_viz.errors import InputError, ModelError
from gru_viz.limits import GRACE_SECONDS
from gru_viz.models.sequence import SequenceModel
from gru_viz.training import studies
from gru_viz.training.race import Race, Runner, Snapshot, Standing
from gru_viz.training.studies import Recipe, Study
from gru_viz.training.workers import Job, JobState, Workers


@dataclass
class Session:
    """One press of Start.

    Attributes:
        recipe, study: what is trained.
        workers: who gives it a place.
        start: a model that goes on from its weights, if any.
        before: the curves of the session before it, of the same task, for comparison.
        race: there as soon as the worker has begun.
        shown: the snapshot that is looked at, by runner and step, as a model; orders: of units, by likeness.
    """

    recipe: Recipe
    study: Study
    workers: Workers
    start: SequenceModel | None = None
    before: tuple[Standing, ...] = ()
    race: Race | None = None
    shown: tuple[tuple[Any, ...], SequenceModel] | None = None
    orders: dict[tuple[Any, ...], list[int]] = field(default_factory=dict)
    identity: str = field(default_factory=lambda: secrets.token_hex(8))
    job: Job = field(init=False)

    def __post_init__(self) -> None:
        self.job = Job(self.workers, self._step, partial(studies.fits, self.study, self.recipe, self.start))

    def _step(self) -> bool:
        if self.race is None:
            self.race = studies.race(self.study, self.recipe, self.start)
            return True
        return self.race.advance()

    @property
    def state(self) -> JobState:
        """What its worker does."""
        return self.job.state

    @property
    def active(self) -> bool:
        """Whether it trains or waits to."""
        return self.state in (JobState.WORKING, JobState.WAITING)

    @property
    def begun(self) -> bool:
        """Whether every runner has at least its initialisation to show."""
        return self.race is not None and all(runner.snapshots for runner in self.race.runners)

    @property
    def can_go_on(self) -> bool:
        """Whether it was stopped before its end."""
        return self.state is JobState.STOPPED and (self.race is None or not self.race.over)

    @property
    def fault(self) -> InputError | ModelError | None:
        """Why it could not be trained at all."""
        fault = self.job.fault
        if fault is None or isinstance(fault, (InputError, ModelError)):
            return fault
        return ModelError(
            "training.failed", "The training failed: {reason}.", reason=str(fault) or type(fault).__name__
        )

    def rest(self) -> None:
        """Once it stands still: keep the weights of where it stopped."""
        if self.race and self.state is JobState.STOPPED:
            for runner in self.race.runners:
                runner.rest()

    def standings(self) -> tuple[Standing, ...]:
        """Where its runners stand; none before the worker has begun."""
        return tuple(self.race.standings()) if self.race else ()

    def model(self, runner: Runner, at: Snapshot) -> SequenceModel:
        """A runner's model as it was at a snapshot, with its card; kept here, so that it goes when the session goes."""
        key = (runner.name, at.step, runner.standing().step)
        if self.shown is None or self.shown[0] != key:
            self.shown = key, studies.trained(runner, self.study, at)
        return self.shown[1]


class Sessions:
    """Every visitor's latest session, by the visitor's token."""

    def __init__(self) -> None:
        self.kept: dict[str, Session] = {}
        self.leaving: dict[str, Timer] = {}
        self._guard = Lock()

    def of(self, token: str) -> Session | None:
        """A visitor's."""
        with self._guard:
            return self.kept.get(token)

    def begin(
        self, token: str, workers: Workers, recipe: Recipe, study: Study, start: SequenceModel | None = None
    ) -> Session:
        """Start a new one in place of the one there was."""
        old = self.of(token)
        before = old.standings() if old is not None and old.study.identity == study.identity else ()
        if old is not None:
            old.job.stop()
        session = Session(recipe, study, workers, start, before)
        with self._guard:
            self.kept[token] = session
        session.job.start()
        return session

    def leave(self, token: str, grace: float = GRACE_SECONDS) -> None:
        """The visitor has gone: stop the worker now, forget the session after the grace."""
        with self._guard:
            session = self.kept.get(token)
            if session is None:
                return
            session.job.stop()
            timer = Timer(grace, self.forget, (token,))
            timer.daemon = True
            self.leaving[token] = timer
            timer.start()

    def stay(self, token: str) -> None:
        """The visitor is here, perhaps again."""
        with self._guard:
            timer = self.leaving.pop(token, None)
        if timer is not None:
            timer.cancel()

    def forget(self, token: str) -> None:
        """Drop a visitor's session and all it holds."""
        with self._guard:
            self.leaving.pop(token, None)
            session = self.kept.pop(token, None)
        if session is not None:
            session.job.stop()
