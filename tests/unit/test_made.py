"""A trace knows how it was made, and numbers are compared with that in mind.

law                 says
------------------  ------------------------------------------------------------------------------------------------
own size            a difference counts by the size of the numbers, not by an absolute limit
own arithmetic      the coarser of two precisions decides, whatever type holds the numbers
no cause, no        between runs of the same weights nothing parts before a step at which something was changed
parting
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

import gru_viz as gv
from gru_viz.analysis.what_if import what_if
from gru_viz.engines.made import EngineName, Made, Precision, agree, arithmetic
from gru_viz.story.narrate import narrate
from gru_viz.tracing.terms import proof
from tests.properties.calls import Call, calls

FLOAT32, BFLOAT16 = (Made((EngineName.LOOP,), p) for p in (Precision.FLOAT32, Precision.BFLOAT16))


@pytest.mark.parametrize(
    ("one", "two", "made", "same"),
    [
        (0.5, 0.500005, FLOAT32, True),
        (0.5, 0.5001, FLOAT32, False),
        (0.5, 0.5001, BFLOAT16, True),
        (0.5, 0.55, BFLOAT16, False),
        (1974.0, 1974.01, FLOAT32, True),
        (1974.0, 1974.1, FLOAT32, False),
        (3e-7, 5e-7, FLOAT32, False),
        (3e-7, 3e-7, FLOAT32, True),
        (float("inf"), float("inf"), FLOAT32, True),
        (float("inf"), 1.0, FLOAT32, False),
        (float("nan"), float("nan"), FLOAT32, True),
        (float("nan"), 0.0, FLOAT32, False),
    ],
)
def test_agreement_follows_size_and_precision(one: float, two: float, made: Made, same: bool) -> None:
    assert agree(torch.tensor([one]), torch.tensor([two]), made).tolist() == [same]
    assert agree(torch.tensor([two]), torch.tensor([one]), FLOAT32, made).tolist() == [same]


def test_a_small_number_among_large_ones_rounds_like_them() -> None:
    one, two = torch.tensor([1.0, 1e-7]), torch.tensor([1.0, 2e-7])
    assert agree(one, two, FLOAT32).all()
    assert agree(one, two, FLOAT32, replace(FLOAT32, precision=Precision.FLOAT64)).all()
    assert not agree(one.double(), two.double(), replace(FLOAT32, precision=Precision.FLOAT64))[1]


class OnCuda:
    """A float32 tensor that says it is on a GPU: what `arithmetic` asks of a tensor."""

    dtype, device = torch.float32, torch.device("cuda")


def test_tf32_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """cuDNN's recurrent kernels use TF32 unless told not to; our own loop does not unless products are told to."""
    x: torch.Tensor = OnCuda()  # type: ignore[assignment]
    assert arithmetic(x, [EngineName.RECOVER]) is Precision.TF32
    assert arithmetic(x, [EngineName.RECORDED, EngineName.LOOP]) is Precision.TF32
    assert arithmetic(x, [EngineName.LOOP]) is Precision.FLOAT32
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    assert arithmetic(x, [EngineName.RECOVER]) is Precision.FLOAT32
    torch.set_float32_matmul_precision("high")
    try:
        assert arithmetic(x, [EngineName.LOOP]) is Precision.TF32
    finally:
        torch.set_float32_matmul_precision("highest")


@pytest.mark.parametrize(
    ("rnn", "options", "engine"),
    [
        (nn.GRU(2, 3), {}, EngineName.LOOP),
        (nn.LSTM(2, 3), {}, EngineName.RECOVER),
        (gv.GRU(2, 3, reset_after=False), {}, EngineName.TEXTBOOK),
        (nn.GRU(2, 3), {"grad": True}, EngineName.TEXTBOOK),
        (nn.GRU(2, 3), {"interventions": [gv.clamp("z", 1.0)]}, EngineName.TEXTBOOK),
    ],
)
def test_a_trace_says_how_it_was_made(rnn: nn.RNNBase, options: dict, engine: EngineName) -> None:
    made = gv.trace(rnn, torch.randn(4, 1, 2), **options).made
    assert (made.engines, made.precision) == ((engine,), Precision.FLOAT32)
    assert made.edits == tuple(options.get("interventions", ()))
    assert gv.trace(rnn.double(), torch.randn(4, 1, 2).double()).made.precision is Precision.FLOAT64
    rnn.float()


