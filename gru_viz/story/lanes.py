"""Several readers of one text, side by side, as plain values: what the lanes player shows.

A lane is one model, or one direction of one, with rows under a shared ribbon of tokens: strips of units × steps,
answers that say what it takes each token for, or a sentence where it has nothing to show. Beside the lanes stand bars:
beliefs at the selected step, a row each, over classes all of them share.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from gru_viz.cells.quantities import Quantity

Mark = Literal["", "wrong", "revised", "differs"]
MARKS: tuple[Mark, ...] = get_args(Mark)


@dataclass(frozen=True)
class StripRow:
    """Units × steps of one quantity.

    Attributes:
        quantity: decides hue and scale.
        values: (T, H), as a trace has them, units in the order to be drawn, top to bottom.
        symbol, caption: what stands at its left; the symbol defaults to the quantity's.
        alive: (T,) steps that are part of the sequence; None for all.
    """

    quantity: Quantity
    values: NDArray[np.floating]
    symbol: str = ""
    caption: str = ""
    alive: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class AnswerRow:
    """What a lane takes each token for: a coloured cell a step.

    Attributes:
        names, slots: the classes, as a visitor reads them, and a colour (see `slots`) for each.
        which: (T,) index into them; negative where nothing is said.
        share: (T,) how sure, 0..1, shown as the cell's strength.
        marks: (T,) one of `MARKS` each: "wrong" is crossed, "revised" framed, "differs" dotted.
        symbol, caption: what stands at its left.
        written: write the class and its share under each cell, where there is room.
    """

    names: Sequence[str]
    slots: Sequence[str]
    which: NDArray[np.integer]
    share: NDArray[np.floating]
    marks: Sequence[Mark] = ()
    symbol: str = ""
    caption: str = ""
    written: bool = False


@dataclass(frozen=True)
class NoteRow:
    """A sentence where a row would stand."""

    text: str
    symbol: str = ""
    caption: str = ""


Row = StripRow | AnswerRow | NoteRow


@dataclass(frozen=True)
class Lane:
    """One reader.

    Attributes:
        name: its test id is "lane-<name>"; letters, digits and hyphens.
        title, caption: what stands at its left; both may be empty.
        reads: which part of the text it has read when a step is played: what is left of it ("forward"), what is right
            of it ("backward"), or it answers where both have been ("both"); "all" is nobody who reads: the truth.
        slot: the colour of its title.
    """

    name: str
    rows: Sequence[Row]
    title: str = ""
    caption: str = ""
    reads: Literal["forward", "backward", "both", "all"] = "forward"
    slot: str = ""


@dataclass(frozen=True)
class BeliefBar:
    """Beliefs of one reader, a stacked bar at the selected step.

    Attributes:
        values: (T, K) shares of the classes of its `BeliefBars`.
        truth: (T,) the right class, negative where unknown: the bar then says whether its largest share is right.
    """

    name: str
    values: NDArray[np.floating]
    truth: NDArray[np.integer] | None = None


@dataclass(frozen=True)
class BeliefBars:
    """Several readers' beliefs over the same classes; `title` may hold {token} and {step}."""

    names: Sequence[str]
    slots: Sequence[str]
    rows: Sequence[BeliefBar]
    title: str = ""


@dataclass(frozen=True)
class Joined:
    """Two strips' columns at the selected step laid side by side: the concatenation of two directions.

    Attributes:
        left, right: (lane's name, index of a `StripRow` among its rows).
        title, left_caption, right_caption: may hold {token}, {step}, {left} and {right}: the text each side has read.
    """

    left: tuple[str, int]
    right: tuple[str, int]
    title: str = ""
    left_caption: str = ""
    right_caption: str = ""


@dataclass(frozen=True)
class Lanes:
    """Everything the lanes player shows.

    Attributes:
        tokens: what was read, as it can be drawn.
        step: the selected step; None is the last.
        meeting: lanes that read backward start at the other end, and both cursors are shown until they have met.
        unknown: steps whose token no lane has seen in training.
        sentences: one a step, or none.
        labels: the player's own words.
        key: identifies all of it but the step; None where nobody can say.
    """

    tokens: Sequence[str]
    lanes: Sequence[Lane]
    step: int | None = None
    meeting: bool = False
    bars: BeliefBars | None = None
    joined: Joined | None = None
    unknown: Sequence[int] = ()
    sentences: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    key: Hashable | None = None
