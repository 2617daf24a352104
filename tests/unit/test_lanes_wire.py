"""What the lanes player is sent, decoded again."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from safetensors.numpy import load

from gru_viz.cells.quantities import Quantity
from gru_viz.draw.palette import LIGHT
from gru_viz.draw.player import bundle
from gru_viz.draw.player.lanes import NOBODY, blob
from gru_viz.draw.player.quantise import NONE
from gru_viz.story.lanes import MARKS, AnswerRow, BeliefBar, BeliefBars, Joined, Lane, Lanes, NoteRow, StripRow


def decoded(lanes: Lanes) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    data = blob(lanes, LIGHT)
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return load(data), json.loads(header["__metadata__"]["lanes"])


def test_strips_come_back_right_to_half_a_level() -> None:
    dice = np.random.default_rng(0)
    h, z = dice.uniform(-1, 1, (5, 4)), dice.uniform(0, 1, (5, 4))
    lane = Lane("gru", [StripRow(Quantity.H, h), StripRow(Quantity.Z, z, alive=np.array([True] * 4 + [False]))])
    found, about = decoded(Lanes("abcde", [lane]))
    step = found["gru.0.step"]
    assert (np.abs((found["gru.0.strip"].astype(float) - 127) * step - h) <= step / 2 + 1e-7).all()
    assert np.abs(found["gru.1.strip"][:4] / 254 - z[:4]).max() <= 0.5 / 254 + 1e-9
    assert about["lanes"][0]["rows"][0]["ends"] == [1, 0]
    assert (found["gru.1.strip"][4] == NONE).all()


def test_cells_bars_and_words_come_back() -> None:
    which, share = np.array([1, -1, 0]), np.array([0.5, 0.0, 0.25])
    cells = AnswerRow(["甲", "乙"], ["class-0", "class-1"], which, share, ["wrong", "", "revised"], written=True)
    bar = BeliefBar("both", np.full((3, 2), 0.5), np.array([0, 1, -1]))
    bars = BeliefBars(["甲", "乙"], ["class-0", "class-1"], [bar], "{token}")
    lanes = Lanes("xyz", [Lane("a", [cells, NoteRow("nothing here")], "A", reads="both")], step=1, bars=bars)
    found, about = decoded(lanes)
    assert found["a.0.which"].tolist() == [1, NOBODY, 0]
    assert found["a.0.share"].tolist() == [0.5, 0.0, 0.25]
    assert [MARKS[mark] for mark in found["a.0.mark"]] == ["wrong", "", "revised"]
    assert found["bars.0.truth"].tolist() == [0, 1, NOBODY]
    lane = about["lanes"][0]
    assert (lane["reads"], lane["rows"][0]["names"], lane["rows"][1]["text"]) == ("both", ["甲", "乙"], "nothing here")
    assert lane["rows"][0]["colours"] == about["bars"]["colours"] == list(LIGHT.classes[:2])
    assert (about["tokens"], about["step"], about["steps"]) == (["x", "y", "z"], 1, 3)


def test_what_is_joined_is_named_by_lane_and_row() -> None:
    strip = StripRow(Quantity.H, np.zeros((2, 3)))
    lanes = Lanes("ab", [Lane("l", [strip]), Lane("r", [strip], reads="backward")], joined=Joined(("l", 0), ("r", 0)))
    assert decoded(lanes)[1]["joined"]["right"] == ["r", 0]


def test_both_bundles_are_whole_modules() -> None:
    for entry in (bundle.PLAYER, bundle.LANES):
        js = bundle.js({"en": "", "zh": ""}, entry)
        assert js.count("export default") == 1
        assert "import {" not in js
        assert LIGHT.ink in bundle.css(entry)
