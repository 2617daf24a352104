"""step(): one step by the textbook, every intermediate named."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gru_viz.cells import KINDS
from gru_viz.cells.kind import Step, unedited
from gru_viz.cells.spec import FORWARD
from gru_viz.engines.spec_of import check_place, spec_of
from gru_viz.engines.weights import weights_of
from gru_viz.errors import InputError
from gru_viz.scalars import refused
from gru_viz.tracing.layout import check_tensor


def step(
    rnn: nn.RNNBase,
    x_t: Tensor,
    h: Tensor | tuple[Tensor, Tensor] | None = None,
    layer: int = 0,
    direction: str = FORWARD,
) -> Step:
    """One step of one layer by the readable equations of `cells`, under autograd if it is on.

    Args:
        x_t: what the layer reads, `(I,)` or `(B, I)`.
        h: the state before the step, `(H,)` or `(B, H)`; the pair (h, c) for an LSTM; zeros if None.

    Returns:
        A named tuple of every intermediate: `GRUStep`, `LSTMStep`, `RNNStep` or `MinGRUStep`.

    Raises:
        InputError: x_t or h does not fit the layer.
    """
    spec = spec_of(rnn)
    weights = weights_of(rnn, check_place(spec, layer, direction), direction, grad=torch.is_grad_enabled())
    kind = KINDS[spec.cell]
    widths = kind.widths(spec)
    if not isinstance(x_t, Tensor):
        raise refused("x_t", x_t, "a torch.Tensor")
    zeros = (x_t.new_zeros(*x_t.shape[:-1], width) for width in widths)
    state = tuple(zeros if h is None else h if isinstance(h, (tuple, list)) else (h,))
    if len(state) != len(widths):
        raise InputError(
            "hx.kind",
            "hx must be {wanted} for this {cell}.",
            wanted="the pair (h0, c0)" if len(widths) == 2 else "one tensor h0",
            cell=spec.cell.value,
        )
    named = zip(("x_t", "h", "c"), (x_t, *state), (weights.ih.shape[1], *widths), strict=False)
    for name, value, width in named:
        if not isinstance(value, Tensor):
            raise refused(name, value, "a torch.Tensor")
        if value.dim() not in (1, 2) or value.shape[-1] != width or value.shape[:-1] != x_t.shape[:-1]:
            raise InputError(
                "step.shape",
                "{name} has shape {found}; one step of this layer needs ({width},), or (B, {width}) for a batch.",
                name=name,
                found=tuple(value.shape),
                width=width,
            )
        check_tensor(name, value, weights.ih)
    return kind.step(spec, x_t, state, weights, unedited)
