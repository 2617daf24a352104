"""Text to rows of cells: what separates the columns, which lines are no part of the table.

The cells themselves are cut by the standard library's ``csv``, which pandas' Python engine reads with too; pandas
would not say in which line of the file a row stands, and every sentence about a cell names its line.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from gru_viz.limits import CELL_CHARACTERS
from gru_viz.models.reading import narrowed
from gru_viz.tasks.tables.dates import is_date
from gru_viz.tasks.tables.numerals import decimal_mark, missing, number

DELIMITERS = {
    "semicolon": ";",
    "tab": "\t",
    "pipe": "|",
    "comma": ",",
    "enumeration": "、",
    "space": " ",
    "none": None,
}
"""What may stand between columns, the likeliest first where several would do; a space is any run of spaces and tabs."""
_SAMPLE = 200
_SPACES = re.compile(r"[ \t\u3000]+")
_SEP = re.compile(r'\s*"?sep=(.)"?\s*', re.IGNORECASE)
_WIDE_SIGNS = str.maketrans("，；｜＂", ',;|"')
_INDEX_ROWS = 8

csv.field_size_limit(CELL_CHARACTERS)


@dataclass(frozen=True)
class Record:
    """The cells of one row, and the line of the file where it begins, from 1."""

    cells: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Lines:
    """A text's lines without what is no part of the table.

    Attributes:
        lines: those lines as they were, the others empty.
        comments: how many begin with # and were left out.
        hashes: how many begin with #.
        sep: what Excel's first line ``sep=;`` says.
    """

    lines: tuple[str, ...]
    comments: int
    hashes: int
    sep: str | None


def lines_of(text: str, comments: bool | None, numbers: bool) -> Lines:
    """Take out ``sep=`` and comments.

    Args:
        comments: whether lines that begin with # are; None to find out: among numbers they are, among texts only those
            before the first row, for a text may begin with #.
        numbers: whether the table is to hold numbers; signs of full width then are what they stand for.
    """
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if numbers:
        lines = [line.translate(_WIDE_SIGNS) for line in lines]
    first = next((place for place, line in enumerate(lines) if line.strip()), None)
    found = _SEP.fullmatch(lines[first]) if first is not None else None
    if found is not None and first is not None:
        lines[first] = ""
    hashes = list(_hashes(lines))
    before = next((place for place, line in enumerate(lines) if line.strip() and place not in set(hashes)), len(lines))
    out = hashes if comments or (comments is None and numbers) else []
    if comments is None and not numbers and before < len(lines):
        out = [place for place in hashes if place < before]
    for place in out:
        lines[place] = ""
    sep = found[1] if found and found[1] in DELIMITERS.values() else None
    return Lines(tuple(lines), len(out), len(hashes), sep)


def _hashes(lines: Sequence[str]) -> Iterator[int]:
    """Lines that begin with #, where no quoted cell is open."""
    quotes = 0
    for place, line in enumerate(lines):
        if quotes % 2 == 0 and line.lstrip().startswith(("#", "＃")):
            yield place
        else:
            quotes += line.count('"')


def records(lines: Sequence[str], delimiter: str | None) -> Iterator[Record]:
    """The rows, cell by cell; lines with nothing in them are passed over.

    Quotes are as in RFC 4180; where one of them is never closed, none of them quotes.
    """
    quoting = csv.QUOTE_NONE if sum(line.count('"') for line in lines) % 2 else csv.QUOTE_MINIMAL
    given: Iterable[str] = (f"{line}\n" for line in lines)
    if delimiter == " ":
        given = (f"{_SPACES.sub(' ', line.strip())}\n" for line in lines)
    # A file separator stands for "nothing separates": no text file holds one.
    reader = csv.reader(given, delimiter=delimiter or "\x1c", quoting=quoting, skipinitialspace=True)
    begins = 1
    for cells in reader:
        row = tuple(cell.strip() for cell in cells)
        if quoting == csv.QUOTE_NONE:
            row = tuple(cell.strip('"').strip() for cell in row)
        if any(row):
            yield Record(row, begins)
        begins = reader.line_num + 1


