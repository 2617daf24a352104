"""What a task is: data → a fresh model, the loss of one training step, and what the trained model is worth.

A task knows nothing about optimisers or files; `gru_viz.training` runs it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor

from gru_viz.errors import ModelError
from gru_viz.models.sequence import SequenceModel


@dataclass(frozen=True)
class Budget:
    """How long and how hard a model is trained: AdamW under a OneCycle schedule.

    Attributes:
        steps: optimiser steps; 0 leaves the model as it was seeded.
        learning_rate: the schedule's peak.
        warmup: share of the steps in which the rate climbs to its peak.
        clip: largest norm of the gradient over all parameters.
        patience: steps without a better held-out value after which a run ends, with its best weights; 0: never.
    """

    steps: int
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.1
    clip: float = 1.0
    patience: int = 0


RISES = {"accuracy": True, "bits_per_character": False, "root_mean_square_error": False}
"""Whether a held-out value, as a `Problem.probe` names it, rises as a model learns; errors fall."""


class Problem(Protocol):
    """A task with its data read: everything a training run needs."""

    model: SequenceModel

    def loss(self) -> Tensor:
        """The loss of the next training step, on the next batch of this problem's own seeded order."""
        ...

    def metrics(self) -> dict[str, Any]:
        """What the model is worth on data it was never trained on, beside a baseline."""
        ...

    def probe(self) -> tuple[str, float]:
        """A metric's name and its value on a fixed, small part of the held-out data, for the learning curve.

        Cheap, and without effect on the training: it draws no random number of torch's or of the problem's.
        """
        ...

    def facts(self) -> dict[str, Any]:
        """The card's sentences about data and model."""
        ...


class Task(Protocol):
    """A name, a budget, and how to get from data to a problem."""

    name: str
    budget: Budget
    seed: int

    def prepare(self, data: Path | None = None) -> Problem:
        """Read the data (a file of the user's own where the task can use one) and build the untrained model."""
        ...


def task_of(name: str, known: Mapping[str, Task]) -> Task:
    """The task of a name.

    Raises:
        ModelError: there is no such task among those that are known.
    """
    if (task := known.get(name)) is None:
        raise ModelError(
            "training.unknown", "There is no task {name}; there are {known}.", name=repr(name), known=", ".join(known)
        )
    return task


def refuse_own_data(name: str, data: Path | None) -> None:
    """Raises a ModelError where a task that takes no data of the user's own is given some."""
    if data is not None:
        raise ModelError("training.own_data", "The task {name} takes no data of your own.", name=name)


def order_by_hash(key: str) -> int:
    """A number in 0..2^64 that only the key decides: the first eight bytes of its SHA-256."""
    return int.from_bytes(hashlib.sha256(key.encode("utf-8")).digest()[:8], "big")


def held_out(key: str, share: float) -> bool:
    """Whether what `key` names is kept from training: the same on every machine and in every run."""
    return order_by_hash(key) < share * 2**64


def share(hits: Tensor) -> float:
    """The share of True, to four digits."""
    return round(hits.cpu().double().mean().item(), 4)
