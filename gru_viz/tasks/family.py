"""The same task for every cell: names, widths that give equal parameter counts, and the usual initialisations.

A comparison of cells is fair if they have equally many parameters; the width of each is computed here from that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch

from gru_viz.cells import KINDS
from gru_viz.cells.quantities import Cell, Quantity
from gru_viz.models.card import Card
from gru_viz.models.seeding import own_dice, unfilled
from gru_viz.models.sequence import SequenceModel

FORGET_BIAS = KINDS[Cell.LSTM].opened[Quantity.F]
"""What an LSTM's forget gate is biased with at the start."""

INITIALISATION = f"torch's default for every cell; an LSTM's forget gate starts with a bias of {FORGET_BIAS:g}"


@dataclass(frozen=True)
class Variant:
    """One member of a family: which cell reads which way, and what its name adds to the task's."""

    suffix: str
    cell: Cell
    directions: tuple[str, ...] = ("forward",)

    def of(self, task: str) -> str:
        """The name in the zoo: "names" and "-lstm" make "names-lstm"."""
        return task + self.suffix


ONE_WAY = {cell: Variant("" if cell is Cell.GRU else f"-{cell.lower()}", cell) for cell in KINDS}
"""Every cell, reading forward; the GRU gives a task its name."""
GRU, LSTM, RNN = (ONE_WAY[cell] for cell in (Cell.GRU, Cell.LSTM, Cell.RNN))
BIGRU = Variant("-bigru", Cell.GRU, ("forward", "backward"))
BACKWARD = Variant("-backward", Cell.GRU, ("backward",))
THREE_CELLS = (GRU, LSTM, RNN)
"""Those of which models are shipped, to be compared."""
OTHERS = tuple(variant for variant in ONE_WAY.values() if variant not in THREE_CELLS)
"""Those that can be trained and are not shipped."""


def rate(rates: Mapping[Cell, float], cell: Cell) -> float:
    """A cell's learning rate; the GRU's for a cell that none was chosen for."""
    return rates.get(cell, rates[Cell.GRU])


def parameters(card: Card) -> int:
    """How many weights the model of a card has; none is allocated."""
    return sum(p.numel() for p in unfilled(card).parameters())


def matched(card_of: Callable[[Variant, int], Card], variant: Variant, hidden: int) -> Card:
    """A variant's card with the width whose parameter count is nearest to that of a GRU of `hidden` units.

    Args:
        card_of: the structure of a variant with that many hidden units.
        hidden: the width of the family's forward GRU.
    """
    if variant == GRU:
        return card_of(GRU, hidden)
    wanted = parameters(card_of(GRU, hidden))
    # A plain RNN has a third of a GRU's rows, so it needs fewer than √3 times its width, and nothing needs more.
    widths = range(max(1, hidden // 3), 2 * hidden + 2)
    return card_of(variant, min(widths, key=lambda width: abs(parameters(card_of(variant, width)) - wanted)))


def fresh(card: Card, seed: int) -> SequenceModel:
    """An untrained model of a card: torch's own initialisation from the seed, with the usual gates opened."""
    with own_dice(seed):
        model = SequenceModel(card)
    kind = KINDS[Cell(card["cell"])]
    for gate, bias in kind.opened.items():
        for name, value in model.rnn.named_parameters():
            if name.startswith("bias_"):  # torch has two; one carries the bias, so that their sum is it
                with torch.no_grad():
                    kind.part(value, gate).fill_(bias if name.startswith("bias_ih") else 0.0)
    return model
