"""A race as it is drawn: who is who, the curves of all runners, the gates of one."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go

from gru_viz.cells import KINDS
from gru_viz.cells.quantities import Quantity
from gru_viz.draw.figures.race_curves import (
    STRIP_HEIGHT,
    Axes,
    RaceCurve,
    gate_strips,
    race_curves,
    strip_rows,
)
from gru_viz.draw.figures.strips import LEAST_ROW, HeatStrip
from gru_viz.draw.figures.time_axis import Columns
from gru_viz.draw.palette import Palette
from gru_viz.locale import Say
from gru_viz.locale.digits import count, short
from gru_viz.models.sequence import Input
from gru_viz.story.symbols import visible
from gru_viz.story.training_told import METRICS, ending, reached
from gru_viz.training.race import Gates, Standing
from gru_viz.training.sessions import Session
from gru_viz.training.studies import RACERS, Recipe

MOST_STEPS = 40


def legend(session: Session | None, recipe: Recipe, colours: Palette, say: Say) -> str:
    """Who is who, with what each has reached and how it ended, as HTML."""
    standings = session.standings() if session else ()
    share = METRICS[session.recipe.task if session else recipe.task].share
    samples = session.study.held_out[0] if session else 0
    by_name = {at.name: at for at in standings}
    items = []
    for cell in [*by_name] or recipe.cells:
        at = by_name.get(cell)
        value = reached(at, share, samples, say) if at else ""
        dot = f'<i style="background:{colours.cell(cell)}"></i>'
        mark = _mark(at, say) if at else ""
        items.append(f'<span data-testid="runner-{cell.lower()}">{dot}<b>{cell}</b> <span>{value}</span>{mark}</span>')
    return _row("".join(items))


def _mark(at: Standing, say: Say) -> str:
    if at.fault is not None:
        return f' <span class="gv-lost">{say("train.lost")}</span>'
    said = ending(at, say)
    return f" <span>· {said}</span>" if said else ""


def watched_line(cell: str, seen: Gates, say: Say) -> str:
    """Whose gates are drawn and of which step, as HTML."""
    words = say("train.gates_at", step=count(seen.step)) if seen.step else say("train.gates_at_0")
    return _row(f"<span><b>{escape(cell)}</b> {words}</span>", ' data-testid="gates-step"')


def _row(items: str, more: str = "") -> str:
    return f'<div class="gv-runners"{more}>{items}</div>'


def race_figure(session: Session | None, recipe: Recipe, empty: str, colours: Palette, say: Say) -> go.Figure:
    """The curves of a session's race, faintly those of the one before; empty axes where there is none.

    Args:
        recipe: what would be trained, where nothing has been.
        empty: what stands in empty axes.
    """
    recipe = session.recipe if session else recipe
    metric = METRICS[recipe.task]
    drawn = [_curve(at, faint=True) for at in (session.before if session else ())]
    drawn += [_curve(at) for at in (session.standings() if session else ()) if at.curve]
    steps = max([recipe.steps, *(one.steps[-1] for one in drawn if one.steps)])
    axes = Axes(say(metric.label), say("train.loss"), say("train.steps_axis"), metric.share, "" if session else empty)
    return race_curves(drawn, steps, axes, colours)


def _curve(at: Standing, faint: bool = False) -> RaceCurve:
    points = at.curve
    return RaceCurve(
        at.name,
        [point.step for point in points],
        [point.loss for point in points],
        [point.held_out for point in points],
        lost=at.fault is not None,
        faint=faint,
        best=at.best if at.over and not faint else None,
    )


def gates_figure(cell: str, seen: Gates, fixed: Input, colours: Palette, say: Say) -> go.Figure:
    """The gates of one runner on the study's fixed input, at most `MOST_STEPS` steps of it."""
    kind = KINDS[RACERS[cell].cell]
    shown = kind.gates[:2] or (kind.memory,)  # what it keeps and what it lets in; the plain RNN has no gate
    strips = [_strip(one, seen.values[one.value][:MOST_STEPS], say) for one in shown]
    return gate_strips(Columns(_tokens(fixed)[:MOST_STEPS], 0, -1), strips, colours)


def _strip(quantity: Quantity, values: np.ndarray, say: Say) -> HeatStrip:
    rows, names = strip_rows(values, int(STRIP_HEIGHT / LEAST_ROW))
    caption = say(quantity.label_key)
    if quantity is Quantity.Z:
        caption = f"{caption}\n{say('convention.short_keep')}"
    return HeatStrip(quantity, rows, [say("unit.number", unit=name) for name in names], 0, quantity.value, caption)


def _tokens(fixed: Input) -> Sequence[str]:
    if isinstance(fixed, str):
        return [visible(token) for token in fixed]
    return [" ".join(short(value, 3) for value in row) for row in fixed]  # type: ignore[union-attr]
