"""Layers as people bring them: pruned, normed, parametrised, subclassed. Every number is the module's own call's.

law                     says
----------------------  ---------------------------------------------------------------------------------------------
equals its own call     `trace` is what the module returns, after its weights were loaded or trained without a call
nothing moves           neither `trace` nor `step`, `terms`, `difference` or `cost` changes a parameter, buffer or mode
recorded likewise       `record` keeps the same numbers, and `difference` finds no fault with either
each part agrees        `step` and `terms` use the weights of the call
differentiable          grad=True gives the gradients of the module's own call, through whatever makes its weights
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable

import hypothesis.strategies as st
import pytest
import torch
from calls import MAKES, Call, assert_close, calls
from hypothesis import given
from torch import Tensor, nn
from torch.nn.utils import parametrizations, parametrize, prune

import gru_viz as gv
from gru_viz.cells.quantities import Cell, Quantity
from gru_viz.tracing.modules import BackwardGRU

EXACT = (torch.float32, torch.float64)


def faithful(rnn: nn.RNNBase) -> nn.RNNBase:
    """A subclass that adds nothing to what is computed."""
    rnn.__class__ = type(f"My{type(rnn).__name__}", (type(rnn),), {"doubled": lambda self: 2})
    return rnn


def hooked(rnn: nn.RNNBase) -> nn.RNNBase:
    """A home-made pre-hook that reaches the module by a closure, and writes in place as well."""
    raw = nn.Parameter(rnn.weight_hh_l0.detach().clone())
    del rnn.weight_hh_l0
    rnn.register_parameter("raw", raw)
    rnn.register_buffer("calls", torch.zeros((), dtype=torch.long))

    def renew(_module: nn.Module, _args: tuple) -> None:
        rnn.calls += 1
        rnn.weight_hh_l0 = torch.tanh(rnn.raw)

    renew(rnn, ())
    rnn.register_forward_pre_hook(renew)
    return rnn


def dropped(rnn: nn.RNNBase) -> nn.RNNBase:
    """Dropout on the recurrent weights (Merity et al. 2017), drawn at each call."""

    class Drop(nn.Module):
        def forward(self, weight: Tensor) -> Tensor:
            return weight * (torch.rand_like(weight) > 0.5)

    parametrize.register_parametrization(rnn, "weight_hh_l0", Drop(), unsafe=True)
    return rnn


def pruned(rnn: nn.RNNBase) -> nn.RNNBase:
    prune.random_unstructured(rnn, "weight_hh_l0", 0.4)
    prune.l1_unstructured(rnn, "weight_ih_l0", 0.3)
    prune.l1_unstructured(rnn, "weight_hh_l0", 0.1)  # a container of two
    return rnn


def _spectral(rnn: nn.RNNBase) -> nn.RNNBase:
    parametrizations.spectral_norm(rnn, "weight_hh_l0")
    return rnn


def normed(norm: Callable[[nn.Module, str], object]) -> Callable[[nn.RNNBase], nn.RNNBase]:
    def apply(rnn: nn.RNNBase) -> nn.RNNBase:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # torch's word about its old weight_norm
            norm(rnn, "weight_hh_l0")
            norm(rnn, "weight_ih_l0")
        return rnn

    return apply


def counting(rnn: nn.RNNBase) -> nn.RNNBase:
    """A spectral norm at home in the hook itself, which keeps its vector and a diary."""

    class Norm:
        def __init__(self) -> None:
            self.u, self.diary = torch.ones(rnn.weight_hh_l0.shape[0], dtype=rnn.weight_hh_l0.dtype), []

        def __call__(self, module: nn.Module, args: tuple) -> None:
            self.diary.append(args)
            self.u.copy_(nn.functional.normalize(module.raw @ (module.raw.T @ self.u), dim=0).detach())
            module.weight_hh_l0 = module.raw / (module.raw.T @ self.u).norm()

    raw = nn.Parameter(rnn.weight_hh_l0.detach().clone())
    del rnn.weight_hh_l0
    rnn.register_parameter("raw", raw)
    rnn.weight_hh_l0 = raw.detach()
    rnn.norm, seen, vector = Norm(), [], torch.zeros(1)
    rnn.register_forward_pre_hook(rnn.norm)

    def observe(_module: nn.Module, args: tuple) -> None:
        seen.append(args)
        vector.add_(1)

    rnn.register_forward_pre_hook(observe)
    rnn.held = lambda: {"u": rnn.norm.u.clone(), "diary": len(rnn.norm.diary), "seen": len(seen), "v": vector.clone()}
    return rnn


def reset_before(rnn: nn.RNNBase) -> nn.RNNBase:
    return _spectral(_like(rnn, gv.GRU, reset_after=False))


def backward(rnn: nn.RNNBase) -> nn.RNNBase:
    return pruned(_like(rnn, BackwardGRU))


def _like(rnn: nn.RNNBase, make: type, **options: object) -> nn.RNNBase:
    """A GRU of another class with the sizes of a GRU; any other module as it is."""
    if not isinstance(rnn, nn.GRU) or (rnn.bidirectional and make is BackwardGRU):
        return rnn
    both = {} if make is BackwardGRU else {"bidirectional": rnn.bidirectional}
    sizes = (rnn.input_size, rnn.hidden_size, rnn.num_layers)
    options |= both | {"bias": rnn.bias, "batch_first": rnn.batch_first, "dtype": rnn.weight_hh_l0.dtype}
    return make(*sizes, **options)


WRAPS: dict[str, Callable[[nn.RNNBase], nn.RNNBase]] = {
    "pruned": pruned,
    "old weight_norm": normed(nn.utils.weight_norm),
    "old spectral_norm": normed(nn.utils.spectral_norm),
    "weight_norm": normed(parametrizations.weight_norm),
    "spectral_norm": normed(parametrizations.spectral_norm),
    "orthogonal": lambda rnn: parametrizations.orthogonal(rnn, "weight_hh_l0"),
    "own pre-hook": hooked,
    "dropped weights": dropped,
    "subclass": faithful,
    "norm in the hook": counting,
    "reset before": reset_before,
    "backward": backward,
}


@st.composite
def foreign_calls(draw: st.DrawFn, dtypes: tuple[torch.dtype, ...] = EXACT) -> tuple[Call, str]:
    """Any call of a wrapped module whose weights have moved since its hooks last ran, in training mode or not."""
    call, name = draw(calls(dtypes=dtypes)), draw(st.sampled_from(sorted(WRAPS)))
    call.rnn = WRAPS[name](call.rnn).train(draw(st.booleans()))
    with torch.no_grad():
        for parameter in call.rnn.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return call, name


def state(rnn: nn.Module) -> dict[str, object]:
    """Everything a module holds, as copies, with the identities of its tensors."""
    named = [*rnn.named_parameters(), *rnn.named_buffers()]
    found: dict[str, object] = {name: (id(value), value.detach().clone()) for name, value in named}
    found |= {f"{name}.training": part.training for name, part in rnn.named_modules()}
    found |= rnn.held() if hasattr(rnn, "held") else {}
    return found | {"random": torch.get_rng_state(), "python": random.getstate(), "attributes": set(vars(rnn))}


def assert_same_state(before: dict[str, object], after: dict[str, object]) -> None:
    assert before.keys() == after.keys()
    for name, one in before.items():
        two = after[name]
        if isinstance(one, tuple) and isinstance(one[-1], Tensor):
            assert one[0] == two[0], name
            assert torch.equal(one[1], two[1]), name
        elif isinstance(one, Tensor):
            assert torch.equal(one, two), name
        else:
            assert one == two, name


@given(foreign_calls())
def test_equals_its_own_call_and_nothing_moves(found: tuple[Call, str]) -> None:
    call, _ = found
    before = state(call.rnn)
    trace = call.trace()
    gv.cost(call.rnn, 3)
    assert_same_state(before, state(call.rnn))
    output, final = call.stock()
    assert_close(trace.output, output, call.tolerance)
    assert_close(trace.final, final, call.tolerance)


@given(foreign_calls())
def test_recorded_likewise(found: tuple[Call, str]) -> None:
    call, name = found
    dice = torch.get_rng_state()
    traced = call.trace()
    arguments = (call.x if call.lengths is None else call.packed, call.hx)
    with gv.record(call.rnn) as traces, torch.no_grad():
        call.rnn(*arguments)
    (recorded,) = traces[""]
    for one, two in zip(recorded.layers, traced.layers, strict=True):
        for quantity, value in two.values.items():
            assert_close(one.values[quantity][: len(value)], value[: len(one.x)], call.tolerance)
    before = state(call.rnn)
    if name == "norm in the hook":  # as it will be at the next call, not as it was at this one
        return
    if name != "dropped weights":  # of which every call has its own
        assert gv.difference(call.rnn, recorded) <= call.tolerance * 10
    torch.set_rng_state(dice)
    if name != "own pre-hook":
        assert_same_state({**before, "random": dice}, state(call.rnn))
    if "spectral" not in name and name != "reset before":  # in training the call itself moved the weights
        assert gv.difference(call.rnn, traced) <= call.tolerance * 10


@given(foreign_calls())
def test_each_part_agrees(found: tuple[Call, str]) -> None:
    call, name = found
    trace = call.trace()
    before = state(call.rnn)
    for k in range(trace.num_layers):
        way = trace.directions[-1]
        layer = trace.layer(k, way)
        for gate, terms in gv.terms(call.rnn, trace, k, way).items():
            quantity = Quantity(gate)
            squash = torch.sigmoid if quantity.is_gate else torch.relu if call.make == "RNN relu" else torch.tanh
            assert_close(layer.values[quantity], squash(terms.preactivation) * layer.mask.unsqueeze(-1), call.tolerance)
        carried = (layer.h_prev[0], layer.c_prev[0]) if trace.cell is Cell.LSTM else layer.h_prev[0]
        with torch.no_grad():
            step = gv.step(call.rnn, layer.x[0], carried, k, way)
        for quantity, value in layer.values.items():
            assert_close(value[0], getattr(step, quantity), call.tolerance)
    assert_same_state(before, state(call.rnn))
    assert name in WRAPS


@given(foreign_calls(dtypes=(torch.float64,)))
def test_differentiable(found: tuple[Call, str]) -> None:
    call, _ = found
    if call.make == "RNN relu":
        return
    dice = torch.get_rng_state()
    trace = call.trace(grad=True)
    trace.output.sin().sum().backward()
    mine = {name: None if p.grad is None else p.grad.clone() for name, p in call.rnn.named_parameters()}
    call.rnn.zero_grad()
    torch.set_rng_state(dice)
    output = call.rnn(call.packed if call.lengths else call.x, call.hx)[0]
    (output.data if call.lengths else output).sin().sum().backward()
    for name, parameter in call.rnn.named_parameters():
        if parameter.grad is None:
            assert mine[name] is None
        else:
            torch.testing.assert_close(mine[name], parameter.grad, atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize("make", sorted(MAKES))
def test_cached_parametrizations_stay_the_hosts(make: str) -> None:
    torch.manual_seed(0)
    rnn = MAKES[make](5, 6, 2)
    parametrizations.spectral_norm(rnn, "weight_hh_l0")
    x = torch.randn(7, 3, 5)
    with parametrize.cached():
        trace = gv.trace(rnn, x)
        output, _ = rnn(x)
        assert_close(trace.output, output.detach(), 2e-5)
        assert_close(gv.trace(rnn, x).output, output.detach(), 2e-5)
        output.sum().backward()
    assert rnn.parametrizations.weight_hh_l0.original.grad is not None


def test_a_hook_that_changes_the_input_is_heard() -> None:
    torch.manual_seed(0)
    rnn, x, h0 = nn.GRU(5, 6), torch.randn(7, 3, 5), torch.randn(1, 3, 6)
    rnn.register_forward_pre_hook(lambda _m, args, kwargs: ((args[0] * 2, *args[1:]), kwargs), with_kwargs=True)
    rnn.register_forward_pre_hook(lambda _m, args: (args[0] + 1, *args[1:]))
    trace = gv.trace(rnn, x, h0)
    assert torch.equal(trace.layer(0).x, x * 2 + 1)
    assert_close(trace.output, rnn(x, h0)[0].detach(), 2e-5)
    with gv.record(rnn) as traces:
        rnn(x, h0)
    assert torch.equal(traces[""][0].layer(0).x, x * 2 + 1)


def test_a_hook_on_every_module_is_heard() -> None:
    rnn, x = nn.LSTM(5, 6), torch.randn(7, 3, 5)
    handle = nn.modules.module.register_module_forward_pre_hook(lambda _m, args: (args[0] * 3, *args[1:]))
    try:
        trace = gv.trace(rnn, x)
        assert_close(trace.output, rnn(x)[0].detach(), 2e-5)
    finally:
        handle.remove()


def test_tied_and_exchanged_weights() -> None:
    torch.manual_seed(0)
    rnn, x = nn.GRU(6, 6, 2), torch.randn(7, 3, 6)
    rnn.weight_hh_l1 = rnn.weight_hh_l0
    rnn.weight_ih_l0 = nn.Parameter(torch.randn(18, 6))
    assert_close(gv.trace(rnn, x).output, rnn(x)[0].detach(), 2e-5)
    assert gv.cost(rnn, 1).parameters == sum(p.numel() for p in rnn.parameters())
    exchanged = {"weight_hh_l0": torch.randn(18, 6), "weight_ih_l1": torch.randn(18, 6)}
    with gv.record(rnn) as traces:
        output, _ = torch.func.functional_call(rnn, exchanged, (x,), tie_weights=False)
    assert_close(traces[""][0].output, output.detach(), 0)
    z = torch.sigmoid(gv.terms(rnn, traces[""][0])["z"].preactivation)
    assert not torch.allclose(z, traces[""][0].layer(0).z, atol=1e-2)  # those were the weights of that call alone
    rnn.load_state_dict(exchanged, strict=False)
    assert gv.difference(rnn, gv.trace(rnn, x)) < 1e-5
