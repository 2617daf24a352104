"""The zoo's games of memory, recall and adding, with delays short enough to be learnt in seconds."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gru_viz.models.card import Card
from gru_viz.models.sequence import SequenceModel
from gru_viz.tasks import delays
from gru_viz.tasks.delays import BATCH, Form
from gru_viz.tasks.family import Variant

SHORTEST, LONGEST = 5, 30
PROBED = 500
HELD_OUT_SEED = 10**9
"""The sequences measured on; training draws from small seeds."""


def card(form: Form, variant: Variant, hidden: int, layers: int) -> Card:
    """The structure of a model for a game: the zoo's, with layers and directions of one's own."""
    return form.card(variant, hidden) | {"num_layers": layers, "directions": list(variant.directions)}


class StreamProblem:
    """Sequences drawn as they are needed; a batch has one delay."""

    def __init__(self, form: Form, model: SequenceModel, seed: int) -> None:
        self.model = model
        self._form = form
        self._dice = torch.Generator().manual_seed(seed)

    def loss(self) -> Tensor:
        """The loss at the last step, of fresh sequences with a delay drawn from the range."""
        delay = int(torch.randint(SHORTEST, LONGEST + 1, (), generator=self._dice))
        return delays.loss(self.model, self._form.draw(delay, BATCH, self._dice))

    def probe(self) -> tuple[str, float]:
        """How often the answer is right at the longest delay, on sequences drawn once."""
        return "accuracy", delays.accuracy(self.model, self._form.sequences(LONGEST, PROBED, HELD_OUT_SEED))

    def metrics(self) -> dict[str, Any]:
        """The same, beside chance."""
        return {"accuracy": self.probe()[1], "baseline_accuracy": self._form.chance, "held_out_sequences": PROBED}

    def facts(self) -> dict[str, Any]:
        """The zoo's sentences, where they hold here too."""
        said = {key: self._form.facts[key] for key in ("task", "bad_at", "hint", "predicts") if key in self._form.facts}
        return said | {
            "data": "none: sequences are drawn at random, without end",
            "data_source": "a random generator with the seed on the card",
            "split": f"measured on {PROBED} sequences of delay {LONGEST}, drawn from a seed of their own",
            "preprocessing": f"delays {SHORTEST} to {LONGEST} in training",
        }
