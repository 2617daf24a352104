"""SequenceModel: symbols or numbers in, a recurrent module in the middle, beliefs out, each step traceable.

embedding (text only) → rnn → head on the last layer's h, the same at every step, so a belief can be read anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import isfinite
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

from gru_viz.cells import KINDS
from gru_viz.cells.quantities import Cell
from gru_viz.errors import InputError, ModelError
from gru_viz.models import card as cards
from gru_viz.models.number_input import Numbers, as_steps
from gru_viz.models.reading import Reading, Vocabulary
from gru_viz.scalars import is_a, real, refused, shown, whole
from gru_viz.tracing.edits import Interventions
from gru_viz.tracing.modules import BackwardGRU
from gru_viz.tracing.trace import Trace
from gru_viz.tracing.trace import trace as run_and_keep

TOP = 5
"""How many candidates a Generated carries."""

Input: TypeAlias = "str | Numbers"
ModuleState: TypeAlias = "Tensor | tuple[Tensor, Tensor]"
"""What a recurrent module carries from step to step: h, or an LSTM's (h, c)."""

MODULE_OF: dict[tuple[str, tuple[str, ...]], Callable[..., Any]] = {
    (Cell.GRU, ("backward",)): BackwardGRU,
    **{
        (cell, ways): partial(kind.modules[0], bidirectional=len(ways) == 2)
        for cell, kind in KINDS.items()
        for ways in (("forward",), ("forward", "backward"))
    },
}
"""The module of every cell (as the card names it) and the ways it reads."""


class TiedHead(nn.Module):
    """Scores by likeness: h is projected to the embedding's width and compared with every symbol's embedding.

    Press and Wolf 2017 (arXiv:1608.05859), with a projection as in section 3 there because h is wider.
    """

    def __init__(self, width: int, embedding: nn.Embedding) -> None:
        super().__init__()
        self.projection = nn.Linear(width, embedding.embedding_dim)
        self.bias = nn.Parameter(torch.zeros(embedding.num_embeddings))
        self._embedding = (embedding,)  # in a tuple, so that its weights are listed, saved and counted once

    def forward(self, states: Tensor) -> Tensor:
        return functional.linear(self.projection(states), self._embedding[0].weight, self.bias)


@dataclass(frozen=True)
class Generated:
    """One symbol a model wrote.

    Attributes:
        token: the symbol that was drawn.
        probability: what the model itself gave it (temperature 1, the unknown symbol left out).
        top: the likeliest symbols at this step with the same probabilities, best first.
    """

    token: str
    probability: float
    top: tuple[tuple[str, float], ...]


