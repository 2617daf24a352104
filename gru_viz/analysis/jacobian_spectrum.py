"""Why gradients shrink or grow: the singular values of every step's Jacobian, and of their running products.

A gradient that goes back k steps is multiplied by k Jacobians ``∂h_t/∂h_{t-1}``. The largest singular value of one says
how much it can grow there at most, the product of these largest values bounds what k steps can do (Pascanu, Mikolov and
Bengio 2013, arXiv:1211.5063, section 2.1), and the largest singular value of the product says what they really do: far
less, where the steps do not stretch along the same direction.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor, nn

from gru_viz.analysis.backwards import Way, ways
from gru_viz.cells import KINDS
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import FORWARD
from gru_viz.engines.spec_of import check_place
from gru_viz.errors import InputError
from gru_viz.scalars import is_a, refused, shown, whole
from gru_viz.tracing.trace import Trace

BLOCK_BYTES = 16 * 2**20
"""So much of Jacobians is made at once; what they are made from takes a dozen times as much for a moment."""

LARGEST_BYTES = 4 * BLOCK_BYTES
"""The largest single Jacobian."""


@dataclass(frozen=True)
class JacobianSpectrum:
    """Of one sequence in one layer and direction; double precision, in main memory.

    N valid steps in the order the cell read them; S is the width of what is carried: h, or an LSTM's h and c side by
    side. Singular values are in falling order. Those of a product are right to about 1e-16 of its largest: what is
    smaller is rounding, and what is below 1e-308 is 0.

    Attributes:
        order: `(N,)` the input step of each row.
        steps: `(N, S)` of ∂h_n/∂h_{n-1}, in row 0 by the initial state.
        running: `(N, S)` of the product so far, ∂h_n by the initial state.
        remaining: `(N, S)` of ∂h_{N-1}/∂h_n, what of step n's state reaches the end; ones in the last row.
        paths: path -> `(N,)` the largest singular value of the part of ∂h_n/∂h_{n-1} that leads through it: "leak"
            (diag(z), the old state itself), and the gates and the candidate that read it. `split` gives the parts.
    """

    order: Tensor
    steps: Tensor
    running: Tensor
    remaining: Tensor
    paths: Mapping[str, Tensor]

    @cached_property
    def log10_bound(self) -> Tensor:
        """`(N,)` log₁₀ of the product of the spectral norms of all steps after n: never below `remaining`'s first
        column, and often far above it."""
        logs = self.steps[:, 0].log10()
        return torch.cat([logs[1:].flip(0).cumsum(0).flip(0), logs.new_zeros(1)])


def jacobian_spectrum(
    rnn: nn.Module, trace: Trace, *, layer: int = -1, direction: str = FORWARD, batch: int = 0
) -> JacobianSpectrum:
    """Singular values of ∂h_t/∂h_{t-1} within one layer: step by step, of the running products, and by path.

    Args:
        rnn: the module the trace was made from, with the same weights.
        layer, direction, batch: where. A state reaches the next one of its own layer and direction, no other.

    Raises:
        InputError: the module is of another make than the trace's; there is no such layer, direction or sequence; or
            one Jacobian is too large for memory.
    """
    way = _way(rnn, trace, layer, direction, batch)
    width = sum(KINDS[way.spec.cell].widths(way.spec))
    order, size = _order(way), _steps_at_once(width)
    with torch.no_grad():
        blocks = [order[begin : begin + size] for begin in range(0, len(order), size)]
        steps, running, remaining = [], [], []
        paths: dict[str, list[Tensor]] = {path: [] for path in way.linearised(slice(0, 1)).paths}
        product = _Product.one(width)
        for block in blocks:
            for path in paths:
                paths[path].append(torch.linalg.matrix_norm(_matrices(way, block, path), 2))
            matrices = _matrices(way, block)
            steps.append(torch.linalg.svdvals(matrices))
            for matrix in matrices:
                product = product.of(matrix @ product.matrix)
                running.append(product.singular_values())
        product = _Product.one(width)
        for block in reversed(blocks):
            for matrix in _matrices(way, block).flip(0):
                remaining.append(product.singular_values())
                product = product.of(product.matrix @ matrix)
    return JacobianSpectrum(
        torch.tensor(order),
        torch.cat(steps),
        torch.stack(running),
        torch.stack(remaining[::-1]),
        {path: torch.cat(norms) for path, norms in paths.items()},
    )


def split(
    rnn: nn.Module, trace: Trace, step: int, *, layer: int = -1, direction: str = FORWARD, batch: int = 0
) -> dict[str, Tensor]:
    """One step's ∂h_t/∂h_{t-1} as the sum of its paths, exactly.

    A GRU's, reset-after: "leak" diag(z), "z" diag((h_prev − n) z (1 − z)) W_hz, "n" diag((1 − z)(1 − n²) r) W_hn and
    "r" diag((1 − z)(1 − n²) q r (1 − r)) W_hr with q = W_hn h_prev + b_hn. An LSTM's leak is diag(f), from c to c and
    as far as o shows it to h; a plain RNN has only the path through its sum, MinGRU only the leak.

    Returns:
        path -> `(S, S)`, row i by column j the part of d new_i / d old_j; double precision, in main memory.

    Raises:
        InputError: as `jacobian_spectrum`, or there is no such step.
    """
    way = _way(rnn, trace, layer, direction, batch)
    number = whole(step)
    if number is None or number not in _order(way):
        raise InputError(
            "spectrum.step",
            "There is no step {step}: this sequence has {steps}, numbered from 0.",
            step=shown(step) if number is None else number,
            steps=len(_order(way)),
        )
    with torch.no_grad():
        return {path: _matrices(way, [number], path)[0] for path in way.linearised(slice(0, 1)).paths}


class _Product(NamedTuple):
    """A product of many matrices: `matrix * exp(log)`, so that it neither vanishes nor overflows on its way."""

    matrix: Tensor
    log: float

    @classmethod
    def one(cls, width: int) -> _Product:
        return cls(torch.eye(width, dtype=torch.float64), 0.0)

    def of(self, matrix: Tensor) -> _Product:
        """With the next factor multiplied to `matrix`."""
        size = float(matrix.abs().max())
        return _Product(matrix / size, self.log + math.log(size)) if size else _Product(matrix, 0.0)

    def singular_values(self) -> Tensor:
        return torch.linalg.svdvals(self.matrix).log().add(self.log).exp()


def _way(rnn: nn.Module, trace: Trace, layer: int, direction: str, batch: int) -> Way:
    """One sequence of a trace in one layer and direction."""
    if not is_a(trace, Trace):
        raise refused("trace", trace, "what gv.trace returns")
    trace.check_batch(batch)
    place = check_place(trace.spec, layer, direction) * len(trace.directions) + trace.directions.index(direction)
    return ways(rnn, trace, slice(batch, batch + 1), double=True)[place]


def _order(way: Way) -> list[int]:
    """The valid input steps, in the order they were read."""
    steps = len(way.values[Quantity.H]) if way.alive is None else int(way.alive[:, 0].sum())
    return list(range(steps))[:: -1 if way.reverse else 1]


def _matrices(way: Way, block: list[int], path: str | None = None) -> Tensor:
    """`(N, S, S)`: the Jacobians of neighbouring steps in the order given, or the part of them along one path."""
    low = min(block)
    linear = way.linearised(slice(low, max(block) + 1))
    found = (linear if path is None else linear.along(path)).jacobians()[:, 0]
    return found[[step - low for step in block]]


def _steps_at_once(width: int) -> int:
    """How many Jacobians there is room for; refuses where there is none for one."""
    each = width * width * torch.float64.itemsize
    if each > LARGEST_BYTES:
        raise InputError(
            "spectrum.wide",
            "One Jacobian of {width} × {width} takes {found} MB; at most {most} MB are there. Take a narrower layer.",
            width=width,
            found=math.ceil(each / 2**20),
            most=LARGEST_BYTES // 2**20,
        )
    return max(1, BLOCK_BYTES // each)
