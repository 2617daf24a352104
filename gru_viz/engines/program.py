"""A cell's equations as the table that `compiled.run` goes through; made from its record, so that no cell is named."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np

from gru_viz.cells import KINDS
from gru_viz.cells.kind import Kind, Mix, Show, Squash
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import Spec
from gru_viz.engines.compiled import (
    COLUMNS,
    IDENTITY,
    MIX,
    NONE,
    POSITIVE,
    PRODUCT,
    RELU,
    SHOW,
    SIGMOID,
    SQUASH,
    TANH,
)

FUNCTIONS = {"sigmoid": SIGMOID, "tanh": TANH, "relu": RELU, "identity": IDENTITY, "positive": POSITIVE}


Product = tuple[int, int, int]
"""First row, last row, and the gate on h_prev, or NONE."""
Stage = tuple[Product | None, np.ndarray]
"""A product and the lines that follow on it."""


@lru_cache
def program(spec: Spec) -> np.ndarray:
    """The lines for a layer of this make, `(lines, COLUMNS)`; what a column means `compiled.PRODUCT` says.

    What h_prev says to all the rows comes first, in as few products as there are stretches of them; a gate that acts on
    h_prev itself has a product of its own, once it is known.
    """
    kind = KINDS[spec.cell]
    lines: list[tuple[int, ...]] = [(PRODUCT, first, last, NONE) for first, last in _stretches(kind, spec)]
    for one in kind.equations(spec):
        match one:
            case Squash():
                lines += _squashed(kind, one)
            case Mix():
                write = NONE if one.write is None else kind.rows.index(one.write)
                is_cell = one.quantity is not Quantity.H
                lines.append((MIX, is_cell, kind.rows.index(one.keep), kind.rows.index(one.candidate), write))
            case Show():
                lines.append((SHOW, kind.rows.index(one.gate), FUNCTIONS[one.function]))
    table = np.full((len(lines), COLUMNS), NONE, dtype=np.int64)
    for to, line in zip(table, lines, strict=True):
        to[: len(line)] = line
    return table


@lru_cache
def stages(spec: Spec) -> tuple[Stage, ...]:
    """The same lines, each product with what follows on it; None where there is none."""
    table = program(spec)
    found: list[Stage] = []
    starts = [0, *(number for number in range(1, len(table)) if table[number, 0] == PRODUCT), len(table)]
    for begin, end in pairwise(starts):
        first = table[begin]
        is_product = first[0] == PRODUCT
        product = (int(first[1]), int(first[2]), int(first[3])) if is_product else None
        found.append((product, table[begin + is_product : end]))
    return tuple(found)


def _stretches(kind: Kind, spec: Spec) -> list[tuple[int, int]]:
    """The first and last row of each run of rows that read h_prev as it is."""
    found: list[tuple[int, int]] = []
    for row, quantity in enumerate(kind.rows):
        equation = kind.sum_of(quantity, spec)
        if not equation.recurrent or acts_before(equation):
            continue
        if found and found[-1][1] == row - 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found


def _squashed(kind: Kind, one: Squash) -> list[tuple[int, ...]]:
    row, before = kind.rows.index(one.quantity), acts_before(one)
    gate = NONE if one.reset is None else kind.rows.index(one.reset[0])
    line = (SQUASH, row, FUNCTIONS[one.function], one.recurrent, NONE if before else gate, one.negated)
    return [(PRODUCT, row, row, gate), line] if before else [line]


def acts_before(one: Squash) -> bool:
    """Whether a gate acts on h_prev before its matrix product."""
    return one.reset is not None and one.reset[1] == "before"
