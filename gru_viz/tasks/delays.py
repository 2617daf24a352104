"""Tasks that ask for something seen long ago: what recall, copy and adding share.

Fresh sequences are made at every training step, of a delay drawn log-uniformly between 5 and 100, so that short
delays are learnt before long ones; accuracy is measured at delays from 5 to 200. Cells are compared at equal parameter
counts, each with its usual initialisation and the learning rate that suits it best among a few.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from gru_viz.cells.quantities import Cell
from gru_viz.errors import InputError
from gru_viz.models.card import Card
from gru_viz.models.sequence import SequenceModel
from gru_viz.tasks.family import GRU, INITIALISATION, Variant, fresh, matched, rate
from gru_viz.tasks.task import Budget, refuse_own_data

DELAYS = (5, 10, 20, 50, 100, 150, 200)
"""Where accuracy is measured."""

PROBED, PROBES = (5, 20, 50, 100), 128
"""The delays of which a learning curve is the mean accuracy, and the sequences at each."""

TRAINED = (5, 100)
"""The shortest and the longest delay of training."""

SYMBOLS = "abcdefgh"
EMBEDDING = 16
BATCH = 64
CLOSE = 0.1
"""How near a number must come to the true one to count as right."""

MEASURED = 1000
_HELD_OUT, _VALIDATION = 10**9, 2 * 10**9
"""Seeds of the sequences that are measured on, and of those that decide when to stop: training begins at small ones."""


class Sequences(NamedTuple):
    """Sequences of one delay, with what should be answered at their last steps.

    Attributes:
        inputs: symbols (T, n) int64 as the model's ids, or numbers (T, n, I).
        answers: (A, n): what is right at the last A steps: indices into the model's labels, or numbers.
    """

    inputs: Tensor
    answers: Tensor


@dataclass(frozen=True)
class Form:
    """One such task.

    Attributes:
        name: the task's, and its GRU's in the zoo.
        hidden: the width of that GRU.
        steps: optimiser steps.
        rates: the learning rate of each cell.
        least: the shortest delay that makes sense.
        card: the structure of a variant with so many hidden units.
        draw: (delay, n, dice) -> sequences.
        facts: the card's sentences.
        chance: how often an answer that ignores the input is right.
    """

    name: str
    hidden: int
    steps: int
    rates: Mapping[Cell, float]
    least: int
    card: Callable[[Variant, int], Card]
    draw: Callable[[int, int, Generator], Sequences]
    facts: Mapping[str, Any]
    chance: float

    def sequences(self, delay: int, n: int, seed: int) -> Sequences:
        """n sequences with this delay; the same seed gives the same ones.

        Raises:
            InputError: the delay is too short for the task, or n is less than 1.
        """
        if delay < self.least:
            raise InputError(
                "delay.short",
                "The delay of {task} must be at least {least}, not {value}.",
                task=self.name,
                least=self.least,
                value=delay,
            )
        if n < 1:
            raise InputError("delay.count", "The number of sequences must be 1 or more, not {value}.", value=n)
        return self.draw(delay, n, Generator().manual_seed(seed))


def loss(model: SequenceModel, sequences: Sequences) -> Tensor:
    """Nats an answer, or for numbers the mean squared error."""
    answers = sequences.answers.to(model.device)
    scores = model(sequences.inputs.to(model.device))[0][-len(answers) :]
    if model.kind == "forecast":
        return F.mse_loss(scores[..., 0], answers)
    return F.cross_entropy(scores.flatten(0, 1), answers.flatten())


@torch.no_grad()
def accuracy(model: SequenceModel, sequences: Sequences) -> float:
    """The share of answers that are right; of numbers, that are within 0.1 of the truth."""
    scores = model(sequences.inputs.to(model.device))[0][-len(sequences.answers) :].cpu()
    if model.kind == "forecast":
        hit = (scores[..., 0] - sequences.answers).abs() <= CLOSE
    else:
        hit = scores.argmax(-1) == sequences.answers
    return round(hit.cpu().double().mean().item(), 4)


class DelayTask:
    """One form for one cell."""

    def __init__(self, form: Form, variant: Variant = GRU, seed: int = 0) -> None:
        self.form, self.variant, self.seed = form, variant, seed
        self.name = variant.of(form.name)
        self.budget = Budget(form.steps, rate(form.rates, variant.cell), weight_decay=0.0)

    def with_seed(self, seed: int) -> DelayTask:
        """The same task begun from another seed: other weights, other sequences."""
        return DelayTask(self.form, self.variant, seed)

    def prepare(self, data: Path | None = None) -> DelayProblem:
        refuse_own_data(self.name, data)
        return DelayProblem(self.form, self.variant, self.seed)


class DelayProblem:
    """Sequences without end, made as they are needed."""

    def __init__(self, form: Form, variant: Variant, seed: int) -> None:
        self.model = fresh(matched(form.card, variant, form.hidden), seed)
        self._form = form
        self._dice = Generator().manual_seed(seed)

    def loss(self) -> Tensor:
        """The loss on fresh sequences whose delay is drawn log-uniformly from the trained range."""
        short, long = TRAINED
        drawn = torch.rand((), generator=self._dice).item()
        return loss(self.model, self._form.draw(int(short * (long / short) ** drawn), BATCH, self._dice))

    def probe(self) -> tuple[str, float]:
        """Mean accuracy over a few delays on few sequences."""
        found = self._by_delay(PROBED, PROBES, _VALIDATION)
        return "accuracy", round(sum(found.values()) / len(found), 4)

    def score(self) -> float:
        """Mean accuracy over all delays, on sequences that are only used to decide when a training has to stop."""
        found = self._by_delay(DELAYS, 250, _VALIDATION)
        return sum(found.values()) / len(found)

    def accuracy_by_delay(self) -> dict[str, float]:
        """Accuracy at every delay of `DELAYS` on the sequences that every model is measured on."""
        return self._by_delay(DELAYS, MEASURED, _HELD_OUT)

    def _by_delay(self, delays: tuple[int, ...], n: int, seed: int) -> dict[str, float]:
        return {str(d): accuracy(self.model, self._form.sequences(d, n, seed + d)) for d in delays}

    def metrics(self) -> dict[str, Any]:
        """What these weights are worth at every delay, beside chance."""
        found = self.accuracy_by_delay()
        return {
            "accuracy": round(sum(found.values()) / len(found), 4),
            "accuracy_by_delay": found,
            "baseline_accuracy": self._form.chance,
            "sequences_a_delay": MEASURED,
        }

    def facts(self) -> dict[str, Any]:
        return {**COMMON, **self._form.facts}


COMMON: dict[str, Any] = {
    "data": "none: sequences are drawn at random, without end",
    "data_source": "a random generator with the seed on the card",
    "licence": "The weights: Apache-2.0.",
    "split": "measured on sequences from a seed of their own, the same for every cell",
    "initialisation": INITIALISATION,
    "chosen_on": {"learning_rate": "unrecorded"},
    "measured": f"{MEASURED} sequences a delay",
}

STUDIED: dict[str, Any] = {
    "measured": f"{MEASURED} sequences a delay. same_steps: every cell with equally many optimiser steps. "
    "until_it_stops: training starts again with twice the steps until the mean accuracy over all delays, on sequences "
    "kept for that, gains less than 0.01, at most twice; the best run counts. Three seeds each: seed 0 with the "
    "same steps is the model in this folder",
    "fairness": "Equally many parameters, the usual initialisation of each cell, and for each cell a learning rate "
    "chosen by seed 0's mean accuracy: 0.008 where that gave 1.00, else the best of 0.001, 0.003 and 0.008, and for "
    "the plain RNN of 0.0003 too",
}
"""What the card says once cells and budgets have been compared."""
