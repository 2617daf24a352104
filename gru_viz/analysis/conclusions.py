"""What may be concluded from a comparison's figures: codes and numbers; the words are in `compare.po`.

code                       holds when
-------------------------  -----------------------------------------------------------------------------------------
best_*                     one cell's held-out score is better than the next by more than `margin`
tie_*                      it is not: the sample is too small, or the scores too near, to name a winner
speed                      the slowest takes `SAME` times as long as the fastest, or longer
speed_tie                  it does not
onednn                     the LSTM was also timed with torch's oneDNN kernels switched off
holds_all, holds, holds_no from the shortest delay on, the mean accuracy stays at `GOOD` or more up to this delay: the
                           longest measured, a shorter one, none
at_delay                   the mean at the longest delay, and the seeds' lowest and highest
overlap                    there, the seeds of the two best cells overlap
guessing                   there, a cell's seeds reach down to guessing
caught_up                  the cell that ends worst; when each other had come as far
curve_missing              a card keeps no learning curve
measured                   accuracy on fresh sequences, with its 95 % interval (Wilson 1927)
measured_tie               the intervals of the two best overlap
forgets, keeps, grows      how far apart two states are at the end, as a share of right after what they differ in
agree, odd, apart          what the readers take a token for; foretold, foretold_only: their forecasts
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from gru_viz.quantities import Cell

SAME = 1.1
"""Times nearer than this are the same: what one run of the clock differs from the next by."""

GOOD = 0.9
"""The share of right answers from which a cell "holds" a delay."""

NEAR = 0.005
"""Two numbers of bits a character nearer than this share of each other are called equal."""

CERTAIN = 1.96
"""Standard deviations either way that hold 95 % of a normal distribution."""

Unit = Literal["accuracy", "bits", "error"]
"""What a score is: a share of right answers, bits a character, a root mean square error."""

METRICS: dict[str, Unit] = {
    "accuracy": "accuracy",
    "bits_per_character": "bits",
    "root_mean_square_error": "error",
}
"""The metrics of the cards that cells are compared by."""


@dataclass(frozen=True)
class Conclusion:
    """One thing that follows from the figures.

    Attributes:
        code: its words are "compare.<code>".
        params: what it rests on, unrounded; shares are fractions of 1, times in seconds.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Score:
    """Held-out scores of several cells in one unit, and on how many samples each was measured (0: not known)."""

    unit: Unit
    values: Mapping[Cell, float]
    samples: int = 0

    @property
    def ranked(self) -> list[Cell]:
        """The cells, best first."""
        return sorted(self.values, key=lambda cell: self.values[cell], reverse=self.unit == "accuracy")


def of_score(score: Score) -> list[Conclusion]:
    """Which cell is best by its held-out score, if the figures can tell."""
    best, second, *_ = score.ranked
    top, next_ = score.values[best], score.values[second]
    margin = _margin(score.unit, top, next_, score.samples)
    told = {"best": best.value, "second": second.value, f"{score.unit}_best": top, f"{score.unit}_second": next_}
    code = "tie" if abs(top - next_) <= margin else "best"
    return [Conclusion(f"{code}_{score.unit}", told | {"margin": margin, "count": score.samples})]


def _margin(unit: Unit, one: float, two: float, samples: int) -> float:
    """Differences up to this say nothing."""
    if unit == "bits":
        return NEAR * one
    if not samples:
        return 0.0
    if unit == "accuracy":  # two independent binomial shares
        return CERTAIN * math.sqrt((one * (1 - one) + two * (1 - two)) / samples)
    return CERTAIN * max(one, two) / math.sqrt(samples)  # normal errors: a root mean square's deviation is x / √(2 n)


def of_speed(seconds: Mapping[Cell, float], work: Mapping[Cell, int], without: float | None = None) -> list[Conclusion]:
    """What the clock says, beside what counting says.

    Args:
        seconds: a step, by the clock.
        work: multiply-accumulates a step.
        without: the LSTM's seconds a step with oneDNN off, where that was timed.
    """
    fast, slow = min(seconds, key=lambda c: seconds[c]), max(seconds, key=lambda c: seconds[c])
    times = seconds[slow] / seconds[fast]
    told = {"fast": fast.value, "slow": slow.value, "us": seconds[fast], "times": times}
    found = [Conclusion("speed_tie" if times < SAME else "speed", told | {"work": work[slow] / work[fast]})]
    if without is not None:
        found.append(Conclusion("onednn", {"us": without, "times": without / seconds[Cell.LSTM]}))
    return found


@dataclass(frozen=True)
class Spread:
    """Accuracy of several seeds at one delay."""

    mean: float
    low: float
    high: float


Delays = Mapping[int, Spread]


