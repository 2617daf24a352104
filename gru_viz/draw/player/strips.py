"""The strips of one trace: a byte a cell for every step, rows as many as fit, and exact lines of single units."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gru_viz.analysis.similarity import group_means
from gru_viz.cells.quantities import Quantity
from gru_viz.draw.player.quantise import Arrays, Quantised, quantised

LINE_BYTES = 150_000
"""What exact lines of single units may take: the selected one's first."""
MOST_EXACT = 8
"""Of so many units far beyond the others, those with the largest values, every step is sent as it is."""


@dataclass(frozen=True)
class Strips:
    """One trace's strips, every unit in a row of its own; and of which units exact lines are sent.

    Attributes:
        values: of every quantity shown, (T, its units).
        alive: (T,) steps before the sequence's end.
        looked_at: the selected unit, then the pinned ones: where strips hold means, nothing else says theirs.
    """

    values: dict[Quantity, NDArray[np.float32]]
    alive: NDArray[np.bool_]
    looked_at: list[int]

    @cached_property
    def whole(self) -> dict[Quantity, Quantised]:
        """The strips of all units."""
        return {quantity: quantised(of, self.alive, quantity.is_gate) for quantity, of in self.values.items()}

    @cached_property
    def far(self) -> dict[Quantity, list[int]]:
        """The units that go farthest beyond the colours' ends: a byte says too little of them."""
        return {quantity: _farthest(strip) for quantity, strip in self.whole.items()}

    def fitting(self, most: int) -> int:
        """How many rows a quantity fit into so many bytes, beside the lines, at least one: all, if they do."""
        height, width = len(self.alive), max(values.shape[1] for values in self.values.values())
        a_row = (height + 8) * len(self.values)
        if most - self._bytes(grouped=False) >= a_row * width:
            return width
        return max(1, min(width - 1, (most - self._bytes(grouped=True)) // a_row))

    def _bytes(self, grouped: bool) -> int:
        return 4 * len(self.alive) * sum(map(len, self._lines(grouped).values()))

    def _lines(self, grouped: bool) -> dict[Quantity, list[int]]:
        """Whose lines are sent, as many as fit: the selected unit's, the farthest ones', the pinned ones'."""
        upwards = list(reversed(self.values))
        looked = [(quantity, unit) for unit in self.looked_at if grouped for quantity in upwards]
        first = len(upwards) if grouped else 0
        far = [(quantity, unit) for quantity in upwards for unit in self.far[quantity]]
        wanted = dict.fromkeys([*looked[:first], *far, *looked[first:]])
        there = [(quantity, unit) for quantity, unit in wanted if unit < self.values[quantity].shape[1]]
        fit = there[: LINE_BYTES // (4 * len(self.alive))]
        return {quantity: sorted(unit for one, unit in fit if one is quantity) for quantity in self.values}

    def drawn(self, groups: dict[str, list[NDArray[np.intp]]]) -> tuple[dict[str, Any], Arrays]:
        """What the metadata says of the strips, and their tensors."""
        lines, ends = self._lines(grouped=bool(groups)), {}
        arrays: Arrays = {}
        for quantity, values in self.values.items():
            strip = whole = self.whole[quantity]
            own = groups.get(f".{quantity}", groups.get(""))
            if own is not None:
                strip = quantised(group_means(values, own).T, self.alive, quantity.is_gate)
            arrays |= strip.arrays(f"{{}}.{quantity}")
            # Of the units themselves: their means are coloured as they would be, however many share a row.
            ends[quantity] = [whole.end, whole.most if whole.beyond.any() else 0]
            if lines[quantity]:
                arrays[f"line.{quantity}"] = values[:, lines[quantity]].T
        return {"ends": ends, "lines": lines}, arrays


def _farthest(strip: Quantised) -> list[int]:
    """The units that go beyond the colours' end, those that go farthest: a byte says too little of them."""
    ranked = np.argsort(-strip.beyond, kind="stable")[:MOST_EXACT]
    return [int(unit) for unit in ranked if strip.beyond[unit] > 0]
