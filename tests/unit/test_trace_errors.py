"""Every wrong call gets one sentence: what was wrong, where, and what would fit."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import gru_viz as gv

GRU = nn.GRU(5, 6, 2)
LSTM = nn.LSTM(5, 6)
X = torch.zeros(4, 3, 5)


def with_nan(*place: int) -> torch.Tensor:
    x = X.clone()
    x[place] = float("nan")
    return x


def broken() -> nn.GRU:
    rnn = nn.GRU(5, 6, 2)
    with torch.no_grad():
        rnn.weight_hh_l1[2, 3] = float("inf")
    return rnn


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: gv.trace(GRU, torch.zeros(4, 3, 7)), "x has 7 features per step; this GRU(5, 6, 2) reads 5."),
        (
            lambda: gv.trace(GRU, torch.zeros(5)),
            "x has 1 dimensions, shape (5,); pass (T, B, 5), or (T, 5) for one sequence.",
        ),
        (
            lambda: gv.trace(nn.GRU(5, 6, batch_first=True), torch.zeros(1, 1, 1, 5)),
            "x has 4 dimensions, shape (1, 1, 1, 5); pass (B, T, 5), or (T, 5) for one sequence.",
        ),
        (
            lambda: gv.trace(GRU, torch.zeros(0, 3, 5)),
            "x has shape (0, 3, 5): there is no step to trace; pass at least one step of one sequence.",
        ),
        (lambda: gv.trace(GRU, [[1.0]]), "x is a list; pass a torch.Tensor or a PackedSequence."),
        (
            lambda: gv.trace(GRU, with_nan(2, 1, 4)),
            "x holds nan at step 2, batch 1, feature 4; replace or remove it.",
        ),
        (lambda: gv.trace(broken(), X), "weight_hh_l1 holds inf at row 2, column 3; replace or remove it."),
        (
            lambda: gv.trace(GRU, X, torch.zeros(1, 3, 6)),
            "h0 has shape (1, 3, 6); this GRU has 2 layers × 1 directions and 6 units, so h0 must be (2, 3, 6).",
        ),
        (
            lambda: gv.trace(LSTM, X, (torch.zeros(1, 3, 6), torch.zeros(1, 2, 6))),
            "c0 has shape (1, 2, 6); this LSTM has 1 layers × 1 directions and 6 units, so c0 must be (1, 3, 6).",
        ),
        (lambda: gv.trace(LSTM, X, torch.zeros(1, 3, 6)), "hx must be the pair (h0, c0) for this LSTM."),
        (
            lambda: gv.trace(GRU, X, lengths=[4, 5, 1]),
            "lengths[1] is 5; each length must be between 1 and the 4 steps of x.",
        ),
        (
            lambda: gv.trace(GRU, X, lengths=[4, 0, 1]),
            "lengths[1] is 0; each length must be between 1 and the 4 steps of x.",
        ),
        (lambda: gv.trace(GRU, X, lengths=[4]), "lengths must be 3 whole numbers, one per sequence of the batch."),
        (
            lambda: gv.trace(GRU, X, lengths=[1.5, 2.0, 1.0]),
            "lengths must be 3 whole numbers, one per sequence of the batch.",
        ),
        (
            lambda: gv.trace(GRU, nn.utils.rnn.pack_sequence([torch.zeros(2, 5)]), lengths=[2]),
            "A PackedSequence already carries its lengths; pass it without lengths, or a padded tensor with them.",
        ),
        (
            lambda: gv.trace(GRU, X.double()),
            "x is float64 but the module's weights are float32; convert one of them.",
        ),
        (
            lambda: gv.trace(nn.Linear(5, 6), X),
            "Linear is not a recurrent layer; pass an nn.GRU, nn.LSTM, nn.RNN or gv.GRU "
            "(for a model that contains one, use gv.record(model)).",
        ),
        (
            lambda: gv.trace(nn.GRU(5, 6, 2, dropout=0.5), X),
            "This GRU is in training mode with dropout 0.5 between its layers, whose random masks cannot be seen; "
            "call .eval() first, or set dropout to 0.",
        ),
        (lambda: gv.trace(GRU, X).layer(2), "There is no layer 2: this GRU has 2, numbered 0 to 1."),
        (
            lambda: gv.trace(GRU, X).layer(0, "backward"),
            "There is no direction 'backward': this GRU reads forward.",
        ),
        (lambda: gv.trace(GRU, X).with_tokens("abc"), "3 tokens do not label 4 steps; pass one per step."),
        (lambda: gv.trace(GRU, X).to_frame(batch=3), "There is no sequence 3: this trace has 3, numbered 0 to 2."),
        (
            lambda: gv.terms(LSTM, gv.trace(GRU, X)),
            "The trace is of a GRU(5, 6, 2), the module is a LSTM(5, 6, 1); pass the module the trace was made from.",
        ),
        (
            lambda: gv.trace(GRU, X).diff(gv.trace(LSTM, X)),
            "These traces cannot be compared: the cell is GRU in one and LSTM in the other.",
        ),
        (
            lambda: gv.update_gate(gv.trace(LSTM, X).layer(0)),
            "Only a GRU has an update gate; this is a layer of LSTM.",
        ),
        (lambda: gv.step(GRU, torch.zeros(4), torch.zeros(6)), "x_t has shape (4,); one step of this layer needs "),
        (lambda: gv.Trace.load("no/such.safetensors"), "There is no file no/such.safetensors."),
    ],
)
def test_the_sentence_says_what_and_where(call: object, sentence: str) -> None:
    with pytest.raises(gv.InputError) as error:
        call()
    assert str(error.value).startswith(sentence)
    assert error.value.code.count(".") == 1


def test_a_wrong_input_is_a_value_error_with_its_parts() -> None:
    with pytest.raises(ValueError, match="7 features") as error:
        gv.trace(GRU, torch.zeros(4, 3, 7))
    assert error.value.params == {"found": 7, "module": "GRU(5, 6, 2)", "wanted": 5}


def test_nan_in_the_padding_is_nobodys_business() -> None:
    trace = gv.trace(GRU, with_nan(3, 1, 0), lengths=[4, 3, 2])
    assert bool(torch.isfinite(trace.output).all())


def test_huge_but_finite_inputs_are_accepted() -> None:
    trace = gv.trace(GRU, torch.full((4, 3, 5), 3e38))
    assert bool(torch.isfinite(trace.output).all())


def test_a_truncated_file_is_named(tmp_path) -> None:
    path = tmp_path / "cut.safetensors"
    gv.trace(GRU, X).save(path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(gv.InputError, match=r"cut\.safetensors cannot be read as a trace"):
        gv.Trace.load(path)
