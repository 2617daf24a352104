"""What if: one model run twice, as it is and with gates held or a character edited, and how far the two runs part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gru_viz.cells import KINDS
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import BACKWARD, FORWARD
from gru_viz.engines.made import agree
from gru_viz.errors import InputError
from gru_viz.models import SequenceModel
from gru_viz.models.reading import clusters
from gru_viz.models.sequence import Input
from gru_viz.scalars import is_a, refused
from gru_viz.tracing.diff import TraceDiff
from gru_viz.tracing.edits import Interventions
from gru_viz.tracing.trace import Trace


@dataclass(frozen=True)
class Change:
    """One number of run A beside the same number of run B.

    Attributes:
        quantity: "z", "r", "h" ...
        step: input step, from 0.
        unit: from 0.
        a, b: the number in each run.
    """

    quantity: str
    step: int
    unit: int
    a: float
    b: float

    @property
    def by(self) -> float:
        """b - a."""
        return self.b - self.a


@dataclass(frozen=True)
class Leader:
    """What a model believes most at one step: the label's index, the label and its probability (a forecast: 0, "",
    the value)."""

    index: int
    label: str
    probability: float


@dataclass(frozen=True)
class BeliefChange:
    """The beliefs of both runs.

    Attributes:
        a, b: what `SequenceModel.predict` gave for each run, (T of that run, V).
        labels: what the columns mean; empty for a forecast.
        distance: (steps,) for every compared step, how far apart the beliefs are: the total variation distance, half
            the sum of the absolute differences of the probabilities (0: the same, 1: nothing in common); for a forecast
            the absolute difference of the values.
        first: the first step whose distance is more than rounding explains; None if there is none.
        largest: the step with the largest distance (the first of them).
    """

    a: NDArray[np.float64]
    b: NDArray[np.float64]
    labels: tuple[str, ...]
    distance: NDArray[np.float64]
    first: int | None
    largest: int

    def at(self, step: int) -> tuple[Leader, Leader]:
        """What each run believes most after the same step."""
        return self._leader(self.a[step]), self._leader(self.b[step])

    @property
    def end(self) -> tuple[Leader, Leader]:
        """What each run believes most after its own last step."""
        return self.at(-1)

    def _leader(self, belief: NDArray[np.float64]) -> Leader:
        index = int(belief.argmax())
        return Leader(index, self.labels[index] if self.labels else "", float(belief[index]))


@dataclass(frozen=True)
class WhatIf:
    """Two runs of one model, and where they part; steps are compared one by one over the shorter run.

    Attributes:
        a: the run as it is.
        b: the run with clamps and the edited text.
        diff: b beside a, every layer.
        first: quantity -> the number with the largest difference at the first step, in the order the direction reads,
            at which the quantity parts (`TraceDiff.parted`) in the layer that was asked for; None if it never does.
        largest: quantity -> the number that differs most of all where it has parted; None if it never does.
        belief: None for a model without a head.
    """

    a: Trace
    b: Trace
    diff: TraceDiff
    first: dict[str, Change | None]
    largest: dict[str, Change | None]
    belief: BeliefChange | None


def what_if(
    model: SequenceModel,
    data: Input,
    clamps: Interventions = (),
    edited: Input | None = None,
    *,
    hx: Tensor | None = None,
    layer: int = 0,
    direction: str = FORWARD,
    batch: int = 0,
) -> WhatIf:
    """Run a model on `data` (A), and on `edited` (or the same data) with `clamps` (B).

    Without clamps and without another text B is A, and nothing parts. A text of another length is compared step by
    step from the start: nothing is shifted to make it fit.

    Args:
        model: any model.
        data: text, or numbers.
        clamps: one or several from `gv.clamp`; a clamp's steps are those of B.
        edited: what B reads instead; `with_character` makes it from one edited character.
        hx: the state both start from, as `SequenceModel.trace` takes it.
        layer, direction, batch: whose quantities `first` and `largest` speak of.

    Raises:
        InputError: the model cannot read one of the two, a clamp does not fit, or there is no such place.
    """
    if not is_a(model, SequenceModel):
        raise refused("model", model, "what gv.load returns")
    a = model.trace(data, hx=hx)
    b = model.trace(data if edited is None else edited, hx=hx, interventions=clamps)
    return compared(model, a, b, layer, direction, batch)


def compared(
    model: SequenceModel, a: Trace, b: Trace, layer: int = 0, direction: str = FORWARD, batch: int = 0
) -> WhatIf:
    """Two runs of one model that were made before, as `what_if` gives them.

    Raises:
        InputError: there is no such place in them.
    """
    a.check_batch(batch)
    diff = a.diff(b)
    first, largest = _partings(diff, layer, direction, batch)
    belief = None if model.kind == "none" else _belief_change(model, diff, batch)
    return WhatIf(a, b, diff, first, largest, belief)


def with_character(text: str, step: int, character: str) -> str:
    """The text with another character at one step: what stands before and after is read as it was.

    Raises:
        InputError: there is no such step, or what is put there does not read as one character of its own.
    """
    tokens = clusters(text)
    if not 0 <= step < len(tokens):
        raise InputError(
            "edit.step",
            "There is no step {step} to edit: the text has {steps}, numbered 0 to {last}.",
            step=step,
            steps=len(tokens),
            last=len(tokens) - 1,
        )
    wanted = (*tokens[:step], *clusters(character), *tokens[step + 1 :])
    result = "".join(wanted)
    if len(wanted) != len(tokens) or clusters(result) != wanted:
        raise InputError(
            "edit.character",
            "{character} does not read as one character here; an edit puts exactly one in the place of one.",
            character=repr(character),
        )
    return result


def _partings(
    diff: TraceDiff, layer: int, direction: str, batch: int
) -> tuple[dict[str, Change | None], dict[str, Change | None]]:
    one, two = diff.a.layer(layer, direction), diff.b.layer(layer, direction)
    first: dict[str, Change | None] = {}
    largest: dict[str, Change | None] = {}
    found, parted = diff.layer(layer, direction), diff.parted(layer, direction)
    for name in KINDS[one.cell].shown:
        apart = parted[name][:, batch].cpu().numpy()
        size = np.where(apart, found[name][:, batch].detach().abs().cpu().double().numpy(), 0.0)

        def change(step: int, unit: int, name: str = name) -> Change:
            values = (float(side.quantity(name)[step, batch, unit]) for side in (one, two))
            return Change(str(name), step, unit, *values)

        if apart.any():
            steps = np.flatnonzero(apart.any(axis=1))
            step = int(steps[-1] if direction == BACKWARD else steps[0])
            first[str(name)] = change(step, int(size[step].argmax()))
            largest[str(name)] = change(*divmod(int(size.argmax()), size.shape[1]))
        else:
            first[str(name)] = largest[str(name)] = None
    return first, largest


def _belief_change(model: SequenceModel, diff: TraceDiff, batch: int) -> BeliefChange:
    told = [model.predict(side, batch).detach().cpu().double() for side in (diff.a, diff.b)]
    a, b = (belief[: diff.steps] for belief in told)
    apart = (b - a).abs().sum(1)
    if model.kind != "forecast":
        apart = apart / 2
    # A belief is read off h: where no h has parted, it has not either.
    top = diff.a.num_layers - 1
    states = [diff.parted(top, direction)[Quantity.H][:, batch].any(-1).cpu() for direction in diff.a.directions]
    over = (~agree(a, b, diff.a.made, diff.b.made)).any(1) & torch.stack(states).any(0)
    first = int(over.nonzero()[0]) if over.any() else None
    one, two = (belief.numpy() for belief in told)
    return BeliefChange(one, two, model.labels, apart.numpy(), first, int(apart.argmax()))
