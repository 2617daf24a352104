"""Loading: what is in the zoo works; what is damaged, missing or does not fit is refused with its reason."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from gru_viz.errors import ModelError
from gru_viz.models import available, load
from gru_viz.models.card import FACTS, STRUCTURE
from gru_viz.models.zoo import CARD, ROOTS, WEIGHTS
from gru_viz.tasks import TASKS

SHIPPED = tuple(TASKS)
TRAINED = tuple(name for name in SHIPPED if name != "example")
FAMILIES = ("names", "english", "python", "syntax", "recall", "copy", "adding", "sunspots")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a shipped model, to be damaged."""
    return Path(shutil.copytree(ROOTS[0] / "sunspots", tmp_path / "copy"))


def edit(folder: Path, **fields: object) -> None:
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    (folder / CARD).write_text(json.dumps(card | fields), encoding="utf-8")


def refusal(place: str | Path) -> ModelError:
    with pytest.raises(ModelError) as caught:
        load(place)
    return caught.value


def test_the_zoo_has_what_this_version_ships() -> None:
    assert set(SHIPPED) == set(available())


@pytest.mark.parametrize("name", SHIPPED)
def test_every_card_says_what_it_must_and_loads(name: str) -> None:
    model = load(name)
    assert model.name == name
    assert set(FACTS) | set(STRUCTURE) <= set(model.card)
    assert model.card["parameters"] == sum(p.numel() for p in model.parameters())
    assert not model.training
    data = " --data chinese-poetry-2.0.1.tgz" if name == "tang" else ""
    assert model.card["command"] == f"gru-viz train {name}{data}"
    assert str(Path.home()) not in json.dumps(model.card)


@pytest.mark.parametrize("name", TRAINED)
def test_every_card_keeps_a_learning_curve_that_ends_better_than_it_began(name: str) -> None:
    card = load(name).card
    curve = card["curve"]
    assert len(curve["step"]) == len(curve["loss"]) == len(curve["held_out"]) >= 20
    assert curve["step"] == sorted(set(curve["step"]))
    assert curve["step"][-1] == card["training"]["steps"]
    assert curve["metric"] in card["metrics"]
    gain = curve["held_out"][-1] - curve["held_out"][0]
    assert gain > 0 if curve["metric"] == "accuracy" else gain < 0
    assert any(key.startswith("baseline") for key in card["metrics"])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_familys_cells_have_equally_many_parameters(family: str) -> None:
    sizes = {name: load(name).card["parameters"] for name in SHIPPED if name.split("-")[0] == family}
    assert len(sizes) >= 3
    assert all(abs(size / sizes[family] - 1) <= 0.05 for size in sizes.values()), sizes


@pytest.mark.parametrize("name", [name for name in TRAINED if name.split("-")[0] not in ("adding", "sunspots")])
def test_every_hint_can_be_traced_and_holds_nothing_unknown(name: str) -> None:
    model = load(name)
    assert 4 <= len(model.card["hint"]) <= 6
    for hint in model.card["hint"]:
        assert model.tokenize(hint).unknown == ()
        beliefs = model.predict(model.trace(hint))
        torch.testing.assert_close(beliefs.sum(-1), torch.ones(len(hint)))


def test_example_is_the_tutorials_gru_with_a_seed() -> None:
    torch.manual_seed(0)
    tutorial = torch.nn.GRU(5, 6, 2)
    example = load("example")
    for name, weight in tutorial.named_parameters():
        assert torch.equal(example.rnn.get_parameter(name), weight), name
    x, h0 = torch.randn(*example.card["input_shape"]), torch.randn(*example.card["h0_shape"])
    trace = example.trace(x, hx=h0)
    torch.testing.assert_close(trace.output, tutorial(x, h0)[0], atol=1e-6, rtol=0)
    assert "untrained" in example.card["title"]


def test_together_the_models_stay_small() -> None:
    assert sum(file.stat().st_size for file in ROOTS[0].rglob("*") if file.is_file()) <= 12_000_000


def test_a_folder_loads_like_a_name(folder: Path) -> None:
    by_path, by_text, by_name = load(folder), load(str(folder)), load("sunspots")
    numbers = [5.0, 11.0, 16.0]
    expected = by_name.predict(by_name.trace(numbers))
    for model in (by_path, by_text):
        assert torch.equal(model.predict(model.trace(numbers)), expected)


