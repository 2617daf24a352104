"""Three models of one task, one a cell, and what they made of one input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gru_viz import models
from gru_viz.analysis.games import FORMS
from gru_viz.cells.quantities import Cell
from gru_viz.locale import Say
from gru_viz.story.labels import label
from gru_viz.story.runs import Given, Loaded, Run, load, run
from gru_viz.tasks.delays import SYMBOLS
from gru_viz.tasks.family import THREE_CELLS

CELLS: tuple[Cell, ...] = tuple(variant.cell for variant in reversed(THREE_CELLS))
"""The order in which cells stand, on every chart and in the lanes."""
TASKS = ("names", "english", "python", "recall", "copy", "adding", "sunspots")
GAMES = tuple(FORMS)
_VARIANTS = {variant.cell: variant for variant in THREE_CELLS}


def names_of(task: str) -> dict[Cell, str]:
    """The names in the zoo of a task's three models."""
    return {cell: _VARIANTS[cell].of(task) for cell in CELLS}


def offered() -> list[str]:
    """The tasks whose three models are all there."""
    there = set(models.available())
    return [task for task in TASKS if there.issuperset(names_of(task).values())]


def games() -> list[str]:
    """The memory games among them."""
    return [task for task in offered() if task in GAMES]


def flagged(tokens: Sequence[str]) -> list[str]:
    """The letters of recall that stand in capitals: exactly one of them can be asked for."""
    return [token for token in tokens if token in SYMBOLS.upper()]


def load_three(task: str, device: str) -> dict[Cell, Loaded]:
    """The three models, in the order in which cells stand."""
    return {cell: load(name, device) for cell, name in names_of(task).items()}


@dataclass(frozen=True)
class Trio:
    """One input read by three cells."""

    task: str
    runs: Mapping[Cell, Run]

    @property
    def key(self) -> str:
        """Identifies who read what."""
        return "/".join([self.task, *(one.key for one in self.runs.values())])

    @property
    def any(self) -> Run:
        """One of the runs, for what they have in common: tokens, labels, unknown characters."""
        return self.runs[Cell.GRU]

    @property
    def given(self) -> Given:
        """What was read."""
        return self.any.given

    @property
    def kind(self) -> str:
        """What the models predict."""
        return self.any.model.kind

    def __len__(self) -> int:
        return len(self.any.trace)

    def label(self, index: int, say: Say) -> str:
        """A class or symbol as a visitor reads it."""
        return label(self.any.model, self.any.model.labels[index], say)


def run_three(task: str, loaded: Mapping[Cell, Loaded], given: Given) -> Trio:
    """Run the three on the same input, or take the runs from the cache.

    Raises:
        InputError: the input cannot be read.
    """
    return Trio(task, {cell: run(one, given) for cell, one in loaded.items()})
