"""A file that was cut, edited or damaged is refused in one sentence, or it is the very same: never another trace."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_sequence

import gru_viz as gv
from gru_viz.models import load, seeded
from gru_viz.models.pack import pack
from gru_viz.training.rebuild import write

torch.manual_seed(0)
TRACES = {
    "gru": gv.trace(nn.GRU(2, 3, 2), torch.randn(4, 2, 2)).with_tokens(["a", "é", "", "😀"]),
    "padded": gv.trace(nn.GRU(2, 3, bidirectional=True, batch_first=True), torch.randn(2, 4, 2), lengths=[4, 2]),
    "packed": gv.trace(nn.LSTM(2, 3, proj_size=2), pack_sequence([torch.randn(n, 2) for n in (2, 4, 1)], False)),
    "sorted": gv.trace(nn.RNN(2, 3), pack_sequence([torch.randn(n, 2) for n in (4, 2, 2)])),
    "unbatched": gv.trace(nn.GRU(2, 3, dtype=torch.float64), torch.randn(3, 2, dtype=torch.float64)),
    "held": gv.trace(
        nn.GRU(2, 3),
        torch.randn(4, 1, 2),
        interventions=[gv.clamp("z", 1, slice(1, 3), [0, 2]), gv.clamp("h", 0.5, [True, False, True], range(2))],
    ),
    "half": gv.trace(nn.GRU(2, 3).bfloat16(), torch.randn(3, 1, 2).bfloat16()),
}
TENSORS = ["x", "0.h", "0.z", "0.r", "0.n", "0.h0", "1.h", "0.c", "0.c0", "lengths", "batch_sizes"]
TENSORS += ["sorted_indices", "unsorted_indices", "2.h", "extra"]
WRONG: list[Any] = [None, True, -1, 0, 1, 2, 3, 5, 10**9, 10**30, 1.5, float("nan"), "", "GRU", "LSTM", "RNN", "relu"]
WRONG += [{"mask": [0, 9], "size": 3}, {"mask": 1, "size": 3}, {"slice": [1]}, {"slice": []}, {"range": [0, 9]}]
WRONG += [
    "backward",
    [],
    ["backward"],
    ["forward", "backward"],
    ["up"],
    [[]],
    {},
    {"a": 1},
    ["a", "b", "c"],
    [1, 2, 3, 4],
]
SPEC = ["cell", "input_size", "hidden_size", "num_layers", "directions", "batch_first", "bias", "dropout", "proj_size"]
SPEC += ["nonlinearity", "reset_after", "novelty"]


def opened(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    with safe_open(str(path), framework="pt") as file:
        return dict(file.metadata()), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


def same(one: gv.Trace, two: gv.Trace) -> bool:
    return (
        (one.spec, one.tokens, one.made, one.layout.batch_first, one.layout.unbatched)
        == (two.spec, two.tokens, two.made, two.layout.batch_first, two.layout.unbatched)
        and all(
            torch.equal(a.values[q], b.values[q]) and torch.equal(a.previous.get(q, a.x), b.previous.get(q, b.x))
            for a, b in zip(one.layers, two.layers, strict=True)
            for q in a.values
        )
        and type(one.output) is type(two.output)
    )


def read_again(path: Path, whole: gv.Trace, *, signed: bool = True) -> None:
    """What must hold of any file: one sentence, or the same trace (a sound one, where nobody signed it)."""
    try:
        found = gv.Trace.load(path)
    except gv.InputError as error:
        assert "\n" not in str(error)  # noqa: PT017
        assert len(str(error)) < 600  # noqa: PT017
        return
    if signed:
        assert same(found, whole)
    for layer in range(found.num_layers):
        for direction in found.directions:
            found.to_frame(layer, direction)
    assert found.output is not None
    assert found.tokens is None or len(found.tokens) == len(found)


RESHAPED: list[Callable[[Tensor], Tensor]] = [
    Tensor.flatten,
    lambda v: v[:1],
    lambda v: v[None],
    lambda v: v.new_zeros(0),
    lambda v: v.mT if v.dim() > 1 else v[0],
]
DTYPES = [torch.float64, torch.float32, torch.int64, torch.bool, torch.int32]
EDITED: dict[str, Callable[[dict[str, Tensor], str, str, int], object]] = {
    "drop": lambda tensors, name, other, n: tensors.pop(name),
    "rename": lambda tensors, name, other, n: tensors.update({other: tensors.pop(name)}),
    "copy": lambda tensors, name, other, n: tensors.update({other: tensors[name].clone()}),
    "reshape": lambda tensors, name, other, n: tensors.update({name: RESHAPED[n](tensors[name]).clone().contiguous()}),
    "retype": lambda tensors, name, other, n: tensors.update({name: tensors[name].to(DTYPES[n])}),
    "values": lambda tensors, name, other, n: tensors.update({name: tensors[name].clone().fill_(7)}),
}
SAID = {
    "meta": ["format", "about", "sha256", "made"],
    "about": ["spec", "batch_first", "unbatched", "tokens", "made"],
    "spec": SPEC,
    "made": ["engines", "precision", "weights", "edits", "novelty"],
    "edit": ["quantity", "value", "units", "steps", "batch", "layer", "direction", "novelty"],
}


@st.composite
def edits(draw: st.DrawFn) -> Callable[[dict[str, Any], dict[str, Any], dict[str, Tensor]], None]:
    """One change of the metadata, of what `about` says, or of the tensors."""
    kind = draw(st.sampled_from([*SAID, *EDITED]))
    if kind in EDITED:
        name, other, n = draw(st.sampled_from(TENSORS)), draw(st.sampled_from(TENSORS)), draw(st.integers(0, 4))
        return lambda metadata, about, tensors: name in tensors and EDITED[kind](tensors, name, other, n)
    key, wrong, drop = draw(st.sampled_from(SAID[kind])), draw(st.sampled_from(WRONG)), draw(st.booleans())

    def change(metadata: dict[str, Any], about: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        assert tensors
        made = about["made"]
        said = {"meta": metadata, "about": about, "spec": about["spec"], "made": made}.get(kind) or made["edits"][-1]
        if drop:
            said.pop(key, None)
        else:
            said[key] = wrong

    return change


@pytest.mark.parametrize("name", TRACES)
@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
@given(changes=st.lists(edits(), min_size=1, max_size=2))
@settings(max_examples=60)
def test_an_edited_trace_is_refused_or_the_same(name: str, signed: bool, changes: list[Callable]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.safetensors"
        TRACES[name].save(path)
        metadata, tensors = opened(path)
        if not signed:
            del metadata["sha256"]
        about = json.loads(metadata["about"])
        written: dict[str, Any] = dict(metadata)
        try:
            for change in changes:
                change(written, about, tensors)
        except (KeyError, TypeError, AttributeError, IndexError):  # the first change took away what the second wanted
            return
        if "about" in written and written["about"] == metadata["about"]:
            written["about"] = json.dumps(about)
        save_file(tensors, path, {k: v if isinstance(v, str) else json.dumps(v) for k, v in written.items()})
        read_again(path, TRACES[name], signed="sha256" in written and len(str(written["sha256"])) == 64)


@pytest.mark.parametrize("name", TRACES)
@given(data=st.data())
def test_a_cut_or_flipped_trace_is_refused_or_the_same(name: str, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.safetensors"
        TRACES[name].save(path)
        blob = bytearray(path.read_bytes())
        if data.draw(st.booleans(), label="cut"):
            blob = blob[: data.draw(st.integers(0, len(blob) - 1))] + data.draw(st.binary(max_size=9))
        else:
            header = 8 + int.from_bytes(blob[:8], "little")
            for _ in range(data.draw(st.integers(1, 4))):
                blob[data.draw(st.integers(0, min(len(blob), header + 64) - 1))] = data.draw(st.integers(0, 255))
        path.write_bytes(blob)
        read_again(path, TRACES[name])


def test_a_file_of_the_first_days_without_a_digest_is_read(tmp_path: Path) -> None:
    for name, trace in TRACES.items():
        trace.save(tmp_path / name)
        metadata, tensors = opened(tmp_path / name)
        about = json.loads(metadata["about"])
        del about["made"]
        save_file(tensors, tmp_path / name, {"format": metadata["format"], "about": json.dumps(about)})
        found = gv.Trace.load(tmp_path / name)
        assert found.made.engines == ()
        assert same(replace(found, made=trace.made), trace)


def about_with(path: Path, **changed: Any) -> None:
    """Puts other things into an unsigned file's description."""
    metadata, tensors = opened(path)
    about = json.loads(metadata["about"])
    for key, value in changed.items():
        (about["spec"] if key in about["spec"] else about)[key] = value
    save_file(tensors, path, {"format": metadata["format"], "about": json.dumps(about)})


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"num_layers": 10**12}, "it describes 1000000000000 layers and holds 11 tensors"),
        ({"num_layers": -1}, "spec.num_layers is -1"),
        ({"num_layers": 1}, "it holds a tensor '1.h' that no trace has"),
        ({"hidden_size": 10**12}, "the tensor 0.r is torch.float32 (4, 2, 3) and should be torch.float32 (4, 2, 10"),
        ({"hidden_size": True}, "spec.hidden_size is True"),
        ({"input_size": 3}, "the tensor x is torch.float32 (4, 2, 2) and should be torch.float32 (4, 2, 3)"),
        ({"cell": "LSTM"}, "the tensor 0.i is missing"),
        ({"cell": ["GRU"]}, "spec.cell is ['GRU']"),
        ({"directions": ["up"]}, "spec.directions is ['up']"),
        ({"tokens": ["a"]}, "it has 1 tokens for 4 steps"),
        ({"tokens": [1, 2, 3, 4]}, "tokens is [1, 2, 3, 4]"),
        ({"tokens": "abcd"}, "tokens is 'abcd'"),
        ({"unbatched": True}, "it is said to be unbatched and holds 2 sequences"),
        ({"batch_first": None}, "spec.batch_first is None"),
        ({"spec": None}, "spec is None"),
        ({"made": {}}, "its description lacks made.engines"),
        ({"made": 3}, "made is 3"),
    ],
    ids=repr,
)
def test_the_sentence_says_what_is_wrong_with_the_file(tmp_path: Path, changed: dict, says: str) -> None:
    path = tmp_path / "t.safetensors"
    TRACES["gru"].save(path)
    about_with(path, **changed)
    with pytest.raises(gv.InputError) as error:
        gv.Trace.load(path)
    assert str(error.value).startswith(f"{path} cannot be read as a trace: {says}")
    assert error.value.code == "trace.damaged"


