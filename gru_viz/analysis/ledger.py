"""The ledger: what each of several cells costs and is worth, counted, by the clock and from the cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gru_viz.analysis.card_figures import score
from gru_viz.analysis.clock import Shape, Timing, shape_of
from gru_viz.analysis.comparisons import Score, of_score
from gru_viz.analysis.conclusions import METRICS, Conclusion, of_speed
from gru_viz.analysis.cost import cost
from gru_viz.analysis.stopwatch import Measured, Outcome
from gru_viz.cells.quantities import Cell
from gru_viz.models import SequenceModel

WITHOUT = "LSTM without oneDNN"
"""What is timed beside the cells."""

Models = Mapping[Cell, SequenceModel]
"""One model a cell, in the order in which cells stand."""


@dataclass(frozen=True)
class Times:
    """Seconds a step, by the clock.

    Attributes:
        without: the LSTM's with oneDNN switched off; None where that makes no difference (not on the CPU).
    """

    cells: Mapping[Cell, Timing]
    without: Timing | None


def shapes(models: Models, device: str) -> dict[str, Shape]:
    """What is timed: torch's own forward of the cells, and on the CPU of the LSTM with oneDNN off."""
    found = {cell.value: shape_of(model.rnn) for cell, model in models.items()}
    if device == "cpu":
        found[WITHOUT] = shape_of(models[Cell.LSTM].rnn, onednn=False)
    return found


def times_of(found: Outcome | None) -> Times | None:
    """The times of `shapes`, where there are any."""
    if not isinstance(found, Measured):
        return None
    return Times({Cell(name): one for name, one in found.times.items() if name != WITHOUT}, found.times.get(WITHOUT))


def held_out(models: Models) -> Score | None:
    """The metric that all cards have in common, with its evidence."""
    cards = {cell: model.card for cell, model in models.items()}
    name = next((name for name in METRICS if all(name in card["metrics"] for card in cards.values())), None)
    return None if name is None else score(cards, name)


def ledger_concluded(models: Models, found: Outcome | None, equal: str, lanes: Models) -> list[Conclusion]:
    """What follows from the ledger.

    Args:
        models: whose ledger it is.
        found: what the clock said of `shapes(models)`.
        equal: what they have equally many of: "parameters" the trained ones, "width" those that are fresh.
        lanes: the trained models in the lanes beside it.
    """
    times = times_of(found)
    if equal == "parameters":
        worth = held_out(models)
        told = of_score(worth) if worth else []
    else:
        shown = " · ".join(f"{cell.value} {model.rnn.hidden_size}" for cell, model in lanes.items())
        told = [Conclusion("untrained", {"units": models[Cell.GRU].rnn.hidden_size, "lanes": shown})]
    if times is None:
        return told
    work = {cell: cost(model.rnn, 1).multiply_accumulates for cell, model in models.items()}
    return told + of_speed(times.cells, work, times.without)


def matrices_concluded(models: Models, equal: str) -> Conclusion:
    """What follows from the cells' matrices, counted."""
    work = {cell: cost(model.rnn, 1).multiply_accumulates for cell, model in models.items()}
    told = {"work_lstm": work[Cell.LSTM] / work[Cell.GRU], "work_rnn": work[Cell.RNN] / work[Cell.GRU]}
    return Conclusion(f"parts.{equal}", told)
