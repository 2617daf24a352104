"""What the player shows, as plain values: numbers, words, names of colours, and where one looks."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from torch import nn

from gru_viz.analysis.order import Order
from gru_viz.story.belief_row import BeliefRow
from gru_viz.story.runs import Place
from gru_viz.tracing.terms import GateTerms
from gru_viz.tracing.trace import Trace

Convention = Literal["keep", "new"]


@dataclass(frozen=True)
class Selection:
    """Where one looks, from 0: step, layer, unit, which way z points, in what order units stand.

    Attributes:
        follows: the last step is selected, and stays so while the text grows.
        order: None for the scene's first.
        pins: units whose lines stay.
    """

    step: int = 0
    follows: bool = False
    place: Place = field(default_factory=Place)
    unit: int = 0
    convention: Convention = "keep"
    order: Order | None = None
    pins: tuple[int, ...] = ()


@dataclass(frozen=True)
class Committed:
    """What a visitor committed in the player, from 0; None where nothing was yet.

    Attributes:
        step: the step; the last one is `steps - 1`.
        order: the name of the order of units.
        layer, direction: asked for on the map of layers; the page sends that layer next.
        clamp: a gate, units and steps dragged over on a strip, once: {"quantity", "units", "first", "last"}.
        count: how many commits the player has told of.
    """

    step: int | None = None
    unit: int | None = None
    convention: str | None = None
    order: str | None = None
    layer: int | None = None
    direction: str | None = None
    pins: tuple[int, ...] | None = None
    clamp: Mapping[str, Any] | None = None
    count: int = 0


@dataclass(frozen=True)
class Side:
    """One trace the player can show, with what is said of it step by step.

    Attributes:
        unknown: steps whose token the model has never seen.
        sums: `gv.terms` of the scene's layer, where the page has them already.
    """

    trace: Trace
    tokens: Sequence[str]
    belief: BeliefRow | None = None
    narration: Sequence[str] = ()
    unknown: Sequence[int] = ()
    sums: Mapping[str, GateTerms] | None = None


@dataclass(frozen=True)
class Scene:
    """Everything the player shows: one layer, one direction, one sequence of a batch.

    Attributes:
        rnn: the module the traces were made from.
        other: a second trace of the same module (what if), shown as B or as the difference.
        partings: where A and B first part, per quantity: (name, step, B − A there).
        orders: name of an order -> units from top to bottom; the first is shown first.
        labels: every word the player says, by key.
        key: identifies all of it but the selection; None where nobody can say.
    """

    rnn: nn.RNNBase
    side: Side
    selection: Selection = field(default_factory=lambda: Selection(follows=True))
    other: Side | None = None
    partings: Sequence[tuple[str, int, float]] = ()
    orders: Mapping[str, Sequence[int]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    key: Hashable | None = None

    @property
    def place(self) -> Place:
        """The layer, direction and sequence shown."""
        return self.selection.place
