"""What a recurrent module costs, by counting: weights, multiply-accumulates, bytes it carries.

Counting: every step multiplies each gate's pair of matrices, one with the input, one with the memory. A GRU has three
pairs (r, z, n), an LSTM four (i, f, g, o), a plain RNN one. With G pairs, I inputs and H units a layer has

    G · H · (I + H) multiply-accumulates a step,    G · H · (I + H + 2) parameters with its two biases

(the equations in the documentation of `torch.nn.GRU`, `LSTM` and `RNN`; there also where an LSTM with projections
reads its memory, P wide, and multiplies it with P · H more). Additions, nonlinearities and the elementwise products
that mix old and new are left out: they grow with H, the products with H².

Counting is not timing: how fast a step is depends on who wrote the loop. `gru_viz.analysis.clock` asks the clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import nn

from gru_viz.cells import KINDS
from gru_viz.cells.spec import Spec
from gru_viz.engines.spec_of import spec_of
from gru_viz.engines.weights import all_names, all_shapes
from gru_viz.errors import InputError
from gru_viz.scalars import shown, whole


@dataclass(frozen=True)
class Cost:
    """What a module costs over some steps of one sequence.

    Attributes:
        parameters: the numbers in the weights and biases its equations multiply and add, a shared one counted once. How
            they are held is another matter: a weight norm keeps a few more, pruned ones are zeros that are multiplied.
        multiply_accumulates: of all its matrix products, over all the steps.
        matrix_pairs: how many pairs of matrices (for x and for h) a layer has in one direction: GRU 3, LSTM 4, RNN 1;
            where x alone decides, as in MinGRU, how many matrices.
        state_bytes: what it carries from one step to the next: h of every layer and direction, and an LSTM's c.
    """

    parameters: int
    multiply_accumulates: int
    matrix_pairs: int
    state_bytes: int


def cost(rnn: nn.Module, steps: int) -> Cost:
    """Counts a recurrent module's cost for one sequence of so many steps; nothing runs.

    Args:
        rnn: an `nn.GRU`, `nn.LSTM`, `nn.RNN`, `gv.GRU`, `gv.MinGRU` or one of torch's cells, of any make; pruned,
            normed and parametrised ones too.
        steps: 0 or more.

    Raises:
        InputError: the module is not recurrent, or there are fewer than 0 steps.
    """
    spec = spec_of(rnn)
    count = whole(steps)
    if count is None or count < 0:
        raise InputError("cost.steps", "The number of steps must be 0 or more, not {value}.", value=shown(steps))
    first, above = (_layer(spec, width) for width in (spec.input_size, spec.state_size * len(spec.directions)))
    layers = first + (spec.num_layers - 1) * above
    weight = next(rnn.parameters(), torch.empty(0))
    carried = sum(KINDS[spec.cell].widths(spec))
    return Cost(
        _parameters(rnn, spec),
        count * len(spec.directions) * layers,
        len(KINDS[spec.cell].rows),
        spec.num_layers * len(spec.directions) * carried * weight.element_size(),
    )


def _parameters(rnn: nn.Module, spec: Spec) -> int:
    counted: dict[object, int] = {}
    for name, shape in zip(all_names(rnn, spec), all_shapes(spec), strict=True):
        if shape is not None:
            own = rnn._parameters.get(name)
            counted[name if own is None else id(own)] = math.prod(shape)
    return sum(counted.values())


def _layer(spec: Spec, inputs: int) -> int:
    """Multiply-accumulates of one step of one layer in one direction."""
    kind = KINDS[spec.cell]
    read = inputs if kind.from_input else inputs + spec.state_size
    return len(kind.rows) * spec.hidden_size * read + spec.proj_size * spec.hidden_size
