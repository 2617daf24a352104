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

from dataclasses import dataclass

from torch import nn

from gru_viz.engines.spec import Spec, spec_of
from gru_viz.errors import InputError
from gru_viz.quantities import ROW_ORDER, Cell


@dataclass(frozen=True)
class Cost:
    """What a module costs over some steps of one sequence.

    Attributes:
        parameters: its weights and biases.
        multiply_accumulates: of all its matrix products, over all the steps.
        matrix_pairs: how many pairs of matrices a layer has in one direction: GRU 3, LSTM 4, RNN 1.
        state_bytes: what it carries from one step to the next: h of every layer and direction, and an LSTM's c.
    """

    parameters: int
    multiply_accumulates: int
    matrix_pairs: int
    state_bytes: int


def cost(rnn: nn.RNNBase, steps: int) -> Cost:
    """Counts a recurrent module's cost for one sequence of so many steps; nothing runs.

    Args:
        rnn: an `nn.GRU`, `nn.LSTM`, `nn.RNN` or `gv.GRU`, of any make.
        steps: 0 or more.

    Raises:
        InputError: the module is not recurrent, or there are fewer than 0 steps.
    """
    spec = spec_of(rnn)
    if steps < 0:
        raise InputError("cost.steps", "The number of steps must be 0 or more, not {value}.", value=steps)
    first, above = (_layer(spec, width) for width in (spec.input_size, spec.state_size * len(spec.directions)))
    layers = first + (spec.num_layers - 1) * above
    weight = rnn.get_parameter("weight_hh_l0")
    carried = spec.state_size + (spec.hidden_size if spec.cell is Cell.LSTM else 0)
    return Cost(
        sum(p.numel() for p in rnn.parameters()),
        steps * len(spec.directions) * layers,
        len(ROW_ORDER[spec.cell]),
        spec.num_layers * len(spec.directions) * carried * weight.element_size(),
    )


def _layer(spec: Spec, inputs: int) -> int:
    """Multiply-accumulates of one step of one layer in one direction."""
    pairs = len(ROW_ORDER[spec.cell]) * spec.hidden_size * (inputs + spec.state_size)
    return pairs + spec.proj_size * spec.hidden_size
