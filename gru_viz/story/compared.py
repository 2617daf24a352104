"""What is compared: three trained models of equally many parameters, or fresh ones of one width; and what they read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gru_viz.analysis import games
from gru_viz.analysis.comparisons import Delays
from gru_viz.analysis.games import FreshScores, fresh_scores
from gru_viz.analysis.ledger import Models
from gru_viz.cells.quantities import Cell
from gru_viz.errors import InputError
from gru_viz.models.card import STRUCTURE
from gru_viz.models.reading import narrowed
from gru_viz.models.seeding import own_dice
from gru_viz.models.sequence import SequenceModel
from gru_viz.story.kept import kept
from gru_viz.story.runs import Given
from gru_viz.story.trio import CELLS, flagged, load_three
from gru_viz.tasks.tables.reader import read
from gru_viz.tasks.tables.table import Table

EQUALS = ("parameters", "width")
"""What the models that are compared have equally many of."""
FRESH_SEED = 0


def three(task: str, device: str, equal: str) -> Models:
    """The trained models ("parameters"), or fresh ones ("width")."""
    return fresh_three(task, device) if equal == "width" else trained_three(task, device)


def trained_three(task: str, device: str) -> Models:
    """The trained models, which have equally many parameters."""
    return {cell: loaded.model for cell, loaded in load_three(task, device).items()}


@kept(8, key=lambda task, device: (task, device))
def fresh_three(task: str, device: str) -> Models:
    """Untrained models with as many units each as the trained GRU has."""
    gru = trained_three(task, device)[Cell.GRU]
    card = {name: gru.card[name] for name in STRUCTURE}
    with own_dice(FRESH_SEED):
        return {cell: SequenceModel(card | {"cell": cell.value}).eval().to(device) for cell in CELLS}


@kept(64, key=lambda game, device, delay, count, seed: (game, device, delay, count, seed))
def run_now(game: str, device: str, delay: int, count: int, seed: int) -> FreshScores:
    """Fresh sequences through a game's trained models.

    Raises:
        InputError: the delay is too short for the game.
    """
    return fresh_scores(game, trained_three(game, device), delay, count, seed)


@kept(16, key=lambda game, device, budget: (game, device, budget))
def by_delay(game: str, device: str, budget: str) -> Mapping[Cell, Delays]:
    """Accuracy of all seeds of a game's cells at every delay, as the cards have it; see `games.by_delay`."""
    return games.by_delay(trained_three(game, device), budget)


def given(model: SequenceModel, text: str, locale: str = "") -> Given:
    """A text, or the numbers it holds: a series, or steps separated by semicolons of as many columns as are read.

    Args:
        locale: the visitor's, for what could be read in two ways.

    Raises:
        InputError: numbers are wanted, and these are none.
    """
    if model.vocabulary is not None:
        return Given(text=text)
    columns = model.rnn.input_size
    table = table_of(text, columns, locale)
    numbers = table.values(list(table.names))
    if numbers.shape[1] != columns:
        raise InputError(
            "compare.columns",
            "Each step needs {columns} number(s) here, and these have {found}.",
            columns=columns,
            found=numbers.shape[1],
        )
    return Given(numbers=np.asarray(numbers))


def table_of(text: str, columns: int, locale: str = "") -> Table:
    """The numbers of a text as a table."""
    lines = narrowed(text).replace(";", "\n") if columns > 1 else text
    return read(lines, locale=locale, columns=columns)


def unusual(task: str, what: Given, tokens: Sequence[str]) -> str | None:
    """The key of a sentence for input that can be read, but asks nothing this game could answer; else None."""
    if task == "recall" and len(flagged(tokens)) != 1:
        return "compare.odd_input.recall"
    if task == "copy" and "?" not in tokens:
        return "compare.odd_input.copy"
    if task == "adding" and what.numbers is not None:
        flags, amounts = what.numbers[:, 1], what.numbers[:, 0]
        if sorted(flags[flags != 0]) != [1.0, 1.0] or amounts.min() < 0 or amounts.max() > 1:
            return "compare.odd_input.adding"
    return None
