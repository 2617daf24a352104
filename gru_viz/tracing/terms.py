"""The summands behind every gate, and the proof that a trace says what torch computed. Both need the weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from operator import itemgetter

import torch
from torch import Tensor, nn

from gru_viz.cells import KINDS
from gru_viz.cells.kind import Weights
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import BACKWARD, FORWARD, Spec
from gru_viz.engines.made import EngineName, Made, Precision, agree, arithmetic
from gru_viz.engines.recover import reading_order, stock_output
from gru_viz.engines.run import Plan, masked, run_stack
from gru_viz.engines.spec_of import check_place, spec_of
from gru_viz.engines.weights import Stack, possible_weights
from gru_viz.errors import InputError
from gru_viz.scalars import is_a, refused
from gru_viz.tracing.layer_trace import LayerTrace
from gru_viz.tracing.trace import Trace


@dataclass(frozen=True)
class GateTerms:
    """What one gate's nonlinearity was given, summand by summand; every tensor `(T, B, H)`, zero beyond an end.

    Attributes:
        input: ``W_i x``.
        recurrent: ``W_h h_prev``; for n of a reset-before GRU ``W_h (r * h_prev)``; zeros where h_prev has no say.
        bias_ih, bias_hh: the biases, zeros where the module has none.
        reset: for n of a reset-after GRU the factor r on ``recurrent + bias_hh``; None elsewhere.
    """

    input: Tensor
    recurrent: Tensor
    bias_ih: Tensor
    bias_hh: Tensor
    reset: Tensor | None = None

    @property
    def preactivation(self) -> Tensor:
        """The sum, before sigmoid or tanh (documentation of `torch.nn.GRU`, `LSTM`, `RNN`)."""
        remembered = self.recurrent + self.bias_hh
        return self.input + self.bias_ih + (remembered if self.reset is None else self.reset * remembered)


def terms(rnn: nn.Module, trace: Trace, layer: int = 0, direction: str = FORWARD) -> dict[str, GateTerms]:
    """For every gate of one layer its summands, recomputed with two matrix products.

    Args:
        rnn: the module the trace was made from, with the same weights.

    Returns:
        gate name -> `GateTerms`, in the order of its cell's rows: r, z, n; i, f, g, o; or h for the plain RNN. They
        add up to what the trace's own gate is the sigmoid of: where the weights are written for the opposite z
        (MinGRU), their sign is turned.

    Raises:
        InputError: the module is of another make than the trace's, or there is no such layer or direction.
    """
    spec = same_make(rnn, trace)
    layer = check_place(spec, layer, direction)
    found = trace.layer(layer, direction)
    w = weights_as_traced(spec, rnn, trace)[layer * len(spec.directions) + spec.directions.index(direction)]
    kind = KINDS[spec.cell]
    with torch.no_grad():
        inputs, recurrents = kind.named(found.x @ w.ih.T), kind.named(found.h_prev @ w.hh.T)
        b_ih, b_hh = kind.named(w.b_ih), kind.named(w.b_hh)
        result = {}
        for row in kind.rows:
            said = kind.sum_of(row, spec)
            a, b, reset = inputs[row], recurrents[row], None
            if said.reset is not None:
                gate, where = said.reset
                reset = found.values[gate] if where == "after" else None
                if where == "before":
                    b = (found.values[gate] * found.h_prev) @ kind.part(w.hh, row).T
            sign = -1 if said.negated else 1
            biases = (masked((sign * bias[row]).expand_as(a), found.alive) for bias in (b_ih, b_hh))
            result[row.value] = GateTerms(sign * a if said.negated else a, b, *biases, reset=reset)
    return result


@dataclass(frozen=True)
class Proof:
    """How a trace stands beside torch.

    Attributes:
        gap: the largest absolute difference found.
        holds: every number agrees with its partner given how both were made (`engines.made.agree`).
    """

    gap: float
    holds: bool


def difference(rnn: nn.Module, trace: Trace) -> float:
    """How far the trace is from torch: the largest absolute difference found; `proof` says whether that is rounding.

    Two things are compared, and the larger counts: every layer's h as its own gates give it (the last line of the
    cell's equations) against the h in the trace; and the trace's output against what torch's own kernel gives for the
    same input, without dropout, in the precision the trace was made in. The module itself is not called: its buffers,
    its hooks' doing and its mode stay as they are. A reset-before GRU has no kernel in torch, so its output is compared
    with the textbook steps.

    Raises:
        InputError: the module is of another make than the trace's.
    """
    return proof(rnn, trace).gap


def proof(rnn: nn.Module, trace: Trace) -> Proof:
    """`difference`, and whether rounding explains it: by the numbers' size and the arithmetic they went through."""
    spec = same_make(rnn, trace)
    with torch.no_grad():
        gap, pairs = min(((_distance(pairs), pairs) for pairs in _possible_pairs(spec, rnn, trace)), key=itemgetter(0))
        stock = (EngineName.RECOVER,)
        torchs = Made(stock, arithmetic(trace.layers[0].x, stock))
        holds = all(bool(agree(one, two, torchs, trace.made).all()) for one, two in pairs)
    return Proof(gap, holds)


