"""How classes are called and coloured: kinds of code each in a colour of its own, of thirty origins the likeliest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gru_viz.draw.figures.belief import class_slots
from gru_viz.draw.palette import Palette
from gru_viz.locale import catalogue
from gru_viz.ui.bigru.readers import Reading
from gru_viz.ui.explore.scene import shown_classes
from gru_viz.ui.kit.i18n import t


def word(label: str) -> str:
    """A class as a visitor reads it."""
    key = f"class.{label}"
    return t(key) if key in catalogue("en") else label


def called(example: str, label: str) -> str:
    """A class within a sentence: "a keyword"; an origin as it is."""
    return t(f"bigru.as.{label}") if example == "syntax" else word(label)


@dataclass(frozen=True)
class Classes:
    """The classes of a reading as they are drawn.

    Attributes:
        names, colours: of every class of the models.
        shown: which of them have a bar of their own; the others share one.
    """

    names: list[str]
    colours: list[str]
    shown: list[int]

    @property
    def bar_names(self) -> list[str]:
        """The classes of the bars."""
        return [self.names[k] for k in self.shown] + ([] if self.all_shown else [t("belief.rest")])

    def bar_colours(self, rest: str) -> list[str]:
        """A colour for each class of the bars."""
        return [self.colours[k] for k in self.shown] + ([] if self.all_shown else [rest])

    @property
    def all_shown(self) -> bool:
        """Whether no class is left over for the rest."""
        return len(self.shown) == len(self.names)

    def bars(self, belief: NDArray[np.float32]) -> NDArray[np.float32]:
        """(T, V) → (T, K): the shown classes, then what is left."""
        kept = belief[:, self.shown]
        return kept if self.all_shown else np.hstack([kept, np.clip(1 - kept.sum(1, keepdims=True), 0, 1)])


def classes(reading: Reading, colours: Palette) -> Classes:
    """The classes of a reading: of few, all; of many, the likeliest of all readers, the rest in one quiet colour."""
    names = [word(label) for label in reading.labels]
    if len(names) <= len(colours.kinds):
        return Classes(names, list(colours.kinds[: len(names)]), list(range(len(names))))
    slots = shown_classes(np.concatenate([reading.belief(way) for way in reading.runs]), colours)
    painted = [colours.classes[slots[k]] if k in slots else colours.rest for k in range(len(names))]
    return Classes(names, painted, sorted(slots, key=lambda k: slots[k]))


def river_colours(labels: Sequence[str], colours: Palette) -> Palette:
    """The palette with which Explore's river gives each kind of code the colour it has in the lanes."""
    count = len(colours.kinds)
    if len(labels) > count:
        return colours
    slots = {k: next(iter(class_slots([k], count).values())) for k in range(count)}
    placed = sorted(slots, key=lambda k: slots[k])
    return replace(colours, classes=tuple(colours.kinds[k] for k in placed))
