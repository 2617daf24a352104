"""Clamps: what is held is held, what comes after follows, what came before is untouched."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import gru_viz as gv


@pytest.fixture
def gru() -> nn.GRU:
    torch.manual_seed(0)
    return nn.GRU(3, 4, 2, bidirectional=True, dtype=torch.float64)


@pytest.fixture
def x() -> torch.Tensor:
    torch.manual_seed(1)
    return torch.randn(6, 2, 3, dtype=torch.float64)


def test_z_of_one_keeps_the_old_state(gru: nn.GRU, x: torch.Tensor) -> None:
    held = gv.trace(gru, x, interventions=[gv.clamp("z", 1.0, units=[1, 3], steps=slice(2, 5))]).layer(0)
    free = gv.trace(gru, x).layer(0)
    assert bool((held.z[2:5][..., [1, 3]] == 1).all())
    for t in (2, 3, 4):
        torch.testing.assert_close(held.h[t][:, [1, 3]], held.h[1][:, [1, 3]], atol=0, rtol=0)
    torch.testing.assert_close(held.h[:2], free.h[:2], atol=1e-12, rtol=0)
    assert not torch.allclose(held.h[5], free.h[5])


def test_a_clamped_gate_acts_before_anything_uses_it(gru: nn.GRU, x: torch.Tensor) -> None:
    layer = gv.trace(gru, x, interventions=[gv.clamp("r", 0.0)]).layer(0)
    found = gv.terms(gru, gv.trace(gru, x, interventions=[gv.clamp("r", 0.0)]))["n"]
    torch.testing.assert_close(layer.n, torch.tanh(found.input + found.bias_ih), atol=1e-12, rtol=0)


def test_clamps_reach_one_sequence_one_layer_one_direction(gru: nn.GRU, x: torch.Tensor) -> None:
    clamp = gv.clamp("h", 0.25, steps=3, batch=1, layer=1, direction="backward")
    held, free = gv.trace(gru, x, interventions=[clamp]), gv.trace(gru, x)
    one, two = held.layer(1, "backward"), free.layer(1, "backward")
    assert bool((one.h[3, 1] == 0.25).all())
    torch.testing.assert_close(one.h[:, 0], two.h[:, 0], atol=1e-12, rtol=0)
    torch.testing.assert_close(one.h[4:, 1], two.h[4:, 1], atol=1e-12, rtol=0)  # a backward pass reads these first
    assert not torch.allclose(one.h[2, 1], two.h[2, 1])
    for k, direction in ((0, "forward"), (0, "backward"), (1, "forward")):
        torch.testing.assert_close(held.layer(k, direction).h, free.layer(k, direction).h, atol=1e-12, rtol=0)
    torch.testing.assert_close(held.output[..., 4:], one.h, atol=0, rtol=0)


def test_later_clamps_win(gru: nn.GRU, x: torch.Tensor) -> None:
    layer = gv.trace(gru, x, interventions=[gv.clamp("z", 0.0), gv.clamp("z", 0.5, units=-1)]).layer(0)
    assert bool((layer.z[..., :3] == 0).all() and (layer.z[..., 3] == 0.5).all())


def test_an_lstms_cell_state_can_be_held() -> None:
    torch.manual_seed(0)
    rnn, x = nn.LSTM(3, 4, proj_size=2), torch.randn(5, 3)
    layer = gv.trace(rnn, x, interventions=[gv.clamp("c", 2.0, steps=[1])]).layer(0)
    assert bool((layer.c[1] == 2).all())
    expected = (layer.o[1] * torch.tanh(layer.c[1])) @ rnn.weight_hr_l0.T
    torch.testing.assert_close(layer.h[1], expected.detach())


def test_gradients_flow_round_a_clamp(gru: nn.GRU, x: torch.Tensor) -> None:
    trace = gv.trace(gru, x.requires_grad_(), interventions=[gv.clamp("z", 1.0, steps=0)], grad=True)
    trace.layer(0).h[0].sum().backward()
    assert not x.grad[0].any()  # with z = 1 the first state is h0, whatever the input


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"quantity": "q"}, "There is no quantity 'q' to clamp; choose one of z, r, n, h, i, f, g, o, c."),
        ({"quantity": "f"}, "This GRU has no 'f'; it has r, z, n, h."),
        ({"steps": 6}, "The clamp names step 6; there are 6, numbered 0 to 5."),
        ({"steps": slice(2, 9)}, "The clamp names step 2:9; there are 6, numbered 0 to 5."),
        ({"units": [0, 4]}, "The clamp names unit 0, 4; there are 4, numbered 0 to 3."),
        ({"units": []}, "The clamp names unit nothing; there are 4, numbered 0 to 3."),
        ({"batch": 2}, "The clamp names batch 2; there are 2, numbered 0 to 1."),
        ({"layer": 2}, "There is no layer 2: this GRU has 2, numbered 0 to 1."),
        ({"direction": "up"}, "There is no direction 'up': this GRU reads forward and backward."),
        ({"value": float("nan")}, "A clamp needs a finite number, not nan."),
    ],
)
def test_clamps_outside_are_refused(gru: nn.GRU, x: torch.Tensor, arguments: dict, sentence: str) -> None:
    with pytest.raises(gv.InputError) as error:
        gv.trace(gru, x, interventions=[gv.clamp(**{"quantity": "z", "value": 1.0, **arguments})])
    assert str(error.value) == sentence


def test_a_value_the_module_cannot_hold_is_refused() -> None:
    rnn = nn.GRU(3, 4)
    with pytest.raises(gv.InputError, match="too large for float32"):
        gv.trace(rnn, torch.randn(5, 1, 3), interventions=[gv.clamp("h", 1e39)])
