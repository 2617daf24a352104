"""What a Trace gives its reader: tables, differences, single layers, the tutorial's example."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

import gru_viz as gv


@pytest.fixture
def gru() -> nn.GRU:
    torch.manual_seed(0)
    return nn.GRU(5, 6, 2)


def test_the_tutorials_example(gru: nn.GRU) -> None:
    """nn.GRU(5, 6, 2) on (1, 3, 5) with h0 (2, 3, 6) gives output (1, 3, 6) and h_n (2, 3, 6)."""
    trace = gv.trace(gru, torch.randn(1, 3, 5), torch.randn(2, 3, 6))
    assert (trace.output.shape, trace.final.shape) == ((1, 3, 6), (2, 3, 6))
    assert (len(trace), trace.num_layers, trace.directions, trace.hidden_size) == (1, 2, ("forward",), 6)
    assert (trace.batch_size, trace.cell, trace.device.type) == (3, "GRU", "cpu")
    assert list(trace.layer(0).gates) == ["r", "z", "n"]
    assert trace.layer(0).mask.all()


def test_to_frame_is_tidy_and_skips_padding(gru: nn.GRU) -> None:
    trace = gv.trace(gru, torch.randn(4, 2, 5), lengths=[2, 4]).with_tokens("abcd")
    frame = trace.to_frame(layer=1, batch=0)
    assert list(frame.columns) == ["step", "token", "unit", "z", "r", "n", "h", "h_prev"]
    assert frame.step.tolist() == [0] * 6 + [1] * 6
    assert frame.token.tolist() == ["a"] * 6 + ["b"] * 6
    row = frame[(frame.step == 1) & (frame.unit == 3)].iloc[0]
    assert row.z == pytest.approx(trace.layer(1).z[1, 0, 3].item())
    assert row.h_prev == pytest.approx(trace.layer(1).h[0, 0, 3].item())


def test_to_frame_of_a_projected_lstm_and_bfloat16() -> None:
    trace = gv.trace(nn.LSTM(2, 3, proj_size=1).bfloat16(), torch.randn(2, 2).bfloat16())
    frame = trace.to_frame()
    assert list(frame.columns[3:]) == ["f", "i", "g", "o", "c", "h", "h_prev", "c_prev"]
    assert [math.isnan(h) for h in frame.h] == [False, True, True] * 2


def test_diff_marks_the_first_step_at_which_each_parts(gru: nn.GRU) -> None:
    x = torch.randn(6, 1, 5)
    changed = torch.cat([x, torch.randn(2, 1, 5)])
    changed[3] += 1
    diff = gv.trace(gru, x).diff(gv.trace(gru, changed))
    assert diff.steps == 6
    assert diff.first_steps() == {"r": 3, "z": 3, "n": 3, "h": 3}
    assert diff.first_step("h", layer=1) == 3
    gap = diff.layer(0)["h"]
    torch.testing.assert_close(gap[3], gv.trace(gru, changed).layer(0).h[3] - gv.trace(gru, x).layer(0).h[3])
    assert gv.trace(gru, x).diff(gv.trace(gru, x)).first_step("z") is None


def test_difference_sees_a_wrong_gate(gru: nn.GRU) -> None:
    trace = gv.trace(gru, torch.randn(5, 2, 5))
    assert gv.difference(gru, trace) < 1e-6
    trace.layer(0).z[2, 1, 3] += 0.1
    assert gv.difference(gru, trace) > 1e-3


def test_difference_sees_other_weights(gru: nn.GRU) -> None:
    trace = gv.trace(gru, torch.randn(5, 2, 5))
    assert gv.difference(nn.GRU(5, 6, 2), trace) > 1e-3


def test_a_layer_says_what_it_holds(gru: nn.GRU) -> None:
    layer = gv.trace(gru, torch.randn(5, 2, 5)).layer(0)
    with pytest.raises(AttributeError, match="this layer of GRU has no 'f'; it has r, z, n, h, h_prev"):
        _ = layer.f
    assert layer.numpy()["z"].shape == (5, 2, 6)
    assert layer.cpu().quantity("h_prev").shape == (5, 2, 6)


def test_a_failed_save_leaves_the_old_file(gru: nn.GRU, tmp_path, monkeypatch) -> None:
    path = tmp_path / "t.safetensors"
    gv.trace(gru, torch.randn(5, 2, 5)).save(path)
    before = path.read_bytes()
    monkeypatch.setattr("gru_viz.tracing.storage.save_file", lambda *a: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(gv.InputError, match=r"t\.safetensors cannot be written: disk full"):
        gv.trace(gru, torch.randn(5, 2, 5)).save(path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == before


def test_rows_are_pytorchs_order(gru: nn.GRU) -> None:
    """Raising the bias of one block of rows moves just the gate that block belongs to."""
    x, free = torch.randn(1, 1, 5), None
    for place, name in enumerate(("r", "z", "n")):
        twin = nn.GRU(5, 6, 2)
        twin.load_state_dict(gru.state_dict())
        with torch.no_grad():
            twin.bias_ih_l0[place * 6 : (place + 1) * 6] += 1
        free = gv.trace(gru, x).layer(0)
        moved = {q for q, v in gv.trace(twin, x).layer(0).gates.items() if not torch.equal(v, free.gates[q])}
        assert name in moved
        assert moved <= {name, "n"}  # r reaches n; nothing else reaches another gate


def test_a_trace_says_what_it_is_in_one_line(gru: nn.GRU) -> None:
    trace = gv.trace(gru, torch.randn(4, 2, 5))
    assert repr(trace) == "Trace(GRU(5, 6, 2) forward, T=4, B=2, torch.float32 on cpu)"
    assert repr(trace.layer(1)) == "LayerTrace(GRU forward, T=4, B=2, holds r z n h)"
