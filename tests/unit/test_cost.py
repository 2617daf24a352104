"""What a module costs: the count against torch's own, whatever the module's make."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import gru_viz as gv
from gru_viz.errors import InputError
from gru_viz.tracing.modules import BackwardGRU

PAIRS = {nn.RNN: 1, nn.GRU: 3, nn.LSTM: 4}
STEPS = 5


def multiplied(rnn: nn.Module, x: torch.Tensor) -> int:
    """Multiply-accumulates of every matrix product that the textbook's steps perform, as torch counts them."""
    with FlopCounterMode(display=False) as counter:
        gv.trace(rnn, x, grad=True)  # one step after the other, with plain matrix products
    return counter.get_total_flops() // 2


@pytest.mark.parametrize(
    ("kind", "layers", "both"),
    list(itertools.product(PAIRS, (1, 2, 3), (False, True))),
    ids=lambda value: str(value)[-12:],
)
def test_the_count_is_torchs(kind: type[nn.RNNBase], layers: int, both: bool) -> None:
    rnn = kind(7, 11, num_layers=layers, bidirectional=both)
    found = gv.cost(rnn, STEPS)
    assert found.multiply_accumulates == multiplied(rnn, torch.randn(STEPS, 1, 7))
    assert found.parameters == sum(weight.numel() for weight in rnn.parameters())
    assert found.matrix_pairs == PAIRS[kind]
    state = rnn(torch.randn(STEPS, 1, 7))[1]
    parts = state if isinstance(state, tuple) else (state,)
    assert found.state_bytes == sum(part.numel() * part.element_size() for part in parts)


@pytest.mark.parametrize(
    "rnn",
    [
        nn.LSTM(7, 11, 2, proj_size=3),
        nn.GRU(7, 11, bias=False, batch_first=True),
        gv.GRU(7, 11, reset_after=False),
        BackwardGRU(7, 11),
        nn.RNN(7, 11, nonlinearity="relu").double(),
    ],
    ids=lambda rnn: type(rnn).__name__,
)
def test_every_make_is_counted(rnn: nn.RNNBase) -> None:
    x = torch.randn((1, STEPS, 7) if rnn.batch_first else (STEPS, 1, 7), dtype=next(rnn.parameters()).dtype)
    found = gv.cost(rnn, STEPS)
    assert found.multiply_accumulates == multiplied(rnn, x)
    state = rnn(x)[1]
    parts = state if isinstance(state, tuple) else (state,)
    assert found.state_bytes == sum(part.numel() * part.element_size() for part in parts)


def test_the_formulas_of_the_docstring() -> None:
    for kind, pairs in PAIRS.items():
        found = gv.cost(kind(20, 30), 1)
        assert found.multiply_accumulates == pairs * 30 * (20 + 30)
        assert found.parameters == pairs * 30 * (20 + 30 + 2)


def test_work_grows_with_the_steps_and_nothing_else_does() -> None:
    rnn = nn.GRU(4, 6)
    one, many, none = (gv.cost(rnn, steps) for steps in (1, 200, 0))
    assert many.multiply_accumulates == 200 * one.multiply_accumulates
    assert none.multiply_accumulates == 0
    assert (one.parameters, one.state_bytes) == (many.parameters, many.state_bytes)


def test_what_cannot_be_counted_says_so() -> None:
    with pytest.raises(InputError, match="not -1"):
        gv.cost(nn.GRU(4, 6), -1)
    with pytest.raises(InputError, match="Linear is not a recurrent layer"):
        gv.cost(nn.Linear(4, 6), 1)  # type: ignore[arg-type]
