"""The row of settings: what is trained, who races, how large, how fast, how long; all of it in the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from gru_viz.errors import InputError, ModelError
from gru_viz.models.sequence import SequenceModel
from gru_viz.models.zoo import unpacked
from gru_viz.training.own_data import MOST_BYTES
from gru_viz.training.studies import LAYERS, OFFERS, RATES, STEPS, WIDTHS, Recipe, Study
from gru_viz.ui import address
from gru_viz.ui.i18n import sentence, speaker, t
from gru_viz.ui.notices import notice
from gru_viz.ui.state import one_of, settle, view, whole

_RECIPE, _READ, _FILE = "train-recipe", "train-read", "train-file"
_FILE_TYPES = {"table": ["csv", "tsv", "txt"], "text": ["txt", "md", "csv", "py"]}
_SEED = 2**31 - 1
TASKS = {
    "names": "train.task_names",
    "recall": "train.task_recall",
    "adding": "train.task_adding",
    "sunspots": "train.task_sunspots",
    "table": "train.task_table",
    "text": "train.task_text",
}
"""What every task is called, in the order of the page."""
_WANTS = {"table": "train.wants_table", "text": "train.wants_text"}


@dataclass(frozen=True)
class Field:
    """A whole number one can set."""

    label: str
    bounds: tuple[int, int]
    step: int
    width: int
    help: str = ""


FIELDS = {
    "width": Field("train.width", WIDTHS, 8, 96, "train.width_help"),
    "layers": Field("train.layers", LAYERS, 1, 84),
    "steps": Field("train.steps", STEPS, 100, 118),
    "seed": Field("train.seed", (0, _SEED), 1, 84, "train.seed_help"),
}


def _cells(raw: str) -> tuple[str, ...]:
    known = {cell.lower(): cell for cell in OFFERS["names"].cells}
    return tuple(known[part] for part in raw.split(",")) if raw else ()


def _rate(raw: str) -> float:
    value = float(raw)
    if value not in RATES:
        raise ValueError(raw)
    return value


READERS: dict[str, Callable[[str], Any]] = {
    "task": one_of(*OFFERS),
    "cells": _cells,
    "width": whole(*WIDTHS),
    "layers": whole(*LAYERS),
    "learning_rate": _rate,
    "steps": whole(*STEPS),
    "seed": whole(0, _SEED),
}
"""How a link's parameters are read; a field of `Recipe` each."""
URL = {"learning_rate": "rate"}
"""What a field is called in the address, where that is shorter."""


def read(query: Mapping[str, str]) -> tuple[Recipe, list[tuple[str, str]]]:
    """A link's recipe, from the defaults of its task; what cannot be read is left at its default and named."""
    found: dict[str, Any] = {}
    wrong = []
    for name, reader in READERS.items():
        raw = query.get(URL.get(name, name))
        if raw is None:
            continue
        try:
            found[name] = reader(raw)
        except (ValueError, KeyError):
            wrong.append((URL.get(name, name), raw[:40]))
    return replace(OFFERS[found.get("task", "names")].start, **found), wrong


def query_of(recipe: Recipe) -> dict[str, str]:
    """The parameters of a link that opens this recipe: the task, and what is not its default."""
    start = OFFERS[recipe.task].start
    found = {"task": recipe.task} if recipe.task != "names" else {}
    for name in READERS:
        value = getattr(recipe, name)
        if name != "task" and value != getattr(start, name):
            found[URL.get(name, name)] = ",".join(value).lower() if name == "cells" else f"{value:g}"
    return found


@dataclass(frozen=True)
class Settings:
    """What the visitor asks for.

    Attributes:
        study: the task with its data; None where they cannot be used.
        start: a model that was uploaded to go on from.
    """

    recipe: Recipe
    study: Study | None
    start: SequenceModel | None


def settings(busy: bool) -> Settings:
    """Draw the rows of settings and read them; while it trains they are shown, not changed."""
    recipe = _recipe()
    with st.container(key="train-settings", gap="xsmall"):
        task = _task(recipe, busy)
        recipe = _recipe() if task == recipe.task else _changed_task(task)
        with st.container(key="train-row", horizontal=True, gap="small", vertical_alignment="bottom"):
            recipe = _numbers(recipe, busy)
            start = _saved_model(busy)
        blob = _own_file(recipe.task, busy) if OFFERS[recipe.task].wants_file else None
        if start is not None:
            st.caption(t("train.continues", name=start.name))
    st.session_state[_RECIPE] = recipe
    names = [URL.get(name, name) for name in READERS]
    lang = view().lang
    address.put([*names, "lang"], query_of(recipe) | ({"lang": lang} if lang else {}), "train-address")
    for name, value in st.session_state[_READ]:
        notice(t("notice.wrong_parameter", name=name, value=value))
    return Settings(recipe, _study(recipe, blob), start)


