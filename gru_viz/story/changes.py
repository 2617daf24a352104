"""What if: the gates held and the character edited, as a link writes them.

`z:1:3.5-9:2-4:0` holds z of units 3 and 5 to 9 at 1 for the steps 2 to 4 of layer 0 (`:b` at the end: its backward
direction); `*` stands for all of them, `~` parts several. `3:x` puts an x in the place of the fourth character.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import gru_viz as gv
from gru_viz.analysis.what_if import with_character
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import BACKWARD, FORWARD
from gru_viz.models.reading import clusters
from gru_viz.story.runs import Changed, Place, Run, changed
from gru_viz.tracing.edits import Clamp

ALL = "*"
BETWEEN = "~"
_DIRECTIONS = {"f": FORWARD, "b": BACKWARD}
_RUN = re.compile(r"\d{1,5}(-\d{1,5})?")


@dataclass(frozen=True)
class Hold:
    """One quantity held at a value.

    Attributes:
        units: which, from 0, ascending; None for all.
        first, last: the first step held and the one after the last, from 0; `last` None: to the end.
    """

    quantity: str
    value: float
    units: tuple[int, ...] | None = None
    first: int = 0
    last: int | None = None
    layer: int = 0
    direction: str = FORWARD

    def clamp(self, steps: int, width: int) -> Clamp | None:
        """The same for `gv.clamp`, as far as it lies within a run of so many steps; None if it lies beyond.

        Raises:
            InputError: a unit is named that a layer of this width does not have.
        """
        last = steps if self.last is None else min(self.last, steps)
        if self.first >= last:
            return None
        units = range(width) if self.units is None else self.units
        return gv.clamp(self.quantity, self.value, units, slice(self.first, last), None, self.layer, self.direction)


@dataclass(frozen=True)
class TextEdit:
    """Another character at one step, from 0."""

    step: int
    character: str


def runs_of(units: tuple[int, ...] | None) -> str:
    """Units as people and links write them: "3.5-9"; `ALL` for all."""
    if units is None:
        return ALL
    runs: list[list[int]] = []
    for unit in units:
        if runs and unit == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], unit]
        else:
            runs.append([unit, unit])
    return ".".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def units_of(written: str) -> tuple[int, ...] | None:
    """The reverse of `runs_of`; commas, spaces and an en dash will do as well, and nothing is all.

    Raises:
        ValueError: not numbers and runs of numbers.
    """
    parts = [part for part in re.split(r"[.,;，；、\s]+", re.sub(r"\s*[-–—]\s*", "-", written.strip())) if part]
    if parts in ([], [ALL]):
        return None
    found: set[int] = set()
    for part in parts:
        if not _RUN.fullmatch(part):
            raise ValueError(part)
        low, _, high = part.partition("-")
        if high and int(high) < int(low):
            raise ValueError(part)
        found.update(range(int(low), int(high or low) + 1))
    return tuple(sorted(found))


def written(holds: tuple[Hold, ...]) -> str | None:
    """Holds as a link writes them; None for none."""
    return BETWEEN.join(_write(hold) for hold in holds) or None


def _write(hold: Hold) -> str:
    steps = (
        ALL if (hold.first, hold.last) == (0, None) else f"{hold.first}-{'' if hold.last is None else hold.last - 1}"
    )
    parts = [hold.quantity, f"{hold.value:g}", runs_of(hold.units), steps, str(hold.layer)]
    return ":".join([*parts, "b"] if hold.direction == BACKWARD else parts)


def read(raw: str) -> tuple[Hold, ...]:
    """The reverse of `written`.

    Raises:
        ValueError: it is not what `written` writes.
    """
    return tuple(_read(part) for part in raw.split(BETWEEN) if part)


def _read(raw: str) -> Hold:
    quantity, value, units, steps, layer, *way = raw.split(":")
    number = float(value)
    if quantity not in [q.value for q in Quantity] or not math.isfinite(number) or len(way) > 1:
        raise ValueError(raw)
    first, last = (0, None) if steps == ALL else _steps(steps)
    return Hold(quantity, number, units_of(units), first, last, _whole(layer), _DIRECTIONS[way[0]] if way else FORWARD)


def _steps(raw: str) -> tuple[int, int | None]:
    low, dash, high = raw.partition("-")
    first, last = _whole(low), _whole(high) if high else (None if dash else _whole(low))
    if last is not None and last < first:
        raise ValueError(raw)
    return first, None if last is None else last + 1


def _whole(raw: str) -> int:
    if not re.fullmatch(r"\d{1,5}", raw):
        raise ValueError(raw)
    return int(raw)


def edit_written(edit: TextEdit | None) -> str | None:
    """An edit as a link writes it."""
    return None if edit is None else f"{edit.step}:{edit.character}"


def edit_read(raw: str) -> TextEdit:
    """The reverse of `edit_written`.

    Raises:
        ValueError: no step, or not one character.
    """
    step, _, character = raw.partition(":")
    if len(clusters(character)) != 1:
        raise ValueError(raw)
    return TextEdit(_whole(step), character)


def second_run(run: Run, holds: tuple[Hold, ...], put: TextEdit | None, place: Place) -> Changed | None:
    """A run beside the one that was asked for; None where nothing is held or edited within its steps.

    Raises:
        InputError: what is held is not in this model.
    """
    steps, width = len(run.trace), run.trace.hidden_size
    clamps = tuple(clamp for hold in holds if (clamp := hold.clamp(steps, width)) is not None)
    text = None
    if put is not None and run.given.text is not None and put.step < steps:
        text = with_character(run.given.text, put.step, put.character)
    return changed(run, clamps, text, place) if clamps or text is not None else None
