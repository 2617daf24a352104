"""english: the next character of the King James Bible.

The text comes from Debian's package bible-kjv-text through its reader `bible`; any plain text file will do instead.
Chapters are the documents; 5 % of them, chosen by the hash of their name, are held out.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from gru_viz.cells.quantities import Cell
from gru_viz.errors import ModelError
from gru_viz.tasks.characters import CharacterProblem, Sizes
from gru_viz.tasks.family import GRU, Variant, rate
from gru_viz.tasks.task import Budget, held_out

RATES = {Cell.GRU: 6e-3, Cell.LSTM: 1.5e-2, Cell.RNN: 6e-3}
"""GRU and LSTM: the best of those tried with all 4000 steps, see `docs/models.md`; of 1e-3, 2e-3 and 6e-3 an RNN learnt
best with the last (300 steps: 2.61, 2.32, 1.99)."""

HELD_OUT = 0.05
LINES_A_CHAPTER = 100
_WHOLE = "Gen1:1-Rev22:21"
_VERSE = re.compile(r"(\d?[A-Za-z]+)(\d+):\d+ (.*)")


class English:
    """Character model of the King James text."""

    seed = 0
    steps, weight_decay = 4000, 0.001
    sizes = Sizes(embedding=48, hidden=224)

    def __init__(self, variant: Variant = GRU) -> None:
        self.budget = Budget(self.steps, rate(RATES, variant.cell), self.weight_decay)
        self.variant, self.name = variant, variant.of("english")

    def prepare(self, data: Path | None = None) -> CharacterProblem:
        chapters = verses_by_chapter(king_james()) if data is None else plain_chapters(data)
        sides: tuple[list[str], list[str]] = ([], [])
        for name, text in chapters.items():
            sides[held_out(name, HELD_OUT)].append(text)
        if not all(sides):
            raise ModelError("corpus.small", "The text is too small to hold {share:.0%} of it out.", share=HELD_OUT)
        return CharacterProblem(
            self.name, *sides, self.sizes, self.seed, FACTS if data is None else OWN_FACTS, self.variant
        )


def king_james() -> str:
    """The whole text as `bible` prints it: one verse a line, "Ge1:1 In the beginning ..."."""
    reader = shutil.which("bible")
    if reader is None:
        raise ModelError(
            "corpus.missing",
            "The King James text is not installed: install Debian's packages {packages}, or give a plain text "
            "file with {option}.",
            packages="bible-kjv and bible-kjv-text",
            option="--data",
        )
    done = subprocess.run([reader, "-f", _WHOLE], capture_output=True, text=True, errors="replace", check=False)
    if done.returncode or not _VERSE.match(done.stdout):
        raise ModelError("corpus.reader", "`bible` printed no verses: {said}.", said=done.stderr.strip() or "nothing")
    return done.stdout


def verses_by_chapter(printed: str) -> dict[str, str]:
    """Chapter name ("Ge 1") → its verses, one a line, without their numbers."""
    chapters: dict[str, list[str]] = {}
    for line in printed.splitlines():
        if found := _VERSE.fullmatch(line):
            book, chapter, verse = found.groups()
            chapters.setdefault(f"{book} {chapter}", []).append(verse)
    return {name: "\n".join(verses) + "\n" for name, verses in chapters.items()}


def plain_chapters(file: Path) -> dict[str, str]:
    """A text file of one's own, cut into chapters of 100 lines."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError("corpus.file", "The text {file} cannot be read: {why}.", file=file.name, why=error) from error
    starts = range(0, len(lines), LINES_A_CHAPTER)
    return {f"lines {i + 1}": "\n".join(lines[i : i + LINES_A_CHAPTER]) + "\n" for i in starts}


CHOSEN_ON = {"learning_rate": "held_out"}

_WRITING = {
    "task": "predict the next character",
    "bad_at": (
        "Anything but the English of 1611: modern words, digits (it has never seen one), code, other languages. "
        "It spells and punctuates well; its sentences lose their thread after a few words."
    ),
    "hint": [
        "In the beginning ",
        "And it came to pass, that ",
        "The LORD is my shepherd; ",
        "Blessed are the ",
        "And he said unto them, ",
        "Whosoever therefore ",
    ],
}

FACTS = {
    **_WRITING,
    "piece": "chapter",
    "chosen_on": CHOSEN_ON,
    "title": "English (King James Bible)",
    "data": "King James Bible (1611/1769), verse texts without their numbers, one verse a line",
    "data_source": "Debian packages bible-kjv-text and bible-kjv, `bible -f Gen1:1-Rev22:21`",
    "licence": (
        "The text is in the public domain outside the United Kingdom (copyright expired); in the United Kingdom "
        "its printing is under Crown letters patent. The electronic edition may be used, modified and distributed "
        "at will. The weights: Apache-2.0."
    ),
    "split": f'whole chapters; held out where SHA-256 of the chapter\'s name ("Ge 1") falls in the lowest '
    f"{HELD_OUT:.0%}. The Bible repeats itself: some held-out passages stand almost word for word in chapters that "
    "were trained on (2 Kings 19 in Isaiah 37), and are easier for it",
}

OWN_FACTS = {
    **_WRITING,
    "piece": "block",
    "chosen_on": {"learning_rate": "other_data"},
    "title": "English (a text of your own)",
    "bad_at": "Whatever is not in that text.",
    "hint": [],
    "data": "a plain text file given with --data",
    "data_source": "the user's own file",
    "licence": "as the file's",
    "split": f'blocks of {LINES_A_CHAPTER} lines; held out where SHA-256 of the block\'s name ("lines 1") falls in '
    f"the lowest {HELD_OUT:.0%}",
}
