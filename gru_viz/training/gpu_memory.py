"""Whether a run fits on the GPU now: what it will need, by estimate, against what CUDA says is free.

The estimate errs on the large side. A parameter is kept four times (itself, its gradient, AdamW's two means), and for
the backward pass every step of every example keeps the gates, the state and what autograd saves beside them: `KEPT`
values a unit, layer and direction. Everything in float32.
"""

from __future__ import annotations

import torch

from gru_viz.models.card import Card
from gru_viz.tasks.family import parameters

KEPT = 16
"""Values a unit keeps a step for the backward pass: an LSTM's 4 gates, c, tanh(c) and h, and their gradients."""
LONGEST = 256
"""Steps an example is taken to have where a task does not say: more than most have."""
MARGIN = 512 * 2**20
"""Bytes for kernels, cuDNN's workspace and the fragments between."""
_FLOAT = 4


def needed(cards: list[Card], examples: int) -> int:
    """Bytes that training these models side by side will take.

    Args:
        examples: of one training step, of `LONGEST` steps each.
    """
    kept = sum(4 * parameters(card) + KEPT * _units(card) * examples * LONGEST for card in cards)
    return kept * _FLOAT + MARGIN


def _units(card: Card) -> int:
    return card["hidden_size"] * card["num_layers"] * len(card["directions"])


def free() -> int:
    """Bytes a run could get: what the driver has, and what torch keeps for this process but does not use."""
    unused, _ = torch.cuda.mem_get_info()
    return unused + torch.cuda.memory_reserved() - torch.cuda.memory_allocated()
