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
from tools.figures import LETTERS

SURNAME = "zwettelberg"
"""In none of the lists the model was trained on; every letter is in its alphabet."""

DRAWN = f"""(wanted) => {{
  {LETTERS}
  const figure = document.querySelector(".js-plotly-plot");
  return figure && letters(figure) === wanted;
}}"""

READ = """() => {
  const figure = document.querySelector(".js-plotly-plot");
  const plain = (values) => Array.from(values, (v) => (v.length === undefined ? v : Array.from(v)));
  const traces = Object.fromEntries(figure._fullData.map((trace) => [trace.name, trace]));
  return { strip: plain(traces["strip-h"].z), rows: traces["strip-h"].y, line: plain(traces["line-h"].y) };
}"""
"""What the figure holds: the strip of h row by row with the rows' names, and the selected unit's h over time."""


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
    """What the page shows after the surname was typed, key by key, and torch's own numbers."""
    address, folder = fresh
    page.goto(address)
    field = page.locator(".st-key-text input")
    expect(field).to_be_visible()
    field.fill("")
    field.press_sequentially(SURNAME, delay=30)
    page.wait_for_function(DRAWN, arg=SURNAME, timeout=60_000)
    expect(page.get_by_test_id("belief")).to_contain_text(f"“{SURNAME[-1]}”")
    states, beliefs, labels = from_the_weights(folder, SURNAME)
    return page.evaluate(READ) | {"states": states, "beliefs": beliefs, "labels": labels}


def numbers(text: str) -> list[float]:
    """The decimal numbers in a text, with the minus signs people write."""
    return [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?", text.replace("\N{MINUS SIGN}", "-"))]


def test_every_row_of_h_is_what_the_shipped_weights_give(typed: dict[str, Any]) -> None:
    states = typed["states"]
    units = [[int(unit) for unit in re.findall(r"\d+", row)] for row in typed["rows"]]
    assert sorted(unit for row in units for unit in row) == list(range(states.shape[1]))
    shown = torch.tensor(typed["strip"])
    torch.testing.assert_close(shown, torch.stack([states[:, row].mean(1) for row in units]), rtol=0, atol=2e-5)


def test_the_equation_ends_in_the_state_that_nn_gru_computes(typed: dict[str, Any], page: Page) -> None:
    unit = next(u for u, h in enumerate(typed["states"].T) if torch.allclose(h, torch.tensor(typed["line"]), atol=2e-5))
    value = page.get_by_test_id("equation-h").locator(".gv-value").inner_text()
    assert numbers(value)[0] == pytest.approx(typed["states"][-1, unit].item(), abs=0.0006)


def test_the_belief_is_the_softmax_of_the_shipped_head(typed: dict[str, Any], page: Page) -> None:
    best = typed["beliefs"][-1].argsort(descending=True)[:3].tolist()
    bars = page.get_by_test_id("belief").locator(".gv-bar").all_inner_texts()
    for bar, index in zip(bars, best, strict=False):
        assert typed["labels"][index] in bar
        assert numbers(bar)[-1] == pytest.approx(100 * typed["beliefs"][-1, index].item(), abs=0.06)
