"""How far a classifier's confidence may be trusted after so many letters, from what its card measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gru_viz.analysis.card_figures import numbers
from gru_viz.analysis.evidence import FEWEST, Figure, of_share

KEPT = "calibration_by_letters_read"


@dataclass(frozen=True)
class Trust:
    """What a belief said and how often it was right.

    Attributes:
        said: the mean confidence of the best guess.
        right: how often that guess was right, with its interval over held-out texts.
    """

    said: float
    right: Figure

    @property
    def verdict(self) -> str:
        """ "over" or "under" where the evidence says that it is more or less sure than it should be, else "fair"."""
        if self.right.interval is None:
            return "fair"
        low, high = self.right.interval
        return "over" if self.said > high else "under" if self.said < low else "fair"


def by_letters(card: Mapping[str, Any]) -> dict[int, Trust]:
    """Of every number of letters that the card has measured; empty where it has measured none."""
    kept = card.get("metrics", {}).get(KEPT) or {}
    shares = {int(letters): (one["confidence"], _share(one["right"], one["texts"])) for letters, one in kept.items()}
    return {letters: Trust(*found) for letters, found in shares.items()}


def as_sure(card: Mapping[str, Any], letters: int, confidence: float) -> tuple[float, float, Trust] | None:
    """Of the beliefs after so many letters that were about as sure: the bin of confidence, and what became of them.
    None where the card has measured fewer than `FEWEST` of them.

    Args:
        confidence: of the best guess, a fraction of 1.
    """
    kept = (card.get("metrics", {}).get(KEPT) or {}).get(str(letters))
    if kept is None:
        return None
    texts, said, right = (numbers(kept["bins"][name]) for name in ("texts", "confidence", "right"))
    place = min(int(confidence * len(texts)), len(texts) - 1)
    if texts[place] < FEWEST:
        return None
    trust = Trust(float(said[place]), _share(int(right[place]), int(texts[place])))
    return place / len(texts), (place + 1) / len(texts), trust


def _share(right: int, texts: int) -> Figure:
    return of_share(right / texts if texts else 0.0, texts, "name")