def _recipe() -> Recipe:
    """The session's recipe; the link's at the first call."""
    if _RECIPE not in st.session_state:
        st.session_state[_RECIPE], st.session_state[_READ] = read(st.query_params.to_dict())
    return st.session_state[_RECIPE]


def _changed_task(task: str) -> Recipe:
    """Another task starts from its own defaults; who races is kept where it may race there."""
    cells = tuple(cell for cell in _recipe().cells if cell in OFFERS[task].cells)
    start = OFFERS[task].start
    return replace(start, cells=cells or start.cells, learning_rate=start.learning_rate)


def _task(recipe: Recipe, busy: bool) -> str:
    say = speaker()
    _first("train-task", recipe.task)
    chosen = st.segmented_control(
        t("train.task"),
        list(TASKS),
        format_func=lambda name: say(TASKS[name]),
        key="train-task",
        required=True,
        on_change=_task_picked,
        disabled=busy,
        label_visibility="collapsed",
        wrap=True,
    )
    return chosen or recipe.task


def _task_picked() -> None:
    st.session_state[_RECIPE] = _changed_task(st.session_state["train-task"])
    for name in ("cells", "rate", *FIELDS):
        st.session_state.pop(f"train-{name}", None)
    st.session_state[_READ] = []


def _numbers(recipe: Recipe, busy: bool) -> Recipe:
    offer = OFFERS[recipe.task]
    _first("train-cells", [cell for cell in recipe.cells if cell in offer.cells])
    cells = st.pills(
        t("train.cells"),
        list(offer.cells),
        selection_mode="multi",
        key="train-cells",
        disabled=busy,
        help=t("train.cells_help") if "Bi-GRU" in offer.cells else t("train.no_bigru"),
    )
    width, layers = (_whole(name, getattr(recipe, name), busy) for name in ("width", "layers"))
    _first("train-rate", recipe.learning_rate)
    rate = st.selectbox(
        t("train.rate"), RATES, format_func=lambda value: f"{value:g}", key="train-rate", disabled=busy, width=110
    )
    steps, seed = (_whole(name, getattr(recipe, name), busy) for name in ("steps", "seed"))
    ordered = tuple(cell for cell in offer.cells if cell in (cells or []))
    return replace(recipe, cells=ordered, width=width, layers=layers, learning_rate=rate, steps=steps, seed=seed)


def _first(key: str, value: Any) -> None:
    """A widget's first value; what the visitor has set stays."""
    settle(key, st.session_state.get(key, value))


def _whole(name: str, value: int, busy: bool) -> int:
    field = FIELDS[name]
    _first(f"train-{name}", value)
    found = st.number_input(
        t(field.label),
        *field.bounds,
        key=f"train-{name}",
        step=field.step,
        disabled=busy,
        width=field.width,
        help=t(field.help) if field.help else None,
    )
    return int(found)


def _saved_model(busy: bool) -> SequenceModel | None:
    """A model saved before, to go on from."""
    with st.popover(t("train.continue"), icon=":material/upload_file:", type="tertiary", key="train-continue"):
        st.caption(t("train.continue_help"))
        given = st.file_uploader(
            t("train.continue_file"), ["safetensors"], key="train-model", disabled=busy, label_visibility="collapsed"
        )
    if given is None:
        return None
    try:
        return unpacked(given.getvalue(), given.name)
    except ModelError as error:
        notice(sentence(error))
        return None


def _own_file(task: str, busy: bool) -> bytes | None:
    st.caption(t(_WANTS[task], most=MOST_BYTES // 2**20))
    given = st.file_uploader(
        t(TASKS[task]), _FILE_TYPES[task], key=f"train-file-{task}", disabled=busy, label_visibility="collapsed"
    )
    return None if given is None else given.getvalue()


def _study(recipe: Recipe, blob: bytes | None) -> Study | None:
    if OFFERS[recipe.task].wants_file and blob is None:
        return None
    try:
        return _made(recipe.task, blob)
    except (InputError, ModelError) as error:
        notice(sentence(error))
        return None


@st.cache_resource(max_entries=4, show_spinner=False)
def _made(task: str, blob: bytes | None) -> Study:
    return OFFERS[task].make(blob)
