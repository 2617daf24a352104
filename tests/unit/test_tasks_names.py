"""The task names: its data, and the shipped weights measured again on the names they never saw."""

from __future__ import annotations

import pytest
import torch
from torch.nn.utils.rnn import pad_sequence

from gru_viz.models import SequenceModel, load
from gru_viz.tasks import surnames
from gru_viz.tasks.calibration import expected_calibration_error, letter_by_letter, reliability
from gru_viz.tasks.names import NamesProblem, is_held_out, measured
from gru_viz.tasks.ragged import scores


@pytest.fixture(scope="module")
def spellings() -> dict[str, tuple[str, ...]]:
    return surnames.surnames()


@pytest.fixture(scope="module")
def shipped() -> SequenceModel:
    return load("names")


def test_there_are_enough_origins_with_enough_names(spellings: dict[str, tuple[str, ...]]) -> None:
    assert len(spellings) >= 18
    assert {"Polish", "Japanese", "Russian", "Turkish", "Italian", "Irish", "German"} <= set(spellings)
    assert min(len(names) for names in spellings.values()) >= 80
    for names in spellings.values():
        assert len(set(names)) == len(names) <= surnames.MOST
        assert all(len(name) > 1 and set(name) <= set(surnames.LETTERS) for name in names)


def test_the_split_keeps_a_spelling_on_one_side_and_is_near_its_share(spellings: dict[str, tuple[str, ...]]) -> None:
    problem = NamesProblem(spellings, seed=0)
    assert set(problem.train).isdisjoint(problem.test)
    assert all(is_held_out(name) for name in problem.test)
    assert 0.13 < len(problem.test) / (len(problem.test) + len(problem.train)) < 0.17
    for label, names in spellings.items():
        assert 0.04 < sum(map(is_held_out, names)) / len(names) < 0.26, label


def test_the_card_names_the_data_it_was_trained_on(
    shipped: SequenceModel, spellings: dict[str, tuple[str, ...]]
) -> None:
    assert shipped.labels == tuple(spellings)
    assert shipped.card["data_versions"] == surnames.versions()
    assert shipped.card["names_per_origin"] == {label: len(names) for label, names in spellings.items()}
    assert shipped.card.items() >= NamesProblem(spellings, seed=0).facts().items()


@pytest.mark.parametrize("name", ["names", "names-lstm", "names-rnn", "names-bigru"])
def test_the_shipped_weights_are_as_good_as_their_card_says(spellings: dict[str, tuple[str, ...]], name: str) -> None:
    problem = NamesProblem(spellings, seed=0)
    problem.model = load(name)
    again, said = problem.metrics(), problem.model.card["metrics"]
    assert again.keys() == said.keys()
    # A different CPU may round a tie the other way; one name in two thousand is 0.0005.
    for metric in ("accuracy", "top3_accuracy", "macro_accuracy", "accuracy_single_origin", "baseline_accuracy"):
        assert again[metric] == pytest.approx(said[metric], abs=0.002), metric
    assert again["accuracy_by_letters_read"] == pytest.approx(said["accuracy_by_letters_read"], abs=0.002)
    assert again["calibration"]["ece"] == pytest.approx(said["calibration"]["ece"], abs=0.003)
    assert again["held_out_names"] == said["held_out_names"]


def test_the_shipped_model_reaches_its_targets_and_its_confidence_can_be_trusted(shipped: SequenceModel) -> None:
    metrics = shipped.card["metrics"]
    assert metrics["accuracy"] >= 0.60
    assert metrics["top3_accuracy"] >= 0.82
    assert metrics["accuracy"] > 5 * metrics["baseline_accuracy"]
    assert metrics["calibration"]["ece"] < 0.05
    by_letters = list(metrics["accuracy_by_letters_read"].values())
    assert by_letters == sorted(by_letters)


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("rossellini", "Italian"),
        ("Kowalski", "Polish"),
        ("tanaka", "Japanese"),
        ("ivanov", "Russian"),
        ("Yılmaz", "Turkish"),
        ("schmidt", "German"),
        ("O’Brien", "Irish"),
        ("van den berg", "Dutch"),
        ("papadopoulos", "Greek"),
        ("Petrosyan", "Armenian"),
    ],
)
def test_well_known_names_go_where_they_belong(shipped: SequenceModel, name: str, origin: str) -> None:
    assert shipped.tokenize(name).unknown == ()
    belief = shipped.predict(shipped.trace(name))[-1]
    assert shipped.labels[int(belief.argmax())] == origin


