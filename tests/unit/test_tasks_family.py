"""Families: equally many parameters for every cell, the usual initialisations, names that the command line knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from gru_viz.cells import KINDS
from gru_viz.cells.quantities import Cell, Quantity
from gru_viz.cli import UNSHIPPED, ZOO, parser
from gru_viz.models.card import Card, structure
from gru_viz.tasks import TASKS, TRAINABLE
from gru_viz.tasks.family import BACKWARD, BIGRU, FORGET_BIAS, GRU, LSTM, RNN, Variant, fresh, matched, parameters


def card(variant: Variant, hidden: int) -> Card:
    symbols = {"symbols": ["�", *"abcdefgh"], "folds": False}
    return structure(
        *("small", "classify"),
        cell=variant.cell,
        directions=variant.directions,
        input_size=12,
        hidden_size=hidden,
        vocabulary=symbols,
        labels=("a", "b", "c"),
    )


@pytest.mark.parametrize("hidden", [16, 48, 224])
@pytest.mark.parametrize("variant", [GRU, LSTM, RNN, BIGRU, BACKWARD])
def test_no_width_comes_nearer_to_the_grus_parameters(variant: Variant, hidden: int) -> None:
    wanted = parameters(card(GRU, hidden))
    width = matched(card, variant, hidden)["hidden_size"]
    gap = abs(parameters(card(variant, width)) - wanted)
    assert gap <= 0.05 * wanted
    for other in (width - 1, width + 1):
        assert abs(parameters(card(variant, other)) - wanted) >= gap


def test_parameters_are_counted_as_torch_counts_them() -> None:
    assert parameters(card(LSTM, 9)) == sum(p.numel() for p in fresh(card(LSTM, 9), 0).parameters())


def test_an_lstm_starts_with_an_open_forget_gate_and_the_rest_as_torch_draws_it() -> None:
    model = fresh(card(LSTM, 10), 5)
    torch.manual_seed(5)
    plain = torch.nn.LSTM(12, 10)
    for quantity in (Quantity.I, Quantity.G, Quantity.O):
        for name in ("bias_ih_l0", "bias_hh_l0"):
            ours, theirs = model.rnn.get_parameter(name), plain.get_parameter(name)
            assert torch.equal(KINDS[Cell.LSTM].part(ours, quantity), KINDS[Cell.LSTM].part(theirs, quantity))
    assert torch.equal(model.rnn.weight_hh_l0, plain.weight_hh_l0)
    total = KINDS[Cell.LSTM].part(model.rnn.bias_ih_l0 + model.rnn.bias_hh_l0, Quantity.F)
    assert total.tolist() == [FORGET_BIAS] * 10


def test_every_task_is_named_after_its_cell_and_the_help_lists_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert tuple(TASKS) == ZOO
    assert tuple(TRAINABLE) == ZOO + UNSHIPPED
    assert all(task.name == name for name, task in TRAINABLE.items())
    with pytest.raises(SystemExit):
        parser().parse_args(["train", "--help"])
    listed = "".join(capsys.readouterr().out.split()).replace(",", " ")
    assert all(name in listed for name in TRAINABLE)


def test_make_trains_every_model() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")
    found = re.search(r"^MODELS +\?= ((?:.*\\\n)*.*)$", makefile, re.MULTILINE)
    assert found is not None
    assert tuple(found[1].replace("\\", " ").split()) == ZOO
