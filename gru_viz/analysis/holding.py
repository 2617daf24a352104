"""How long a state holds a difference: two sequences that differ in one symbol, and how far apart their states stay.

What a state no longer holds cannot be answered: once the two states are the same, nothing after them can tell which
symbol was flagged. The reverse is not true; a state can differ in ways that no head can read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor

from gru_viz.models.sequence import SequenceModel
from gru_viz.tasks.delays import SYMBOLS, Sequences

NONE = 1e-12
"""A distance that stands for none where one is divided by it."""

MakeTwins = Callable[[Tensor, Generator], tuple[Tensor, Tensor]]


def twins(task: str, sequences: Sequences, seed: int) -> tuple[Tensor, Tensor]:
    """The same inputs with another symbol where the answer is given away, and where that is.

    recall: another flagged letter. copy: another first letter. adding: another first flagged number, half of the range
    away.

    Args:
        task: one of "recall", "copy", "adding".

    Returns:
        Inputs of the same shape, and (n,) the step of each sequence at which they differ.
    """
    return _CHANGES[task](sequences.inputs.clone(), Generator().manual_seed(seed))


@dataclass(frozen=True)
class Left:
    """How far apart the states of pairs stay, as a share of right after the step in which they differ.

    Attributes:
        mean: (K,) step by step, the mean distance of all pairs as a share of the first such mean: 1 first; 0 means
            nothing of the difference is left.
        low, high: the quartiles over the pairs of each one's last distance as a share of its own first.
    """

    mean: Sequence[float]
    low: float
    high: float


def left(model: SequenceModel, one: Tensor, other: Tensor, at: Tensor) -> Left:
    """How far apart the states of two sets of sequences stay, step by step after they differ: the Euclidean distance
    between the two h of the last layer.

    Args:
        one, other: symbols (T, n) or numbers (T, n, I).
        at: (n,) the step at which each pair differs.

    Returns:
        Of the K steps that every pair has after its own, the first of them included.
    """
    with torch.no_grad():
        states = [_states(model, inputs) for inputs in (one, other)]
    distance = (states[0] - states[1]).norm(dim=-1)
    count = int(len(distance) - at.max())
    aligned = distance.gather(0, at + torch.arange(count)[:, None]).double().numpy()
    mean = aligned.mean(axis=1)
    low, high = np.percentile(aligned[-1] / np.maximum(aligned[0], NONE), (25, 75))
    return Left((mean / max(mean[0], NONE)).tolist(), float(low), float(high))


def _states(model: SequenceModel, inputs: Tensor) -> Tensor:
    """(T, n, H): what the head reads."""
    x = inputs.to(model.device)
    return model.rnn(model.embedding(x) if model.embedding else x)[0].float().cpu()


def _another(rows: Tensor, first: int, dice: Generator) -> Tensor:
    """Each symbol replaced by another of the eight that begin at id `first`."""
    by = torch.randint(1, len(SYMBOLS), rows.shape, generator=dice)
    return (rows - first + by) % len(SYMBOLS) + first


def _recall(inputs: Tensor, dice: Generator) -> tuple[Tensor, Tensor]:
    capitals = len(SYMBOLS) + 1
    at = (inputs >= capitals).int().argmax(dim=0)
    each = torch.arange(inputs.shape[1])
    inputs[at, each] = _another(inputs[at, each], capitals, dice)
    return inputs, at


def _copy(inputs: Tensor, dice: Generator) -> tuple[Tensor, Tensor]:
    letters = 3
    inputs[0] = _another(inputs[0], letters, dice)
    return inputs, torch.zeros(inputs.shape[1], dtype=torch.long)


def _adding(inputs: Tensor, dice: Generator) -> tuple[Tensor, Tensor]:  # noqa: ARG001 - one signature for all
    at = inputs[..., 1].argmax(dim=0)
    each = torch.arange(inputs.shape[1])
    inputs[at, each, 0] = (inputs[at, each, 0] + 0.5) % 1
    return inputs, at


_CHANGES: dict[str, MakeTwins] = {"recall": _recall, "copy": _copy, "adding": _adding}
