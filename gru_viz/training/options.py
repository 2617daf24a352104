"""What a run of `gru-viz train` does otherwise than its task would by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from gru_viz.devices import devices
from gru_viz.errors import InputError
from gru_viz.tasks.task import Budget

MOST = 100
"""The highest learning rate; far below it everything diverges already."""


@dataclass(frozen=True)
class Options:
    """What is asked for; None leaves it to the task.

    Attributes:
        data: a file or folder of the user's own, where the task can use one.
        steps: optimiser steps.
        learning_rate: the schedule's peak.
        patience: end when so many steps brought no better held-out value, and keep the best weights.
        device: "cpu", "cuda" or "mps"; the CPU by itself.
    """

    data: Path | None = None
    steps: int | None = None
    learning_rate: float | None = None
    patience: int | None = None
    device: str | None = None

    def check(self) -> None:
        """Raises an InputError that names the first option that cannot be."""
        if self.steps is not None and self.steps < 0:
            raise InputError("training.steps", "The number of steps must be 0 or more, not {value}.", value=self.steps)
        rate = self.learning_rate
        if rate is not None and not 0 < rate <= MOST:
            raise InputError(
                "training.rate",
                "The learning rate must be above 0 and at most {most}, not {value}.",
                most=MOST,
                value=rate,
            )
        if self.patience is not None and self.patience < 1:
            raise InputError(
                "training.patience", "The patience must be 1 step or more, not {value}.", value=self.patience
            )
        if self.device is not None and self.device not in devices():
            raise InputError(
                "training.device",
                "There is no device {device} here; there are {known}.",
                device=self.device,
                known=", ".join(devices()),
            )

    def budget(self, own: Budget) -> Budget:
        """A task's own budget, changed as asked."""
        asked = {"steps": self.steps, "learning_rate": self.learning_rate, "patience": self.patience}
        return replace(own, **{name: value for name, value in asked.items() if value is not None})

    def command(self, name: str) -> str:
        """The command line that makes this model again. A file of the user's own is named, its folder is not."""
        said = {
            "--data": self.data.name if self.data else None,
            "--steps": self.steps,
            "--learning-rate": self.learning_rate,
            "--patience": self.patience,
            "--device": self.device,
        }
        options = [f"{option} {value}" for option, value in said.items() if value is not None]
        return " ".join(["gru-viz train", name, *options])
