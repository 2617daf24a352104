"""Laws of MinGRU: the scan is the loop, forward and backward; a trace is the module's own call; z is turned.

| law | oracle |
|---|---|
| scan = loop, values and gradients, T to 10,000, odd lengths | the paper's two lines in a Python loop, float64 |
| module = trace = textbook under autograd, any make, packed too | each other |
| backward = forward on the flipped input | the forward module |
| a trace's z is 1 - the paper's | sigmoid of the weights' own sum |
| z held at 1 keeps the memory; step t does not reach back | the trace itself |
| positive candidates stay positive, and so does h | the sign |
"""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
import torch
from calls import assert_close
from hypothesis import given, settings
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import gru_viz as gv
from gru_viz.cells.mingru import positive, scan
from gru_viz.cli import main

EXACT = 1e-10


def paper(rnn: gv.MinGRU, x: Tensor, h: Tensor) -> Tensor:
    """h of every step of one layer `(T, B, H)`, by the paper's own lines."""
    w_z, w_h = rnn.weight_ih_l0.chunk(2)
    b_z, b_h = rnn.bias_ih_l0.chunk(2) if rnn.bias else (0.0, 0.0)
    found = []
    for x_t in x:
        z, proposed = torch.sigmoid(x_t @ w_z.T + b_z), x_t @ w_h.T + b_h
        if rnn.positive:
            proposed = torch.where(proposed >= 0, proposed + 0.5, torch.sigmoid(proposed))
        h = (1 - z) * h + z * proposed
        found.append(h)
    return torch.stack(found)


@st.composite
def modules(draw: st.DrawFn) -> tuple[gv.MinGRU, Tensor, Tensor | None, list[int] | None]:
    """A module of any make, an input, perhaps a first state, perhaps lengths."""
    torch.manual_seed(draw(st.integers(0, 2**16)))
    inputs, hidden, layers = (draw(st.integers(1, high)) for high in (4, 6, 3))
    steps, batch = draw(st.integers(1, 9)), draw(st.integers(1, 3))
    rnn = gv.MinGRU(
        *(inputs, hidden, layers, draw(st.booleans()), draw(st.booleans())),
        bidirectional=draw(st.booleans()),
        dtype=torch.float64,
        positive=draw(st.booleans()),
    )
    shape = (batch, steps) if rnn.batch_first else (steps, batch)
    x = 2 * torch.randn(*shape, inputs, dtype=torch.float64)
    rows = layers * (2 if rnn.bidirectional else 1)
    hx = torch.randn(rows, batch, hidden, dtype=torch.float64) if draw(st.booleans()) else None
    lengths = [draw(st.integers(1, steps)) for _ in range(batch)] if draw(st.booleans()) else None
    return rnn, x, hx, lengths


def called(rnn: gv.MinGRU, x: Tensor, hx: Tensor | None, lengths: list[int] | None) -> tuple[Tensor, Tensor]:
    """The module's own call, padded again where it was packed."""
    if lengths is None:
        return rnn(x, hx)
    output, final = rnn(pack_padded_sequence(x, torch.tensor(lengths), rnn.batch_first, enforce_sorted=False), hx)
    steps = x.shape[1 if rnn.batch_first else 0]
    return pad_packed_sequence(output, rnn.batch_first, total_length=steps)[0], final


@given(modules())
def test_a_trace_is_the_modules_own_call(call: tuple[gv.MinGRU, Tensor, Tensor | None, list[int] | None]) -> None:
    rnn, x, hx, lengths = call
    output, final = called(*call)
    for trace in (gv.trace(rnn, x, hx, lengths), gv.trace(rnn, x, hx, lengths, grad=True)):
        assert_close(trace.output, output.detach(), EXACT)
        assert_close(trace.final, final.detach(), EXACT)
    assert gv.difference(rnn, gv.trace(rnn, x, hx, lengths)) < EXACT


@given(modules())
def test_gradients_are_the_textbooks(call: tuple[gv.MinGRU, Tensor, Tensor | None, list[int] | None]) -> None:
    rnn, x, hx, lengths = call
    found = []
    for output in (called(*call)[0], gv.trace(rnn, x, hx, lengths, grad=True).output):
        rnn.zero_grad()
        output.square().sum().backward()  # type: ignore[union-attr]
        found.append([weight.grad.clone() for weight in rnn.parameters()])  # type: ignore[union-attr]
    for one, two in zip(*found, strict=True):
        assert_close(one, two, EXACT)