def test_weights_are_known_by_content() -> None:
    gru, x = nn.GRU(2, 3), torch.randn(4, 1, 2)
    before = gv.trace(gru, x).made
    twin = nn.GRU(2, 3)
    twin.load_state_dict(gru.state_dict())
    assert gv.trace(twin, x).made.same_weights(before)
    with torch.no_grad():
        twin.weight_hh_l0[4, 1] += 1e-7
    assert not gv.trace(twin, x).made.same_weights(before)
    twin.load_state_dict(gru.state_dict())
    assert gv.trace(twin, x).made.same_weights(before)
    twin.weight_hh_l0.data.neg_()  # behind the version counter's back
    assert not gv.trace(twin, x).made.same_weights(before)


def test_how_a_trace_was_made_is_saved(tmp_path: Path) -> None:
    clamps = [
        gv.clamp("z", 0.5, units=[0, 2], steps=slice(1, None)),
        gv.clamp("h", -1.0, steps=[False, True, False, True]),
    ]
    trace = gv.trace(nn.GRU(2, 3), torch.randn(4, 1, 2), interventions=clamps)
    trace.save(tmp_path / "t")
    back = gv.Trace.load(tmp_path / "t")
    assert back.made == trace.made
    assert narrate(back) == narrate(trace)
    assert back.diff(trace).first_steps() == dict.fromkeys("rznh")


def test_a_file_from_before_opens(tmp_path: Path) -> None:
    trace = gv.trace(nn.GRU(2, 3), torch.randn(4, 1, 2))
    trace.save(tmp_path / "t")
    with safe_open(tmp_path / "t", "pt") as file:
        about = json.loads(file.metadata()["about"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
        del about["made"]
        save_file(tensors, tmp_path / "old", {"format": file.metadata()["format"], "about": json.dumps(about)})
    old = gv.Trace.load(tmp_path / "old").made
    assert (old.precision, old.edits, old.weights) == (Precision.FLOAT32, (), None)


@st.composite
def changed(draw: st.DrawFn) -> tuple[Call, gv.Clamp]:
    call = draw(calls(dtypes=(torch.float32,)))
    trace = call.trace()
    layer, direction = draw(st.integers(0, trace.num_layers - 1)), draw(st.sampled_from(trace.directions))
    quantity = draw(st.sampled_from(list(trace.layer(0).values)))
    step = draw(st.integers(0, len(trace) - 1))
    return call, gv.clamp(
        quantity, draw(st.sampled_from([-0.4, 0.0, 1.0])), steps=step, layer=layer, direction=direction
    )


@given(changed())
def test_a_clamp_leaves_what_was_read_before_it_as_it_was(drawn: tuple[Call, gv.Clamp]) -> None:
    """To the last bit, whatever engine is the fastest; and above it only what a pass through it can reach."""
    call, clamp = drawn
    a, b, (cause,) = call.trace(), call.trace(interventions=[clamp]), clamp.steps
    diff = a.diff(b)
    for layer in range(a.num_layers):
        for direction in a.directions:
            one, two = a.layer(layer, direction), b.layer(layer, direction)
            here = (layer, direction) == (clamp.layer, clamp.direction)
            if layer < clamp.layer or (layer == clamp.layer and not here):
                before = slice(None)
            elif len(a.directions) == 1 or here:
                before = slice(None, cause) if direction == "forward" else slice(cause + 1, None)
            else:
                continue
            first = diff.first_steps(layer, direction)
            for q, value in one.values.items():
                assert torch.equal(value[before], two.values[q][before]), (layer, direction, q)
                if (step := first[q]) is not None:
                    assert step >= cause if direction == "forward" else step <= cause


@given(changed())
def test_a_clamped_run_is_the_textbooks(drawn: tuple[Call, gv.Clamp]) -> None:
    call, clamp = drawn
    fast, slow = (call.trace(interventions=[clamp], grad=grad) for grad in (False, True))
    for one, two in zip(fast.layers, slow.layers, strict=True):
        for q, value in two.values.items():
            torch.testing.assert_close(one.values[q], value.detach(), atol=call.tolerance, rtol=call.tolerance)
        for q, value in two.previous.items():
            torch.testing.assert_close(one.previous[q], value.detach(), atol=call.tolerance, rtol=call.tolerance)


LONG = ("the quick brown fox jumps over the lazy dog; " * 50)[:2000]


@pytest.mark.parametrize("name", ["english", "english-lstm", "english-rnn"])
@pytest.mark.parametrize("step", [3, 1979])
def test_on_long_texts_nothing_parts_before_its_cause(name: str, step: int) -> None:
    model = gv.load(name)
    width = model.rnn.hidden_size
    for clamps, text in (
        ([gv.clamp("h", 1.0, units=range(width), steps=step)], LONG),
        ([], LONG[:step] + "Q" + LONG[step + 1 :]),
    ):
        found = what_if(model, LONG, clamps, text)
        assert found.first["h"].step == step
        assert all(one.step >= step for one in found.first.values() if one is not None)
        assert all(one.step >= step for one in found.largest.values() if one is not None)
        assert found.belief.first == step


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM, nn.RNN])
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_rounding_of_another_engine_is_no_parting(kind: type[nn.RNNBase], direction: str) -> None:
    """Fast against textbook, with not even rounding allowed for: what no cause has reached cannot have parted."""
    rnn, x = kind(2, 33, 2, bidirectional=True), torch.randn(40, 2, 2)
    held = gv.clamp("h", 1.0, steps=17, batch=1, direction=direction)
    diff = gv.trace(rnn, x).diff(gv.trace(rnn, x, interventions=[held], grad=True))
    assert diff.first_step("h", 0, direction, tolerance=0.0) == 17
    assert not diff.parted(0, direction, tolerance=0.0)["h"][:, 0].any(), "the other sequence was left alone"
    other = "backward" if direction == "forward" else "forward"
    assert set(diff.first_steps(0, other, tolerance=0.0).values()) == {None}


