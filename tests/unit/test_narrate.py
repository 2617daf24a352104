"""Every sentence is true: each claim is checked against the trace by a rule of its own, on random traces.

law                     says
----------------------  ---------------------------------------------------------------------------------------------
claims hold             whatever is said of a step follows from that step's numbers, computed here another way
complete                every valid step is told, no other; each says what was kept and how the units changed
written as they are     displayed numbers are the claim's, rounded; neither certainty nor nothing comes from rounding
both languages          the same claims, every one with words
"""

from __future__ import annotations

import string
from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from babel.messages.pofile import read_po
from golden import agrees_with
from hypothesis import given
from torch import nn

import gru_viz as gv
from gru_viz.analysis import claim
from gru_viz.analysis.narrate import Belief, Narration, narrate, sentence
from gru_viz.quantities import Cell
from gru_viz.trace import TOLERANCE
from tests.properties.calls import Call, calls

LOCALE = Path(__file__).parents[2] / "gru_viz" / "locale"
LANGUAGES = ("en", "zh")


def catalogue(language: str) -> dict[str, str]:
    with (LOCALE / language / "LC_MESSAGES" / "narration.po").open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, locale=language) if m.id}


def speaker(language: str) -> Callable[..., str]:
    words = catalogue(language)
    return lambda key, /, **params: words[key].format(**params)


# Claims about the memory: each rule takes one step's old and new memory, keep gate and the layer's other values.


class Step:
    """One step of one sequence, read from the trace with torch in double precision."""

    def __init__(self, trace: gv.Trace, layer: int, direction: str, batch: int, t: int) -> None:
        found = trace.layer(layer, direction)
        self.v = {q.value: value[t, batch].double() for q, value in found.values.items()}
        name = "c" if trace.cell is Cell.LSTM else "h"
        self.old, self.new = found.quantity(f"{name}_prev")[t, batch].double(), self.v[name]
        self.keep = self.v.get({Cell.GRU: "z", Cell.LSTM: "f"}.get(trace.cell, ""))
        self.tolerance, self.cell = TOLERANCE[trace.dtype], trace.cell
        self.by_gates = torch.ones_like(self.new, dtype=torch.bool)
        if self.keep is not None:
            v = self.v
            rule = v["f"] * self.old + v["i"] * v["g"] if name == "c" else (1 - v["z"]) * v["n"] + v["z"] * self.old
            self.by_gates = (rule - self.new).abs() <= self.tolerance * (1 + self.new.abs())

    def kept(self) -> float:
        """The part of the old memory still there, by magnitude."""
        still = [k * abs(o) for k, o, g in zip(self.keep, self.old, self.by_gates, strict=True) if g]
        return float(sum(still)) / float(self.old.abs().sum())

    def is_the_most_changed(self, p: dict) -> bool:
        size = (self.new - self.old).abs()
        u = p["unit"]
        return bool(
            size[u] == size.max()
            and size[u] >= claim.CHANGED
            and (p["before"], p["after"]) == (self.old[u].item(), self.new[u].item())
        )


def keeps_all_in_range(s: Step) -> bool:
    return all(0 <= k <= 1 for k, g in zip(s.keep, s.by_gates, strict=True) if g)


