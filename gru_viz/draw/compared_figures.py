"""Cells side by side as figures, with their words: the ledger and what else compares several models of one task."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from gru_viz.analysis.comparisons import Delays, Score, beside
from gru_viz.analysis.cost import cost
from gru_viz.analysis.games import BUDGETS, FORMS, FreshScores, optimiser_steps, seeds
from gru_viz.analysis.learning import Cards, cards_of, curves_of, unit_of
from gru_viz.analysis.ledger import Models, held_out, times_of
from gru_viz.analysis.stopwatch import Outcome
from gru_viz.cells import KINDS
from gru_viz.cells.kind import Kind
from gru_viz.cells.quantities import Cell, Quantity
from gru_viz.draw.figures import curves_of_cells
from gru_viz.draw.figures.by_delay import Fresh, Held, HeldWords, accuracy_by_delay, left_over
from gru_viz.draw.figures.ledger import Entry, Matrices, ledger, matrices
from gru_viz.draw.files import web_page
from gru_viz.draw.palette import Palette
from gru_viz.locale import Say
from gru_viz.locale.digits import count, microseconds
from gru_viz.story.compared import by_delay, three, trained_three
from gru_viz.story.concluded import sentence
from gru_viz.story.trio import CELLS, Trio, games
from gru_viz.story.trio_lanes import tokens
from gru_viz.tasks.family import parameters


def ledger_figure(models: Models, found: Outcome | None, equal: str, colours: Palette, say: Say) -> go.Figure:
    """What each costs and is worth, as bars. Where there is no time its row says so.

    Args:
        found: what the clock said.
        equal: "parameters" for trained models, whose held-out score is a row too; "width" for fresh ones.
    """
    costs = {cell: cost(model.rnn, 1) for cell, model in models.items()}
    rows = [
        _counted(say("compare.entry.units"), {cell: model.rnn.hidden_size for cell, model in models.items()}),
        _counted(say("compare.entry.parameters"), {cell: parameters(model.card) for cell, model in models.items()}),
        _counted(say("compare.entry.work"), {cell: one.multiply_accumulates for cell, one in costs.items()}),
        _time(found, say),
        _counted(say("compare.entry.state"), {cell: one.state_bytes for cell, one in costs.items()}),
    ]
    score = held_out(models) if equal == "parameters" else None
    if score is not None:
        written = {cell: sentence(beside(score.unit, figure), say) for cell, figure in score.figures.items()}
        rows.append(Entry(say(f"compare.entry.{score.unit}"), score.values, written, _remark(score, say)))
    return ledger(rows, colours)


def _time(found: Outcome | None, say: Say) -> Entry:
    times = times_of(found)
    if times is None:
        return Entry(say("compare.entry.time"), {}, {}, say("timing.soon" if found is None else "timing.none"))
    seconds = {cell: one.seconds for cell, one in times.cells.items()}
    return Entry(say("compare.entry.time"), seconds, {cell: microseconds(value) for cell, value in seconds.items()})


def _counted(title: str, values: Mapping[Cell, int]) -> Entry:
    return Entry(title, values, {cell: count(value) for cell, value in values.items()})


def _remark(score: Score, say: Say) -> str:
    """How many training runs the bars are the mean of, and which way is better."""
    runs = min(figure.runs for figure in score.figures.values())
    said = [say("compare.mean_of_runs", count=runs) if runs > 1 else say("compare.one_run_each")]
    if score.over is not None:
        first, *_, last = score.over.delays
        said.append(say("compare.mean_of_delays", first=first, last=last))
    if score.unit != "accuracy":
        said.insert(0, say("compare.less_is_better"))
    return " · ".join(said)


def matrices_figure(models: Models, colours: Palette, say: Say) -> go.Figure:
    """Every cell's weight matrices to scale."""
    drawn = {}
    for cell, model in models.items():
        rnn, pairs = model.rnn, cost(model.rnn, 1).matrix_pairs
        said = say("compare.parts.pair" if pairs == 1 else "compare.parts.pairs", pairs=pairs)
        names = [quantity.value for quantity in KINDS[cell].rows]
        drawn[cell] = Matrices(pairs, rnn.input_size, rnn.hidden_size, names, said)
    return matrices(drawn, colours)


def delays_figure(
    game: str, device: str, budget: str, colours: Palette, say: Say, fresh: FreshScores | None = None
) -> go.Figure | None:
    """Accuracy against delay under one budget, and what was run now; None where no card tells."""
    cells, models = by_delay(game, device, budget), trained_three(game, device)
    if not cells:
        return None
    first, last = (count(steps) for steps in optimiser_steps(models, budget))
    words = HeldWords(
        say(f"compare.budget.{budget}", steps=first if first == last else f"{first}–{last}"),
        say("compare.delay_axis", seeds=seeds(models)),
        say("compare.guessing"),
    )
    drawn = {cell: _held(rows) for cell, rows in cells.items()}
    return accuracy_by_delay(drawn, FORMS[game].chance, words, colours, _marks(fresh, say))


