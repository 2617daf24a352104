"""Data of a visitor's own: a table of texts and labels, or a text, checked before anything learns from them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from gru_viz.errors import InputError
from gru_viz.limits import TRAIN_CHARACTERS, TRAIN_LABELS, TRAIN_ROWS, TRAIN_TEXT
from gru_viz.models.reading import clusters
from gru_viz.tasks.tables.encoding import decoded
from gru_viz.tasks.tables.reader import FOUND_OUT, read
from gru_viz.tasks.tables.table import Choices, Table

FEWEST_ROWS = 20
FEW_NUMBERS = 10
"""So many different numbers may well be the names of classes."""
_NUMBER = re.compile(r"[-+\N{MINUS SIGN}]?(\d[\d.,'\u00a0\u202f ]*|[.,]\d+)([eE][-+]?\d+)?\s*%?")
FEWEST_CHARACTERS = 2000
TEXTS = (
    "text",
    "texts",
    "name",
    "word",
    "sentence",
    "tweet",
    "review",
    "message",
    "content",
    "文本",
    "内容",
    "姓名",
    "名字",
)
LABELS = ("label", "labels", "class", "category", "target", "sentiment", "tag", "origin", "标签", "类别", "分类", "类")
"""What the two columns are called where somebody has named them for what they are."""

Rows = Sequence[tuple[str, str]]


def table(given: bytes | Rows) -> list[tuple[str, str]]:
    """The (text, label) rows of a file, whatever separates its columns; or rows that were picked from it.

    Raises:
        InputError: no table, a column is missing, too few rows, one label only, or too many.
    """
    if not isinstance(given, bytes):
        return checked(given)
    found = opened(given)
    return checked(pairs(found, *columns(found)))


def opened(blob: bytes, choices: Choices = FOUND_OUT, locale: str = "") -> Table:
    """A file as a table of texts. See `gru_viz.tasks.tables.reader.read`."""
    return read(blob, choices, locale=locale, numbers=False, heads={*TEXTS, *LABELS})


def columns(found: Table) -> tuple[str, str]:
    """Which column holds the texts and which the labels: by their names, else the labels are the fewest different.

    Raises:
        InputError: there is one column only.
    """
    if len(found.names) < 2:
        raise InputError(
            "own.columns",
            "The table needs two columns, texts and their labels; only one was found: {found}.",
            found=", ".join(found.names)[:60],
        )
    text, label = (_called(found, names) for names in (TEXTS, LABELS))
    different = {name: len(set(found.cells(name))) for name in found.names}
    if label is None:
        label = min(
            (name for name in found.names if name != text), key=lambda name: (different[name] < 2, different[name])
        )
    if text is None:
        text = max((name for name in found.names if name != label), key=lambda name: _lettered(found.cells(name)))
    return text, label


def _called(found: Table, names: Sequence[str]) -> str | None:
    """The column with the first of these names that is there."""
    folded = {name.strip().casefold(): name for name in reversed(found.names)}
    return next((folded[name] for name in names if name in folded), None)


def _lettered(cells: Sequence[str]) -> tuple[bool, int]:
    """Texts have letters, and differ from row to row."""
    return sum(any(c.isalpha() for c in cell) for cell in cells) * 2 > len(cells), len(set(cells))


def pairs(found: Table, text: str, label: str) -> list[tuple[str, str]]:
    """The rows that have both, cut to what is learnt from."""
    both = zip(found.cells(text), found.cells(label), strict=True)
    whole = ((written, kind) for written, kind in both if written and kind)
    kept = [(_cut(written), kind[:60]) for written, kind in whole]
    return kept[:TRAIN_ROWS]


def _cut(text: str) -> str:
    return "".join(clusters(text[: 4 * TRAIN_TEXT])[:TRAIN_TEXT])


def checked(rows: Rows) -> list[tuple[str, str]]:
    """The rows themselves, if there is something to learn from them."""
    different = sorted(set(rows))
    if len(different) < FEWEST_ROWS:
        raise InputError(
            "own.rows",
            "There is only one different row with text and label; at least {fewest} are needed."
            if len(different) == 1
            else "There are {rows} different rows with text and label; at least {fewest} are needed.",
            rows=len(different),
            fewest=FEWEST_ROWS,
        )
    labels = {label for _, label in different}
    if len(labels) == 1:
        raise InputError(
            "own.one_class", "Every row has the label {label}: there is nothing to tell apart.", label=labels.pop()
        )
    if len(labels) > TRAIN_LABELS:
        raise InputError(
            "own.classes",
            "There are {labels} different labels; at most {most} can be told apart here.",
            labels=len(labels),
            most=TRAIN_LABELS,
        )
    return different


def doubts(rows: Rows) -> tuple[str, ...]:
    """What speaks against the column that was taken for the labels: "once", every label occurs in one row only, or
    "rare", more than half of them do; "numbers", they look like numbers, and are more than a few classes."""
    often = Counter(label for _, label in rows)
    alone = sum(count == 1 for count in often.values())
    found = ["once"] if len(often) > 1 and alone == len(often) else ["rare"] if 2 * alone > len(often) > 2 else []
    if len(often) > FEW_NUMBERS and all(_NUMBER.fullmatch(label.strip()) for label in often):
        found.append("numbers")
    return tuple(found)


def passage(given: bytes | str) -> str:
    """A text to learn to continue, cut to its first million characters.

    Raises:
        InputError: no text, or too short to learn from and to hold a part out.
    """
    text = (given if isinstance(given, str) else decoded(given).text)[:TRAIN_CHARACTERS]
    if len(text) < FEWEST_CHARACTERS:
        raise InputError(
            "own.short",
            "The text has only one character; at least {fewest} are needed."
            if len(text) == 1
            else "The text has {found} characters; at least {fewest} are needed.",
            found=len(text),
            fewest=FEWEST_CHARACTERS,
        )
    return text