RULES: dict[str, Callable[[Step, dict], bool]] = {
    "kept": lambda s, p: keeps_all_in_range(s) and abs(p["share"] - s.kept()) < 1e-9 and 0 <= p["share"] <= 1 + 1e-12,
    "empty": lambda s, p: s.keep is not None and bool((s.old == 0).all()),
    "scaled": lambda s, p: not keeps_all_in_range(s) and abs(p["factor"] - s.kept()) < 1e-9,
    "ungated": lambda s, p: (
        s.keep is None and abs(p["mean"] - float((s.new - s.old).abs().sum()) / len(s.new)) < 1e-9 * (1 + p["mean"])
    ),
    "forced": lambda s, p: p["count"] == int((~s.by_gates).sum()) > 0,
    "rewritten": lambda s, p: (
        s.is_the_most_changed(p) and bool(s.keep[p["unit"]] < 0.5) and bool(s.by_gates[p["unit"]])
    ),
    "filled": lambda s, p: s.is_the_most_changed(p) and f"{abs(p['before']):.2f}" == "0.00",
    "moved": lambda s, p: (
        s.is_the_most_changed(p)
        and (s.keep is None or bool(s.keep[p["unit"]] >= 0.5) or not bool(s.by_gates[p["unit"]]))
    ),
    "still": lambda s, p: p["limit"] == claim.CHANGED and bool(((s.new - s.old).abs() < claim.CHANGED).all()),
    "shown": lambda s, p: (
        abs(p["share"] * float(s.v["c"].tanh().abs().sum()) - float((s.v["o"] * s.v["c"].tanh()).abs().sum())) < 1e-9
        and bool((s.v["h"] - s.v["o"] * s.v["c"].tanh()).abs().max() <= s.tolerance)
    ),
}


def held(part: Narration, cell: Cell) -> str:
    """The rule's name; claims about an LSTM's memory say that they speak of c."""
    name = part.code.removeprefix("narrate.")
    if name not in ("scaled", "ungated", "forced", "shown"):
        assert name.endswith("_c") == (cell is Cell.LSTM), part
    return name.removesuffix("_c")


@st.composite
def clamped(draw: st.DrawFn) -> tuple[Call, list[gv.Clamp]]:
    """Any call of the tracer, with up to two clamps that fit it, values beyond 0..1 among them."""
    call = draw(calls())
    names = list(call.trace().layer(0).values)
    steps = len(call.trace())
    where = st.one_of(st.none(), st.integers(0, steps - 1))
    values = st.sampled_from([-0.5, 0.0, 0.3, 1.0, 1.5])
    several = st.lists(st.builds(gv.clamp, st.sampled_from(names), values, steps=where), max_size=2)
    return call, draw(several)


@given(clamped())
def test_claims_about_the_memory_hold(drawn: tuple[Call, list[gv.Clamp]]) -> None:
    call, clamps = drawn
    trace = call.trace(interventions=clamps)
    for layer in range(trace.num_layers):
        for direction in trace.directions:
            for batch in range(trace.batch_size):
                told = narrate(trace, layer=layer, direction=direction, batch=batch)
                alive = trace.layer(layer, direction).mask[:, batch].tolist()
                assert [bool(parts) for parts in told] == alive
                for t in np.flatnonzero(alive):
                    step = Step(trace, layer, direction, batch, int(t))
                    names = [held(part, trace.cell) for part in told[t]]
                    for name, part in zip(names, told[t], strict=True):
                        assert RULES[name](step, dict(part.params)), (part, t)
                    assert ("forced" in names) == bool((~step.by_gates).any())
                    assert names[0] in ("kept", "empty", "scaled", "ungated")
                    assert sum(name in ("rewritten", "filled", "moved", "still") for name in names) == 1


@given(calls())
def test_without_a_clamp_nothing_is_set_by_hand(call: Call) -> None:
    codes = {part.code for parts in narrate(call.trace()) for part in parts}
    assert not codes & {"narrate.forced", "narrate.scaled"}


# Claims about the belief.


@st.composite
def tables(draw: st.DrawFn) -> np.ndarray:
    """Probabilities (T, V) in few sizes, so that ties come up, and the very unlikely."""
    steps, width = draw(st.integers(1, 8)), draw(st.integers(1, 4))
    row = st.lists(st.sampled_from([1, 2, 3, 20, 60]), min_size=width, max_size=width)
    weights = draw(st.lists(row, min_size=steps, max_size=steps))
    counts = np.array(weights, dtype=float)
    return counts / counts.sum(axis=1, keepdims=True)


def told_of(table: np.ndarray, **options: object) -> list[list[Narration]]:
    """What is said of the belief beside some memory."""
    trace = gv.trace(nn.GRU(2, 3), torch.zeros(len(table), 1, 2))
    memory = {"narrate.empty", "narrate.kept", "narrate.still", "narrate.filled", "narrate.rewritten", "narrate.moved"}
    labels = [f"L{i}" for i in range(table.shape[1])]
    told = narrate(trace, Belief(table, labels, **options))  # type: ignore[arg-type]
    return [[part for part in parts if part.code not in memory] for parts in told]


