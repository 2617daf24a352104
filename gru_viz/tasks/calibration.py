"""Whether a model that says 80 % is right 80 % of the time: at the end of a text, and after each of its letters."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gru_viz.tasks.pieces import row

BINS = 10
LETTERS = range(1, 11)
"""After how many letters the belief is asked."""


def reliability(confidence: Tensor, hit: Tensor) -> list[dict[str, Any]]:
    """Ten bins of equal width over 0..1: how many guesses fall in, their mean confidence, how often they were right.

    Args:
        confidence: (N,) the probability of each guess; 1.0 falls in the last bin.
        hit: (N,) whether it was right.
    """
    place = (confidence * BINS).long().clamp(max=BINS - 1)
    bins = []
    for index in range(BINS):
        inside = place == index
        count = int(inside.sum())
        bins.append(
            {
                "from": index / BINS,
                "to": (index + 1) / BINS,
                "count": count,
                "confidence": round(confidence[inside].cpu().double().mean().item(), 4) if count else None,
                "accuracy": round(hit[inside].cpu().double().mean().item(), 4) if count else None,
            }
        )
    return bins


def expected_calibration_error(bins: list[dict[str, Any]]) -> float:
    """The mean gap between confidence and accuracy over the bins, each weighted by its guesses."""
    total = sum(each["count"] for each in bins)
    gaps = (each["count"] * abs(each["confidence"] - each["accuracy"]) for each in bins if each["count"])
    return sum(gaps) / total if total else 0.0


def letter_by_letter(beliefs: Tensor, right: Tensor, lengths: Tensor) -> dict[str, dict[str, Any]]:
    """How sure the best guess is after each letter, and how often right: of the texts that have so many letters.

    Args:
        beliefs: (T, N, V) probabilities after every letter.
        right: (N, V) which classes are right.
        lengths: (N,) letters of each text.

    Returns:
        By letters read, "1" to "10": how many texts, the mean confidence, how many guesses were right; and the same
        for each of ten bins of confidence of equal width, a row each.
    """
    found = {}
    for read in LETTERS:
        there = lengths >= read
        if not there.any():
            break
        confidence, guess = beliefs[read - 1, there].max(-1)
        hit = right[there].gather(1, guess[:, None])[:, 0]
        place = (confidence * BINS).long().clamp(max=BINS - 1)
        sums = [
            torch.zeros(BINS, dtype=torch.float64).index_add_(0, place.cpu(), values.cpu().double())
            for values in (torch.ones_like(confidence), confidence, hit)
        ]
        found[str(read)] = {
            "texts": int(there.sum()),
            "confidence": round(confidence.cpu().double().mean().item(), 4),
            "right": int(hit.sum()),
            "bins": {"texts": row(sums[0], 0), "confidence": row(sums[1] / sums[0].clamp(min=1), 4)}
            | {"right": row(sums[2], 0)},
        }
    return found
