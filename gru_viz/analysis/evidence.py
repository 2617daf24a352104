"""How much a measured figure knows, and when one may be called better than another.

Every sentence of a page that compares figures is given `Figure`s and asks `ranked`; what it may say follows:

what is known of both                            they are apart when
-----------------------------------------------  ------------------------------------------------------------------
several training runs each                       their intervals do not touch; the sentence is of the cell
one training run, the same pieces of held-out    the 95 % interval of their difference leaves zero out, the pieces
data                                             resampled in pairs; the sentence is of these models
one training run, n independent samples          their intervals do not touch; the sentence is of these models
one training run, nothing else                   never: the figures are told, and no more

Intervals are of 95 %:

- of a share of n independent samples: Wilson's score (E. B. Wilson 1927, J. Am. Stat. Assoc. 22: 209-212);
- of sums by piece (characters of a file are not independent, files are): the percentile bootstrap over pieces (B. Efron
  1979, Ann. Stat. 7: 1-26; for clusters A. C. Davison and D. V. Hinkley 1997, Bootstrap Methods, section 3.8), always
  the same resamples; of fewer than `FEWEST` pieces none, for it would be too narrow;
- of the mean of k runs: the widest of Student's t with k - 1 degrees of freedom, the runs' own range, and the interval
  of the mean as a share of n samples.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

CERTAIN = 1.96
"""Standard deviations either way that hold 95 % of a normal distribution."""

FEWEST = 10
"""Of fewer pieces than this no interval is formed."""

RESAMPLES = 4000
SEED = 0

Interval = tuple[float, float]
Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class Pieces:
    """Sums over independent pieces of held-out data, in an order that is the same for every model measured on them.

    Attributes:
        sums: (K,) what was measured, summed over each piece: bits, right answers.
        counts: (K,) over how many characters or answers.
    """

    sums: NDArray[np.float64]
    counts: NDArray[np.float64]

    @classmethod
    def of(cls, sums: ArrayLike, counts: ArrayLike) -> Pieces:
        """Pieces of any numbers."""
        return cls(np.asarray(sums, dtype=np.float64), np.asarray(counts, dtype=np.float64))

    def __len__(self) -> int:
        """Pieces on which something was measured."""
        return int((self.counts > 0).sum())

    @property
    def mean(self) -> float:
        """Over all that was counted."""
        return float(self.sums.sum() / self.counts.sum()) if len(self) else math.nan

    def paired(self, other: Pieces) -> bool:
        """Whether both were measured on the same pieces."""
        return bool(np.array_equal(self.counts, other.counts))

    @cached_property
    def means(self) -> NDArray[np.float64]:
        """(`RESAMPLES`,) the mean of every resample of the pieces, NaN where it has none of those measured on; the same
        resamples for the same number of pieces."""
        drawn = often(len(self.counts))
        counted = drawn @ self.counts
        return np.divide(drawn @ self.sums, counted, out=np.full(RESAMPLES, np.nan), where=counted > 0)

    @cached_property
    def interval(self) -> Interval | None:
        """Of the mean, of 95 %; None of fewer than `FEWEST` pieces."""
        return None if len(self) < FEWEST else middle(self.means)


@cache
def often(pieces: int) -> NDArray[np.float64]:
    """(RESAMPLES, K) how often each piece is drawn."""
    dice = np.random.default_rng(SEED)
    return dice.multinomial(pieces, np.full(pieces, 1 / pieces), size=RESAMPLES).astype(np.float64)


@dataclass(frozen=True)
class Figure:
    """A measured number with all that is known of how sure it is.

    Attributes:
        value: the mean over all training runs there are.
        interval: of 95 %, or None where none can be formed.
        n: independent samples it was measured on; 0: not known.
        piece: what one of them is called: "name", "sequence", "file", "chapter", "year".
        seeds: the value of every training run, in the order of their seeds; of one run nothing or that one.
        chosen_on: what was chosen by results, and on what (`gru_viz.models.card`); None where nobody has said.
        rises: whether more is better.
        pieces: the sums it was made of, where they are kept.
    """

    value: float
    interval: Interval | None = None
    n: int = 0
    piece: str = ""
    seeds: tuple[float, ...] = ()
    chosen_on: Mapping[str, str] | None = None
    rises: bool = True
    pieces: Pieces | None = field(default=None, repr=False, compare=False)

    @property
    def runs(self) -> int:
        """How many training runs it rests on."""
        return max(1, len(self.seeds))

    @property
    def low(self) -> float:
        """The lowest of the runs."""
        return min(self.seeds, default=self.value)

    @property
    def high(self) -> float:
        """The highest of the runs."""
        return max(self.seeds, default=self.value)


def of_share(value: float, n: int, piece: str, chosen_on: Mapping[str, str] | None = None) -> Figure:
    """A share of n independent samples, of which more is better, one training run."""
    return Figure(value, wilson(value, n), max(0, n), piece, (value,), chosen_on)


def of_seeds(values: Sequence[float], n: int, piece: str, chosen_on: Mapping[str, str] | None = None) -> Figure:
    """The mean of several training runs measured alike.

    Args:
        values: one a run: a share of 1, of which more is better.
        n: independent samples each was measured on; 0: not known.
    """
    if len(values) == 1:
        return of_share(values[0], n, piece, chosen_on)
    mean = math.fsum(values) / len(values)
    reach = _quantile(len(values) - 1) * float(np.std(values, ddof=1)) / math.sqrt(len(values))
    sampled = wilson(mean, n) or (mean, mean)
    low, high = min(mean - reach, *values, sampled[0]), max(mean + reach, *values, sampled[1])
    return Figure(mean, (max(0.0, low), min(1.0, high)), max(0, n), piece, tuple(values), chosen_on)


@cache
def _quantile(freedom: int) -> float:
    """Student's t that holds 95 % either way."""
    from scipy.special import stdtrit  # here, because SciPy is large and the first picture needs none of it

    return float(stdtrit(freedom, 0.975))


