"""The pages without a clock: what is measured is a test's own, and nothing is measured."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gru_viz.analysis.clock import Shape, Timing
from gru_viz.analysis.stopwatch import Busy, Failed, Measured, Outcome
from gru_viz.ui.kit import timing


class Clockless:
    """Stands for the stopwatch: answers what it is told to.

    Attributes:
        says: None while it "measures"; else the answer. A number stands for microseconds a step, growing by one.
        asked: every question.
    """

    def __init__(self) -> None:
        self.says: float | Busy | Failed | None = 10.0
        self.asked: list[Mapping[str, Shape]] = []
        self.forgotten = 0

    def ask(self, shapes: Mapping[str, Shape], _visitor: str = "") -> Outcome | None:
        self.asked.append(shapes)
        if isinstance(self.says, float):
            return Measured({name: Timing((self.says + place) * 1e-6) for place, name in enumerate(shapes)})
        return self.says

    def again(self, _shapes: Mapping[str, Shape]) -> None:
        self.forgotten += 1

    def leave(self, _visitor: str) -> None:
        """Nobody is missed."""


@pytest.fixture(autouse=True)
def clockless(monkeypatch: pytest.MonkeyPatch) -> Clockless:
    """The stopwatch of the pages."""
    found = Clockless()
    monkeypatch.setattr(timing, "STOPWATCH", found)
    return found
