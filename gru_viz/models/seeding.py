"""Models are initialised from torch's one global generator: nobody else may draw from it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import torch

from gru_viz.models.card import Card
from gru_viz.models.sequence import SequenceModel

_DICE = Lock()


@contextmanager
def own_dice(seed: int) -> Iterator[None]:
    """torch's generator begun at a seed, for this thread alone; afterwards it stands where it stood."""
    with _DICE, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def unfilled(card: Card) -> SequenceModel:
    """A model without numbers, for weights to be loaded into with `assign=True`: it draws nothing by chance."""
    with torch.device("meta"):
        return SequenceModel(card)
