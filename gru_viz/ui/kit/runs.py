"""One run of one model on one input: the trace, how long it took, how near it is to torch, what the model believed.

Models and runs are cached for all visitors: models by name and device, runs by the content of weights and input. The
caches are bounded; a Run is never changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from operator import attrgetter
from time import perf_counter
from typing import Any

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray
from torch import Tensor

import gru_viz as gv
from gru_viz import models
from gru_viz.analysis.order import clustered, states_of
from gru_viz.analysis.similarity import activity
from gru_viz.analysis.what_if import WhatIf, what_if
from gru_viz.cells.spec import FORWARD
from gru_viz.models import SequenceModel
from gru_viz.tracing.edits import Clamp
from gru_viz.tracing.terms import Proof, proof


@dataclass(frozen=True)
class Loaded:
    """A model ready to run, and what identifies its weights."""

    model: SequenceModel
    digest: str
    device: str

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    @property
    def key(self) -> str:
        """Identifies weights and device."""
        return f"{self.digest}/{self.device}"


@dataclass(frozen=True)
class Given:
    """What a model is given: a text, or numbers (T, I) or (T, B, I) with an optional first state."""

    text: str | None = None
    numbers: NDArray[np.float64] | None = None
    first_state: Tensor | None = None

    @property
    def data(self) -> str | NDArray[np.float64]:
        """The one of the two that was given."""
        found = self.text if self.text is not None else self.numbers
        assert found is not None
        return found

    @cached_property
    def digest(self) -> str:
        """Identifies the content."""
        found = hashlib.sha256((self.text or "").encode("utf-8", "surrogatepass"))
        for part in (self.numbers, None if self.first_state is None else self.first_state.numpy()):
            found.update(b"" if part is None else repr(part.shape).encode() + np.ascontiguousarray(part).tobytes())
        return found.hexdigest()


@dataclass(frozen=True)
class Place:
    """Which part of a trace is looked at: a layer, a direction, a sequence of the batch."""

    layer: int = 0
    direction: str = FORWARD
    batch: int = 0


@dataclass(frozen=True)
class Run:
    """Everything the page draws.

    Attributes:
        seconds: wall time of this very run of the tracer, with whatever else its machine or device did meanwhile.
        proof: how this very run stands beside torch.
        belief: (T, V) for batch element 0 where the model has a head.
        unknown: positions of tokens the model has never seen.
    """

    loaded: Loaded
    given: Given
    trace: gv.Trace
    seconds: float
    proof: Proof
    belief: NDArray[np.float32] | None
    unknown: tuple[int, ...]
    _layers: dict[tuple[int, str], dict[str, NDArray]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def model(self) -> SequenceModel:
        """The model that ran."""
        return self.loaded.model

    @property
    def answers_now(self) -> bool:
        """Whether the model's number is its answer at that very step, not a forecast of the next one."""
        return self.model.kind == "forecast" and self.model.rnn.input_size > 1

    @property
    def tokens(self) -> tuple[str, ...]:
        """What was read, step by step."""
        return self.trace.tokens or tuple(str(step + 1) for step in range(len(self.trace)))

    def layer(self, layer: int, direction: str = FORWARD) -> dict[str, NDArray]:
        """A layer's quantities by name, (T, B, H) each, in main memory."""
        place = layer, direction
        if place not in self._layers:
            self._layers[place] = self.trace.layer(layer, direction).numpy()
        return self._layers[place]

    def terms(self, layer: int, direction: str) -> dict[str, gv.GateTerms]:
        """The summands of every gate of a layer."""
        return _terms(self, layer, direction)

    @property
    def key(self) -> str:
        """Identifies weights, input and device."""
        return f"{self.loaded.key}/{self.given.digest}"


