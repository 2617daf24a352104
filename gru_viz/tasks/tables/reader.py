"""Bytes or pasted text to a table: each question (encoding, separator, names, dates, decimals) asked in turn."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from gru_viz.errors import InputError
from gru_viz.tasks.tables import encoding as encodings
from gru_viz.tasks.tables.dates import Dates, dates, is_date
from gru_viz.tasks.tables.no_table import refuse_markup
from gru_viz.tasks.tables.numerals import MARKS, decimal_mark, missing, number, plain
from gru_viz.tasks.tables.records import DELIMITERS, Lines, Record, delimiter_of, lines_of, records, trimmed
from gru_viz.tasks.tables.table import DECIMALS, Choices, Guess, Table

_INDEX_NAMES = ("", "unnamed: 0", "index")
_LIKE = 2000
"""Rows that are looked at to find out what a column is."""
FOUND_OUT = Choices()
_LIST = re.compile(r"\s*[\[(][^][(){}\"']*[])]\s*")
"""One list of numbers as Python and JSON write it."""


def read(
    given: bytes | str,
    choices: Choices = FOUND_OUT,
    *,
    locale: str = "",
    numbers: bool = True,
    columns: int | None = None,
    heads: Collection[str] = (),
    most: int | None = None,
) -> Table:
    """A table from a file's bytes or from pasted text.

    Args:
        choices: what somebody has decided; the rest is found out.
        locale: the visitor's language ("de-DE"), for what the table itself leaves open.
        numbers: whether it is a table of numbers: one line then is a series. Else every cell is a text.
        columns: how many there have to be, where that is known.
        heads: what a column may be called; a first row of texts that has one of them is names.
        most: rows beyond this are cut off.

    Raises:
        InputError: nothing in it, no text, another kind of file, or rows of different lengths.
    """
    found = _decoded(given, choices, locale)
    lines = _lines(found.text, choices, numbers)
    sign = _sign(lines, choices, numbers, locale, columns)
    rows, series = _rows(lines, sign, numbers)
    rows, unnamed = _even(rows, sign)
    header = unnamed or _has_header(rows[:_LIKE], numbers, heads) if choices.header is None else choices.header == "yes"
    head, body = (rows[0].cells, rows[1:]) if header else (("",) * len(rows[0].cells), rows)
    kept = _kept(head, body)
    names = _names([head[place] for place in kept])
    cells = tuple(tuple(row.cells[place] for place in kept) for row in body[:most])
    about = _About(names, cells[:_LIKE], choices, locale, sign) if numbers else None
    if numbers and len(cells) < 2:
        raise InputError("table.one_row", "There is only one row of numbers: a sequence needs at least two.")
    guess = Guess(
        encoding=found.encoding or None,
        certain=found.sure,
        delimiter=next(name for name, value in DELIMITERS.items() if value == sign),
        header=header,
        series=series,
        sep_line=lines.sep is not None and choices.delimiter is None,
        hashes=lines.hashes,
        comments=lines.comments,
        index=_index(names, cells, head[kept[0]]) if header and numbers and kept else None,
        empty=len(head) - len(kept),
        given=len(body),
        **(about.numbers() if about else _NO_NUMBERS),
    )
    return Table(names, cells, tuple(row.line for row in body[:most]), guess)


_NO_NUMBERS: dict[str, Any] = {
    "decimal": "point",
    "sample": None,
    "open": False,
    "dates": {},
    "groups": (),
    "units": (),
}


def _decoded(given: bytes | str, choices: Choices, locale: str) -> encodings.Decoded:
    if isinstance(given, str):
        return encodings.Decoded(given, "", True)
    return encodings.decoded(given, choices.encoding, locale)


def _lines(text: str, choices: Choices, numbers: bool) -> Lines:
    if numbers and _LIST.fullmatch(text):
        text = text.strip()[1:-1]
    refuse_markup(text)
    return lines_of(text, None if choices.comments is None else choices.comments == "skip", numbers)


def _sign(lines: Lines, choices: Choices, numbers: bool, locale: str, columns: int | None) -> str | None:
    """What stands between columns."""
    if choices.delimiter is not None:
        return DELIMITERS[choices.delimiter]
    return lines.sep or delimiter_of(lines.lines, numbers, locale, columns)


def _rows(lines: Lines, sign: str | None, numbers: bool) -> tuple[list[Record], bool]:
    """The rows, and whether they are the numbers of one line: a series."""
    rows = list(records(lines.lines, sign))
    if not rows:
        raise InputError("table.empty", "There is nothing to read: the file or the field is empty.")
    series = numbers and len(rows) == 1 and len(rows[0].cells) > 1
    return [Record((cell,), rows[0].line) for cell in rows[0].cells if cell] if series else rows, series


def _even(rows: Sequence[Record], sign: str | None) -> tuple[list[Record], bool]:
    """Rows of one length, and whether the first names all columns but the rows' own names, as R writes it.

    Raises:
        InputError: a row has more or fewer cells than most.
    """
    first = len(rows[0].cells)
    cut = [Record(trimmed(row.cells, first), row.line) for row in rows]
    counts = Counter(len(row.cells) for row in cut[1:] or cut)
    width = max(counts, key=lambda w: (counts[w], w == first))
    unnamed = sign == " " and first == width - 1 and len(rows) > 2
    if unnamed:
        cut[0] = Record(("", *cut[0].cells), cut[0].line)
    ragged = next((row for row in cut if len(row.cells) != width), None)
    if ragged is not None:
        raise InputError(
            "table.ragged",
            "Line {line} has {found} column(s) and most others {width}: mend that line, or say what separates columns.",
            line=ragged.line,
            found=len(ragged.cells),
            width=width,
        )
    return cut, unnamed


def _is_number(cell: str) -> bool:
    return any(number(cell, mark) is not None for mark in MARKS)


def _has_header(rows: Sequence[Record], numbers: bool, heads: Collection[str]) -> bool:
    """Whether the first row is words that stand above numbers, or words only."""
    if len(rows) < 2:
        return False
    first, below = rows[0].cells, [row.cells for row in rows[1:]]
    if not numbers:
        return any(cell.casefold() in heads for cell in first) or _names_texts(first, below)
    words = [cell for cell in first if not (missing(cell) or is_date(cell) or _is_number(cell))]
    if not words:
        # pandas names columns that nobody has named 0, 1, 2 … above an index without a name.
        return len(first) > 1 and first[0] == "" and list(first[1:]) == [str(i) for i in range(len(first) - 1)]
    return not any(_is_number(cell) or is_date(cell) for i, cell in enumerate(first) if _mostly(below, i))


def _mostly(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Whether a column is mostly numbers or dates."""
    told = [row[column] for row in rows if not missing(row[column])]
    return sum(_is_number(cell) or is_date(cell) for cell in told) * 2 > len(told)


