"""Modules that are not quite torch's: what each is called, what is said about it, and gv.GRU where nn.GRU works."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations, prune
from torch.nn.utils.rnn import pack_padded_sequence

import gru_viz as gv
from gru_viz.engines.made import Precision
from gru_viz.tracing.modules import BackwardGRU

X = torch.randn(7, 3, 5, generator=torch.Generator().manual_seed(0))


def made(make: Callable = nn.GRU, *sizes: int, **options: object) -> nn.RNNBase:
    torch.manual_seed(1)
    return make(*(sizes or (5, 6)), **options)


def quantised(model: nn.Module) -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's word that torch.ao moves elsewhere
        return torch.ao.quantization.quantize_dynamic(model, {nn.GRU, nn.LSTM, nn.GRUCell, nn.LSTMCell})


def scripted(model: nn.Module) -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.script(model)


def traced(model: nn.Module) -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.trace(model, X)


def exported(model: nn.Module) -> torch.export.ExportedProgram:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.export.export(nn.Sequential(model), (X,))


FOREIGN = {
    "quantised GRU": (lambda: quantised(nn.Sequential(made()))[0], "quantised GRU .*the float model it was made from"),
    "quantised LSTM": (lambda: quantised(nn.Sequential(made(nn.LSTM)))[0], "quantised LSTM .*the float model"),
    "quantised cell": (lambda: quantised(nn.Sequential(made(nn.GRUCell)))[0], "quantised GRUCell .*the float model"),
    "scripted": (lambda: scripted(made()), "scripted GRU.*before torch.jit.script"),
    "traced": (lambda: traced(made(nn.LSTM)), "scripted LSTM.*before torch.jit.script"),
    "exported": (lambda: exported(made()), "exported program.*the model it was exported from"),
    "exported module": (lambda: exported(made()).module(), "exported program.*the model it was exported from"),
    "compiled": (lambda: torch.compile(made(), backend="eager"), "OptimizedModule wraps.*GRU inside it, ._orig_mod"),
    "parallel": (lambda: nn.DataParallel(made()), "DataParallel wraps.*GRU inside it, .module"),
    "no layer": (lambda: nn.Linear(5, 6), "Linear is not a recurrent layer"),
    "no module": (lambda: "gru", "str is not a recurrent layer"),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_cannot_be_traced_is_named_for_what_it_is(kind: str) -> None:
    make, sentence = FOREIGN[kind]
    module = make()
    for call in (lambda: gv.trace(module, X), lambda: gv.cost(module, 1), lambda: gv.step(module, X[0], X[0])):
        with pytest.raises(gv.InputError, match=sentence):
            call()


@pytest.mark.parametrize("make", [quantised, scripted])
def test_record_names_the_layers_it_cannot_see(make: Callable) -> None:
    foreign = make(nn.Sequential(made()))
    with pytest.raises(gv.InputError, match=r"quantised GRU|scripted GRU"), gv.record(foreign):
        pass
    mixed = nn.ModuleDict({"theirs": foreign, "ours": made(nn.LSTM)})
    block = gv.record(mixed)
    with pytest.warns(UserWarning, match=r"leaves out 'theirs\.0': This is a (quantised|scripted) GRU"):
        traces = block.__enter__()
    foreign(X)
    mixed["ours"](X)
    block.__exit__(None, None, None)
    assert {name: len(found) for name, found in traces.items()} == {"ours": 1}


def test_record_names_an_exported_program() -> None:
    program = exported(made())
    for model in (program, program.module()):
        with pytest.raises(gv.InputError, match="exported program"), gv.record(model):
            pass


@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_faithful_subclass_is_traced(bidirectional: bool) -> None:
    class Mine(nn.LSTM):
        def count(self) -> int:
            return sum(p.numel() for p in self.parameters())

    class OurOwn(gv.GRU):
        pass

    for make in (Mine, OurOwn):
        rnn = made(make, 5, 6, 2, bidirectional=bidirectional)
        torch.testing.assert_close(gv.trace(rnn, X).output, rnn(X)[0].detach(), atol=1e-6, rtol=0)
        with gv.record(rnn) as traces:
            rnn(X)
        assert len(traces[""]) == 1


def test_a_patched_class_is_not_torchs(monkeypatch: pytest.MonkeyPatch) -> None:
    stock = nn.GRU.forward
    monkeypatch.setattr(nn.GRU, "forward", lambda self, x, hx=None: stock(self, x * 2, hx))
    with pytest.raises(gv.InputError, match="GRU has a forward of its own"):
        gv.trace(made(), X)


def without_a_weight() -> nn.GRU:
    rnn = made()
    del rnn.weight_hh_l0
    return rnn


def with_none() -> nn.GRU:
    rnn = made(nn.LSTM)
    rnn.bias_ih_l0 = None
    return rnn


def half_converted() -> nn.GRU:
    rnn = made(nn.GRU, 5, 6, 2)
    rnn.weight_hh_l1.data = rnn.weight_hh_l1.data.double()
    return rnn


def on_two_devices() -> nn.GRU:
    rnn = made()
    rnn.bias_hh_l0 = nn.Parameter(torch.empty(18, device="meta"))
    return rnn


def resized() -> nn.GRU:
    rnn = made()
    rnn.hidden_size = 7
    return rnn


def reshaped() -> nn.RNN:
    rnn = made(nn.RNN)
    rnn.weight_ih_l0 = nn.Parameter(torch.zeros(6, 4))
    return rnn


def with_a_failing_hook() -> nn.GRU:
    rnn = made()
    rnn.register_forward_pre_hook(lambda _m, _a: {}["nothing"])
    return rnn


BROKEN = {
    without_a_weight: r"GRU\(5, 6, 1\) has no weight_hh_l0: it was removed",
    with_none: r"LSTM\(5, 6, 1\) has no bias_ih_l0: it was removed",
    half_converted: r"weight_hh_l1 is float64 where .* is float32: .*convert all of it",
    on_two_devices: r"bias_hh_l0 is meta where the layer's first weight is cpu",
    resized: r"weight_ih_l0 has shape \(18, 5\); a GRU\(5, 7, 1\) needs \(21, 5\)",
    reshaped: r"weight_ih_l0 has shape \(6, 4\); a RNN\(5, 6, 1\) needs \(6, 5\)",
    with_a_failing_hook: r"pre-hook or parametrization of this GRU\(5, 6, 1\) failed: KeyError: 'nothing'",
}


@pytest.mark.parametrize("make", BROKEN, ids=lambda make: make.__name__)
def test_broken_weights_get_one_sentence(make: Callable) -> None:
    rnn = make()
    calls = [lambda: gv.trace(rnn, X), lambda: gv.step(rnn, X[0], torch.zeros(3, rnn.hidden_size))]
    if make in (without_a_weight, on_two_devices, with_a_failing_hook):  # else it is of another make than the trace
        trace = gv.trace(made(), X)
        calls += [lambda: gv.difference(rnn, trace), lambda: gv.terms(rnn, trace)]
    for call in calls:
        with pytest.raises(gv.InputError, match=BROKEN[make]):
            call()


def test_a_hook_may_leave_a_cell_only_as_it_reads() -> None:
    cell = made(nn.GRUCell)
    cell.register_forward_pre_hook(lambda _m, args: (args[0] * 2, *args[1:]))
    with pytest.raises(gv.InputError, match=r"pre-hook of this GRUCell changes what it reads .* inside gv\.record"):
        gv.trace(cell, X)
    with gv.record(cell) as traces:
        h = cell(X[0])
    assert torch.equal(traces[""][0].output[0], h.detach())
    watched, seen = made(nn.GRUCell), []
    watched.register_forward_pre_hook(lambda _m, args: seen.append(args))  # a hook that only looks is no matter
    assert len(gv.trace(watched, X)) == 7
    assert seen == []


def test_a_hook_that_writes_to_the_input_writes_to_a_copy() -> None:
    rnn, x = made(nn.LSTM), X.clone()

    def double(_module: nn.Module, args: tuple) -> None:
        args[0].mul_(2)

    rnn.register_forward_pre_hook(double)
    trace = gv.trace(rnn, x)
    assert torch.equal(x, X)
    assert torch.equal(trace.layer(0).x, X * 2)
    torch.testing.assert_close(trace.output, rnn(x)[0].detach(), atol=1e-6, rtol=0)
    cell = made(nn.GRUCell)
    cell.register_forward_pre_hook(double)
    with pytest.raises(gv.InputError, match="changes what it reads"):
        gv.trace(cell, X)


@pytest.mark.parametrize("device_type", ["float32", "bfloat16"])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("make", [gv.GRU, BackwardGRU])
def test_gru_under_autocast_is_as_nn_gru(make: type, dtype: torch.dtype, device_type: str) -> None:
    options = {"reset_after": False} if make is gv.GRU else {}
    ours, stock = made(make, 5, 6, **options), made()
    x = X.to(getattr(torch, device_type)).requires_grad_()
    inputs = {
        "padded": (x, None),
        "packed": (pack_padded_sequence(x, [7, 4, 2]), None),
        "state": (x, x[:1, :, :1].expand(-1, -1, 6)),
    }
    for arguments in inputs.values():
        if dtype is torch.float16 and device_type == "bfloat16":
            continue  # nn.GRU refuses to mix the two
        with torch.autocast("cpu", dtype):
            output, final = ours(*arguments)
            expected, last = stock(*arguments)
        output, expected = (o if isinstance(o, Tensor) else o.data for o in (output, expected))
        assert (output.dtype, output.shape) == (expected.dtype, expected.shape)
        assert (final.dtype, final.shape) == (last.dtype, last.shape)
        output.float().sum().backward()
        plain = ours(*(None if a is None else a.float() for a in arguments))[0]
        plain = plain if isinstance(plain, Tensor) else plain.data
        assert float((output.detach().float() - plain.detach()).abs().max()) < 2e-2
    with gv.record(ours) as traces, torch.autocast("cpu", dtype):
        ours(X)
    assert traces[""][0].made.precision == Precision.of(dtype)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("reset_after", [False, True])
def test_gru_of_no_sequences_is_as_nn_gru(batch_first: bool, reset_after: bool) -> None:
    sizes, options = (5, 6, 2), {"batch_first": batch_first, "bidirectional": True}
    ours, stock = made(gv.GRU, *sizes, **options, reset_after=reset_after), made(nn.GRU, *sizes, **options)
    x = X[:, :0].transpose(0, 1) if batch_first else X[:, :0]
    for hx in (None, torch.zeros(4, 0, 6)):
        output, final = ours(x, hx)
        expected, last = stock(x, hx)
        assert (output.shape, final.shape) == (expected.shape, last.shape)
    with pytest.raises((RuntimeError, gv.InputError)):
        ours(X[:0].transpose(0, 1) if batch_first else X[:0])  # no steps: nn.GRU refuses too
    with gv.record(ours) as traces, pytest.warns(UserWarning, match="no step to trace"):
        ours(x)
    assert traces == {"": []}


def test_difference_leaves_a_training_module_alone() -> None:
    rnn = made(nn.GRU, 5, 6, 2, dropout=0.5)
    nn.utils.spectral_norm(rnn, "weight_hh_l0")
    trace = gv.trace(rnn.eval(), X)
    rnn.train()
    buffers = {name: (id(b), b.clone()) for name, b in rnn.named_buffers()}
    dice = torch.get_rng_state()
    assert gv.difference(rnn, trace) < 1e-5
    assert rnn.training
    assert torch.equal(dice, torch.get_rng_state())
    for name, buffer in rnn.named_buffers():
        assert buffers[name][0] == id(buffer)
        assert torch.equal(buffers[name][1], buffer)
    with torch.no_grad():
        rnn.weight_hh_l0_orig.add_(0.5 * torch.randn_like(rnn.weight_hh_l0_orig))
    assert gv.difference(rnn, trace) > 1e-3  # and a changed one is blamed


@pytest.mark.parametrize("make", [nn.GRU, nn.LSTM, BackwardGRU, gv.GRU])
def test_difference_does_not_call_the_module(make: type) -> None:
    rnn, called = made(make), []
    rnn.register_forward_hook(lambda *_: called.append(1))
    for options in ({}, {"lengths": [7, 4, 2]}):
        trace = gv.trace(rnn, X, **options)
        assert gv.difference(rnn, trace) < 1e-6
    assert called == []


def test_difference_knows_the_precision() -> None:
    rnn = made(nn.LSTM, 5, 6, 2)
    with gv.record(rnn) as traces, torch.autocast("cpu", torch.bfloat16):
        rnn(X)
    (found,) = traces[""]
    assert 2e-5 < gv.difference(rnn, found) < found.made.precision.tolerance


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("make", [nn.GRU, nn.LSTM, nn.RNN])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda rnn, name: prune.l1_unstructured(rnn, name, 0.5),
        nn.utils.weight_norm,
        nn.utils.spectral_norm,
        parametrizations.weight_norm,
        parametrizations.spectral_norm,
        parametrizations.orthogonal,
    ],
)
def test_the_cost_is_that_of_the_equations(make: type, wrap: Callable) -> None:
    for options in ({}, {"num_layers": 2, "bidirectional": True}, {"bias": False}):
        plain, rnn = made(make, **options), made(make, **options)
        for name in [name for name, _ in rnn.named_parameters() if name.startswith("weight")]:
            wrap(rnn, name)
        assert gv.cost(rnn, 5) == gv.cost(plain, 5)
        assert gv.cost(plain, 5).parameters == sum(p.numel() for p in plain.parameters())


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("wrap", [nn.utils.weight_norm, parametrizations.weight_norm])
def test_a_model_of_the_zoo_with_other_weights(wrap: Callable) -> None:
    model = gv.load("names")
    wrap(model.rnn, "weight_ih_l0")
    with torch.no_grad():
        for parameter in model.rnn.parameters():
            parameter.mul_(1.1)
    trace = model.trace("anna")
    torch.testing.assert_close(
        trace.output, model.rnn(model.embed(model.encode("anna")))[0].detach(), atol=1e-5, rtol=0
    )
    assert model.predict(trace).shape == (4, len(model.labels))


def test_the_precision_follows_torchs_switches(monkeypatch: pytest.MonkeyPatch) -> None:
    rnn = made()
    monkeypatch.setattr(
        "gru_viz.engines.made._backends", lambda device, stock: [SimpleNamespace(fp32_precision="tf32")]
    )
    with gv.record(rnn) as traces:
        rnn(X)
    assert traces[""][0].made.precision == Precision.TF32


def test_the_weights_content_is_known_however_a_trace_was_made() -> None:
    for wrap in (lambda rnn: rnn, lambda rnn: prune.l1_unstructured(rnn, "weight_hh_l0", 0.5)):
        rnn = wrap(made())
        with gv.record(rnn) as traces:
            rnn(X)
        assert traces[""][0].made.same_weights(gv.trace(rnn, X).made)
        next(rnn.parameters()).data.add_(1)
        assert not traces[""][0].made.same_weights(gv.trace(rnn, X).made)
