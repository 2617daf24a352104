"""SequenceModel: encode, trace, predict, generate; on small seeded models, so that nothing depends on the zoo."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from gru_viz.errors import InputError, ModelError
from gru_viz.models import SequenceModel, Vocabulary, seeded
from gru_viz.models.card import structure

LETTERS = Vocabulary.of("abcdefgh ")


def built(kind: str, **sizes: object) -> SequenceModel:
    symbols = {"symbols": list(LETTERS.symbols), "folds": False}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return SequenceModel(
            structure("small", kind, input_size=4, hidden_size=7, vocabulary=symbols, **sizes)  # type: ignore[arg-type]
        ).eval()


@pytest.fixture
def writer() -> SequenceModel:
    return built("next")


@pytest.fixture
def classifier() -> SequenceModel:
    return built("classify", labels=("left", "right", "both"), num_layers=2)


@pytest.fixture
def forecaster() -> SequenceModel:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        scale = {"mean": 50.0, "deviation": 20.0}
        return SequenceModel(structure("sun", "forecast", input_size=1, hidden_size=5, normalisation=scale)).eval()


def test_a_trace_is_torchs_own_forward_with_the_typed_tokens(classifier: SequenceModel) -> None:
    trace = classifier.trace("abx")
    assert classifier.embedding is not None
    expected, last = classifier.rnn(classifier.embedding(torch.tensor([LETTERS.id("a"), LETTERS.id("b"), 0]))[:, None])
    torch.testing.assert_close(trace.output, expected, atol=2e-6, rtol=0)
    torch.testing.assert_close(trace.final, last, atol=2e-6, rtol=0)
    assert trace.tokens == ("a", "b", "x")
    assert (len(trace), trace.batch_size, trace.num_layers) == (3, 1, 2)


def test_predictions_are_probabilities_and_the_heads_own(classifier: SequenceModel) -> None:
    trace = classifier.trace("abcabc")
    beliefs = classifier.predict(trace)
    assert beliefs.shape == (6, 3)
    torch.testing.assert_close(beliefs.sum(-1), torch.ones(6))
    scores, _ = classifier(classifier.encode("abcabc")[:, None])
    torch.testing.assert_close(beliefs, scores[:, 0].softmax(-1), atol=1e-6, rtol=0)
    assert not beliefs.requires_grad


def test_a_belief_depends_on_the_past_only(classifier: SequenceModel) -> None:
    one, other = (classifier.predict(classifier.trace(text)) for text in ("abcd", "abce"))
    assert torch.equal(one[:3], other[:3])
    assert not torch.allclose(one[3], other[3])


def test_a_forecast_is_in_the_datas_own_units(forecaster: SequenceModel) -> None:
    numbers = [40.0, 60.0, 80.0]
    assert forecaster.encode(numbers).squeeze(1).tolist() == pytest.approx([-0.5, 0.5, 1.5])
    scores, _ = forecaster(torch.tensor([[[-0.5]], [[0.5]], [[1.5]]]))
    predicted = forecaster.predict(forecaster.trace(numbers))
    torch.testing.assert_close(predicted, scores[:, 0] * 20 + 50)
    assert predicted.shape == (3, 1)


@pytest.mark.parametrize("make", [list, np.array, torch.tensor], ids=["list", "numpy", "torch"])
def test_numbers_come_as_lists_arrays_or_tensors(forecaster: SequenceModel, make: type) -> None:
    assert forecaster.encode(make([40.0, 60.0]))[:, 0].tolist() == pytest.approx([-0.5, 0.5])  # type: ignore[call-arg]


def test_a_batch_of_numbers_keeps_its_batch_and_its_h0() -> None:
    model = seeded(5, hidden_size=6, num_layers=2)
    x, h0 = torch.randn(4, 3, 5), torch.randn(2, 3, 6)
    trace = model.trace(x, hx=h0)
    torch.testing.assert_close(trace.output, model.rnn(x, h0)[0], atol=2e-6, rtol=0)
    assert trace.tokens == ("1", "2", "3", "4")
    assert trace.batch_size == 3


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        ([[1.0, 2.0], [float("nan"), 4.0]], "array.not_finite", "row 2, column 1"),
        ([[1.0, 2.0], [3.0, float("inf")]], "array.not_finite", "row 2, column 2"),
        ([[1.0, 1e300]], "array.not_finite", "row 1, column 2"),
        ([[1.0, 2.0, 3.0]], "array.columns", "3 column(s); this model reads 2"),
        ([1.0, 2.0], "array.rank", "1 dimension(s)"),
        ([[1.0, 2.0], [3.0]], "array.not_numeric", "not numbers"),
        ([["one", "two"]], "array.not_numeric", "not numbers"),
        (np.zeros((0, 2)), "array.empty", "no numbers"),
        ("text", "input.wants_numbers", "reads numbers"),
    ],
)
def test_numbers_that_cannot_be_read_say_where_and_why(data: object, code: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        seeded(2).encode(data)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert says in str(caught.value)


def test_text_models_refuse_nothing_and_numbers(classifier: SequenceModel) -> None:
    with pytest.raises(InputError) as empty:
        classifier.encode("")
    assert empty.value.code == "text.empty"
    with pytest.raises(InputError) as numbers:
        classifier.encode([1.0, 2.0])
    assert numbers.value.code == "input.wants_text"


def test_a_model_without_a_head_predicts_nothing() -> None:
    model = seeded(2)
    with pytest.raises(ModelError) as caught:
        model.predict(model.trace([[1.0, 2.0]]))
    assert caught.value.code == "model.no_head"


def test_seeded_is_repeatable_and_leaves_torchs_chance_alone() -> None:
    torch.manual_seed(5)
    untouched = torch.rand(3)
    torch.manual_seed(5)
    one, two, other = seeded(3, seed=1), seeded(3, seed=1), seeded(3, seed=2)
    assert torch.equal(torch.rand(3), untouched)
    assert torch.equal(one.rnn.weight_ih_l0, two.rnn.weight_ih_l0)
    assert not torch.equal(one.rnn.weight_ih_l0, other.rnn.weight_ih_l0)
    assert "untrained" in one.card["task"]


def test_the_same_seed_writes_the_same_text_and_another_does_not(writer: SequenceModel) -> None:
    def text(seed: int) -> str:
        return "".join(step.token for step in writer.generate("abc", 40, seed=seed))

    assert text(1) == text(1)
    assert text(1) != text(2)


def test_generation_agrees_with_tracing_what_it_wrote(writer: SequenceModel) -> None:
    steps = list(writer.generate("ab", 12, seed=4))
    whole = "ab" + "".join(step.token for step in steps)
    beliefs = writer.predict(writer.trace(whole))
    for place, step in enumerate(steps, start=1):
        known = beliefs[place, 1:] / beliefs[place, 1:].sum()
        assert step.probability == pytest.approx(known[writer.labels.index(step.token) - 1].item(), abs=1e-5)
        assert step.top[0][1] == pytest.approx(known.max().item(), abs=1e-5)
        assert [p for _, p in step.top] == sorted((p for _, p in step.top), reverse=True)


def test_temperature_zero_always_takes_the_likeliest(writer: SequenceModel) -> None:
    first, second = (list(writer.generate("ab", 10, temperature=0, seed=seed)) for seed in (1, 2))
    assert [s.token for s in first] == [s.token for s in second] == [s.top[0][0] for s in first]


def test_low_temperatures_go_to_the_likeliest_and_high_ones_to_chance(writer: SequenceModel) -> None:
    likeliest = [s.token for s in writer.generate("ab", 10, temperature=0)]
    assert [s.token for s in writer.generate("ab", 10, temperature=1e-6)] == likeliest
    assert len({s.token for s in writer.generate("ab", 300, temperature=1e6)}) == len(LETTERS) - 1


def test_the_unknown_symbol_is_never_written(writer: SequenceModel) -> None:
    assert writer.head is not None
    with torch.no_grad():
        writer.head.bias[0] = 50.0  # as sure of "unknown" as can be
    written = list(writer.generate("ab", 50))
    assert writer.labels[0] not in {s.token for s in written} | {label for s in written for label, _ in s.top}
    assert all(0 < s.probability <= 1 for s in written)


def test_generation_runs_no_further_than_it_is_asked(writer: SequenceModel) -> None:
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    writer.rnn.register_forward_hook(count)
    endless = writer.generate("ab", 10**9)
    assert calls == 0
    assert len(list(itertools.islice(endless, 3))) == 3
    assert calls == 3


def test_nothing_is_written_for_n_zero(writer: SequenceModel) -> None:
    assert list(writer.generate("ab", 0)) == []


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"temperature": -0.1}, "generate.temperature"),
        ({"temperature": float("nan")}, "generate.temperature"),
        ({"temperature": float("inf")}, "generate.temperature"),
        ({"n": -1}, "generate.length"),
        ({"prompt": ""}, "text.empty"),
    ],
)
def test_wrong_wishes_are_refused_at_the_call(writer: SequenceModel, options: dict, code: str) -> None:
    with pytest.raises(InputError) as caught:
        writer.generate(**{"prompt": "ab", "n": 3} | options)
    assert caught.value.code == code


def test_a_classifier_does_not_write(classifier: SequenceModel) -> None:
    with pytest.raises(ModelError) as caught:
        classifier.generate("ab", 3)
    assert caught.value.code == "model.cannot_write"
