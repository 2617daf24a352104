"""What one sees while it trains: how far, how fast, the curves of all runners, the gates of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from operator import attrgetter

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gru_viz.analysis.evidence import of_share
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
from gru_viz.errors import InputError, ModelError
from gru_viz.locale.digits import percent
from gru_viz.story.symbols import visible
from gru_viz.training import studies
from gru_viz.training.race import Gates, Standing
from gru_viz.training.race import gates as read_gates
from gru_viz.training.sessions import Session
from gru_viz.training.studies import Recipe, Study
from gru_viz.training.workers import State
from gru_viz.ui.kit.i18n import sentence, t
from gru_viz.ui.train import session

EVERY = 0.7
"""Seconds between two looks at a run."""


@dataclass(frozen=True)
class Metric:
    """What a task's held-out value is called, and whether it is a share."""

    label: str
    share: bool = False


_ACCURACY = Metric("train.metric_accuracy", share=True)
METRICS = {
    "names": _ACCURACY,
    "table": _ACCURACY,
    "recall": _ACCURACY,
    "adding": Metric("train.metric_within", share=True),
    "sunspots": Metric("train.metric_error"),
    "text": Metric("train.metric_bits"),
}
ABOUT = {
    "names": "train.about_names",
    "recall": "train.about_recall",
    "adding": "train.about_adding",
    "sunspots": "train.about_sunspots",
    "table": "train.about_table",
    "text": "train.about_text",
}
STRIPS = {"GRU": ("z", "r"), "Bi-GRU": ("z", "r"), "LSTM": ("f", "i"), "RNN": ("h",)}
"""What is watched of each cell: what it keeps and what it lets in; the plain RNN has no gate."""
MOST_STEPS = 40
HALVES = [1.12, 1]
_CHART = {"displayModeBar": False, "responsive": True}


def places(head: DeltaGenerator) -> None:
    """How many of the machine's places are taken now, in the masthead."""
    words = t("train.places", busy=session.WORKERS.busy(), places=session.WORKERS.places)
    with head.container(key="train-places", width="content"):
        st.html(
            f'<span class="gv-chip" title="{escape(t("train.places_help"))}">{escape(words)}</span>', width="content"
        )


def status(run: Session | None, recipe: Recipe) -> None:
    """One line: where the run is, how fast, how long still; or the place in the queue; before it, what the task is."""
    if run is None:
        st.html(f'<div class="gv-about">{t(ABOUT[recipe.task])}</div>')
        return
    words, share = _status_words(run)
    st.progress(share, text=words)


def _status_words(run: Session) -> tuple[str, float]:
    if run.fault is not None:
        return sentence(run.fault), 0.0
    if run.race is None:
        return (t("train.queued", place=run.job.place) if run.job.place else t("train.preparing")), 0.0
    pace = run.race.pace()
    step = max((at.step for at in run.standings()), default=0)
    parts = [t("train.at_step", step=f"{step:,}", steps=f"{run.recipe.steps:,}")]
    if run.state is State.WAITING:
        parts.insert(0, t("train.queued", place=run.job.place))
    elif run.state is State.WORKING:
        parts.append(t("train.speed", examples=f"{pace.examples:,.0f}"))
        if pace.seconds_left is not None:
            parts.append(t("train.left", seconds=f"{pace.seconds_left:.0f}"))
    elif run.state is State.DONE:
        parts.append(t("train.took", seconds=f"{run.race.seconds:.1f}"))
        parts.append(t("train.speed", examples=f"{pace.examples:,.0f}"))
    else:
        parts.append(t("train.stopped"))
    return " · ".join(parts), min(1.0, pace.share)


def charts(run: Session | None, recipe: Recipe, study: Study | None, colours: Palette) -> None:
    """Curves on the left, the gates of one runner on the right."""
    left, right = st.columns(HALVES, gap="medium")
    with left, st.container(key="train-curves", gap="xsmall"):
        _curves(run, recipe, study, colours)
    with right, st.container(key="train-gates", gap="xsmall"):
        _gates(run, recipe, study, colours)


def _curves(run: Session | None, recipe: Recipe, study: Study | None, colours: Palette) -> None:
    standings = run.standings() if run else ()
    metric = METRICS[run.recipe.task if run else recipe.task]
    cells = [at.name for at in standings] or list(recipe.cells)
    held_out = run.study.held_out[0] if run else 0
    st.html(_legend(cells, standings, metric.share, held_out, colours))
    drawn = [_curve(at, faint=True) for at in (run.before if run else ())]
    drawn += [_curve(at) for at in standings if at.curve]
    steps = max([run.recipe.steps if run else recipe.steps, *(one.steps[-1] for one in drawn if one.steps)])
    empty = "" if run else t("train.empty" if study else "train.empty_file")
    axes = Axes(t(metric.label), t("train.loss"), t("train.steps_axis"), metric.share, empty)
    figure = race_curves(drawn, steps, axes, colours)
    st.plotly_chart(figure, key="train-chart", theme=None, config=_CHART, alt=t("train.curves_alt"))
    if said := _measured_on(run, metric.share) + _evidence(standings):
        st.caption(" ".join(said))


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


