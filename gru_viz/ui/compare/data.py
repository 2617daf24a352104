"""Data and export: every table behind the page as CSV or Parquet, every chart as one page of HTML."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

import gru_viz as gv
from gru_viz.analysis.comparisons import Score
from gru_viz.analysis.evidence import Figure
from gru_viz.cells.quantities import Cell
from gru_viz.draw.steps_table import STEP, from_one, numbered, read_on_screen
from gru_viz.story.runs import Run
from gru_viz.story.symbols import visible
from gru_viz.story.trio import Trio, games
from gru_viz.story.trio_lanes import tokens
from gru_viz.ui.compare import charts
from gru_viz.ui.compare.curves import kept
from gru_viz.ui.compare.games import BUDGETS, FORMS, by_delay
from gru_viz.ui.compare.ledger import held_out, shapes, three, times_of
from gru_viz.ui.compare.view import PICTURES, TABLES, view
from gru_viz.ui.kit import appearance, timing
from gru_viz.ui.kit.i18n import speaker, t
from gru_viz.ui.kit.link import keep, settle

PREVIEW = 200
"""Rows shown; a download has all of them."""


def panel(trio: Trio, device: str) -> None:
    """A table picker, its first rows, downloads, and as what figures are saved."""
    say = speaker()
    settle("compare-table", st.session_state.get("compare-table", view().table))
    name = st.segmented_control(
        t("compare.table"),
        TABLES,
        format_func=lambda one: say(f"compare.table.{one}"),
        key="compare-table",
        required=True,
        label_visibility="collapsed",
    )
    keep(table=name)
    made = table(view().table, trio, device, view().equal)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        file = f"gru-explorer-{trio.task}-{view().table}"
        _download("csv", f"{file}.csv", partial(_csv, made), "text/csv")
        _download("parquet", f"{file}.parquet", partial(_parquet, made), "application/vnd.apache.parquet")
        found = timing.timed(shapes(trio.task, device, view().equal))
        page = partial(charts.page, trio.task, device, view().equal, found, appearance.colours(), say)
        _download("html", f"gru-explorer-{trio.task}.html", page, "text/html")
        _picture()
    if len(made) > PREVIEW:
        st.caption(t("compare.preview", shown=PREVIEW, rows=f"{len(made):,}"))
    shown = read_on_screen(made.head(PREVIEW), shares=("probability",))
    st.dataframe(shown, key="compare-preview", height=300, hide_index=True)
    st.caption(t("compare.picture_help"))


def _picture() -> None:
    settle("compare-picture", st.session_state.get("compare-picture", view().picture))
    chosen = st.segmented_control(
        t("compare.picture"),
        PICTURES,
        format_func=str.upper,
        key="compare-picture",
        required=True,
        label_visibility="collapsed",
    )
    keep(picture=chosen)


def _download(what: str, name: str, make: Callable[[], bytes], mime: str) -> None:
    """A button that makes its file only when it is pressed."""
    label, key = t(f"compare.download.{what}"), f"compare-{what}"
    st.download_button(label, make, file_name=name, mime=mime, key=key, icon=":material/download:", on_click="ignore")


def _csv(made: pd.DataFrame) -> bytes:
    return made.to_csv(index=False).encode("utf-8-sig")


def _parquet(made: pd.DataFrame) -> bytes:
    into = io.BytesIO()
    made.to_parquet(into, index=False)
    return into.getvalue()


def table(name: str, trio: Trio, device: str, equal: str) -> pd.DataFrame:
    """One of the page's tables, tidy: a row an observation, a column `cell` in front."""
    if name == "steps":
        return _stacked({cell.value: _steps(trio, run) for cell, run in trio.runs.items()})
    if name == "predictions":
        return _predictions(trio)
    if name == "ledger":
        return _ledger(trio.task, device, equal)
    return _delays(device) if name == "memory" else _curves(trio.task, device)


def _stacked(parts: dict[str, pd.DataFrame]) -> pd.DataFrame:
    for cell, part in parts.items():
        part.insert(0, "cell", cell)
    return pd.concat(parts.values(), ignore_index=True) if parts else pd.DataFrame(columns=["cell"])


def _steps(trio: Trio, run: Run) -> pd.DataFrame:
    """What is inside a cell at every step, its tokens written as in every other table here."""
    made = from_one(run.trace.to_frame())
    written = tokens(trio)
    made["token"] = [written[step - 1] for step in made[STEP]]
    return made


def _written(trio: Trio, label: str) -> str:
    """A class as the models call it; a symbol as it is written where it is read."""
    return visible(label) if trio.kind == "next" else label


def _predictions(trio: Trio) -> pd.DataFrame:
    """After every step: the likeliest class or symbol with its probability, or the number that is foretold."""
    parts = {}
    for cell, run in trio.runs.items():
        assert run.belief is not None
        found = {"token": tokens(trio)}
        if trio.kind == "forecast":
            parts[cell.value] = numbered(pd.DataFrame(found | {"forecast": run.belief[:, 0]}))
            continue
        labels = [_written(trio, run.model.labels[index]) for index in run.belief.argmax(axis=1)]
        told = {"prediction": labels, "probability": run.belief.max(axis=1)}
        parts[cell.value] = numbered(pd.DataFrame(found | told))
    return _stacked(parts)


def _ledger(task: str, device: str, equal: str) -> pd.DataFrame:
    models = three(task, device, equal)
    times = times_of(timing.timed(shapes(task, device, equal)))
    score = held_out(models) if equal == "parameters" else None
    rows = []
    for cell, model in models.items():
        cost = gv.cost(model.rnn, 1)
        row = {
            "cell": cell.value,
            "models": "trained, as in the lanes" if equal == "parameters" else "fresh, of one width",
            "units": model.rnn.hidden_size,
            "parameters": sum(weight.numel() for weight in model.parameters()),
            "parameters_of_the_cell": cost.parameters,
            "multiply_accumulates_a_step": cost.multiply_accumulates,
            "microseconds_a_step": times.cells[cell].seconds * 1e6 if times else None,
            "state_bytes": cost.state_bytes,
        }
        rows.append(row | (_held_out(score, cell) if score else {}))
    return pd.DataFrame(rows)


def _held_out(score: Score, cell: Cell) -> dict[str, float | int | str | None]:
    """A held-out score and what it rests on."""
    figure, name = score.figures[cell], f"held_out_{score.unit}"
    low, high = figure.interval or (None, None)
    measured_on = {f"{name}_samples": figure.n or None, f"{name}_sample": figure.piece or None}
    return {name: figure.value, f"{name}_low": low, f"{name}_high": high, f"{name}_runs": figure.runs} | measured_on


def _delays(device: str) -> pd.DataFrame:
    rows = [
        {"cell": cell.value, "task": game, "budget": budget, "delay": delay, **_runs(figure), "chance": form.chance}
        for game, form in FORMS.items()
        if game in games()
        for budget in BUDGETS
        for cell, delays in by_delay(game, device, budget).items()
        for delay, figure in delays.items()
    ]
    return pd.DataFrame(rows, columns=["cell", "task", "budget", "delay", "mean", "low", "high", "runs", "chance"])


def _runs(figure: Figure) -> dict[str, float | int]:
    """The mean of the training runs, the lowest and the highest of them."""
    return {"mean": figure.value, "low": figure.low, "high": figure.high, "runs": figure.runs}


def _curves(task: str, device: str) -> pd.DataFrame:
    found, _ = kept(task, device)
    return _stacked(
        {c.value: pd.DataFrame({"optimiser_steps": one.step, "held_out": one.score}) for c, one in found.items()}
    )
