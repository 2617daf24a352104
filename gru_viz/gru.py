"""gv.GRU: `nn.GRU` with the choice of where the reset gate acts."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout
from torch.nn.utils.rnn import PackedSequence

from gru_viz.engines.run import Plan, run_stack
from gru_viz.engines.spec import spec_of
from gru_viz.layout import read
from gru_viz.trace import assemble


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
        spec = spec_of(self)
        given = read(spec, input, hx, None, self.weight_ih_l0, finite=False)  # type: ignore[arg-type]
        drop = self.training and spec.dropout > 0
        plan = Plan(
            given.x,
            given.state,
            given.alive,
            grad=torch.is_grad_enabled(),
            between=(lambda h: dropout(h, spec.dropout)) if drop else None,
        )
        done = assemble(spec, run_stack(spec, self, plan), plan.alive, given.layout)
        return done.output, done.final  # type: ignore[return-value]

    def extra_repr(self) -> str:
        return super().extra_repr() + ("" if self.reset_after else ", reset_after=False")
