"""Numbers as people have them: pasted, or a CSV file of any common encoding and separator. Text in, columns out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gru_viz.errors import InputError

ENCODINGS = ("utf-8-sig", "gb18030", "cp1252")
"""Tried in this order; UTF-16 is known by its first two bytes. GB 18030 before Western, for it refuses most of it."""
SEPARATORS = (";", "\t", ",", " ")


@dataclass(frozen=True)
class Table:
    """Cells as they were written, and where in the file each row stood (from 1)."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    decimal_comma: bool

    def numeric(self) -> list[str]:
        """Columns that are mostly numbers: those a person means when they give a table of numbers."""
        return [name for i, name in enumerate(self.names) if self._share(i) > 0.5]

    def _share(self, column: int) -> float:
        good = sum(number(row[column], self.decimal_comma) is not None for row in self.rows)
        return good / max(len(self.rows), 1)

    def values(self, chosen: list[str]) -> NDArray[np.float64]:
        """(T, k) of the chosen columns; InputError names the first cell that is no number, by column and line."""
        places = [self.names.index(name) for name in chosen]
        made = np.empty((len(self.rows), len(places)))
        for r, row in enumerate(self.rows):
            for c, place in enumerate(places):
                made[r, c] = self._cell(row[place], self.names[place], self.lines[r])
        return made

    def _cell(self, raw: str, column: str, line: int) -> float:
        value = number(raw, self.decimal_comma)
        if value is None or not np.isfinite(value):
            found = raw.strip()
            if not found or (value is not None and np.isnan(value)) or found.lower() in ("na", "null"):
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
                value=repr(found[:30]),
            )
        return value


def number(raw: str, decimal_comma: bool) -> float | None:
    """The number a cell holds; None for anything else."""
    text = raw.strip().replace("\N{MINUS SIGN}", "-")
    if decimal_comma:
        text = text.replace(",", ".")
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def decoded(data: bytes) -> str:
    """A file's text. InputError for an empty file, and for bytes that are no text in any encoding we know."""
    if not data.strip(b"\xef\xbb\xbf\xff\xfe \r\n\t\0"):
        raise InputError("table.empty", "There are no numbers: the file or the field is empty.")
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InputError("table.encoding", "The file is not a text file in an encoding known here: save it as UTF-8.")


def parsed(text: str, most: int) -> tuple[Table, int]:
    """Numbers from text: one line is a series, several lines are steps with columns.

    Args:
        most: rows beyond this are cut off.

    Returns:
        The table, and how many rows the text had.

    Raises:
        InputError: nothing there, or rows of different lengths.
    """
    lines = [(i, line) for i, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not lines:
        raise InputError("table.empty", "There are no numbers: the file or the field is empty.")
    separator, comma = _separator([line for _, line in lines[:50]])
    cells = [(i, _cells(line, separator)) for i, line in lines]
    if len(cells) == 1:
        cells = [(cells[0][0], (cell,)) for cell in cells[0][1]]
    names, cells = _header(cells, comma)
    width = len(names)
    ragged = next((i for i, row in cells if len(row) != width), None)
    if ragged is not None:
        raise InputError(
            "table.ragged", "Line {line} does not have {width} column(s) as the others do.", line=ragged, width=width
        )
    if len(cells) < 2:
        raise InputError("table.one_row", "There is only one row of numbers: a sequence needs at least two.")
    kept = cells[:most]
    return Table(names, tuple(row for _, row in kept), tuple(i for i, _ in kept), comma), len(cells)


def _separator(lines: list[str]) -> tuple[str | None, bool]:
    """The separator that cuts every line into equally many parts, and whether numbers have a decimal comma."""
    for separator in SEPARATORS:
        counts = {len(_cells(line, separator)) for line in lines}
        if counts != {1} and (len(counts) == 1 or len(lines) == 1):
            comma = separator in ";\t" and not any("." in line for line in lines) and any("," in line for line in lines)
            return separator, comma
    best = max(SEPARATORS, key=lambda s: sum(line.count(s) for line in lines))
    return (best if any(best in line.strip() for line in lines) else None), False


def _cells(line: str, separator: str | None) -> tuple[str, ...]:
    if separator is None:
        return (line.strip(),)
    parts = line.split() if separator == " " else line.strip().rstrip("\r").split(separator)
    return tuple(part.strip().strip('"') for part in parts)


def _header(cells: list[tuple[int, tuple[str, ...]]], comma: bool) -> tuple[tuple[str, ...], list]:
    """Names from the first row, if it holds words where the second holds numbers, or words only; else 1, 2, 3 …"""
    first = cells[0][1]
    plain = tuple(str(i + 1) for i in range(len(first)))
    words = [number(cell, comma) is None for cell in first]
    if len(cells) < 2 or len(first) != len(cells[1][1]):
        return plain, cells
    below = [number(cell, comma) is not None for cell in cells[1][1]]
    if not all(words) and not any(word and value for word, value in zip(words, below, strict=True)):
        return plain, cells
    names = tuple(name or plain[i] for i, name in enumerate(first))
    return (names if len(set(names)) == len(names) else plain), cells[1:]


def scaled(values: NDArray[np.float64], how: str) -> NDArray[np.float64]:
    """Column by column: "zscore" to mean 0 and deviation 1, "minmax" to 0..1; a constant column becomes 0."""
    if how == "zscore":
        spread = values.std(axis=0)
        return (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    if how == "minmax":
        spread = np.ptp(values, axis=0)
        return (values - values.min(axis=0)) / np.where(spread > 0, spread, 1.0)
    return values
