"""What may be concluded from figures side by side: codes and numbers from `evidence`; the words are in `compare.po`.

code                       holds when
-------------------------  -----------------------------------------------------------------------------------------
best_*                     one held-out score is better than all others', and the second better than the rest
first_*                    one is better than all others', and those cannot be told apart
difference_*               of the two best one training run each was measured on the same pieces: their difference
tie_*                      the best cannot be told apart; behind_*: what is worse than every one of them
same_*                     the best have one score, in every run
bare_*                     nothing tells how sure the scores are: they are told, and none is called better
one_run                    one training run each: what was said is of these models, not of their cells
chosen_held_out,           some setting was chosen on the data that the scores are of; on what, nobody wrote down; the
chosen_unrecorded          cards say nothing of what was chosen: chosen_unsaid
holds                      of each cell: hold_all, hold_some, hold_none: from the shortest delay on every run stays at
                           `GOOD` or more up to the longest delay measured, up to a shorter one, or at none
at_delay                   of each cell, at the longest delay all were measured at: its mean and the runs' range
alike                      there, the best cannot be told apart
guessing_is                there, a cell's lowest run cannot be told from guessing
caught_up_*                the last to end, worse than all others by the evidence, and when they had come as far (there)
ends_*                     where the curves end, if the evidence names no last
curve_missing              a card keeps no learning curve
measured                   of each cell: accuracy on fresh sequences, with its 95 % interval
measured_tie               the best differ, and cannot be told apart
forgets, keeps, grows      how far apart two states are at the end, as a share of right after what they differ in
gone_guesses               hardly anything differs at the end, and the answers cannot be told from guessing
apart_guesses              the states still differ, and yet the answers cannot be told from guessing
apart_least                the states still differ, and yet all others are right more often, by the evidence
gone_knows                 hardly anything differs at the end, and the answers are better than guessing all the same
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gru_viz.analysis.conclusions import Conclusion, Unit
from gru_viz.analysis.evidence import Figure, Ranking, better, contains, difference, ranked
from gru_viz.quantities import Cell

GOOD = 0.9
"""The share of right answers from which a cell "holds" a delay."""

GONE = 0.01
"""The share of their first distance below which two states hardly differ any more."""

Delays = Mapping[int, Figure]


@dataclass(frozen=True)
class Score:
    """Held-out scores of several cells in one unit."""

    unit: Unit
    figures: Mapping[Cell, Figure]

    @property
    def values(self) -> dict[Cell, float]:
        """The numbers alone."""
        return {cell: figure.value for cell, figure in self.figures.items()}


def of_score(score: Score) -> list[Conclusion]:
    """Which is best by its held-out score, if the evidence can tell, and how far that goes."""
    found, figures = ranked(score.figures), score.figures
    return [*_verdict(score, found), *_scope(found, len(figures)), *_chosen(figures.values())]


def _verdict(score: Score, found: Ranking[Cell]) -> list[Conclusion]:
    unit, figures = score.unit, score.figures
    called, shown = _namer(found.of_cells), _shower(unit, figures)

    def each(cells: Iterable[Cell]) -> list[Conclusion]:
        return [Conclusion("item", {"who": called(cell), "figure": shown(cell)}) for cell in cells]

    best, second = found.best, found.second
    if best is not None and second is not None:
        told = {"best": called(best), "first": shown(best), "second": called(second), "next": shown(second)}
        return [Conclusion(f"best_{unit}", told), *_difference(unit, figures[best], figures[second])]
    if best is not None:
        rest = each(cell for cell in found.order if cell != best)
        return [Conclusion(f"first_{unit}", {"best": called(best), "first": shown(best), "each": rest})]
    if all(figure.interval is None for figure in figures.values()):
        return [Conclusion(f"bare_{unit}", {"each": each(found.order)})]
    who = [called(cell) for cell in found.top]
    behind = [Conclusion(f"behind_{unit}", {"each": each(found.behind)})] if found.behind else []
    if found.same:
        return [Conclusion(f"same_{unit}", {"who": who, "figure": shown(found.top[0])}), *behind]
    told = {"who": who, "by": _by([figures[cell] for cell in found.top]), "each": each(found.top)}
    return [Conclusion(f"tie_{unit}", told), *behind]


def _namer(of_cells: bool) -> Callable[[Cell], Conclusion]:
    """Several runs tell of a cell, one of this model."""
    return lambda cell: Conclusion("cell" if of_cells else "this", {"cell": cell.value})


def _shower(unit: Unit, figures: Mapping[Cell, Figure]) -> Callable[[Cell], Conclusion]:
    return lambda cell: shown(unit, figures[cell])


def beside(unit: Unit, figure: Figure) -> Conclusion:
    """A figure as it stands beside a bar, where there is no room for more: range and interval are the sentence's."""
    return Conclusion(f"figure_{unit}", {unit: figure.value})


