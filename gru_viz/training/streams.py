"""Tasks whose data are drawn as they are needed: recall and adding, as short as the Train page wants them.

recall: letters stream by, a star before one of them; at the end, name it. adding: numbers stream by in 0..1,
two of them flagged; at the end, say their sum (Hochreiter and Schmidhuber 1997, section 5.4).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from gru_viz.models.card import Card, structure
from gru_viz.models.reading import Vocabulary
from gru_viz.models.sequence import SequenceModel
from gru_viz.tasks.family import Variant
from gru_viz.training.labelled import share

BATCH = 64
SHORTEST, LONGEST = 8, 30
PROBED = 500
TEST_SEED = 2**31 - 1
LETTERS, FLAG = "abcdefgh", "*"
CLOSE = 0.1
"""A sum within this counts as right."""


class RecallProblem:
    """Name the letter after the star."""

    def __init__(self, model: SequenceModel, seed: int) -> None:
        self.model = model
        assert model.vocabulary is not None
        vocabulary = model.vocabulary
        self._plain = torch.tensor([vocabulary.id(letter) for letter in LETTERS])
        self._flag = vocabulary.id(FLAG)
        self._dice = torch.Generator().manual_seed(seed)
        self._probed = self._drawn(LONGEST, PROBED, torch.Generator().manual_seed(TEST_SEED))

    @staticmethod
    def card(variant: Variant, hidden: int, layers: int) -> Card:
        """The structure of a model for this task."""
        symbols = Vocabulary.of(LETTERS + FLAG).symbols
        return structure(
            *("recall", "classify"),
            cell=variant.cell,
            directions=variant.directions,
            input_size=16,
            hidden_size=hidden,
            num_layers=layers,
            vocabulary={"symbols": list(symbols), "folds": False},
            labels=tuple(LETTERS),
        )

    def _drawn(self, steps: int, count: int, dice: torch.Generator) -> tuple[Tensor, Tensor]:
        """(T, B) ids and (B,) the flagged letter."""
        drawn = torch.randint(len(LETTERS), (steps, count), generator=dice)
        place = torch.randint(steps - 1, (count,), generator=dice)
        which = drawn[place + 1, torch.arange(count)]
        ids = self._plain[drawn]
        ids[place, torch.arange(count)] = self._flag
        return ids, which

    def loss(self) -> Tensor:
        """Cross-entropy at the last letter; every batch has a length of its own."""
        steps = int(torch.randint(SHORTEST, LONGEST + 1, (1,), generator=self._dice))
        ids, which = self._drawn(steps, BATCH, self._dice)
        return F.cross_entropy(self.model(ids)[0][-1], which)

    def probe(self) -> tuple[str, float]:
        """How often the letter is named at the longest length, on streams drawn once."""
        ids, which = self._probed
        with torch.no_grad():
            return "accuracy", share(self.model(ids)[0][-1].argmax(-1) == which)

    def metrics(self) -> dict[str, Any]:
        """The same, beside guessing."""
        return {"accuracy": self.probe()[1], "baseline_accuracy": round(1 / len(LETTERS), 4), "held_out_texts": PROBED}

    def facts(self) -> dict[str, Any]:
        """What the card says of the data."""
        return {
            "task": "name the letter after the star",
            "data": f"drawn at random: {len(LETTERS)} letters, a star before one of them",
            "split": f"measured on {PROBED} streams of {LONGEST} letters, drawn from a seed of their own",
            "preprocessing": f"lengths {SHORTEST} to {LONGEST} in training",
        }


class AddingProblem:
    """Add the two flagged numbers."""

    def __init__(self, model: SequenceModel, seed: int) -> None:
        self.model = model
        self._dice = torch.Generator().manual_seed(seed)
        self._probed = drawn_sums(LONGEST, PROBED, torch.Generator().manual_seed(TEST_SEED))

    @staticmethod
    def card(variant: Variant, hidden: int, layers: int) -> Card:
        """The structure of a model for this task."""
        return structure(
            *("adding", "forecast"),
            cell=variant.cell,
            directions=variant.directions,
            input_size=2,
            hidden_size=hidden,
            num_layers=layers,
        )

    def loss(self) -> Tensor:
        """Mean squared error of the sum at the last number; every batch has a length of its own."""
        steps = int(torch.randint(SHORTEST, LONGEST + 1, (1,), generator=self._dice))
        numbers, total = drawn_sums(steps, BATCH, self._dice)
        return F.mse_loss(self.model(numbers)[0][-1, :, 0], total)

    def probe(self) -> tuple[str, float]:
        """How often the sum is right within 0.1 at the longest length, on streams drawn once."""
        numbers, total = self._probed
        with torch.no_grad():
            return "within_0.1", share((self.model(numbers)[0][-1, :, 0] - total).abs() <= CLOSE)

    def metrics(self) -> dict[str, Any]:
        """The same, beside always saying 1, the mean."""
        total = self._probed[1]
        return {
            "within_0.1": self.probe()[1],
            "baseline_within_0.1": share((total - 1).abs() <= CLOSE),
            "held_out_sequences": PROBED,
        }

    def facts(self) -> dict[str, Any]:
        """What the card says of the data."""
        return {
            "task": "add the two flagged numbers",
            "data": "drawn at random: numbers in 0..1, and a second column that flags one in each half",
            "split": f"measured on {PROBED} streams of {LONGEST} numbers, drawn from a seed of their own",
            "preprocessing": f"lengths {SHORTEST} to {LONGEST} in training",
        }


def drawn_sums(steps: int, count: int, dice: torch.Generator) -> tuple[Tensor, Tensor]:
    """(T, B, 2) numbers beside their flags, one flag in each half; (B,) the sum of the two flagged."""
    numbers = torch.rand(steps, count, generator=dice)
    half = steps // 2
    places = torch.stack(
        [torch.randint(half, (count,), generator=dice), torch.randint(half, steps, (count,), generator=dice)]
    )
    flags = torch.zeros(steps, count).scatter_(0, places, 1.0)
    return torch.stack([numbers, flags], -1), (numbers * flags).sum(0)
