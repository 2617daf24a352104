"""One clear sentence for whatever could not be done as asked; the page goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gru_viz.errors import InputError, ModelError
from gru_viz.ui.kit.i18n import sentence, t
from gru_viz.ui.kit.link import wrong
from gru_viz.ui.kit.markdown import plain

_NOTICES = "notices"


def clear() -> None:
    """Forget the last run's sentences."""
    st.session_state[_NOTICES] = []


def notice(text: str) -> None:
    """Say one sentence under the input."""
    said = st.session_state.setdefault(_NOTICES, [])
    if text not in said:
        said.append(text)


def wrong_link() -> None:
    """Say which of the link's parameters could not be taken."""
    for one in wrong():
        notice(t("notice.wrong_parameter", name=one.name, value=one.value))


def unknown(count: int, steps: int, model: str) -> None:
    """Say how many of the steps no model has ever seen, if any."""
    if count:
        notice(t("notice.unknown_one" if count == 1 else "notice.unknown", count=count, steps=steps, model=model))


def draw(place: DeltaGenerator) -> None:
    """Write this run's sentences where they belong."""
    said = st.session_state.get(_NOTICES, [])
    if said:
        # A sentence may quote what somebody typed: no Markdown is read in it.
        place.container(key="notices", gap=None).warning(
            "  \n".join(plain(text) for text in said), icon=":material/info:"
        )


@contextmanager
def in_words() -> Iterator[None]:
    """Where not even what a page opens with can be had, as with damaged models, the page says so in its place."""
    try:
        yield
    except (InputError, ModelError) as error:
        st.error(plain(sentence(error)))
