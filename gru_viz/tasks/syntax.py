"""syntax: what is this character of Python code: keyword, name, string, comment, number, operator or blank?

A reader from left to right cannot know whether `def` will become `define`; one that also reads from right to left can.
The truth is `tokenize`'s (see `gru_viz.tasks.syntax_truth`), the texts are the standard library's, held out by file as
for `python`. A window begins where a line begins outside any token, because what a visitor types does too.
"""

from __future__ import annotations

import sysconfig
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from gru_viz.errors import ModelError
from gru_viz.models.card import Card, structure
from gru_viz.models.reading import Vocabulary, clusters
from gru_viz.models.sequence import SequenceModel
from gru_viz.tasks import python_code
from gru_viz.tasks.characters import RARE
from gru_viz.tasks.family import GRU, INITIALISATION, Variant, fresh, matched
from gru_viz.tasks.pieces import pooled, row
from gru_viz.tasks.syntax_truth import BLANK, CLASSES, spans
from gru_viz.tasks.task import Budget, held_out, share

HELD_OUT = python_code.HELD_OUT
WINDOW = 160
BATCH = 64
WHOLE = 0.5
DROPOUT = 0.005
EMBEDDING, HIDDEN = 24, 96
POSITIONS = 6
TYPED = (5, 10, 20, 40, 80, WINDOW)
PROBED = 256


class Syntax:
    """The class of every character of Python code."""

    seed = 0
    budget = Budget(steps=1200, learning_rate=8e-3, weight_decay=0.01)

    def __init__(self, variant: Variant = GRU) -> None:
        self.variant, self.name = variant, variant.of("syntax")

    def prepare(self, data: Path | None = None) -> SyntaxProblem:
        texts = python_code.sources(data or Path(sysconfig.get_paths()["stdlib"]))
        sides: tuple[list[str], list[str]] = ([], [])
        for path, text in texts.items():
            sides[held_out(path, HELD_OUT)].append(text)
        if not all(sides):
            raise ModelError("corpus.small", "Too few Python files to hold {share:.0%} of them out.", share=HELD_OUT)
        return SyntaxProblem(*sides, self.seed, python_code.source_facts(own=data is not None), self.variant)


def card(variant: Variant, hidden: int, vocabulary: Vocabulary) -> Card:
    """The structure of a syntax model: a label at every character."""
    return structure(
        *(variant.of("syntax"), "classify"),
        cell=variant.cell,
        directions=variant.directions,
        input_size=EMBEDDING,
        hidden_size=hidden,
        vocabulary={"symbols": list(vocabulary.symbols), "folds": False},
        labels=CLASSES,
        labels_at="every step",
    )


@dataclass(frozen=True)
class Marked:
    """Texts joined, every character with its class.

    Attributes:
        ids: (N,) the model's symbols.
        classes: (N,) indices into `CLASSES`.
        positions: (N,) place of the character in its token from 1; 0 where it is blank.
        starts: (S,) where a line begins outside any token.
        texts: (F,) where each text begins.
    """

    ids: Tensor
    classes: Tensor
    positions: Tensor
    starts: Tensor
    texts: Tensor

    @classmethod
    def of(cls, texts: Iterable[str], vocabulary: Vocabulary) -> Marked:
        """Texts that `tokenize` cannot cut are left out."""
        found = [marked for text in texts if (marked := _marked(text, vocabulary)) is not None]
        sizes = torch.tensor([0, *(len(each.ids) for each in found)]).cumsum(0).tolist()
        return cls(
            torch.cat([each.ids for each in found]),
            torch.cat([each.classes for each in found]),
            torch.cat([each.positions for each in found]),
            torch.cat([each.starts + before for each, before in zip(found, sizes, strict=False)]),
            torch.tensor(sizes[:-1]),
        )

    def windows(self) -> list[tuple[Tensor, Tensor, Tensor]]:
        """The texts once through, in windows that begin at a start: ids, classes and positions of each."""
        places = [slice(start, start + WINDOW) for start in self._cuts()]
        return [(self.ids[at], self.classes[at], self.positions[at]) for at in places]

    def owners(self) -> Tensor:
        """(W,) the text each window begins in."""
        return torch.searchsorted(self.texts, torch.tensor(self._cuts()), right=True) - 1

    def _cuts(self) -> list[int]:
        """Where the windows begin."""
        found, end = [], 0
        for start in self.starts.tolist():
            if start >= end:
                end = start + WINDOW
                found.append(start)
        return found


