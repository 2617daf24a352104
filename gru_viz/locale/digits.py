"""Numbers as people read them: correctly rounded, with a true minus sign. The one writer of them in Python; the
player's is `draw/player/web/digits.js`.
"""

from __future__ import annotations

from decimal import Decimal
from math import floor, isfinite, log10

MINUS = "\N{MINUS SIGN}"


def rounded(value: float, digits: int) -> Decimal:
    """The float's exact binary value, rounded once (half to even), without a negative zero."""
    result = Decimal(format(value, f".{digits}f"))
    return abs(result) if result == 0 else result


def percent(share: float, digits: int = 0) -> str:
    """A share in percent; what is only nearly none or all is not written as if it were: ">99", "<0.1"."""
    found, least = rounded(100 * share, digits), Decimal(1).scaleb(-digits)
    if found == 100 and share < 1:
        return f">{written(100 - least)}"
    return f"<{written(least)}" if found == 0 and share > 0 else written(found)


def probability(value: float, digits: int = 2) -> str:
    """A probability; what is only nearly 0 or 1 is not written as if it were: ">0.99", "<0.01"."""
    found, least = rounded(value, digits), Decimal(1).scaleb(-digits)
    if found == 1 and value < 1:
        return f">{written(1 - least)}"
    return f"<{written(least)}" if found == 0 and value > 0 else written(found)


def figure(value: float, digits: int = 5) -> str:
    """A number in a table that is read, not calculated with: so many significant digits, all of them before the
    point; nothing for what is no number."""
    if not isfinite(value):
        return ""
    said = f"{value:,.0f}" if abs(value) >= 10**digits else f"{value:.{digits}g}"
    return said.replace("-", MINUS, 1) if said.startswith("-") else said


def ratio(value: float, doubt: float, most: int = 2) -> str:
    """A ratio of two measured numbers, no finer than they are known: the last digit stands for at least what the
    doubt leaves open; a ratio below 2 keeps one decimal, so that it does not read as none.

    Args:
        doubt: by what share it may be off.
        most: decimals at most.
    """
    open_ = abs(value) * doubt
    digits = most if open_ <= 0 else min(most, floor(-log10(open_)))
    return f"{value:.{max(digits, 1 if abs(value) < 2 else 0)}f}"


def written(value: Decimal) -> str:
    """A number as it stands on the page, with a true minus sign."""
    return format(value, "f").replace("-", MINUS)


def count(value: float) -> str:
    """A whole number, its thousands in groups."""
    return f"{value:,.0f}"


def significant(value: float) -> str:
    """Three significant digits; from a thousand on, whole."""
    return f"{value:.3g}" if value < 1000 else count(value)


def short_percent(share: float) -> str:
    """A share in percent with a decimal where there is one; never 100 or 0 for what is not."""
    return percent(share, 1).removesuffix(".0")


def times(factor: float) -> str:
    """A factor: two significant digits."""
    return f"{factor:.2g}" if factor < 10 else f"{factor:.0f}"


def microseconds(seconds: float) -> str:
    """A time in microseconds, without the unit."""
    return significant(seconds * 1e6)


def duration(seconds: float) -> str:
    """A time as people read it: µs, ms or s, three significant digits."""
    unit, factor = next((one for one in _UNITS if seconds * one[1] >= 1), _UNITS[-1])
    value = seconds * factor
    return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"


_UNITS = (("s", 1.0), ("ms", 1e3), ("µs", 1e6))


def scientific(value: float) -> str:
    """A small number as 1.2e-7; 0 as 0."""
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def entered(value: float, digits: int = 6) -> str:
    """A number somebody has set, its thousands in groups: a whole one entire, any other with so many significant
    digits."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.{digits}g}"


def typed_as(value: float) -> str:
    """A number as one would type it, all its digits: what was understood of what somebody wrote."""
    return f"{value:.12g}"


def decimals(value: float, digits: int) -> str:
    """A number with so many decimals; with four significant digits once it has more than six before the point."""
    return written(rounded(value, digits)) if abs(value) < _LONG else short(value)


def short(value: float, digits: int = 4) -> str:
    """A number of somebody's data or of a forecast, with so many significant digits."""
    return f"{value:.{digits}g}".replace("-", MINUS)


def bound(value: float) -> str:
    """One decimal, or the first that is not nought: on which side of it a bound lies is what is claimed."""
    return short(value, 1) if 0.001 <= abs(value) < 0.05 else f"{value:.1f}".replace("-", MINUS)


_LONG = 1e6


def signed(value: float) -> str:
    """A part of a sum, one decimal, with its sign."""
    return f"{value:+.1f}".replace("-", MINUS)
