"""The readers of one text: from the left, from the right, both ways; and what is true, where anybody knows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gru_viz import models
from gru_viz.analysis.two_ways import TwoWays, two_ways
from gru_viz.cells.spec import BACKWARD, FORWARD
from gru_viz.story.kept import kept
from gru_viz.story.runs import Given, Loaded, Run, load, run
from gru_viz.tasks.syntax_truth import truth

BOTH = "both"
WAYS = (FORWARD, BACKWARD, BOTH)

NAMES: dict[str, dict[str, str]] = {
    "syntax": {FORWARD: "syntax", BACKWARD: "syntax-backward", BOTH: "syntax-bigru"},
    "names": {FORWARD: "names", BOTH: "names-bigru"},
}
"""The models of every example, by the way they read."""
EXAMPLES = tuple(NAMES)


@dataclass(frozen=True)
class Readers:
    """One text, read by every model of an example that is there.

    Attributes:
        example: "syntax" or "names".
        text: what was read.
        runs: by way; "forward" and "both" always, "backward" where there is such a model.
        ways: what each half of the two-way reader knew.
        truth: (T,) indices into `labels`, or None where nobody can tell.
    """

    example: str
    text: str
    runs: dict[str, Run]
    ways: TwoWays
    truth: NDArray[np.intp] | None

    @property
    def key(self) -> str:
        """Identifies who read what."""
        return "/".join(one.key for one in self.runs.values())

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes, as the models call them."""
        return self.runs[BOTH].model.labels

    @property
    def tokens(self) -> tuple[str, ...]:
        """What was read, step by step."""
        return self.runs[BOTH].tokens

    def half(self, direction: str) -> Run:
        """The two-way reader's run with what one of its halves believes by itself."""
        belief = self.ways.left if direction == FORWARD else self.ways.right
        return replace(self.runs[BOTH], belief=belief, part=direction)

    def belief(self, way: str) -> NDArray[np.float32]:
        """(T, V) probabilities of one reader."""
        found = self.runs[way].belief
        assert found is not None
        return found

    def answers(self, way: str) -> NDArray[np.intp]:
        """(T,) what one reader takes each step for."""
        return self.belief(way).argmax(axis=1)

    @property
    def first_apart(self) -> int:
        """The first step at which the reader from the left and the reader of both ways say different things; else the
        last."""
        apart = np.flatnonzero(self.answers(FORWARD) != self.answers(BOTH))
        return int(apart[0]) if len(apart) else len(self.tokens) - 1

    @property
    def unknown(self) -> tuple[int, ...]:
        """Steps whose token nobody has seen in training."""
        return tuple(sorted(set.intersection(*(set(one.unknown) for one in self.runs.values()))))


def there() -> list[str]:
    """The examples that can be shown here: those of which a reader of one way and one of both ways are in the zoo."""
    known = set(models.available())
    return [name for name in EXAMPLES if {NAMES[name][FORWARD], NAMES[name][BOTH]} <= known]


def missing() -> list[str]:
    """Models the page would show and the zoo does not have."""
    known = set(models.available())
    return [name for wanted in NAMES.values() for name in wanted.values() if name not in known]


def loaded(example: str, device: str) -> dict[str, Loaded]:
    """The models of an example by the way they read."""
    known = set(models.available())
    return {way: load(name, device) for way, name in NAMES[example].items() if name in known}


def read(example: str, text: str, device: str) -> Readers:
    """Run every reader.

    Raises:
        InputError: the text cannot be read.
        ModelError: a model is damaged.
    """
    given = Given(text=text)
    runs = {way: run(one, given) for way, one in loaded(example, device).items()}
    return Readers(example, text, runs, _apart(runs[BOTH]), _truth(example, runs[BOTH].model.labels, text))


@kept(24, key=lambda both: both.key)
def _apart(both: Run) -> TwoWays:
    return two_ways(both.model, both.trace)


@kept(24, key=lambda example, labels, text: (example, labels, text))
def _truth(example: str, labels: tuple[str, ...], text: str) -> NDArray[np.intp] | None:
    """What Python's own tokenizer says; of a surname nobody can tell."""
    kinds = truth(text) if example == "syntax" else None
    return None if kinds is None else np.array([labels.index(kind) for kind in kinds], dtype=np.intp)