def delimiter_of(lines: Sequence[str], numbers: bool, locale: str, columns: int | None = None) -> str | None:
    """What stands between the columns: it cuts every row into equally many cells, and numbers come out whole.

    Args:
        columns: how many there have to be, where that is known.
    """
    tries = [_Try.of(name, list(islice(records(lines, sign), _SAMPLE)), locale) for name, sign in DELIMITERS.items()]
    if not any(tried.rows for tried in tries):
        return None
    if numbers and len(tries[0].rows) == 1:
        return max(tries, key=lambda tried: (tried.sound, tried.numeric, tried.width > 1)).sign
    even = [tried for tried in tries if tried.even]
    if not numbers:
        even = [tried for tried in even if tried.sign is not None] or even
    even = [tried for tried in even if tried.width == columns] or even
    if not even:
        return max(tries, key=lambda tried: (tried.width > 1, tried.sound, tried.share)).sign
    best = max(even, key=lambda tried: (tried.sound, round(tried.numeric, 2) if numbers else 0, tried.width > 1))
    if (
        best.sign == ","
        and numbers
        and columns != best.width
        and _are_decimals(best, next(t for t in tries if t.sign is None))
    ):
        return None
    return best.sign


@dataclass(frozen=True)
class _Try:
    """How the first rows look when one sign separates them.

    Attributes:
        width: the most frequent number of cells; share: of the rows that have it.
        sound: whether no cell holds half a pair of quotes; numeric: the share of cells that are numbers or dates.
    """

    sign: str | None
    rows: tuple[tuple[str, ...], ...]
    width: int
    share: float
    sound: bool
    numeric: float

    @classmethod
    def of(cls, name: str, found: Sequence[Record], locale: str) -> _Try:
        sign = DELIMITERS[name]
        rows = tuple(trimmed(record.cells, len(found[0].cells)) for record in found)
        counts = Counter(len(row) for row in rows[1:] or rows)
        width = max(counts, key=lambda w: (counts[w], w), default=0)
        share = sum(len(row) == width for row in rows) / max(len(rows), 1)
        sound = not any(cell.count('"') % 2 for row in rows for cell in row)
        return cls(sign, rows, width, share, sound, _numeric(rows[1:] or rows, locale, sign))

    @property
    def even(self) -> bool:
        """Whether it could be this sign: the first row has a cell a column, or names all but the rows' own names."""
        if not self.rows:
            return False
        first = len(self.rows[0])
        if self.sign is None:
            words = number(self.rows[0][0], ".") is None and number(self.rows[0][0], ",") is None
            crowded = words and any(sign in self.rows[0][0] for sign in ",;|\t")
            cut = any(sign in row[0] for row in self.rows for sign in ",;|\t ")
            return not crowded and (self.numeric >= 0.9 or not cut)
        unnamed = self.sign == " " and first == self.width - 1 and len(self.rows) > 2
        return self.width > 1 and self.share >= 0.9 - unnamed / len(self.rows) and (first == self.width or unnamed)


def trimmed(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    """A row without the empty cells that a separator at its end makes, down to a width."""
    while len(cells) > max(width, 1) and not cells[-1]:
        cells = cells[:-1]
    return cells


def _numeric(rows: Sequence[tuple[str, ...]], locale: str, sign: str | None) -> float:
    cells = [cell for row in rows for cell in row if not missing(cell)]
    mark, _ = decimal_mark((cell for cell in cells if not is_date(cell)), locale, sign)
    good = sum(number(cell, mark) is not None or is_date(cell) for cell in cells)
    return good / max(len(cells), 1)


def _are_decimals(pairs: _Try, whole: _Try) -> bool:
    """Whether ``1,5`` in every line is one number and not two: the same signs, and nobody can be sure.

    For two: a first row of two names, more than two cells, a space or a sign after the comma, a decimal point, or a
    first column that counts the rows. For one: a nought after the comma (1,05), and that a column of a spreadsheet
    comes without a name where the decimal sign is a comma, while tables of two whole numbers mostly have names.
    """
    first = [narrowed(row[0]) for row in pairs.rows]
    last = [narrowed(row[-1]) for row in pairs.rows]
    if pairs.width != 2 or whole.numeric < 1 or not all(cell.isdecimal() for cell in last):
        return False
    if not all(cell.lstrip("+-\u2212").isdecimal() for cell in first) or any(", " in row[0] for row in whole.rows):
        return False
    if any(len(cell) > 1 and cell.startswith("0") for cell in last):
        return True
    counts = [int(cell) for cell in first if cell.isdecimal()]
    runs = len(counts) == len(first) >= _INDEX_ROWS and all(b - a == 1 for a, b in pairwise(counts))
    return not runs