def test_an_edited_number_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "t.safetensors"
    TRACES["gru"].save(path)
    metadata, tensors = opened(path)
    tensors["0.z"][0, 0, 0] += 0.25
    save_file(tensors, path, metadata)
    with pytest.raises(gv.InputError, match="it was changed after it was saved"):
        gv.Trace.load(path)


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("a,b\n1,2\n")
    for name, says in (("", "it is a folder"), ("pipe", "it is no regular file"), ("empty", ""), ("text", "")):
        with pytest.raises(gv.InputError, match=f"cannot be read as a trace: {says}"):
            gv.Trace.load(tmp_path / name)
    with pytest.raises(gv.InputError, match="There is no file"):
        gv.Trace.load(tmp_path / "text" / "more")
    save_file({"a": torch.zeros(2)}, tmp_path / "other")
    with pytest.raises(gv.InputError, match="is not a trace saved by gru-viz"):
        gv.Trace.load(tmp_path / "other")


@given(data=st.data())
def test_a_damaged_model_file_is_refused(data: st.DataObject) -> None:
    model = seeded(2, hidden_size=3)
    blob = bytearray(pack(model))
    if data.draw(st.booleans(), label="cut"):
        blob = blob[: data.draw(st.integers(0, len(blob) - 1))] + data.draw(st.binary(max_size=9))
    else:
        header = 8 + int.from_bytes(blob[:8], "little")
        for _ in range(data.draw(st.integers(1, 4))):
            blob[data.draw(st.integers(0, header - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.safetensors"
        path.write_bytes(blob)
        load_or_refuse(path)


CARD_FIELDS = ["name", "kind", "cell", "input_size", "hidden_size", "num_layers", "vocabulary", "labels"]
CARD_FIELDS += ["normalisation", "directions", "tied", "labels_at", "weights_sha256", "metrics", "title"]


@given(
    field=st.sampled_from(CARD_FIELDS),
    wrong=st.sampled_from(
        [*WRONG, "classify", "next", "forecast", {"mean": 1, "deviation": 10**400}, {"symbols": ["a"]}]
    ),
    how=st.sampled_from(["edit", "drop", "cut"]),
)
def test_a_damaged_model_folder_is_refused(field: str, wrong: Any, how: str) -> None:
    model = seeded(2, hidden_size=3)
    with tempfile.TemporaryDirectory() as folder:
        place = write(model, model.card, Path(folder) / "mine")
        card = json.loads((place / "card.json").read_text())
        if how == "drop":
            card.pop(field, None)
        else:
            card[field] = wrong
        text = json.dumps(card)
        (place / "card.json").write_text(text[: len(text) // 2] if how == "cut" else text)
        load_or_refuse(place)
        card.pop("weights_sha256", None)
        (place / "card.json").write_text(json.dumps(card))
        save_file(
            {**model.state_dict(), "rnn.bias_hh_l0": torch.zeros(9, dtype=torch.int64)}, place / "model.safetensors"
        )
        load_or_refuse(place)


def load_or_refuse(path: Path) -> None:
    try:
        model = load(path)
    except (gv.ModelError, gv.InputError) as error:
        assert "\n" not in str(error)  # noqa: PT017
        return
    x = [[1.0] * model.rnn.input_size]
    trace = model.trace(x)
    assert torch.isfinite(trace.output).all()
