"""A fresh copy of the project, started as `make run` starts it, tells the truth: its numbers are nn.GRU's."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from playwright.sync_api import Page, expect
from safetensors.torch import load_file
from torch import Tensor, nn

from tools.app import ROOT, free_port, serving
from tools.player import wait_for_tokens

SURNAME = "zwettelberg"
"""In none of the lists the model was trained on; every letter is in its alphabet."""


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of the app that `make run` serves from a copy of the tracked files, and that copy's folder."""
    folder = tmp_path_factory.mktemp("fresh") / "copy"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    port = free_port()
    # The packages are those of the running tests: -o tells make that they are installed, so nothing is downloaded.
    installed = f"{sys.prefix}/.run-installed"
    command = ["make", "-o", installed, "run", f"VENV={sys.prefix}", f"PORT={port}"]
    with serving(command, port, folder.with_suffix(".log"), folder) as address:
        yield address, folder


def from_the_weights(folder: Path, text: str) -> tuple[Tensor, Tensor, list[str]]:
    """h (T, H), the beliefs (T, V) and their labels from torch alone: nothing of gru_viz takes part."""
    model = folder / "assets" / "models" / "names"
    card = json.loads((model / "card.json").read_text(encoding="utf-8"))
    weights = load_file(model / "model.safetensors")
    rnn = nn.GRU(card["input_size"], card["hidden_size"], card["num_layers"])
    rnn.load_state_dict({name.removeprefix("rnn."): w for name, w in weights.items() if name.startswith("rnn.")})
    ids = [card["vocabulary"]["symbols"].index(letter) for letter in text]
    with torch.no_grad():
        states = rnn(weights["embedding.weight"][ids])[0]
        scores = states @ weights["head.weight"].T + weights["head.bias"]
    return states, scores.softmax(-1), card["labels"]


@pytest.fixture
def typed(fresh: tuple[str, Path], page: Page) -> dict[str, Any]:
    """Torch's own numbers for the surname; the page shows it, typed key by key."""
    address, folder = fresh
    page.goto(address)
    field = page.locator(".st-key-text input")
    expect(field).to_be_visible()
    field.fill("")
    field.press_sequentially(SURNAME, delay=30)
    wait_for_tokens(page, SURNAME)
    states, beliefs, labels = from_the_weights(folder, SURNAME)
    return {"states": states, "beliefs": beliefs, "labels": labels}


def test_every_state_on_the_page_is_what_the_shipped_weights_give(typed: dict[str, Any], page: Page) -> None:
    """Unit after unit and step after step, as a visitor would look them up: the end of the equation for h."""
    states = typed["states"]
    dice = torch.Generator().manual_seed(0)
    for unit in torch.randperm(states.shape[1], generator=dice)[:8].tolist():
        look_at(page, unit)
        for step in torch.randperm(len(SURNAME), generator=dice)[:4].tolist():
            click_cell(page, step, len(SURNAME))
            look_at(page, unit)
            value = page.get_by_test_id("equation-h").locator(".value").inner_text()
            assert numbers(value)[0] == pytest.approx(states[step, unit].item(), abs=0.00051)


def look_at(page: Page, unit: int) -> None:
    field = page.get_by_test_id("unit")
    field.fill(str(unit))
    field.press("Enter")
    expect(page.get_by_test_id("unit")).to_have_value(str(unit))


def click_cell(page: Page, step: int, steps: int) -> None:
    box = page.get_by_test_id("strip-h").bounding_box()
    assert box
    page.mouse.click(box["x"] + (step + 0.5) * box["width"] / steps, box["y"] + box["height"] / 2)
    expect(page.get_by_test_id("scrub")).to_have_attribute("aria-valuenow", str(step + 1))


def test_the_strips_colours_are_the_gates_nn_gru_must_have_had(typed: dict[str, Any], page: Page) -> None:
    """Hover over a strip: the number under the crosshair is one of torch's states of that step."""
    states = typed["states"]
    box = page.get_by_test_id("strip-h").bounding_box()
    assert box
    for step in range(len(SURNAME)):
        page.mouse.move(box["x"] + (step + 0.5) * box["width"] / len(SURNAME), box["y"] + 0.3 * box["height"])
        tip = page.get_by_test_id("tip")
        expect(tip).to_contain_text(f"“{SURNAME[step]}”")
        unit = int(re.findall(r"unit (\d+)", tip.inner_text())[0])
        assert numbers(tip.locator(".here").inner_text())[0] == pytest.approx(states[step, unit].item(), abs=6e-5)


def numbers(text: str) -> list[float]:
    """The decimal numbers in a text, with the minus signs people write."""
    return [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?", text.replace("\N{MINUS SIGN}", "-"))]


def test_the_belief_is_the_softmax_of_the_shipped_head(typed: dict[str, Any], page: Page) -> None:
    best = typed["beliefs"][-1].argsort(descending=True)[:3].tolist()
    bars = page.get_by_test_id("belief-now").locator(".line").all_inner_texts()
    assert len(bars) >= 3
    for bar, index in zip(bars, best, strict=False):
        assert typed["labels"][index] in bar
        assert numbers(bar)[-1] == pytest.approx(100 * typed["beliefs"][-1, index].item(), abs=0.06)
