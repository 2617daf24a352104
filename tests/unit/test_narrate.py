"""Every sentence is true: each claim is checked against the trace by a rule of its own, on random traces.

law                     says
----------------------  ---------------------------------------------------------------------------------------------
claims hold             whatever is said of a step follows from that step's numbers, computed here another way
complete                every valid step is told, no other; each says what was kept and how the units changed
"""

from __future__ import annotations

from collections.abc import Callable

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given
from torch import nn

import gru_viz as gv
from gru_viz.cells.quantities import Cell
from gru_viz.story import claim
from gru_viz.story.narrate import Belief, Narration, narrate
from tests.properties.calls import Call, calls

# Claims about the memory: each rule takes one step's old and new memory, keep gate and the layer's other values.


class Step:
    """One step of one sequence, read from the trace with torch in double precision."""

    def __init__(self, trace: gv.Trace, layer: int, direction: str, batch: int, t: int) -> None:
        found = trace.layer(layer, direction)
        self.v = {q.value: value[t, batch].double() for q, value in found.values.items()}
        name = "c" if trace.cell is Cell.LSTM else "h"
        self.old, self.new = found.quantity(f"{name}_prev")[t, batch].double(), self.v[name]
        self.keep = self.v.get({Cell.GRU: "z", Cell.LSTM: "f"}.get(trace.cell, ""))
        self.cell = trace.cell
        first = (layer, direction) == (0, "forward")
        here = [c for c in trace.made.edits if first and c.steps in (None, (t,))]
        self.by_gates = torch.full_like(self.new, name not in {c.quantity for c in here}, dtype=torch.bool)
        self.h_is_free = "h" not in {c.quantity for c in here}

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
        and s.h_is_free
    ),
}


def shows(s: Step, trace: gv.Trace) -> bool:
    """Whether h is what o lets out of c, and there is something to let out."""
    if s.cell is not Cell.LSTM or trace.spec.proj_size:
        return False
    o, c = s.v["o"], s.v["c"].tanh()
    return bool(s.h_is_free and (o >= 0).all() and (o <= 1).all() and (c != 0).any())


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
                    assert ("shown" in names) == shows(step, trace)
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


def test_a_memory_set_by_hand_is_not_said_to_be_let_out() -> None:
    x = torch.ones(3, 1, 2)
    told = narrate(gv.trace(nn.LSTM(2, 3), x, interventions=[gv.clamp("h", 0.9, units=1, steps=1)]))
    assert ["narrate.shown" in {part.code for part in parts} for parts in told] == [True, False, True]


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
