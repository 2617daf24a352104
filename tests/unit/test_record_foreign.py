"""record() inside models as people bring them: the host's run is never disturbed, and no wrong number is kept."""

from __future__ import annotations

import copy
import io
import logging
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import prune
from torch.utils.checkpoint import checkpoint

import gru_viz as gv
from gru_viz.engines.made import EngineName, Precision, agree

X = torch.randn(7, 3, 5, generator=torch.Generator().manual_seed(0))


def rnn(make: Callable = nn.GRU, *sizes: int, **options: object) -> nn.RNNBase:
    torch.manual_seed(1)
    return make(*(sizes or (5, 6)), **options)


def identity_gap(layer: gv.LayerTrace) -> float:
    """How far a GRU's h is from what its own gates give."""
    return float((layer.h - ((1 - layer.z) * layer.n + layer.z * layer.h_prev)).abs().max())


class DropsInputs(nn.GRU):
    def forward(self, x, hx=None):
        return super().forward(x * 0.5, hx)


class OnlyOutput(nn.LSTM):
    def forward(self, x, hx=None):
        return super().forward(x, hx)[0]


class LastStep(nn.RNN):
    def forward(self, x, hx=None):
        return super().forward(x, hx)[0][-1]


class Transposed(nn.GRU):
    def forward(self, x, hx=None):
        output, final = super().forward(x.transpose(0, 1), hx)
        return output.transpose(0, 1), final


class NamedArguments(nn.GRU):
    def forward(self, *, inputs):
        return {"states": super().forward(inputs)[0]}


class Masked(nn.LSTM):
    def forward(self, x, mask):
        output, state = super().forward(x)
        return output * mask, state


class OwnCell(nn.GRUCell):
    def forward(self, x, hx=None):
        return super().forward(x, hx) * 0.9


class OwnCall(nn.GRU):
    def __call__(self, x):
        return super().__call__(x * 2)


SUBCLASSES = [
    (DropsInputs, lambda m: m(X)[0]),
    (OnlyOutput, lambda m: m(X)),
    (LastStep, lambda m: m(X)),
    (Transposed, lambda m: m(X)[0]),
    (NamedArguments, lambda m: m(inputs=X)["states"]),
    (Masked, lambda m: m(X, torch.ones(7, 3, 1))[0]),
    (OwnCell, lambda m: m(X[0])),
    (OwnCall, lambda m: m(X)[0]),
]


