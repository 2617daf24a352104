"""The Train page's view: what a link to it holds, and the recipe it stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from gru_viz.devices import devices
from gru_viz.limits import TRAIN_LAYERS, TRAIN_STEPS, TRAIN_WIDTHS
from gru_viz.story.links import View, one_of, param, whole, written_as
from gru_viz.training.studies import OFFERS, RACERS, RATES, Recipe
from gru_viz.ui.kit import link

MOST_SEED = 2**31 - 1
"""The largest seed."""


def cells_of(raw: str) -> tuple[str, ...]:
    """The cells a link names."""
    known = {cell.lower(): cell for cell in RACERS}
    if unknown := set(raw.split(",")) - {*known, ""}:
        raise ValueError(unknown)
    return tuple(known[part] for part in raw.split(",") if part)


def _rate(raw: str) -> float:
    if (value := float(raw)) not in RATES:
        raise ValueError(raw)
    return value


@dataclass(frozen=True)
class TrainView(View):
    """Everything a link to the Train page says. None means: as the task has it by itself.

    Attributes:
        task: what is learnt; cells: who races, separated by commas.
        width, layers, rate, steps, patience, seed: as in `Recipe`.
    """

    task: str = param("names", one_of(*OFFERS))
    cells: str | None = param(None, written_as(cells_of))
    width: int | None = param(None, whole(*TRAIN_WIDTHS))
    layers: int | None = param(None, whole(*TRAIN_LAYERS))
    rate: float | None = param(None, _rate)
    steps: int | None = param(None, whole(*TRAIN_STEPS))
    patience: int | None = param(None, whole(0, TRAIN_STEPS[1]))
    seed: int | None = param(None, whole(0, MOST_SEED))


_SAME = ("width", "layers", "steps", "patience", "seed")


def recipe_of(view: TrainView) -> Recipe:
    """What a view asks for."""
    start = OFFERS[view.task].start
    said = {name: value for name in _SAME if (value := getattr(view, name)) is not None}
    if view.cells is not None:
        said["cells"] = cells_of(view.cells)
    if view.rate is not None:
        said["learning_rate"] = view.rate
    return replace(start, device=view.device if view.device in devices() else "cpu", **said)


def said_of(recipe: Recipe) -> dict[str, Any]:
    """The fields of a view that asks for a recipe; None where it is the task's own."""
    start = OFFERS[recipe.task].start
    said: dict[str, Any] = {name: getattr(recipe, name) for name in _SAME}
    said = {name: None if value == getattr(start, name) else value for name, value in said.items()}
    said["cells"] = None if recipe.cells == start.cells else ",".join(recipe.cells).lower()
    said["rate"] = None if recipe.learning_rate == start.learning_rate else recipe.learning_rate
    return {"task": recipe.task, **said}


def view() -> TrainView:
    """This session's view of the page, while it is open."""
    return cast(TrainView, link.current())
