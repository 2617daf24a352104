"""Half-life: how many steps until half of what a unit held is gone, read from its own gates.

A GRU's new state is ``h = (1 - z) * n + z * h_prev`` and an LSTM's ``c = f * c_prev + i * g``, so along the direct path
what a unit held after step s is worth ``keep[s+1] * keep[s+2] * ... * keep[t]`` of itself after step t, with keep = z
or f. The half-life from s is the smallest number of steps after which that product is at most 1/2. The product along
the path is Hochreiter & Schmidhuber's constant error carousel with Gers, Schmidhuber & Cummins' forget gate (2000,
"Learning to forget", Neural Computation 12(10)): the derivative of c_t with respect to c_s through c alone.

What it ignores: everything that is not the direct path. A memory may live on through other units or through the
candidate (n and g read h_prev), and gates depend on h too. A half-life therefore says how long the unit itself holds
on to a number, not for how long the network remembers; that is what influence is for. The plain RNN has no gate that
keeps, so it has no half-life.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gru_viz.analysis.memory import Memory

_SLACK = 1e-9
"""What adding logarithms may cost: a product this close above 1/2 has halved."""

_SHORT = 64
"""Up to so many steps the ends are counted for all units at once; of longer ones, looked up unit by unit."""

_SMALLEST = 1e-200
"""Stands for a gate of exactly 0, whose logarithm would be infinite; one such step halves anything."""


def half_lives(memory: Memory) -> NDArray[np.float64]:
    """From every step on, how long each unit held on to half of what it then had.

    Steps are counted in the order the cell read them. A gate held outside 0..1 by a clamp counts as 0 or 1.

    Returns:
        (T, H); [s, u] is the smallest k >= 1 such that unit u's gates of the k steps read after s multiply to at most
        1/2; infinite where they do not within the trace; NaN beyond a sequence's end, and everywhere for the plain RNN.
    """
    found = np.full(memory.after.shape, np.nan)
    if memory.keep is not None:
        found[memory.steps] = _lives(memory.keep[memory.steps])
    return found


def half_life(memory: Memory) -> NDArray[np.float64]:
    """One number a unit: the median of its half-lives over all the steps they can start from.

    A start near the end of a trace is seen only for a few steps and says no more than "longer than that". Taking it
    for infinite would make every unit of a short text look as if it never forgot, leaving it out would hide the long
    ones; so the median is the one of Kaplan & Meier (1958, J. Am. Stat. Assoc. 53), made for just this.

    Returns:
        (H,) steps; infinite where at least half of the unit's memories were never seen to halve; NaN for the plain RNN.
    """
    if memory.keep is None:
        return np.full(memory.after.shape[1], np.nan)
    return _median(half_lives(memory)[memory.steps])


def _lives(keep: NDArray[np.float64]) -> NDArray[np.float64]:
    """The half-lives of gates (N, H) whose steps stand in reading order."""
    lost = np.cumsum(-np.log(np.clip(keep.T, _SMALLEST, 1.0)), axis=1)
    halved = lost + (np.log(2) - _SLACK)
    if len(keep) <= _SHORT:
        ends = (lost[:, None, :] < halved[:, :, None]).sum(axis=2)
    else:
        ends = np.stack([np.searchsorted(unit, end) for unit, end in zip(lost, halved, strict=True)])
    return np.where(ends < len(keep), ends - np.arange(len(keep)), np.inf).T


def _median(lives: NDArray[np.float64]) -> NDArray[np.float64]:
    """Kaplan and Meier's median of each column; row s of N was watched for N - 1 - s steps."""
    count, units = lives.shape
    watched = np.arange(count)[::-1, None]
    seen = np.where(np.isfinite(lives), lives, watched).astype(np.intp)
    cells = seen * units + np.arange(units)
    ended = np.bincount(cells[np.isfinite(lives)], minlength=count * units).reshape(count, units)
    left = np.bincount(cells.ravel(), minlength=count * units).reshape(count, units)
    at_risk = left[::-1].cumsum(axis=0)[::-1]
    surviving = np.cumprod(1 - ended / np.maximum(at_risk, 1), axis=0)
    halved = surviving <= 0.5 + _SLACK
    return np.where(halved.any(axis=0), halved.argmax(axis=0), np.inf)
