"""Runs take turns: one after the other in the order they came, not all at once.

Streamlit gives every run a thread of its own. Python lets one of them compute at a time, so fifty at once get each
picture no sooner; but the thread that talks to the browsers then waits behind all of them, for every message it sends.
Where runs take turns it has one to wait for, and who came first is served first.

A run that takes long (a model is loaded, a text written on) makes way: whoever is next goes on beside it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, local
from time import monotonic

LONG = 0.25
"""Seconds after which a run is beside the turns: ten times what a letter takes."""


class _Place:
    """Of one who waits, in the queue."""

    def __init__(self) -> None:
        self.called = Event()
        self.turn = 0


class Turns:
    """Whose turn it is.

    Args:
        long: seconds a turn lasts at most before the next one begins.
    """

    def __init__(self, long: float = LONG) -> None:
        self.long = long
        self._guard = Lock()
        self._waiting: deque[_Place] = deque()
        self._begun: float | None = None
        self._turn = 0
        self._thread = local()

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn, and have it until the block ends. A thread that has it already goes on."""
        if getattr(self._thread, "has_it", False):
            yield
            return
        mine = self._wait()
        self._thread.has_it = True
        try:
            yield
        finally:
            self._thread.has_it = False
            with self._guard:
                if self._turn == mine:
                    self._begun = None
                    self._call()

    def _wait(self) -> int:
        """The number of the turn, when it has come."""
        place = _Place()
        with self._guard:
            self._waiting.append(place)
            self._call()
        while not place.called.wait(self.long):
            with self._guard:
                self._call()
        return place.turn

    def _call(self) -> None:
        """Let the next one begin, if the one before is over or takes long."""
        now = monotonic()
        if self._waiting and (self._begun is None or now - self._begun >= self.long):
            self._begun, self._turn = now, self._turn + 1
            place = self._waiting.popleft()
            place.turn = self._turn
            place.called.set()


TURNS = Turns()
"""Those of all visitors."""
