"""Laws of the two GRUs: reset-after is nn.GRU, reset-before is the paper's; conventions are views of one z."""

from __future__ import annotations

import pytest
import torch
from calls import Call, assert_close, calls
from hypothesis import given
from torch import nn

import gru_viz as gv
from gru_viz.cells.gru import gru_step, gru_step_reset_before
from gru_viz.engines.weights import weights_of

GRUS = ("GRU", "gv.GRU")


def reset_before_like(rnn: nn.GRU) -> gv.GRU:
    """A reset-before GRU with the same weights."""
    twin = gv.GRU(
        rnn.input_size,
        rnn.hidden_size,
        rnn.num_layers,
        rnn.bias,
        rnn.batch_first,
        bidirectional=rnn.bidirectional,
        dtype=rnn.weight_ih_l0.dtype,
        reset_after=False,
    )
    twin.load_state_dict(rnn.state_dict())
    return twin.eval()


@given(calls(makes=GRUS, dtypes=(torch.float64,)))
def test_reset_before_is_the_papers_equation(call: Call) -> None:
    twin = reset_before_like(call.rnn)
    layer = gv.trace(twin, call.x, call.hx, call.lengths).layer(0)
    w = weights_of(twin, 0, "forward")
    w_in, w_hn = w.ih.chunk(3)[2], w.hh.chunk(3)[2]
    b_in, b_hn = w.b_ih.chunk(3)[2], w.b_hh.chunk(3)[2]
    n = torch.tanh(layer.x @ w_in.T + b_in + (layer.r * layer.h_prev) @ w_hn.T + b_hn)
    assert_close(layer.n, n * layer.mask.unsqueeze(-1), call.tolerance)


@given(calls(makes=GRUS, dtypes=(torch.float64,)))
def test_reset_before_module_and_trace_agree_also_under_autograd(call: Call) -> None:
    twin = reset_before_like(call.rnn)
    arguments = (call.packed if call.lengths else call.x, call.hx)
    trace = gv.trace(twin, *arguments)
    output, final = twin(*arguments)
    assert_close(trace.output, output._replace(data=output.data.detach()) if call.lengths else output.detach(), 1e-12)
    assert_close(trace.final, final.detach(), 1e-12)
    (output.data if call.lengths else output).sum().backward()
    assert all(p.grad is not None for p in twin.parameters())


def test_reset_before_gradients_are_right() -> None:
    torch.manual_seed(0)
    rnn = gv.GRU(2, 3, 2, bidirectional=True, dtype=torch.float64, reset_after=False)
    x = torch.randn(4, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: rnn(x)[0], (x,))


def test_the_two_resets_differ_where_memory_is_not_zero() -> None:
    torch.manual_seed(0)
    after = nn.GRU(3, 4)
    x, h0 = torch.randn(5, 2, 3), torch.randn(1, 2, 4)
    gap = (gv.trace(after, x, h0).output - gv.trace(reset_before_like(after), x, h0).output).abs().max()
    assert gap > 1e-3


def test_with_the_reset_gate_open_the_two_differ_only_by_nothing() -> None:
    """r = 1 makes the two candidates the same sum, whichever side of the product r stands on."""
    torch.manual_seed(0)
    w = weights_of(nn.GRU(3, 4), 0, "forward")
    x, h = torch.randn(2, 3), torch.randn(2, 4)

    def open_r(quantity: gv.Quantity, value: torch.Tensor) -> torch.Tensor:
        return torch.ones_like(value) if quantity == "r" else value

    one, two = gru_step(x, h, w, open_r), gru_step_reset_before(x, h, w, open_r)
    assert_close(one.n, two.n, 1e-6)


def test_state_dicts_load_across() -> None:
    ours, theirs = gv.GRU(3, 4, 2, bidirectional=True), nn.GRU(3, 4, 2, bidirectional=True)
    ours.load_state_dict(theirs.state_dict())
    theirs.load_state_dict(ours.state_dict())
    x = torch.randn(5, 2, 3)
    assert torch.equal(ours(x)[0], theirs(x)[0])


def test_dropout_between_layers_acts_in_training_only() -> None:
    torch.manual_seed(0)
    rnn = gv.GRU(3, 8, 2, dropout=0.5, reset_after=False)
    x = torch.randn(4, 1, 3)
    assert not torch.equal(rnn.train()(x)[0], rnn(x)[0])
    assert torch.equal(rnn.eval()(x)[0], rnn(x)[0])


@pytest.mark.parametrize("convention", ["keep", "new"])
def test_update_gate_is_a_view_of_one_z(convention: str) -> None:
    torch.manual_seed(0)
    layer = gv.trace(nn.GRU(3, 4), torch.randn(5, 2, 3)).layer(0)
    z = gv.update_gate(layer, convention)
    rebuilt = z * layer.h_prev + (1 - z) * layer.n if convention == "keep" else (1 - z) * layer.h_prev + z * layer.n
    assert_close(rebuilt, layer.h, 1e-6)