def test_an_unknown_name_lists_those_that_exist() -> None:
    error = refusal("nomes")
    assert error.code == "model.unknown"
    assert "'nomes'" in str(error)
    assert "names" in error.params["known"]


@pytest.mark.parametrize("name", ["", "no/such/folder", "\0", "x" * 5000])
def test_no_name_however_odd_is_anything_but_unknown(name: str) -> None:
    assert refusal(name).code == "model.unknown"


@pytest.mark.parametrize("file", [CARD, WEIGHTS])
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    error = refusal(folder)
    assert error.code == "model.file"
    assert file in str(error)


def truncate(folder: Path) -> None:
    blob = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(blob[: len(blob) // 2])


def garble_without_digest(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(b"\xff" * 100)
    edit(folder, weights_sha256=None)


def flip_one_bit(folder: Path) -> None:
    blob = bytearray((folder / WEIGHTS).read_bytes())
    blob[-1] ^= 1
    (folder / WEIGHTS).write_bytes(bytes(blob))


def cut_card(folder: Path) -> None:
    (folder / CARD).write_text((folder / CARD).read_text(encoding="utf-8")[:100], encoding="utf-8")


def binary_card(folder: Path) -> None:
    (folder / CARD).write_bytes(b"\xff\xfe\x00")


@pytest.mark.parametrize("damage", [truncate, garble_without_digest, flip_one_bit, cut_card, binary_card])
def test_damage_is_seen(folder: Path, damage: Callable[[Path], None]) -> None:
    damage(folder)
    assert refusal(folder).code == "model.damaged"


def test_a_card_that_does_not_fit_the_weights_names_the_tensor(folder: Path) -> None:
    edit(folder, hidden_size=17)
    error = refusal(folder)
    assert error.code == "model.mismatch"
    assert "(1, 17)" in str(error)
    assert "(1, 16)" in str(error)


def test_a_missing_tensor_is_named(folder: Path) -> None:
    weights = load_file(folder / WEIGHTS)
    del weights["head.bias"]
    save_file(weights, folder / WEIGHTS)
    edit(folder, weights_sha256=None)
    error = refusal(folder)
    assert (error.code, error.params["tensor"], error.params["found"]) == ("model.mismatch", "head.bias", "absent")


def test_weights_that_are_not_numbers_are_refused(folder: Path) -> None:
    weights = load_file(folder / WEIGHTS)
    weights["rnn.weight_hh_l0"][2, 3] = float("nan")
    save_file(weights, folder / WEIGHTS)
    edit(folder, weights_sha256=None)
    error = refusal(folder)
    assert (error.code, error.params["tensor"]) == ("model.not_finite", "rnn.weight_hh_l0")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "oracle"),
        ("cell", "MGU"),
        ("hidden_size", 0),
        ("hidden_size", "16"),
        ("num_layers", True),
        ("labels", None),
        ("normalisation", {"mean": 1.0}),
        ("normalisation", {"mean": 1.0, "deviation": 0.0}),
        ("vocabulary", {"symbols": ["a", "a"], "folds": False}),
        ("vocabulary", {"symbols": [], "folds": False}),
        ("vocabulary", {"symbols": ["a"]}),
    ],
)
def test_a_card_that_cannot_be_built_names_the_field(folder: Path, field: str, value: object) -> None:
    edit(folder, **{field: value})
    error = refusal(folder)
    assert error.code == "model.card"
    assert error.params["field"].split(".")[0] == field


@pytest.mark.parametrize("card", ["[]", "3", "null"])
def test_a_card_must_be_an_object(folder: Path, card: str) -> None:
    (folder / CARD).write_text(card, encoding="utf-8")
    assert refusal(folder).code == "model.card"


def test_a_text_model_without_vocabulary_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOTS[0] / "english", tmp_path / "copy"))
    edit(folder, vocabulary=None)
    assert refusal(folder).params["field"] == "vocabulary"


def test_loading_draws_nothing_by_chance() -> None:
    torch.manual_seed(4)
    expected = torch.rand(3)
    torch.manual_seed(4)
    load("names")
    assert torch.equal(torch.rand(3), expected)


def test_what_a_killed_writer_left_behind_is_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOTS[0] / "sunspots", tmp_path / "mine")
    shutil.copytree(ROOTS[0] / "sunspots", tmp_path / ".mine-x7f")
    monkeypatch.setattr("gru_viz.models.zoo.ROOTS", (tmp_path,))
    assert available() == ["mine"]
