"""A visitor's training run: it survives reruns and other pages, and ends with the browser.

Streamlit empties a session's own cache the moment its connection ends (`st.cache_resource(scope="session")`): that is
how we hear of it. The worker stops at once. A connection that only stumbled finds its run again, stopped, if the
visitor is back within a minute on any page; then it is forgotten. Runs are kept here and not in the session's state,
which outlives the connection.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import partial
from threading import Lock, Thread, Timer
from typing import Any

import streamlit as st
import torch
from torch.optim import AdamW

from gru_viz.errors import InputError, ModelError
from gru_viz.models.sequence import SequenceModel
from gru_viz.training import studies
from gru_viz.training.race import Race, Standing
from gru_viz.training.studies import Recipe, Study
from gru_viz.training.workers import Job, State, Workers
from gru_viz.ui.kit.heap import settle

GRACE = 60.0
"""Seconds a run is kept after its browser has gone."""
_TOKEN = "training"

WORKERS = Workers()
"""The machine's places for training, shared by all visitors."""


@dataclass
class Session:
    """One press of Start.

    Attributes:
        recipe, study: what is trained.
        start: a model that goes on from its weights, if any.
        before: the curves of the run before it, of the same task, for comparison.
        race: there as soon as the worker has begun.
        shown: the snapshot that is looked at, by runner and step, as a model; orders: of units, by likeness.
    """

    recipe: Recipe
    study: Study
    start: SequenceModel | None = None
    before: tuple[Standing, ...] = ()
    race: Race | None = None
    shown: tuple[tuple[Any, ...], SequenceModel] | None = None
    orders: dict[tuple[Any, ...], list[int]] = field(default_factory=dict)
    identity: str = field(default_factory=lambda: secrets.token_hex(8))
    job: Job = field(init=False)

    def __post_init__(self) -> None:
        self.job = Job(WORKERS, self._step, partial(studies.fits, self.study, self.recipe, self.start))

    def _step(self) -> bool:
        if self.race is None:
            self.race = studies.race(self.study, self.recipe, self.start)
            return True
        return self.race.advance()

    @property
    def state(self) -> State:
        """What its worker does."""
        return self.job.state

    @property
    def active(self) -> bool:
        """Whether it trains or waits to."""
        return self.state in (State.WORKING, State.WAITING)

    @property
    def begun(self) -> bool:
        """Whether every runner has at least its initialisation to show."""
        return self.race is not None and all(runner.snapshots for runner in self.race.runners)

    @property
    def can_go_on(self) -> bool:
        """Whether it was stopped before its end."""
        return self.state is State.STOPPED and (self.race is None or not self.race.over)

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
        if self.race and self.state is State.STOPPED:
            for runner in self.race.runners:
                runner.rest()

    def standings(self) -> tuple[Standing, ...]:
        """Where its runners stand; none before the worker has begun."""
        return tuple(self.race.standings()) if self.race else ()


_RUNS: dict[str, Session] = {}
_LEAVING: dict[str, Timer] = {}
_GUARD = Lock()


def current() -> Session | None:
    """This visitor's run."""
    token = _token()
    with _GUARD:
        return _RUNS.get(token)


def begin(recipe: Recipe, study: Study, start: SequenceModel | None = None) -> Session:
    """Start a new run in place of the one there was."""
    token = _token()
    old = current()
    before = old.standings() if old is not None and old.study.identity == study.identity else ()
    if old is not None:
        old.job.stop()
    run = Session(recipe, study, start, before)
    with _GUARD:
        _RUNS[token] = run
    run.job.start()
    return run


def _token() -> str:
    """This visitor's name here; asking for it also says that the visitor is present."""
    token = st.session_state.setdefault(_TOKEN, secrets.token_hex(8))
    _present(token)
    return token


def visitor_is_here() -> None:
    """Say so on every page: whoever comes back after a broken connection need not come back to this one."""
    if _TOKEN in st.session_state:
        _present(st.session_state[_TOKEN])


def leave(token: str, grace: float = GRACE) -> None:
    """The browser has gone: stop the worker now, forget the run after the grace."""
    with _GUARD:
        run = _RUNS.get(token)
        if run is None:
            return
        run.job.stop()
        timer = Timer(grace, forget, (token,))
        timer.daemon = True
        _LEAVING[token] = timer
        timer.start()


def stay(token: str) -> str:
    """The browser is here, perhaps again."""
    with _GUARD:
        timer = _LEAVING.pop(token, None)
    if timer is not None:
        timer.cancel()
    return token


def forget(token: str) -> None:
    """Drop a visitor's run and all it holds."""
    with _GUARD:
        _LEAVING.pop(token, None)
        run = _RUNS.pop(token, None)
    if run is not None:
        run.job.stop()


@st.cache_resource(show_spinner=False)
def warm_up() -> None:
    """torch loads half of itself with the first optimiser: done once, while the first visitor still looks around."""
    Thread(target=_warm, name="warm-up", daemon=True).start()


def _warm() -> None:
    AdamW([torch.zeros(1, requires_grad=True)])
    settle()


def _left(token: str) -> None:
    leave(token)


@st.cache_resource(scope="session", on_release=_left, show_spinner=False)
def _present(token: str) -> str:
    """Called once a connection; what it returns is released when the connection ends."""
    return stay(token)
