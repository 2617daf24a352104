"""A loss that keeps a belief right at the end and smooth on the way there: the last character plus a share of all."""

from __future__ import annotations

import torch
from torch import Tensor

EVERY = 0.3
"""How much the mean over every character counts beside the last one. The last alone leaves beliefs at prefixes that
jump wildly; every character alike costs accuracy at the end (on a first set of names: 0.55 against 0.638 with 0.3)."""


def last_and_every(nats: Tensor, lengths: Tensor) -> Tensor:
    """(B,): nats at each text's last character + 0.3 × their mean over all its characters.

    Args:
        nats: (T, B) the loss at every character, padded; what stands behind a text's end does not count.
        lengths: (B,) characters of each text, on any device.
    """
    lengths = lengths.to(nats.device)
    steps, texts = (torch.arange(size, device=nats.device) for size in nats.shape)
    last = nats[lengths - 1, texts]
    every = (nats * (steps[:, None] < lengths)).sum(0) / lengths
    return last + EVERY * every