@given(tables())
def test_claims_about_a_belief_hold(table: np.ndarray) -> None:
    told = [one for (one,) in told_of(table)]
    index = [int(str(part.params["label"])[1:]) for part in told]
    for t, part in enumerate(told):
        assert table[t, index[t]] == table[t].max() == part.params["p"]
    assert told[0].code == "narrate.belief_is"
    for t, part in enumerate(told[1:], 1):
        change = table[t, index[t]] - table[t - 1, index[t - 1]]
        if part.code == "narrate.belief_moves":
            assert index[t] != index[t - 1]
            assert table[t, index[t]] > table[t, index[t - 1]], "a tie is no move"
            continue
        assert index[t] == index[t - 1]
        holds = {
            "narrate.belief_rises": change >= claim.BELIEF,
            "narrate.belief_falls": change <= -claim.BELIEF,
            "narrate.belief_stays": abs(change) < claim.BELIEF,
        }
        assert holds[part.code]


@given(tables(), st.integers(0, 99))
def test_claims_about_the_next_symbol_hold(table: np.ndarray, seed: int) -> None:
    read = np.random.default_rng(seed).integers(0, table.shape[1], len(table)).tolist()
    told = told_of(table, kind="next", read=read)
    for t, parts in enumerate(told):
        assert parts[-1].code == "narrate.next"
        assert parts[-1].params["p"] == table[t].max() == table[t, int(str(parts[-1].params["label"])[1:])]
        surprises = parts[:-1]
        if t == 0 or read[t] == 0:
            assert not surprises, "nothing was held before the first step, and the unknown symbol is no symbol"
            continue
        had = table[t - 1, read[t]]
        best = had == table[t - 1].max()
        expected = ["narrate.expected"] if best else ["narrate.surprise"] if had < claim.SURPRISE else []
        assert [part.code for part in surprises] == expected
        assert all(part.params == {"label": f"L{read[t]}", "p": had} for part in surprises)


def test_beliefs_follow_the_order_of_reading() -> None:
    trace = gv.trace(nn.GRU(2, 3, bidirectional=True), torch.zeros(3, 2, 2), lengths=[3, 2])
    table = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    told = narrate(trace, Belief(table, ["a", "b"]), direction="backward", batch=1)
    assert [parts[-1].code if parts else "" for parts in told] == ["narrate.belief_moves", "narrate.belief_is", ""]


def test_of_what_is_not_finite_nothing_is_claimed() -> None:
    rnn = nn.RNN(1, 2, nonlinearity="relu")
    with torch.no_grad():
        for weight in rnn.parameters():
            weight.fill_(1e30)
    told = narrate(gv.trace(rnn, torch.ones(4, 1, 1)))
    assert [[part.code for part in parts] for parts in told[1:]] == [["narrate.overflow"]] * 3
    table = np.array([[0.5, 0.5], [np.nan, 0.5], [0.4, 0.6], [np.nan, np.nan]])
    assert [[part.code for part in parts] for parts in told_of(table)] == [
        ["narrate.belief_is"],
        [],
        ["narrate.belief_is"],
        [],
    ]
    assert told_of(np.array([[1.0], [np.inf]]), kind="forecast")[1] == []
    told = [[part.code for part in parts] for parts in told_of(table, kind="next", read=[1, 1, 1, 1])]
    assert told == [["narrate.next"], ["narrate.expected"], ["narrate.next"], ["narrate.expected"]]


def test_a_place_that_is_not_there_is_refused() -> None:
    trace = gv.trace(nn.GRU(2, 3), torch.zeros(4, 1, 2))
    for place in ({"layer": 1}, {"direction": "backward"}, {"batch": 1}, {"batch": -1}):
        with pytest.raises(gv.InputError):
            narrate(trace, **place)  # type: ignore[arg-type]


# Words.


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
