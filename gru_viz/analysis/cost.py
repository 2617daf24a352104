"""What a recurrent module costs: weights, multiply-accumulates, bytes it carries, and, by the clock, time.

Counting: every step multiplies each gate's pair of matrices, one with the input, one with the memory. A GRU has three
pairs (r, z, n), an LSTM four (i, f, g, o), a plain RNN one. With G pairs, I inputs and H units a layer has

    G · H · (I + H) multiply-accumulates a step,    G · H · (I + H + 2) parameters with its two biases

(the equations in the documentation of `torch.nn.GRU`, `LSTM` and `RNN`; there also where an LSTM with projections
reads its memory, P wide, and multiplies it with P · H more). Additions, nonlinearities and the elementwise products
that mix old and new are left out: they grow with H, the products with H².

Counting is not timing: how fast a step is depends on who wrote the loop. `seconds_a_step` asks the clock.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import TypeVar

import torch
from torch import Tensor, nn

from gru_viz.engines.spec import Spec, spec_of
from gru_viz.errors import InputError
from gru_viz.quantities import ROW_ORDER, Cell

K = TypeVar("K")


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


@dataclass(frozen=True)
class Timing:
    """Seconds a step, from many runs.

    Attributes:
        median: half of the runs took less.
        upper: three quarters took less; far above the median when the machine was busy with something else.
    """

    median: float
    upper: float


@dataclass(frozen=True)
class Clocked:
    """A module to be timed.

    Attributes:
        onednn: False: with torch's oneDNN kernels switched off while it runs.
    """

    rnn: nn.RNNBase
    onednn: bool = True


def seconds_a_step(modules: Mapping[K, Clocked], steps: int = 64, budget: float = 0.4) -> dict[K, Timing]:
    """Times torch's own forward of several modules side by side, one sequence, no graph.

    The runs take turns, so that whatever else the machine does falls on all of them alike; after one round of warming
    up the median counts. At least five rounds, at most sixty, and no new one after `budget` seconds.

    Args:
        modules: what is timed; each gets random input of its own width on its own device, from a fixed seed.
        steps: the length of the sequence.
        budget: seconds.

    Returns:
        Seconds a step of each.
    """
    inputs = {name: _input(clocked.rnn, steps) for name, clocked in modules.items()}
    times: dict[K, list[float]] = {name: [] for name in modules}
    rounds, began = 0, perf_counter()
    with torch.no_grad():
        while rounds < 6 or (rounds < 61 and perf_counter() - began < budget):
            for name, clocked in modules.items():
                with _kernels(clocked.onednn):
                    times[name].append(_timed(clocked.rnn, inputs[name]))
            rounds += 1
    return {name: _timing(found[1:], steps) for name, found in times.items()}


def _timing(found: list[float], steps: int) -> Timing:
    _, middle, upper = statistics.quantiles(found, n=4, method="inclusive")
    return Timing(middle / steps, upper / steps)


def _input(rnn: nn.RNNBase, steps: int) -> Tensor:
    shape = (1, steps, rnn.input_size) if rnn.batch_first else (steps, 1, rnn.input_size)
    drawn = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    return drawn.to(rnn.get_parameter("weight_hh_l0"))


@contextmanager
def _kernels(onednn: bool) -> Iterator[None]:
    """Switches oneDNN off for a while, if it is on."""
    kernels = torch.backends.mkldnn
    before = kernels.enabled
    kernels.enabled = before and onednn  # type: ignore[assignment]
    try:
        yield
    finally:
        kernels.enabled = before


def _timed(rnn: nn.RNNBase, x: Tensor) -> float:
    begin = perf_counter()
    rnn(x)
    if x.is_cuda:
        torch.cuda.synchronize(x.device)
    elif x.device.type == "mps":
        torch.mps.synchronize()
    return perf_counter() - begin
