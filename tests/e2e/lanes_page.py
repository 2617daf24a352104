"""A page with nothing but the lanes player, for its tests: three cells on one name, or two directions that meet.

`text` what is read · `kind` cells (three seeded cells) or meeting (a seeded bidirectional GRU) · `step` · `lang` ·
`broken` a damaged blob.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import streamlit as st
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import gru_viz as gv
from gru_viz.cells.quantities import Quantity
from gru_viz.story.lanes import AnswerRow, BeliefBar, BeliefBars, Joined, Lane, Lanes, NoteRow, StripRow
from gru_viz.ui.kit import lanes_view
from gru_viz.ui.kit.i18n import speak

torch.set_num_threads(1)
ask = st.query_params
speak(ask.get("lang", "en"))
text = ask.get("text", "rossellini")
NAMES, SLOTS = ["vowel", "liquid", "other"], ["class-0", "class-1", "class-2"]
NOTE = ask.get("note", "An RNN has no such gate.")
TRUTH = np.array([0 if c in "aeiou" else 1 if c in "lrmn" else 2 for c in text])


def letters(size: int) -> torch.Tensor:
    torch.manual_seed(0)
    rows = torch.randn(128, size) * 2
    return rows[[ord(c) % 128 for c in text]][:, None]


def shares(h: torch.Tensor, seed: int) -> np.ndarray:
    """What a seeded head makes of states (T, H): (T, 3)."""
    torch.manual_seed(seed)
    return torch.softmax(h @ torch.randn(h.shape[1], 3), -1).numpy()


def cells(p: np.ndarray, written: bool = True) -> AnswerRow:
    best = p.argmax(1)
    marks = ["" if a == b else "wrong" for a, b in zip(best, TRUTH, strict=True)]
    return AnswerRow(NAMES, SLOTS, best, p.max(1), marks, written=written)


def three() -> Lanes:
    lanes, bars = [], []
    for seed, kind in enumerate((nn.RNN, nn.LSTM, nn.GRU)):
        torch.manual_seed(seed)
        with torch.no_grad():
            layer = gv.trace(kind(8, 12 + 2 * seed), letters(8)).layer(0)
        p = shares(layer.h[:, 0], seed)
        keep = {"GRU": Quantity.Z, "LSTM": Quantity.F}.get(layer.cell.value)
        rows = [StripRow(Quantity.H, layer.h[:, 0].numpy()), cells(p)]
        rows.insert(1, StripRow(keep, layer.quantity(keep.value)[:, 0].numpy()) if keep else NoteRow(NOTE))
        lanes.append(Lane(layer.cell.value.lower(), rows, layer.cell.value, f"{layer.h.shape[-1]} units"))
        bars.append(BeliefBar(layer.cell.value, p, TRUTH))
    return Lanes(list(text), lanes, bars=BeliefBars(NAMES, SLOTS, bars, "At “{token}” (step {step})"))


def meeting() -> Lanes:
    torch.manual_seed(0)
    with torch.no_grad():
        trace = gv.trace(nn.GRU(8, 16, bidirectional=True), letters(8))
    left, right = (trace.layer(0, way).h[:, 0] for way in ("forward", "backward"))
    p = shares(torch.cat([left, right], 1), 3)
    one_hot = np.eye(3)[TRUTH]
    lanes = [
        Lane("truth", [AnswerRow(NAMES, SLOTS, TRUTH, one_hot.max(1))], "truth", reads="all"),
        Lane("both", [cells(p, written=False)], "Bi-GRU ⇄", "both contexts", reads="both"),
        Lane("forward", [StripRow(Quantity.H, left.numpy(), "h→", "from the left")]),
        Lane("backward", [StripRow(Quantity.H, right.numpy(), "h←", "from the right")], reads="backward"),
    ]
    joined = Joined(
        ("forward", 0), ("backward", 0), "At “{token}”: 16 + 16 numbers", "knows “{left}”", "knows “{right}”"
    )
    bars = BeliefBars(NAMES, SLOTS, [BeliefBar("left", shares(left, 3), TRUTH), BeliefBar("both", p, TRUTH)])
    return Lanes(list(text), lanes, meeting=True, joined=joined, bars=bars)


st.set_page_config(layout="wide")
scene = meeting() if ask.get("kind") == "meeting" else three()
step = lanes_view.committed()
scene = replace(scene, step=int(ask["step"]) if step is None and "step" in ask else step)
st.caption(f"committed: step {lanes_view.lanes(scene)}")