def shown(unit: Unit, figure: Figure) -> Conclusion:
    """A figure with its runs' range, or else its interval; alone where it is compared piece by piece, for then the
    interval of the difference counts, and its own would mislead."""
    if figure.runs > 1:
        bounds = (figure.low, figure.high) if figure.low < figure.high else None
    else:
        bounds = figure.interval if figure.pieces is None else None
    if bounds is None:
        return Conclusion(f"figure_{unit}", {unit: figure.value})
    return Conclusion(f"figure_{unit}_range", {unit: figure.value, f"{unit}_low": bounds[0], f"{unit}_high": bounds[1]})


def _difference(unit: Unit, one: Figure, other: Figure) -> list[Conclusion]:
    bounds = difference(one, other)
    if bounds is None:
        return []
    low, high = sorted(abs(bound) for bound in bounds)
    told = {unit: abs(one.value - other.value), f"{unit}_low": low, f"{unit}_high": high}
    return [Conclusion(f"difference_{unit}", told | {"pieces": _pieces(one)})]


def _by(figures: Sequence[Figure]) -> Conclusion:
    """What a tie rests on."""
    if all(figure.runs > 1 for figure in figures):
        return Conclusion("by_seeds", {"count": min(figure.runs for figure in figures)})
    return Conclusion("by_pieces", {"pieces": _pieces(max(figures, key=lambda figure: figure.n))})


def _pieces(figure: Figure) -> Conclusion:
    """How many of what: "52 chapters"."""
    return Conclusion(f"pieces.{figure.piece or 'sample'}", {"count": figure.n})


def _scope(found: Ranking[Cell], count: int) -> list[Conclusion]:
    return [] if found.of_cells or count < 2 else [Conclusion("one_run")]


def _chosen(figures: Iterable[Figure]) -> list[Conclusion]:
    """What was chosen on the very data the scores are of, or nobody knows on what."""
    known = [figure.chosen_on for figure in figures]
    if any(one is None for one in known):
        return [Conclusion("chosen_unsaid")]
    found = []
    for on in ("held_out", "unrecorded"):
        settings = sorted({key for one in known if one for key, value in one.items() if value == on})
        if settings:
            found.append(Conclusion(f"chosen_{on}", {"who": [Conclusion(f"setting.{name}") for name in settings]}))
    return found


def of_delays(cells: Mapping[Cell, Delays], chance: float) -> list[Conclusion]:
    """How long each cell holds on, and what is left of it at the longest delay all were measured at."""
    longest = max(set.intersection(*(set(delays) for delays in cells.values())))
    there = {cell: delays[longest] for cell, delays in cells.items()}
    found = ranked(there)
    called = _namer(found.of_cells)
    runs = min(figure.runs for figure in there.values())
    held = [_holds(called(cell), cells[cell]) for cell in found.order]
    each = [Conclusion("item", {"who": called(c), "figure": shown("accuracy", there[c])}) for c in found.order]
    told = [
        Conclusion("holds" if found.of_cells else "holds_one", {"share": GOOD, "count": runs, "each": held}),
        Conclusion("at_delay" if found.of_cells else "at_delay_one", {"delay": longest, "count": runs, "each": each}),
    ]
    if len(found.top) > 1 and not found.same:
        who = [called(cell) for cell in found.top]
        told.append(Conclusion("alike", {"who": who, "by": _by([there[cell] for cell in found.top])}))
    lost = [called(cell) for cell in found.order if contains(there[cell], chance)]
    if lost:
        told.append(Conclusion("guessing_is", {"who": lost, "share": chance}))
    return told


def _holds(who: Conclusion, delays: Delays) -> Conclusion:
    held = None
    for delay in sorted(delays):
        if delays[delay].low < GOOD:
            break
        held = delay
    if held is None:
        return Conclusion("hold_none", {"who": who, "delay": min(delays)})
    return Conclusion("hold_all" if held == max(delays) else "hold_some", {"who": who, "delay": held})


