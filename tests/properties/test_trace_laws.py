"""The tracer's laws, each one property over random modules and calls.

law                     says
----------------------  ---------------------------------------------------------------------------------------------
equals torch            output and final state are what the module itself returns
equals the textbook     every quantity is what `cells` gives, one step at a time
gate identities         h follows from the gates at every step; gates lie in 0..1, candidates in -1..1
input-aligned           a backward layer is a forward layer on the turned input, read back in input order
causal                  changing step t leaves earlier steps of a forward layer bit-identical, later of a backward one
padding is packing      lengths give the values of a PackedSequence; beyond the end all is zero
batch-equivariant       a batch is traced as its sequences are, one by one
terms add up            summands through the nonlinearity give the gate
engines agree           loop, recovery and textbook give the same trace
differentiable          grad=True gives torch's own gradients; the default builds no graph
storable                a loaded trace equals the saved one
replayable              a trace cut at any step and started from there arrives at the same end
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
import torch
from calls import MAKES, Call, assert_close, calls
from hypothesis import given
from torch import nn
from torch.nn.utils.rnn import pad_packed_sequence

import gru_viz as gv
from gru_viz.cells.quantities import Cell, Quantity
from gru_viz.engines import loop, recover, textbook
from gru_viz.engines import run as engines

EXACT = (torch.float32, torch.float64)
SMOOTH = tuple(make for make in MAKES if make != "RNN relu")


@given(calls())
def test_equals_torch(call: Call) -> None:
    output, final = call.stock()
    trace = call.trace()
    assert_close(trace.output, output, call.tolerance)
    assert_close(trace.final, final, call.tolerance)
    assert type(trace.final) is type(final)


@given(calls(dtypes=EXACT))
def test_equals_the_textbook(call: Call) -> None:
    trace = call.trace()
    for k in range(trace.num_layers):
        for direction in trace.directions:
            layer = trace.layer(k, direction)
            for t in range(len(trace)):
                state = (layer.h_prev[t], layer.c_prev[t]) if trace.cell is Cell.LSTM else layer.h_prev[t]
                with torch.no_grad():
                    step = gv.step(call.rnn, layer.x[t], state, k, direction)
                alive = layer.mask[t]
                for quantity, value in layer.values.items():
                    assert_close(value[t][alive], getattr(step, quantity)[alive], call.tolerance)


@given(calls())
def test_gate_identities_hold_at_every_step(call: Call) -> None:
    for layer in call.trace().layers:
        if layer.cell is Cell.GRU:
            assert_close(layer.h, (1 - layer.z) * layer.n + layer.z * layer.h_prev, call.tolerance)
        if layer.cell is Cell.LSTM:
            assert_close(layer.c, layer.f * layer.c_prev + layer.i * layer.g, call.tolerance)
            if not call.rnn.proj_size:
                assert_close(layer.h, layer.o * torch.tanh(layer.c), call.tolerance)
        for name, gate in layer.gates.items():
            lowest = 0 if Quantity(name).is_gate else -1
            assert bool((gate >= lowest).all() and (gate <= 1).all())


@given(calls(dtypes=EXACT))
def test_difference_is_within_the_tolerance(call: Call) -> None:
    assert gv.difference(call.rnn, call.trace()) <= call.tolerance * 10  # a chain of layers may add up a few roundings


@given(calls(dtypes=EXACT))
def test_h_prev_is_what_the_cell_read(call: Call) -> None:
    trace = call.trace()
    for place, layer in enumerate(trace.layers):
        for b in range(trace.batch_size):
            steps = int(layer.mask[:, b].sum())
            order = list(range(steps))[:: -1 if layer.direction == "backward" else 1]
            expected = trace.initial[0][place, b]
            for t in order:
                assert torch.equal(layer.h_prev[t, b], expected)
                expected = layer.h[t, b]


@given(calls(dtypes=(torch.float64,)))
def test_backward_layers_are_input_aligned(call: Call) -> None:
    if not call.rnn.bidirectional or call.lengths is not None or call.hx is not None:
        call.rnn, call.hx, call.lengths = _bidirectional(call), None, None
    one = call.trace().layer(0, "backward")
    forward = MAKES[call.make](call.rnn.input_size, call.rnn.hidden_size, 1, bias=call.rnn.bias).double().eval()
    own = {name: value for name, value in call.rnn.state_dict().items() if name.endswith("_l0_reverse")}
    forward.load_state_dict({name.removesuffix("_reverse"): value for name, value in own.items()})
    turned = gv.trace(forward, one.x.flip(0)).layer(0)
    for quantity, value in turned.values.items():
        assert_close(one.values[quantity], value.flip(0), call.tolerance)


def _bidirectional(call: Call) -> nn.RNNBase:
    sizes = (call.rnn.input_size, call.rnn.hidden_size, 1)
    return MAKES[call.make](*sizes, batch_first=call.rnn.batch_first, bidirectional=True).to(call.x.dtype).eval()


@given(calls(dtypes=(torch.float64,)), st.data())
def test_causal(call: Call, data: st.DataObject) -> None:
    before = call.trace()
    t = data.draw(st.integers(0, len(before) - 1))
    time = 0 if not call.batched or not call.rnn.batch_first else 1
    changed = call.x.clone()
    changed.select(time, t).add_(1.0)
    after = gv.trace(call.rnn, changed, call.hx, call.lengths)
    for direction, untouched in (("forward", slice(0, t)), ("backward", slice(t + 1, None))):
        if direction in before.directions:
            one, two = before.layer(0, direction), after.layer(0, direction)
            for quantity in one.values:
                assert_close(two.values[quantity][untouched], one.values[quantity][untouched], 1e-13)


@given(calls(dtypes=EXACT))
def test_padding_is_packing(call: Call) -> None:
    if call.lengths is None:
        return
    padded, packed = call.trace(), gv.trace(call.rnn, call.packed, call.hx)
    stock, _ = call.rnn(call.packed, call.hx)
    assert torch.equal(packed.output.batch_sizes, stock.batch_sizes)
    assert_close(packed.output.data, stock.data.detach(), call.tolerance)
    steps = call.x.shape[1 if call.rnn.batch_first else 0]
    again = pad_packed_sequence(packed.output, call.rnn.batch_first, total_length=steps)[0]
    assert_close(padded.output, again, call.tolerance)
    assert_close(padded.final, packed.final, call.tolerance)
    for layer in padded.layers:
        assert layer.mask.sum(0).tolist() == call.lengths
        for value in (layer.x, *layer.values.values(), *layer.previous.values()):
            assert not value[~layer.mask].any()


@given(calls(dtypes=(torch.float64,)))
def test_batch_equivariant(call: Call) -> None:
    whole = call.trace()
    for b in range(whole.batch_size):
        steps = int(whole.layers[0].mask[:, b].sum())
        hx = None if call.hx is None else tuple(part[:, b : b + 1] for part in whole.initial)
        hx = hx[0] if hx is not None and len(hx) == 1 else hx
        x = whole.layers[0].x[:steps, b : b + 1]
        alone = gv.trace(call.rnn, x.transpose(0, 1) if call.rnn.batch_first else x, hx)
        for one, other in zip(whole.layers, alone.layers, strict=True):
            for quantity, value in other.values.items():
                assert_close(one.values[quantity][:steps, b : b + 1], value, call.tolerance)


@given(calls(dtypes=EXACT))
def test_terms_add_up(call: Call) -> None:
    trace = call.trace()
    for k in range(trace.num_layers):
        for direction in trace.directions:
            layer = trace.layer(k, direction)
            for name, found in gv.terms(call.rnn, trace, k, direction).items():
                quantity = Quantity(name)
                squash = torch.sigmoid if quantity.is_gate else torch.relu if call.make == "RNN relu" else torch.tanh
                expected = squash(found.preactivation) * layer.mask.unsqueeze(-1)
                assert_close(layer.values[quantity], expected, call.tolerance)


@given(calls(dtypes=EXACT))
def test_engines_agree(call: Call) -> None:
    reference = _with(textbook.run, call)
    for engine in (loop.run, recover.run):
        found = _with(engine, call)
        for one, other in zip(reference.layers, found.layers, strict=True):
            for quantity, value in one.values.items():
                assert_close(other.values[quantity], value, call.tolerance)
            for quantity, value in one.previous.items():
                assert_close(other.previous[quantity], value, call.tolerance)


def _with(engine: engines.Engine, call: Call) -> gv.Trace:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "choose", lambda spec, x: engine)
        return call.trace()


@given(calls(makes=SMOOTH, dtypes=(torch.float64,)))
def test_grad_gives_torchs_gradients(call: Call) -> None:
    x = call.x.clone().requires_grad_()
    trace = gv.trace(call.rnn, x, call.hx, call.lengths, grad=True)
    trace.output.sin().sum().backward()
    found = {name: p.grad.clone() for name, p in call.rnn.named_parameters()} | {"x": x.grad.clone()}
    call.rnn.zero_grad()
    call.x = x2 = call.x.clone().requires_grad_()
    output = call.rnn(call.packed if call.lengths else x2, call.hx)[0]
    (output.data if call.lengths else output).sin().sum().backward()
    for name, p in [*call.rnn.named_parameters(), ("x", x2)]:
        torch.testing.assert_close(found[name], p.grad, atol=1e-9, rtol=1e-9)


@given(calls())
def test_the_default_builds_no_graph_and_serves_later_graphs(call: Call) -> None:
    call.x.requires_grad_()
    layer = call.trace().layer(0)
    assert not any(v.requires_grad for v in (layer.x, *layer.values.values(), *layer.previous.values()))
    probe = torch.ones((), dtype=call.x.dtype, requires_grad=True)
    (layer.h * probe).sum().backward()  # an inference tensor would refuse to be saved for this
    assert probe.grad is not None


@given(calls())
def test_storable(call: Call) -> None:
    trace = call.trace()
    trace = trace.with_tokens([f"t{t}" for t in range(len(trace))])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.safetensors"
        trace.save(path)
        loaded = gv.Trace.load(path)
        assert [p.name for p in Path(folder).iterdir()] == [path.name]
    assert loaded.tokens == trace.tokens
    assert_close(loaded.output, trace.output, 0)
    assert_close(loaded.final, trace.final, 0)
    for one, two in zip(trace.layers, loaded.layers, strict=True):
        assert torch.equal(one.mask, two.mask)
        assert torch.equal(one.x, two.x)
        for kind in ("values", "previous"):
            for quantity, value in getattr(one, kind).items():
                assert torch.equal(getattr(two, kind)[quantity], value)


@given(calls(dtypes=(torch.float64,)), st.data())
def test_replayable_from_any_step(call: Call, data: st.DataObject) -> None:
    if call.rnn.bidirectional or call.lengths is not None:
        return
    trace = call.trace()
    t = data.draw(st.integers(0, len(trace) - 1))
    state = tuple(torch.stack([layer.previous[q][t] for layer in trace.layers]) for q in trace.layers[0].previous)
    x = trace.layers[0].x[t:]
    rest = gv.trace(
        call.rnn, x.transpose(0, 1) if call.rnn.batch_first else x, state if trace.cell is Cell.LSTM else state[0]
    )
    assert_close(rest.layers[-1].h[-1], trace.layers[-1].h[-1], call.tolerance)
