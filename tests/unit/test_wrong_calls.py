"""Every public function with every kind of wrong value in every place: it works, or it is one sentence of ours."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import gru_viz as gv
from gru_viz.analysis.agreement import agreement
from gru_viz.analysis.price import prices
from gru_viz.analysis.what_if import what_if
from gru_viz.errors import GruVizError
from gru_viz.tracing.activations import Activations

torch.manual_seed(0)
GRU, LSTM = nn.GRU(5, 6, 2), nn.LSTM(5, 6)
X = torch.randn(4, 3, 5)
TRACE, OF_LSTM = gv.trace(GRU, X), gv.trace(LSTM, X)
DIFF = TRACE.diff(gv.trace(GRU, X + 1))
NAMES, ENGLISH, NUMBERS, SUNSPOTS = (gv.load(name) for name in ("names", "english", "example", "sunspots"))

WRONG: dict[str, Any] = {
    **{repr(v): v for v in (None, True, 0, -1, 7, 1.5, 2.0, float("nan"), float("-inf"), 10**30, 1j, Fraction(1, 2))},
    **{repr(v): v for v in ("", "0", "Z", "x\0", b"x", [], [1.5], ["a"], [[0]], [None], (), (1, 2), {}, {"a": 1}, {1})},
    **{
        f"{v!r} of NumPy": v
        for v in (np.float32(0.5), np.int64(1), np.bool_(True), np.datetime64("2020"), np.str_("a"))
    },
    "NaT": pd.NaT,
    "NA": pd.NA,
    "range": range(3),
    "generator": lambda: (i for i in [0]),
    "object": object(),
    "function": lambda: len,
    "class": nn.GRU,
    "path": Path("nowhere"),
    "0-dim tensor": torch.tensor(1),
    "0-dim float tensor": torch.tensor(1.5),
    "empty tensor": torch.zeros(0),
    "bool tensor": torch.zeros(4, 3, 5, dtype=torch.bool),
    "int tensor": torch.zeros(4, 3, 5, dtype=torch.int64),
    "complex tensor": torch.zeros(4, 3, 5, dtype=torch.complex64),
    "double tensor": torch.zeros(4, 3, 5, dtype=torch.float64),
    "half tensor": torch.zeros(4, 3, 5, dtype=torch.float16),
    "meta tensor": torch.zeros(4, 3, 5, device="meta"),
    "sparse tensor": torch.zeros(4, 3).to_sparse(),
    "flat tensor": torch.zeros(5),
    "pair of tensors": (torch.zeros(1, 3, 6), torch.zeros(1, 3, 6)),
    "complex array": np.zeros((4, 5), complex),
    "date array": np.zeros((4, 5), "datetime64[s]"),
    "object array": np.array([[object()] * 5], dtype=object),
    "text array": np.array([["a"] * 5]),
    "bool array": np.zeros((4, 5), bool),
    "float array": np.zeros((4, 5)),
    "Series": pd.Series([1.0, np.nan]),
    "Series of dates": pd.Series(pd.to_datetime(["2020-01-01"] * 5)),
    "DataFrame": pd.DataFrame({"a": [1, 2]}),
    "nullable DataFrame": pd.DataFrame({c: pd.array([1, None], dtype="Int64") for c in "abcde"}),
    "linear": nn.Linear(5, 6),
    "cell": nn.GRUCell(5, 6),
    "empty model": nn.Sequential(),
    "Trace": TRACE,
    "LayerTrace": TRACE.layer(0),
    "TraceDiff": DIFF,
    "model": NAMES,
    "clamp": gv.clamp("z", 1.0),
    "another trace": OF_LSTM,
    "another module": LSTM,
}


def entered(model: Any) -> None:
    with gv.record(model):
        pass


def written(*args: Any, **kwargs: Any) -> list:
    return list(islice(ENGLISH.generate(*args, **kwargs), 2))


CALLS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "trace": (gv.trace, {"rnn": GRU, "x": X, "hx": None, "lengths": None, "interventions": ()}),
    "trace of an LSTM": (gv.trace, {"rnn": LSTM, "x": X, "hx": None}),
    "step": (gv.step, {"rnn": GRU, "x_t": X[0], "h": torch.zeros(3, 6), "layer": 0, "direction": "forward"}),
    "step of an LSTM": (gv.step, {"rnn": LSTM, "x_t": X[0, 0], "h": (torch.zeros(6), torch.zeros(6))}),
    "clamp": (
        gv.clamp,
        {"quantity": "z", "value": 1.0, "units": None, "steps": None, "batch": None, "layer": 0},
    ),
    "cost": (gv.cost, {"rnn": GRU, "steps": 3}),
    "difference": (gv.difference, {"rnn": GRU, "trace": TRACE}),
    "terms": (gv.terms, {"rnn": GRU, "trace": TRACE, "layer": 0, "direction": "forward"}),
    "load": (gv.load, {"name_or_path": "names"}),
    "record": (entered, {"model": GRU}),
    "update_gate": (gv.update_gate, {"layer": TRACE.layer(0), "convention": "keep"}),
    "SequenceModel": (gv.SequenceModel, {"card": NAMES.card}),
    "Trace.layer": (TRACE.layer, {"k": 0, "direction": "forward"}),
    "Trace.to_frame": (TRACE.to_frame, {"layer": 0, "direction": "forward", "batch": 0}),
    "Trace.with_tokens": (TRACE.with_tokens, {"tokens": "abcd"}),
    "Trace.diff": (TRACE.diff, {"other": TRACE}),
    "Trace.load": (gv.Trace.load, {"path": "nowhere"}),
    "LayerTrace.quantity": (TRACE.layer(0).quantity, {"name": "z"}),
    "TraceDiff.layer": (DIFF.layer, {"k": 0, "direction": "forward"}),
    "TraceDiff.first_step": (DIFF.first_step, {"quantity": "z", "layer": 0, "direction": "forward", "tolerance": None}),
    "TraceDiff.first_steps": (DIFF.first_steps, {"layer": 0, "direction": "forward", "tolerance": None}),
    "SequenceModel.tokenize": (NAMES.tokenize, {"text": "anna"}),
    "SequenceModel.encode": (NAMES.encode, {"data": "anna"}),
    "SequenceModel.encode numbers": (NUMBERS.encode, {"data": [[1.0] * 5]}),
    "SequenceModel.trace": (NAMES.trace, {"data": "anna", "hx": None, "interventions": ()}),
    "SequenceModel.trace numbers": (NUMBERS.trace, {"data": [[1.0] * 5], "hx": None}),
    "SequenceModel.predict": (NAMES.predict, {"trace": NAMES.trace("anna"), "batch": 0}),
    "SequenceModel.generate": (written, {"prompt": "a", "n": 1, "temperature": 1.0, "seed": 0}),
    "solve": (gv.solve, {"rnn": GRU, "x": X, "hx": None, "lengths": None, "form": "full", "rounds": 1, "tolerance": 1}),
    "Solution.layer": (gv.solve(GRU, X, rounds=1).layer, {"k": 0, "direction": "forward"}),
    "occlusion": (gv.occlusion, {"model": NAMES, "data": "anna", "by": "mean", "of": None}),
    "occlusion of numbers": (gv.occlusion, {"model": SUNSPOTS, "data": [[1.0], [2.0]], "by": "mean", "of": None}),
    "agreement": (agreement, {"one": [1.0, 2.0], "two": [2.0, 1.0]}),
    "prices": (prices, {"width": 8, "lengths": (1, 2), "readers": ("GRU",)}),
    "what_if": (what_if, {"model": NAMES, "data": "anna", "clamps": (), "edited": None, "layer": 0, "batch": 0}),
}
PLACES = [(name, place) for name, (_, right) in CALLS.items() for place in right]


@pytest.mark.parametrize(("name", "place"), PLACES, ids=[f"{name}({place})" for name, place in PLACES])
def test_a_wrong_value_is_one_sentence(name: str, place: str) -> None:
    call, right = CALLS[name]
    call(**right) if name != "Trace.load" else None
    for label, wrong in WRONG.items():
        value = wrong() if label in ("generator", "function") else wrong
        try:
            call(**right | {place: value})
        except GruVizError as error:
            said = str(error)
            assert "\n" not in said, (label, said)
            assert 10 < len(said) < 700, (label, said)
        except Exception as error:  # noqa: BLE001
            pytest.fail(f"{name}({place}={label}): {type(error).__name__}: {str(error)[:300]}")


LENGTHS = [4, 2, 3]


@pytest.mark.parametrize(
    "lengths",
    [
        *(
            np.array(LENGTHS, kind)
            for kind in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
        ),
        *(torch.tensor(LENGTHS, dtype=kind) for kind in (torch.uint8, torch.uint16, torch.uint32, torch.uint64)),
        *(torch.tensor(LENGTHS, dtype=kind) for kind in (torch.int8, torch.int16, torch.int32)),
        pd.Series(LENGTHS, index=[7, 0, 2]),
        pd.Series(LENGTHS, dtype="Int64"),
        pd.Index(LENGTHS),
        tuple(LENGTHS),
        [np.int64(4), torch.tensor(2), np.uint8(3)],
    ],
    ids=lambda v: f"{type(v).__module__} {getattr(v, 'dtype', '')}",
)
def test_lengths_of_any_whole_kind_are_read_in_their_order(lengths: Any) -> None:
    wanted = gv.trace(GRU, X, lengths=torch.tensor(LENGTHS))
    found = gv.trace(GRU, X, lengths=lengths)
    assert torch.equal(found.output, wanted.output)
    assert found.layout.lengths.tolist() == LENGTHS


def test_lengths_may_be_a_range() -> None:
    assert gv.trace(GRU, X, lengths=range(1, 4)).layer(0).mask.sum(0).tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("lengths", "says"),
    [
        ([1.5, 2, 1], "Given: 1.5."),
        (torch.tensor([1.0, 2.0, 1.0]), "Given: np.float32(1.0)."),
        ([True, True, True], "Given: True."),
        (np.array([True, True, False]), "Given: np.True_."),
        (["1", "2", "3"], "Given: '1'."),
        ("123", "Given: '123'."),
        ([4, 3], "Given: [4, 3]."),
        (3, "Given: 3."),
        ([[4, 3, 2]], "Given: [4, 3, 2]."),
        ([4, -1, 2], "lengths[1] is -1; each length must be between 1 and the 4 steps of x."),
        (np.array([4, 2, 2**63], dtype=np.uint64), f"lengths[2] is {2**63};"),
    ],
)
def test_lengths_that_are_none_say_which(lengths: Any, says: str) -> None:
    with pytest.raises(gv.InputError) as error:
        gv.trace(GRU, X, lengths=lengths)
    assert says in str(error.value)


def test_a_step_starts_from_zeros_or_a_pair_however_it_is_held() -> None:
    zeros = torch.zeros(3, 6)
    assert torch.equal(gv.step(GRU, X[0]).h, gv.step(GRU, X[0], zeros).h)
    assert torch.equal(gv.step(LSTM, X[0], None).c, gv.step(LSTM, X[0], (zeros, zeros)).c)
    assert torch.equal(gv.step(LSTM, X[0], [zeros, zeros + 1]).c, gv.step(LSTM, X[0], (zeros, zeros + 1)).c)
    for x_t, h, says in (
        ([0.0] * 5, None, "x_t cannot be [0.0, 0.0, 0.0, 0.0, 0.0]; pass a torch.Tensor."),
        (np.zeros(5), None, "x_t cannot be "),
        (X[0].double(), None, "x_t is float64 but the module's weights are float32; convert one of them."),
        (X[0], zeros.double(), "h is float64 but the module's weights are float32; convert one of them."),
        (X[0], np.zeros((3, 6)), "h cannot be "),
    ):
        with pytest.raises(gv.InputError) as error:
            gv.step(GRU, x_t, h)
        assert str(error.value).startswith(says)


@pytest.mark.parametrize(
    "data",
    [
        np.ones((2, 5), complex),
        torch.ones(2, 5, dtype=torch.complex64),
        np.ones((2, 5), "datetime64[s]"),
        np.ones((2, 5), "timedelta64[s]"),
        pd.DataFrame({c: pd.to_datetime(["2020-01-01"]) for c in "abcde"}),
        [["1", "2", "3", "4", "5"]],
        [[1, 2, 3, 4, "5"]],
        np.array([[1, 2, 3, 4, np.datetime64("2020")]], dtype=object),
    ],
    ids=lambda v: type(v).__name__,
)
def test_what_is_no_number_is_not_made_one(data: Any) -> None:
    with pytest.raises(gv.InputError, match="These are not numbers"):
        NUMBERS.trace(data)


def test_whole_numbers_of_any_library_are_places() -> None:
    assert TRACE.layer(np.int64(1)) is TRACE.layer(1)
    assert TRACE.to_frame(batch=torch.tensor(2)).equals(TRACE.to_frame(batch=2))
    assert gv.cost(GRU, np.int32(3)) == gv.cost(GRU, 3)
    one, two = (list(ENGLISH.generate("a", n, 1.0, seed)) for n, seed in ((2, 1), (np.int64(2), np.int64(1))))
    assert one == two


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: DIFF.first_step("Z"), "This GRU has no 'Z'; it has r, z, n, h."),
        (lambda: TRACE.diff(None), "The other trace cannot be None; pass what gv.trace returns."),
        (lambda: TRACE.layer("0"), "There is no layer '0': this GRU has 2, numbered 0 to 1."),
        (lambda: TRACE.layer(1.0), "There is no layer 1.0: this GRU has 2, numbered 0 to 1."),
        (lambda: TRACE.layer(True), "There is no layer True: this GRU has 2, numbered 0 to 1."),
        (lambda: TRACE.to_frame(batch="0"), "There is no sequence '0': this trace has 3, numbered 0 to 2."),
        (lambda: TRACE.with_tokens(None), "tokens cannot be None; pass a label for each step."),
        (lambda: TRACE.with_tokens([1, 2, 3, 4]), "A token cannot be 1; pass texts alone."),
        (lambda: gv.update_gate(TRACE), "layer cannot be "),
        (lambda: gv.cost(GRU, 1.5), "The number of steps must be 0 or more, not 1.5."),
        (lambda: ENGLISH.generate("a", 1.5), "The number of symbols must be 0 or more, not 1.5."),
        (lambda: ENGLISH.generate("a", 1, -1), "The temperature must be 0 or more, not -1."),
        (lambda: ENGLISH.generate("a", 1, "a"), "The temperature must be 0 or more, not 'a'."),
        (lambda: ENGLISH.generate("a", 1, 1, "x"), "seed cannot be 'x'; pass a whole number of at most 63 bits."),
        (lambda: NAMES.predict(TRACE), "This trace has 6 values of h a step; the head of names reads "),
        (lambda: NAMES.predict(NAMES.trace("a"), 1), "There is no sequence 1: this trace has 1, numbered 0 to 0."),
    ],
)
def test_the_sentence_names_what_was_wrong(call: Callable[[], Any], says: str) -> None:
    with pytest.raises(gv.InputError) as error:
        call()
    assert str(error.value).startswith(says)


def test_what_was_made_before_a_server_loaded_its_sources_again_is_known() -> None:
    """Streamlit loads a changed module while it runs, and keeps traces and models of the classes from before."""
    trace = gv.trace(nn.GRU(2, 3), torch.randn(4, 1, 2))
    base = type("Activations", (), {"__module__": Activations.__module__})
    for name in ("cell", "num_layers", "directions", "hidden_size", "batch_size", "layer", "__len__"):
        setattr(base, name, Activations.__dict__[name])
    before = type("Trace", (base,), {"__module__": gv.Trace.__module__})
    old = before()
    old.__dict__.update(vars(trace))
    assert not isinstance(old, Activations)
    assert trace.diff(old).first_steps() == dict.fromkeys("rznh")
