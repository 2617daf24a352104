"""Clamps said in every way people hold numbers: places and values of any library, and what cannot name a place."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import gru_viz as gv
from gru_viz.analysis.what_if import what_if
from gru_viz.tracing.edits import Clamp

T, B, H = 6, 2, 4
HELD = [1, 3]
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")


@pytest.fixture(scope="module")
def gru() -> nn.GRU:
    torch.manual_seed(0)
    return nn.GRU(3, H, dtype=torch.float64)


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    torch.manual_seed(1)
    return torch.randn(T, B, 3, dtype=torch.float64)


def held_at(gru: nn.GRU, x: torch.Tensor, clamp: Clamp) -> torch.Tensor:
    """(T, B, H) bool: where z is 2, a value no gate has by itself."""
    return gv.trace(gru, x, interventions=clamp).layer(0).z == 2


UNITS = {
    "list": HELD,
    "tuple": tuple(HELD),
    "set": set(HELD),
    "negative": [-3, -1],
    "iterator": lambda: iter(HELD),
    "dict's keys": {1: 0, 3: 0}.keys(),
    "range": range(1, 4, 2),
    "slice": slice(1, None, 2),
    "slice of NumPy's": slice(np.int64(1), np.uint8(4), torch.tensor(2)),
    "slice from the end": slice(-1, 0, -2),
    "NumPy's integers in a list": [np.int64(1), np.uint16(3)],
    "0-dim tensors in a list": [torch.tensor(1), torch.tensor(3, dtype=torch.int8)],
    "Series with its own index": pd.Series([1, 3], index=[9, 5]),
    "nullable Series": pd.Series([1, 3], dtype="Int64"),
    "Index": pd.Index([1, 3]),
    "nonzero": np.flatnonzero([0, 5, 0, 5]),
    "list mask": [False, True, False, True],
    "NumPy mask": np.array([False, True, False, True]),
    "NumPy's bools in a list": [np.False_, np.True_, np.False_, np.True_],
    "torch mask": torch.tensor([False, True, False, True]),
    "0-dim torch bools in a list": list(torch.tensor([False, True, False, True])),
    "Series mask": pd.Series([False, True, False, True], index=[3, 2, 1, 0]),
    "nullable mask": pd.Series([False, True, False, True], dtype="boolean"),
    "compared": torch.tensor([0.0, 1.0, 0.0, 1.0]) > 0.5,
    **{f"NumPy {kind}": np.array(HELD, dtype=kind) for kind in INTEGERS},
    **{f"torch {kind}": torch.tensor(HELD, dtype=getattr(torch, kind)) for kind in INTEGERS},
}


@pytest.mark.parametrize("named", UNITS.values(), ids=UNITS)
def test_places_of_every_kind_name_the_same_units(gru: nn.GRU, x: torch.Tensor, named: object) -> None:
    wanted = torch.zeros(T, B, H, dtype=torch.bool)
    wanted[..., HELD] = True
    clamp = gv.clamp("z", 2.0, units=named() if callable(named) else named)
    assert torch.equal(held_at(gru, x, clamp), wanted)
    assert torch.equal(held_at(gru, x, clamp), wanted)  # an iterator is read once, a clamp as often as wanted


@pytest.mark.parametrize(
    "one",
    [
        *(np.dtype(kind).type(3) for kind in INTEGERS),
        *(torch.tensor(3, dtype=getattr(torch, kind)) for kind in INTEGERS),
        np.array(3),
        torch.tensor([0.1, 0.2, 0.3, 0.9]).argmax(),
        np.array([0.1, 0.2, 0.3, 0.9]).argmax(),
        pd.Series([0.1, 0.2, 0.3, 0.9]).argmax(),
        -1,
    ],
    ids=repr,
)
def test_one_index_of_any_library(gru: nn.GRU, x: torch.Tensor, one: object) -> None:
    wanted = torch.zeros(T, B, H, dtype=torch.bool)
    wanted[..., 3] = True
    assert torch.equal(held_at(gru, x, gv.clamp("z", 2.0, units=one)), wanted)


@pytest.mark.parametrize("library", [list, np.array, torch.tensor, pd.Series])
@given(data=st.data())
def test_a_mask_on_each_axis_is_what_the_library_itself_selects(library, data) -> None:
    rnn, x = nn.GRU(3, H), torch.zeros(T, B, 3)
    masks = [
        data.draw(st.lists(st.booleans(), min_size=size, max_size=size).filter(any), label=name)
        for name, size in (("steps", T), ("batch", B), ("units", H))
    ]
    steps, batch, units = (torch.tensor(mask) for mask in masks)
    wanted = steps[:, None, None] & batch[None, :, None] & units[None, None, :]
    clamp = gv.clamp("z", 2.0, **dict(zip(("steps", "batch", "units"), map(library, masks), strict=True)))
    assert torch.equal(held_at(rnn, x, clamp), wanted)


@pytest.mark.parametrize(
    "named",
    [
        *("1", "12", "", b"12", bytearray(b"12"), "first", np.str_("1")),
        *(2.7, 2.0, np.float32(1), np.float64(2.7), torch.tensor(1.0), torch.tensor(2.7), Fraction(1, 2), Decimal(1)),
        *([2.7], [0, 1.0], np.array([1.0, 2.0]), torch.tensor([1.0, 2.0]), [float("nan")], float("nan"), [None]),
        *([[0, 1]], [[0], [1]], np.zeros((2, 2), int), torch.zeros(2, 2, dtype=torch.int64), ([0], 1)),
        *(np.zeros((1, 4), bool), torch.ones(2, 4, dtype=torch.bool), np.nonzero(np.ones(3))),
        *(True, False, np.True_, np.array(True), torch.tensor(True), [True, 1, 0, 1], [0, False]),
        *({1: 2}, {}, object(), 1j, [1j], pd.DataFrame({"a": [1]}), pd.NA, [1, pd.NA], pd.Series([True, pd.NA])),
        *(slice("a", None), slice(1.0, 3), slice(None, None, 0), slice(True, None), slice(None, [1])),
        *(np.datetime64("2020-01-01"), np.timedelta64(1), np.array(["1"]), np.array([1, 2], dtype=object)[:0][None]),
    ],
    ids=lambda named: repr(named).partition(" object at ")[0],
)
@pytest.mark.parametrize("axis", ["units", "steps", "batch"])
def test_what_names_no_place_is_refused_in_one_sentence(named: object, axis: str) -> None:
    with pytest.raises(gv.InputError) as error:
        gv.clamp("z", 1.0, **{axis: named})
    assert error.value.code == "clamp.place"
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 250


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"units": [True] * 3}, "The clamp's mask of units has 3 values; there are 4 units, one value each."),
        ({"units": [True] * 6}, "The clamp's mask of units has 6 values; there are 4 units, one value each."),
        ({"steps": [True] * 4}, "The clamp's mask of steps has 4 values; there are 6 steps, one value each."),
        ({"units": [False] * 4}, "The clamp names unit nothing; there are 4, numbered 0 to 3."),
        ({"units": torch.zeros(4).bool()}, "The clamp names unit nothing; there are 4, numbered 0 to 3."),
        ({"units": np.array([])}, "The clamp names unit nothing; there are 4, numbered 0 to 3."),
        ({"units": range(0)}, "The clamp names unit nothing; there are 4, numbered 0 to 3."),
        ({"units": set()}, "The clamp names unit nothing; there are 4, numbered 0 to 3."),
        ({"steps": slice(3, 3)}, "The clamp names step 3:3; there are 6, numbered 0 to 5."),
        ({"steps": range(4, 10**30)}, f"The clamp names step 4:{10**30}; there are 6, numbered 0 to 5."),
        ({"units": np.uint64(2**64 - 1)}, f"The clamp names unit {2**64 - 1}; there are 4, numbered 0 to 3."),
        ({"units": torch.tensor([-5])}, "The clamp names unit -5; there are 4, numbered 0 to 3."),
        ({"layer": np.int64(1)}, "There is no layer 1: this GRU has 1, numbered 0 to 0."),
        ({"layer": "0"}, "A clamp's layer is a whole number, not '0'."),
        ({"layer": 1.0}, "A clamp's layer is a whole number, not 1.0."),
        ({"layer": True}, "A clamp's layer is a whole number, not True."),
        ({"layer": None}, "A clamp's layer is a whole number, not None."),
        ({"direction": 0}, "There is no direction '0': this GRU reads forward."),
        ({"direction": None}, "There is no direction 'None': this GRU reads forward."),
        ({"quantity": None}, "There is no quantity 'None' to clamp; choose one of z, r, n, h, i, f, g, o, c."),
        ({"quantity": ["z"]}, "There is no quantity '['z']' to clamp; choose one of z, r, n, h, i, f, g, o, c."),
        ({"quantity": np.array(["z", "r"])}, "There is no quantity 'array(['z', 'r'], dtype='<U1')' to clamp; "),
        ({"quantity": "Z"}, "There is no quantity 'Z' to clamp; choose one of z, r, n, h, i, f, g, o, c."),
    ],
)
def test_places_that_are_not_there(gru: nn.GRU, x: torch.Tensor, arguments: dict, sentence: str) -> None:
    with pytest.raises(gv.InputError) as error:
        gv.trace(gru, x, interventions=gv.clamp(**{"quantity": "z", "value": 1.0, **arguments}))
    assert str(error.value).startswith(sentence)


@pytest.mark.parametrize(
    "value",
    [
        *(0.5, np.float16(0.5), np.float32(0.5), np.float64(0.5), np.longdouble(0.5), Fraction(1, 2), Decimal("0.5")),
        *(np.array(0.5), torch.tensor(0.5), torch.tensor(0.5, dtype=torch.bfloat16)),
        *(torch.tensor(0.5, requires_grad=True), torch.tensor([0.5, 0.25]).max()),
    ],
    ids=repr,
)
def test_a_value_of_any_library(value: object) -> None:
    clamp = gv.clamp("z", value)
    assert clamp == gv.clamp("z", 0.5)
    assert type(clamp.value) is float


@pytest.mark.parametrize("value", [1, np.int8(1), np.uint64(1), torch.tensor(1), np.array(1)], ids=repr)
def test_a_whole_value_is_a_number_too(value: object) -> None:
    assert gv.clamp("z", value).value == 1.0


@pytest.mark.parametrize(
    "value",
    [
        *(True, np.True_, torch.tensor(True), 1j, np.complex64(1), torch.tensor(1j), "0.5", b"1", None, [0.5]),
        *(torch.tensor([0.5]), np.array([0.5]), float("nan"), float("-inf"), np.float32("inf"), 10**400, pd.NA, pd.NaT),
        *(np.datetime64("2020-01-01"), np.timedelta64(1), pd.Series([0.5]), object(), torch.empty((), device="meta")),
        *(Decimal("nan"), Decimal("snan"), Decimal("1e999"), {}, torch.full((3, 4), 0.5)),
    ],
    ids=lambda value: str(value).partition(" object at ")[0][:30],
)
def test_what_is_no_finite_number_is_refused(value: object) -> None:
    with pytest.raises(gv.InputError, match=r"^A clamp needs a finite number, not ") as error:
        gv.clamp("z", value)
    assert "\n" not in str(error.value)


def test_a_clamp_is_a_value() -> None:
    mask, indices = np.array([True, False, True, False]), torch.tensor([0, 2])
    by_mask, by_index = gv.clamp("z", 1.0, units=mask), gv.clamp("z", 1.0, units=indices, steps=slice(2, 5))
    mask[:], indices[:] = False, 3
    assert by_mask == gv.clamp("z", 1, units=[True, False, True, False])
    assert by_index == gv.clamp("z", np.float32(1), units=(0, 2), steps=slice(np.int64(2), 5, 1))
    assert by_mask != by_index
    assert len({by_mask, by_index, copy.deepcopy(by_mask), pickle.loads(pickle.dumps(by_index))}) == 2
    with pytest.raises(AttributeError):
        by_mask.value = 0.0
    assert gv.clamp("z", 1.0, units=3) == gv.clamp("z", 1.0, units=[3]) == gv.clamp("z", 1.0, units=range(3, 4))


def test_a_clamp_made_by_its_class_is_checked_alike() -> None:
    assert gv.Clamp("z", 1, [0, 1]) == gv.clamp("z", 1.0, units=[0, 1])
    with pytest.raises(gv.InputError, match="cannot name a unit by '12'"):
        gv.Clamp("z", 1.0, "12")


def test_one_clamp_needs_no_list(gru: nn.GRU, x: torch.Tensor) -> None:
    clamp = gv.clamp("z", 1.0, units=[3])
    wanted = gv.trace(gru, x, interventions=[clamp]).output
    for several in (clamp, (clamp,), iter([clamp]), {clamp}):
        assert torch.equal(gv.trace(gru, x, interventions=several).output, wanted)
    assert torch.equal(gv.trace(gru, x, interventions=None).output, gv.trace(gru, x).output)
    model = gv.load("names")
    held = model.trace("anna", interventions=clamp)
    assert torch.equal(held.output, model.trace("anna", interventions=[clamp]).output)
    assert torch.equal(what_if(model, "anna", clamp).b.output, held.output)


@pytest.mark.parametrize("wrong", ["z", 3, ["z"], [None], {"z": 1.0}, torch.ones(2), [("z", 1.0)], b"z", 1.5, object()])
def test_an_intervention_that_is_no_clamp_is_named(gru: nn.GRU, x: torch.Tensor, wrong: object) -> None:
    model = gv.load("names")
    for call in (
        lambda: gv.trace(gru, x, interventions=wrong),
        lambda: model.trace("anna", interventions=wrong),
        lambda: what_if(model, "anna", wrong),
    ):
        with pytest.raises(gv.InputError, match=r"^interventions holds .*; pass what gv\.clamp") as error:
            call()
        assert "\n" not in str(error.value)
