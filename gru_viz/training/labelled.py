"""Texts with labels: surnames by origin, or a table of one's own. The label is believed anew at every character.

Loss as for the zoo's names: the last character plus 0.3 × the mean over all, so that the belief moves smoothly. A
reader of both directions is shown packed sequences: it must not read the padding first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from gru_viz.models.card import Card, structure
from gru_viz.models.reading import Vocabulary, clusters
from gru_viz.models.sequence import SequenceModel
from gru_viz.tasks.family import Variant
from gru_viz.tasks.ragged import scores
from gru_viz.tasks.smooth import EVERY, last_and_every
from gru_viz.tasks.task import held_out, order_by_hash, share

BATCH = 128
HELD_OUT = 0.15
DROPOUT = 0.02
EMBEDDING = 24
MOST_SYMBOLS = 1500
PROBED = 500


@dataclass(frozen=True)
class Labelled:
    """Texts and what each is, split once for every model that learns them.

    Attributes:
        labels: the classes, sorted.
        train, test: (text, index of its class).
    """

    name: str
    labels: tuple[str, ...]
    vocabulary: Vocabulary
    train: Sequence[tuple[str, int]]
    test: Sequence[tuple[str, int]]

    @classmethod
    def of(cls, name: str, rows: Sequence[tuple[str, str]], folds: bool) -> Labelled:
        """Split (text, label) pairs by the hash of the text; the most frequent characters become the vocabulary."""
        labels = tuple(sorted({label for _, label in rows}))
        place = {label: index for index, label in enumerate(labels)}
        sides: tuple[list[tuple[str, int]], list[tuple[str, int]]] = ([], [])
        for text, label in sorted(set(rows)):
            sides[held_out(f"{name}/{text}", HELD_OUT)].append((text, place[label]))
        counts = Counter(token for text, _ in sides[0] for token in clusters(text))
        known = {token for token, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_SYMBOLS]}
        return cls(name, labels, Vocabulary.of(known, folds), *sides)

    def card(self, variant: Variant, hidden: int, layers: int) -> Card:
        """The structure of a model for these texts."""
        return structure(
            *(self.name, "classify"),
            cell=variant.cell,
            directions=variant.directions,
            input_size=EMBEDDING,
            hidden_size=hidden,
            num_layers=layers,
            vocabulary={"symbols": list(self.vocabulary.symbols), "folds": self.vocabulary.folds},
            labels=self.labels,
        )


class LabelledProblem:
    """One model's way through the texts."""

    def __init__(self, data: Labelled, model: SequenceModel, seed: int) -> None:
        self.model = model
        self._data = data
        self._ids = [data.vocabulary.read(text).ids for text, _ in data.train]
        self._lengths = torch.tensor([len(ids) for ids in self._ids])
        self._targets = torch.tensor([label for _, label in data.train])
        counts = torch.bincount(self._targets, minlength=len(data.labels)).clamp(min=1)
        weights = counts.rsqrt()[self._targets]
        self._weights = weights / weights.mean()
        few = sorted(data.test, key=lambda row: order_by_hash(row[0]))[:PROBED]
        self._probed = [data.vocabulary.read(text).ids for text, _ in few], torch.tensor([label for _, label in few])
        self._dice = torch.Generator().manual_seed(seed)
        self._order: tuple[int, ...] = ()

    def loss(self) -> Tensor:
        """Weighted cross-entropy at the last character plus 0.3 of its mean over every character."""
        size = min(BATCH, len(self._ids))
        if len(self._order) < size:
            self._order += tuple(torch.randperm(len(self._ids), generator=self._dice).tolist())
        picked, self._order = list(self._order[:size]), self._order[size:]
        ids, lengths = pad_sequence([self._ids[i] for i in picked]), self._lengths[picked]
        unseen = torch.rand(ids.shape, generator=self._dice) < DROPOUT
        beliefs = scores(self.model, ids.masked_fill(unseen, 0), lengths).log_softmax(-1)
        targets, weights = (of_all[picked].to(beliefs.device) for of_all in (self._targets, self._weights))
        nats = -beliefs.gather(2, targets.expand(len(ids), -1)[:, :, None])[:, :, 0]
        return (last_and_every(nats, lengths) * weights).mean()

    def probe(self) -> tuple[str, float]:
        """How often the belief after the whole text is right, on at most 500 held-out texts."""
        ids, targets = self._probed
        return "accuracy", share(self._right(ids, targets))

    def metrics(self) -> dict[str, Any]:
        """Held-out accuracy beside always naming the class with most training texts."""
        ids = [self._data.vocabulary.read(text).ids for text, _ in self._data.test]
        targets = torch.tensor([label for _, label in self._data.test])
        largest = torch.bincount(self._targets, minlength=len(self._data.labels)).argmax()
        return {
            "accuracy": share(self._right(ids, targets)),
            "baseline_accuracy": share(targets == largest),
            "held_out_texts": len(ids),
        }

    @torch.no_grad()
    def _right(self, ids: Sequence[Tensor], targets: Tensor) -> Tensor:
        lengths = torch.tensor([len(one) for one in ids])
        final = scores(self.model, pad_sequence(list(ids)), lengths).cpu()[lengths - 1, torch.arange(len(ids))]
        return final.argmax(-1) == targets

    def facts(self) -> dict[str, Any]:
        """What the card says of data and split."""
        data = self._data
        return {
            "task": "name a text's label, at every character anew",
            "data": f"{len(data.train) + len(data.test)} texts with {len(data.labels)} labels",
            "split": f'held out where SHA-256 of "{data.name}/" + text falls in the lowest {HELD_OUT:.0%}',
            "preprocessing": f"the {MOST_SYMBOLS} most frequent characters at most; {DROPOUT:.0%} of them are "
            f"read as unknown in training. Loss: last character + {EVERY} x mean over every character, each text "
            "weighted by 1 / sqrt(texts of its label)",
        }
