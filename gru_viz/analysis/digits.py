"""As many digits as it takes: numbers for a screen, each correctly rounded, that a reader can add up and find right."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

FEWEST = 3
MOST = 12
PATIENCE = 4
"""How many numbers of digits are tried before the total may have fewer than its parts."""
MINUS = "\N{MINUS SIGN}"


def rounded(value: float, digits: int) -> Decimal:
    """The float's exact binary value, rounded once (half to even), without a negative zero."""
    result = Decimal(format(value, f".{digits}f"))
    return abs(result) if result == 0 else result


def places_for(largest: float) -> int:
    """Decimals at which the largest of some numbers still shows two digits: three, or more where all are small."""
    if largest <= 10.0**-MOST:
        return FEWEST
    return min(MOST, max(FEWEST, 1 - math.floor(math.log10(largest))))


def written(value: Decimal) -> str:
    """A number as it stands on the page, with a true minus sign."""
    return format(value, "f").replace("-", MINUS)


@dataclass(frozen=True)
class Shown:
    """Numbers as a reader sees them.

    Attributes:
        parts: the summands (and factors) in the order they were given.
        total: what the displayed parts come to, at their own number of digits or one fewer.
        value: what the cell computed from it, to three decimals where that reads right.
    """

    parts: tuple[Decimal, ...]
    total: Decimal
    value: Decimal


def shown(
    parts: Sequence[float],
    combine: Callable[[Sequence[Decimal]], Decimal],
    value: float,
    squash: Callable[[float], float] = float,
) -> Shown:
    """The fewest digits at which a reader with a calculator finds nothing wrong.

    Two things must hold on screen: the displayed parts come to the displayed total, and the squashed displayed total is
    the displayed value. Where rounding to three decimals would break either, the parts get one more digit, and so on.
    If that does not soon help (0.333… and 0.333… never add up to 0.666…7), the total gets one digit fewer than
    its parts. The value gets a fourth digit only where float32's own rounding stands on a boundary of the third.

    Args:
        parts: exact summands and factors, as the trace holds them.
        combine: how they make the total (a sum, or a sum with a product in it).
        value: the number the cell itself computed.
        squash: sigmoid, tanh or nothing.
    """
    with localcontext() as context:
        context.prec = 60
        exact = combine([Decimal(part) for part in parts])
        for places in (FEWEST, FEWEST + 1, FEWEST + 2):
            answer = rounded(value, places)
            same = [(digits, digits) for digits in range(places, places + PATIENCE)]
            fewer = [(digits, digits - 1) for digits in range(places + 1, MOST + 1)]
            for digits, total_digits in same + fewer:
                seen = tuple(rounded(part, digits) for part in parts)
                total = _nearest(exact, total_digits)
                if _nearest(combine(seen), total_digits) == total and _reads_as(squash, total, answer, places):
                    return Shown(seen, total, answer)
        return Shown(seen, total, answer)


def _reads_as(squash: Callable[[float], float], total: Decimal, answer: Decimal, places: int) -> bool:
    """Whether a reader who squashes the displayed total gets the displayed answer, however ties are rounded."""
    result = total if squash is float else Decimal(squash(float(total)))
    return abs(result - answer) < Decimal(1).scaleb(-places) / 2


def _nearest(value: Decimal, digits: int) -> Decimal:
    result = value.quantize(Decimal(1).scaleb(-digits))
    return abs(result) if result == 0 else result


def sigmoid(value: float) -> float:
    """The logistic function, without overflow."""
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))
