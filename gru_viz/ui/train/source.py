"""The row of settings: what is trained, who races, how large, how fast, how long; all of it in the address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from gru_viz.devices import devices
from gru_viz.errors import InputError, ModelError
from gru_viz.limits import TRAIN_LAYERS, TRAIN_STEPS, TRAIN_WIDTHS
from gru_viz.locale.digits import typed_as
from gru_viz.models.sequence import SequenceModel
from gru_viz.models.zoo import unpacked
from gru_viz.training.studies import (
    OFFERS,
    RATES,
    Recipe,
    Study,
    Upload,
    check_fits,
    shared_study,
)
from gru_viz.ui.kit import address
from gru_viz.ui.kit.i18n import sentence, t
from gru_viz.ui.kit.link import keep, settle
from gru_viz.ui.kit.markdown import plain
from gru_viz.ui.kit.masthead import device, device_choice
from gru_viz.ui.kit.notices import notice
from gru_viz.ui.kit.pickers import pick
from gru_viz.ui.kit.upload import uploaded
from gru_viz.ui.kit.whole import whole_number
from gru_viz.ui.train.own_file import own_file
from gru_viz.ui.train.view import MOST_SEED, recipe_of, said_of, view


@dataclass(frozen=True)
class Field:
    """A whole number one can set."""

    label: str
    bounds: tuple[int, int]
    step: int
    width: int
    help: str = ""


FIELDS = {
    "width": Field("train.width", TRAIN_WIDTHS, 8, 96, "train.width_help"),
    "layers": Field("train.layers", TRAIN_LAYERS, 1, 84),
    "steps": Field("train.steps", TRAIN_STEPS, 100, 118),
    "patience": Field("train.patience", (0, TRAIN_STEPS[1]), 50, 112, "train.patience_help"),
    "seed": Field("train.seed", (0, MOST_SEED), 1, 84, "train.seed_help"),
}


@dataclass(frozen=True)
class Settings:
    """What the visitor asks for.

    Attributes:
        study: the task with its data; None where they cannot be used.
        start: a model that was uploaded to go on from.
        ready: whether it can be trained so.
    """

    recipe: Recipe
    study: Study | None
    start: SequenceModel | None
    ready: bool


def source(busy: bool) -> Settings:
    """Draw the rows of settings and read them; while it trains they are shown, not changed."""
    recipe = recipe_of(view())
    with st.container(key="train-settings", gap="xsmall"):
        _task(busy)
        with st.container(key="train-row", horizontal=True, gap="small", vertical_alignment="bottom"):
            recipe, sound = _numbers(recipe, busy)
            given, start = _saved_model(busy)
        study = _study(recipe, busy)
        if start is not None and study is not None and (start := _fitting(study, start)) is not None:
            st.caption(t("train.continues", name=plain(start.name)))
    keep(**said_of(recipe))
    address.write("train-address")
    ready = sound and study is not None and bool(start or (recipe.cells and not given))
    return Settings(recipe, study, start, ready)


def _fitting(study: Study, start: SequenceModel) -> SequenceModel | None:
    """The model, if it was trained on this task."""
    try:
        check_fits(study, start)
    except InputError as error:
        notice(sentence(error))
        return None
    return start


def _task(busy: bool) -> None:
    names = "train.task_{}"
    pick("task", list(OFFERS), "train.task", names, key="train-task", changed=_task_picked, disabled=busy, wrap=True)


def _task_picked() -> None:
    """Another task starts from its own defaults; who races goes on racing where it may."""
    task = st.session_state["train-task"]
    racing = recipe_of(view()).cells
    cells = tuple(cell for cell in racing if cell in OFFERS[task].cells)
    start = OFFERS[task].start
    keep(**said_of(replace(start, cells=cells or start.cells)))
    for name in ("cells", "rate", *FIELDS):
        st.session_state.pop(f"train-{name}", None)


def _numbers(recipe: Recipe, busy: bool) -> tuple[Recipe, bool]:
    """The recipe as the fields say it, and whether each of them can be; what cannot is said, and not taken."""
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
    found = {name: _whole(name, getattr(recipe, name), busy) for name in ("width", "layers")}
    shown = {"value": recipe.learning_rate, "widget": st.selectbox, "label_visibility": "visible", "width": 110}
    rate = pick("rate", RATES, "train.rate", typed_as, key="train-rate", disabled=busy, **shown)
    if len(devices()) > 1:
        device_choice(disabled=busy)
    found |= {name: _whole(name, getattr(recipe, name), busy) for name in ("steps", "patience", "seed")}
    taken = {name: value for name, value in found.items() if value is not None}
    ordered = tuple(cell for cell in offer.cells if cell in (cells or []))
    said = replace(recipe, cells=ordered, learning_rate=rate, device=device(), **taken)
    return said, len(taken) == len(found)


def _first(key: str, value: Any) -> None:
    """A widget's first value; what the visitor has set stays."""
    settle(key, st.session_state.get(key, value))


def _whole(name: str, value: int, busy: bool) -> int | None:
    field = FIELDS[name]
    _first(f"train-{name}", value)
    if busy:  # a field that is switched off shows what was last set by the page, not what was typed
        st.session_state[f"train-{name}"] = value
    try:
        return whole_number(
            t(field.label),
            *field.bounds,
            key=f"train-{name}",
            step=field.step,
            disabled=busy,
            width=field.width,
            help=t(field.help) if field.help else None,
        )
    except InputError as error:
        notice(sentence(error))
        return None


def _saved_model(busy: bool) -> tuple[bool, SequenceModel | None]:
    """Whether a model saved before was given to go on from, and the model if it can be read."""
    with st.popover(t("train.continue"), icon=":material/upload_file:", type="tertiary", key="train-continue"):
        st.caption(t("train.continue_help"))
        given = uploaded(t("train.continue_file"), "train-model", busy, most=None)
    if given is None:
        return False, None
    try:
        return True, unpacked(given.getvalue(), given.name)
    except ModelError as error:
        notice(sentence(error))
        return True, None


def _study(recipe: Recipe, busy: bool) -> Study | None:
    """The task with its data; None where a visitor's own are missing, or cannot be learnt."""
    try:
        if not OFFERS[recipe.task].wants_file:
            return shared_study(recipe.task)
        given = own_file(recipe.task, busy)
        return None if given is None else _made_of_own(recipe.task, given)
    except (InputError, ModelError) as error:
        notice(sentence(error))
        return None


@st.cache_resource(scope="session", max_entries=2, show_spinner=False)
def _made_of_own(task: str, given: Upload) -> Study:
    """A visitor's own data: forgotten with the connection."""
    return OFFERS[task].make(given)
