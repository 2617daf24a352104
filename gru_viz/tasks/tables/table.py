"""A table as it was read: columns of cells, and what was guessed on the way, each guess open to a choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from gru_viz.errors import InputError
from gru_viz.tasks.tables import encoding as encodings
from gru_viz.tasks.tables.dates import DAY, MONTH, Dates
from gru_viz.tasks.tables.numerals import COMMA, POINT, missing, number
from gru_viz.tasks.tables.records import DELIMITERS

DECIMALS = {"point": POINT, "comma": COMMA}


@dataclass(frozen=True)
class Choices:
    """How a table is to be read; what is None is found out.

    Attributes:
        encoding: a key of `encoding.NAMES`.
        delimiter: a key of `records.DELIMITERS`.
        decimal: a key of `DECIMALS`.
        header: "yes" or "no": whether the first row names the columns.
        comments: "skip" or "keep" the lines that begin with #.
        dates: the column of dates by its place from 1; "0" for none.
        order: "dmy" or "mdy".
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    header: str | None = None
    comments: str | None = None
    dates: str | None = None
    order: str | None = None

    def __str__(self) -> str:
        """As a link holds it: "delimiter:tab,decimal:comma"."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        return ",".join(f"{name}:{value}" for name, value in given.items() if value is not None)

    @classmethod
    def of(cls, written: str) -> Choices:
        """The choices a link holds; ValueError for any that is none."""
        found = dict(part.split(":", 1) for part in written.split(",") if part)
        for name, value in found.items():
            if name not in OPTIONS or not (value.isdecimal() if name == "dates" else value in OPTIONS[name]):
                raise ValueError(f"{name}:{value}")
        return cls(**found)


OPTIONS: dict[str, tuple[str, ...]] = {
    "encoding": tuple(encodings.NAMES),
    "delimiter": tuple(DELIMITERS),
    "decimal": tuple(DECIMALS),
    "header": ("yes", "no"),
    "comments": ("skip", "keep"),
    "dates": (),
    "order": (DAY, MONTH),
}
"""What each choice may be; columns of dates are the table's own."""


@dataclass(frozen=True)
class Guess:
    """How a table was read.

    Attributes:
        encoding: None for what was typed; certain: whether it is beyond doubt.
        delimiter: a key of `DELIMITERS`; decimal: a key of `DECIMALS`.
        sample: a cell with a comma or point in it and the number it was read as; None where there is none.
        open: whether that cell could as well have been read the other way, and nothing in the table decides.
        header: whether the first row names the columns; series: whether one line was read as one column.
        sep_line: whether Excel's line ``sep=`` was obeyed; hashes, comments: lines with #, and those left out.
        index: the column without a name that counts or names the rows, as pandas writes it; None if there is none.
        dates: columns of dates, by name.
        groups, units: what separates thousands; signs beside numbers that were left out ("%", "€").
        empty: columns with neither name nor cell, left out.
        given: how many rows there were; those beyond what was asked for are cut off.
    """

    encoding: str | None
    certain: bool
    delimiter: str
    decimal: str
    sample: tuple[str, float] | None
    open: bool
    header: bool
    series: bool
    sep_line: bool
    hashes: int
    comments: int
    index: str | None
    dates: Mapping[str, Dates]
    groups: tuple[str, ...]
    units: tuple[str, ...]
    empty: int
    given: int


@dataclass(frozen=True)
class Table:
    """Cells as they were written, where in the file each row began (from 1), and how all of it was read."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    guess: Guess

    def numeric(self) -> list[str]:
        """Columns that are mostly numbers: those a person means; neither dates nor the rows' own numbers."""
        left_out = {*self.guess.dates, self.guess.index}
        return [name for i, name in enumerate(self.names) if name not in left_out and self._share(i) > 0.5]

    def _share(self, column: int) -> float:
        told = [row[column] for row in self.rows if not missing(row[column])]
        return sum(number(cell, self._mark) is not None for cell in told) / max(len(told), 1)

    @property
    def _mark(self) -> str:
        return DECIMALS[self.guess.decimal]

    def cells(self, name: str) -> list[str]:
        """One column as it was written."""
        place = self.names.index(name)
        return [row[place] for row in self.rows]

    def values(self, chosen: Sequence[str]) -> NDArray[np.float64]:
        """(T, k) of the chosen columns; InputError names the first cell that is no number, by column and line."""
        places = [self.names.index(name) for name in chosen]
        made = np.empty((len(self.rows), len(places)))
        for r, row in enumerate(self.rows):
            for c, place in enumerate(places):
                made[r, c] = self._cell(row[place], self.names[place], self.lines[r])
        return made

    def _cell(self, raw: str, column: str, line: int) -> float:
        found = number(raw, self._mark)
        if found is not None and np.isfinite(found.value):
            return found.value
        if missing(raw):
            raise InputError(
                "table.missing",
                "Column {column} has no number in line {line}: fill the gap or leave the column out.",
                column=column,
                line=line,
            )
        raise InputError(
            "table.not_a_number",
            "Column {column} has {value} in line {line}: mend what is not a number, or leave the column out.",
            column=column,
            line=line,
            value=repr(raw.strip()[:30]),
        )
