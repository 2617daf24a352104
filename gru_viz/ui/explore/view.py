"""The Explore page's view: what a link to it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from gru_viz.cells.spec import DIRECTIONS, FORWARD
from gru_viz.story import changes, links
from gru_viz.story.links import View, decimal, one_of, param, whole, words, written_as
from gru_viz.tasks.tables.table import Choices
from gru_viz.ui.kit import link

MODELS = ("names", "english", "python", "tang", "numbers", "example")
SCALES = ("none", "zscore", "minmax")
TABS = ("what_if", "predictions", "units", "data")


@dataclass(frozen=True)
class ExploreView(View):
    """Everything a link to the Explore page says. None means: as the page would choose by itself.

    Attributes:
        model: which model reads: one of `MODELS`, or one this visitor has trained.
        text: what it reads; None for the model's own example.
        layer, direction, unit, step: what is selected, from 0; step None follows the last step.
        z: "keep" (PyTorch) or "new" (tutorial).
        order: how units are ordered; pins: units whose lines stay, as `changes.runs_of` writes them.
        hold, edit: what if, as `changes.written` and `changes.edit_written` write it.
        tab: which of the drawers below is open.
        temperature, seed: how text is continued.
        length, batch, draw: T and B of random input, and the seed it is drawn with.
        item: which element of a batch is shown.
        data, columns, scale: pasted numbers, the columns picked, how they are normalised.
        read: how a table is read where it is not left to be found out, as `Choices` writes it.
        upload: the name of an uploaded file, which a link cannot carry.
    """

    model: str = param("names", words)
    text: str | None = links.text()
    layer: int = param(0, whole(0))
    direction: str = param(FORWARD, one_of(*DIRECTIONS))
    unit: int | None = links.place()
    step: int | None = links.place()
    z: str = links.convention()
    order: str = links.unit_order()
    pins: str | None = param(None, written_as(changes.units_of))
    hold: str | None = param(None, written_as(changes.read))
    edit: str | None = param(None, written_as(changes.edit_read))
    tab: str | None = links.drawer(*TABS)
    temperature: float = param(0.8, decimal(0, 2))
    seed: int = param(0, whole(0))
    length: int = param(1, whole(1, 500), "T")
    batch: int = param(3, whole(1, 32), "B")
    draw: int = param(0, whole(0))
    item: int = param(0, whole(0), "b")
    data: str | None = param(None, words)
    columns: str | None = param(None, words)
    scale: str | None = param(None, one_of(*SCALES))
    read: str | None = param(None, written_as(Choices.of))
    upload: str | None = param(None, words)


def view() -> ExploreView:
    """This session's view of the page, while it is open."""
    return cast(ExploreView, link.current())
