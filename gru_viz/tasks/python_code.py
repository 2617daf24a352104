"""python: the next character of Python source code, learnt from the standard library that is running this.

Whole files are the documents; 10 % of them, chosen by the hash of their path, are held out. Left out altogether:
tests, tables (encodings, pydoc's topics), frozen or generated files, and what is not the library's own.
"""

from __future__ import annotations

import platform
import sysconfig
import tokenize
from pathlib import Path

from gru_viz.cells.quantities import Cell
from gru_viz.errors import ModelError
from gru_viz.tasks.characters import CharacterProblem, Sizes
from gru_viz.tasks.family import GRU, Variant, rate
from gru_viz.tasks.task import Budget, held_out

RATES = {Cell.GRU: 1.2e-2, Cell.LSTM: 1.5e-2, Cell.RNN: 8e-3}
"""The best of those tried with all 4000 steps; held-out bits a character, `docs/models.md` has the table."""

HELD_OUT = 0.10
LEFT_OUT = frozenset(
    {"test", "tests", "idle_test", "site-packages", "dist-packages", "encodings", "pydoc_data", "lib-dynload"}
    | {"ensurepip", "__pycache__", "__phello__"}
)
_GENERATED = "_sysconfigdata"


class PythonCode:
    """Character model of the installed standard library."""

    seed = 0
    steps, weight_decay = 4000, 0.001
    sizes = Sizes(embedding=32, hidden=160)

    def __init__(self, variant: Variant = GRU) -> None:
        self.budget = Budget(self.steps, rate(RATES, variant.cell), self.weight_decay)
        self.variant, self.name = variant, variant.of("python")

    def prepare(self, data: Path | None = None) -> CharacterProblem:
        files = sources(data or Path(sysconfig.get_paths()["stdlib"]))
        sides: tuple[list[str], list[str]] = ([], [])
        for path, text in files.items():
            sides[held_out(path, HELD_OUT)].append(text)
        if not all(sides):
            raise ModelError("corpus.small", "Too few Python files to hold {share:.0%} of them out.", share=HELD_OUT)
        return CharacterProblem(self.name, *sides, self.sizes, self.seed, facts(own=data is not None), self.variant)


def sources(root: Path) -> dict[str, str]:
    """Every source file under a folder that counts: its path relative to the folder → its text, sorted by path."""
    found: dict[str, str] = {}
    for file in sorted(root.rglob("*.py")):
        path = file.relative_to(root)
        if LEFT_OUT.intersection(path.parts) or path.name.startswith(_GENERATED):
            continue
        try:
            with tokenize.open(file) as stream:
                text = stream.read()
        except (OSError, SyntaxError, UnicodeDecodeError):
            continue  # lib2to3 and others keep files in broken encodings on purpose
        if text.strip():
            found[path.as_posix()] = text
    return found


def source_facts(own: bool) -> dict[str, object]:
    """Where the files come from; names the Python whose library was read."""
    version = platform.python_version()
    library = f"Python {version}'s standard library"
    return {
        "data": "Python files of a folder given with --data" if own else f"source files of {library}",
        "data_source": "the user's own folder" if own else f"{library}, as installed",
        "python_version": version,
        "licence": "as the files'" if own else f"{library}: PSF-2.0. The weights: Apache-2.0.",
        "left_out": [*sorted(LEFT_OUT), _GENERATED + "*"],
        "split": f'whole files; held out where SHA-256 of the path ("json/decoder.py") falls in the lowest '
        f"{HELD_OUT:.0%}",
    }


def facts(own: bool) -> dict[str, object]:
    """What the card says."""
    return {
        "piece": "file",
        "chosen_on": {"learning_rate": "other_data" if own else "held_out"},
        "title": "Python source code",
        "task": "predict the next character",
        **source_facts(own),
        "bad_at": (
            "Meaning: names are made up, brackets close late or never, and a docstring seldom fits its function. "
            "It knows indentation, keywords and the library's habits; it has seen no notebook and no type-heavy code."
        ),
        "hint": [
            "def __init__(self, ",
            "import os\nimport ",
            "for i in range(",
            "    if not isinstance(",
            "class Error(Exception):\n    ",
            "try:\n    return ",
        ],
    }
