"""Numbers for a sentence: correctly rounded, with a true minus sign. (Equations need more: `player/web/digits.js`.)"""

from __future__ import annotations

from decimal import Decimal

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


def written(value: Decimal) -> str:
    """A number as it stands on the page, with a true minus sign."""
    return format(value, "f").replace("-", MINUS)
