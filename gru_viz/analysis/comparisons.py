"""What may be concluded from figures side by side: codes and numbers from `evidence`; the words are in `compare.po`.

code                       holds when
-------------------------  -----------------------------------------------------------------------------------------
best_*                     one held-out score is better than all others', and the second better than the rest
first_*                    one is better than all others', and those cannot be told apart
difference_*               of the two best one training run each was measured on the same pieces: their difference
tie_*                      the best cannot be told apart; behind_*: what is worse than every one of them
mixed_*                    there is no best, and yet some two are apart (pair_*): these are named
brackets_runs,             what stands in brackets behind the figures, which is what they were compared by
brackets_alone
over_delays                of a game: the delays and sequences that a score is the mean over
same_*                     the best have one score, in every run
bare_*                     nothing tells how sure the scores are: they are told, and none is called better
one_run                    one training run each: what was said is of these models, not of their cells
chosen_held_out,           some setting was chosen on the data that the scores are of; on what, nobody wrote down; the
chosen_unrecorded          cards say nothing of what was chosen: chosen_unsaid
holds                      of each cell: hold_all, hold_some, hold_none: from the shortest delay on every run stays at
                           `GOOD` or more up to the longest delay measured, up to a shorter one, or at none
at_delay                   of each cell, at the longest delay all were measured at: its mean and the runs' range
alike                      there, the best cannot be told apart; pairs_apart: some two can
guessing_is, guessing_not  there, a cell's lowest run cannot be told from guessing; is worse than that
caught_up_*                one curve's end, worse than all others by the evidence, and where they came as far (there)
ends_*                     where the curves end, if the evidence names no last
curve_seed, curve_delays   of several training runs the curves are of one; of a game: what they were measured on
curve_missing              a card keeps no learning curve
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gru_viz.analysis.conclusions import Conclusion, Unit
from gru_viz.analysis.evidence import Figure, Interval, Ranking, against, better, difference, ranked
from gru_viz.cells.quantities import Cell

GOOD = 0.9
"""The share of right answers from which a cell "holds" a delay."""

Delays = Mapping[int, Figure]


@dataclass(frozen=True)
class Over:
    """The delays of a game that a score is the mean over, and the sequences at each."""

    delays: tuple[int, ...]
    count: int

    @property
    def told(self) -> dict[str, object]:
        """As a sentence needs it."""
        return {"delays": [str(delay) for delay in self.delays], "count": self.count}


@dataclass(frozen=True)
class Score:
    """Held-out scores of several cells in one unit.

    Attributes:
        over: of a game, what they are the mean over.
    """

    unit: Unit
    figures: Mapping[Cell, Figure]
    over: Over | None = None

    @property
    def values(self) -> dict[Cell, float]:
        """The numbers alone."""
        return {cell: figure.value for cell, figure in self.figures.items()}


def of_score(score: Score) -> list[Conclusion]:
    """Which is best by its held-out score, if the evidence can tell, and how far that goes."""
    found, figures = ranked(score.figures), score.figures
    told = [*_verdict(score, found), *_brackets(figures.values())]
    if score.over is not None:
        told.append(Conclusion("over_delays", score.over.told))
    return [*told, *_scope(found, len(figures)), *chosen(figures.values())]


def _verdict(score: Score, found: Ranking[Cell]) -> list[Conclusion]:
    unit, figures = score.unit, score.figures
    called, shown = namer(found.of_cells), _shower(unit, figures)

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
    if found.chained:
        told = {"by": by(list(figures.values())), "each": each(found.order), "pairs": pairs(unit, found)}
        return [Conclusion(f"mixed_{unit}", told)]
    who = [called(cell) for cell in found.top]
    behind = [Conclusion(f"behind_{unit}", {"each": each(found.behind)})] if found.behind else []
    if found.same:
        return [Conclusion(f"same_{unit}", {"who": who, "figure": shown(found.top[0])}), *behind]
    told = {"who": who, "by": by([figures[cell] for cell in found.top]), "each": each(found.top)}
    return [Conclusion(f"tie_{unit}", told), *behind]


def pairs(unit: Unit, found: Ranking[Cell]) -> list[Conclusion]:
    """Every two that the evidence tells apart."""
    called = namer(found.of_cells)
    return [Conclusion(f"pair_{unit}", {"one": called(one), "two": called(two)}) for one, two in found.pairs]


def _brackets(figures: Iterable[Figure]) -> list[Conclusion]:
    """What stands in brackets: the intervals that decided. Of one run each they are formed one by one, although all
    models read the same."""
    known = [figure for figure in figures if (bounds := _bounds(figure)) is not None and bounds[0] < bounds[1]]
    if not known:
        return []
    if all(figure.runs > 1 for figure in known):
        return [Conclusion("brackets_runs", {"count": min(figure.runs for figure in known)})]
    return [Conclusion("brackets_alone", {"pieces": _pieces(known[0])})]


def namer(of_cells: bool) -> Callable[[Cell], Conclusion]:
    """Several runs tell of a cell, one of this model."""
    return lambda cell: Conclusion("cell" if of_cells else "this", {"cell": cell.value})


def _shower(unit: Unit, figures: Mapping[Cell, Figure]) -> Callable[[Cell], Conclusion]:
    return lambda cell: shown(unit, figures[cell])


def beside(unit: Unit, figure: Figure) -> Conclusion:
    """A figure as it stands beside a bar, where there is no room for more: range and interval are the sentence's."""
    return Conclusion(f"figure_{unit}", {unit: figure.value})


