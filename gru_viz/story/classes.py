"""How the classes of several readers are called and coloured: kinds of code each in a colour of its own, of thirty
origins the likeliest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gru_viz.locale import Say
from gru_viz.story.belief_row import shown_classes
from gru_viz.story.labels import class_word
from gru_viz.story.readers import Readers
from gru_viz.story.slots import KIND_PLACES, REST, class_slot, kind_slot


def called(example: str, label: str, say: Say) -> str:
    """A class within a sentence: "a keyword"; an origin as it is."""
    return say(f"bigru.as.{label}") if example == "syntax" else class_word(label, say)


@dataclass(frozen=True)
class Classes:
    """The classes of a text's readers as they are drawn.

    Attributes:
        names, slots: of every class of the models.
        shown: which of them have a bar of their own; the others share one.
        rest: what that one is called.
    """

    names: list[str]
    slots: list[str]
    shown: list[int]
    rest: str

    @property
    def bar_names(self) -> list[str]:
        """The classes of the bars."""
        return [self.names[k] for k in self.shown] + ([] if self.all_shown else [self.rest])

    @property
    def bar_slots(self) -> list[str]:
        """A colour for each class of the bars."""
        return [self.slots[k] for k in self.shown] + ([] if self.all_shown else [REST])

    @property
    def all_shown(self) -> bool:
        """Whether no class is left over for the rest."""
        return len(self.shown) == len(self.names)

    def bars(self, belief: NDArray[np.float32]) -> NDArray[np.float32]:
        """(T, V) → (T, K): the shown classes, then what is left."""
        kept = belief[:, self.shown]
        return kept if self.all_shown else np.hstack([kept, np.clip(1 - kept.sum(1, keepdims=True), 0, 1)])


def classes(readers: Readers, say: Say) -> Classes:
    """The classes of a text's readers: of few, all; of many, the likeliest of all readers, the rest in one quiet
    colour."""
    names, rest = [class_word(label, say) for label in readers.labels], say("belief.rest")
    if are_kinds(readers.labels):
        return Classes(names, [kind_slot(k) for k in range(len(names))], list(range(len(names))), rest)
    places = shown_classes(np.concatenate([readers.belief(way) for way in readers.runs]))
    slots = [class_slot(places[k]) if k in places else REST for k in range(len(names))]
    return Classes(names, slots, sorted(places, key=lambda k: places[k]), rest)


def are_kinds(labels: tuple[str, ...]) -> bool:
    """Whether there are so few classes that each has a kind's colour."""
    return len(labels) <= KIND_PLACES
