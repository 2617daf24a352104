"""Whether a model that says 80 % is right 80 % of the time."""

from __future__ import annotations

from typing import Any

from torch import Tensor

BINS = 10


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
