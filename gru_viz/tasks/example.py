"""example: the `nn.GRU(5, 6, 2)` of PyTorch's documentation, seeded, untrained, and labelled so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gru_viz.errors import ModelError
from gru_viz.models.card import structure
from gru_viz.models.sequence import SequenceModel
from gru_viz.tasks.task import Budget, refuse_own_data

INPUT_SHAPE = (1, 3, 5)
H0_SHAPE = (2, 3, 6)


class Example:
    """Nothing is learnt: the weights are torch's own initialisation after `torch.manual_seed(0)`."""

    name = "example"
    seed = 0
    budget = Budget(steps=0)

    def prepare(self, data: Path | None = None) -> ExampleProblem:
        refuse_own_data(self.name, data)
        return ExampleProblem(self.seed)


class ExampleProblem:
    """The same three lines as the tutorial, with a seed before them."""

    def __init__(self, seed: int) -> None:
        torch.manual_seed(seed)
        self.model = SequenceModel(structure("example", "none", input_size=5, hidden_size=6, num_layers=2))

    def loss(self) -> Tensor:
        raise ModelError("training.nothing", "The task {name} has nothing to learn.", name="example")

    def probe(self) -> tuple[str, float]:
        raise ModelError("training.nothing", "The task {name} has nothing to learn.", name="example")

    def metrics(self) -> dict[str, Any]:
        return {}

    def facts(self) -> dict[str, Any]:
        return {
            "title": "nn.GRU(5, 6, 2), untrained",
            "task": "none: untrained, weights as torch.manual_seed(0) and nn.GRU(5, 6, 2) make them",
            "data": "none",
            "data_source": "none",
            "licence": "The weights: Apache-2.0.",
            "preprocessing": "none",
            "split": "none",
            "input_shape": list(INPUT_SHAPE),
            "h0_shape": list(H0_SHAPE),
            "bad_at": "Everything: it has learnt nothing. It is here to show shapes and layers.",
            "hint": [],
        }
