"""What the cards say of the readers, side by side, and what of them is counted and timed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from gru_viz.analysis.clock import Shape, shape_of
from gru_viz.analysis.cost import cost
from gru_viz.cells.spec import FORWARD
from gru_viz.story.readers import BOTH, WAYS, Readers

WIDE_ONE, WIDE_BOTH = "wide_one", "wide_both"
"""Fresh modules of equal width, for their cost only."""


def card(reading: Readers, way: str) -> Mapping[str, Any]:
    """What is known of one reader."""
    return reading.runs[way].model.card


def metrics(reading: Readers, way: str) -> Mapping[str, Any]:
    """What one reader scored on held-out text."""
    return card(reading, way)["metrics"]


def ways(reading: Readers) -> list[str]:
    """The ways this text was read, one way first."""
    return [way for way in WAYS if way in reading.runs]


POSITIONS = {"token": "accuracy_by_position_in_token", "typed": "accuracy_by_characters_typed"}
"""Where a card keeps accuracy by place; "keyword" and "name" are under "accuracy_by_position_in_word"."""


def by_place(reading: Readers, what: str) -> dict[str, Mapping[str, float]]:
    """Accuracy of every reader by place, as far as the cards have it.

    Args:
        what: "token", "keyword" or "name": by place in the token; "typed": by how much of the text is there. Surnames
            have but one: by letters read.
    """
    if reading.example == "names":
        found = {way: metrics(reading, way).get("accuracy_by_letters_read") for way in ways(reading)}
    elif what in POSITIONS:
        found = {way: metrics(reading, way).get(POSITIONS[what]) for way in ways(reading)}
    else:
        found = {way: metrics(reading, way).get("accuracy_by_position_in_word", {}).get(what) for way in ways(reading)}
    return {way: curve for way, curve in found.items() if curve}


@dataclass(frozen=True)
class Price:
    """What one character costs a reader, counted.

    Attributes:
        parameters: of the recurrent module.
        products: multiply-accumulates a character.
        width: units a direction.
    """

    parameters: int
    products: int
    width: int


def modules(reading: Readers) -> dict[str, nn.RNNBase]:
    """Whose price is told: every reader's, and one and two directions of equal width."""
    both = reading.runs[BOTH].model.rnn
    found = {way: run.model.rnn for way, run in reading.runs.items()}
    return found | {WIDE_ONE: _fresh(both, twice=False), WIDE_BOTH: _fresh(both, twice=True)}


def prices(reading: Readers) -> dict[str, Price]:
    """What is counted."""
    return {name: _price(rnn) for name, rnn in modules(reading).items()}


def shapes(reading: Readers) -> dict[str, Shape]:
    """What is timed."""
    return {name: shape_of(rnn) for name, rnn in modules(reading).items()}


def _price(rnn: nn.RNNBase) -> Price:
    counted = cost(rnn, 1)
    return Price(counted.parameters, counted.multiply_accumulates, rnn.hidden_size)


def _fresh(like: nn.RNNBase, twice: bool) -> nn.RNNBase:
    """A GRU as wide as one direction of another, on its device; it has a shape, and draws no weights from the dice
    that every visitor's models share."""
    weight = next(like.parameters())
    made = nn.GRU(like.input_size, like.hidden_size, bidirectional=twice, device="meta", dtype=weight.dtype)
    return made.to_empty(device=weight.device).eval()


def live_steps(steps: int) -> dict[str, int]:
    """Steps of a cell to answer after every character of a text as it is typed.

    From the left each character is one more step. Both ways need that one and, because the right reader starts at the
    new end, all characters once more: T + T (T + 1) / 2 in all.
    """
    return {FORWARD: steps, BOTH: steps + steps * (steps + 1) // 2}
