"""Next-character prediction: what english and python share.

Training reads long streams in windows, carrying the state from one window to the next (truncated
back-propagation through time), and empties the state now and then, because a visitor's text starts from nothing.
Held-out text is read as a page reads it: pieces of at most 2,000 characters, each from an empty state. Characters of
one document are no independent sample, so a card keeps its sums by document (`gru_viz.tasks.pieces`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log, log2
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from gru_viz.models.card import Card, structure
from gru_viz.models.reading import Vocabulary, clusters
from gru_viz.models.sequence import ModuleState
from gru_viz.tasks.family import GRU, INITIALISATION, Variant, fresh, matched
from gru_viz.tasks.pieces import pooled, row

PIECE = 2000
PROBES, PROBE_PIECE = 64, 400
RARE = 10
POSITION_BANDS = ((1, 10), (11, 100), (101, 1000), (1001, PIECE))


@dataclass(frozen=True)
class Sizes:
    """The model and how its text is fed.

    Attributes:
        embedding, hidden: widths.
        streams: how many places of the text are read side by side.
        window: characters between two optimiser steps.
        reset: chance, per stream and step, that the state is emptied.
        dropout: chance that an input character is read as the unknown symbol, which so gets a learnt embedding.
        most: how many symbols are known at most, the commonest; None knows all that are not rare.
        tied: the output layer is the embedding; see `gru_viz.models.sequence.TiedHead`.
    """

    embedding: int
    hidden: int
    streams: int = 64
    window: int = 128
    reset: float = 0.1
    dropout: float = 0.005
    most: int | None = None
    tied: bool = False


class CharacterProblem:
    """A character model of some documents; held-out documents are only ever measured on."""

    def __init__(
        self,
        name: str,
        train: list[str],
        test: list[str],
        sizes: Sizes,
        seed: int,
        facts: dict[str, Any],
        variant: Variant = GRU,
    ) -> None:
        counts = Counter(token for document in train for token in clusters(document))
        vocabulary = Vocabulary.of({token for token, count in counts.most_common(sizes.most) if count >= RARE})
        symbols = {"symbols": list(vocabulary.symbols), "folds": False}

        def card_of(variant: Variant, hidden: int) -> Card:
            return structure(
                *(name, "next"),
                cell=variant.cell,
                input_size=sizes.embedding,
                hidden_size=hidden,
                tied=sizes.tied,
                vocabulary=symbols,
            )

        self.model = fresh(matched(card_of, variant, sizes.hidden), seed)
        self._sizes, self._facts = sizes, facts
        self._dice = torch.Generator().manual_seed(seed)
        order: list[int] = torch.randperm(len(train), generator=self._dice).tolist()
        self._train = torch.cat([vocabulary.read(train[place]).ids for place in order])
        self._test = [vocabulary.read(document).ids for document in test]
        self._documents = (len(train), len(test))
        self._state: ModuleState | None = None
        pieces = [piece for ids in self._test for piece in ids.split(PROBE_PIECE) if len(piece) > 1]
        self._probed = pieces[:: max(1, len(pieces) // PROBES)]
        self._read = 0
        self._columns = self._shuffled()

    def loss(self) -> Tensor:
        """Mean nats a character over one window of every stream."""
        sizes, start = self._sizes, self._next_window()
        read = self._columns[start : start + sizes.window]
        target = self._columns[start + 1 : start + sizes.window + 1]
        device = self.model.device
        unseen = torch.rand(read.shape, generator=self._dice) < sizes.dropout
        keep = (torch.rand(sizes.streams, generator=self._dice) >= sizes.reset).to(device)
        state = None if self._state is None else _each(self._state, lambda part: part.to(device) * keep[:, None])
        scores, last = self.model(read.masked_fill(unseen, 0).to(device), state)
        self._state = _each(last, Tensor.detach)
        return F.cross_entropy(scores.flatten(0, 1), target.flatten().to(device))

    def _next_window(self) -> int:
        """Where the next window begins: behind the last one, so that the carried state has read up to there; or, where
        the streams have no whole window left, at the start of a new pass, cut at other places, from an empty state."""
        start = self._read
        if start == 0 or start + self._sizes.window >= len(self._columns):
            self._columns, self._state, start = self._shuffled(), None, 0
        self._read = start + self._sizes.window
        return start

    def _shuffled(self) -> Tensor:
        """The training text as (steps, streams), its cuts at a random place."""
        turn = int(torch.randint(len(self._train), (1,), generator=self._dice))
        text = torch.roll(self._train, turn)
        length = max(len(text) // self._sizes.streams, self._sizes.window + 2)
        text = text.repeat(-(-length * self._sizes.streams // len(text)))[: length * self._sizes.streams]
        return text.view(self._sizes.streams, length).T.contiguous()

    @property
    def probed(self) -> int:
        """How many characters are foretold in a probe."""
        return sum(len(piece) - 1 for piece in self._probed)

    def probe(self) -> tuple[str, float]:
        """Bits a character on a part of the held-out pieces, evenly spread: cheap enough for a learning curve."""
        bits = torch.cat([found[0] for found in self._measured(self._probed)])
        return "bits_per_character", round(bits.mean().item(), 4)

    def metrics(self) -> dict[str, Any]:
        """Bits a character on held-out documents, by how much was read, beside the letters' own frequencies."""
        pieces = [piece for ids in self._test for piece in ids.split(PIECE) if len(piece) > 1]
        bits, hits, position = (torch.cat(parts) for parts in zip(*self._measured(pieces), strict=True))
        counts = torch.bincount(self._train, minlength=len(self.model.labels)).cpu().double() + 1
        frequency = -(counts / counts.sum()).log2()
        targets = torch.cat([piece[1:] for piece in pieces])
        bands = {
            f"{low}-{high}": round(bits[band].mean().item(), 3)
            for low, high in POSITION_BANDS
            if (band := (position >= low) & (position <= high)).any()
        }
        return {
            "bits_per_character": round(bits.mean().item(), 4),
            "next_character_accuracy": round(hits.cpu().double().mean().item(), 4),
            "baseline_bits_per_character": round(frequency[targets].mean().item(), 4),
            "bits_per_character_by_characters_read": bands,
            "held_out_characters": len(targets),
            "held_out_unknown_share": round((targets == 0).cpu().double().mean().item(), 6),
            "uniform_bits_per_character": round(log2(len(self.model.labels)), 4),
            "by_document": self._by_document(bits, hits),
        }

    def _by_document(self, bits: Tensor, hits: Tensor) -> dict[str, str]:
        """For every held-out document: characters predicted, bits they took, best guesses that were right."""
        pieces = [(place, piece) for place, ids in enumerate(self._test) for piece in ids.split(PIECE)]
        of_each = [torch.full((len(piece) - 1,), place) for place, piece in pieces if len(piece) > 1]
        owner = torch.cat(of_each)
        return {
            "piece": self._facts.get("piece", "document"),
            "characters": row(pooled(torch.ones(len(owner)), owner, len(self._test)), 0),
            "bits": row(pooled(bits, owner, len(self._test)), 2),
            "right": row(pooled(hits, owner, len(self._test)), 0),
        }

    @torch.no_grad()
    def _measured(self, pieces: Sequence[Tensor], batch: int = 64) -> list[tuple[Tensor, Tensor, Tensor]]:
        """For every held-out prediction: its bits, whether the best guess was right, how many characters were read."""
        found = []
        for start in range(0, len(pieces), batch):
            group = torch.nn.utils.rnn.pad_sequence(list(pieces[start : start + batch]), padding_value=-1)
            group = group.to(self.model.device)
            scores, _ = self.model(group[:-1].clamp(min=0))
            target, real = group[1:], group[1:] >= 0
            nats = F.cross_entropy(scores.flatten(0, 1), target.clamp(min=0).flatten(), reduction="none")
            read = torch.arange(1, len(group), device=group.device)[:, None].expand_as(target)
            of_each = nats.view_as(target) / log(2), scores.argmax(-1) == target, read
            found.append(tuple(values[real].cpu() for values in of_each))
        return found

    def facts(self) -> dict[str, Any]:
        sizes, (train, test) = self._sizes, self._documents
        return {
            **self._facts,
            "preprocessing": (
                f"NFC, one symbol a user-perceived character; symbols seen fewer than {RARE} times in training "
                + (f"or not among the {sizes.most} commonest " if sizes.most else "")
                + f"are the unknown symbol (id 0); {sizes.dropout:.1%} of the input characters are read as unknown in "
                f"training. {sizes.streams} streams, windows of {sizes.window} characters with the state carried "
                f"on, emptied with chance {sizes.reset:.0%} a window."
            ),
            "initialisation": INITIALISATION,
            "documents": {"trained_on": train, "held_out": test, "training_characters": len(self._train)},
            "measured": f"held-out documents in pieces of at most {PIECE} characters, each from an empty state; "
            "the first character of a piece is given, not predicted",
        }


def _each(state: ModuleState, change: Callable[[Tensor], Tensor]) -> ModuleState:
    """h, or h and c of an LSTM, changed alike."""
    return (change(state[0]), change(state[1])) if isinstance(state, tuple) else change(state)
