"""How the shipped models of several cells learned: the curves on their cards, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gru_viz.analysis import card_figures
from gru_viz.analysis.comparisons import HeldOutCurve, Over, of_curves
from gru_viz.analysis.conclusions import METRICS, Conclusion, Unit
from gru_viz.analysis.ledger import Models
from gru_viz.cells.quantities import Cell
from gru_viz.tasks.delays import PROBED, PROBES

Cards = Mapping[Cell, Mapping[str, Any]]


def cards_of(models: Models) -> Cards:
    """What the models' cards say."""
    return {cell: model.card for cell, model in models.items()}


def curves_of(cards: Cards) -> tuple[dict[Cell, HeldOutCurve], list[Cell]]:
    """The curves on the cards, and the cells whose cards have none."""
    kept = {cell: card.get("curve") for cell, card in cards.items()}
    found = {cell: HeldOutCurve(one["step"], one["held_out"]) for cell, one in kept.items() if one and one["step"]}
    return found, [cell for cell in kept if cell not in found]


def unit_of(cards: Cards) -> Unit:
    """In what the held-out score of the curves is measured."""
    return METRICS[_metric(cards)]


def _metric(cards: Cards) -> str:
    return next(card["curve"]["metric"] for card in cards.values() if card.get("curve"))


def curves_concluded(cards: Cards, game: bool) -> list[Conclusion]:
    """What follows from the curves.

    Args:
        game: they are of a game, whose curves are the mean over some delays.
    """
    found, missing = curves_of(cards)
    score, over = card_figures.score(cards, _metric(cards)), Over(PROBED, PROBES) if game else None
    return of_curves(score, found, missing, shipped=card_figures.shipped_of(cards), over=over)
