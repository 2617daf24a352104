"""recall: symbols stream by, one of them flagged; name the flagged one at the end.

A capital letter is the flag: "bdaCfhag" asks for c. What follows it looks alike and must be kept out, which is what a
gate is for: GRU and LSTM learn it soon, whatever the seed. A plain RNN learns it late or not at all: of three seeds one
came to every answer right after four times the steps (the card of recall-rnn says so).
"""

from __future__ import annotations

import torch
from torch import Generator

from gru_viz.cells.quantities import Cell
from gru_viz.models.card import Card, structure
from gru_viz.models.reading import UNKNOWN
from gru_viz.tasks.delays import EMBEDDING, SYMBOLS, Form, Sequences
from gru_viz.tasks.family import Variant

LEAD = 8


def card(variant: Variant, hidden: int) -> Card:
    """The structure: eight small letters, the same as capitals, and eight labels."""
    return structure(
        *(variant.of("recall"), "classify"),
        cell=variant.cell,
        input_size=EMBEDDING,
        hidden_size=hidden,
        vocabulary={"symbols": [UNKNOWN, *SYMBOLS, *SYMBOLS.upper()], "folds": False},
        labels=tuple(SYMBOLS),
    )


def draw(delay: int, n: int, dice: Generator) -> Sequences:
    """Up to 8 symbols, the flagged one, then `delay` more; the answer (1, n) is asked after the last."""
    lead = int(torch.randint(1, LEAD + 1, (), generator=dice))
    inputs = torch.randint(len(SYMBOLS), (lead + 1 + delay, n), generator=dice) + 1
    answers = inputs[lead : lead + 1] - 1
    inputs[lead] += len(SYMBOLS)
    return Sequences(inputs, answers)


FORM = Form(
    name="recall",
    hidden=48,
    steps=1500,
    rates={Cell.GRU: 8e-3, Cell.LSTM: 8e-3, Cell.RNN: 1e-3},
    least=0,
    card=card,
    draw=draw,
    chance=1 / len(SYMBOLS),
    facts={
        "title": "Recall",
        "task": f"name the flagged symbol of a stream: of the letters {SYMBOLS[0]} to {SYMBOLS[-1]} one is a capital",
        "preprocessing": f"1 to {LEAD} letters, the capital, then as many letters as the delay says; the loss is asked "
        "after the last letter only. Delays are drawn log-uniformly between 5 and 100 in training.",
        "bad_at": "Streams with two capitals or none, letters beyond h, and anything but this game.",
        "hint": ["bdaCfhag", "eHabcdefg", "aFbcdbcdbcdbcdbcdbcd", "hgBfedcadefghabcdhgfedcbahgfedca"],
    },
)
