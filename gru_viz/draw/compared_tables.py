"""The tables behind a comparison, tidy: a row an observation, a column `cell` in front."""

from __future__ import annotations

import pandas as pd

from gru_viz.analysis.comparisons import Score
from gru_viz.analysis.cost import cost
from gru_viz.analysis.evidence import Figure
from gru_viz.analysis.games import BUDGETS, FORMS
from gru_viz.analysis.learning import Cards, cards_of, curves_of
from gru_viz.analysis.ledger import Models, held_out, times_of
from gru_viz.analysis.stopwatch import Outcome
from gru_viz.cells.quantities import Cell
from gru_viz.draw.steps_table import STEP, from_one, numbered
from gru_viz.story.compared import by_delay, three, trained_three
from gru_viz.story.symbols import visible
from gru_viz.story.trio import Trio, games
from gru_viz.story.trio_lanes import tokens


def table(name: str, trio: Trio, device: str, equal: str, found: Outcome | None = None) -> pd.DataFrame:
    """One of the tables: "steps", "predictions", "ledger", "memory" or "curves".

    Args:
        device: where the models are; equal: which models the ledger is of; found: what it shows of the clock.
    """
    if name == "steps":
        return _steps(trio)
    if name == "predictions":
        return _predictions(trio)
    if name == "ledger":
        return _ledger(three(trio.task, device, equal), found, equal)
    return _delays(device) if name == "memory" else _curves(cards_of(trained_three(trio.task, device)))


def _stacked(parts: dict[str, pd.DataFrame]) -> pd.DataFrame:
    for cell, part in parts.items():
        part.insert(0, "cell", cell)
    return pd.concat(parts.values(), ignore_index=True) if parts else pd.DataFrame(columns=["cell"])


def _steps(trio: Trio) -> pd.DataFrame:
    """What is inside each cell at every step, its tokens written as in every other table here."""
    written, parts = tokens(trio), {}
    for cell, run in trio.runs.items():
        made = from_one(run.trace.to_frame())
        made["token"] = [written[step - 1] for step in made[STEP]]
        parts[cell.value] = made
    return _stacked(parts)


def _predictions(trio: Trio) -> pd.DataFrame:
    """After every step: the likeliest class or symbol with its probability, or the number that is foretold."""
    parts = {}
    for cell, run in trio.runs.items():
        assert run.belief is not None
        found = {"token": tokens(trio)}
        if trio.kind == "forecast":
            parts[cell.value] = numbered(pd.DataFrame(found | {"forecast": run.belief[:, 0]}))
            continue
        labels = [_written(trio, run.model.labels[index]) for index in run.belief.argmax(axis=1)]
        told = {"prediction": labels, "probability": run.belief.max(axis=1)}
        parts[cell.value] = numbered(pd.DataFrame(found | told))
    return _stacked(parts)


def _written(trio: Trio, label: str) -> str:
    """A class as the models call it; a symbol as it is written where it is read."""
    return visible(label) if trio.kind == "next" else label


def _ledger(models: Models, found: Outcome | None, equal: str) -> pd.DataFrame:
    """What each costs and is worth."""
    times = times_of(found)
    score = held_out(models) if equal == "parameters" else None
    rows = []
    for cell, model in models.items():
        counted = cost(model.rnn, 1)
        row = {
            "cell": cell.value,
            "models": "trained, as in the lanes" if equal == "parameters" else "fresh, of one width",
            "units": model.rnn.hidden_size,
            "parameters": sum(weight.numel() for weight in model.parameters()),
            "parameters_of_the_cell": counted.parameters,
            "multiply_accumulates_a_step": counted.multiply_accumulates,
            "microseconds_a_step": times.cells[cell].seconds * 1e6 if times else None,
            "state_bytes": counted.state_bytes,
        }
        rows.append(row | (_held_out(score, cell) if score else {}))
    return pd.DataFrame(rows)


def _held_out(score: Score, cell: Cell) -> dict[str, float | int | str | None]:
    """A held-out score and what it rests on."""
    figure, name = score.figures[cell], f"held_out_{score.unit}"
    low, high = figure.interval or (None, None)
    measured_on = {f"{name}_samples": figure.n or None, f"{name}_sample": figure.piece or None}
    return {name: figure.value, f"{name}_low": low, f"{name}_high": high, f"{name}_runs": figure.runs} | measured_on


def _delays(device: str) -> pd.DataFrame:
    """Accuracy against delay of every game's trained models, under every budget."""
    rows = [
        {
            "cell": cell.value, "task": game, "budget": budget, "delay": delay,
            **_runs(figure), "chance": FORMS[game].chance,
        }
        for game in games()
        for budget in BUDGETS
        for cell, found in by_delay(game, device, budget).items()
        for delay, figure in found.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["cell", "task", "budget", "delay", "mean", "low", "high", "runs", "chance"])


def _runs(figure: Figure) -> dict[str, float | int]:
    """The mean of the training runs, the lowest and the highest of them."""
    return {"mean": figure.value, "low": figure.low, "high": figure.high, "runs": figure.runs}


def _curves(cards: Cards) -> pd.DataFrame:
    """The learning curves the cards keep."""
    found, _ = curves_of(cards)
    return _stacked(
        {c.value: pd.DataFrame({"optimiser_steps": one.step, "held_out": one.score}) for c, one in found.items()}
    )
