"""How long can it hold? Accuracy against delay from the cards, fresh sequences run now, the states while they wait."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st

from gru_viz.analysis import card_figures
from gru_viz.analysis.comparisons import Delays, Shipped, of_delays
from gru_viz.analysis.evidence import Figure, of_share
from gru_viz.analysis.holding import Left, left, twins
from gru_viz.analysis.run_now import of_holding, of_measured
from gru_viz.cells.quantities import Cell
from gru_viz.draw.figures.by_delay import Fresh, Held, HeldWords, accuracy_by_delay, left_over
from gru_viz.draw.palette import Palette
from gru_viz.errors import InputError
from gru_viz.locale import Say
from gru_viz.story.trio import games, load_three
from gru_viz.tasks import adding, copying, recall
from gru_viz.tasks.delays import Form, accuracy
from gru_viz.ui.compare.figure import draw
from gru_viz.ui.compare.view import COUNTS, GAMES, LONGEST, view
from gru_viz.ui.compare.words import conclude
from gru_viz.ui.kit import appearance
from gru_viz.ui.kit.i18n import sentence, speaker, t
from gru_viz.ui.kit.link import keep, settle
from gru_viz.ui.kit.whole import whole_number

FORMS: dict[str, Form] = {form.name: form for form in (recall.FORM, copying.FORM, adding.FORM)}
BUDGETS = ("same_steps", "until_it_stops")
PAIRS = 64
"""How many pairs of sequences the states' distance is averaged over."""


def panel(task: str, device: str) -> None:
    """The game, its two charts, and the experiment below them."""
    if not games():
        st.info(t("compare.memory.missing", games=", ".join(t(f"compare.task.{game}") for game in GAMES)))
        return
    game = _game(task)
    st.caption(t(f"compare.game.{game}"))
    fresh = _controls(game, device)
    _charts(game, device, fresh)
    if fresh is not None:
        _experiment(game, device, fresh)


def _game(task: str) -> str:
    """The game that is shown: the one picked, else the page's own task, else the first there is."""
    there, say = games(), speaker()
    usual = _usual(task)
    asked = view().game
    settle("compare-game", asked if asked in there else usual)
    chosen = st.segmented_control(
        t("compare.game"),
        there,
        format_func=lambda name: say(f"compare.task.{name}"),
        key="compare-game",
        required=True,
        on_change=_game_picked,
        label_visibility="collapsed",
    )
    return chosen or usual


def _usual(task: str) -> str:
    there = games()
    return task if task in there else there[0]


def _game_picked() -> None:
    chosen = st.session_state["compare-game"]
    keep(game=None if chosen == _usual(view().task) else chosen)


@dataclass(frozen=True)
class FreshScores:
    """Accuracy of the shipped models on fresh sequences.

    Attributes:
        figures: right answers; n is the number of sequences, for the answers of one sequence are not independent.
        left: how far apart the states stay that differ in one symbol.
    """

    delay: int
    count: int
    figures: Mapping[Cell, Figure]
    left: Mapping[Cell, Left]


def _controls(game: str, device: str) -> FreshScores | None:
    """What is run now, once it was asked for."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="run-now-row"):
        delay, trouble = _delay(game)
        settle("compare-count", st.session_state.get("compare-count", view().count))
        count = st.selectbox(t("compare.count"), COUNTS, key="compare-count", width=150)
        keep(count=count)
        st.button(
            t("compare.run_now"),
            key="run-now",
            type="primary",
            on_click=_draw,
            icon=":material/casino:",
            disabled=delay is None,
        )
    if delay is None:
        st.warning(trouble)
        return None
    keep(delay=delay)
    draw_ = view().draw
    if draw_ is None:
        st.caption(t("compare.run_now_empty"))
        return None
    return run_now(game, device, delay, count, draw_)


def _delay(game: str) -> tuple[int | None, str]:
    """The steps to wait that stand in the field; or None, and why they cannot be."""
    settle("compare-delay", st.session_state.get("compare-delay", view().delay))
    try:
        return whole_number(t("compare.delay"), FORMS[game].least, LONGEST, key="compare-delay", step=5, width=150), ""
    except InputError as error:
        return None, sentence(error)


def _draw() -> None:
    keep(draw=secrets.randbelow(2**31))


@st.cache_data(max_entries=64, show_spinner=False)
def run_now(game: str, device: str, delay: int, count: int, seed: int) -> FreshScores:
    """Fresh sequences through the three shipped models.

    Raises:
        InputError: the delay is too short for the game.
    """
    form, models = FORMS[game], {cell: one.model for cell, one in load_three(game, device).items()}
    sequences = form.sequences(delay, count, seed)
    figures = {cell: of_share(accuracy(model, sequences), count, "sequence") for cell, model in models.items()}
    few = form.sequences(delay, PAIRS, seed)
    other, at = twins(game, few, seed)
    return FreshScores(delay, count, figures, {c: left(model, few.inputs, other, at) for c, model in models.items()})


def shipped(game: str, device: str) -> dict[Cell, Shipped]:
    """Which of their cells' training runs the shipped models are."""
    cards = {cell: one.model.card for cell, one in load_three(game, device).items()}
    return {cell: one for cell, card in cards.items() if (one := card_figures.shipped(card)) is not None}


