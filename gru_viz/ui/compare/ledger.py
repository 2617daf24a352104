"""The ledger: what each of the three costs and is worth, the time measured on this machine; and their matrices."""

from __future__ import annotations

import streamlit as st

from gru_viz.analysis.clock import STEPS
from gru_viz.analysis.ledger import ledger_concluded, matrices_concluded, shapes
from gru_viz.analysis.stopwatch import Outcome
from gru_viz.draw.compared_figures import ledger_figure, matrices_figure
from gru_viz.locale.digits import duration
from gru_viz.story.compared import EQUALS, three
from gru_viz.story.concluded import sentences
from gru_viz.story.trio import Trio
from gru_viz.ui.compare.view import view
from gru_viz.ui.kit import address, appearance, timing
from gru_viz.ui.kit.figures import conclusion, show
from gru_viz.ui.kit.i18n import speaker, t
from gru_viz.ui.kit.parts import part
from gru_viz.ui.kit.pickers import pick


@part
def ledger(trio: Trio, device: str) -> None:
    """What is equal, the bars, what follows from them, a button that measures again, and the matrices. Measuring
    again draws nothing else."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="ledger-head"):
        st.html(f'<span class="gv-heading">{t("compare.ledger")}</span>', width="stretch")
        pick("equal", EQUALS, "compare.equal", "compare.equal.{}", key="compare-equal")
    equal, say, colours = view().equal, speaker(), appearance.colours()
    models = three(trio.task, device, equal)
    asked = shapes(models, device)
    found = timing.timed(asked)
    show(ledger_figure(models, found, equal, colours, say), "ledger", key="figure-ledger")
    lanes = {cell: run.model for cell, run in trio.runs.items()}
    conclusion(sentences(ledger_concluded(models, found, equal, lanes), say), "conclusion-ledger")
    if trouble := timing.trouble(found):
        st.caption(trouble)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        timing.again_button(asked, found, "compare.again", key="measure-again")
        st.caption(_how(trio, device, found), width="stretch")
    if found is None:
        timing.fill_in(asked)
    st.caption(t("compare.parts.caption"))
    show(matrices_figure(models, colours, say), "matrices", key="figure-matrices")
    conclusion(sentences([matrices_concluded(models, equal)], say), "conclusion-parts")
    address.write("address-of-ledger")


def _how(trio: Trio, device: str, found: Outcome | None) -> str:
    """What the time in the ledger is, and what the one at the head of the page."""
    seconds, steps = sum(run.seconds for run in trio.runs.values()), len(trio)
    measured = t("compare.how_measured", device=t(f"device.{device}"), clock=t(f"timing.clock.{device}"), length=STEPS)
    each = duration(seconds / steps / len(trio.runs))
    measured = " ".join(part for part in (measured, timing.when(found)) if part)
    return f"{measured} {t('compare.how_traced', time=duration(seconds), each=each)}"
