"""Worker threads for many visitors: at most one a core, a line for the rest, and turns so that nobody waits for long.

A job is one visitor's training. It has a thread of its own, which works while the job has a place and sleeps while it
waits in line. Who comes first is let in first; when others wait, a job that has had its turn goes to the end of the
line and keeps everything it has learnt. Jobs stop between two steps.

Places are cores. A job that needs more than a core, memory of a GPU, says whether it fits; until it does it lets those
behind it pass, unless nobody works at all: then it may try, and fail in its own words.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from threading import Condition, Event, Thread
from time import monotonic

import torch

from gru_viz.limits import TURN_SECONDS, cores

LOOK = 2.0
"""Seconds after which those in line look again: a GPU's memory is freed without a word."""


class JobState(StrEnum):
    """What a job does."""

    WAITING = "waiting"
    WORKING = "working"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


class Workers:
    """The places and the line in front of them.

    Args:
        places: how many jobs work at once; by default one a core.
        turn: seconds a job may work while others wait.
    """

    def __init__(
        self, places: int | None = None, turn: float = TURN_SECONDS, clock: Callable[[], float] = monotonic
    ) -> None:
        self.places = places or places_here()
        self.turn = turn
        self.clock = clock
        self._line: deque[Job] = deque()
        self._working: dict[Job, float] = {}
        self._changed = Condition()

    def place(self, job: Job) -> int:
        """0 while a job works or is not here; else how far it is from the front, 1 being the next to be let in."""
        with self._changed:
            return self._line.index(job) + 1 if job in self._line else 0

    def busy(self) -> int:
        """How many jobs work now."""
        with self._changed:
            return len(self._working)

    def wait(self, job: Job) -> bool:
        """Stand in line until there is a place; False if the job was asked to stop meanwhile."""
        with self._changed:
            self._line.append(job)
            while not self._changed.wait_for(lambda: job.asked_to_stop or self._may_enter(job), LOOK):
                pass
            self._line.remove(job)
            if not job.asked_to_stop:
                self._working[job] = self.clock()
            self._changed.notify_all()
            return not job.asked_to_stop

    def _may_enter(self, job: Job) -> bool:
        free = self.places - len(self._working)
        if free <= 0:
            return False
        before = list(self._line)[: self._line.index(job)]
        if not self._working and not before:
            return True
        return job.fits() and sum(one.fits() for one in before) < free

    def turn_is_over(self, job: Job) -> bool:
        """Whether others wait and this job has had its turn."""
        return bool(self._line) and self.clock() - self._working[job] >= self.turn

    def leave(self, job: Job) -> None:
        """Give the place back."""
        with self._changed:
            self._working.pop(job, None)
            self._changed.notify_all()

    def wake(self) -> None:
        """Let those in line look whether they are still wanted."""
        with self._changed:
            self._changed.notify_all()


class Job:
    """One visitor's work.

    Args:
        workers: who gives it a place.
        step: does a little and says whether there is more; called again and again in the job's own thread.
        fits: whether there is room for it now, asked until it has begun: from then on it has what it needs.
    """

    def __init__(self, workers: Workers, step: Callable[[], bool], fits: Callable[[], bool] = lambda: True) -> None:
        self._workers, self._step, self._fits = workers, step, fits
        self._begun = False
        self._stop = Event()
        self._thread: Thread | None = None
        self._over = False
        self.fault: BaseException | None = None

    def fits(self) -> bool:
        """Whether there is room for it."""
        return self._begun or self._fits()

    @property
    def asked_to_stop(self) -> bool:
        """Whether it should stop after this step."""
        return self._stop.is_set()

    @property
    def state(self) -> JobState:
        """What it does now."""
        if self.fault is not None:
            return JobState.FAILED
        if self._over:
            return JobState.DONE
        if self._thread is None or not self._thread.is_alive():
            return JobState.STOPPED
        return JobState.WAITING if self._workers.place(self) else JobState.WORKING

    @property
    def place(self) -> int:
        """Its place in line; 0 when it does not wait."""
        return self._workers.place(self)

    def start(self) -> None:
        """Begin, or go on after `stop`; nothing happens while it is at work."""
        if self._over or (self._thread is not None and self._thread.is_alive() and not self.asked_to_stop):
            return
        self.join()
        self._stop.clear()
        self._thread = Thread(target=self._work, name="training", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask it to stop after its step; what it has learnt stays."""
        self._stop.set()
        self._workers.wake()

    def join(self, timeout: float | None = None) -> None:
        """Wait until its thread has ended."""
        if self._thread is not None:
            self._thread.join(timeout)

    def _work(self) -> None:
        torch.set_num_threads(1)  # a worker is one core
        try:
            while not self.asked_to_stop and not self._over and self._workers.wait(self):
                self._begun = True
                try:
                    self._turn()
                finally:
                    self._workers.leave(self)
        except BaseException as fault:  # noqa: BLE001 - whatever it is, the page must be able to say it
            self.fault = fault

    def _turn(self) -> None:
        while not self.asked_to_stop:
            if not self._step():
                self._over = True
                return
            if self._workers.turn_is_over(self):
                return


def places_here() -> int:
    """One a core that this process may use; `GRU_VIZ_WORKERS` says otherwise."""
    named = os.environ.get("GRU_VIZ_WORKERS", "")
    return int(named) if named.isdecimal() and int(named) > 0 else cores()
