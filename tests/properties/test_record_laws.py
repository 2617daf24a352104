"""record(): the model's own run stays as it was, and what it kept is the truth about that run."""

from __future__ import annotations

import copy

import pytest
import torch
from calls import Call, assert_close, calls, parts
from hypothesis import given
from torch import nn

import gru_viz as gv
from gru_viz.engines.made import Precision


class Wrapped(nn.Module):
    """Somebody's model around a recurrent layer."""

    def __init__(self, rnn: nn.RNNBase) -> None:
        super().__init__()
        self.encoder = nn.ModuleDict({"rnn": rnn})

    def forward(self, *arguments: object) -> object:
        return self.encoder["rnn"](*arguments)


@given(calls())
def test_the_result_is_bit_identical_and_the_trace_is_of_it(call: Call) -> None:
    model = Wrapped(call.rnn)
    arguments = (call.packed if call.lengths else call.x, call.hx)
    with torch.no_grad():
        plain, plain_final = model(*arguments)
        with gv.record(model) as traces:
            output, final = model(*arguments)
    (trace,) = traces["encoder.rnn"]
    assert_close(output, plain, 0)
    assert_close(final, plain_final, 0)
    assert_close(trace.output, output, 0)  # re-used, not computed again
    assert_close(trace.final, final, call.tolerance)
    direct = gv.trace(call.rnn, *arguments)
    for one, two in zip(trace.layers, direct.layers, strict=True):
        for quantity, value in two.values.items():
            assert_close(one.values[quantity], value, call.tolerance)


class TwiceTheSame(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(4, 4, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first, _ = self.rnn(x)
        second = torch.relu_(self.rnn(input=first)[0])  # in place: what was recorded must not change
        first.zero_()
        return second


def test_a_layer_called_twice_gives_two_traces() -> None:
    torch.manual_seed(0)
    model, x = TwiceTheSame(), torch.randn(5, 2, 4)
    with gv.record(model) as traces, torch.no_grad():
        model(x)
    one, two = traces["rnn"]
    assert torch.equal(two.layers[0].x, one.output)
    assert bool((two.output < 0).any())


def test_an_ordinary_training_loop_trains_the_same() -> None:
    torch.manual_seed(0)
    plain = nn.Sequential(nn.GRU(3, 4))
    watched = copy.deepcopy(plain)
    x = torch.randn(6, 2, 3)
    for model in (plain, watched):
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        for _ in range(3):
            if model is watched:
                with gv.record(model) as traces:
                    output, _ = model(x)
                before = traces["0"][0].layer(0).z.clone()
            else:
                output, _ = model(x)
            optimizer.zero_grad()
            output.square().sum().backward()
            optimizer.step()
    assert torch.equal(traces["0"][0].layer(0).z, before)  # the weights as they were at the call
    for one, two in zip(plain.parameters(), watched.parameters(), strict=True):
        assert torch.equal(one, two)


def test_the_model_itself_may_be_recurrent_and_blocks_nest() -> None:
    rnn, x = nn.LSTM(3, 4), torch.randn(5, 3)
    with gv.record(rnn) as outer:
        rnn(x)
        with gv.record(rnn) as inner:
            rnn(x)
    rnn(x)
    assert (len(outer[""]), len(inner[""])) == (2, 1)


def test_random_numbers_are_left_alone() -> None:
    model = nn.Sequential(nn.GRU(3, 4, 2))
    torch.manual_seed(7)
    model(torch.randn(5, 2, 3))
    expected = torch.rand(1)
    torch.manual_seed(7)
    with gv.record(model):
        model(torch.randn(5, 2, 3))
    assert torch.equal(torch.rand(1), expected)


def test_training_dropout_is_left_out_with_one_warning() -> None:
    model = nn.GRU(3, 4, 2, dropout=0.5).train()
    with gv.record(model) as traces:
        with pytest.warns(UserWarning, match="leaves out ''.*dropout") as warned:
            model(torch.randn(5, 2, 3))
        model(torch.randn(5, 2, 3))  # a second warning would be an error
    assert traces[""] == []
    assert len(warned) == 1


def test_autocast_runs_are_recorded() -> None:
    model, x = nn.GRU(3, 4), torch.randn(5, 2, 3)
    with torch.autocast("cpu", torch.bfloat16), gv.record(model) as traces:
        output, _ = model(x)
    assert_close(traces[""][0].output, output.detach().float(), 0)


@given(calls(dtypes=(torch.float32,)))
def test_any_call_under_autocast(call: Call) -> None:
    arguments = (call.x if call.lengths is None else call.packed, call.hx)
    with gv.record(call.rnn) as traces, torch.autocast("cpu", torch.bfloat16), torch.no_grad():
        output, _ = call.rnn(*arguments)
    (found,) = traces[""]
    assert found.made.precision == Precision.BFLOAT16
    for one, two in zip(parts(found.output), parts(output), strict=True):
        assert torch.equal(one, two.float())
    assert gv.difference(call.rnn, found) < found.made.precision.tolerance
    plain = gv.trace(call.rnn, *arguments)
    for one, two in zip(found.layers, plain.layers, strict=True):
        for quantity, value in two.values.items():
            torch.testing.assert_close(one.values[quantity], value, atol=4e-2, rtol=4e-2)


def test_a_model_without_recurrence_is_refused() -> None:
    with pytest.raises(gv.InputError, match="Linear contains no recurrent layer"), gv.record(nn.Linear(2, 2)):
        pass
