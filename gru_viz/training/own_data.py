"""Data of a visitor's own: a table of texts and labels, or a text, checked before anything learns from them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from gru_viz.errors import InputError
from gru_viz.models.reading import clusters

MOST_BYTES = 5 * 2**20
MOST_ROWS = 20_000
FEWEST_ROWS = 20
MOST_LABELS = 100
MOST_TEXT = 200
"""Characters of one row's text; what is longer is cut."""
FEWEST_CHARACTERS, MOST_CHARACTERS = 2000, 1_000_000
COLUMNS = ("text", "label")


def decoded(blob: bytes) -> str:
    """A file's text: UTF-8, with or without a byte order mark, or UTF-16 with one.

    Raises:
        InputError: too large, or no text in these encodings.
    """
    if len(blob) > MOST_BYTES:
        raise InputError(
            "own.large",
            "The file has {size} MB; at most {most} MB can be learnt from here.",
            size=f"{len(blob) / 2**20:.1f}",
            most=MOST_BYTES // 2**20,
        )
    wide = blob.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return blob.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "own.encoding",
            "The file is no text in UTF-8 (byte {place}): save it as UTF-8; in Excel the format is called CSV UTF-8.",
            place=error.start,
        ) from error


def table(blob: bytes) -> list[tuple[str, str]]:
    """The (text, label) rows of a CSV file; comma, semicolon or tab between the columns, more columns are passed over.

    Raises:
        InputError: a column is missing, too few rows, one label only, or too many.
    """
    content = decoded(blob).lstrip("\r\n")
    csv.field_size_limit(MOST_BYTES)
    rows = csv.reader(io.StringIO(content, newline=""), delimiter=_delimiter(content))
    try:
        return checked(_pairs(rows))
    except csv.Error as error:
        raise InputError("own.csv", "The file is no CSV: {reason}.", reason=str(error)) from error


def _delimiter(content: str) -> str:
    head = content.split("\n", 1)[0]
    return max(",;\t", key=head.count)


def _pairs(rows: object) -> list[tuple[str, str]]:
    lines = iter(rows)  # type: ignore[call-overload]
    head = [cell.strip().casefold() for cell in next(lines, [])]
    missing = [column for column in COLUMNS if column not in head]
    if missing:
        raise InputError(
            "own.columns",
            "The table needs the columns text and label in its first line; {missing} is missing. Found: {found}.",
            missing=", ".join(missing),
            found=", ".join(cell[:30] for cell in head[:8]) or "–",
        )
    text, label = (head.index(column) for column in COLUMNS)
    found = []
    for row in lines:
        if len(row) > max(text, label) and row[text].strip() and row[label].strip():
            found.append(("".join(clusters(row[text].strip()[: 4 * MOST_TEXT])[:MOST_TEXT]), row[label].strip()[:60]))
        if len(found) == MOST_ROWS:
            break
    return found


def checked(rows: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The rows themselves, if there is something to learn from them."""
    different = sorted(set(rows))
    if len(different) < FEWEST_ROWS:
        raise InputError(
            "own.rows",
            "There are {rows} different rows with text and label; at least {fewest} are needed.",
            rows=len(different),
            fewest=FEWEST_ROWS,
        )
    labels = {label for _, label in different}
    if len(labels) == 1:
        raise InputError(
            "own.one_class", "Every row has the label {label}: there is nothing to tell apart.", label=labels.pop()
        )
    if len(labels) > MOST_LABELS:
        raise InputError(
            "own.classes",
            "There are {labels} different labels; at most {most} can be told apart here.",
            labels=len(labels),
            most=MOST_LABELS,
        )
    return different


def passage(blob: bytes) -> str:
    """A text to learn to continue, cut to its first million characters.

    Raises:
        InputError: too short to learn from and to hold a part out.
    """
    text = decoded(blob)[:MOST_CHARACTERS]
    if len(text) < FEWEST_CHARACTERS:
        raise InputError(
            "own.short",
            "The text has {found} characters; at least {fewest} are needed.",
            found=len(text),
            fewest=FEWEST_CHARACTERS,
        )
    return text
