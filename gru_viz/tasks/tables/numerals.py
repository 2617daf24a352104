"""Numbers as people write them: decimal comma or point, grouped thousands, signs and digits of every width.

Strict on purpose: pandas' ``thousands`` takes every comma out, so that 1,5 would become 15. Here digits are grouped
only where every group is whole, and what fits neither sign is no number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from babel import Locale, UnknownLocaleError
from numpy.typing import NDArray

from gru_viz.models.reading import narrowed

POINT, COMMA = ".", ","
MARKS = (POINT, COMMA)
MISSING = frozenset(
    [
        "",
        *[
            "na",
            "n/a",
            "nan",
            "#n/a",
            "#na",
            "null",
            "none",
            "nil",
            "missing",
            "-",
            "--",
            "—",
            "―",
            "?",
            ".",
            "..",
            "...",
            "…",
            "*",
            "k.a.",
            "无",
            "缺失",
            "缺测",
        ],
    ],
)
"""Cells that say there is no value, without case."""

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2007\u2008\u2009\u200a", " "),
        **dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\ufe63", "-"),
        **dict.fromkeys("\u2019\u02bc\u00b4`", "'"),
        **dict.fromkeys("\ufeff\u200b\u200e\u200f\u2060", ""),
    }
)
"""Spaces, minus signs and apostrophes of every kind; marks that nobody sees are nothing."""
_AFFIX = r"[%‰°]|[$€£¥￥₩₹₽]|元|円|원|EUR|USD|CHF|CNY|JPY|GBP"
_NUMBER = {
    mark: re.compile(
        rf"(?P<sign>[+-]?)\s?(?:(?P<before>{_AFFIX})\s?)?(?P<later>[+-]?)"
        rf"(?P<whole>[1-9]\d{{0,2}}(?P<group>[ '{other}])\d{{3}}(?:(?P=group)\d{{3}})*{indian}|\d*)"
        rf"(?P<part>{re.escape(mark)}\d*)?(?P<power>[eE][+-]?\d+)?(?:\s?(?P<after>{_AFFIX}))?"
    )
    for mark, other, indian in ((POINT, COMMA, r"|[1-9]\d?(?:,\d{2})+,\d{3}"), (COMMA, POINT, ""))
}


@dataclass(frozen=True)
class Number:
    """What a cell says.

    Attributes:
        group: what stands between its thousands; unit: the sign written beside it, which is left out.
    """

    value: float
    group: str = ""
    unit: str = ""


def plain(text: str) -> str:
    """A cell with digits and signs of ordinary width, ordinary spaces and minus signs, nothing around."""
    return (text if text.isascii() else narrowed(text).translate(_PLAIN)).strip()


def number(raw: str, mark: str = POINT) -> Number | None:
    """The number a cell holds where `mark` is the decimal sign; None for anything else."""
    text = plain(raw)
    found = _NUMBER[mark].fullmatch(text)
    if found is None or not any(c.isdigit() for c in (found["whole"] or "") + (found["part"] or "")):
        return _worded(text)
    if (found["sign"] and found["later"]) or (found["before"] and found["after"]):
        return None
    whole = re.sub(r"\D", "", found["whole"])
    part = (found["part"] or "").replace(mark, POINT)
    value = float(f"{found['sign'] or found['later']}{whole or '0'}{part}{found['power'] or ''}")
    group = found["group"] or (COMMA if COMMA in found["whole"] else "")
    return Number(value, group, found["before"] or found["after"] or "")


def _worded(text: str) -> Number | None:
    """inf and the like: numbers, though none that can be read; the caller says so."""
    return Number(float(text)) if text.lower().lstrip("+-") in ("inf", "infinity") else None


def missing(raw: str) -> bool:
    """Whether a cell says that there is no value."""
    return plain(raw).lower() in MISSING


def local_mark(locale: str) -> str | None:
    """The decimal sign of a language ("de-DE"), as Babel knows it; None where nobody says."""
    try:
        symbols = Locale.parse(locale.replace("-", "_")).number_symbols.get("latn", {})
    except (UnknownLocaleError, ValueError, TypeError):
        return None
    return symbols.get("decimal") if symbols.get("decimal") in MARKS else None


def decimal_mark(cells: Iterable[str], locale: str = "", delimiter: str | None = None) -> tuple[str, str | None]:
    """Which sign the numbers have before their decimals.

    Args:
        locale, delimiter: they decide where no cell does (1,234): columns are separated by commas where the decimal
            sign is a point, and mostly by semicolons where it is a comma.

    Returns:
        The sign; and a cell in which it could have been the other way round, where no cell decides.
    """
    votes: Counter[str] = Counter()
    open_cell = None
    for raw in cells:
        text = plain(raw)
        if POINT not in text and COMMA not in text:
            continue
        fits = [mark for mark in MARKS if number(text, mark) is not None]
        if len(fits) == 1:
            votes[fits[0]] += 1
        elif fits and open_cell is None:
            open_cell = raw.strip()
    if votes:
        return max(MARKS, key=lambda mark: votes[mark]), None
    if open_cell is None or delimiter == COMMA:
        return POINT, open_cell if open_cell and COMMA in open_cell else None
    if delimiter == ";" and COMMA in open_cell:
        return COMMA, open_cell
    return local_mark(locale) or POINT, open_cell


def scaled(values: NDArray[np.float64], how: str) -> NDArray[np.float64]:
    """Column by column: "zscore" to mean 0 and deviation 1, "minmax" to 0..1; a constant column becomes 0."""
    if how == "zscore":
        spread = values.std(axis=0)
        return (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    if how == "minmax":
        spread = np.ptp(values, axis=0)
        return (values - values.min(axis=0)) / np.where(spread > 0, spread, 1.0)
    return values