def test_runs_of_other_weights_part_where_they_part() -> None:
    x = torch.randn(6, 1, 2)
    one, two = gv.trace(nn.GRU(2, 3), x), gv.trace(nn.GRU(2, 3), x, interventions=[gv.clamp("z", 1.0, steps=4)])
    assert one.diff(two).first_step("h") == 0


def test_a_layer_of_tiny_numbers_parts_too() -> None:
    gru = nn.GRU(1, 4, bias=False)
    x = torch.full((6, 1, 1), 1e-6)
    other = x.clone()
    other[3] *= 1.5
    assert gv.trace(gru, x).diff(gv.trace(gru, other)).first_step("h") == 3


@given(calls(dtypes=(torch.float32, torch.bfloat16)))
def test_nothing_is_said_to_be_set_by_hand_that_was_not(call: Call) -> None:
    codes = {part.code for parts in narrate(call.trace()) for part in parts}
    assert "narrate.forced" not in codes
    rounded = call.trace()
    for layer in rounded.layers:  # numbers of a coarse run: no identity holds to float32's last bits
        for value in layer.values.values():
            value.mul_(1.01)
    assert "narrate.forced" not in {part.code for parts in narrate(rounded) for part in parts}


def test_what_was_set_by_hand_is_said_even_where_it_changed_nothing() -> None:
    gru, x = nn.GRU(2, 3), torch.randn(3, 1, 2)
    free = gv.trace(gru, x)
    same = gv.clamp("h", float(free.layer(0).h[1, 0, 2]), units=2, steps=1)
    told = narrate(gv.trace(gru, x, interventions=[same]))
    assert [[p.params["count"] for p in parts if p.code == "narrate.forced"] for parts in told] == [[], [1], []]


def test_the_proof_asks_how_big_the_numbers_are() -> None:
    """An h of a million may be a whole unit away from torch's own by rounding alone; a small one may not."""
    torch.manual_seed(0)  # a draw with positive numbers enough to grow
    rnn = nn.RNN(1, 4, nonlinearity="relu")
    with torch.no_grad():
        rnn.weight_hh_l0.copy_(torch.full((4, 4), 0.4))
    trace = gv.trace(rnn, torch.rand(40, 1, 1))
    assert trace.layer(0).h.max() > 1e6
    assert proof(rnn, trace).holds
    trace.layer(0).h[2, 0, 1] *= 1.001
    assert not proof(rnn, trace).holds


def test_the_proof_fails_where_weights_are_others() -> None:
    gru, x = nn.GRU(2, 3), torch.randn(5, 1, 2)
    assert proof(gru, gv.trace(gru, x)).holds
    assert not proof(nn.GRU(2, 3), gv.trace(gru, x)).holds
