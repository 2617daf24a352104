"""Influence: how much the input at step s moved what the network held at step t, for every s and t at once.

Row t, column s is ``‖∂(v_t · h_t) / ∂x_s‖₂``: an attention map for a recurrent network, by the chain rule alone. v_t
asks the question, a direction in the space of h_t; without one it is h_t's own, so the question is how long h_t is.

A gradient is about small changes. Where a gate is shut or a tanh is flat it is small, although replacing the whole
input could change much; occlusion is the check.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from gru_viz.analysis.backwards import Live, Way, descend, ways
from gru_viz.cells.quantities import Quantity
from gru_viz.engines.spec_of import check_place
from gru_viz.errors import InputError
from gru_viz.scalars import is_a, refused
from gru_viz.tracing.layout import check_finite
from gru_viz.tracing.trace import Trace

BLOCK_BYTES = 128 * 2**20
"""So much is kept between layers at once: where that does not do for all targets, they go back block by block."""

RESULT_BYTES = 256 * 2**20
"""The largest map that is made."""


def influence(rnn: nn.Module, trace: Trace, v: Any = None, layer: int = -1, *, batch: int = 0) -> Tensor:
    """How much every input step moved every step's h: the gradient's length, all targets at once, without a graph.

    Exact for the trace's own point, by the closed form of each step's derivative. Where a clamp set a quantity, no
    gradient goes through it: what was set by hand does not change with the input. h0 is a constant.

    Args:
        rnn: the module the trace was made from, with the same weights.
        trace: of any make and length; its activations are what the derivative is taken at.
        v: `(T, D·P)`, what is asked of h at each step, both directions side by side as in the layer's output: the
            target is v_t · h_t. If None, h_t / ‖h_t‖; where h_t is 0 it has no direction, and its row is 0.
        layer: whose output h is; x is always the stack's own input.
        batch: which sequence of a batch: no sequence has an influence on another.

    Returns:
        `(T, T)`, row t of the target, column s of the input, on the trace's device and in its dtype (float32 where that
        is coarser). A forward reader's rows are 0 right of the diagonal. Beyond a sequence's end everything is 0.
        Gradients under 1e-30 in float32 (1e-299 in float64) count as 0; any beyond the dtype's range are inf or NaN.

    Raises:
        InputError: the module is of another make than the trace's; v, the layer or the sequence does not fit; or the
            map of so many steps would not fit into memory.
    """
    if not is_a(trace, Trace):
        raise refused("trace", trace, "what gv.trace returns")
    trace.check_batch(batch)
    number = check_place(trace.spec, layer, trace.directions[0])
    with torch.no_grad():
        stack = ways(rnn, trace, slice(batch, batch + 1))[: (number + 1) * len(trace.directions)]
        steps, size = len(trace), _targets_at_once(stack)
        asked = _asked(stack[-len(trace.directions) :], v)
        found = asked.new_zeros(steps, steps)
        for begin in range(0, steps, size):
            targets = range(begin, min(begin + size, steps))
            found[begin : targets.stop] = _lengths(stack, asked, targets)
    return found


def _targets_at_once(stack: list[Way]) -> int:
    """How many targets go back side by side; refuses what does not fit into memory even so."""
    steps, each = len(stack[0].values[Quantity.H]), stack[0].dtype.itemsize
    longest = math.isqrt(RESULT_BYTES // each)
    if steps > longest:
        raise InputError(
            "influence.long",
            "The influence of {steps} steps on each other is a map of {steps} × {steps}; at most {most} steps fit. "
            "Trace a part of the text.",
            steps=steps,
            most=longest,
        )
    target = 2 * steps * max(way.width for way in stack) * each
    if target > BLOCK_BYTES:
        raise InputError(
            "influence.wide",
            "Layers of {width} inputs over {steps} steps need {found} MB for each target; {most} MB are there. Trace a "
            "part of the text.",
            width=max(way.width for way in stack),
            steps=steps,
            found=math.ceil(target / 2**20),
            most=BLOCK_BYTES // 2**20,
        )
    return BLOCK_BYTES // target


def _asked(tops: list[Way], v: Any) -> Tensor:
    """`(T, D·P)`: v, or each h as a direction; zeros beyond the sequence's end."""
    h = torch.cat([way.h[:, 0] for way in tops], -1)
    if v is None:
        return torch.nn.functional.normalize(h, dim=-1, eps=torch.finfo(h.dtype).tiny)
    try:
        asked = torch.as_tensor(v, device=h.device).detach().to(h.dtype)
    except (TypeError, ValueError, RuntimeError):
        raise refused("v", v, "a tensor or an array of real numbers") from None
    if asked.shape != h.shape:
        raise InputError(
            "influence.v",
            "v has shape {found}; it asks something of h at every step, so it must be {wanted}.",
            found=tuple(asked.shape),
            wanted=tuple(h.shape),
        )
    check_finite("v", asked, ("step", "unit"))
    return asked if tops[0].alive is None else asked * tops[0].alive


def _lengths(stack: list[Way], asked: Tensor, targets: range) -> Tensor:
    """`(K, T)`: the lengths of the gradients of some targets at every input step."""
    directions = 2 if len({way.reverse for way in stack}) == 2 else 1
    above = None
    for first in range(len(stack) - directions, -1, -directions):
        layer = stack[first : first + directions]
        below = asked.new_zeros(len(asked), len(targets), 1, layer[0].width)
        for way, share in zip(layer, (asked if above is None else above).chunk(directions, -1), strict=True):
            if above is None:
                _from_targets(way, share, targets, below)
            else:
                _from_above(way, share, targets, below, is_whole=directions == 2)
        above = below
    assert above is not None
    wide = torch.float32 if above.device.type == "mps" else torch.float64  # squares must not vanish
    return torch.linalg.vector_norm(above[:, :, 0], dim=-1, dtype=wide).T


def _reached(way: Way, targets: range) -> tuple[range, Live]:
    """The steps that targets' own steps depend on in this direction, and which of the targets do on each."""
    first, last = targets[0], targets[-1]
    if way.reverse:
        return range(first, len(way.values[Quantity.H])), lambda step: slice(0, step - first + 1)
    return range(last + 1), lambda step: slice(max(step - first, 0), None)


def _from_targets(way: Way, asked: Tensor, targets: range, below: Tensor) -> None:
    """The layer whose h is asked: a gradient begins at its target's own step."""

    def arrive(step: int, gradients: Tensor) -> None:
        if step in targets:
            gradients[step - targets[0], 0] += asked[step]

    steps, live = _reached(way, targets)
    descend(way, len(targets), steps, arrive, live, below)


def _from_above(way: Way, above: Tensor, targets: range, below: Tensor, *, is_whole: bool) -> None:
    """A layer under it: gradients arrive at every step that the layer above read; at all of them where that read from
    both sides."""
    steps, live = (range(len(above)), lambda step: slice(None)) if is_whole else _reached(way, targets)

    def arrive(step: int, gradients: Tensor) -> None:
        rows = live(step)
        gradients[rows] += above[step, rows]

    descend(way, len(targets), steps, arrive, live, below)
