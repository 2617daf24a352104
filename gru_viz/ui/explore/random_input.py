"""Random tensors for the tutorial's untrained GRU, with every shape as nn.GRU takes and gives it."""

from __future__ import annotations

import streamlit as st
import torch

from gru_viz.story.asked import whole
from gru_viz.story.runs import Given, Loaded
from gru_viz.ui.explore.view import view
from gru_viz.ui.kit.i18n import t
from gru_viz.ui.kit.link import keep, settle


def random_input(loaded: Loaded) -> Given:
    """T, B and a seed; the input and the first state are drawn from them.

    Raises:
        InputError: one of them is out of bounds; the fields are drawn all the same.
    """
    with st.container(key="random", horizontal=True, gap="small", vertical_alignment="bottom"):
        fields = (
            ("T", "random.length", view().length, 1, 500),
            ("B", "random.batch", view().batch, 1, 32),
            ("draw", "random.draw", view().draw, 0, 2**31 - 1),
        )
        asked = [_asked(key, t(label), value) for key, label, value, _, _ in fields]
        length, batch, draw = (
            whole(t(label), value, low, high) for value, (_, label, _, low, high) in zip(asked, fields, strict=True)
        )
        keep(length=length, batch=batch, draw=draw)
        rnn = loaded.model.rnn
        generator = torch.Generator().manual_seed(draw)
        x = torch.randn(length, batch, rnn.input_size, generator=generator)
        h0 = torch.randn(rnn.num_layers, batch, rnn.hidden_size, generator=generator)
        st.caption(
            t(
                "random.shapes",
                input=_shape(x.shape),
                h0=_shape(h0.shape),
                output=_shape((length, batch, rnn.hidden_size)),
                hn=_shape(h0.shape),
            ),
            width="stretch",
        )
    return Given(numbers=x.cpu().double().numpy(), first_state=h0)


def _asked(key: str, label: str, value: int) -> float:
    settle(key, st.session_state.get(key, value))
    return st.number_input(label, key=key, step=1.0, format="%g", width=120)


def _shape(sizes: torch.Size | tuple[int, ...]) -> str:
    return f"({', '.join(str(size) for size in sizes)})"
