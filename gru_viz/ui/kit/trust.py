"""Under the predictions: how far the model's confidence may be trusted after so many letters, if that was measured."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import plotly.graph_objects as go
import streamlit as st

from gru_viz.analysis.trust import Trust, as_sure, by_letters
from gru_viz.draw.figures.trust import Said, trust
from gru_viz.draw.palette import Palette
from gru_viz.locale.digits import percent
from gru_viz.story.runs import Run
from gru_viz.ui.kit import appearance
from gru_viz.ui.kit.i18n import t


def trusted(run: Run, step: int) -> None:
    """One sentence about the selected step and a small figure of all; nothing for a model whose card has neither."""
    measured = by_letters(run.model.card)
    if not measured or run.belief is None:
        return
    said = sentence(run, step)
    if said:
        st.html(f'<p class="gv-conclusion" data-testid="trust">{escape(said)}</p>')
    st.plotly_chart(
        figure(measured, appearance.colours()),
        key="trust",
        theme=None,
        width=520,
        config={"displayModeBar": False},
        alt=t("trust.alt"),
    )


def figure(measured: Mapping[int, Trust], colours: Palette) -> go.Figure:
    """What the best guess says after each letter, and how often it is right."""
    bounds = [one.right.interval or (one.right.value,) * 2 for one in measured.values()]
    drawn = Said(
        list(measured),
        [one.said for one in measured.values()],
        [one.right.value for one in measured.values()],
        [low for low, _ in bounds],
        [high for _, high in bounds],
    )
    return trust(drawn, t("trust.said"), t("trust.right"), t("trust.letters"), t("trust.percent"), colours)


def sentence(run: Run, step: int) -> str:
    """What the card says of beliefs after so many letters, and of those about as sure as this one."""
    letters = step + 1
    measured = by_letters(run.model.card).get(letters)
    if measured is None or run.belief is None:
        return ""
    said = t(f"trust.{measured.verdict}", letters=letters, said=percent(measured.said), **_shown(measured))
    near = as_sure(run.model.card, letters, float(run.belief[step].max()))
    if near is None:
        return said
    low, high, here = near
    more = t("trust.here", least=percent(low), most=percent(high), **_shown(here))
    return t("narrate.join", one=said, two=more)


def _shown(found: Trust) -> dict[str, str]:
    low, high = found.right.interval or (found.right.value,) * 2
    shown = {"right": found.right.value, "low": low, "high": high}
    return {name: percent(value) for name, value in shown.items()} | {"count": f"{found.right.n:,}"}
