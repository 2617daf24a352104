"""What may be concluded from a comparison's figures: codes and numbers; the words are in `compare.po`.

code                       holds when
-------------------------  -----------------------------------------------------------------------------------------
speed                      the slowest takes `SAME` times as long as the fastest, or longer
speed_tie                  it does not
onednn                     the LSTM was also timed with torch's oneDNN kernels switched off
agree, odd, apart          what the readers take a token for; foretold, foretold_only: their forecasts

What compares held-out figures is in `comparisons`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gru_viz.analysis.clock import Timing
from gru_viz.cells.quantities import Cell
from gru_viz.locale.digits import ratio

SAME = 1.2
"""Times nearer than this are the same: each is known to a tenth (`clock.AGREE`)."""

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
        params: what it rests on, unrounded; shares are fractions of 1, times in seconds; a conclusion in it is part of
            the sentence, of a list of them `who` is joined by "and", `each` and `pairs` by semicolons.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


def of_speed(times: Mapping[Cell, Timing], work: Mapping[Cell, int], without: Timing | None = None) -> list[Conclusion]:
    """What the clock says, beside what counting says.

    Args:
        times: a step, by the clock.
        work: multiply-accumulates a step.
        without: the LSTM's step with oneDNN off, where that was timed.
    """
    seconds = {cell: timing.seconds for cell, timing in times.items()}
    fast, slow = min(seconds, key=lambda c: seconds[c]), max(seconds, key=lambda c: seconds[c])
    factor = seconds[slow] / seconds[fast]
    times_as_long = _times(times[slow], times[fast])
    told = {"fast": fast.value, "slow": slow.value, "us": seconds[fast], "times": times_as_long}
    found = [Conclusion("speed_tie" if factor < SAME else "speed", told | {"work": work[slow] / work[fast]})]
    if without is not None:
        factor = _times(without, times[Cell.LSTM])
        found.append(Conclusion("onednn", {"us": without.seconds, "times": factor}))
    return found


def _times(one: Timing, other: Timing) -> str:
    """How many times as long the first takes, no finer than the two batches of each agree."""
    factor = one.seconds / other.seconds
    return ratio(factor, one.doubt + other.doubt, most=1 if factor < 10 else 0).removesuffix(".0")


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