def of_delays(cells: Mapping[Cell, Delays], chance: float) -> list[Conclusion]:
    """How long each cell holds on, and what is left of it at the longest delay."""
    found = [_holds(cell, delays) for cell, delays in cells.items()]
    longest = max(max(delays) for delays in cells.values())
    there = {cell: delays[longest] for cell, delays in cells.items()}
    ranked = sorted(there, key=lambda cell: -there[cell].mean)
    for cell in ranked:
        told = {"cell": cell.value, "delay": longest, "share": there[cell].mean}
        found.append(Conclusion("at_delay", told | {"share_low": there[cell].low, "share_high": there[cell].high}))
    best, second = ranked[:2]
    if there[second].high >= there[best].low:
        found.append(Conclusion("overlap", {"best": best.value, "second": second.value, "delay": longest}))
    lost = [cell.value for cell in ranked if there[cell].low <= chance]
    if lost:
        found.append(Conclusion("guessing", {"cells": lost, "share": chance}))
    return found


def _holds(cell: Cell, delays: Delays) -> Conclusion:
    held = None
    for delay in sorted(delays):
        if delays[delay].mean < GOOD:
            break
        held = delay
    if held is None:
        return Conclusion("holds_no", {"cell": cell.value, "share": GOOD, "delay": min(delays)})
    code = "holds_all" if held == max(delays) else "holds"
    return Conclusion(code, {"cell": cell.value, "delay": held, "share": GOOD})


@dataclass(frozen=True)
class Curve:
    """A learning curve: optimiser steps done, and the held-out score after them."""

    step: Sequence[int]
    score: Sequence[float]


def of_curves(unit: Unit, curves: Mapping[Cell, Curve], missing: Iterable[Cell] = ()) -> list[Conclusion]:
    """Where the slowest learner ended, and when the others had come that far."""
    found = []
    better = max if unit == "accuracy" else min
    if len(curves) > 1:
        ends = {cell: curve.score[-1] for cell, curve in curves.items()}
        last = min(ends, key=lambda cell: ends[cell] if unit == "accuracy" else -ends[cell])
        target = ends[last]
        for cell, curve in curves.items():
            if cell is last:
                continue
            when = next(s for s, value in zip(curve.step, curve.score, strict=True) if better(value, target) == value)
            told = {"last": last.value, f"{unit}_last": target, "cell": cell.value, "count": when}
            found.append(Conclusion(f"caught_up_{unit}", told | {"steps": curves[last].step[-1]}))
    return found + [Conclusion("curve_missing", {"cell": cell.value}) for cell in missing]


def interval(share: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson's score (E. B. Wilson 1927, J. Am. Stat. Assoc. 22: 209-212)."""
    z2 = CERTAIN**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = CERTAIN * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def of_measured(shares: Mapping[Cell, float], n: int, delay: int) -> list[Conclusion]:
    """Accuracy on n fresh sequences of one delay."""
    ranked = sorted(shares, key=lambda cell: -shares[cell])
    bounds = {cell: interval(shares[cell], n) for cell in ranked}
    found = []
    for cell in ranked:
        low, high = bounds[cell]
        told = {"cell": cell.value, "share": shares[cell], "share_low": low, "share_high": high}
        found.append(Conclusion("measured", told | {"count": n, "delay": delay}))
    best, second = ranked[:2]
    if bounds[second][1] >= bounds[best][0]:
        found.append(Conclusion("measured_tie", {"best": best.value, "second": second.value}))
    return found


def of_holding(left: Mapping[Cell, Sequence[float]]) -> list[Conclusion]:
    """What is left of a difference at the end; a state may also drift apart instead of forgetting."""
    found = []
    for cell, share in left.items():
        told = {"cell": cell.value, "delay": len(share) - 1, "share": share[-1], "times": share[-1]}
        code = "grows" if share[-1] > 1 else "keeps" if share[-1] >= 0.5 else "forgets"
        half = next((k for k, value in enumerate(share) if value < 0.5), None)
        found.append(Conclusion(code, told | {"half": half}))
    return found


def of_step(which: Mapping[Cell, str], shares: Mapping[Cell, float]) -> Conclusion:
    """Who agrees with whom about one token."""
    said: dict[str, list[Cell]] = {}
    for cell, name in which.items():
        said.setdefault(name, []).append(cell)
    groups = sorted(said.items(), key=lambda one: -len(one[1]))
    if len(groups) == 1:
        return Conclusion("agree", {"name": groups[0][0]})
    if len(groups) == 2:
        (name, many), (other, (odd,)) = groups
        told = {"cells": [cell.value for cell in many], "name": name}
        return Conclusion("odd", told | {"cell": odd.value, "other": other, "share": shares[odd]})
    told = {f"{cell.value}_name": name for cell, name in which.items()}
    return Conclusion("apart", told | {f"share_{cell.value}": share for cell, share in shares.items()})
