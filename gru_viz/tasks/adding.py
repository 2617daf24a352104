"""adding: the sum of the two flagged numbers of a sequence (Hochreiter and Schmidhuber 1997, experiment 4).

Each step holds a number between 0 and 1 and a flag; one number of the first half and one of the second are flagged.
The delay is the length of the sequence. With equal steps a plain RNN is far behind GRU and LSTM; with four times the
steps it nearly catches up (the card of adding-rnn says how nearly).
"""

from __future__ import annotations

import torch
from torch import Generator

from gru_viz.cells.quantities import Cell
from gru_viz.models.card import Card, structure
from gru_viz.tasks.delays import CLOSE, Form, Sequences
from gru_viz.tasks.family import Variant


def card(variant: Variant, hidden: int) -> Card:
    """The structure: two columns in, number and flag; one number out."""
    return structure(variant.of("adding"), "forecast", cell=variant.cell, input_size=2, hidden_size=hidden)


def draw(delay: int, n: int, dice: Generator) -> Sequences:
    """`delay` steps of (number, flag); the answer (1, n) is the sum of the two flagged numbers."""
    numbers, flags = torch.rand(delay, n, generator=dice), torch.zeros(delay, n)
    half, each = delay // 2, torch.arange(n)
    early = torch.randint(half, (n,), generator=dice)
    late = torch.randint(half, delay, (n,), generator=dice)
    flags[early, each] = flags[late, each] = 1
    return Sequences(torch.stack([numbers, flags], -1), (numbers[early, each] + numbers[late, each])[None])


# The sum of two independent uniform numbers has the density s up to 1 and 2 - s beyond; within 0.1 of its mean, 1,
# lies 1 - 0.9 ** 2 of it.
FORM = Form(
    name="adding",
    hidden=56,
    steps=2000,
    rates={Cell.GRU: 8e-3, Cell.LSTM: 8e-3, Cell.RNN: 3e-3},
    least=2,
    card=card,
    draw=draw,
    chance=round(1 - (1 - CLOSE) ** 2, 4),
    facts={
        "title": "Adding",
        "task": "add the two flagged numbers of a sequence; right means within 0.1",
        "preprocessing": "numbers uniform between 0 and 1, a flag of 1 at one step of the first half and one of the "
        "second, 0 elsewhere; squared error after the last step only. Lengths are drawn log-uniformly between 5 and "
        "100 in training; delay means length.",
        "predicts": "the sum of the flagged numbers so far; it was trained at the last step only",
        "bad_at": "Numbers outside 0 to 1, more than two flags, sequences much longer than those it was trained on.",
        "hint": [
            "0.7 0; 0.2 1; 0.9 0; 0.4 0; 0.6 1; 0.1 0",
            "0.5 1; 0.3 0; 0.8 0; 0.8 0; 0.3 0; 0.5 1",
            "0.1 0; 0.9 1; 0.6 0; 0.2 0; 0.7 0; 0.5 0; 0.3 1; 0.4 0; 0.8 0; 0.1 0",
            "0.4 1; 0.4 0; 0.4 0; 0.4 0; 0.4 1; 0.4 0; 0.4 0; 0.4 0",
        ],
    },
)