def _measured_on(run: Session | None, share: bool) -> list[str]:
    """On how much the held-out values were measured, and how sure that makes each share of it."""
    if run is None or not (found := run.study.held_out)[0]:
        return []
    count, piece = found
    said = t(f"train.on_{piece}" if count > 1 else f"train.on_{piece}_one", count=f"{count:,}")
    valued = [(at.name, at.value) for at in run.standings() if at.value is not None]
    if not share or not valued:
        return [said]
    each = [t("train.between", name=name, **_bounds(value, count)) for name, value in valued]
    return [said, t("train.intervals", each=t("train.list").join(each))]


def _bounds(value: float, count: int) -> dict[str, str]:
    """The 95 % interval of a share of so many, in percent."""
    low, high = of_share(value, count, "").interval or (value, value)
    return {"low": percent(low, 1), "high": percent(high, 1)}


def _evidence(standings: Sequence[Standing]) -> list[str]:
    """What the held-out values do not tell, once runs are over: of one run each, and of a moment chosen by them."""
    over = [at for at in standings if at.over and at.fault is None]
    said = [t("train.one_run")] if len(over) > 1 else []
    return said + ([t("train.chosen")] if any(at.best is not None for at in over) else [])


def _legend(cells: Sequence[str], standings: Sequence[Standing], share: bool, count: int, colours: Palette) -> str:
    """Who is who, with the held-out value of each: the latest, or of the weights it kept; of a share, of how many."""
    by_name = {at.name: at for at in standings}
    items = []
    for cell in cells:
        at = by_name.get(cell)
        value = "" if at is None or at.value is None else written(at.value, share)
        if value and share and count:
            value = t("train.of", value=value, count=f"{count:,}")
        mark = _ending(at) if at else ""
        dot = f'<i style="background:{colours.cell(cell)}"></i>'
        items.append(f'<span data-testid="runner-{cell.lower()}">{dot}<b>{cell}</b> <span>{value}</span>{mark}</span>')
    return f'<div class="gv-runners">{"".join(items)}</div>'


def _ending(at: Standing) -> str:
    """Why a runner ended before its last step, if it did, and which weights it kept."""
    if at.fault is not None:
        return f' <span class="gv-lost">{t("train.lost")}</span>'
    if not at.over or at.best is None:
        return ""
    how = "train.stopped_early" if at.stopped is not None else "train.best_kept"
    return f" <span>· {t(how, step=f'{at.step:,}', best=f'{at.best:,}')}</span>"


def written(value: float, share: bool) -> str:
    """A held-out value as people read it; never 100 % or 0 % for what is not."""
    return t("number.percent", value=percent(value, 1)) if share else f"{value:.3g}"


def _gates(run: Session | None, recipe: Recipe, study: Study | None, colours: Palette) -> None:
    found = _watched(run, recipe, study)
    if found is None:
        st.caption(t("train.gates_empty"))
        return
    name, seen, fixed = found
    tokens = _tokens(fixed)[:MOST_STEPS]
    strips = [_strip(Quantity(q), seen.values[q][:MOST_STEPS]) for q in STRIPS[name]]
    words = t("train.gates_at", step=f"{seen.step:,}") if seen.step else t("train.gates_at_0")
    st.html(f'<div class="gv-runners" data-testid="gates-step"><span><b>{name}</b> {words}</span></div>')
    columns = Columns(tokens, 0, -1)
    st.plotly_chart(
        gate_strips(columns, strips, colours), key="train-strips", theme=None, config=_CHART, alt=t("train.gates_alt")
    )


def _strip(quantity: Quantity, values: np.ndarray) -> HeatStrip:
    rows, names = strip_rows(values, int(STRIP_HEIGHT / LEAST_ROW))
    caption = t(quantity.label_key)
    if quantity is Quantity.Z:
        caption = f"{caption}\n{t('convention.short_keep')}"
    return HeatStrip(quantity, rows, [t("unit.number", unit=name) for name in names], 0, quantity.value, caption)


def _tokens(fixed: object) -> list[str]:
    if isinstance(fixed, str):
        return [visible(token) for token in fixed]
    return [" ".join(f"{value:.3g}" for value in row) for row in fixed]  # type: ignore[union-attr]


def _watched(run: Session | None, recipe: Recipe, study: Study | None) -> tuple[str, Gates, object] | None:
    """The runner chosen to be watched, its latest gates, and what it reads; before any run, its initialisation."""
    if run is not None:
        seen = {at.name: at.gates for at in run.standings() if at.gates is not None}
        if not seen:
            return None
        name = st.session_state.get("train-watch")
        name = name if name in seen else next(iter(seen))
        return name, seen[name], run.study.fixed
    if study is None or not recipe.cells:
        return None
    name = st.session_state.get("train-watch")
    name = name if name in recipe.cells else recipe.cells[0]
    try:
        return name, _untrained(study, recipe, name), study.fixed
    except (InputError, ModelError):
        return None


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs={Study: attrgetter("identity")})
def _untrained(study: Study, recipe: Recipe, cell: str) -> Gates:
    """The gates of the initialisation a run of this recipe would start from."""
    return Gates(0, read_gates(studies.untrained(study, cell, recipe), study.fixed))