class SequenceModel(nn.Module):
    """A recurrent model that can be asked what it saw, believed and would say next.

    Attributes:
        name: the zoo's name, or the folder's.
        kind: "classify" (labels are classes), "next" (labels are symbols), "forecast" (a number) or "none".
        labels: what the columns of `predict` mean; empty for "forecast" and "none".
        vocabulary: the symbols it reads; None for a model of numbers.
        card: everything known about it (see `gru_viz.models.card`).
    """

    def __init__(self, card: cards.Card) -> None:
        super().__init__()
        self.card = card = cards.check(card)
        self.name: str = card["name"]
        self.kind: cards.HeadKind = card["kind"]
        symbols = card["vocabulary"]
        self.vocabulary = Vocabulary(tuple(symbols["symbols"]), symbols["folds"]) if symbols else None
        self.labels: tuple[str, ...] = tuple(card["labels"])
        if self.kind == "next" and self.vocabulary:
            self.labels = self.vocabulary.symbols
        # The recurrent module is built first, so that a seeded nn.GRU and a seeded model without head are the same.
        self.rnn = MODULE_OF[card["cell"], tuple(card["directions"])](
            card["input_size"], card["hidden_size"], card["num_layers"]
        )
        self.embedding = nn.Embedding(len(self.vocabulary), card["input_size"]) if self.vocabulary else None
        self.head = self._new_head()

    def _new_head(self) -> nn.Module | None:
        if self.kind == "none":
            return None
        width = self.card["hidden_size"] * len(self.card["directions"])
        if self.embedding is not None and self.card["tied"]:
            return TiedHead(width, self.embedding)
        return nn.Linear(width, 1 if self.kind == "forecast" else len(self.labels))

    @property
    def device(self) -> torch.device:
        """Where the weights live; everything the model returns lives there too."""
        return self._weight.device

    @property
    def _weight(self) -> Tensor:
        return next(self.rnn.parameters())  # whatever its name: a pruned or normed weight is held under others

    def forward(self, x: Tensor, hx: ModuleState | None = None) -> tuple[Tensor, ModuleState]:
        """Scores of every step and the last state, for training: ids (T, B) or numbers (T, B, I) → (T, B, V), state.

        The state is the module's own: h, or the pair (h, c) of an LSTM.
        """
        states, last = self.rnn(self.embedding(x) if self.embedding else x, hx)
        return (self.head(states) if self.head else states), last

    def tokenize(self, text: str) -> Reading:
        """Cut a text into what the model reads; see `Reading`. InputError for a model of numbers."""
        if self.vocabulary is None:
            raise InputError("input.wants_numbers", "The model {name} reads numbers, not text.", name=self.name)
        if not isinstance(text, str):
            raise refused("The text", text, "a str")
        return self.vocabulary.read(text)

    def encode(self, data: Input | Reading) -> Tensor:
        """Text → ids (T,); numbers (T,), (T, I) or (T, B, I) → float (T, I) or (T, B, I), normalised as in training.

        A text that was cut already (`tokenize`) is taken as it is.

        Raises:
            InputError: empty text, text for a model of numbers or the reverse, a wrong number of columns, or a
                value that is not finite (its row and column are named, counted from 1).
        """
        if isinstance(data, str | Reading):
            reading = self.tokenize(data) if isinstance(data, str) else data
            if not len(reading):
                raise InputError("text.empty", "There is no text to read: type at least one character.")
            return reading.ids.to(self.device)
        if self.vocabulary is not None:
            raise InputError("input.wants_text", "The model {name} reads text, not numbers.", name=self.name)
        steps = as_steps(data, self.rnn.input_size)
        if scale := self.card["normalisation"]:
            steps = (steps - scale["mean"]) / scale["deviation"]
        return steps.to(self.device, self._weight.dtype)

    def embed(self, encoded: Tensor) -> Tensor:
        """What `encode` gave, as the rnn's input: (T, 1, I), or (T, B, I) for numbers that came in a batch."""
        if self.embedding is not None:
            return self.embedding(encoded).unsqueeze(1)
        return encoded.unsqueeze(1) if encoded.dim() == 2 else encoded

    def trace(
        self, data: Input | Reading, *, hx: ModuleState | None = None, interventions: Interventions = ()
    ) -> Trace:
        """Run the model and keep everything it computed; the Trace's tokens are what was typed, or "1".."T".

        Arguments as `gru_viz.trace` takes them; a text that was cut already (`tokenize`) is taken as it is.
        """
        read = self.tokenize(data) if isinstance(data, str) else data
        x = self.embed(self.encode(read)).detach()
        tokens = read.tokens if isinstance(read, Reading) else tuple(str(t + 1) for t in range(len(x)))
        return run_and_keep(self.rnn, x, hx, interventions=interventions).with_tokens(tokens)

    @torch.no_grad()
    def predict(self, trace: Trace, batch: int = 0) -> Tensor:
        """What the model believes after each step of one sequence of a trace.

        Returns:
            (T, V) probabilities over `labels`; for "forecast" (T, 1), the next value in the data's own units.

        Raises:
            InputError: the trace is of another width, or holds no such sequence.
            ModelError: the model has no head (kind "none").
        """
        if self.head is None:
            raise ModelError("model.no_head", "The model {name} has no head: it predicts nothing.", name=self.name)
        if not is_a(trace, Trace):
            raise refused("trace", trace, "what the model's trace returns")
        trace.check_batch(batch)
        width = self.rnn.hidden_size * len(self.card["directions"])
        if trace.spec.state_size * len(trace.directions) != width:
            raise InputError(
                "predict.make",
                "This trace has {found} values of h a step; the head of {name} reads {wanted}.",
                found=trace.spec.state_size * len(trace.directions),
                name=self.name,
                wanted=width,
            )
        top = trace.num_layers - 1
        states = torch.cat([trace.layer(top, direction).h for direction in trace.directions], -1)[:, batch]
        scores = self.head(states.to(self._weight))
        if self.kind != "forecast":
            return scores.softmax(-1)
        scale = self.card["normalisation"] or {"mean": 0.0, "deviation": 1.0}
        return scores * scale["deviation"] + scale["mean"]

    def generate(self, prompt: str, n: int, temperature: float = 1.0, seed: int = 0) -> Iterator[Generated]:
        """Go on from a prompt, one symbol at a time, at the pace of whoever iterates.

        Args:
            prompt: at least one character.
            n: how many symbols to write.
            temperature: 0 takes the likeliest symbol; above, scores are divided by it before drawing.
            seed: the same prompt, temperature and seed write the same text.

        Raises:
            InputError: at the call, not at the first step, for a wrong prompt, n, temperature or seed.
            ModelError: the model does not predict symbols.
        """
        if self.kind != "next":
            raise ModelError("model.cannot_write", "The model {name} does not write text.", name=self.name)
        heat, count, start = real(temperature), whole(n), whole(seed)
        if heat is None or not isfinite(heat) or heat < 0:
            raise InputError(
                "generate.temperature", "The temperature must be 0 or more, not {value}.", value=shown(temperature)
            )
        if count is None or count < 0:
            raise InputError("generate.length", "The number of symbols must be 0 or more, not {value}.", value=shown(n))
        if start is None or not -(2**63) <= start < 2**63:
            raise refused("seed", seed, "a whole number of at most 63 bits")
        return self._written(self.encode(prompt), count, heat, torch.Generator().manual_seed(start))

    def _written(self, ids: Tensor, n: int, temperature: float, dice: torch.Generator) -> Iterator[Generated]:
        state: ModuleState | None = None
        for _ in range(n):
            with torch.no_grad():
                scores, state = self(ids.unsqueeze(1), state)
                scores = scores[-1, 0].cpu().double()
            scores[0] = -torch.inf  # the unknown symbol is read, never written
            belief = scores.softmax(-1)
            drawn = _draw(scores, temperature, dice)
            best = belief.topk(min(TOP, len(belief) - 1))
            top = tuple((self.labels[i], p) for p, i in zip(best.values.tolist(), best.indices.tolist(), strict=True))
            yield Generated(self.labels[drawn], belief[drawn].item(), top)
            ids = torch.tensor([drawn], device=self.device)


def _draw(scores: Tensor, temperature: float, dice: torch.Generator) -> int:
    """One index, by chance in proportion to exp(score / temperature); the best one at temperature 0."""
    if temperature == 0:
        return int(scores.argmax())
    # Taking the best score off first keeps tiny temperatures from overflowing.
    weights = ((scores - scores.max()) / temperature).softmax(-1)
    return int(torch.multinomial(weights, 1, generator=dice))
