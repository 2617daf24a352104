"""Held-out data in the pieces that are independent of each other: what a card keeps so that intervals can be formed.

Characters of one file, or steps of one sequence, resemble each other; an interval that takes each for a sample of its
own is too narrow. So cards keep sums by piece: a row of numbers, one a document, written as one string.
"""

from __future__ import annotations

import torch
from torch import Tensor

MOST = 100
"""A card keeps at most this many sums; of more documents every hundredth are one piece."""


def pooled(values: Tensor, owner: Tensor, documents: int) -> Tensor:
    """(K,) float64: the sum of the values of each piece, K at most `MOST`.

    Args:
        values: (N,) numbers or truths.
        owner: (N,) the document each belongs to, from 0.
        documents: how many there are.
    """
    pieces = min(documents, MOST)
    return torch.zeros(pieces, dtype=torch.float64).index_add_(0, owner.cpu() % pieces, values.cpu().double())


def row(values: Tensor, digits: int) -> str:
    """Numbers as a card keeps them: one string, a space between two."""
    return " ".join(f"{value:.{digits}f}" for value in values.tolist())
