"""The ledger: what each of the three costs and is worth, counted and, for time, measured on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st

import gru_viz as gv
from gru_viz.analysis import card_figures
from gru_viz.analysis.clock import STEPS, Shape, Timing, shape_of
from gru_viz.analysis.comparisons import Over, Score, beside, of_score
from gru_viz.analysis.conclusions import METRICS, Conclusion, of_speed
from gru_viz.analysis.cost import Cost
from gru_viz.analysis.stopwatch import Measured, Outcome
from gru_viz.cells.quantities import Cell
from gru_viz.draw.figures.ledger import Entry, ledger
from gru_viz.draw.palette import Palette
from gru_viz.locale import Say
from gru_viz.locale.digits import count, duration, microseconds
from gru_viz.models import SequenceModel
from gru_viz.models.card import STRUCTURE
from gru_viz.models.seeding import own_dice
from gru_viz.story.concluded import sentence
from gru_viz.story.trio import CELLS, Trio, load_three
from gru_viz.tasks.family import parameters
from gru_viz.ui.compare.figure import draw
from gru_viz.ui.compare.view import EQUALS, view
from gru_viz.ui.compare.words import conclude
from gru_viz.ui.kit import appearance, timing
from gru_viz.ui.kit.i18n import speaker, t
from gru_viz.ui.kit.link import keep, settle

FRESH_SEED = 0
WITHOUT = "LSTM without oneDNN"
"""What is timed beside the three."""


@dataclass(frozen=True)
class Times:
    """Seconds a step, by the clock.

    Attributes:
        without: the LSTM's with oneDNN switched off; None where that makes no difference (not on the CPU).
    """

    cells: Mapping[Cell, Timing]
    without: Timing | None


def panel(trio: Trio, device: str) -> str:
    """The toggle, the bars, what follows from them, and a button that measures again; gives what is equal."""
    task, equal = trio.task, _equal()
    models, asked = three(task, device, equal), shapes(task, device, equal)
    found = timing.timed(asked)
    draw(figure(models, found, equal, appearance.colours()), "ledger")
    conclude(conclusions(models, found, equal, trio), "ledger")
    if trouble := timing.trouble(found):
        st.caption(trouble)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button(
            t("compare.again"),
            key="measure-again",
            icon=":material/timer:",
            on_click=timing.again,
            args=(asked,),
            disabled=found is None,
        )
        st.caption(_how(trio, device, found), width="stretch")
    if found is None:
        timing.fill_in(asked)
    return equal


def _how(trio: Trio, device: str, found: Outcome | None) -> str:
    """What the time in the ledger is, and what the one at the head of the page."""
    seconds, steps = sum(run.seconds for run in trio.runs.values()), len(trio)
    measured = t("compare.how_measured", device=t(f"device.{device}"), clock=t(f"timing.clock.{device}"), length=STEPS)
    each = duration(seconds / steps / len(trio.runs))
    measured = " ".join(part for part in (measured, timing.when(found)) if part)
    return f"{measured} {t('compare.how_traced', time=duration(seconds), each=each)}"


def figure(
    models: Mapping[Cell, SequenceModel], found: Outcome | None, equal: str, colours: Palette, say: Say = t
) -> go.Figure:
    """The bars."""
    return ledger(entries(models, found, equal, say), colours)


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


def shapes(task: str, device: str, equal: str) -> dict[str, Shape]:
    """What is timed: torch's own forward of the three, and on the CPU of the LSTM with oneDNN off."""
    models = three(task, device, equal)
    found = {cell.value: shape_of(model.rnn) for cell, model in models.items()}
    if device == "cpu":
        found[WITHOUT] = shape_of(models[Cell.LSTM].rnn, onednn=False)
    return found


def times_of(found: Outcome | None) -> Times | None:
    """The times, where there are any."""
    if not isinstance(found, Measured):
        return None
    return Times({cell: found.times[cell.value] for cell in CELLS}, found.times.get(WITHOUT))


def entries(models: Mapping[Cell, SequenceModel], found: Outcome | None, equal: str, say: Say = t) -> list[Entry]:
    """The ledger's rows. Where there is no time its row says so."""
    costs = {cell: gv.cost(model.rnn, 1) for cell, model in models.items()}
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
    return rows


def _time(found: Outcome | None, say: Say) -> Entry:
    times = times_of(found)
    if times is None:
        return Entry(say("compare.entry.time"), {}, {}, say("timing.soon" if found is None else "timing.none"))
    seconds = {cell: one.seconds for cell, one in times.cells.items()}
    return Entry(say("compare.entry.time"), seconds, {cell: microseconds(value) for cell, value in seconds.items()})


def _counted(title: str, values: Mapping[Cell, int]) -> Entry:
    return Entry(title, values, {cell: count(value) for cell, value in values.items()})


def held_out(models: Mapping[Cell, SequenceModel]) -> Score | None:
    """The metric that all three cards have in common, with its evidence."""
    cards = {cell: model.card for cell, model in models.items()}
    name = next((name for name in METRICS if all(name in card["metrics"] for card in cards.values())), None)
    if name is None:
        return None
    unit = METRICS[name]
    return Score(unit, card_figures.held_out(cards, name, rises=unit == "accuracy"), common(cards))


def common(cards: Mapping[Cell, Mapping]) -> Over | None:
    """Of a game: what the accuracy of all three is the mean over."""
    found = {card_figures.over(card) for card in cards.values()}
    return found.pop() if len(found) == 1 else None


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


def conclusions(
    models: Mapping[Cell, SequenceModel], found: Outcome | None, equal: str, trio: Trio
) -> list[Conclusion]:
    """What follows from the rows."""
    times = times_of(found)
    costs: dict[Cell, Cost] = {cell: gv.cost(model.rnn, 1) for cell, model in models.items()}
    score = held_out(models) if equal == "parameters" else None
    told = [_fresh(models, trio)] if equal == "width" else []
    told += of_score(score) if score else []
    if times is None:
        return told
    return told + of_speed(times.cells, {c: one.multiply_accumulates for c, one in costs.items()}, times.without)


def _fresh(models: Mapping[Cell, SequenceModel], trio: Trio) -> Conclusion:
    """The ledger is of other models than the lanes beside it: which are whose."""
    shown = " · ".join(f"{cell.value} {run.model.rnn.hidden_size}" for cell, run in trio.runs.items())
    return Conclusion("untrained", {"units": models[Cell.GRU].rnn.hidden_size, "lanes": shown})
