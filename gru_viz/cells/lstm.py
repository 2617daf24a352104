"""The LSTM: one step, every intermediate named. No peepholes; `proj_size` shrinks h through ``W_hr``.

Sources: documentation of `torch.nn.LSTM`; for the projection Sak et al. 2014, arXiv:1402.1128. Weight rows are stacked
i, f, g, o. Letters in shapes as in `gru.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gru_viz.cells.kind import (
    LEAK,
    Adjoint,
    Back,
    Edit,
    Held,
    Kind,
    Mix,
    Show,
    Slopes,
    Squash,
    Weights,
    passing,
    unedited,
)
from gru_viz.cells.quantities import Cell, Quantity


class LSTMStep(NamedTuple):
    """Everything one LSTM step computes; h has the projected width where there is a projection."""

    i: Float[Tensor, "*B H"]
    f: Float[Tensor, "*B H"]
    g: Float[Tensor, "*B H"]
    o: Float[Tensor, "*B H"]
    c: Float[Tensor, "*B H"]
    h: Float[Tensor, "*B P"]


def lstm_step(
    x: Float[Tensor, "*B I"],
    h_prev: Float[Tensor, "*B P"],
    c_prev: Float[Tensor, "*B H"],
    w: Weights,
    edit: Edit = unedited,
) -> LSTMStep:
    """One LSTM step. Source: documentation of `torch.nn.LSTM`."""
    i, f, g, o = (x @ w.ih.T + w.b_ih + h_prev @ w.hh.T + w.b_hh).chunk(4, -1)
    i, f = edit(Quantity.I, torch.sigmoid(i)), edit(Quantity.F, torch.sigmoid(f))
    g, o = edit(Quantity.G, torch.tanh(g)), edit(Quantity.O, torch.sigmoid(o))
    c = edit(Quantity.C, f * c_prev + i * g)
    h = o * torch.tanh(c)
    h = edit(Quantity.H, h if w.hr is None else h @ w.hr.T)
    return LSTMStep(i, f, g, o, c, h)


def lstm_slopes(
    w: Weights,  # noqa: ARG001 - one signature for all cells
    values: Mapping[Quantity, Tensor],
    previous: Mapping[Quantity, Tensor],
    held: Held,
) -> Slopes:
    """What c_prev and the sums behind i, f, g are worth in c, and what o's sum and c itself (`shown`) are worth in what
    is shown of it, ``o * tanh(c)``."""
    i, f, g, o = (values[q] for q in (Quantity.I, Quantity.F, Quantity.G, Quantity.O))
    seen = torch.tanh(values[Quantity.C])
    return {
        LEAK: passing(f, held, Quantity.C),
        "i": passing(g * i * (1 - i), held, Quantity.I, Quantity.C),
        "f": passing(previous[Quantity.C] * f * (1 - f), held, Quantity.F, Quantity.C),
        "g": passing(i * (1 - g * g), held, Quantity.G, Quantity.C),
        "o": passing(seen * o * (1 - o), held, Quantity.O),
        "shown": o * (1 - seen * seen),
    }


def lstm_back(w: Weights, slopes: Slopes, gradients: tuple[Tensor, ...]) -> Back:
    """One step backwards: what arrives at h goes through W_hr to o and c, what is at c then to c_prev and the sums."""
    d_h, d_c = gradients
    d_shown = d_h if w.hr is None else d_h @ w.hr
    d_c = d_c + d_shown * slopes["shown"]
    sums = torch.cat([d_c * slopes["i"], d_c * slopes["f"], d_c * slopes["g"], d_shown * slopes["o"]], -1)
    return Back((sums @ w.hh, d_c * slopes[LEAK]), sums)


LSTM = Kind(
    name=Cell.LSTM,
    rows=(Quantity.I, Quantity.F, Quantity.G, Quantity.O),
    shown=(Quantity.F, Quantity.I, Quantity.G, Quantity.O, Quantity.C, Quantity.H),
    carried=(Quantity.H, Quantity.C),
    modules=(nn.LSTM, nn.LSTMCell),
    step=lambda spec, x, state, w, edit: lstm_step(x, state[0], state[1], w, edit),
    equations=lambda spec: (
        Squash(Quantity.F, "sigmoid"),
        Squash(Quantity.I, "sigmoid"),
        Squash(Quantity.G, "tanh", phase=2),
        Mix(Quantity.C, keep=Quantity.F, candidate=Quantity.G, write=Quantity.I),
        Squash(Quantity.O, "sigmoid"),
        Show(Quantity.H, gate=Quantity.O, of=Quantity.C),
    ),
    adjoint=lambda spec: Adjoint(
        slopes=lstm_slopes,
        back=lstm_back,
        paths={LEAK: (LEAK, "shown"), "i": ("i", "shown"), "f": ("f", "shown"), "g": ("g", "shown"), "o": ("o",)},
    ),
    roles={
        "memory": (Quantity.H,),
        "kept": (Quantity.F,),
        "written": (Quantity.I,),
        "candidate": (Quantity.G,),
        "own": (Quantity.O, Quantity.C),
    },
    kernel=lambda spec: torch.lstm,
    onednn=True,
    projects=True,
    options=lambda make: {"proj_size": make.proj_size} if make.proj_size else {},
    opened=MappingProxyType({Quantity.F: 1.0}),  # Gers et al. 2000; Jozefowicz et al. 2015, section 5
    plan=lambda spec: "lstm",
)
