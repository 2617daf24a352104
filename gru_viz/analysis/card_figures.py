"""The held-out figures of cards, each with all that its card knows of it: runs, samples, pieces, what was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gru_viz.analysis.comparisons import Over, Score, Shipped
from gru_viz.analysis.conclusions import METRICS
from gru_viz.analysis.evidence import Figure, Name, Pieces, of_pieces, of_seeds, of_share
from gru_viz.cells.quantities import Cell
from gru_viz.models.card import PIECES

STUDY = "same_steps"
"""Which of a card's studies of several seeds trained as the shipped model was."""


def held_out(cards: Mapping[Name, Mapping[str, Any]], metric: str, rises: bool) -> dict[Name, Figure]:
    """One metric of several cards: of all training runs where every card has several, else of the shipped models."""
    several = metric == "accuracy" and all(len(_runs(card)) > 1 for card in cards.values())
    if several:
        return {name: _studied(card) for name, card in cards.items()}
    return {name: _shipped(card, metric, rises) for name, card in cards.items()}


def score(cards: Mapping[Cell, Mapping[str, Any]], metric: str) -> Score:
    """One metric of several cells' cards, side by side, with its evidence."""
    unit = METRICS[metric]
    return Score(unit, held_out(cards, metric, rises=unit == "accuracy"), _over_all(cards.values()))


def by_delay(card: Mapping[str, Any], budget: str) -> dict[int, Figure]:
    """Accuracy at every delay under one budget, of all seeds; empty where the card has no such study."""
    metrics = card["metrics"]
    study = metrics.get(budget) or {}
    chosen = _merged(card.get("chosen_on"), study.get("chosen_on"))
    n = int(metrics.get("sequences_a_delay", 0))
    rows = study.get("accuracy_by_delay", {})
    return {
        int(delay): replace(of_seeds(row["seeds"], n, "sequence", chosen), value=row["mean"])
        for delay, row in rows.items()
    }


def over(card: Mapping[str, Any]) -> Over | None:
    """Of a game: the delays its accuracy is the mean over, and the sequences at each."""
    delays, each = card["metrics"].get("accuracy_by_delay", ()), int(card["metrics"].get("sequences_a_delay", 0))
    return Over(tuple(int(delay) for delay in delays), each) if delays and each else None


def _over_all(cards: Iterable[Mapping[str, Any]]) -> Over | None:
    """Of a game: what the accuracy of all of them is the mean over."""
    found = {over(card) for card in cards}
    return found.pop() if len(found) == 1 else None


def shipped(card: Mapping[str, Any]) -> Shipped | None:
    """Which of its training runs the model of a card is; None where the card does not say."""
    seed = card.get("seed")
    return None if seed is None else Shipped(int(seed), max(1, len(card["metrics"].get("seeds", ()))))


def shipped_of(cards: Mapping[Cell, Mapping[str, Any]]) -> dict[Cell, Shipped]:
    """Which of their cells' training runs the shipped models are, of those whose cards say so."""
    return {cell: one for cell, card in cards.items() if (one := shipped(card)) is not None}


def of_group(card: Mapping[str, Any], group: str) -> Figure | None:
    """The accuracy within one group of held-out characters ("class/keyword", "typed/20"), resampled by file; None where
    the card keeps no such sums."""
    kept = (card["metrics"].get(PIECES) or {}).get("groups", {}).get(group)
    if kept is None:
        return None
    return of_pieces(_right(kept["wrong"], kept["characters"]), card["metrics"][PIECES]["piece"], card.get("chosen_on"))


# A page asks for the same figures at every run: the pieces of a card, and what was resampled of them, are kept.


@lru_cache(maxsize=256)
def _right(wrong: str, characters: str) -> Pieces:
    counts = numbers(characters)
    return Pieces.of(counts - numbers(wrong), counts)


@lru_cache(maxsize=32)
def _bits(bits: str, characters: str) -> Pieces:
    return Pieces.of(numbers(bits), numbers(characters))


def numbers(row: str) -> NDArray[np.float64]:
    """A card's row of numbers."""
    return np.array(row.split(), dtype=np.float64)


def _merged(*chosen: Mapping[str, str] | None) -> Mapping[str, str] | None:
    known = [one for one in chosen if one is not None]
    return {key: value for one in known for key, value in one.items()} if known else None


def _runs(card: Mapping[str, Any]) -> list[float]:
    """Mean accuracy over all delays, a training run each."""
    rows = (card["metrics"].get(STUDY) or {}).get("accuracy_by_delay", {}).values()
    runs = zip(*(row["seeds"] for row in rows), strict=True)
    return [sum(run) / len(run) for run in runs]


def _studied(card: Mapping[str, Any]) -> Figure:
    return of_seeds(_runs(card), _sequences(card["metrics"]), "sequence", card.get("chosen_on"))


def _sequences(metrics: Mapping[str, Any]) -> int:
    return int(metrics.get("sequences_a_delay", 0)) * len(metrics.get("accuracy_by_delay", ()))


def _shipped(card: Mapping[str, Any], metric: str, rises: bool) -> Figure:
    """Of one model; with an interval only where the card tells of independent samples or pieces."""
    metrics, chosen = card["metrics"], card.get("chosen_on")
    value = float(metrics[metric])
    kept = metrics.get(PIECES) or {}
    if metric == "bits_per_character" and "bits" in kept:
        return of_pieces(_bits(kept["bits"], kept["characters"]), kept["piece"], chosen, rises=rises, value=value)
    if metric == "accuracy":
        if (found := of_group(card, "all")) is not None:
            return found
        for key, piece in (("held_out_names", "name"), ("held_out_texts", "text")):
            if key in metrics:
                return of_share(value, int(metrics[key]), piece, chosen)
        if sequences := _sequences(metrics):
            return of_share(value, sequences, "sequence", chosen)
    # A year leans on the years before it: so many of them are no independent samples, and no interval is formed.
    n = int(metrics.get("held_out_years", 0))
    return Figure(value, None, n, "year" if n else "", (value,), chosen, rises)