Pair = tuple[Tensor, Tensor]
"""What torch or the equations give, and what the trace holds."""


def weights_as_traced(spec: Spec, rnn: nn.Module, trace: Trace) -> Stack:
    """The module's weights as the trace's call had them, as far as the module still knows."""
    possible = possible_weights(rnn, trace.layers[0].x)
    if len(possible) == 1:
        return possible[0]
    with torch.no_grad():
        return min(possible, key=lambda weights: _distance(_pairs(spec, weights, trace)))


def _possible_pairs(spec: Spec, rnn: nn.Module, trace: Trace) -> Iterator[list[Pair]]:
    return (_pairs(spec, weights, trace) for weights in possible_weights(rnn, trace.layers[0].x))


def _pairs(spec: Spec, weights: Stack, trace: Trace) -> list[Pair]:
    """Every layer's h beside what its gates give, and the output beside what torch gives."""
    rebuilt = [(_rebuilt(spec, w, layer), layer.h) for w, layer in zip(weights, trace.layers, strict=True)]
    top = torch.cat([layer.h for layer in trace.layers[-len(spec.directions) :]], -1)
    with _as_made(trace):
        expected = _expected(spec, weights, trace).to(top.dtype)
    return [*rebuilt, (masked(expected, trace.layers[0].alive), top)]


def _distance(pairs: list[Pair]) -> float:
    return max(float((one - two).abs().max()) for one, two in pairs)


def _as_made(trace: Trace) -> AbstractContextManager[object]:
    """Autocast where the trace was made under it: its numbers are coarser than their storage."""
    halves = {Precision.BFLOAT16: torch.bfloat16, Precision.FLOAT16: torch.float16}
    dtype = halves.get(trace.made.precision)
    on = trace.device.type
    if dtype is None or trace.dtype is dtype or (on == "cpu" and dtype is torch.float16):
        return nullcontext()  # oneDNN has no float16 kernels for every processor
    return torch.autocast(on, dtype)


def same_make(rnn: nn.Module, trace: Trace) -> Spec:
    spec = spec_of(rnn)
    if not is_a(trace, Trace):
        raise refused("trace", trace, "what gv.trace returns")
    # batch_first only says how the caller's tensors lie, and dropout is off: neither changes what a trace holds.
    if any(
        getattr(spec, name) != getattr(trace.spec, name)
        for name in (
            "cell",
            "input_size",
            "hidden_size",
            "num_layers",
            "directions",
            "proj_size",
            "reset_after",
            "nonlinearity",
        )
    ):
        raise InputError(
            "terms.make",
            "The trace is of a {traced}, the module is a {module}; pass the module the trace was made from.",
            traced=trace.spec.name,
            module=spec.name,
        )
    return spec


def _rebuilt(spec: Spec, w: Weights, layer: LayerTrace) -> Tensor:
    """h from the layer's own gates."""
    return masked(KINDS[spec.cell].last_line(spec, w, layer.values, layer.previous, layer.x), layer.alive)


def _expected(spec: Spec, weights: Stack, trace: Trace) -> Tensor:
    """The top layer's h `(T, B, D * P)` from torch's own kernel, or from the textbook where torch has none."""
    x, alive = trace.layers[0].x, trace.layers[0].alive
    if KINDS[spec.cell].kernel(spec) is None:
        plan = Plan(x, trace.initial, alive)
        return torch.cat(
            [r.run.values[Quantity.H] for r in run_stack(spec, weights, plan)[-len(spec.directions) :]], -1
        )
    if spec.directions == (BACKWARD,):  # torch's kernel reads forward: given the sequences turned round
        order = reading_order(alive, x)
        return stock_output(spec, weights, x.gather(0, order.expand_as(x)), trace.initial, trace.layout.lengths).gather(
            0, order.expand(-1, -1, spec.state_size)
        )
    return stock_output(spec, weights, x, trace.initial, trace.layout.lengths)
