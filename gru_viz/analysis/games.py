"""The memory games: accuracy against delay as the cards have it, and on fresh sequences that are run now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gru_viz.analysis import card_figures
from gru_viz.analysis.evidence import Figure, of_share
from gru_viz.analysis.holding import Left, left, twins
from gru_viz.analysis.ledger import Models
from gru_viz.cells.quantities import Cell
from gru_viz.tasks import adding, copying, recall
from gru_viz.tasks.delays import Form, accuracy

FORMS: dict[str, Form] = {form.name: form for form in (recall.FORM, copying.FORM, adding.FORM)}
"""Every game."""
BUDGETS = ("same_steps", "until_it_stops")
"""The studies of a game that a card keeps."""
PAIRS = 64
"""How many pairs of sequences the states' distance is averaged over."""


@dataclass(frozen=True)
class FreshScores:
    """Accuracy of models on fresh sequences.

    Attributes:
        figures: right answers; n is the number of sequences, for the answers of one sequence are not independent.
        left: how far apart the states stay that differ in one symbol.
    """

    delay: int
    count: int
    figures: Mapping[Cell, Figure]
    left: Mapping[Cell, Left]


def fresh_scores(game: str, models: Models, delay: int, count: int, seed: int) -> FreshScores:
    """Fresh sequences of one delay through the models.

    Raises:
        InputError: the delay is too short for the game.
    """
    form = FORMS[game]
    sequences = form.sequences(delay, count, seed)
    figures = {cell: of_share(accuracy(model, sequences), count, "sequence") for cell, model in models.items()}
    few = form.sequences(delay, PAIRS, seed)
    other, at = twins(game, few, seed)
    return FreshScores(delay, count, figures, {c: left(model, few.inputs, other, at) for c, model in models.items()})


def by_delay(models: Models, budget: str) -> dict[Cell, dict[int, Figure]]:
    """Accuracy of all seeds at every delay, from the cards; without the cells whose cards have none."""
    found = {cell: card_figures.by_delay(model.card, budget) for cell, model in models.items()}
    return {cell: delays for cell, delays in found.items() if delays}


def seeds(models: Models) -> int:
    """How many seeds each cell was trained with."""
    return len(models[Cell.GRU].card["metrics"].get("seeds", ()))


def optimiser_steps(models: Models, budget: str) -> tuple[int, int]:
    """How many steps the seeds had, the fewest and the most."""
    metrics = [model.card["metrics"] for model in models.values()]
    steps = [count for one in metrics for count in one.get(budget, {}).get("steps", ())]
    return min(steps), max(steps)
