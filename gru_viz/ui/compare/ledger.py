"""The ledger: what each of the three costs and is worth, counted and, for time, measured now on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

import plotly.graph_objects as go
import streamlit as st

import gru_viz as gv
from gru_viz.analysis.conclusions import METRICS, Conclusion, Score, of_score, of_speed
from gru_viz.analysis.cost import Clocked, Cost, Timing, seconds_a_step
from gru_viz.figures.ledger import Entry, ledger
from gru_viz.figures.of_cells import CELLS
from gru_viz.models import SequenceModel
from gru_viz.models.card import STRUCTURE
from gru_viz.models.seeding import own_dice
from gru_viz.palette import Palette
from gru_viz.quantities import Cell
from gru_viz.tasks.family import parameters
from gru_viz.ui import appearance
from gru_viz.ui.compare.figure import draw
from gru_viz.ui.compare.trio import load_three
from gru_viz.ui.compare.view import EQUALS, view
from gru_viz.ui.compare.words import Say, conclude, in_unit, us
from gru_viz.ui.i18n import speaker, t
from gru_viz.ui.link import keep, settle

FRESH_SEED = 0
KEPT_SECONDS = 5
"""How long a measurement answers whoever asks: many visitors, or one who keeps pressing, do not keep the CPU busy."""

_SHOWN = "compare-times"
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True)
class Times:
    """Seconds a step, by the clock.

    Attributes:
        without: the LSTM's with oneDNN switched off; None where that makes no difference (not on the CPU).
    """

    cells: Mapping[Cell, Timing]
    without: Timing | None


def panel(task: str, device: str) -> str:
    """The toggle, the bars, what follows from them, and a button that measures again; gives what is equal."""
    equal = _equal()
    models, times = three(task, device, equal), last_times(task, device, equal)
    draw(figure(models, times, equal, appearance.colours()), "ledger")
    conclude(conclusions(models, times, equal), "ledger")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button(t("compare.again"), key="measure-again", icon=":material/timer:", on_click=_forget)
        st.caption(t("compare.how_measured", device=t(f"device.{device}")), width="stretch")
    return equal


def figure(models: Mapping[Cell, SequenceModel], times: Times, equal: str, colours: Palette, say: Say = t) -> go.Figure:
    """The bars."""
    return ledger(entries(models, times, equal, say), colours)


def three(task: str, device: str, equal: str) -> dict[Cell, SequenceModel]:
    """The models that are compared: shipped ones of equal parameters, or fresh ones of equal width."""
    return fresh_three(task, device) if equal == "width" else shipped_three(task, device)


def _equal() -> str:
    say = speaker()
    settle("compare-equal", st.session_state.get("compare-equal", view().equal))
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="ledger-head"):
        st.html(f'<span class="gv-heading">{t("compare.ledger")}</span>', width="stretch")
        chosen = st.segmented_control(
            t("compare.equal"),
            EQUALS,
            format_func=lambda name: say(f"compare.equal.{name}"),
            key="compare-equal",
            required=True,
            label_visibility="collapsed",
        )
    keep(equal=chosen)
    return view().equal


def shipped_three(task: str, device: str) -> dict[Cell, SequenceModel]:
    """The trained models, which have equally many parameters."""
    return {cell: loaded.model for cell, loaded in load_three(task, device).items()}


@st.cache_resource(max_entries=8, show_spinner=False)
def fresh_three(task: str, device: str) -> dict[Cell, SequenceModel]:
    """Untrained models with as many units each as the trained GRU has."""
    gru = load_three(task, device)[Cell.GRU].model
    card = {name: gru.card[name] for name in STRUCTURE}
    with own_dice(FRESH_SEED):
        return {cell: SequenceModel(card | {"cell": cell.value}).eval().to(device) for cell in CELLS}


def _forget() -> None:
    st.session_state.pop(_SHOWN, None)


def last_times(task: str, device: str, equal: str) -> Times:
    """What this visitor was last shown: typing measures nothing anew."""
    shown = st.session_state.setdefault(_SHOWN, {})
    if (task, device, equal) not in shown:
        shown[task, device, equal] = measured(task, device, equal)
    return shown[task, device, equal]


@st.cache_data(ttl=KEPT_SECONDS, max_entries=32, show_spinner=False)
def measured(task: str, device: str, equal: str) -> Times:
    """Torch's own forward of the three, in turns; nobody else measures meanwhile."""
    models = three(task, device, equal)
    clocked: dict[Cell | None, Clocked] = {cell: Clocked(model.rnn) for cell, model in models.items()}
    if device == "cpu":
        clocked[None] = Clocked(models[Cell.LSTM].rnn, onednn=False)
    with _ONE_AT_A_TIME:
        found = seconds_a_step(clocked)
    return Times({cell: found[cell] for cell in CELLS}, found.get(None))


def entries(models: Mapping[Cell, SequenceModel], times: Times, equal: str, say: Say = t) -> list[Entry]:
    """The ledger's rows."""
    costs = {cell: gv.cost(model.rnn, 1) for cell, model in models.items()}
    seconds = {cell: timing.median for cell, timing in times.cells.items()}
    found = [
        _counted(say("compare.entry.parameters"), {cell: parameters(model.card) for cell, model in models.items()}),
        _counted(say("compare.entry.work"), {cell: one.multiply_accumulates for cell, one in costs.items()}),
        Entry(say("compare.entry.time"), seconds, {cell: us(value) for cell, value in seconds.items()}),
        _counted(say("compare.entry.state"), {cell: one.state_bytes for cell, one in costs.items()}),
    ]
    score = held_out(models) if equal == "parameters" else None
    if score is not None:
        written = {cell: in_unit(score.unit, value, say) for cell, value in score.values.items()}
        remark = "" if score.unit == "accuracy" else say("compare.less_is_better")
        found.append(Entry(say(f"compare.entry.{score.unit}"), score.values, written, remark))
    return found


def _counted(title: str, values: Mapping[Cell, int]) -> Entry:
    return Entry(title, values, {cell: f"{value:,}" for cell, value in values.items()})


def held_out(models: Mapping[Cell, SequenceModel]) -> Score | None:
    """The metric that all three cards have in common."""
    cards = {cell: model.card["metrics"] for cell, model in models.items()}
    name = next((name for name in METRICS if all(name in metrics for metrics in cards.values())), None)
    if name is None:
        return None
    return Score(METRICS[name], {cell: float(metrics[name]) for cell, metrics in cards.items()}, _samples(cards))


def _samples(cards: Mapping[Cell, Mapping]) -> int:
    """On how many independent answers a score rests, as far as the cards say."""
    metrics = cards[Cell.GRU]
    if "accuracy_by_delay" in metrics:
        return metrics["sequences_a_delay"] * len(metrics["accuracy_by_delay"])
    return int(metrics.get("held_out_names") or metrics.get("held_out_years") or 0)


def conclusions(models: Mapping[Cell, SequenceModel], times: Times, equal: str) -> list[Conclusion]:
    """What follows from the rows."""
    costs: dict[Cell, Cost] = {cell: gv.cost(model.rnn, 1) for cell, model in models.items()}
    score = held_out(models) if equal == "parameters" else None
    found = [Conclusion("untrained")] if equal == "width" else []
    found += of_score(score) if score else []
    return found + of_speed(times.cells, {c: one.multiply_accumulates for c, one in costs.items()}, times.without)
