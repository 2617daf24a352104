"""How long can it hold? Accuracy against delay from the cards, fresh sequences run now, the states while they wait."""

from __future__ import annotations

import secrets

import streamlit as st

from gru_viz.analysis.card_figures import shipped_of
from gru_viz.analysis.comparisons import of_delays
from gru_viz.analysis.games import BUDGETS, FORMS, PAIRS, FreshScores
from gru_viz.analysis.ledger import Models
from gru_viz.analysis.run_now import of_holding, of_measured
from gru_viz.draw.compared_figures import delays_figure, states_figure
from gru_viz.errors import InputError
from gru_viz.limits import GAME_DELAY
from gru_viz.story.compared import by_delay, run_now, trained_three
from gru_viz.story.concluded import sentences
from gru_viz.story.trio import GAMES, games
from gru_viz.ui.compare.view import COUNTS, view
from gru_viz.ui.kit import appearance
from gru_viz.ui.kit.figures import conclusion, show
from gru_viz.ui.kit.i18n import sentence, speaker, t
from gru_viz.ui.kit.link import keep, settle
from gru_viz.ui.kit.pickers import pick
from gru_viz.ui.kit.whole import whole_number


def memory(task: str, device: str) -> None:
    """The game, its two charts, and the experiment below them."""
    there = games()
    if not there:
        st.info(t("compare.memory.missing", games=", ".join(t(f"compare.task.{game}") for game in GAMES)))
        return
    game = _game(there, task if task in there else there[0])
    models = trained_three(game, device)
    st.caption(t(f"compare.game.{game}"))
    fresh = _controls(game, device)
    _charts(game, device, fresh)
    if fresh is not None:
        _experiment(game, models, fresh)


def _game(there: list[str], usual: str) -> str:
    """The game that is shown: the one picked, else the page's own task, else the first there is."""

    def picked() -> None:
        chosen = st.session_state["compare-game"]
        keep(game=None if chosen == usual else chosen)

    shown = view().game if view().game in there else usual
    words = "compare.task.{}"
    return pick("game", there, "compare.game", words, key="compare-game", value=shown, changed=picked) or usual


def _controls(game: str, device: str) -> FreshScores | None:
    """What is run now, once it was asked for."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="run-now-row"):
        delay, trouble = _delay(game)
        style = {"widget": st.selectbox, "label_visibility": "visible", "width": 150}
        pick("count", COUNTS, "compare.count", key="compare-count", **style)
        st.button(
            t("compare.run_now"),
            key="run-now",
            type="primary",
            on_click=lambda: keep(draw=secrets.randbelow(2**31)),
            icon=":material/casino:",
            disabled=delay is None,
        )
    if delay is None:
        st.warning(trouble)
        return None
    keep(delay=delay)
    if view().draw is None:
        st.caption(t("compare.run_now_empty"))
        return None
    return run_now(game, device, delay, view().count, view().draw)


def _delay(game: str) -> tuple[int | None, str]:
    """The steps to wait that stand in the field; or None, and why they cannot be."""
    settle("compare-delay", st.session_state.get("compare-delay", view().delay))
    try:
        return whole_number(
            t("compare.delay"), FORMS[game].least, GAME_DELAY, key="compare-delay", step=5, width=150
        ), ""
    except InputError as error:
        return None, sentence(error)


def _charts(game: str, device: str, fresh: FreshScores | None) -> None:
    """One chart a budget, side by side; what was run now stands on the first, for the shipped models had that one."""
    say = speaker()
    for column, budget in zip(st.columns(2, gap="medium"), BUDGETS, strict=True):
        with column:
            now = fresh if budget == "same_steps" else None
            drawn = delays_figure(game, device, budget, appearance.colours(), say, now)
            if drawn is None:
                st.caption(t("compare.memory.no_study"))
                continue
            show(drawn, f"{game}-{budget}", key=f"figure-{game}-{budget}")
            told = of_delays(by_delay(game, device, budget), FORMS[game].chance)
            conclusion(sentences(told, say), f"conclusion-{budget}")


def _experiment(game: str, models: Models, fresh: FreshScores) -> None:
    """What was run now: in words, and the states' distance as a chart."""
    say, cards = speaker(), {cell: model.card for cell, model in models.items()}
    told = of_measured(fresh.figures, fresh.delay, shipped_of(cards))
    conclusion(sentences(told, say), "conclusion-measured")
    st.caption(t(f"compare.apart.{game}", pairs=PAIRS))
    show(states_figure(fresh, appearance.colours(), say), "states", key="figure-states")
    told = of_holding(fresh.left, fresh.figures, FORMS[game].chance, fresh.delay)
    conclusion(sentences(told, say), "conclusion-states")
