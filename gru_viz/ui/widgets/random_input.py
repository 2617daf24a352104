"""Random tensors for the tutorial's untrained GRU, with every shape as nn.GRU takes and gives it."""

from __future__ import annotations

import streamlit as st
import torch

from gru_viz.ui.i18n import t
from gru_viz.ui.runs import Given, Loaded
from gru_viz.ui.state import keep, settle, view


def random_input(loaded: Loaded) -> Given:
    """T, B and a seed; the input and the first state are drawn from them."""
    with st.container(key="random", horizontal=True, gap="small", vertical_alignment="bottom"):
        length = _whole("T", t("random.length"), view().length, 1, 500)
        batch = _whole("B", t("random.batch"), view().batch, 1, 32)
        draw = _whole("draw", t("random.draw"), view().draw, 0, 2**31 - 1)
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
    return Given(numbers=x.double().numpy(), first_state=h0)


def _whole(key: str, label: str, value: int, low: int, high: int) -> int:
    settle(key, st.session_state.get(key, value))
    return int(st.number_input(label, low, high, key=key, step=1, width=120))


def _shape(sizes: torch.Size | tuple[int, ...]) -> str:
    return f"({', '.join(str(size) for size in sizes)})"
