"""The compiled loop is the textbook, for every cell and make, in one call or with torch's products step by step."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given
from torch import Tensor, nn

import gru_viz as gv
from gru_viz.engines import compiling, fused, textbook
from gru_viz.engines import run as engines

MAKES = {
    "GRU": nn.GRU,
    "GRU reset before": lambda *a, **k: gv.GRU(*a, reset_after=False, **k),
    "LSTM": nn.LSTM,
    "LSTM projected": lambda *a, **k: nn.LSTM(*a, proj_size=max(1, a[1] - 2), **k),
    "RNN": nn.RNN,
    "RNN relu": lambda *a, **k: nn.RNN(*a, nonlinearity="relu", **k),
    "MinGRU": gv.MinGRU,
    "MinGRU positive": lambda *a, **k: gv.MinGRU(*a, positive=True, **k),
}
TOLERANCE = {torch.float32: 1e-6, torch.float64: 1e-14}


def with_engine(engine: engines.Engine, rnn: nn.Module, x: Tensor, hx: object, lengths: list[int] | None) -> gv.Trace:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "choose", lambda spec, x: engine)
        return gv.trace(rnn, x, hx, lengths)  # type: ignore[arg-type]


@given(
    make=st.sampled_from(list(MAKES)),
    dtype=st.sampled_from(list(TOLERANCE)),
    batch=st.integers(1, 6) | st.just(37),  # more than go through the steps together
    units=st.integers(2, 19),
    bidirectional=st.booleans(),
    bias=st.booleans(),
    padded=st.booleans(),
    begun=st.booleans(),
    stepwise=st.booleans(),
    scale=st.sampled_from([1e-3, 1.0, 8.0]),
    seed=st.integers(0, 2**16),
)
def test_is_the_textbook(
    make: str,
    dtype: torch.dtype,
    batch: int,
    units: int,
    bidirectional: bool,
    bias: bool,
    padded: bool,
    begun: bool,
    stepwise: bool,
    scale: float,
    seed: int,
) -> None:
    torch.manual_seed(seed)
    rnn = MAKES[make](3, units, 2, bias=bias, bidirectional=bidirectional).to(dtype).eval()
    x = torch.randn(7, batch, 3, dtype=dtype) * scale
    lengths = torch.randint(1, 8, (batch,)).tolist() if padded else None
    hx = None
    if begun:
        rows = 4 if bidirectional else 2
        hx = torch.randn(rows, batch, getattr(rnn, "proj_size", 0) or units, dtype=dtype)
        hx = (hx, torch.randn(rows, batch, units, dtype=dtype)) if isinstance(rnn, nn.LSTM) else hx
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "WISH", "wait")
        patch.setattr(fused, "LEAST_BATCH", 1 if stepwise else 10**9)
        patch.setattr(fused, "STEPWISE", 0)
        found = with_engine(fused.run, rnn, x, hx, lengths)
    expected = with_engine(textbook.run, rnn, x, hx, lengths)
    for one, two in zip(found.layers, expected.layers, strict=True):
        assert list(one.values) == list(two.values)
        for mine, right in ((one.values, two.values), (one.previous, two.previous)):
            for quantity, value in mine.items():
                limit = TOLERANCE[dtype] * max(1.0, right[quantity].abs().max().item())
                assert (value - right[quantity]).abs().max() <= limit, (make, quantity)


@pytest.mark.parametrize("dtype", list(TOLERANCE))
def test_small_gates_and_candidates_keep_all_their_digits(dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch) -> None:
    """exp and tanh to the last bits over their whole range: what is nearly 0 is as exact as what is not."""
    monkeypatch.setattr(compiling, "WISH", "wait")
    sums = torch.cat([torch.linspace(-80, 80, 4001), torch.logspace(-30, 0, 200), -torch.logspace(-30, 0, 200)])
    rnn = nn.LSTM(1, 1, dtype=dtype)
    with torch.no_grad():
        for parameter in rnn.parameters():
            parameter.zero_()
        rnn.weight_ih_l0.fill_(1.0)
    layer = gv.trace(rnn, sums.to(dtype).view(1, -1, 1)).layer(0)
    exact = sums.to(dtype).numpy().astype(np.longdouble)
    for value, right in ((layer.i, 1 / (1 + np.exp(-exact))), (layer.g, np.tanh(exact))):
        off = np.abs(value.flatten().numpy().astype(np.longdouble) - right) / np.abs(right)
        assert off.max() < 4 * torch.finfo(dtype).eps


@pytest.mark.parametrize("dtype", list(TOLERANCE))
@pytest.mark.parametrize("sign", [1, -1])
def test_what_overflows_does_so_as_in_torch(dtype: torch.dtype, sign: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "WISH", "wait")
    rnn = nn.RNN(2, 2, nonlinearity="relu", bias=False, dtype=dtype)
    with torch.no_grad():
        rnn.weight_hh_l0.copy_(torch.tensor([[1e30, sign * 1e30], [1e30, 0]]))
        rnn.weight_ih_l0.fill_(1)
    x = torch.ones(40, 1, 2, dtype=dtype)
    found = gv.trace(rnn, x).output
    torch.testing.assert_close(found, rnn(x)[0].detach(), equal_nan=True, rtol=1e-5, atol=0)
