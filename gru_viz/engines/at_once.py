"""The engine of cells in which x alone decides the gates: all steps in one matrix product, then a scan for the memory.

``h_t = z_t * h_{t-1} + (1 - z_t) * n_t`` is linear in h once z and n are known, so that no step has to wait for the one
before: `engines.scan` takes log2(T) large steps on a GPU.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gru_viz.cells import KINDS
from gru_viz.cells.kind import Weights
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import Spec
from gru_viz.engines.carried import Carried, Pass
from gru_viz.engines.scan import scan


def run(
    spec: Spec, weights: Weights, x: Tensor, state: tuple[Tensor, ...], alive: Tensor | None, *, reverse: bool
) -> Pass:
    """Runs one layer in one direction; signature and meaning as `engines.run.Engine` says."""
    kind = KINDS[spec.cell]
    assert kind.from_input is not None
    assert kind.mix is not None
    with torch.no_grad():
        values = kind.from_input(spec, weights, x)
        memory = Carried.empty(x.shape[0], state[0], reverse=reverse)
        keep = values[kind.mix.keep]
        torch.mul(1 - keep, values[kind.mix.candidate], out=memory.now)
        scan(memory, keep, alive, state[0])
    return Pass({**values, Quantity.H: memory.now}, {Quantity.H: memory.prev})
