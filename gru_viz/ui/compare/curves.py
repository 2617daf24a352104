"""Learning curves of the three, from their training runs."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go
import streamlit as st

from gru_viz.analysis import card_figures
from gru_viz.analysis.comparisons import HeldOutCurve, Over, Score, of_curves
from gru_viz.analysis.conclusions import METRICS, Conclusion, Unit
from gru_viz.cells.quantities import Cell
from gru_viz.draw.figures.curves_of_cells import curves
from gru_viz.draw.palette import Palette
from gru_viz.locale import Say
from gru_viz.story.trio import GAMES
from gru_viz.tasks.delays import PROBED, PROBES
from gru_viz.ui.compare.figure import draw
from gru_viz.ui.compare.ledger import common, shipped_three
from gru_viz.ui.compare.words import conclude
from gru_viz.ui.kit import appearance
from gru_viz.ui.kit.i18n import t


def panel(task: str, device: str) -> None:
    """The curves there are; a card without one is named."""
    drawn = figure(task, device, appearance.colours())
    if drawn is None:
        st.caption(t("compare.curves.none"))
        return
    draw(drawn, "curves")
    conclude(concluded(task, device), "curves")
    st.caption(t("compare.curves.caption"))


def figure(task: str, device: str, colours: Palette, say: Say = t) -> go.Figure | None:
    """The curves the cards keep; None where they keep none."""
    found, _ = kept(task, device)
    if not found:
        return None
    unit = unit_of(task, device)
    points = {cell: (curve.step, curve.score) for cell, curve in found.items()}
    titles = say("compare.curves.steps"), say(f"compare.entry.{unit}")
    return curves(points, *titles, colours, share=unit == "accuracy")


def kept(task: str, device: str) -> tuple[dict[Cell, HeldOutCurve], list[Cell]]:
    """The curves on the cards, and the cells whose cards have none."""
    cards = {cell: model.card.get("curve") for cell, model in shipped_three(task, device).items()}
    found = {
        cell: HeldOutCurve(card["step"], card["held_out"]) for cell, card in cards.items() if card and card["step"]
    }
    return found, [cell for cell in cards if cell not in found]


def concluded(task: str, device: str) -> list[Conclusion]:
    """What follows from the curves."""
    cards = {cell: model.card for cell, model in shipped_three(task, device).items()}
    shipped = {cell: one for cell, card in cards.items() if (one := card_figures.shipped(card)) is not None}
    over = Over(PROBED, PROBES) if task in GAMES else None
    return of_curves(_score(task, device), *kept(task, device), shipped=shipped, over=over)


def _score(task: str, device: str) -> Score:
    """The held-out scores the curves lead up to, with their evidence."""
    cards = {cell: model.card for cell, model in shipped_three(task, device).items()}
    metric = next(card["curve"]["metric"] for card in cards.values() if card.get("curve"))
    unit = METRICS[metric]
    return Score(unit, card_figures.held_out(cards, metric, rises=unit == "accuracy"), common(cards))


def unit_of(task: str, device: str) -> Unit:
    """In what the held-out score of the curves is measured."""
    cards: Mapping[Cell, dict] = {cell: model.card for cell, model in shipped_three(task, device).items()}
    return next(METRICS[card["curve"]["metric"]] for card in cards.values() if card.get("curve"))