@given(modules())
def test_recorded_is_traced(call: tuple[gv.MinGRU, Tensor, Tensor | None, list[int] | None]) -> None:
    rnn, x, hx, lengths = call
    with gv.record(rnn) as traces:
        called(*call)
    (recorded,) = traces[""]
    given_lengths = lengths or [len(recorded)] * recorded.batch_size
    traced = gv.trace(rnn, x, hx, given_lengths)
    steps = max(given_lengths)  # a packed batch ends where its longest sequence does
    for one, two in zip(recorded.layers, traced.layers, strict=True):
        assert_close(one.h, two.h[:steps], EXACT)
        assert_close(one.z, two.z[:steps], EXACT)


@pytest.mark.parametrize("is_positive", [False, True], ids=["plain", "positive"])
@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5, 31, 32, 33, 127, 1000, 9999, 10_000])
def test_the_scan_is_the_loop_with_its_gradients(steps: int, is_positive: bool) -> None:
    torch.manual_seed(steps)
    rnn = gv.MinGRU(2, 3, dtype=torch.float64, positive=is_positive)
    x = torch.randn(steps, 1, 2, dtype=torch.float64, requires_grad=True)
    h0 = torch.randn(1, 1, 3, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(steps, 1, 3, dtype=torch.float64)
    wanted = [x, h0, *rnn.parameters()]
    by_scan, by_loop = rnn(x, h0)[0], paper(rnn, x, h0[0])
    assert_close(by_scan.detach(), by_loop.detach(), EXACT)
    ours, theirs = (torch.autograd.grad((h * weight).sum(), wanted) for h in (by_scan, by_loop))
    for one, two in zip(ours, theirs, strict=True):
        assert_close(one, two, 1e-9)


@settings(max_examples=40)
@given(st.integers(1, 300), st.integers(0, 2**16), st.sampled_from([torch.float32, torch.float64]))
def test_the_scan_in_either_precision(steps: int, seed: int, dtype: torch.dtype) -> None:
    dice = torch.Generator().manual_seed(seed)
    keep = torch.rand(steps, 2, 3, generator=dice, dtype=torch.float64)
    keep = torch.where(torch.rand(keep.shape, generator=dice) < 0.2, keep.round(), keep)  # wholly open or shut, too
    add = torch.randn(steps, 2, 3, generator=dice, dtype=torch.float64)
    h, wanted = torch.zeros(2, 3, dtype=torch.float64), []
    for k, a in zip(keep, add, strict=True):
        h = k * h + a
        wanted.append(h)
    tolerance = 1e-12 if dtype is torch.float64 else 1e-5
    assert_close(scan(keep.to(dtype), add.to(dtype)).double(), torch.stack(wanted), tolerance)


def test_backward_is_forward_on_the_flipped_input() -> None:
    torch.manual_seed(0)
    both, one = gv.MinGRU(2, 4, bidirectional=True), gv.MinGRU(2, 4)
    one.load_state_dict(
        {name.removesuffix("_reverse"): v for name, v in both.state_dict().items() if "reverse" in name}
    )
    x = torch.randn(7, 2, 2)
    assert_close(both(x)[0][..., 4:].detach(), one(x.flip(0))[0].flip(0).detach(), 1e-6)


def test_z_points_the_other_way_in_the_papers_weights() -> None:
    torch.manual_seed(0)
    rnn = gv.MinGRU(3, 4)
    x = torch.randn(5, 1, 3)
    trace = gv.trace(rnn, x)
    papers = torch.sigmoid(x @ rnn.weight_ih_l0[:4].T + rnn.bias_ih_l0[:4]).detach()
    layer = trace.layer(0)
    assert_close(gv.update_gate(layer, "new"), papers, 1e-6)
    assert_close(layer.h, (1 - layer.z) * layer.n + layer.z * layer.h_prev, 1e-6)
    said = gv.terms(rnn, trace)
    assert_close(torch.sigmoid(said["z"].preactivation), layer.z, 1e-6)
    assert not said["z"].recurrent.any()
    assert not said["n"].recurrent.any()


def test_a_clamp_keeps_and_nothing_reaches_back() -> None:
    torch.manual_seed(0)
    rnn, x = gv.MinGRU(3, 4), torch.randn(6, 1, 3)
    plain = gv.trace(rnn, x)
    held = gv.trace(rnn, x, interventions=gv.clamp("z", 1.0, steps=[3]))
    assert torch.equal(held.layer(0).h[3], held.layer(0).h[2])
    assert plain.diff(held).first_steps() == {"z": 3, "n": None, "h": 3}
    other = x.clone()
    other[4] += 1
    assert plain.diff(gv.trace(rnn, other)).first_step("h") == 4


def test_positive_stays_positive() -> None:
    torch.manual_seed(0)
    rnn = gv.MinGRU(3, 4, positive=True)
    layer = gv.trace(rnn, 5 * torch.randn(50, 2, 3)).layer(0)
    assert (layer.n > 0).all()
    assert (layer.h > 0).all()
    a = torch.tensor([-2.0, -0.0, 0.0, 1.0])
    assert_close(positive(a), torch.tensor([torch.sigmoid(a[0]), 0.5, 0.5, 1.5]), 1e-7)


def test_its_first_weights_are_torchs_and_a_state_dict_comes_back() -> None:
    torch.manual_seed(0)
    rnn = gv.MinGRU(3, 16, 2, bidirectional=True)
    assert [name for name, _ in rnn.named_parameters()][:4] == [
        *("weight_ih_l0", "bias_ih_l0", "weight_ih_l0_reverse", "bias_ih_l0_reverse")
    ]
    assert all(weight.abs().max() <= 0.25 for weight in rnn.parameters())
    again = gv.MinGRU(3, 16, 2, bidirectional=True)
    again.load_state_dict(rnn.state_dict())
    x = torch.randn(4, 1, 3)
    assert torch.equal(rnn(x)[0], again(x)[0])
    assert repr(rnn) == "MinGRU(3, 16, num_layers=2, bidirectional=True)"


@pytest.mark.parametrize(
    ("x", "hx", "says"),
    [
        (torch.zeros(4, 1, 2), None, "x has shape (4, 1, 2); this MinGRU reads at least one step of 3 features"),
        (torch.zeros(0, 1, 3), None, "x has shape (0, 1, 3)"),
        (torch.zeros(4, 3), torch.zeros(1, 5), "h0 has shape (1, 5); it must be"),
    ],
)
def test_what_does_not_fit_is_said(x: Tensor, hx: Tensor | None, says: str) -> None:
    with pytest.raises(gv.InputError) as error:
        gv.MinGRU(3, 4)(x, hx)
    assert str(error.value).startswith(says)


def test_it_is_cheaper_than_a_gru_and_its_cost_is_counted() -> None:
    mine, theirs = gv.cost(gv.MinGRU(3, 4), 10), gv.cost(nn.GRU(3, 4), 10)
    assert mine.multiply_accumulates == 10 * 2 * 4 * 3
    assert mine.parameters == 2 * 4 * 3 + 2 * 4
    assert mine.matrix_pairs == 2 < theirs.matrix_pairs


def test_a_trace_is_saved_and_loaded(tmp_path) -> None:
    trace = gv.trace(gv.MinGRU(3, 4, 2, bidirectional=True, positive=True), torch.randn(5, 2, 3))
    trace.save(tmp_path / "mingru.safetensors")
    again = gv.Trace.load(tmp_path / "mingru.safetensors")
    assert again.spec == trace.spec
    assert torch.equal(again.output, trace.output)
    assert list(again.to_frame().columns) == ["step", "token", "unit", "z", "n", "h", "h_prev"]


def test_a_model_of_it_is_trained_by_the_command_and_loaded_again(tmp_path) -> None:
    assert main(["train", "sunspots-mingru", "--steps", "30", "--out", str(tmp_path), "--threads", "1"]) == 0
    model = gv.load(tmp_path / "sunspots-mingru")
    assert isinstance(model.rnn, gv.MinGRU)
    assert model.card["cell"] == "MinGRU"
    assert model.card["metrics"]["root_mean_square_error"] > 0
    assert model.trace([[10.0], [20.0], [30.0]]).cell is gv.Cell.MINGRU
