"""Numbers for a sentence: correctly rounded, with a true minus sign. (Equations need more: `player/web/digits.js`.)"""

from __future__ import annotations

from decimal import Decimal

MINUS = "\N{MINUS SIGN}"


def rounded(value: float, digits: int) -> Decimal:
    """The float's exact binary value, rounded once (half to even), without a negative zero."""
    result = Decimal(format(value, f".{digits}f"))
    return abs(result) if result == 0 else result


def written(value: Decimal) -> str:
    """A number as it stands on the page, with a true minus sign."""
    return format(value, "f").replace("-", MINUS)
