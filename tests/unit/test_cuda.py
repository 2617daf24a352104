"""On CUDA: cuDNN's forward plus batched recovery gives the CPU's trace."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import gru_viz as gv

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")


@pytest.fixture(autouse=True)
def exact() -> None:
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False


@pytest.mark.parametrize("make", [nn.GRU, nn.LSTM, nn.RNN, gv.GRU])
@pytest.mark.parametrize("lengths", [None, [7, 20, 1]])
def test_cuda_equals_cpu(make: type, lengths: list[int] | None) -> None:
    torch.manual_seed(0)
    rnn, x = make(8, 16, 2, bidirectional=True).eval(), torch.randn(20, 3, 8)
    expected = gv.trace(rnn, x, lengths=lengths)
    rnn = rnn.cuda()
    trace = gv.trace(rnn, x.cuda(), lengths=lengths)
    assert trace.device.type == "cuda"
    assert gv.difference(rnn, trace) < 2e-5
    for one, two in zip(expected.layers, trace.layers, strict=True):
        for quantity, value in one.values.items():
            torch.testing.assert_close(two.values[quantity].cpu(), value, atol=2e-5, rtol=0)


def test_record_on_cuda_re_uses_the_output() -> None:
    model, x = nn.Sequential(nn.GRU(8, 16)).cuda(), torch.randn(20, 3, 8, device="cuda")
    with gv.record(model) as traces, torch.no_grad():
        output, _ = model(x)
    assert torch.equal(traces["0"][0].output, output)


def test_a_saved_cuda_trace_loads_on_cpu(tmp_path) -> None:
    trace = gv.trace(nn.GRU(8, 16).cuda(), torch.randn(20, 3, 8, device="cuda"))
    trace.save(tmp_path / "t")
    assert torch.equal(gv.Trace.load(tmp_path / "t").output, trace.output.cpu())