def test_letters_of_another_script_are_shown_as_unknown_every_one(shipped: SequenceModel) -> None:
    assert shipped.tokenize("Παπαδόπουλος").unknown == tuple(range(12))


def test_a_guess_is_right_if_it_names_any_of_a_names_origins(shipped: SequenceModel) -> None:
    italian, german, zulu = (shipped.labels.index(label) for label in ("Italian", "German", "Zulu"))
    one = measured(shipped, {"rossellini": [italian, zulu], "papadopoulos": [german]})
    assert one["accuracy"] == 0.5
    assert one["accuracy_single_origin"] == 0.0
    assert one["held_out_names_of_several_origins"] == 1


def test_calibration_of_a_known_case() -> None:
    confidence = torch.tensor([0.95, 0.95, 0.95, 0.95, 0.55, 0.55, 1.0])
    hit = torch.tensor([True, True, True, False, True, False, True])
    bins = reliability(confidence, hit)
    assert [each["count"] for each in bins] == [0, 0, 0, 0, 0, 2, 0, 0, 0, 5]
    assert bins[5] == {"from": 0.5, "to": 0.6, "count": 2, "confidence": 0.55, "accuracy": 0.5}
    assert bins[0]["accuracy"] is None
    assert bins[9]["confidence"] == pytest.approx(0.96, abs=1e-4)
    assert expected_calibration_error(bins) == pytest.approx((2 * 0.05 + 5 * 0.16) / 7, abs=1e-4)


def test_a_perfectly_calibrated_model_has_no_error() -> None:
    hit = torch.tensor([True] * 3 + [False])
    assert expected_calibration_error(reliability(torch.full((4,), 0.75), hit)) == pytest.approx(0)


@pytest.mark.parametrize("name", ["names", "names-bigru"])
def test_names_side_by_side_are_read_as_a_page_reads_each_alone(name: str) -> None:
    model, few = load(name), ["li", "rossellini", "papadopoulos", "o'neill"]
    together = scores(model, pad_sequence([model.encode(one) for one in few]), torch.tensor([len(one) for one in few]))
    for place, one in enumerate(few):
        expected = model.predict(model.trace(one))
        torch.testing.assert_close(together[: len(one), place].softmax(-1), expected, atol=1e-5, rtol=0)


def test_calibration_is_measured_after_every_letter() -> None:
    """Two names, of two letters and of one: what is said and right after the first letter, and after the second."""
    beliefs = torch.tensor([[[0.75, 0.25], [0.4, 0.6]], [[0.1, 0.9], [0.5, 0.5]]])
    right = torch.tensor([[False, True], [False, True]])
    found = letter_by_letter(beliefs, right, torch.tensor([2, 1]))
    assert list(found) == ["1", "2"]
    assert {key: found["1"][key] for key in ("texts", "right")} == {"texts": 2, "right": 1}
    assert found["1"]["confidence"] == pytest.approx(0.675, abs=1e-4)
    assert found["1"]["bins"]["texts"].split()[6:8] == ["1", "1"]
    assert found["1"]["bins"]["right"].split()[6:8] == ["1", "0"]
    assert {key: found["2"][key] for key in ("texts", "confidence", "right")} == {
        "texts": 1,
        "confidence": 0.9,
        "right": 1,
    }


@pytest.mark.parametrize("name", ["names", "names-lstm", "names-rnn", "names-bigru"])
def test_the_cards_calibration_by_letters_adds_up(name: str) -> None:
    metrics = load(name).card["metrics"]
    kept = metrics["calibration_by_letters_read"]
    assert list(kept) == [str(letters) for letters in range(1, 11)]
    assert kept["1"]["texts"] == metrics["held_out_names"]
    for letters, found in kept.items():
        texts, said, hits = ([float(x) for x in found["bins"][key].split()] for key in ("texts", "confidence", "right"))
        assert (sum(texts), sum(hits)) == (found["texts"], found["right"])
        mean = sum(n * p for n, p in zip(texts, said, strict=True)) / sum(texts)
        assert mean == pytest.approx(found["confidence"], abs=2e-4)
        if letters in "12":  # every name has two letters, so there the two measures speak of the same names
            assert found["right"] / found["texts"] == pytest.approx(
                metrics["accuracy_by_letters_read"][letters], abs=1e-4
            )
