"""Occlusion: what each table says is what the model says of the edited text, by any choice, for every task."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

import gru_viz as gv
from gru_viz.analysis import occlusion as module
from gru_viz.analysis.agreement import agreement
from gru_viz.models import available

TEXT = "abca"
FORWARD, BOTH = "names", "names-bigru"


def belief(model: gv.SequenceModel, text: str) -> torch.Tensor:
    return model.predict(model.trace(text)).double()


@pytest.mark.parametrize("name", [FORWARD, BOTH, "names-lstm", "syntax-backward"])
def test_a_table_says_what_the_model_says_of_the_edited_text(name: str) -> None:
    model = gv.load(name)
    found = gv.occlusion(model, TEXT, by="e", of=model.labels[1])
    plain = belief(model, TEXT)
    torch.testing.assert_close(found.probabilities.double(), plain[:, 1], atol=1e-5, rtol=1e-3)
    for step in range(len(TEXT)):
        edited = belief(model, TEXT[:step] + "e" + TEXT[step + 1 :])
        torch.testing.assert_close(found.replaced[:, step].double(), edited[:, 1], atol=1e-5, rtol=1e-3)
        changed = torch.logit(edited[:, 1]) - torch.logit(plain[:, 1])
        torch.testing.assert_close(found.changes[:, step].double(), changed, atol=1e-3, rtol=1e-3)
        distance = (edited - plain).abs().sum(1) / 2
        torch.testing.assert_close(found.distances[:, step].double(), distance, atol=1e-5, rtol=1e-3)
        assert found.flips[:, step].tolist() == (edited.argmax(1) != plain.argmax(1)).double().tolist()


@pytest.mark.parametrize(
    ("name", "upper", "lower"), [(FORWARD, False, True), (BOTH, True, True), ("python", False, True)]
)
def test_what_was_read_before_is_not_touched(name: str, upper: bool, lower: bool) -> None:
    changes = gv.occlusion(gv.load(name), "rossellini").changes
    assert bool(changes.triu(1).any()) == upper
    assert bool(changes.tril().any()) == lower


def test_every_other_character_is_their_mean(monkeypatch) -> None:
    model = gv.load("recall")
    symbols = model.vocabulary.symbols[1:]  # type: ignore[union-attr]
    found = gv.occlusion(model, TEXT, by="others", of="b")
    assert found.replacements == len(symbols) - 1
    each = [gv.occlusion(model, TEXT, by=symbol, of="b") for symbol in symbols]
    for step, typed in enumerate(TEXT):
        others = [one for one, symbol in zip(each, symbols, strict=True) if symbol != typed]
        for table in ("changes", "distances", "flips"):
            mean = torch.stack([getattr(one, table)[:, step] for one in others]).mean(0)
            torch.testing.assert_close(getattr(found, table)[:, step], mean, atol=1e-4, rtol=1e-3)
    monkeypatch.setattr(module, "MOST_OTHERS", 4)
    assert gv.occlusion(model, TEXT, by="others").replacements in (3, 4)


def test_batches_change_nothing(monkeypatch) -> None:
    model = gv.load("python-lstm")
    whole = gv.occlusion(model, "def f(x):", by="others")
    monkeypatch.setattr(module, "BATCH_BYTES", 2**17)
    parts = gv.occlusion(model, "def f(x):", by="others")
    torch.testing.assert_close(whole.changes, parts.changes, atol=1e-3, rtol=1e-3)


def test_what_is_asked_is_what_came_next_else_the_likeliest() -> None:
    model = gv.load("python")
    found = gv.occlusion(model, "for i")
    likeliest = belief(model, "for i")[-1].argmax()
    assert found.asked is not None
    assert "".join(model.labels[place] for place in found.asked[:-1]) == "or i"
    assert found.asked[-1] == likeliest
    classes = gv.load("syntax")
    assert torch.equal(gv.occlusion(classes, "for i").asked, belief(classes, "for i").argmax(1))  # type: ignore[arg-type]


def test_a_bracket_24_characters_back_is_remembered() -> None:
    text = "return (self.width * self.height"
    found = gv.occlusion(gv.load("python-rnn"), text, by=" ", of=")")
    assert round(float(found.probabilities[-1]), 2) == 0.18
    assert round(float(found.replaced[-1, text.index("(")]), 3) == 0.015


@pytest.mark.parametrize("name", available())
def test_every_shipped_model_is_looked_at_or_says_why_not(name: str) -> None:
    model = gv.load(name)
    data = "ab" if model.embedding is not None else np.arange(2.0 * model.rnn.input_size).reshape(2, -1)
    if model.head is None:
        with pytest.raises(gv.ModelError, match="has no head"):
            gv.occlusion(model, data)
        return
    found = gv.occlusion(model, data)
    assert found.changes.shape == found.distances.shape == found.flips.shape == (2, 2)
    assert found.changes.isfinite().all()
    assert found.distances.diagonal().any()


def test_a_forecast_is_measured_in_its_own_units() -> None:
    model, rows = gv.load("sunspots"), np.array([[10.0], [80.0], [30.0]])
    found = gv.occlusion(model, rows)
    plain, edited = (model.predict(model.trace(data))[:, 0] for data in (rows, [[10.0], [40.0], [30.0]]))
    torch.testing.assert_close(found.scores, plain, atol=1e-3, rtol=1e-5)
    torch.testing.assert_close(found.changes[:, 1], edited - plain, atol=1e-3, rtol=1e-3)
    assert found.asked is None


def test_stopped_early_the_rest_is_not_a_number(monkeypatch) -> None:
    monkeypatch.setattr(module, "BATCH_BYTES", 1)
    answers = iter([False, False, True])
    found = gv.occlusion(gv.load(FORWARD), TEXT, cancelled=lambda: next(answers))
    assert found.changes[:, :2].isfinite().all()
    assert found.changes[:, 2:].isnan().all()


@pytest.mark.parametrize(
    ("name", "data", "options", "says"),
    [
        (FORWARD, "ab", {"by": "é!"}, "does not know 'é!'"),
        (FORWARD, "ab", {"of": "Martian"}, "has no label 'Martian'"),
        (FORWARD, "ab", {"of": 30}, "from 0 to 29"),
        ("sunspots", [1.0], {"by": "others"}, 'by "mean" only'),
        ("sunspots", [1.0], {"of": 0}, "A forecast has no labels"),
        ("sunspots", np.zeros((2, 3, 1)), {}, "given were 3"),
        (FORWARD, "a" * 4001, {}, "at most 4000"),
    ],
)
def test_what_cannot_be_done_is_said(name: str, data: object, options: dict, says: str) -> None:
    with pytest.raises(gv.InputError, match=says):
        gv.occlusion(gv.load(name), data, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("ties", [False, True])
def test_agreement_is_spearmans_with_an_interval_that_holds_it(ties: bool) -> None:
    dice = np.random.default_rng(1)
    one = dice.normal(size=30)
    two = one + dice.normal(size=30)
    if ties:
        one, two = one.round(), two.round()
    found = agreement(one, two)
    assert found.value == pytest.approx(spearmanr(one, two).statistic)
    assert found.interval is not None
    assert -1 <= found.interval[0] < found.value < found.interval[1] <= 1
    assert found.n == 30
    assert agreement(one, np.exp(one)).value == pytest.approx(1)
    assert agreement(one, -one).value == pytest.approx(-1)


def test_of_few_or_equal_numbers_no_interval_is_formed() -> None:
    assert agreement([1.0, 2.0, 3.0], [3.0, 1.0, 2.0]).interval is None
    assert np.isnan(agreement(np.ones(12), np.arange(12)).value)
    with pytest.raises(gv.InputError, match="equally many"):
        agreement([1.0], [1.0, 2.0])
