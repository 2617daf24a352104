"""This visitor's training: it survives reruns and other pages, and ends with the browser.

Streamlit empties a session's own cache the moment its connection ends (`st.cache_resource(scope="session")`): that is
how we hear of it. A connection that only stumbled finds its training again if the visitor is back on any page before
the grace is over. It is kept here and not in the session's state, which outlives the connection.
"""

from __future__ import annotations

import secrets
from threading import Thread

import streamlit as st
import torch
from torch.optim import AdamW

from gru_viz.models.sequence import SequenceModel
from gru_viz.training.sessions import Session, Sessions
from gru_viz.training.studies import Recipe, Study
from gru_viz.training.workers import Workers
from gru_viz.ui.kit.visits import at_every_run

_TOKEN = "training"

WORKERS = Workers()
"""The machine's places for training, shared by all visitors."""
SESSIONS = Sessions()


def current() -> Session | None:
    """This visitor's."""
    return SESSIONS.of(_token())


def begin(recipe: Recipe, study: Study, start: SequenceModel | None = None) -> None:
    """Start a new one in place of the one there was."""
    SESSIONS.begin(_token(), WORKERS, recipe, study, start)


def _token() -> str:
    """This visitor's name here; asking for it also says that the visitor is present."""
    token = st.session_state.setdefault(_TOKEN, secrets.token_hex(8))
    _present(token)
    return token


@at_every_run
def _visitor_is_here() -> None:
    """Whoever comes back after a broken connection need not come back to this page."""
    if _TOKEN in st.session_state:
        _present(st.session_state[_TOKEN])


@st.cache_resource(scope="session", on_release=SESSIONS.leave, show_spinner=False)
def _present(token: str) -> str:
    """Called once a connection; what it returns is released when the connection ends."""
    SESSIONS.stay(token)
    return token


@st.cache_resource(show_spinner=False)
def warm_up() -> None:
    """torch loads half of itself with the first optimiser: done once, while the first visitor still looks around."""
    Thread(target=_warm, name="warm-up", daemon=True).start()


def _warm() -> None:
    AdamW([torch.zeros(1, requires_grad=True)])
