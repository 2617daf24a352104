"""gv.GRU: `nn.GRU` with the choice of where the reset gate acts; and a GRU that reads from the end to the start."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout
from torch.nn.utils.rnn import PackedSequence

from gru_viz.cells.spec import BACKWARD
from gru_viz.engines.foreign import known_forward
from gru_viz.engines.run import Plan, run_stack
from gru_viz.engines.spec_of import spec_of
from gru_viz.engines.weights import weights_in_use
from gru_viz.tracing.layout import read
from gru_viz.tracing.trace import Trace


@known_forward
class GRU(nn.GRU):
    """A GRU with PyTorch's parameters, their names and row order r, z, n; state dicts load across with `nn.GRU`.

    With ``reset_after=True`` it *is* `nn.GRU`. With ``reset_after=False`` the candidate is
    ``n = tanh(W_in x + b_in + W_hn (r * h_prev) + b_hn)``: r acts before the matrix product, as in Cho et al. 2014
    (arXiv:1406.1078, eq. 5-8) and in the tutorial. z stays PyTorch's in both: ``h = (1 - z) * n + z * h_prev``.

    Args: those of `nn.GRU`, and
        reset_after: where r acts.
    """

    reset_after: bool

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        reset_after: bool = True,
    ) -> None:
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device=device, dtype=dtype
        )
        self.reset_after = reset_after

    def forward(  # type: ignore[override]
        self, input: Tensor | PackedSequence, hx: Tensor | None = None
    ) -> tuple[Tensor | PackedSequence, Tensor]:
        """`(input, h0)` -> `(output, h_n)`, shapes as `nn.GRU`'s; differentiable in both forms.

        Raises:
            InputError: reset-before, and the input or h0 does not fit.
        """
        if self.reset_after:
            return super().forward(input, hx)
        return _by_our_engines(self, input, hx)

    def extra_repr(self) -> str:
        return super().extra_repr() + ("" if self.reset_after else ", reset_after=False")


@known_forward
class BackwardGRU(nn.GRU):
    """A GRU that reads every sequence from its end to its start: the backward half of a bidirectional one, alone.

    Parameters, their names and shapes are `nn.GRU`'s of one direction. Output and traces are aligned to the input, as
    the backward half's are: ``output[t]`` has read steps T-1 down to t, and h0 is the state before step T-1.
    """

    directions = (BACKWARD,)

    def forward(  # type: ignore[override]
        self, input: Tensor | PackedSequence, hx: Tensor | None = None
    ) -> tuple[Tensor | PackedSequence, Tensor]:
        """`(input, h0)` -> `(output, h_n)`, shapes as `nn.GRU`'s; one layer's h_n is ``output[0]``."""
        if isinstance(input, PackedSequence):  # ends at different places: nothing to flip in one piece
            return _by_our_engines(self, input, hx)
        time = 1 if self.batch_first and input.dim() == 3 else 0
        output, last = super().forward(input.flip(time), hx)
        return output.flip(time), last


def _by_our_engines(rnn: nn.GRU, input: Tensor | PackedSequence, hx: Tensor | None) -> tuple[Any, Any]:
    """A module's forward through the engines that trace it, with a graph where torch keeps one."""
    spec = spec_of(rnn)
    weights = weights_in_use(rnn, spec, renew=True)
    like = weights[0].ih
    kind, result = like.device.type, None
    autocasts = torch.amp.is_autocast_available(kind)  # not on meta
    if autocasts and torch.is_autocast_enabled(kind) and like.dtype != torch.float64:
        # As nn.GRU answers under autocast: on CPU in the input's dtype, elsewhere in autocast's. Computed in full.
        result = getattr(input, "dtype", input.data.dtype) if kind == "cpu" else torch.get_autocast_dtype(kind)
        input, hx = (None if part is None else part.to(like.dtype) for part in (input, hx))  # type: ignore[assignment]
    given = read(spec, input, hx, None, like, finite=False, none=True)
    drop = rnn.training and spec.dropout > 0
    plan = Plan(
        given.x,
        given.state,
        given.alive,
        grad=torch.is_grad_enabled(),
        between=(lambda h: dropout(h, spec.dropout)) if drop else None,
    )
    with torch.autocast(kind, enabled=False) if autocasts else nullcontext():
        done = Trace.assembled(spec, run_stack(spec, weights, plan), plan.alive, given.layout)
    if result is None:
        return done.output, done.final
    return done.output.to(result), done.final.to(result)  # type: ignore[union-attr]