_BY_CONTENT: dict[str | type, Callable[[Any], str]] = {
    Loaded: attrgetter("key"),
    Given: attrgetter("digest"),
    Run: attrgetter("key"),
    Clamp: repr,
}


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=_BY_CONTENT)
def _terms(run: Run, layer: int, direction: str) -> dict[str, gv.GateTerms]:
    return gv.terms(run.model.rnn, run.trace, layer, direction)


@st.cache_resource(max_entries=16, show_spinner=False)
def load(name: str, device: str) -> Loaded:
    """A model of the zoo on a device, warmed up so that the first measured run is not the first run."""
    return ready(gv.load(name), device)


@st.cache_resource(max_entries=8, show_spinner=False)
def untrained(columns: int, device: str) -> Loaded:
    """A seeded model for numbers of several columns."""
    return ready(models.seeded(columns), device)


def ready(model: SequenceModel, device: str) -> Loaded:
    """A model on a device, identified by its weights and warmed up."""
    digest = hashlib.sha256()
    for name, tensor in model.state_dict().items():
        digest.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
    ready = Loaded(model.to(device), digest.hexdigest(), device)
    start = torch.zeros(32, 1, model.rnn.input_size, device=device)
    for _ in range(3):
        gv.difference(model.rnn, gv.trace(model.rnn, start))
    return ready


@st.cache_resource(max_entries=24, show_spinner=False, hash_funcs=_BY_CONTENT)
def run(loaded: Loaded, given: Given) -> Run:
    """Run a model, or take the same run from the cache.

    Raises:
        InputError: the input cannot be read by this model.
    """
    # One sequence of a small model: waking more threads costs more than they compute, and visitors share the cores.
    torch.set_num_threads(1)
    data = given.data
    state = None if given.first_state is None else given.first_state.to(loaded.device)
    start = perf_counter()
    trace = loaded.model.trace(data, hx=state)
    _wait_for(loaded.device)
    seconds = perf_counter() - start
    with torch.no_grad():
        found = proof(loaded.model.rnn, trace)
        belief = None if loaded.model.kind == "none" else loaded.model.predict(trace).float().cpu().numpy()
    unknown = loaded.model.tokenize(data).unknown if isinstance(data, str) else ()
    return Run(loaded, given, trace, seconds, found, belief, unknown)


def _wait_for(device: str) -> None:
    if device == "cuda":
        torch.cuda.current_stream().synchronize()  # the whole device's would wait for other visitors' streams too
    elif device == "mps":
        torch.mps.synchronize()


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=_BY_CONTENT)
def changed(run: Run, clamps: tuple[Clamp, ...], text: str | None, place: Place) -> WhatIf:
    """The run beside the same with gates held and another text (None: the same).

    Raises:
        InputError: a clamp does not fit the model.
    """
    state = None if run.given.first_state is None else run.given.first_state.to(run.loaded.device)
    with torch.no_grad():
        return what_if(run.model, run.given.data, clamps, text, hx=state, **asdict(place))


@dataclass(frozen=True)
class Units:
    """How a layer's units stand: by likeness, top to bottom, and the one that moves most."""

    order: NDArray[np.intp]
    liveliest: int


def units(run: Run, layer: int, direction: str, item: int = 0) -> Units:
    """A layer's units on the model's own examples, so that rows don't jump while one types; without any, on the run's
    sequence `item`."""
    hints = tuple(hint for hint in run.model.card.get("hint") or () if isinstance(hint, str))
    if not hints or run.model.vocabulary is None:
        return _units(*states_of(run.trace, layer, direction, item))
    return _units_of_examples(run.loaded, hints, layer, direction)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=_BY_CONTENT)
def _units_of_examples(loaded: Loaded, hints: tuple[str, ...], layer: int, direction: str) -> Units:
    read = [states_of(loaded.model.trace(hint), layer, direction) for hint in hints]
    before, after = (np.concatenate(states) for states in zip(*read, strict=True))
    return _units(before, after)


def _units(before: NDArray, after: NDArray) -> Units:
    return Units(clustered(after), int(activity(before, after).argmax()))
