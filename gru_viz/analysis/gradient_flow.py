"""Gradient flow: how much of a loss's gradient is left at every step, in every layer, on its way back in time.

``∂L/∂h_t`` is the total derivative: through the layer's own later steps and through every layer above. The loss is
differentiated by autograd as far as the module's output, everything below by the cells' one-step adjoints over a trace:
the recurrent module never runs under a graph. Gradients go back in double precision, whatever the module computes in:
what vanishes is shown how far it vanishes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from gru_viz.analysis.backwards import Way, descend, ways
from gru_viz.engines.run import masked
from gru_viz.errors import InputError
from gru_viz.scalars import refused
from gru_viz.tracing.edits import Interventions
from gru_viz.tracing.trace import Trace, trace

Loss = Callable[[Any], Tensor]
"""A module's output, as the module returns it, to a scalar."""


@dataclass(frozen=True)
class Flow:
    """Lengths of a loss's gradient at every input step; of all sequences of a batch together; 0 beyond every end.

    Attributes:
        h: `(L, T)`, at each layer's h, both directions side by side.
        state: `(L, T)`, at all that a step hands on to the next: h, or an LSTM's h and c as two values. Equal to `h` in
            cells that carry only h; an LSTM's gradient mostly travels in c.
        x: `(T,)`, at the stack's input.
    """

    h: Tensor
    state: Tensor
    x: Tensor


def gradient_flow(
    rnn: nn.RNNBase,
    x: Tensor | PackedSequence,
    loss_fn: Loss,
    hx: Any = None,
    lengths: Tensor | Sequence[int] | None = None,
    *,
    interventions: Interventions = (),
) -> Tensor:
    """The length of a loss's gradient at every layer's h at every step, as autograd would give it.

    Args:
        rnn, x, hx, lengths, interventions: as `gru_viz.trace` takes them. No gradient goes through what a clamp holds.
        loss_fn: is given the module's output (tensor or `PackedSequence`), gives back a scalar.

    Returns:
        `(L, T)` ``‖∂L/∂h_t‖₂`` in double precision, both directions and all sequences of a batch taken together (the
        root of the sum of squares), in main memory; 0 at steps no sequence has, and below 1e-160. `flow` gives more.

    Raises:
        InputError: the call cannot be traced, or loss_fn gives no scalar that depends on the output.
    """
    return flow(rnn, trace(rnn, x, hx, lengths, interventions=interventions), loss_fn).h


def flow(rnn: nn.Module, made: Trace, loss_fn: Loss) -> Flow:
    """`gradient_flow` of a trace that was made before: at h, at all of the state and at x.

    Raises:
        InputError: the module is of another make than the trace's, or as `gradient_flow`.
    """
    above = _at_output(made, loss_fn).cpu().double()
    with torch.no_grad():
        stack = ways(rnn, made, slice(None), double=True)
        directions = len(made.directions)
        h, state = ([above.new_zeros(len(made))] * made.num_layers for _ in range(2))
        for layer in reversed(range(made.num_layers)):
            both = stack[layer * directions : (layer + 1) * directions]
            h[layer], state[layer], above = _through(both, above)
        return Flow(torch.stack(h).sqrt(), torch.stack(state).sqrt(), _squares(above).sqrt())


def _at_output(made: Trace, loss_fn: Loss) -> Tensor:
    """`(T, B, D·P)`: the loss's gradient at the module's output, 0 beyond a sequence's end."""
    top = [layer.h for layer in made.layers[-len(made.directions) :]]
    with torch.enable_grad():
        output = torch.cat(top, -1).detach().requires_grad_()
        loss = loss_fn(made.layout.output(output))
        if not isinstance(loss, Tensor) or loss.numel() != 1:
            raise refused("What loss_fn returns", loss, "a function of the output whose value is a scalar tensor")
        found = torch.autograd.grad(loss.sum(), output, allow_unused=True)[0] if loss.requires_grad else None
    if found is None:
        raise InputError(
            "flow.independent",
            "What loss_fn returns does not depend on the output it is given; compute the loss from its argument, by "
            "differentiable operations.",
        )
    return masked(found, made.layers[0].alive)


def _through(layer: list[Way], above: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Squared lengths at h and at the state, `(T,)` each, and the gradients at the layer's input."""
    steps, batch, _ = above.shape
    h, state = above.new_zeros(steps), above.new_zeros(steps)
    below = above.new_zeros(steps, 1, batch, layer[0].width)
    for way, share in zip(layer, above.chunk(len(layer), -1), strict=True):

        def arrive(step: int, gradients: Tensor, share: Tensor = share) -> None:
            gradients += share[step]

        def seen(step: int, gradients: tuple[Tensor, ...]) -> None:
            h[step] += gradients[0].square().sum()
            state[step] += sum(part.square().sum() for part in gradients)

        descend(way, 1, range(steps), arrive, lambda step: slice(None), below, seen)
    return h, state, below[:, 0]


def _squares(gradients: Tensor) -> Tensor:
    return gradients.square().flatten(1).sum(-1)
