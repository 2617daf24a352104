"""What an influence is asked for: the direction in which an answer's log-odds move."""

from __future__ import annotations

import pytest
import torch

import gru_viz as gv
from gru_viz.analysis.log_odds import NOTHING, directions, likeliest, what_came_next


def test_a_step_along_the_direction_moves_the_log_odds_by_its_length() -> None:
    model = gv.load("names")
    trace = model.trace("rossi")
    answers = likeliest(model, trace)
    v = directions(model, trace, answers).double()
    h, head = trace.layer(-1).h[:, 0].double(), model.head.double()

    def log_odds(states: torch.Tensor) -> torch.Tensor:
        p = head(states).softmax(-1).gather(-1, answers.unsqueeze(-1))[:, 0]
        return (p / (1 - p)).log().detach()

    moved = (log_odds(h + 1e-4 * v) - log_odds(h)) / 1e-4
    torch.testing.assert_close(moved, v.square().sum(-1), rtol=1e-3, atol=1e-4)


def test_what_came_next_is_asked_of_every_step_but_the_last() -> None:
    model = gv.load("python")
    reading = model.tokenize("def f(x):")
    answers = what_came_next(reading)
    assert answers.tolist() == [*reading.ids[1:].tolist(), NOTHING]
    trace = model.trace(reading)
    found = gv.influence(model.rnn, trace, directions(model, trace, answers))
    assert not found[-1].any()
    assert (found[:-1].diagonal() > 0).all()


def test_a_model_without_a_head_is_asked_nothing() -> None:
    model = gv.load("example")
    with pytest.raises(gv.ModelError, match="has no head"):
        directions(model, model.trace([[0.0] * 5] * 3), 0)
