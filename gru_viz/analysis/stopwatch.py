"""The one door to the clock: questions stand in line, a process of its own answers each, and nobody waits for it.

`ask` answers at once: what is known, or None while it is being measured; ask again a little later. Answers are kept,
so many visitors cost one measurement, and one who keeps pressing costs one every few seconds. The process ends when
the last visitor who asked has left, when it takes too long, and with this one.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from time import monotonic, time

import gru_viz
from gru_viz.analysis.clock import Shape, Timing, question

PATIENCE = 90.0
"""Seconds in which a measurement must have been made, the start of its process included."""
AT_LEAST = 5.0
"""Seconds an answer stands even when somebody wants to measure again."""
KEPT, KEPT_TROUBLE = 600.0, 60.0
"""Seconds after which a newcomer's question is measured anew, and after which one is that brought no figure."""
MOST = 64
"""How many answers are kept."""


@dataclass(frozen=True)
class Measured:
    """Seconds a step of everything that was asked for.

    Attributes:
        at: when it was measured, by the system's clock, in seconds since 1970.
    """

    times: Mapping[str, Timing]
    at: float = field(default_factory=time, compare=False)


@dataclass(frozen=True)
class Busy:
    """The machine did too much else for a figure that can be believed."""


@dataclass(frozen=True)
class Failed:
    """It cannot be measured here.

    Attributes:
        reason: as the system says it.
    """

    reason: str


Outcome = Measured | Busy | Failed


@dataclass(eq=False)
class Question:
    """One that waits in line or is being measured."""

    shapes: Mapping[str, Shape]
    visitors: set[str] = field(default_factory=set)
    process: subprocess.Popen[str] | None = None


Measure = Callable[[Question, "float | None"], "tuple[Outcome, float | None]"]
"""A question, and the yardstick at its fastest, to an answer and what the yardstick took."""

_Key = tuple[tuple[str, Shape], ...]


class Stopwatch:
    """The line of questions and the answers known.

    Args:
        measure: who measures; by default a process of its own.
        now: the clock by which answers grow old.
    """

    def __init__(self, measure: Measure | None = None, now: Callable[[], float] = monotonic) -> None:
        self._measure = measure or in_a_process
        self._now = now
        self._guard = Lock()
        self._line: list[Question] = []
        self._known: dict[_Key, tuple[Outcome, float]] = {}
        self._fastest: float | None = None
        self._at_work = False

    def ask(self, shapes: Mapping[str, Shape], visitor: str = "") -> Outcome | None:
        """What is known of these shapes, all on one device; None while it is being measured."""
        key = tuple(shapes.items())
        with self._guard:
            if key in self._known:
                outcome, at = self._known[key]
                if self._now() - at < (KEPT if isinstance(outcome, Measured) else KEPT_TROUBLE):
                    return outcome
            asked = next((one for one in self._line if tuple(one.shapes.items()) == key and one.visitors), None)
            if asked is None:
                asked = Question(dict(shapes))
                self._line.append(asked)
            asked.visitors.add(visitor)
            if not self._at_work:
                self._at_work = True
                Thread(target=self._work, name="stopwatch", daemon=True).start()
        return None

    def again(self, shapes: Mapping[str, Shape]) -> None:
        """Forget what is known of these, unless it has only just been measured."""
        key = tuple(shapes.items())
        with self._guard:
            if key in self._known and self._now() - self._known[key][1] >= AT_LEAST:
                del self._known[key]

    def leave(self, visitor: str) -> None:
        """A visitor has gone: what only they wanted to know is measured no more."""
        with self._guard:
            for asked in self._line:
                asked.visitors.discard(visitor)
                if not asked.visitors and asked.process is not None:
                    asked.process.kill()

    def _work(self) -> None:
        while True:
            with self._guard:
                self._line = [asked for asked in self._line if asked.visitors]
                if not self._line:
                    self._at_work = False
                    return
                asked, fastest = self._line[0], self._fastest
            outcome, yardstick = self._answer(asked, fastest)
            with self._guard:
                self._line.remove(asked)
                if yardstick is not None:
                    self._fastest = min(yardstick, self._fastest or yardstick)
                if asked.visitors:
                    self._known[tuple(asked.shapes.items())] = outcome, self._now()
                while len(self._known) > MOST:
                    del self._known[next(iter(self._known))]

    def _answer(self, asked: Question, fastest: float | None) -> tuple[Outcome, float | None]:
        try:
            return self._measure(asked, fastest)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the line goes on and the page can say it
            return Failed(str(fault) or type(fault).__name__), None


def in_a_process(asked: Question, fastest: float | None, patience: float = PATIENCE) -> tuple[Outcome, float | None]:
    """Start a process, give it the question, and read what it says."""
    quiet = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # on Windows a process may open a window
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(
            command(), stdin=pipe, stdout=pipe, stderr=pipe, env=_one_thread(), text=True, encoding="utf-8",
            errors="replace", creationflags=quiet,
        )  # fmt: skip
    except OSError as error:
        return Failed(str(error)), None
    asked.process = process
    atexit.register(process.kill)
    try:
        if not asked.visitors:  # they left while it started
            process.kill()
        out, trouble = process.communicate(question(asked.shapes, fastest), timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return Busy(), None
    finally:
        atexit.unregister(process.kill)
    return _read(process.returncode, out, trouble)


def command() -> list[str]:
    """The measuring process. It reads this very package, from a source tree as from a wheel, and nothing of the folder
    it is started in."""
    root = str(Path(gru_viz.__file__).resolve().parents[1])
    start = (
        "import sys; root = sys.argv[1]; root in sys.path or sys.path.insert(0, root); "
        "from gru_viz.analysis.clock import serve; serve()"
    )
    return [sys.executable, "-P", "-c", start, root]


def _one_thread() -> dict[str, str]:
    """The environment with one thread for every library torch computes with."""
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    return {**os.environ, **dict.fromkeys(names, "1")}


def _read(code: int, out: str, trouble: str) -> tuple[Outcome, float | None]:
    lines = out.strip().splitlines()
    if code or not lines:
        last = trouble.strip().splitlines()
        return Failed(last[-1] if last else f"exit status {code}"), None
    said = json.loads(lines[-1])
    if said["times"] is None:
        return Busy(), None
    return Measured({name: Timing(*one) for name, one in said["times"].items()}), said["yardstick"]
