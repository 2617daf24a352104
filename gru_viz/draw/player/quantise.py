"""Strips as one byte a cell: each row with a step of its own, all rows coloured on one scale that a few cannot spoil.

A row is a unit, or the mean of units that share one. Gates run from 0 to 1 in every row. States are symmetric around 0:
a row's step is its own largest value / 127, so a unit that counts to 2,000 leaves the others as fine as they were. How
far the colours run is decided for the whole strip; what lies beyond is marked, not only saturated. Gates that were set
by hand beyond 0..1 likewise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
"""Tensors by name."""

LEVELS = 254
NONE = 255
MIDDLE = LEVELS // 2

FAR = 5.0
"""Only what is so many times larger than half of the rows (or steps) become is left beyond the colours' end."""
MOST, ROOM = 0.9, 3.0
"""The colours then run as far as this share of the rows goes, but at most so many times as far as half of them."""


@dataclass(frozen=True)
class Quantised:
    """One strip.

    Attributes:
        cells: (T, rows) bytes, right to half a step; `NONE` where there is no number.
        steps: (rows,): a state is `(byte - 127) * step`, so that 0 is exact; None for gates within 0..1, `byte / 254`.
        lows: (rows,) only for gates that were set beyond 0..1: `low + byte * step`.
        end: the colours run from -end to end; for gates from 0 to 1.
        most: the largest magnitude there is.
        beyond: (rows,) how far a row goes beyond what the colours show, 0 where it does not.
    """

    cells: NDArray[np.uint8]
    steps: NDArray[np.float32] | None
    lows: NDArray[np.float32] | None
    end: float
    most: float
    beyond: NDArray[np.float64]

    def arrays(self, name: str) -> Arrays:
        """The strip's tensors, by name: `strip`, and where there are such `step` and `low`, put into `name`."""
        parts = {"strip": self.cells, "step": self.steps, "low": self.lows}
        return {name.format(part): values for part, values in parts.items() if values is not None}


def quantised(values: NDArray[np.floating], alive: NDArray[np.bool_], gate: bool) -> Quantised:
    """Quantise (T, rows); steps that are not `alive` (T,) and what is no finite number are `NONE`."""
    finite = np.isfinite(values) & alive[:, None]
    known = np.where(finite, values, 0.0).astype(np.float64)
    low, high = known.min(axis=0, initial=0.0), known.max(axis=0, initial=0.0)
    most = float(max(high.max(initial=0.0), -low.min(initial=0.0)))
    if gate:
        beyond = np.maximum(np.maximum(high - 1, -low), 0.0)
        if not beyond.any():
            return Quantised(_bytes(known * LEVELS, finite), None, None, 1.0, most, beyond)
        steps = ((np.maximum(high, 1.0) - low) / LEVELS).astype(np.float32)
        lows = low.astype(np.float32)
        return Quantised(_bytes((known - lows) / steps, finite), steps, lows, 1.0, most, beyond)
    size = np.abs(known)
    largest = np.maximum(high, -low)
    end = max(1.0, min(_end(largest), _end(size.max(axis=1, initial=0.0))))
    steps = np.maximum(largest / MIDDLE, np.finfo(np.float32).tiny).astype(np.float32)
    return Quantised(_bytes(MIDDLE + known / steps, finite), steps, None, end, most, np.maximum(largest - end, 0.0))


def _bytes(levels: NDArray[np.floating], finite: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return np.where(finite, np.clip(np.rint(levels), 0, LEVELS), NONE).astype(np.uint8)


def _end(largest: NDArray[np.floating]) -> float:
    """The largest value of all; or of most rows (or steps), where others are far beyond them."""
    if not largest.size:
        return 1.0
    ordered, last = np.sort(largest), largest.size - 1
    usual, nearly, most = (max(1.0, float(ordered[int(last * q)])) for q in (0.5, MOST, 1.0))
    return most if most <= FAR * usual else min(nearly, ROOM * usual)
