"""occlusion(): each character replaced in turn, and what that does to every belief; the honest check beside a gradient.

A gradient says what an infinitely small change of a character's embedding would do. Nobody types such a change. Where a
gate is shut a gradient vanishes though the memory has not, so both are shown, and how far they agree
(`gru_viz.analysis.agreement`).

By what a character is replaced is a choice, and no choice is neutral:

"mean"      the mean embedding of all known symbols: says nothing, but no model was trained on it. For numbers the mean
            row of what was given, the only choice there.
"unknown"   the symbol for what the model has never seen, whose embedding few models were trained on
"others"    every other known symbol in turn, and the effects averaged; of more than `MOST_OTHERS` evenly spaced ones
one symbol  " ", "e" …: a real input, which has a meaning of its own; where it stands already nothing changes

What is measured at every step is the log-odds of one label, log p - log(1 - p): the probability itself hardly moves
where the model is sure. For a forecast it is the forecast, in the data's own units.

All variants of a text go through the model together, as many at a time as fit into `BATCH_BYTES`. A reader that only
goes forward starts from the state before the first step that is replaced: what stands before is read once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import torch
from torch import Tensor

from gru_viz.cells import KINDS
from gru_viz.cells.spec import FORWARD
from gru_viz.errors import InputError, ModelError
from gru_viz.models.reading import Reading
from gru_viz.models.sequence import Input, ModuleState, SequenceModel
from gru_viz.scalars import is_a, refused, shown, whole
from gru_viz.tracing.trace import Trace

MOST_OTHERS = 128
"""So many symbols are averaged over, at most."""
MOST_STEPS = 4000
"""The longest input: the tables grow with its square."""
BATCH_BYTES = 128 * 2**20
"""What the variants that are run together may hold, about."""


@dataclass(frozen=True, eq=False)
class Occlusion:
    """What replacing each of T characters does. In the tables row t is the step whose belief is asked and column s the
    step that is replaced, as in `gru_viz.influence`; a forward reader's are 0 right of the diagonal.

    Attributes:
        tokens: what was typed; "1".."T" for numbers.
        by: by what each was replaced.
        replacements: how many symbols stood in for each: 1, or so many were averaged over.
        asked: `(T,)` the label whose log-odds were measured at each step; None for a forecast.
        scores: `(T,)` these log-odds of the text as it is; or the forecast.
        changes: `(T, T)` what replacing adds to them: below 0 where the character spoke for the label.
        distances: `(T, T)` how far the belief moves: total variation distance (0: not, 1: nothing in common); for a
            forecast the absolute change.
        flips: `(T, T)` share of the replacements after which another label is the likeliest: 0 or 1, unless averaged.
    """

    tokens: tuple[str, ...]
    by: str
    replacements: int
    asked: Tensor | None
    scores: Tensor
    changes: Tensor
    distances: Tensor
    flips: Tensor

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def probabilities(self) -> Tensor:
        """`(T,)` of what was asked, of the text as it is; not for forecasts."""
        return self.scores.sigmoid()

    @property
    def replaced(self) -> Tensor:
        """`(T, T)` the same with each character replaced: at the mean log-odds where several stood in."""
        return (self.scores.unsqueeze(1) + self.changes).sigmoid()


def occlusion(
    model: SequenceModel,
    data: Input | Reading,
    *,
    by: str = "mean",
    of: str | int | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Occlusion:
    """Replaces each character (each row of numbers) in turn and measures what that changes in every belief.

    Args:
        model: any model with a head.
        data: a text, or numbers of one sequence `(T,)` or `(T, I)`.
        by: "mean", "unknown", "others" or one symbol the model knows; see the head of this module.
        of: the label asked for at every step, or its index. None: what came next, where the model predicts that and
            something came; else what is likeliest at that step.
        cancelled: asked between batches; True ends it there, and columns not reached hold NaN.

    Raises:
        InputError: the model cannot read it, `by` or `of` name nothing it knows, or the text is too long.
        ModelError: the model has no head, or one label only.
    """
    if not is_a(model, SequenceModel):
        raise refused("model", model, "what gv.load returns")
    read = model.tokenize(data) if isinstance(data, str) else data
    trace = model.trace(read)
    belief = model.predict(trace)  # says it where there is no head
    _check(model, trace)
    asked = ids = None
    if model.kind != "forecast":
        ids = model.encode(read)
        asked = _asked(model, belief, ids, of)
    elif of is not None:
        raise InputError("occlusion.of_numbers", "A forecast has no labels to ask for; leave out {of}.", of=shown(of))
    run = _Run(model, trace, asked)
    for variants in _batches(_stand_ins(model, trace, ids, by), model, trace):
        if cancelled():
            break
        run.add(variants)
    return Occlusion(trace.tokens or (), by, run.most, asked, run.values, *run.means())


def _check(model: SequenceModel, trace: Trace) -> None:
    if trace.batch_size != 1:
        raise InputError(
            "occlusion.batch", "Only one sequence can be looked at; given were {batch}.", batch=trace.batch_size
        )
    if len(trace) > MOST_STEPS:
        raise InputError(
            "occlusion.length",
            "The input has {steps} steps; replacing each of them in turn is done for at most {most}. Cut a window.",
            steps=len(trace),
            most=MOST_STEPS,
        )
    if model.kind == "classify" and len(model.labels) < 2:
        raise ModelError("occlusion.one_label", "The model {name} knows one label only: no odds.", name=model.name)


@dataclass(frozen=True)
class _Variant:
    """The input with another vector `(I,)` at one step."""

    step: int
    vector: Tensor


def _stand_ins(model: SequenceModel, trace: Trace, ids: Tensor | None, by: str) -> Iterator[_Variant]:
    """Every variant, in the order of its step."""
    if not isinstance(by, str):
        raise refused("by", by, '"mean", "unknown", "others" or one symbol the model knows')
    steps = range(len(trace))
    if model.embedding is None or model.vocabulary is None or ids is None:
        if by != "mean":
            raise InputError(
                "occlusion.by_numbers", 'A row of numbers can be replaced by "mean" only, not by {by}.', by=shown(by)
            )
        mean = trace.layers[0].x.mean((0, 1))
        return (_Variant(step, mean) for step in steps)
    table = model.embedding.weight.detach()
    if by == "others":
        typed, others = ids.tolist(), _others(len(table))
        return (_Variant(step, table[place]) for step in steps for place in others if place != typed[step])
    known = model.vocabulary.id(by)
    if by not in ("mean", "unknown") and not known:
        raise InputError(
            "occlusion.by",
            'The model {name} does not know {by}; a character can be replaced by "mean", "unknown", "others" or one '
            "symbol of its vocabulary.",
            name=model.name,
            by=shown(by),
        )
    vector = table[1:].mean(0) if by == "mean" and len(table) > 1 else table[known]
    return (_Variant(step, vector) for step in steps)


def _others(symbols: int) -> list[int]:
    """Every known symbol, or evenly spaced ones: all but the unknown, which is the first."""
    known = symbols - 1
    most = min(known, MOST_OTHERS)
    return [1 + place * known // most for place in range(most)]


def _asked(model: SequenceModel, scores: Tensor, ids: Tensor, of: str | int | None) -> Tensor:
    """`(T,)` the label asked for at each step."""
    likeliest = scores.argmax(-1)
    if of is None:
        return torch.cat([ids[1:], likeliest[-1:]]) if model.kind == "next" else likeliest
    place = model.labels.index(of) if isinstance(of, str) and of in model.labels else whole(of)
    if place is None or not 0 <= place < len(model.labels):
        raise InputError(
            "occlusion.of",
            "The model {name} has no label {of}; ask for one of its {count} labels, or for an index from 0 to {last}.",
            name=model.name,
            of=shown(of),
            count=len(model.labels),
            last=len(model.labels) - 1,
        )
    return torch.full_like(likeliest, place)


class _Run:
    """Runs variants of one text and adds up, step by replaced step, what they change."""

    def __init__(self, model: SequenceModel, trace: Trace, asked: Tensor | None) -> None:
        self._model, self._trace, self._asked = model, trace, asked
        self.goes_forward = trace.directions == (FORWARD,)
        top = trace.num_layers - 1
        plain = self._scored(torch.cat([trace.layer(top, way).h for way in trace.directions], -1))
        self.values = self._measured(plain, 0)[:, 0]
        self._belief, self._leader = self._believed(plain), plain.argmax(-1)
        steps = len(trace)
        self._sums = [plain.new_zeros(steps, steps) for _ in range(3)]
        self._counts = plain.new_zeros(steps)

    @torch.no_grad()
    def add(self, variants: Sequence[_Variant]) -> None:
        """One batch, whose first variant is replaced at the earliest step."""
        first = variants[0].step if self.goes_forward else 0
        x = self._trace.layers[0].x[first:].repeat(1, len(variants), 1)
        columns = torch.tensor([variant.step for variant in variants], device=x.device)
        x[columns - first, torch.arange(len(variants), device=x.device)] = torch.stack([v.vector for v in variants])
        scores = self._scored(self._model.rnn(x, self._state_before(first, len(variants)))[0])
        belief, here = self._believed(scores), slice(first, None)
        found = (
            self._measured(scores, first) - self.values[here].unsqueeze(1),
            (belief - self._belief[here]).abs().sum(-1) / (1 if self._asked is None else 2),
            (scores.argmax(-1) != self._leader[here]).to(scores.dtype),
        )
        # What was read before is not changed, however the sums of another batch are rounded.
        untouched = (torch.arange(first, len(self._trace), device=x.device).unsqueeze(1) < columns) & self.goes_forward
        for sums, part in zip(self._sums, found, strict=True):
            sums[here].index_add_(1, columns, part.masked_fill(untouched, 0))
        self._counts.index_add_(0, columns, torch.ones_like(columns, dtype=self._counts.dtype))

    def means(self) -> tuple[Tensor, ...]:
        """Changes, distances and flips, `(T, T)` each; NaN in the columns of steps that were not replaced."""
        return tuple(sums / self._counts for sums in self._sums)

    @property
    def most(self) -> int:
        """How many stood in for one character, at most."""
        return int(self._counts.max())

    @torch.no_grad()
    def _scored(self, states: Tensor) -> Tensor:
        assert self._model.head is not None
        scores = self._model.head(states.to(next(self._model.head.parameters())))
        return scores.to(torch.promote_types(scores.dtype, torch.float32))

    def _measured(self, scores: Tensor, first: int) -> Tensor:
        """`(T - first, N)` of what is asked: log-odds, or forecasts."""
        if self._asked is None:
            scale = self._model.card["normalisation"] or {"mean": 0.0, "deviation": 1.0}
            return scores[..., 0] * scale["deviation"] + scale["mean"]
        at = self._asked[first:].view(-1, 1, 1).expand(*scores.shape[:2], 1)
        return (scores.gather(-1, at) - scores.scatter(-1, at, -torch.inf).logsumexp(-1, keepdim=True)).squeeze(-1)

    def _believed(self, scores: Tensor) -> Tensor:
        return self._measured(scores, 0).unsqueeze(-1) if self._asked is None else scores.softmax(-1)

    def _state_before(self, step: int, batch: int) -> ModuleState | None:
        if not self.goes_forward:
            return None
        layers = self._trace.layers
        state = (torch.stack([layer.previous[part][step] for layer in layers]) for part in layers[0].previous)
        parts = tuple(part.repeat(1, batch, 1) for part in state)
        return parts if len(parts) == 2 else parts[0]


def _batches(variants: Iterator[_Variant], model: SequenceModel, trace: Trace) -> Iterator[list[_Variant]]:
    """As many at a time as fit, fewer where more steps follow."""
    width = 6 * sum(KINDS[trace.spec.cell].widths(trace.spec)) * len(trace.directions) + 4 * max(1, len(model.labels))
    rest = list(islice(variants, 1))
    while rest:
        steps = len(trace) - rest[0].step if trace.directions == (FORWARD,) else len(trace)
        batch = [*rest, *islice(variants, max(1, BATCH_BYTES // (4 * steps * width)) - 1)]
        yield batch
        rest = list(islice(variants, 1))
