"""What each direction knew: the halves add up to the model, and what a new text took back is found."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import gru_viz as gv
from gru_viz.analysis.two_ways import revised, shared, two_ways
from gru_viz.models import SequenceModel
from gru_viz.models.card import structure

LETTERS = ["\N{REPLACEMENT CHARACTER}", *"abcdefgh"]


def reader(*directions: str, kind: str = "classify") -> SequenceModel:
    """An untrained classifier of letters in three classes."""
    torch.manual_seed(0)
    return SequenceModel(
        structure(
            "untrained",
            kind,
            input_size=4,
            hidden_size=5,
            directions=directions,
            vocabulary={"symbols": LETTERS, "folds": False},
            labels=("x", "y", "z") if kind == "classify" else (),
        )
    )


def test_the_parts_add_up_to_the_models_own_belief() -> None:
    model = reader("forward", "backward")
    trace = model.trace("badface")
    found = two_ways(model, trace)
    np.testing.assert_allclose(found.both, model.predict(trace).numpy(), atol=1e-6)
    scores = found.left_logits + found.right_logits + found.bias
    again = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    np.testing.assert_allclose(again, found.both, atol=1e-6)
    for half in (found.left, found.right):
        np.testing.assert_allclose(half.sum(1), 1, atol=1e-6)


def test_the_bias_counts_whole_in_each_half() -> None:
    model = reader("forward", "backward")
    trace = model.trace("bad")
    with torch.no_grad():
        left = trace.layer(0, "forward").h[:, 0] @ model.head.weight[:, :5].T + model.head.bias
        right = trace.layer(0, "backward").h[:, 0] @ model.head.weight[:, 5:].T + model.head.bias
    np.testing.assert_allclose(two_ways(model, trace).left, left.softmax(-1).numpy(), atol=1e-6)
    np.testing.assert_allclose(two_ways(model, trace).right, right.softmax(-1).numpy(), atol=1e-6)


def test_a_half_knows_one_side_only() -> None:
    model = reader("forward", "backward")
    one, other = (two_ways(model, model.trace(text)) for text in ("badface", "badhead"))
    np.testing.assert_allclose(one.left[:3], other.left[:3], atol=1e-6)
    assert np.abs(one.right[:3] - other.right[:3]).max() > 1e-3
    np.testing.assert_allclose(one.right[5], two_ways(model, model.trace("hhhhhce")).right[5], atol=1e-6)


def test_the_parts_of_the_winning_logit_are_whole_and_feel_no_constant() -> None:
    model = reader("forward", "backward")
    trace = model.trace("badface")
    before = two_ways(model, trace)
    parts = before.parts(2)
    assert parts.total == max(before.parts(2, label).total for label in range(3))
    with torch.no_grad():
        model.head.weight += torch.randn(1, 10)  # the same for every class: no belief changes
        model.head.bias += 3
    after = two_ways(model, trace).parts(2)
    assert (after.left, after.right, after.bias) == pytest.approx((parts.left, parts.right, parts.bias), abs=1e-5)


@pytest.mark.parametrize("directions", [("forward",), ("backward",)])
def test_a_reader_of_one_way_cannot_be_taken_apart(directions: tuple[str, ...]) -> None:
    model = reader(*directions)
    with pytest.raises(gv.ModelError, match="reads both ways"):
        two_ways(model, model.trace("bad"))


def test_a_model_without_classes_cannot_be_taken_apart() -> None:
    model = reader("forward", kind="none")
    with pytest.raises(gv.ModelError, match="classifier"):
        two_ways(model, model.trace("bad"))


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        ("def", "define", [0, 1, 2, -1, -1, -1]),
        ("define", "def", [0, 1, 2]),
        ("define", "refine", [-1, 1, 2, 3, 4, 5]),
        ("ab", "aab", [0, -1, 1]),
        ("aab", "ab", [0, 2]),
        ("", "x", [-1]),
        ("xyz", "", []),
        ("same", "same", [0, 1, 2, 3]),
        ("abc", "xyz", [-1, -1, -1]),
    ],
)
def test_what_two_texts_share(before: str, after: str, places: list[int]) -> None:
    assert shared(before, after).tolist() == places


def test_what_was_taken_back() -> None:
    keyword, name = 0, 1
    found = revised("def", np.array([keyword, keyword, name]), "defi", np.array([name, name, name, name]))
    assert found.tolist() == [True, True, False, False]
    assert revised("", np.array([], dtype=int), "de", np.array([name, name])).tolist() == [False, False]
    assert revised("dog", np.array([name] * 3), "", np.array([], dtype=int)).tolist() == []


def test_a_forward_reader_never_takes_back_and_a_two_way_reader_may() -> None:
    """Causal: whatever is typed after a character, its answer stays; for the reader of both ways it need not."""
    letters = "badfacehgabbced"
    taken = {"forward": 0, "both": 0}
    for name, model in (("forward", reader("forward")), ("both", reader("forward", "backward"))):
        answers = [model.predict(model.trace(letters[:end])).argmax(-1).numpy() for end in range(1, len(letters) + 1)]
        for end in range(1, len(letters)):
            taken[name] += revised(letters[:end], answers[end - 1], letters[: end + 1], answers[end]).sum()
    assert taken["forward"] == 0
    assert taken["both"] > 0
