"""Random tensors for the tutorial's untrained GRU, with every shape as nn.GRU takes and gives it."""

from __future__ import annotations

import streamlit as st

from gru_viz.story.asked import whole
from gru_viz.story.runs import Given, Loaded, drawn
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
        length, batch, seed = (
            whole(t(label), value, low, high) for value, (_, label, _, low, high) in zip(asked, fields, strict=True)
        )
        keep(length=length, batch=batch, draw=seed)
        rnn = loaded.model.rnn
        state, output = (rnn.num_layers, batch, rnn.hidden_size), (length, batch, rnn.hidden_size)
        shapes = {"input": (length, batch, rnn.input_size), "h0": state, "output": output, "hn": state}
        st.caption(t("random.shapes", **shapes), width="stretch")
    return drawn(rnn, length, batch, seed)


def _asked(key: str, label: str, value: int) -> float:
    settle(key, st.session_state.get(key, value))
    return st.number_input(label, key=key, step=1.0, format="%g", width=120)