def shown(unit: Unit, figure: Figure) -> Conclusion:
    """A figure with the interval it is compared by; alone where it is compared piece by piece, for then the interval
    of the difference counts, and its own would mislead."""
    bounds = _bounds(figure)
    if bounds is None or bounds[0] >= bounds[1]:
        return Conclusion(f"figure_{unit}", {unit: figure.value})
    return Conclusion(f"figure_{unit}_range", {unit: figure.value, f"{unit}_low": bounds[0], f"{unit}_high": bounds[1]})


def _bounds(figure: Figure) -> Interval | None:
    return figure.interval if figure.runs > 1 or figure.pieces is None else None


def _difference(unit: Unit, one: Figure, other: Figure) -> list[Conclusion]:
    bounds = difference(one, other)
    if bounds is None:
        return []
    low, high = sorted(abs(bound) for bound in bounds)
    told = {unit: abs(one.value - other.value), f"{unit}_low": low, f"{unit}_high": high}
    return [Conclusion(f"difference_{unit}", told | {"pieces": _pieces(one)})]


def by(figures: Sequence[Figure]) -> Conclusion:
    """What a tie rests on."""
    if all(figure.runs > 1 for figure in figures):
        return Conclusion("by_seeds", {"count": min(figure.runs for figure in figures)})
    return Conclusion("by_pieces", {"pieces": _pieces(max(figures, key=lambda figure: figure.n))})


def _pieces(figure: Figure) -> Conclusion:
    """How many of what: "52 chapters"."""
    return Conclusion(f"pieces.{figure.piece or 'sample'}", {"count": figure.n})


def _scope(found: Ranking[Cell], count: int) -> list[Conclusion]:
    return [] if found.of_cells or count < 2 else [Conclusion("one_run")]


def chosen(figures: Iterable[Figure]) -> list[Conclusion]:
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
    called = namer(found.of_cells)
    runs = min(figure.runs for figure in there.values())
    held = [_holds(called(cell), cells[cell]) for cell in found.order]
    each = [Conclusion("item", {"who": called(c), "figure": shown("accuracy", there[c])}) for c in found.order]
    told = [
        Conclusion("holds" if found.of_cells else "holds_one", {"share": GOOD, "count": runs, "each": held}),
        Conclusion("at_delay" if found.of_cells else "at_delay_one", {"delay": longest, "count": runs, "each": each}),
    ]
    if found.chained:
        told.append(Conclusion("pairs_apart", {"pairs": pairs("accuracy", found), "by": by(list(there.values()))}))
    elif len(found.top) > 1 and not found.same:
        who = [called(cell) for cell in found.top]
        told.append(Conclusion("alike", {"who": who, "by": by([there[cell] for cell in found.top])}))
    for code, side in (("guessing_is", 0), ("guessing_not", -1)):
        lost = [called(cell) for cell in found.order if against(there[cell], chance) == side]
        if lost:
            told.append(Conclusion(code, {"who": lost, "share": chance}))
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
class HeldOutCurve:
    """A learning curve of one training run: optimiser steps done, and the held-out score after them."""

    step: Sequence[int]
    score: Sequence[float]


@dataclass(frozen=True)
class Shipped:
    """Which of its cell's training runs a shipped model is."""

    seed: int
    runs: int


def of_shipped(shipped: Mapping[Cell, Shipped], code: str) -> list[Conclusion]:
    """Which of several training runs something is of; nothing where there was but one each, or nobody knows."""
    if not shipped or min(one.runs for one in shipped.values()) < 2:
        return []
    seeds = [Conclusion("seed_of", {"cell": cell.value, "seed": one.seed}) for cell, one in shipped.items()]
    same = len({one.seed for one in shipped.values()}) == 1
    who = [Conclusion("seed", {"seed": next(iter(shipped.values())).seed})] if same else seeds
    return [Conclusion(code, {"count": min(one.runs for one in shipped.values()), "who": who})]


def of_curves(
    score: Score,
    curves: Mapping[Cell, HeldOutCurve],
    missing: Iterable[Cell] = (),
    shipped: Mapping[Cell, Shipped] | None = None,
    over: Over | None = None,
) -> list[Conclusion]:
    """Where the runs ended and, if the held-out scores tell one from all others, where the others' came that far.

    Args:
        score: the cells' held-out scores, with their evidence: the few points of a curve have none.
        shipped: which training runs the curves are of.
        over: of a game, what the curves are the mean over.
    """
    unit = score.unit
    found = of_shipped({cell: one for cell, one in (shipped or {}).items() if cell in curves}, "curve_seed")
    if over is not None and score.over is not None and curves:
        other = {"delays_score": score.over.told["delays"], "count_score": score.over.count}
        found.append(Conclusion("curve_delays", over.told | other))
    found += [Conclusion("curve_missing", {"cell": cell.value}) for cell in missing]
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
    told = {"last": namer(False)(last), f"{unit}_last": ends[last], "steps": curves[last].step[-1], "each": there}
    return [Conclusion(f"caught_up_{unit}", told), *found]


def _reached(curve: HeldOutCurve, target: float, unit: Unit) -> int:
    """The first step after which the score is as good as the target."""
    points = zip(curve.step, curve.score, strict=True)
    return next(step for step, score in points if (score >= target if unit == "accuracy" else score <= target))