@st.cache_resource(max_entries=16, show_spinner=False)
def by_delay(game: str, device: str, budget: str) -> dict[Cell, dict[int, Figure]]:
    """Accuracy of all seeds at every delay, from the cards; without the cells whose cards have none."""
    cards = {cell: loaded.model.card for cell, loaded in load_three(game, device).items()}
    found = {cell: card_figures.by_delay(card, budget) for cell, card in cards.items()}
    return {cell: delays for cell, delays in found.items() if delays}


def _charts(game: str, device: str, fresh: FreshScores | None) -> None:
    """One chart a budget, side by side; what was run now stands on the first, for the shipped models had that one."""
    for column, budget in zip(st.columns(2, gap="medium"), BUDGETS, strict=True):
        with column:
            drawn = figure(game, device, budget, appearance.colours(), fresh if budget == "same_steps" else None)
            if drawn is None:
                st.caption(t("compare.memory.no_study"))
                continue
            draw(drawn, f"{game}-{budget}")
            conclude(of_delays(by_delay(game, device, budget), FORMS[game].chance), budget)


def figure(
    game: str, device: str, budget: str, colours: Palette, fresh: FreshScores | None, say: Say = t
) -> go.Figure | None:
    """Accuracy against delay under one budget; None where no card tells."""
    cells = by_delay(game, device, budget)
    if not cells:
        return None
    seeds = len(load_three(game, device)[Cell.GRU].model.card["metrics"].get("seeds", ()))
    words = HeldWords(
        say(f"compare.budget.{budget}", steps=_steps(game, device, budget)),
        say("compare.delay_axis", seeds=seeds),
        say("compare.guessing"),
    )
    drawn = {cell: _held(rows) for cell, rows in cells.items()}
    return accuracy_by_delay(drawn, FORMS[game].chance, words, colours, _marks(fresh, say))


def _steps(game: str, device: str, budget: str) -> str:
    """How many optimiser steps the seeds had, from the fewest to the most."""
    metrics = [one.model.card["metrics"] for one in load_three(game, device).values()]
    steps = [count for one in metrics for count in one.get(budget, {}).get("steps", ())]
    return f"{min(steps):,}" if min(steps) == max(steps) else f"{min(steps):,}–{max(steps):,}"


def _held(rows: Delays) -> Held:
    delays = sorted(rows)
    return Held(delays, [rows[d].value for d in delays], [rows[d].low for d in delays], [rows[d].high for d in delays])


def _marks(fresh: FreshScores | None, say: Say) -> dict[Cell, Fresh]:
    if fresh is None:
        return {}
    now, figures = say("compare.now"), fresh.figures.items()
    return {cell: Fresh(fresh.delay, one.value, *one.interval, now) for cell, one in figures if one.interval}


def _experiment(game: str, device: str, fresh: FreshScores) -> None:
    """What was run now: in words, and the states' distance as a chart."""
    conclude(of_measured(fresh.figures, fresh.delay, shipped(game, device)), "measured")
    st.caption(t(f"compare.apart.{game}", pairs=PAIRS))
    means = {cell: one.mean for cell, one in fresh.left.items()}
    draw(left_over(means, t("compare.steps_after"), t("compare.left"), appearance.colours()), "states")
    conclude(of_holding(fresh.left, fresh.figures, FORMS[game].chance, fresh.delay), "states")
