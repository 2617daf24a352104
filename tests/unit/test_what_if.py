"""What if: both runs are the tracer's own, and every number says what a comparison by hand says."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import gru_viz as gv
from gru_viz.analysis.what_if import Change, what_if, with_character
from gru_viz.engines.made import Precision
from gru_viz.models import SequenceModel, seeded
from gru_viz.models.reading import clusters

LIMIT = Precision.FLOAT32.tolerance


@cache
def model(name: str) -> SequenceModel:
    return gv.load(name)


def same(one: gv.Trace, two: gv.Trace) -> bool:
    pairs = [(one.layer(k).values, two.layer(k).values) for k in range(one.num_layers)]
    return all(torch.equal(a[q], b[q]) for a, b in pairs for q in a)


@st.composite
def clamps(draw: st.DrawFn, steps: int, units: int) -> list[gv.Clamp]:
    one = st.builds(
        gv.clamp,
        st.sampled_from("zrnh"),
        st.sampled_from([0.0, 0.5, 1.0]),
        units=st.one_of(st.none(), st.integers(0, units - 1)),
        steps=st.integers(0, steps - 1),
    )
    return draw(st.lists(one, max_size=2))


@given(st.data(), st.sampled_from(["", "b", "é"]), st.integers(0, 4))
def test_equals_two_traces_compared_by_hand(data: st.DataObject, character: str, step: int) -> None:
    names = model("names")
    held = data.draw(clamps(5, names.rnn.hidden_size))
    text = "smith"
    edited = with_character(text, step, character) if character else None
    found = what_if(names, text, held, edited)

    a = names.trace(text)
    b = gv.trace(names.rnn, names.embed(names.encode(edited or text)), interventions=held)
    assert same(found.a, a)
    assert same(found.b, b)
    assert found.b.tokens == clusters(edited or text)
    assert found.diff.steps == 5
    assert found.first.keys() == found.largest.keys() == {"z", "r", "n", "h"}
    by_torch = a.diff(b).first_steps(0)
    for q, first in found.first.items():
        gap = (b.layer(0).quantity(q) - a.layer(0).quantity(q))[:, 0].abs()
        assert (first.step if first else None) == by_torch[q]
        if first is None:
            assert found.largest[q] is None
            assert gap.max() <= LIMIT
            continue
        assert gap[: first.step].max() <= LIMIT if first.step else True
        assert abs(first.by) == pytest.approx(gap[first.step].max().item(), abs=1e-6)
        largest = found.largest[q]
        assert largest is not None
        assert abs(largest.by) == pytest.approx(gap.max().item(), abs=1e-6)
        for said in (first, largest):
            assert said.quantity == q
            assert said.a == a.layer(0).quantity(q)[said.step, 0, said.unit].item()
            assert said.b == b.layer(0).quantity(q)[said.step, 0, said.unit].item()


def test_the_belief_of_both_runs() -> None:
    names = model("names")
    found = what_if(names, "rossi", edited="rosso").belief
    assert found is not None
    a, b = (names.predict(names.trace(text)).double().numpy() for text in ("rossi", "rosso"))
    np.testing.assert_array_equal(found.a, a)
    np.testing.assert_array_equal(found.b, b)
    np.testing.assert_allclose(found.distance, np.abs(a - b).sum(1) / 2)
    assert found.first == found.largest == 4
    assert 0 < found.distance[4] <= 1
    for leader, belief in zip(found.end, (a[-1], b[-1]), strict=True):
        assert leader.label == names.labels[belief.argmax()] == names.labels[leader.index]
        assert leader.probability == belief.max()
    assert found.at(3)[0] == found.at(3)[1]


def test_a_longer_text_is_compared_from_the_start() -> None:
    found = what_if(model("names"), "ros", edited="rossi")
    assert found.diff.steps == 3
    assert set(found.first.values()) == {None}
    belief = found.belief
    assert belief is not None
    assert (len(belief.a), len(belief.b), len(belief.distance)) == (3, 5, 3)
    assert belief.first is None
    assert [leader.probability for leader in belief.end] == [belief.a[2].max(), belief.b[4].max()]


def test_without_a_change_nothing_parts() -> None:
    found = what_if(model("english"), "In the")
    assert set(found.first.values()) | set(found.largest.values()) == {None}
    assert found.belief is not None
    assert found.belief.first is None
    assert found.belief.distance.max() == 0


def test_what_a_shut_gate_does() -> None:
    """z held at 1 from step 2 on: the memory stays what it was, so h parts where z does and r a step later."""
    found = what_if(model("names"), "rossellini", [gv.clamp("z", 1.0, steps=slice(2, None))])
    assert found.first["z"] is not None
    assert found.first["h"] is not None
    assert found.first["r"] is not None
    assert (found.first["z"].step, found.first["h"].step, found.first["r"].step) == (2, 2, 3)
    assert found.first["z"].b == 1.0
    h = found.b.layer(0).h
    assert torch.equal(h[1].expand_as(h[2:]), h[2:])
    belief = found.belief
    assert belief is not None
    assert belief.first == 2


def test_another_layer_is_asked_for() -> None:
    two = seeded(3, 4, num_layers=2)
    numbers = [[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]]
    held = [gv.clamp("r", 0.0, units=1, steps=1, layer=1)]
    assert set(what_if(two, numbers, held).first.values()) == {None}
    first = what_if(two, numbers, held, layer=1).first
    assert isinstance(first["r"], Change)
    assert (first["r"].step, first["r"].unit, first["r"].b) == (1, 1, 0.0)
    assert first["z"] is None


def test_numbers_have_a_forecast_or_none() -> None:
    assert what_if(seeded(1, 4), [[1.0], [2.0]]).belief is None
    found = what_if(model("sunspots"), [10.0, 50.0, 90.0], edited=[10.0, 60.0, 90.0]).belief
    assert found is not None
    assert found.first == 1
    assert found.distance[1] == abs(found.b[1, 0] - found.a[1, 0])
    assert found.at(1)[0].label == ""
    assert found.at(1)[0].probability == found.a[1, 0]


@given(
    st.text("aé한\N{COMBINING ACUTE ACCENT}\r\n👍🏽", min_size=1, max_size=6), st.integers(0, 9), st.text(max_size=3)
)
def test_an_edit_changes_one_character_or_is_refused(text: str, step: int, character: str) -> None:
    tokens, put = clusters(text), clusters(character)
    wanted = (*tokens[:step], *put, *tokens[step + 1 :])
    if step < len(tokens) and len(put) == 1 and clusters("".join(wanted)) == wanted:
        assert clusters(with_character(text, step, character)) == wanted
    else:
        with pytest.raises(gv.InputError):
            with_character(text, step, character)


@pytest.mark.parametrize(
    ("text", "step", "character", "code"),
    [
        ("anna", 4, "b", "edit.step"),
        ("anna", -1, "b", "edit.step"),
        ("", 0, "b", "edit.step"),
        ("anna", 1, "", "edit.character"),
        ("anna", 1, "bc", "edit.character"),
        ("anna", 1, "\N{COMBINING ACUTE ACCENT}", "edit.character"),
        ("a\n", 0, "\r", "edit.character"),
    ],
)
def test_edits_that_do_not_fit(text: str, step: int, character: str, code: str) -> None:
    with pytest.raises(gv.InputError) as caught:
        with_character(text, step, character)
    assert caught.value.code == code


def test_what_the_model_or_the_tracer_refuses_is_refused() -> None:
    names = model("names")
    for wrong in (
        lambda: what_if(names, ""),
        lambda: what_if(names, "anna", edited=""),
        lambda: what_if(names, [1.0]),
        lambda: what_if(names, "anna", [gv.clamp("z", 1.0, steps=4)]),
        lambda: what_if(names, "anna", [gv.clamp("f", 1.0)]),
        lambda: what_if(names, "anna", layer=1),
        lambda: what_if(names, "anna", direction="backward"),
        lambda: what_if(names, "anna", batch=1),
    ):
        with pytest.raises(gv.InputError):
            wrong()
