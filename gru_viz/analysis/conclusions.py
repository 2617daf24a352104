"""What may be concluded from a comparison's figures: codes and numbers; the words are in `compare.po`.

code                       holds when
-------------------------  -----------------------------------------------------------------------------------------
best_*                     one cell's held-out score is better than the next by more than `margin`
same_*                     the two best have the same score
tie_*                      the next is worse, but the sample is too small, or the scores too near, to name a winner
speed                      the slowest takes `SAME` times as long as the fastest, or longer
speed_tie                  it does not
onednn                     the LSTM was also timed with torch's oneDNN kernels switched off
holds                      of each cell: hold_all, hold_some, hold_none: from the shortest delay on, the mean accuracy
                           stays at `GOOD` or more up to the longest delay measured, up to a shorter one, or at none
at_delay                   of each cell, at the longest delay: its mean and the seeds' lowest and highest
overlap                    there, the seeds of the two best cells overlap
guessing_is                there, a cell's seeds reach down to guessing
caught_up_*                the cell that ends worst, and of each other when it had come as far (there)
curve_missing              a card keeps no learning curve
measured                   of each cell: accuracy on fresh sequences, with its 95 % interval (Wilson 1927)
measured_tie               the two best differ, and their intervals overlap
forgets, keeps, grows      how far apart two states are at the end, as a share of right after what they differ in
agree, odd, apart          what the readers take a token for; foretold, foretold_only: their forecasts
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from gru_viz.analysis.clock import Timing
from gru_viz.quantities import Cell

SAME = 1.2
"""Times nearer than this are the same: each is known to a tenth (`clock.AGREE`)."""

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
    code = "same" if top == next_ else "tie" if abs(top - next_) <= margin else "best"
    return [Conclusion(f"{code}_{score.unit}", told | {"points": margin, "count": score.samples})]


def _margin(unit: Unit, one: float, two: float, samples: int) -> float:
    """Differences up to this say nothing."""
    if unit == "bits":
        return NEAR * one
    if not samples:
        return 0.0
    if unit == "accuracy":  # two independent binomial shares
        return CERTAIN * math.sqrt((one * (1 - one) + two * (1 - two)) / samples)
    return CERTAIN * max(one, two) / math.sqrt(samples)  # normal errors: a root mean square's deviation is x / √(2 n)


def of_speed(times: Mapping[Cell, Timing], work: Mapping[Cell, int], without: Timing | None = None) -> list[Conclusion]:
    """What the clock says, beside what counting says.

    Args:
        times: a step, by the clock.
        work: multiply-accumulates a step.
        without: the LSTM's step with oneDNN off, where that was timed.
    """
    seconds = {cell: timing.seconds for cell, timing in times.items()}
    fast, slow = min(seconds, key=lambda c: seconds[c]), max(seconds, key=lambda c: seconds[c])
    ratio = seconds[slow] / seconds[fast]
    told = {"fast": fast.value, "slow": slow.value, "us": seconds[fast], "times": ratio}
    found = [Conclusion("speed_tie" if ratio < SAME else "speed", told | {"work": work[slow] / work[fast]})]
    if without is not None:
        found.append(Conclusion("onednn", {"us": without.seconds, "times": without.seconds / seconds[Cell.LSTM]}))
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
    longest = max(max(delays) for delays in cells.values())
    there = {cell: delays[longest] for cell, delays in cells.items()}
    ranked = sorted(there, key=lambda cell: -there[cell].mean)
    found = [
        Conclusion("holds", {"share": GOOD, "each": [_holds(cell, cells[cell]) for cell in ranked]}),
        Conclusion("at_delay", {"delay": longest, "each": [_range(cell, there[cell]) for cell in ranked]}),
    ]
    best, second = ranked[:2]
    if there[second].high >= there[best].low:
        found.append(Conclusion("overlap", {"best": best.value, "second": second.value, "delay": longest}))
    lost = [cell.value for cell in ranked if there[cell].low <= chance]
    if lost:
        found.append(Conclusion("guessing_is", {"cells": lost, "share": chance}))
    return found


def _holds(cell: Cell, delays: Delays) -> Conclusion:
    held = None
    for delay in sorted(delays):
        if delays[delay].mean < GOOD:
            break
        held = delay
    if held is None:
        return Conclusion("hold_none", {"cell": cell.value, "delay": min(delays)})
    return Conclusion("hold_all" if held == max(delays) else "hold_some", {"cell": cell.value, "delay": held})


def _range(cell: Cell, spread: Spread) -> Conclusion:
    told = {"cell": cell.value, "share": spread.mean, "share_low": spread.low, "share_high": spread.high}
    return Conclusion("range", told)


@dataclass(frozen=True)
class Curve:
    """A learning curve: optimiser steps done, and the held-out score after them."""

    step: Sequence[int]
    score: Sequence[float]


def of_curves(unit: Unit, curves: Mapping[Cell, Curve], missing: Iterable[Cell] = ()) -> list[Conclusion]:
    """Where the slowest learner ended, and when the others had come that far."""
    found = [Conclusion("curve_missing", {"cell": cell.value}) for cell in missing]
    if len(curves) < 2:
        return found
    ends = {cell: curve.score[-1] for cell, curve in curves.items()}
    last = min(ends, key=lambda cell: ends[cell] if unit == "accuracy" else -ends[cell])
    there = [
        Conclusion("there", {"cell": cell.value, "count": _reached(curve, ends[last], unit)})
        for cell, curve in curves.items()
        if cell is not last
    ]
    told = {"last": last.value, f"{unit}_last": ends[last], "steps": curves[last].step[-1], "each": there}
    return [Conclusion(f"caught_up_{unit}", told), *found]


def _reached(curve: Curve, target: float, unit: Unit) -> int:
    """The first step after which the score is as good as the target."""
    points = zip(curve.step, curve.score, strict=True)
    return next(step for step, score in points if (score >= target if unit == "accuracy" else score <= target))


def interval(share: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson's score (E. B. Wilson 1927, J. Am. Stat. Assoc. 22: 209-212)."""
    z2 = CERTAIN**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = CERTAIN * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return (0.0 if share == 0 else middle - reach), (1.0 if share == 1 else middle + reach)


def of_measured(shares: Mapping[Cell, float], n: int, delay: int) -> list[Conclusion]:
    """Accuracy on n fresh sequences of one delay."""
    ranked = sorted(shares, key=lambda cell: -shares[cell])
    bounds = {cell: interval(shares[cell], n) for cell in ranked}
    each = [_range(cell, Spread(shares[cell], *bounds[cell])) for cell in ranked]
    found = [Conclusion("measured", {"count": n, "delay": delay, "each": each})]
    best, second = ranked[:2]
    if shares[best] > shares[second] and bounds[second][1] >= bounds[best][0]:
        found.append(Conclusion("measured_tie", {"best": best.value, "second": second.value}))
    return found


def of_holding(left: Mapping[Cell, Sequence[float]]) -> list[Conclusion]:
    """What is left of a difference at the end; a state may also drift apart instead of forgetting."""
    found = []
    for cell, share in left.items():
        told = {"cell": cell.value, "delay": len(share) - 1, "share": share[-1], "times": share[-1]}
        code = "grows" if share[-1] > 1 else "keeps" if share[-1] >= 0.5 else "forgets"
        half = next((k for k, value in enumerate(share) if value < 0.5), None)
        found.append(Conclusion(code, told | ({} if half is None else {"count_half": half})))
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
