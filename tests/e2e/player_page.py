"""A page with nothing but the player, on real traces chosen by query parameters: for its tests and its benchmark.

`cell` GRU, before (a reset-before GRU), LSTM, RNN, MinGRU, positive (a MinGRU of that form), names, english · `T`,
`H`, `L`, `D`, `I` sizes of a seeded module ·
`text` what the model reads · `step`, `unit`, `z`, `lang` · `clamp=1` a second trace with z clamped, `clamp=h` with h
held at −3 in layer `at` · `reads` shows what the `layer` reads · `sure` the class of a belief that is nearly certain ·
`unknown` a name for what has none · `broken` a damaged blob · `alone` a cell without a file, its candidate's function.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import gru_viz as gv
from gru_viz.analysis.order import states_of
from gru_viz.analysis.similarity import activity, similarity_order
from gru_viz.cells import KINDS
from gru_viz.draw.palette import LIGHT
from gru_viz.draw.player import wire
from gru_viz.locale import player_words
from gru_viz.story.belief_row import BeliefRow
from gru_viz.story.runs import Place
from gru_viz.story.scene import Scene, Selection, Side
from gru_viz.story.slots import class_slot
from gru_viz.ui.kit import player_view
from gru_viz.ui.kit.i18n import speak, spoken
from tests.e2e.alone_cell import made

torch.set_num_threads(1)
ask = st.query_params
speak(ask.get("lang", "en"))
BANDS = 6


def seeded(cell: str) -> tuple[nn.RNNBase, gv.Trace, tuple[str, ...]]:
    """A seeded module of the asked size, and its trace of letters or numbers."""
    steps, width, inputs = int(ask.get("T", 12)), int(ask.get("H", 16)), int(ask.get("I", 8))
    torch.manual_seed(0)
    sizes: dict[str, Any] = {"num_layers": int(ask.get("L", 1)), "bidirectional": ask.get("D") == "2"}
    if "P" in ask:
        sizes["proj_size"] = int(ask["P"])
    if "relu" in ask:
        sizes["nonlinearity"] = "relu"
    makes = {name.value: kind.modules[0] for name, kind in KINDS.items()}
    makes |= {"before": partial(gv.GRU, reset_after=False), "positive": partial(gv.MinGRU, positive=True)}
    rnn = makes[cell](inputs, width, **sizes)
    rows = torch.randn(26, inputs) * 2
    letters = torch.randint(0, 26, (steps,))
    tokens = tuple(chr(97 + int(letter)) for letter in letters)
    with torch.no_grad():
        return rnn, gv.trace(rnn, rows[letters][:, None]), tokens


def real(name: str) -> tuple[nn.RNNBase, gv.Trace, tuple[str, ...], BeliefRow]:
    """A model of the zoo reading a text, with its belief."""
    model = gv.load(name)
    trace = model.trace(
        ask.get("text", "rossellini" if name == "names" else "In the beginning was the word, and the w")
    )
    with torch.no_grad():
        p = model.predict(trace).numpy()
    if model.kind == "classify":
        best = np.argsort(-p.max(0), kind="stable")[:BANDS]
        slots = [class_slot(place) for place in range(BANDS)]
        belief = BeliefRow("classify", [model.labels[i] for i in best], p[:, best].T, slots=slots)
    else:
        best = np.argsort(-p, axis=1, kind="stable")[:, :3]
        ids = model.encode("".join(trace.tokens or ())).numpy()
        surprise = np.append(-np.log2(p[np.arange(len(ids) - 1), ids[1:]]), np.nan)
        belief = BeliefRow(
            "next",
            model.labels,
            np.take_along_axis(p, best, 1).T,
            best.T,
            surprise,
            [class_slot(0)],
            ask.get("unknown", ""),
        )
    return model.rnn, trace, trace.tokens or (), belief


def reading(trace: gv.Trace, layer: int) -> BeliefRow:
    """What a layer reads: the input, or the h of the layer below."""
    x = trace.layer(layer).x[:, 0].detach().numpy().T
    return BeliefRow("inputs", [str(k + 1) for k in range(len(x))], x)


def scene() -> Scene:
    """What the address asks for."""
    cell = ask.get("cell", "names")
    belief = None
    if cell in ("names", "english", "english-lstm"):
        rnn, trace, tokens, belief = real(cell)
    else:
        rnn, trace, tokens = seeded(cell)
    done = player_view.committed()
    layer = done.layer if done.layer is not None else int(ask.get("layer", 0))
    direction = done.direction or "forward"
    if "reads" in ask:
        belief = reading(trace, layer)
    if "sure" in ask:
        shares = np.array([[0.99996] * len(trace), [0.00004] * len(trace), [0.0] * len(trace)])
        belief = BeliefRow(
            "classify", [ask["sure"], "German", "Irish"], shares, slots=[class_slot(k) for k in range(3)]
        )
    states = trace.layer(layer, direction).h[:, 0].detach().numpy()
    moved = activity(*states_of(trace, layer, direction))
    step = done.step if done.step is not None else int(ask["step"]) if "step" in ask else None
    unit = done.unit if done.unit is not None else int(ask.get("unit", int(moved.argmax())))
    other = None
    partings: list[tuple[str, int, float]] = []
    if "clamp" in ask:
        cut = gv.clamp("z", 1.0, units=[unit], steps=slice(2, 5))
        if ask["clamp"] == "h":
            cut = gv.clamp("h", -3.0, units=[unit], steps=[2], layer=int(ask.get("at", 0)))
        changed = gv.trace(rnn, trace.layers[0].x, interventions=[cut])
        other = Side(changed, tokens, reading(changed, layer) if "reads" in ask else belief)
        parted = (changed.layer(layer).h - trace.layer(layer).h)[2].detach().flatten()
        partings = [("h", 2, float(parted[parted.abs().argmax()]))]
    sentences = [
        f"Step {k + 1}: the memory of unit {unit} is {states[k, min(unit, states.shape[1] - 1)]:+.2f}."
        for k in range(len(trace))
    ]
    return Scene(
        rnn,
        Side(trace, tokens, belief, sentences),
        Selection(
            step or 0,
            step is None,
            Place(layer, direction),
            unit,
            done.convention or ask.get("z", "keep"),
            done.order,
            done.pins or (),
        ),
        other=other,
        partings=partings,
        orders={
            "similarity": similarity_order(states),
            "index": range(len(states[0])),
            "activity": np.argsort(-moved),
        },
        labels=player_words(spoken()),
    )


st.set_page_config(layout="wide")
asked = scene()
data = made(asked, ask["alone"]) if "alone" in ask else wire.blob(asked, LIGHT, player_view.committed().count)
found = player_view.mount(data[: int(ask.get("broken", len(data)))])
st.caption(f"committed: step {found.step}, unit {found.unit}, clamp {found.clamp}")