def _marked(text: str, vocabulary: Vocabulary) -> Marked | None:
    if (tokens := spans(text)) is None:
        return None
    ids = vocabulary.read(text).ids
    classes, positions = torch.full_like(ids, BLANK), torch.zeros_like(ids)
    for start, end, kind in tokens:
        classes[start:end] = CLASSES.index(kind)
        positions[start:end] = torch.arange(1, end - start + 1)
    begins = torch.cat([torch.ones(1, dtype=torch.bool), ids[:-1] == vocabulary.id("\n")])
    return Marked(ids, classes, positions, (begins & (positions <= 1)).nonzero().squeeze(1), torch.zeros(1).long())


class SyntaxProblem:
    """Marked texts of two sides; held-out files are only ever measured on."""

    def __init__(
        self, train: list[str], test: list[str], seed: int, facts: dict[str, Any], variant: Variant = GRU
    ) -> None:
        counts = Counter(token for text in train for token in clusters(text))
        vocabulary = Vocabulary.of({token for token, count in counts.items() if count >= RARE})
        self.model = fresh(matched(lambda one, hidden: card(one, hidden, vocabulary), variant, HIDDEN), seed)
        self.train, self.test = Marked.of(train, vocabulary), Marked.of(test, vocabulary)
        self._windows = self.test.windows()
        self._starts = self.train.starts[self.train.starts <= len(self.train.ids) - WINDOW]
        self._facts, self._documents = facts, (len(train), len(test))
        self._dice = torch.Generator().manual_seed(seed)

    def loss(self) -> Tensor:
        """Mean nats a character over windows that begin at any start and end anywhere, read from an empty state."""
        length = self._length()
        picked = self._starts[torch.randint(len(self._starts), (BATCH * WINDOW // length,), generator=self._dice)]
        places = picked + torch.arange(length)[:, None]
        unseen = torch.rand(places.shape, generator=self._dice) < DROPOUT
        device = self.model.device
        scores = self.model(self.train.ids[places].masked_fill(unseen, 0).to(device))[0]
        return F.cross_entropy(scores.flatten(0, 1), self.train.classes[places].flatten().to(device))

    def _length(self) -> int:
        """Every other batch is of whole windows; the others are as short as what a visitor has typed so far, so that
        a backward reader knows what an unfinished text looks like. Every batch holds as many characters."""
        full, exponent = torch.rand(2, generator=self._dice).tolist()
        return WINDOW if full < WHOLE else max(1, round(WINDOW**exponent))

    def probe(self) -> tuple[str, float]:
        """Accuracy on held-out windows evenly spread over the files."""
        few = self._windows[:: max(1, len(self._windows) // PROBED)]
        return "accuracy", measured(self.model, few)["accuracy"]

    def metrics(self) -> dict[str, Any]:
        """How often the class is right on every held-out window."""
        commonest = torch.cat([classes for _, classes, _ in self.train.windows()]).bincount().argmax()
        typed = {k: _read(self.model, cut(self._windows, k)) for k in TYPED}
        whole = _read(self.model, self._windows)
        return _summary(whole) | {
            "accuracy_by_characters_typed": {str(k): share(found.hit) for k, found in typed.items()},
            "baseline_accuracy": share(whole.classes == commonest),
            "by_document": {"piece": "file", "groups": self._by_file(whole, typed)},
        }

    def _by_file(self, whole: Verdicts, typed: Mapping[int, Verdicts]) -> dict[str, dict[str, str]]:
        """For every held-out file: characters, and how many of them were wrong, of all and of each group that the page
        compares: by class, by place in a token, a keyword or a name, by characters typed."""
        owners, files = self.test.owners(), len(self.test.texts)

        def sums(read: Verdicts, here: Tensor) -> dict[str, str]:
            owner = owners[read.window[here]]
            count, wrong = torch.ones(len(owner)), ~read.hit[here]
            return {"characters": row(pooled(count, owner, files), 0), "wrong": row(pooled(wrong, owner, files), 0)}

        found = {"all": sums(whole, torch.ones_like(whole.hit))}
        found |= {f"class/{kind}": sums(whole, whole.classes == index) for index, kind in enumerate(CLASSES)}
        for name, of_word in {"token": whole.positions > 0, **_words(whole.classes)}.items():
            places = _places(whole.positions)
            found |= {f"{name}/{label}": sums(whole, of_word & here) for label, here in places.items()}
        return found | {f"typed/{k}": sums(read, torch.ones_like(read.hit)) for k, read in typed.items()}

    def facts(self) -> dict[str, Any]:
        return {
            **self._facts,
            **FACTS,
            "documents": dict(zip(("trained_on", "held_out"), self._documents, strict=True)),
        }


@dataclass(frozen=True)
class Verdicts:
    """What a model made of windows, character by character.

    Attributes:
        hit: (N,) whether the class was right.
        classes, positions: (N,) the truth, and the place in the token.
        window: (N,) which window the character is of.
    """

    hit: Tensor
    classes: Tensor
    positions: Tensor
    window: Tensor


def measured(model: SequenceModel, windows: list[tuple[Tensor, Tensor, Tensor]]) -> dict[str, Any]:
    """Metrics on windows of ids, classes and positions in the token, each read from an empty state."""
    return _summary(_read(model, windows))


@torch.no_grad()
def _read(model: SequenceModel, windows: list[tuple[Tensor, Tensor, Tensor]], batch: int = 256) -> Verdicts:
    """Every window read from an empty state.

    All but the last window of a file have one length, so hardly anything is padded; what is, comes after the text and
    would be read by a backward reader: windows are grouped by length.
    """
    groups: dict[int, list[int]] = {}
    for place, window in enumerate(windows):
        groups.setdefault(len(window[0]), []).append(place)
    found: list[tuple[Tensor, ...]] = []
    for group in groups.values():
        for start in range(0, len(group), batch):
            picked = group[start : start + batch]
            ids, truths, places = (pad_sequence([windows[k][part] for k in picked]) for part in range(3))
            hit = model(ids.to(model.device))[0].argmax(-1).cpu() == truths
            found.append((hit, truths, places, torch.tensor(picked).expand_as(truths)))
    return Verdicts(*(torch.cat([part.flatten() for part in parts]) for parts in zip(*found, strict=True)))


def cut(windows: list[tuple[Tensor, Tensor, Tensor]], most: int) -> list[tuple[Tensor, Tensor, Tensor]]:
    """The windows as they are while a visitor has typed so many characters."""
    return [(ids[:most], classes[:most], positions[:most]) for ids, classes, positions in windows]


def _summary(read: Verdicts) -> dict[str, Any]:
    hit, classes, positions = read.hit, read.classes, read.positions
    return {
        "accuracy": share(hit),
        "accuracy_by_class": {
            kind: share(hit[here]) for index, kind in enumerate(CLASSES) if (here := classes == index).any()
        },
        "accuracy_by_position_in_token": _by_position(hit, positions),
        "accuracy_by_position_in_word": {
            kind: _by_position(hit[here], positions[here]) for kind, here in _words(classes).items() if here.any()
        },
        "held_out_characters": len(hit),
    }


def _words(classes: Tensor) -> dict[str, Tensor]:
    """Where the words are whose beginnings a reader from the left must guess."""
    return {kind: classes == CLASSES.index(kind) for kind in ("keyword", "name")}


def _by_position(hit: Tensor, positions: Tensor) -> dict[str, float]:
    """Accuracy at a token's first character, its second and so on; the last entry holds all from there on."""
    return {label: share(hit[here]) for label, here in _places(positions).items()}


def _places(positions: Tensor) -> dict[str, Tensor]:
    """Which characters stand at each place in their token, as far as there are any."""
    capped = positions.clamp(max=POSITIONS)
    places = [place for place in range(1, POSITIONS + 1) if (capped == place).any()]
    return {f"{place}{'+' if place == POSITIONS else ''}": capped == place for place in places}


FACTS: dict[str, Any] = {
    "title": "Syntax of Python code",
    "task": "name the class of every character: " + ", ".join(CLASSES),
    "preprocessing": (
        "NFC, one symbol a user-perceived character; symbols seen fewer than "
        f"{RARE} times in training are the unknown symbol (id 0); {DROPOUT:.1%} of the input characters are read as "
        f"unknown in training. Windows of {WINDOW} characters that begin where a line begins outside any token, each "
        f"read from an empty state; every other training batch is of shorter texts that end anywhere, 1 to {WINDOW} "
        "characters long. Truth: Python's tokenize; match, case, type and _ count as names, an f-string as a "
        "string throughout, white space and line ends as blank."
    ),
    "initialisation": INITIALISATION,
    "measured": f"held-out files once through in such windows of at most {WINDOW} characters; position in the token "
    f"counts its characters from 1, the last entry is all from {POSITIONS} on; by characters typed: the same "
    "windows, of which only so many characters are there to be read",
    "bad_at": (
        "Texts much longer than its windows, above all the inside of long docstrings once their quotes are far away; "
        "soft keywords, which it calls names; other languages; code that is no Python yet."
    ),
    "hint": [
        "def defined(x): return x",
        "if iffy == 'not': pass",
        "import important as imp",
        "x = 0x1F + 2.5e-3  # numbers",
        'print("for", forty, None, nonesuch)',
        "class classic(Base):\n    is_island = True",
    ],
}