def of_pieces(
    pieces: Pieces,
    piece: str,
    chosen_on: Mapping[str, str] | None = None,
    *,
    rises: bool = True,
    value: float | None = None,
) -> Figure:
    """A mean over characters or answers whose pieces are independent, one training run.

    Args:
        value: the mean as it is written elsewhere; by default the pieces' own.
    """
    mean = pieces.mean if value is None else value
    return Figure(mean, pieces.interval, len(pieces), piece, (mean,), chosen_on, rises, pieces)


def wilson(share: float, n: int) -> Interval | None:
    """The 95 % interval of a share of n independent samples; None of no sample."""
    if n < 1:
        return None
    z2 = CERTAIN**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = CERTAIN * math.sqrt(max(0.0, share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return (0.0 if share <= 0 else middle - reach), (1.0 if share >= 1 else middle + reach)


def middle(values: NDArray[np.float64]) -> Interval:
    """The 95 % of resampled values in the middle."""
    low, high = np.nanpercentile(values, (2.5, 97.5))
    return float(low), float(high)


def difference(one: Figure, other: Figure) -> Interval | None:
    """The 95 % interval of one minus the other, the pieces both were measured on resampled in pairs; None where there
    are no such pieces, or more runs than one."""
    found = gain(other, one)
    return None if found is None else found.interval


@dataclass(frozen=True)
class Gain:
    """How much higher one figure is than another that was measured on the same pieces.

    Attributes:
        value: the difference.
        resampled: (`RESAMPLES`,) the same of every resample of the pieces.
    """

    value: float
    resampled: NDArray[np.float64] = field(repr=False, compare=False)

    @cached_property
    def interval(self) -> Interval:
        """Of 95 %."""
        return middle(self.resampled)

    @property
    def sign(self) -> int:
        """1 or -1 where the evidence tells it from zero, else 0."""
        low, high = self.interval
        return 1 if low > 0 else -1 if high < 0 else 0

    def less(self, other: Gain, times: float = 1.0) -> Gain:
        """This gain less `times` another one, both of the same pieces."""
        return Gain(self.value - times * other.value, self.resampled - times * other.resampled)


def gain(one: Figure, two: Figure) -> Gain | None:
    """How much higher the second is; None where the two share no pieces, too few, or rest on several runs."""
    if one.runs > 1 or two.runs > 1 or one.pieces is None or two.pieces is None:
        return None
    if not one.pieces.paired(two.pieces) or len(one.pieces) < FEWEST:
        return None
    return Gain(two.value - one.value, two.pieces.means - one.pieces.means)


def left_of(one: Figure, two: Figure) -> tuple[float, Interval | None]:
    """What share of the mistakes of the first the second makes, both shares of right answers, with its 95 % interval
    where both were measured on the same pieces."""
    share = (1 - two.value) / (1 - one.value) if one.value < 1 else math.nan
    if gain(one, two) is None or one.pieces is None or two.pieces is None:
        return share, None
    mistakes = 1 - one.pieces.means
    of_each = np.divide(1 - two.pieces.means, mistakes, out=np.full(RESAMPLES, np.nan), where=mistakes > 0)
    return share, middle(of_each) if np.isfinite(of_each).any() else None


def apart(one: Figure, other: Figure) -> bool:
    """Whether the evidence tells two figures from each other; see the head of this module."""
    if one.value == other.value or not (math.isfinite(one.value) and math.isfinite(other.value)):
        return False
    if (paired := difference(one, other)) is not None:
        return _beyond(paired, one.value - other.value)
    if one.interval is None or other.interval is None:
        return False
    low, high = sorted((one, other), key=lambda figure: figure.value)
    assert low.interval is not None
    assert high.interval is not None
    return low.interval[1] < high.interval[0]


def _beyond(interval: Interval, value: float) -> bool:
    """Whether an interval lies wholly on the side of zero that the value is on."""
    return interval[0] > 0 if value > 0 else interval[1] < 0


def better(one: Figure, other: Figure) -> bool:
    """Whether the evidence says that the first is better."""
    return apart(one, other) and (one.value > other.value) == one.rises


def against(figure: Figure, value: float) -> int | None:
    """Where the interval of a figure's lowest run lies beside a value such as that of guessing: 1 wholly above it, -1
    wholly below, 0 where it holds the value; None: no telling."""
    bounds = wilson(figure.low, figure.n)
    if bounds is None:
        return None
    return 1 if bounds[0] > value else -1 if bounds[1] < value else 0


@dataclass(frozen=True)
class Ranking(Generic[Name]):
    """What may be said of several figures.

    Attributes:
        order: all, best value first; which is no claim.
        best: the one that is better than every other, or None.
        second: then the one that is better than all that are left, or None.
        top: those not told from the first of the order, and that one.
        behind: those that every one of `top` is better than.
        pairs: (better, worse) for every two that the evidence tells apart.
        chained: there is no best, and `top` and `behind` do not tell it all: two of `top` are apart, or somebody is
            worse than one of `top` and not than another.
        same: all of `top`, more than one, have one value in every run.
        of_cells: every figure rests on several runs; else a sentence is of these models only.
    """

    order: tuple[Name, ...]
    best: Name | None
    second: Name | None
    top: tuple[Name, ...]
    behind: tuple[Name, ...]
    pairs: tuple[tuple[Name, Name], ...]
    chained: bool
    same: bool
    of_cells: bool


def ranked(figures: Mapping[Name, Figure]) -> Ranking[Name]:
    """Who is better than whom, as far as the evidence tells; the figures are of one kind.

    Raises:
        ValueError: nothing is given.
    """
    if not figures:
        raise ValueError("There is nothing to rank.")
    sign = -1 if next(iter(figures.values())).rises else 1
    order = tuple(sorted(figures, key=lambda name: sign * figures[name].value))
    first, rest = order[0], order[1:]
    top = (first, *(name for name in rest if not better(figures[first], figures[name])))
    behind = tuple(name for name in order if all(better(figures[one], figures[name]) for one in top))
    best = first if len(top) == 1 and rest else None
    second = None
    if best is not None and all(better(figures[rest[0]], figures[name]) for name in rest[1:]):
        second = rest[0]
    alike = {(figures[name].value, tuple(sorted(figures[name].seeds))) for name in top}
    same = len(top) > 1 and len(alike) == 1
    pairs = tuple((one, two) for one in order for two in order if better(figures[one], figures[two]))
    within = any(one in top and two in top for one, two in pairs)
    chained = best is None and (within or len(top) + len(behind) < len(order))
    of_cells = all(one.runs > 1 for one in figures.values())
    return Ranking(order, best, second, top, behind, pairs, chained, same, of_cells)
