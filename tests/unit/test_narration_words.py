"""The words of narration: numbers written as they are, every claim in both languages, stories a human has read."""

from __future__ import annotations

import string
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from babel.messages.pofile import read_po
from golden import agrees_with
from torch import nn

import gru_viz as gv
from gru_viz.story import claim
from gru_viz.story.narrate import Belief, Narration, narrate, sentence

LOCALE = Path(__file__).parents[2] / "gru_viz" / "locale"
LANGUAGES = ("en", "zh")


def catalogue(language: str) -> dict[str, str]:
    with (LOCALE / language / "LC_MESSAGES" / "narration.po").open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, locale=language) if m.id}


def speaker(language: str) -> Callable[..., str]:
    words = catalogue(language)
    return lambda key, /, **params: words[key].format(**params)


@pytest.mark.parametrize(
    ("params", "written"),
    [
        ({"share": 1.0}, "100"),
        ({"share": 0.9999}, ">99"),
        ({"share": 0.985}, "98"),
        ({"share": 0.001}, "<1"),
        ({"share": 0.0}, "0"),
        ({"p": 0.9999}, ">0.99"),
        ({"p": 1.0}, "1.00"),
        ({"p": 1e-9}, "<0.01"),
        ({"p": 0.714}, "0.71"),
        ({"before": -0.2}, "−0.20"),
        ({"before": -0.001}, "0.00"),
        ({"before": -3.2e30}, "−3.2e+30"),
        ({"value": 1234.56}, "1235"),
        ({"value": -0.03}, "−0.03"),
        ({"unit": 17}, "17"),
        ({"limit": 0.1}, "0.1"),
        ({"label": "German"}, "<German>"),
    ],
)
def test_numbers_are_written_as_they_are(params: dict, written: str) -> None:
    (name,) = params
    words = sentence([Narration("any", params)], lambda key, /, **p: p[name], lambda label: f"<{label}>")
    assert words == written


def test_a_step_of_which_nothing_is_said_has_no_sentence() -> None:
    assert sentence((), speaker("en")) == ""


def codes_in_the_source() -> set[str]:
    table = (claim.__doc__ or "").split("----\n", 1)[1]
    names = {name for line in table.splitlines() for name in line[:22].replace(",", " ").split()}
    names.discard("_falls")
    return {f"narrate.{name}" for name in names | {"belief_falls", "join"}}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_claim_has_words_and_no_word_is_left_over(language: str) -> None:
    words = catalogue(language)
    assert words.keys() == codes_in_the_source()
    for key, other in catalogue("en").items():
        fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (words[key], other)]
        assert fields[0] == fields[1], key
    assert all(words.values())


# The golden files: a short trace of every cell, told in both languages.


def seeded(make: type[nn.RNNBase], seed: int, size: float = 1.0) -> nn.RNNBase:
    """Weights from NumPy's generator, which is the same on every machine; at size 1 much happens."""
    rng = np.random.default_rng(seed)
    rnn = make(4, 6, dtype=torch.float64)
    with torch.no_grad():
        for weight in rnn.parameters():
            weight.copy_(torch.from_numpy(size * rng.standard_normal(weight.shape)))
    return rnn


def stories() -> dict[str, list[tuple[Narration, ...]]]:
    rng = np.random.default_rng(4)
    x = torch.from_numpy(rng.standard_normal((7, 1, 4)))
    german, irish = np.array([[0.2, 0.5, 0.9, 0.999, 0.93, 0.94, 0.4], [0.3, 0.4, 0.05, 0.0005, 0.04, 0.03, 0.5]])
    classes = np.stack([german, irish, 1 - german - irish], axis=1)
    belief = Belief(classes, ["German", "Irish", "Italian"])
    symbols = np.exp(3 * rng.standard_normal((7, 4)))
    symbols = Belief(symbols / symbols.sum(axis=1, keepdims=True), ["�", "a", "b", "c"], "next", [1, 2, 0, 3, 1, 1, 2])
    values = Belief(100 * rng.standard_normal((7, 1)), kind="forecast")
    held = [gv.clamp("z", 1.5, steps=2), gv.clamp("h", 0.5, units=[1, 2], steps=4), gv.clamp("z", 1.0, steps=6)]
    gru, lstm = seeded(nn.GRU, 1), seeded(nn.LSTM, 1)
    return {
        "GRU that classifies": narrate(gv.trace(gru, x), belief),
        "GRU with clamps": narrate(gv.trace(gru, x, interventions=held)),
        "GRU in which little happens": narrate(gv.trace(seeded(nn.GRU, 1, 0.05), x)),
        "LSTM that writes": narrate(gv.trace(lstm, x), symbols),
        "LSTM in which little happens": narrate(gv.trace(seeded(nn.LSTM, 1, 0.05), x)),
        "RNN that forecasts": narrate(gv.trace(seeded(nn.RNN, 2), x), values),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentences_read_well(language: str) -> None:
    lines = []
    for title, told in stories().items():
        lines += [f"# {title}", *(sentence(parts, speaker(language)) for parts in told), ""]
    agrees_with(f"narration.{language}.txt", "\n".join(lines))


def test_the_stories_leave_few_claims_untold() -> None:
    told = {part.code for story in stories().values() for parts in story for part in parts}
    assert codes_in_the_source() - told <= {"narrate.join", "narrate.overflow"}