@pytest.mark.parametrize(("make", "run"), SUBCLASSES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_class_with_a_forward_of_its_own_is_left_out_and_refused(make: type, run: Callable) -> None:
    model = rnn(make)
    expected = run(model)
    with gv.record(model) as traces:
        with pytest.warns(UserWarning, match=f"leaves out ''.*{make.__name__}"):
            found = run(model)
        run(model)  # a second warning would be an error
    assert torch.equal(found, expected)
    assert traces == {"": []}
    method = "__call__" if make is OwnCall else "forward"
    with pytest.raises(gv.InputError, match=f"{make.__name__} has a {method} of its own.*trace the plain nn"):
        gv.trace(model, X)


def test_a_forward_set_on_one_layer_is_a_forward_of_its_own() -> None:
    model = rnn()
    stock = model.forward
    model.forward = lambda x, hx=None: stock(x * 2, hx)
    with pytest.raises(gv.InputError, match="GRU has a forward of its own"):
        gv.trace(model, X)
    model.forward = stock  # the class's own, bound: nothing else is computed
    assert torch.equal(gv.trace(model, X).output, gv.trace(rnn(), X).output)


def test_warnings_as_errors_do_not_reach_the_host(caplog: pytest.LogCaptureFixture) -> None:
    model = nn.ModuleDict({"own": rnn(DropsInputs), "idle": rnn()})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with caplog.at_level(logging.WARNING, "gru_viz"), gv.record(model):
            output, _ = model["own"](X)
    assert torch.equal(output, model["own"](X)[0])
    assert "leaves out 'own'" in caplog.text
    assert "never saw 'idle'" in caplog.text


def test_whatever_fails_inside_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    model = rnn()
    expected, _ = model(X)
    for error in (RuntimeError("boom"), MemoryError("boom"), AssertionError("boom"), IndexError("boom")):

        def fail(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr("gru_viz.tracing.layer_calls.read", fail)
        with gv.record(model), pytest.warns(UserWarning, match=f"leaves out ''.*{type(error).__name__}: boom"):
            output, _ = model(X)
        assert torch.equal(output, expected)


class Around(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.seen, self.around, self.idle = rnn(), rnn(nn.LSTM, 6, 4), rnn(nn.GRU, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.around.forward(self.seen(x)[0])[0]


def test_layers_that_were_never_seen_are_named_at_the_end() -> None:
    model = Around()
    with (
        pytest.warns(UserWarning, match="never saw 'around', 'idle'.*around the hooks") as warned,
        gv.record(model) as traces,
    ):
        model(X)
    assert len(warned) == 1
    assert {name: len(found) for name, found in traces.items()} == {"seen": 1, "around": 0, "idle": 0}


def test_no_word_about_unseen_layers_when_the_host_itself_failed() -> None:
    with pytest.raises(ZeroDivisionError), gv.record(Around()):
        _ = 1 / 0


@pytest.mark.parametrize("inlined", [False, True])
def test_compiled_layers_are_named_and_run_as_ever(inlined: bool) -> None:
    model = nn.Sequential(rnn())
    torch._dynamo.reset()
    with torch._dynamo.config.patch(allow_rnn=inlined):
        compiled = torch.compile(model, backend="eager", fullgraph=inlined)
        with pytest.warns(UserWarning, match="never saw '0'"), gv.record(model) as traces:
            output, _ = compiled(X)
    assert torch.equal(output, model(X)[0])
    assert traces == {"0": []}


def scaled(_m: object, _a: object, result: tuple) -> tuple:
    return (result[0] * 0.5, result[1])


def in_place(_m: object, _a: object, result: tuple) -> None:
    result[0].data.mul_(0.5)


def only_the_output(_m: object, _a: object, result: tuple) -> Tensor:
    return result[0]


@pytest.mark.parametrize("edit", [scaled, in_place, only_the_output])
@pytest.mark.parametrize("when", ["before", "first", "inside", "everywhere"])
def test_recorded_numbers_are_the_layers_own_whatever_other_hooks_do(edit: Callable, when: str) -> None:
    model, plain = rnn(nn.GRU, 5, 6, 2), gv.trace(rnn(nn.GRU, 5, 6, 2), X)
    register = nn.modules.module.register_module_forward_hook if when == "everywhere" else model.register_forward_hook
    options = {"prepend": True} if when == "first" else {}
    handle = None if when in ("inside", "first") else register(edit)
    try:
        with gv.record(model) as traces:
            handle = handle or register(edit, **options)
            result = model(X)
    finally:
        handle.remove()
    (found,) = traces[""]
    torch.testing.assert_close(found.output, plain.output, atol=1e-6, rtol=0)
    assert identity_gap(found.layer(1)) < 1e-6
    seen_first = when in ("before", "inside")  # by ours, so that nothing had to be run again
    assert (found.made.engines[-1] == EngineName.RECORDED) == seen_first
    own = result if edit is only_the_output else result[0]
    assert torch.allclose(own, plain.output) == (edit is only_the_output)  # and the host got what its hook made of it


@pytest.mark.parametrize("edit", [lambda _m, _a, h: h * 0.5, lambda _m, _a, h: h.data.mul_(0.5) * 1])
@pytest.mark.parametrize("first", [False, True])
def test_a_cells_numbers_are_its_own_too(edit: Callable, first: bool) -> None:
    cell = rnn(nn.GRUCell)
    with gv.record(cell) as traces:
        cell.register_forward_hook(edit, prepend=first)
        h = torch.zeros(3, 6)
        for x in X:
            h = cell(x, h)
    for found in traces[""]:
        assert identity_gap(found.layer(0)) < 1e-6
    assert sum(len(found) for found in traces[""]) == 7


@pytest.mark.parametrize("make", [nn.GRU, nn.LSTM, nn.RNN])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("both", [False, True])
def test_autocast_is_the_precision(make: type, dtype: torch.dtype, both: bool) -> None:
    if make is nn.LSTM and dtype is torch.float16:
        pytest.skip("oneDNN has no float16 LSTM for this processor")
    model = rnn(make, 5, 6, 2, bidirectional=both).eval()
    with gv.record(model) as traces, torch.autocast("cpu", dtype), torch.no_grad():
        output, _ = model(X)
    (found,) = traces[""]
    assert found.made.precision == Precision.of(dtype)
    assert torch.equal(found.output, output.float())  # as the module computed them
    for layer in found.layers:
        if make is nn.GRU:
            expected = (1 - layer.z) * layer.n + layer.z * layer.h_prev
        elif make is nn.LSTM:
            expected = layer.o * torch.tanh(layer.c)
        else:
            continue
        assert bool(agree(layer.h, expected, found.made).all())
    assert gv.difference(model, found) < found.made.precision.tolerance
    plain = gv.trace(model, X)
    assert plain.made.precision == Precision.FLOAT32
    for one, two in zip(found.layers, plain.layers, strict=True):
        assert bool(agree(one.h, two.h, found.made, plain.made).all())


def test_autocast_leaves_double_precision_alone() -> None:
    model = rnn().double()
    with gv.record(model) as traces, torch.autocast("cpu", torch.bfloat16):
        model(X.double())
    assert traces[""][0].made.precision == Precision.FLOAT64


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_modules(dtype: torch.dtype) -> None:
    model = rnn(nn.GRU, 5, 6, 2).to(dtype)
    with gv.record(model) as traces:
        output, _ = model(X.to(dtype))
    (found,) = traces[""]
    assert found.made.precision == Precision.of(dtype)
    assert torch.equal(found.output, output)
    assert identity_gap(found.layer(1)) < found.made.precision.tolerance


def test_a_cell_under_autocast_says_so() -> None:
    cell = rnn(nn.GRUCell)
    with gv.record(cell) as traces, torch.autocast("cpu", torch.bfloat16):
        h = None
        for x in X:
            h = cell(x, h)
    (found,) = traces[""]
    assert found.made.precision == Precision.BFLOAT16
    assert bool(agree(found.output[-1], h.float(), found.made).all())


def test_a_cells_loop_inside_autocast_is_read_in_full() -> None:
    cell = rnn(nn.LSTMCell)
    with torch.autocast("cpu", torch.bfloat16):
        with gv.record(cell) as traces:
            outputs, _ = unrolled(cell, X)
        assert traces[""][0].layer(0).f.dtype == torch.float32
    (found,) = traces[""]
    assert torch.equal(found.output, torch.stack(outputs).detach().float())
    with torch.no_grad():
        exact = gv.step(cell, X[0], (torch.zeros(3, 6), torch.zeros(3, 6)))
    torch.testing.assert_close(found.layer(0).f[0], exact.f, atol=1e-6, rtol=0)


def test_lower_layers_under_autocast_are_run_as_the_module_ran_them() -> None:
    model, lower = rnn(nn.RNN, 5, 32, 2), rnn(nn.RNN, 5, 32)
    with torch.no_grad():
        model.weight_hh_l0.mul_(4)  # chaotic: a run in float32 would end elsewhere
    lower.load_state_dict({name: value for name, value in model.state_dict().items() if name.endswith("_l0")})
    x = torch.randn(400, 1, 5)
    with gv.record(model) as traces, torch.autocast("cpu", torch.bfloat16), torch.no_grad():
        model(x)
        expected, _ = lower(x)
    assert torch.equal(traces[""][0].layer(0).h, expected.float())


def test_a_long_sequence_under_autocast_is_compared_with_its_like() -> None:
    model = rnn(nn.RNN, 5, 32)
    with torch.no_grad():
        model.weight_hh_l0.mul_(4)  # chaotic: rounding grows until nothing of a float32 run is left
    x = torch.randn(400, 1, 5)
    with gv.record(model) as traces, torch.autocast("cpu", torch.bfloat16), torch.no_grad():
        model(x)
    (found,) = traces[""]
    plain = gv.trace(model, x)
    assert float((found.output - plain.output).abs().max()) > 0.5
    assert gv.difference(model, found) < 0.1


def test_a_default_device_elsewhere_changes_nothing() -> None:
    for make in (nn.GRU, nn.LSTM):
        model = rnn(make, 5, 6, 2, bidirectional=True)
        plain, padded = gv.trace(model, X), gv.trace(model, X, lengths=[7, 4, 2])
        packed = nn.utils.rnn.pack_padded_sequence(X, [7, 4, 2])
        cell = rnn(nn.LSTMCell)
        torch.set_default_device("meta")
        try:
            with gv.record(nn.ModuleList([model, cell])) as traces:
                model(X)
                model(packed)
                state = None
                for x in X:
                    state = cell(x, state) if state else cell(x, (X.new_zeros(3, 6), X.new_zeros(3, 6)))
            found = gv.trace(model, X, lengths=[7, 4, 2])
            assert gv.difference(model, found) < 1e-5
            gv.terms(model, found)
        finally:
            torch.set_default_device(None)
        assert torch.equal(traces["0"][0].output, model(X)[0])
        torch.testing.assert_close(traces["0"][0].layer(0).h, plain.layer(0).h)
        torch.testing.assert_close(traces["0"][1].layer(0).h, padded.layer(0).h)
        assert torch.equal(found.layer(0).h, padded.layer(0).h)
        assert len(traces["1"]) == 1


def test_traces_are_saved_and_loaded_whatever_the_default_device(tmp_path: Path) -> None:
    packed = nn.utils.rnn.pack_padded_sequence(X, [7, 4, 4], enforce_sorted=False)
    for trace in (gv.trace(rnn(), X), gv.trace(rnn(), X, lengths=[7, 4, 2]), gv.trace(rnn(), packed)):
        torch.set_default_device("meta")
        try:
            trace.save(tmp_path / "trace.safetensors")
            found = gv.Trace.load(tmp_path / "trace.safetensors")
        finally:
            torch.set_default_device(None)
        assert torch.equal(found.layer(0).h, trace.layer(0).h)
        assert torch.equal(found.layer(0).mask, trace.layer(0).mask)


def test_models_load_whatever_the_default_device() -> None:
    expected = gv.load("names").trace("anna")
    torch.set_default_device("meta")
    try:
        model = gv.load("names")
        found = model.trace("anna")
        belief = model.predict(found)
    finally:
        torch.set_default_device(None)
    assert torch.equal(found.output, expected.output)
    assert belief.device.type == "cpu"


def test_what_is_loaded_in_inference_mode_can_be_trained(tmp_path: Path) -> None:
    gv.trace(rnn(), X).save(tmp_path / "trace.safetensors")
    with torch.inference_mode():
        model, trace = gv.load("names"), gv.Trace.load(tmp_path / "trace.safetensors")
    model.rnn(model.embed(model.encode("anna")))[0].sum().backward()
    assert next(model.rnn.parameters()).grad is not None
    probe = torch.ones((), requires_grad=True)
    (trace.layer(0).h * probe).sum().backward()


def test_meta_and_fake_tensors_are_left_out() -> None:
    model = rnn(device="meta")
    with gv.record(model) as traces, pytest.warns(UserWarning, match="meta or fake"):
        output, _ = model(X.to("meta"))
    assert output.is_meta
    assert traces == {"": []}
    from torch._subclasses import FakeTensorMode

    with FakeTensorMode():
        fake = rnn()
        with gv.record(fake) as traces, pytest.warns(UserWarning, match="meta or fake"):
            fake(torch.randn(7, 3, 5))
    assert traces == {"": []}


def test_inference_mode_gives_ordinary_tensors() -> None:
    model, cell = rnn(nn.LSTM, 5, 6, 2), rnn(nn.GRUCell)
    with gv.record(nn.ModuleList([model, cell])) as traces, torch.inference_mode():
        output, _ = model(X)
        cell(X[0])
    for found in (traces["0"][0], traces["1"][0]):
        for layer in found.layers:
            assert not any(v.is_inference() for v in (layer.x, *layer.values.values(), *layer.previous.values()))
    probe = torch.ones((), requires_grad=True)
    (traces["0"][0].layer(1).h * probe).sum().backward()  # an inference tensor would refuse to be saved for this
    assert torch.equal(traces["0"][0].output, output)


@pytest.mark.parametrize("reentrant", [True, False])
def test_a_checkpointed_call_is_one_call(reentrant: bool) -> None:
    model, cell = rnn(), rnn(nn.GRUCell)

    def steps(x: Tensor) -> Tensor:
        h = cell(x[0])
        for each in x[1:]:
            h = cell(each, h)
        return h

    x = X.clone().requires_grad_()
    with gv.record(nn.ModuleList([model, cell])) as traces:
        output, _ = checkpoint(model, x, use_reentrant=reentrant)
        last = checkpoint(steps, x, use_reentrant=reentrant)
        (output.sum() + last.sum()).backward()
    assert len(traces["0"]) == len(traces["1"]) == 1
    assert len(traces["1"][0]) == 7
    assert torch.equal(traces["0"][0].output, output.detach())


@pytest.mark.filterwarnings("ignore:There is a performance drop")
@pytest.mark.parametrize("transform", ["vmap", "grad"])
def test_transforms_are_left_out(transform: str) -> None:
    model = rnn(nn.GRUCell)
    parameters = {name: p.detach() for name, p in model.named_parameters()}

    def loss(p: dict, x: Tensor) -> Tensor:
        return torch.func.functional_call(model, p, (x,)).sum()

    run = {
        "vmap": lambda: torch.vmap(loss, in_dims=(None, 0))(parameters, X),
        "grad": lambda: torch.func.grad(loss)(parameters, X[0])["weight_ih"],
    }[transform]
    expected = run()
    with gv.record(model) as traces, pytest.warns(UserWarning, match=r"transform of torch\.func"):
        assert torch.equal(run(), expected)
    assert traces == {"": []}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::torch.jit.TracerWarning")
def test_jit_tracing_is_left_alone() -> None:
    model = nn.Sequential(rnn())
    with gv.record(model) as traces, pytest.warns(UserWarning, match="being traced"):
        traced = torch.jit.trace(model, X, check_trace=False)
    assert torch.equal(traced(X)[0], model(X)[0])
    assert traces == {"0": []}


def test_modes_of_the_host_do_not_see_the_recording() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    model = nn.Sequential(rnn(nn.GRU, 5, 6, 3))
    counts = []
    for watched in (False, True):
        with FlopCounterMode(display=False) as counter:
            if watched:
                with gv.record(model) as traces:
                    model(X)
            else:
                model(X)
        counts.append(counter.get_total_flops())
    assert counts[0] == counts[1]
    assert len(traces["0"]) == 1


def hook_free(model: nn.Module) -> bool:
    dictionaries = [vars(m) for m in model.modules()]
    return all(not d["_forward_hooks"] and not d["_forward_hooks_with_kwargs"] for d in dictionaries) and all(
        not {"__deepcopy__", "__reduce_ex__"} & d.keys() for d in dictionaries
    )


def saved(model: nn.Module) -> nn.Module:
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


COPIES = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "save": saved,
}


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("nested", [False, True])
def test_a_copy_carries_no_hook_of_ours(way: str, nested: bool) -> None:
    model = nn.Sequential(nn.Linear(5, 5), rnn(nn.LSTM, 5, 6, 2))
    with gv.record(model) as traces:
        if nested:
            with gv.record(model) as inner:
                twin = COPIES[way](model)
                model[1](X)
            assert len(inner["1"]) == 1
        else:
            twin = COPIES[way](model)
        twin(X)
        again = COPIES[way](twin)
        model(X)
    assert hook_free(twin)
    assert hook_free(again)
    assert hook_free(model)
    assert len(traces["1"]) == (2 if nested else 1)
    assert torch.equal(twin(X)[0], model(X)[0])


def test_a_copy_keeps_the_hosts_own_hooks() -> None:
    model = rnn()
    model.register_forward_hook(scaled)
    with gv.record(model):
        twin, shallow = copy.deepcopy(model), copy.copy(model)
        model(X)
    for each in (twin, shallow):
        assert list(each._forward_hooks.values()) == [scaled]
        assert torch.equal(each(X)[0], model(X)[0])
    parametrized = nn.utils.parametrizations.weight_norm(rnn(), "weight_hh_l0")
    with gv.record(parametrized):
        twin = copy.deepcopy(parametrized)
        parametrized(X)
    assert hook_free(twin)
    assert torch.equal(twin(X)[0], parametrized(X)[0])


def test_many_threads_record_and_copy_one_model() -> None:
    model, failed = rnn(), []
    expected, _ = model(X)

    def visitor() -> None:
        try:
            for _ in range(20):
                with gv.record(model) as traces:
                    output, _ = model(X)
                    twin = copy.deepcopy(model)
                assert torch.equal(output, expected)
                assert len(traces[""]) >= 1
                assert hook_free(twin)
        except Exception as error:  # noqa: BLE001 - told below, in the main thread
            failed.append(error)

    threads = [Thread(target=visitor) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert hook_free(model)


def unrolled(cell: nn.RNNCellBase, x: Tensor, state: object = None) -> tuple[list[Tensor], object]:
    outputs = []
    for each in x:
        state = cell(each, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    return outputs, state


@pytest.mark.parametrize("make", [nn.GRUCell, nn.LSTMCell, nn.RNNCell])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("batched", [False, True])
def test_a_cells_loop_is_one_trace(make: type, bias: bool, batched: bool) -> None:
    cell, x = rnn(make, 5, 6, bias=bias), X if batched else X[:, 0]
    with gv.record(cell) as traces, torch.no_grad():
        outputs, state = unrolled(cell, x)
        unrolled(cell, x[:4])  # begins anew with None
        unrolled(cell, x[:2], state)  # goes on where the first one ended
    first, second = traces[""]
    assert (len(first), len(second)) == (9, 4)
    assert torch.equal(first.output[:7], torch.stack(outputs))
    direct = gv.trace(cell, x)
    for quantity, value in direct.layer(0).values.items():
        torch.testing.assert_close(first.layer(0).values[quantity][:7], value, atol=1e-6, rtol=0)
    assert gv.difference(cell, direct) < 1e-6
    assert gv.difference(cell, first) < 1e-6
    layer = {nn.GRUCell: nn.GRU, nn.LSTMCell: nn.LSTM, nn.RNNCell: nn.RNN}[make](5, 6, bias=bias)
    layer.load_state_dict({f"{name}_l0": value for name, value in cell.state_dict().items()})
    torch.testing.assert_close(direct.output, layer(x)[0].detach(), atol=1e-6, rtol=0)
    assert gv.cost(cell, 4) == gv.cost(layer, 4)


def test_a_cell_begins_anew_where_its_state_is_not_the_last_one() -> None:
    cell = rnn(nn.GRUCell)
    with gv.record(cell) as traces, torch.no_grad():
        h = cell(X[0], torch.zeros(3, 6))
        h = cell(X[1], h.clone())  # a copy is the same state
        h = cell(X[2], h * 0.5)  # zoneout, a mask, anything
        h = cell(X[3][:2], h[:2])  # fewer sequences
        a, b = cell(X[0]), cell(X[1])
        a, b = cell(X[2], a), cell(X[3], b)  # two that take turns
    assert [len(found) for found in traces[""]] == [2, 1, 1, 2, 2]
    assert torch.equal(traces[""][3].output[-1], a)
    assert torch.equal(traces[""][4].output[-1], b)


def test_a_cells_weights_are_those_of_the_call() -> None:
    cell = rnn(nn.LSTMCell)
    with gv.record(cell) as traces, torch.no_grad():
        state = cell(X[0])
        before = cell.weight_hh.clone()
        cell.weight_hh.data.add_(0.5)
        cell(X[1], state)
    one, two = traces[""]
    assert (len(one), len(two)) == (1, 1)
    assert gv.difference(cell, two) < 1e-6
    assert not one.made.same_weights(two.made)
    cell.weight_hh.data.copy_(before)
    assert gv.difference(cell, one) < 1e-6


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(
    "norm",
    [
        nn.utils.weight_norm,
        nn.utils.spectral_norm,
        nn.utils.parametrizations.weight_norm,
        nn.utils.parametrizations.spectral_norm,
        lambda cell, name: prune.l1_unstructured(cell, name, 0.5),
    ],
)
def test_normed_and_pruned_cells(norm: Callable) -> None:
    cell = rnn(nn.GRUCell)
    norm(cell, "weight_hh")
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
        buffers = [b.clone() for b in cell.buffers()]
        trace = gv.trace(cell, X[:1])
        assert all(torch.equal(one, two) for one, two in zip(buffers, cell.buffers(), strict=True))
        with gv.record(cell) as traces:
            h = cell(X[0])
    torch.testing.assert_close(trace.output[0], h, atol=1e-6, rtol=0)
    assert torch.equal(traces[""][0].output[0], h)
    assert identity_gap(traces[""][0].layer(0)) < 1e-6


def test_a_cells_state_is_taken_in_either_form() -> None:
    cell = rnn(nn.LSTMCell)
    h, c = torch.randn(3, 6), torch.randn(3, 6)
    with torch.no_grad():
        outputs, (_, last) = unrolled(cell, X, (h, c))
    for hx in ((h, c), (h.unsqueeze(0), c.unsqueeze(0))):
        trace = gv.trace(cell, X, hx)
        torch.testing.assert_close(trace.output, torch.stack(outputs))
        torch.testing.assert_close(trace.final[1], last.unsqueeze(0))
    alone = gv.trace(cell, X[:, 1], (h[1], c[1]))
    torch.testing.assert_close(alone.output, trace.output[:, 1])


def test_data_parallel_replicas_are_seen() -> None:
    model = rnn()
    replica = model._replicate_for_data_parallel()
    for name in model._flat_weights_names:  # what torch's replicate does with the broadcast parameters
        setattr(replica, name, getattr(model, name))
    with gv.record(model) as traces:
        replica = model._replicate_for_data_parallel()
        for name in model._flat_weights_names:
            setattr(replica, name, getattr(model, name).detach() * 1)
        output, _ = replica(X)
    assert torch.equal(traces[""][0].output, output)
