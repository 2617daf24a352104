"""What may be concluded from fresh sequences, run now through the shipped models; the words are in `compare.po`.

code                       holds when
-------------------------  -----------------------------------------------------------------------------------------
measured                   of each cell: accuracy on fresh sequences, with its 95 % interval
measured_of                which of several training runs these models are
measured_tie               the best differ, and cannot be told apart; measured_pairs: some two can
at_once                    the states differ at the last step only: there was nothing to hold
forgets, keeps, grows      how far apart two states are at the end, as a share of right after what they differ in
shorter                    not every pair has as many steps after its difference as were asked for
gone_guesses, gone_below   hardly anything differs at the end, and the answers cannot be told from guessing; are worse
apart_guesses, apart_below the states still differ, and yet the answers cannot be told from guessing; are worse
apart_least                the states still differ, and yet all others are right more often, by the evidence
gone_knows                 hardly anything differs at the end, and the answers are better than guessing all the same
"""

from __future__ import annotations

from collections.abc import Mapping

from gru_viz.analysis.comparisons import Shipped, namer, of_shipped, pairs, shown
from gru_viz.analysis.conclusions import Conclusion
from gru_viz.analysis.evidence import Figure, against, better, ranked
from gru_viz.analysis.holding import Left
from gru_viz.cells.quantities import Cell

GONE = 0.01
"""The share of their first distance below which two states hardly differ any more."""


def steps(count: int) -> Conclusion:
    """So many steps: "1 step", "2 steps"."""
    return Conclusion("step_one" if count == 1 else "step_many", {"count": count})


def of_measured(
    figures: Mapping[Cell, Figure], delay: int, shipped: Mapping[Cell, Shipped] | None = None
) -> list[Conclusion]:
    """Accuracy of the shipped models on fresh sequences of one delay.

    Args:
        shipped: which training runs these models are.
    """
    found = ranked(figures)
    called = namer(False)
    each = [Conclusion("item", {"who": called(c), "figure": shown("accuracy", figures[c])}) for c in found.order]
    n = min(figure.n for figure in figures.values())
    told = [Conclusion("measured", {"count": n, "delay": steps(delay), "each": each})]
    told += of_shipped(shipped or {}, "measured_of")
    if found.chained:
        told.append(Conclusion("measured_pairs", {"pairs": pairs("accuracy", found)}))
    elif len(found.top) > 1 and not found.same:
        told.append(Conclusion("measured_tie", {"who": [called(cell) for cell in found.top]}))
    return told


def of_holding(
    left: Mapping[Cell, Left], figures: Mapping[Cell, Figure], chance: float, delay: int
) -> list[Conclusion]:
    """What is left of a difference at the end, and whether that goes with the answers.

    Args:
        left: what is left of the states' distance.
        figures: the same models' accuracy at the delay.
        chance: how often guessing is right.
        delay: the steps to wait that were asked for.
    """
    called = namer(False)
    after = len(next(iter(left.values())).mean) - 1
    found = [_left(called(cell), one) for cell, one in left.items()] if after else [Conclusion("at_once")]
    if 0 < after < delay - 1:
        found.append(Conclusion("shorter", {"after": steps(after), "delay": steps(delay)}))
    readings: dict[str, list[Conclusion]] = {}
    for cell, one in left.items():
        if (code := _reading(cell, one.mean[-1] < GONE, figures, chance)) is not None:
            readings.setdefault(code, []).append(called(cell))
    return found + [Conclusion(code, {"who": who, "share": chance}) for code, who in readings.items()]


def _reading(cell: Cell, gone: bool, figures: Mapping[Cell, Figure], chance: float) -> str | None:
    """What a cell's distance and its answers say together, where that is worth a word."""
    side = against(figures[cell], chance)
    if side is None:
        return None
    if side < 1:
        return ("gone_" if gone else "apart_") + ("below" if side else "guesses")
    if gone:
        return "gone_knows"
    others = [other for other in figures if other is not cell]
    least = others and all(better(figures[other], figures[cell]) for other in others)
    return "apart_least" if least else None


def _left(who: Conclusion, left: Left) -> Conclusion:
    """A state may also drift apart instead of forgetting."""
    share = left.mean
    told = {"who": who, "after": steps(len(share) - 1), "share": share[-1], "times": share[-1]}
    told |= {f"share_{side}": value for side, value in (("low", left.low), ("high", left.high))}
    told |= {f"times_{side}": value for side, value in (("low", left.low), ("high", left.high))}
    if share[-1] > 1:
        return Conclusion("grows", told)
    if share[-1] >= 0.5:
        return Conclusion("keeps", told)
    return Conclusion("forgets", told | {"half": steps(next(k for k, value in enumerate(share) if value < 0.5))})
