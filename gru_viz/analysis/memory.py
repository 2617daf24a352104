"""The memory of one sequence in one layer: what every step found, what share of it the gates kept, what they left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from gru_viz.cells import KINDS
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import BACKWARD, FORWARD
from gru_viz.tracing.trace import Trace

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Memory:
    """One sequence of a trace in double precision; everything `(T, H)`, index t is input step t.

    Attributes:
        quantity: which quantity is the memory: an LSTM's c, else h.
        before: what the cell read of it.
        after: what it left behind.
        keep: the gate that `before` is multiplied by: a GRU's z (PyTorch's), an LSTM's f; None for the plain RNN.
        steps: `(N,)` the valid input steps, in the order the cell read them.
    """

    quantity: Quantity
    before: Values
    after: Values
    keep: Values | None
    steps: NDArray[np.intp]


def memory_of(trace: Trace, layer: int = 0, direction: str = FORWARD, batch: int = 0) -> Memory:
    """The memory of one sequence in one layer and direction.

    Raises:
        InputError: no such layer, direction or sequence in the batch.
    """
    trace.check_batch(batch)
    values = trace.layer(layer, direction)
    kind = KINDS[trace.cell]
    quantity, gate = kind.memory, kind.keep
    steps = np.flatnonzero(values.mask[:, batch].cpu().numpy())
    return Memory(
        quantity=quantity,
        before=numbers(values.previous[quantity], batch),
        after=numbers(values.values[quantity], batch),
        keep=None if gate is None else numbers(values.values[gate], batch),
        steps=steps[::-1] if direction == BACKWARD else steps,
    )


def numbers(values: Tensor, batch: int) -> Values:
    """One sequence `(T, W)` of a trace's tensor `(T, B, W)`, in double precision and main memory."""
    return values[:, batch].detach().cpu().double().numpy()
