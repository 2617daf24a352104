"""What the cards say of the readers, side by side, and what the clock says of them now on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from threading import Lock
from typing import Any

import streamlit as st
import torch
from torch import nn

from gru_viz.analysis.cost import Clocked, Timing, cost, seconds_a_step
from gru_viz.ui.bigru.readers import BOTH, FORWARD, WAYS, Reading
from gru_viz.ui.runs import Loaded

CERTAIN = 1.96
"""Standard deviations either way that hold 95 % of a normal distribution."""
STEPS = 64
"""Characters in a text that is timed."""
CLOCKED = 1.5
"""Seconds the clock may take."""
BUSY = 1.5
_KEPT = "bigru-prices-kept"
_ONE_AT_A_TIME = Lock()
WIDE_ONE, WIDE_BOTH = "wide_one", "wide_both"
"""Fresh modules of equal width, for their cost only."""


def card(reading: Reading, way: str) -> Mapping[str, Any]:
    """What is known of one reader."""
    return reading.runs[way].model.card


def metrics(reading: Reading, way: str) -> Mapping[str, Any]:
    """What one reader scored on held-out text."""
    return card(reading, way)["metrics"]


def ways(reading: Reading) -> list[str]:
    """The ways this text was read, one way first."""
    return [way for way in WAYS if way in reading.runs]


def samples(reading: Reading) -> int:
    """How many held-out characters, or names, the readers were measured on."""
    found = metrics(reading, BOTH)
    return int(found.get("held_out_characters") or found.get("held_out_names") or 0)


POSITIONS = {"token": "accuracy_by_position_in_token", "typed": "accuracy_by_characters_typed"}
"""Where a card keeps accuracy by place; "keyword" and "name" are under "accuracy_by_position_in_word"."""


def by_place(reading: Reading, what: str) -> dict[str, Mapping[str, float]]:
    """Accuracy of every reader by place, as far as the cards have it.

    Args:
        what: "token", "keyword" or "name": by place in the token; "typed": by how much of the text is there. Surnames
            have but one: by letters read.
    """
    if reading.example == "names":
        found = {way: metrics(reading, way).get("accuracy_by_letters_read") for way in ways(reading)}
    elif what in POSITIONS:
        found = {way: metrics(reading, way).get(POSITIONS[what]) for way in ways(reading)}
    else:
        found = {way: metrics(reading, way).get("accuracy_by_position_in_word", {}).get(what) for way in ways(reading)}
    return {way: curve for way, curve in found.items() if curve}


@dataclass(frozen=True)
class Verdict:
    """Two directions against the better single one, by accuracy on held-out text.

    Attributes:
        better: "both", the better single way, or "" where the sample is too small to tell.
        single: the better single way.
        left: the mistakes of both ways as a share of those of the single one.
    """

    better: str
    single: str
    left: float


def verdict(accuracy: Mapping[str, float], count: int) -> Verdict:
    """Who is better, if a difference of independent shares of `count` samples each can tell at 95 %."""
    single = max((way for way in accuracy if way != BOTH), key=lambda way: accuracy[way])
    one, two = accuracy[single], accuracy[BOTH]
    better = "" if level(one, two, count) else BOTH if two > one else single
    return Verdict(better, single, (1 - two) / (1 - one) if one < 1 else 1.0)


def level(one: float, two: float, count: int) -> bool:
    """Whether two accuracies on `count` samples each may differ by chance alone (95 %, independent shares)."""
    return abs(two - one) <= CERTAIN * sqrt((one * (1 - one) + two * (1 - two)) / max(count, 1))


@dataclass(frozen=True)
class Price:
    """What one character costs a reader.

    Attributes:
        parameters: of the recurrent module.
        products: multiply-accumulates a character.
        seconds: a character, by the clock, now.
        width: units a direction.
        busy: a quarter of the runs took half as long again or longer: the machine did something else as well.
    """

    parameters: int
    products: int
    seconds: float
    width: int
    busy: bool


def prices(reading: Reading) -> dict[str, Price]:
    """Every reader's price, and that of one and two directions of equal width; timed once a visit and asked for again
    only by `measure_again`."""
    loaded = {way: run.loaded for way, run in reading.runs.items()}
    key = tuple(one.key for one in loaded.values())
    kept = st.session_state.get(_KEPT)
    if kept is None or kept[0] != key:
        with _ONE_AT_A_TIME:
            kept = st.session_state[_KEPT] = key, _prices(loaded)
    return kept[1]


def measure_again() -> None:
    """Forget what the clock said to this visitor."""
    st.session_state.pop(_KEPT, None)


# One measurement answers whoever asks meanwhile: many visitors, or one who keeps pressing, do not keep the CPU busy.
@st.cache_data(ttl=5, max_entries=8, show_spinner=False, hash_funcs={Loaded: lambda one: one.key})
def _prices(loaded: dict[str, Loaded]) -> dict[str, Price]:
    torch.set_num_threads(1)
    both = loaded[BOTH].model.rnn
    modules = {way: one.model.rnn for way, one in loaded.items()}
    modules |= {WIDE_ONE: _fresh(both, twice=False), WIDE_BOTH: _fresh(both, twice=True)}
    found = seconds_a_step({name: Clocked(rnn) for name, rnn in modules.items()}, STEPS, CLOCKED)
    return {name: _price(rnn, found[name]) for name, rnn in modules.items()}


def _price(rnn: nn.RNNBase, time: Timing) -> Price:
    counted = cost(rnn, 1)
    busy = time.upper > BUSY * time.median
    return Price(counted.parameters, counted.multiply_accumulates, time.median, rnn.hidden_size, busy)


def _fresh(like: nn.RNNBase, twice: bool) -> nn.RNNBase:
    """A GRU as wide as one direction of another, on its device; its weights don't matter, its shape does."""
    weight = like.get_parameter("weight_hh_l0")
    return nn.GRU(like.input_size, like.hidden_size, bidirectional=twice).to(weight).eval()


def live_steps(steps: int) -> dict[str, int]:
    """Steps of a cell to answer after every character of a text as it is typed.

    From the left each character is one more step. Both ways need that one and, because the right reader starts at the
    new end, all characters once more: T + T (T + 1) / 2 in all.
    """
    return {FORWARD: steps, BOTH: steps + steps * (steps + 1) // 2}
