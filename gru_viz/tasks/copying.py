"""copy: read four symbols, wait, and say them again in order when asked.

"cadb......????" asks at each ? for one of the four: c, a, d, b.
"""

from __future__ import annotations

import torch
from torch import Generator

from gru_viz.cells.quantities import Cell
from gru_viz.models.card import Card, structure
from gru_viz.models.reading import UNKNOWN
from gru_viz.tasks.delays import EMBEDDING, SYMBOLS, Form, Sequences
from gru_viz.tasks.family import Variant

COUNT = 4
WAIT, QUESTION = ".", "?"
_KNOWN = (UNKNOWN, WAIT, QUESTION, *SYMBOLS)


def card(variant: Variant, hidden: int) -> Card:
    """The structure: a dot, a question mark, eight letters; a label at every question."""
    return structure(
        *(variant.of("copy"), "classify"),
        cell=variant.cell,
        input_size=EMBEDDING,
        hidden_size=hidden,
        vocabulary={"symbols": list(_KNOWN), "folds": False},
        labels=tuple(SYMBOLS),
        labels_at="question",
    )


def draw(delay: int, n: int, dice: Generator) -> Sequences:
    """Four symbols, `delay` dots, four question marks; answers (4, n)."""
    answers = torch.randint(len(SYMBOLS), (COUNT, n), generator=dice)
    waiting = torch.full((delay, n), _KNOWN.index(WAIT))
    asking = torch.full((COUNT, n), _KNOWN.index(QUESTION))
    return Sequences(torch.cat([answers + _KNOWN.index(SYMBOLS[0]), waiting, asking]), answers)


FORM = Form(
    name="copy",
    hidden=48,
    steps=2000,
    rates={Cell.GRU: 8e-3, Cell.LSTM: 8e-3, Cell.RNN: 1e-3},
    least=0,
    card=card,
    draw=draw,
    chance=1 / len(SYMBOLS),
    facts={
        "title": "Copy",
        "task": f"say {COUNT} symbols again, in order, after a wait",
        "preprocessing": f"{COUNT} letters {SYMBOLS[0]} to {SYMBOLS[-1]}, as many dots as the delay says, {COUNT} "
        "question marks; the loss is asked at the question marks only. Delays are drawn log-uniformly between 5 and "
        "100 in training.",
        "bad_at": "More or fewer symbols than four, letters beyond h, and anything but this game.",
        "hint": ["cadb.....????", "hhae..........????", "bead....................????", "face" + "." * 50 + "????"],
    },
)