def _held(rows: Delays) -> Held:
    delays = sorted(rows)
    return Held(delays, [rows[d].value for d in delays], [rows[d].low for d in delays], [rows[d].high for d in delays])


def _marks(fresh: FreshScores | None, say: Say) -> dict[Cell, Fresh]:
    if fresh is None:
        return {}
    now, figures = say("compare.now"), fresh.figures.items()
    return {cell: Fresh(fresh.delay, one.value, *one.interval, now) for cell, one in figures if one.interval}


def states_figure(fresh: FreshScores, colours: Palette, say: Say) -> go.Figure:
    """How far apart two states stay that read sequences of one symbol's difference."""
    means = {cell: one.mean for cell, one in fresh.left.items()}
    return left_over(means, say("compare.steps_after"), say("compare.left"), colours)


def curves_figure(cards: Cards, colours: Palette, say: Say) -> go.Figure | None:
    """The learning curves the cards keep; None where they keep none."""
    found, _ = curves_of(cards)
    if not found:
        return None
    unit = unit_of(cards)
    points = {cell: (curve.step, curve.score) for cell, curve in found.items()}
    titles = say("compare.curves.steps"), say(f"compare.entry.{unit}")
    return curves_of_cells.curves(points, *titles, colours, share=unit == "accuracy")


def forecast_figure(trio: Trio, colours: Palette, say: Say) -> go.Figure | None:
    """What came, and what each had foretold for that step; None where the models choose among classes or symbols."""
    if trio.kind != "forecast" or trio.given.numbers is None:
        return None
    foretold = {cell: run.belief[:, 0] for cell, run in trio.runs.items() if run.belief is not None}
    actual = trio.given.numbers[:, 0]
    if trio.task == "sunspots":  # what is said at a step is of the next one
        foretold = {cell: np.append(np.nan, values[:-1]) for cell, values in foretold.items()}
        names = say("belief.actual"), say("compare.forecast.next")
    else:
        actual = np.cumsum(actual * (trio.given.numbers[:, 1] != 0))
        names = say("compare.forecast.so_far"), say("compare.forecast.sum")
    return curves_of_cells.forecast(actual, foretold, names, tokens(trio), colours)


def parts_table(say: Say) -> dict[str, list[str]]:
    """Who plays whose part: roles down, cells across."""
    table = {say("compare.parts.role"): [say(f"compare.parts.role_{part}") for part in PARTS]}
    for cell in CELLS:
        table[cell.value] = [_part(KINDS[cell], part) for part in PARTS]
    return table


PARTS = ("kept", "written", "candidate", "hides", "shows", "long")
"""What a cell can have something for. What only one has: a gate that hides the old from the proposal, one that decides
what is shown, and a memory beside h."""


def _part(kind: Kind, part: str) -> str:
    """The symbol of what plays a part in a cell; a dash where nothing does."""
    mix = kind.mix
    plays = {
        "kept": kind.keep,
        "written": mix and (mix.write or f"1 − {mix.keep}"),
        "candidate": kind.candidate,
        "hides": kind.hides,
        "shows": kind.shows,
        "long": kind.memory if kind.memory is not Quantity.H else None,
    }
    return plays[part] or "–"


def all_charts(task: str, device: str, equal: str, found: Outcome | None, colours: Palette, say: Say) -> bytes:
    """One page of HTML with the ledger, the matrices, every game's accuracy against delay and the learning curves.

    Args:
        found: what the ledger shows.
    """
    models = three(task, device, equal)
    drawn: list[tuple[str, go.Figure | None]] = [
        (say("compare.ledger"), ledger_figure(models, found, equal, colours, say)),
        (say("compare.tab.parts"), matrices_figure(models, colours, say)),
    ]
    drawn += [
        (say(f"compare.task.{game}"), delays_figure(game, device, budget, colours, say))
        for game in games()
        for budget in BUDGETS
    ]
    drawn.append((say("compare.tab.curves"), curves_figure(cards_of(trained_three(task, device)), colours, say)))
    title = f"{say('app.title')}: {say(f'compare.task.{task}')}"
    shown = [(heading, figure) for heading, figure in drawn if figure is not None]
    return web_page(title, shown, colours, "font-family: sans-serif; max-width: 60rem;")
