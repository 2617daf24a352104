"""Columns of dates and times: told from numbers, and read day first or month first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from gru_viz.models.reading import narrowed
from gru_viz.tasks.tables.numerals import missing

if TYPE_CHECKING:
    import pandas as pd

DAY, MONTH, YEAR = "dmy", "mdy", "ymd"
_TIME = r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s?(?:[AaPp]\.?[Mm]\.?)?)?(?:Z|\s?[+-]\d{2}:?\d{2})?"
_ZONE = re.compile(r"(?<=:\d{2})(\.\d+)?(?:Z|\s?[+-]\d{2}:?\d{2})$")
_FORMS = {
    YEAR: re.compile(
        rf"\d{{4}}(?P<s>[-/.])\d{{1,2}}(?P=s)\d{{1,2}}{_TIME}|\d{{4}}[-/]\d{{1,2}}"
        rf"|\d{{4}}年\d{{1,2}}月(?:\d{{1,2}}日)?{_TIME}"
    ),
    DAY: re.compile(rf"(?P<first>\d{{1,2}})(?P<s>[./-])\s?(?P<second>\d{{1,2}})(?P=s)\s?\d{{2}}(?:\d{{2}})?{_TIME}"),
    "words": re.compile(
        rf"(?:\d{{1,2}}[. -]{{0,2}})?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[. ,-]{{1,2}}"
        rf"(?:\d{{1,2}}(?:st|nd|rd|th)?,? )?\d{{2,4}}{_TIME}",
        re.IGNORECASE,
    ),
    "time": re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s?(?:[AaPp]\.?[Mm]\.?)?"),
}
_YEARS = frozenset(
    [
        "year",
        "years",
        "yr",
        "date",
        "time",
        "jahr",
        "datum",
        "année",
        "annee",
        "an",
        "año",
        "ano",
        "anno",
        "рік",
        "год",
        "年",
        "年份",
        "年度",
        "日期",
        "时间",
        "연도",
        "년",
        "날짜",
        "日付",
    ]
)
"""What a column of years is called: only the name tells years from numbers."""
_RUN_TOGETHER = re.compile(r"(?:1[5-9]|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
"""20200131, which is a date in a column that is called so only."""


@dataclass(frozen=True)
class Dates:
    """A column of dates.

    Attributes:
        order: "dmy", "mdy", "ymd", or "" where days and months have no order (times, years, months in words).
        sure: false where day and month could be exchanged, and no cell decides.
        first, last: the first row's and the last row's date, ISO; empty where they cannot be read.
        falling: whether the dates go back from row to row.
    """

    order: str
    sure: bool = True
    first: str = ""
    last: str = ""
    falling: bool = False


def is_date(raw: str) -> bool:
    """Whether a cell is a date or a time of a common form."""
    return _form(raw) is not None


def _form(raw: str) -> str | None:
    text = narrowed(raw).strip()
    return next((name for name, form in _FORMS.items() if form.fullmatch(text)), None)


def dates(cells: Sequence[str], name: str, order: str | None = None, locale: str = "") -> Dates | None:
    """What dates a column holds; None if most of it is something else.

    Args:
        order: "dmy" or "mdy" where somebody has said so.
        locale: decides where 01/02/2020 leaves it open.
    """
    told = [cell for cell in cells if not missing(cell)]
    if not told:
        return None
    if name.strip().casefold() in _YEARS and all(_RUN_TOGETHER.fullmatch(cell) for cell in told):
        return _spanned(told, YEAR, True)
    if _are_years(told, name):
        return Dates("", True, told[0].strip(), told[-1].strip(), int(told[0]) > int(told[-1]))
    forms = [_form(cell) for cell in told]
    if sum(form is not None for form in forms) * 10 < len(told) * 9:
        return None
    if DAY not in forms:
        return _spanned(told, YEAR if YEAR in forms else "", True)
    found, sure = _order(told, locale) if order is None else (order, True)
    return _spanned(told, found, sure)


def _are_years(told: Sequence[str], name: str) -> bool:
    if name.strip().casefold() not in _YEARS or len(told) < 2:
        return False
    numbers = [int(text) for cell in told if (text := narrowed(cell).strip()).isdecimal() and len(text) == 4]
    steps = {b > a for a, b in pairwise(numbers)}
    return len(numbers) == len(told) and len(steps) == 1


def _order(told: Sequence[str], locale: str) -> tuple[str, bool]:
    """Day or month first: by a number over twelve, by rows in order, by the language."""
    pairs = [(int(found["first"]), int(found["second"])) for c in told if (found := _FORMS[DAY].fullmatch(c.strip()))]
    if any(first > 12 for first, _ in pairs):
        return DAY, True
    if any(second > 12 for _, second in pairs):
        return MONTH, True
    tidy = [order for order in (DAY, MONTH) if _parsed(told, order).is_monotonic_increasing]
    if len(tidy) == 1 and len(told) > 2:
        return tidy[0], False
    if "." in told[0]:
        return DAY, False
    return (MONTH if locale.replace("_", "-").lower() in ("en-us", "en-ph") else DAY), False


def _parsed(told: Sequence[str], order: str) -> pd.Series:
    import pandas as pd

    texts = [re.sub(r"[年月]", "-", narrowed(cell)).replace("日", " ").strip(" -") for cell in told]
    local = [_ZONE.sub("", text) for text in texts]  # the day that is written, wherever it was
    return pd.Series(pd.to_datetime(local, format="mixed", dayfirst=order == DAY, errors="coerce"))


def _spanned(told: Sequence[str], order: str, sure: bool) -> Dates:
    if all(_form(cell) == "time" for cell in (told[0], told[-1])):
        return Dates("", True, told[0].strip(), told[-1].strip())
    ends = _parsed((told[0], told[-1]), order)
    if ends.isna().any():
        return Dates(order, sure)
    first, last = (moment.date().isoformat() for moment in ends)
    return Dates(order, sure, first, last, bool(ends[0] > ends[1]))