@dataclass(frozen=True)
class Curve:
    """A learning curve of one training run: optimiser steps done, and the held-out score after them."""

    step: Sequence[int]
    score: Sequence[float]


def of_curves(score: Score, curves: Mapping[Cell, Curve], missing: Iterable[Cell] = ()) -> list[Conclusion]:
    """Where the runs ended and, if the held-out scores tell the slowest learner, when the others had come that far.

    Args:
        score: the cells' held-out scores, with their evidence: the few points of a curve have none.
    """
    unit = score.unit
    found = [Conclusion("curve_missing", {"cell": cell.value}) for cell in missing]
    if len(curves) < 2:
        return found
    ends = {cell: curve.score[-1] for cell, curve in curves.items()}
    last = min(ends, key=lambda cell: ends[cell] if unit == "accuracy" else -ends[cell])
    others = [cell for cell in curves if cell is not last]
    if not all(better(score.figures[cell], score.figures[last]) for cell in others):
        each = [Conclusion(f"end_{unit}", {"cell": cell.value, unit: end}) for cell, end in ends.items()]
        return [Conclusion("ends", {"each": each}), *found]
    there = [
        Conclusion("there", {"cell": cell.value, "count": _reached(curves[cell], ends[last], unit)}) for cell in others
    ]
    told = {"last": _namer(False)(last), f"{unit}_last": ends[last], "steps": curves[last].step[-1], "each": there}
    return [Conclusion(f"caught_up_{unit}", told), *found]


def _reached(curve: Curve, target: float, unit: Unit) -> int:
    """The first step after which the score is as good as the target."""
    points = zip(curve.step, curve.score, strict=True)
    return next(step for step, score in points if (score >= target if unit == "accuracy" else score <= target))


def of_measured(figures: Mapping[Cell, Figure], delay: int) -> list[Conclusion]:
    """Accuracy of the shipped models on fresh sequences of one delay."""
    found = ranked(figures)
    called = _namer(False)
    each = [Conclusion("item", {"who": called(c), "figure": shown("accuracy", figures[c])}) for c in found.order]
    n = min(figure.n for figure in figures.values())
    told = [Conclusion("measured", {"count": n, "delay": delay, "each": each})]
    if len(found.top) > 1 and not found.same:
        told.append(Conclusion("measured_tie", {"who": [called(cell) for cell in found.top]}))
    return told


def of_holding(left: Mapping[Cell, Sequence[float]], figures: Mapping[Cell, Figure], chance: float) -> list[Conclusion]:
    """What is left of a difference at the end, and whether that goes with the answers.

    Args:
        left: the states' distance, step by step, as a share of the first.
        figures: the same models' accuracy at the delay.
        chance: how often guessing is right.
    """
    called = _namer(False)
    found = [_left(called(cell), share) for cell, share in left.items()]
    readings: dict[str, list[Conclusion]] = {}
    for cell, share in left.items():
        if (code := _reading(cell, share[-1] < GONE, figures, chance)) is not None:
            readings.setdefault(code, []).append(called(cell))
    return found + [Conclusion(code, {"who": who, "share": chance}) for code, who in readings.items()]


def _reading(cell: Cell, gone: bool, figures: Mapping[Cell, Figure], chance: float) -> str | None:
    """What a cell's distance and its answers say together, where that is worth a word."""
    guesses = contains(figures[cell], chance)
    if guesses is None:
        return None
    if guesses:
        return "gone_guesses" if gone else "apart_guesses"
    if gone:
        return "gone_knows"
    others = [other for other in figures if other is not cell]
    least = others and all(better(figures[other], figures[cell]) for other in others)
    return "apart_least" if least else None


def _left(who: Conclusion, share: Sequence[float]) -> Conclusion:
    """A state may also drift apart instead of forgetting."""
    told = {"who": who, "delay": len(share) - 1, "share": share[-1], "times": share[-1]}
    if share[-1] > 1:
        return Conclusion("grows", told)
    if share[-1] >= 0.5:
        return Conclusion("keeps", told)
    return Conclusion("forgets", told | {"count_half": next(k for k, value in enumerate(share) if value < 0.5)})