def _names_texts(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether the first of rows of texts is names: a column of few different texts does not hold the one above it."""
    columns = list(zip(*below, strict=True))
    if any(cell in column for cell, column in zip(first, columns, strict=True)):
        return False
    return any(len(set(column)) * 2 <= len(column) for column in columns) or any(map(_is_number, below[0]))


def _kept(head: Sequence[str], body: Sequence[Record]) -> list[int]:
    """Columns with a name or a cell: a spreadsheet's empty ones are none."""
    kept = [i for i, name in enumerate(head) if name or any(row.cells[i] for row in body)]
    return kept or list(range(len(head)))


def _names(head: Sequence[str]) -> tuple[str, ...]:
    """Each its own; 1, 2, 3 … for columns without a name, and for all if two have the same."""
    numbered = [str(i + 1) for i in range(len(head))]
    names = [name or number for name, number in zip(head, numbered, strict=True)]
    return tuple(names if len(set(names)) == len(names) else numbered)


def _index(names: Sequence[str], cells: Sequence[Sequence[str]], head: str) -> str | None:
    """The first column, if it has no name and holds numbers, or is called index and counts the rows."""
    if len(names) < 2 or head.casefold() not in _INDEX_NAMES:
        return None
    found = [number(row[0]) for row in cells]
    if not found or any(one is None for one in found):
        return None
    values = [one.value for one in found if one is not None]
    return names[0] if head == "" or all(b - a == 1 for a, b in pairwise(values)) else None


@dataclass(frozen=True)
class _About:
    """What the columns of a table of numbers hold."""

    names: Sequence[str]
    cells: Sequence[Sequence[str]]
    choices: Choices
    locale: str
    sign: str | None

    def numbers(self) -> dict[str, Any]:
        """The part of a `Guess` that is about numbers and dates."""
        found = self._dates()
        cells = [row[i] for i, name in enumerate(self.names) if name not in found for row in self.cells]
        mark, could_be = decimal_mark(cells, self.locale, self.sign)
        if self.choices.decimal is not None:
            mark, could_be = DECIMALS[self.choices.decimal], None
        read = [(cell, value) for cell in cells if (value := number(cell, mark)) is not None]
        marked = [(cell, value.value) for cell, value in read if any(sign in plain(cell) for sign in MARKS)]
        grouped = [(cell, value.value) for cell, value in read if value.group]
        return {
            "decimal": next(name for name, value in DECIMALS.items() if value == mark),
            "sample": next((one for one in (*grouped, *marked) if could_be in (None, one[0])), None),
            "open": could_be is not None,
            "dates": found,
            "groups": tuple(sorted({value.group for _, value in read} - {""})),
            "units": tuple(sorted({value.unit for _, value in read} - {""})),
        }

    def _dates(self) -> dict[str, Dates]:
        chosen = self.choices.dates
        found = {}
        for place, name in enumerate(self.names):
            if chosen is not None and chosen != str(place + 1):
                continue
            column = [row[place] for row in self.cells]
            if one := dates(column, name, self.choices.order, self.locale):
                found[name] = one
            elif chosen is not None:
                found[name] = Dates("")
        return found
