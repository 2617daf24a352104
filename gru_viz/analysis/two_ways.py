"""What each direction of a two-way classifier knew by itself, and which of its answers a new text took back.

A two-way reader lays both states of a step side by side and puts one linear map on top (`torch.nn.Linear` on the
output of a bidirectional `torch.nn.GRU`, forward half first):

    logits = W [h→; h←] + b = W[:, :H] h→ + W[:, H:] h← + b

So each direction's part of every logit is exact, and the parts add up. Two things are decided here:

- The bias belongs to neither direction: it is what the head says before anything is read. `left` and `right` are
  softmax(part + b), each half with the whole bias, as if the other half were a state of zeros; `both` is the model's
  own belief, in which the bias counts once. The halves were trained together, so a half alone is what the head draws
  from that half, not what a model trained to read one way would say.
- A softmax does not feel a constant added to all logits, so a share of a logit means something only relative to the
  other classes: every part, the bias too, is taken minus its mean over the classes before shares are formed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from gru_viz.cells.spec import BACKWARD, DIRECTIONS, FORWARD
from gru_viz.errors import ModelError
from gru_viz.models import SequenceModel
from gru_viz.tracing.trace import Trace


@dataclass(frozen=True)
class Parts:
    """What one logit is made of, relative to the mean over the classes; `total` is the sum of the three."""

    left: float
    right: float
    bias: float

    @property
    def total(self) -> float:
        """The whole logit."""
        return self.left + self.right + self.bias


@dataclass(frozen=True)
class TwoWays:
    """Beliefs of a two-way classifier on one text, and of its halves.

    Attributes:
        left, right, both: (T, V) probabilities: from the left context alone, from the right alone, from both.
        left_logits, right_logits: (T, V) each direction's part of the logits, minus its mean over the classes.
        bias: (V,) the head's own, minus its mean.
    """

    left: NDArray[np.float32]
    right: NDArray[np.float32]
    both: NDArray[np.float32]
    left_logits: NDArray[np.float32]
    right_logits: NDArray[np.float32]
    bias: NDArray[np.float32]

    @property
    def answers(self) -> NDArray[np.intp]:
        """(T,) the class each step is taken for by both."""
        return self.both.argmax(axis=1)

    def parts(self, step: int, label: int | None = None) -> Parts:
        """What the logit of a class (the winning one by default) is made of at a step."""
        chosen = int(self.answers[step]) if label is None else label
        found = self.left_logits[step, chosen], self.right_logits[step, chosen], self.bias[chosen]
        return Parts(*(float(part) for part in found))


@torch.no_grad()
def two_ways(model: SequenceModel, trace: Trace, batch: int = 0) -> TwoWays:
    """Take a two-way classifier's beliefs apart by direction.

    Args:
        model: reads both ways, with one linear map on top.
        trace: a run of it.
        batch: which sequence of the trace.

    Raises:
        ModelError: the model reads one way only, or is no classifier with a linear map on top.
    """
    head = model.head
    if not isinstance(head, nn.Linear) or model.kind != "classify" or tuple(trace.directions) != DIRECTIONS:
        raise ModelError(
            "two_ways.one_way",
            "The model {name} cannot be taken apart by direction: that needs a classifier that reads both ways.",
            name=model.name,
        )
    top = trace.num_layers - 1
    halves = [trace.layer(top, direction).h[:, batch].to(head.weight) for direction in (FORWARD, BACKWARD)]
    weights = head.weight.split([half.shape[-1] for half in halves], dim=1)
    left, right = (half @ weight.T for half, weight in zip(halves, weights, strict=True))
    beliefs = [(scores + head.bias).softmax(-1) for scores in (left, right, left + right)]
    parts = [part - part.mean(-1, keepdim=True) for part in (left, right, head.bias)]
    return TwoWays(*(found.float().cpu().numpy() for found in (*beliefs, *parts)))


def shared(before: Sequence[str], after: Sequence[str]) -> NDArray[np.intp]:
    """Where each character of a text stood in the text before: the common beginning and the common end.

    Returns:
        (T,) for every step of `after` its step in `before`, -1 for what is new.
    """
    most = min(len(before), len(after))
    start = next((k for k in range(most) if before[k] != after[k]), most)
    end = next((k for k in range(most - start) if before[-1 - k] != after[-1 - k]), most - start)
    found = np.full(len(after), -1, dtype=np.intp)
    found[:start] = np.arange(start)
    if end:
        found[-end:] = np.arange(len(before) - end, len(before))
    return found


def revised(
    before: Sequence[str],
    answers_before: NDArray[np.integer],
    after: Sequence[str],
    answers_after: NDArray[np.integer],
) -> NDArray[np.bool_]:
    """Which characters that both texts share are answered otherwise in the second.

    Args:
        before, after: the tokens of both texts.
        answers_before, answers_after: the class each token was taken for.

    Returns:
        (T,) of `after`; False for every character that is new.
    """
    places = shared(before, after)
    was = np.asarray(answers_before)[places] if len(answers_before) else np.asarray(answers_after)
    return (places >= 0) & (was != np.asarray(answers_after))
