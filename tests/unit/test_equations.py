"""The equations on screen: correctly rounded, and a reader with a calculator finds nothing wrong."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import gru_viz as gv
from gru_viz.analysis.contributors import contributors
from gru_viz.analysis.digits import Shown, rounded, shown, sigmoid, written
from gru_viz.analysis.equations import Activations, Equations, equations, sum_of

NUMBERS = st.floats(-30, 30, allow_nan=False, width=32)


@given(st.lists(NUMBERS, min_size=4, max_size=4))
def test_the_displayed_summands_come_to_the_displayed_total(parts: list[float]) -> None:
    value = sigmoid(math.fsum(parts))
    seen = shown(parts, sum_of, value, sigmoid)
    assert adds_up(seen)
    assert rounded(sigmoid(float(seen.total)), places(seen.value)) == seen.value
    for part, exact in zip(seen.parts, parts, strict=True):
        digits = -int(part.as_tuple().exponent)
        assert abs(part - Decimal(exact)) <= Decimal(1).scaleb(-digits) / 2


def adds_up(seen: Shown) -> bool:
    """What a reader finds with a calculator; the total may have one digit fewer than its parts, never more."""
    assert places(seen.parts[0]) - 1 <= places(seen.total) <= places(seen.parts[0])
    return round(sum(seen.parts, Decimal(0)), places(seen.total)) == seen.total


def test_thirds_add_up_too() -> None:
    third = 0.3333333432674408
    seen = shown([0.0, 0.0, third, third], sum_of, sigmoid(2 * third), sigmoid)
    assert adds_up(seen)


def test_a_number_is_rounded_once_and_has_no_negative_zero() -> None:
    assert str(rounded(0.0005, 3)) == "0.001"  # the float just above five ten-thousandths
    assert str(rounded(-0.0001, 3)) == "0.000"
    assert written(Decimal("-1.50")) == "−1.50"


@pytest.fixture(scope="module")
def traced() -> tuple[nn.GRU, gv.Trace]:
    torch.manual_seed(1)
    rnn = nn.GRU(6, 16, num_layers=2)
    return rnn, gv.trace(rnn, 3 * torch.randn(9, 2, 6))


def all_equations(traced: tuple[nn.GRU, gv.Trace], convention: str) -> list[tuple[Equations, Activations]]:
    rnn, trace = traced
    found = []
    for layer in range(2):
        terms, values = gv.terms(rnn, trace, layer), trace.layer(layer)
        for place in [(t, b, u) for t in range(9) for b in range(2) for u in range(16)]:
            at = Activations(*(float(values.quantity(name)[place]) for name in ("r", "z", "n", "h", "h_prev")))
            found.append((equations(terms, at, place, "new" if convention == "new" else "keep"), at))
    return found


@pytest.mark.parametrize("convention", ["keep", "new"])
def test_every_equation_adds_up_as_displayed(traced: tuple[nn.GRU, gv.Trace], convention: str) -> None:
    for found, at in all_equations(traced, convention):
        for gate in (found.r, found.z):
            assert adds_up(gate)
            assert rounded(sigmoid(float(gate.total)), places(gate.value)) == gate.value
        a, b_ih, r, b, b_hh = found.n.parts
        assert round(a + b_ih + r * (b + b_hh), places(found.n.total)) == found.n.total
        assert rounded(math.tanh(float(found.n.total)), places(found.n.value)) == found.n.value
        write, n, before = found.h.parts
        assert round(write * n + (1 - write) * before, places(found.h.total)) == found.h.total
        assert round(found.h.total, places(found.h.value)) == found.h.value
        assert found.h.value == rounded(at.h, places(found.h.value))
        assert found.kept + found.written == pytest.approx(at.h, abs=1e-6)


def places(value: Decimal) -> int:
    return -int(value.as_tuple().exponent)


def test_the_convention_turns_z_and_nothing_else(traced: tuple[nn.GRU, gv.Trace]) -> None:
    for (keep, at), (new, _) in zip(all_equations(traced, "keep"), all_equations(traced, "new"), strict=True):
        assert (keep.r, keep.n, keep.h) == (new.r, new.n, new.h)
        assert float(keep.z.value) == pytest.approx(at.z, abs=6e-4)
        assert float(new.z.value) == pytest.approx(1 - at.z, abs=6e-4)
        assert float(new.z.total) == pytest.approx(-float(keep.z.total), abs=2e-3)


def test_contributors_add_up_to_the_recurrent_part(traced: tuple[nn.GRU, gv.Trace]) -> None:
    rnn, trace = traced
    place = (5, 1, 3)
    everyone = contributors(rnn, trace, place, layer=1, most=16)
    part = trace.layer(1).r[place] * gv.terms(rnn, trace, 1)["n"].recurrent[place]
    assert sum(value for _, value in everyone) == pytest.approx(float(part), abs=1e-6)
    assert [unit for unit, _ in contributors(rnn, trace, place, layer=1)] == [unit for unit, _ in everyone[:5]]
    assert sorted((abs(value) for _, value in everyone), reverse=True) == [abs(value) for _, value in everyone]
