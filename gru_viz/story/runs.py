"""One run of one model on one input: what was read, the trace, how long it took, what the model believed.

Models and runs are kept for all visitors: models by name and device, runs by the content of model and input, within
bounds. A Run is never changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import gru_viz as gv
from gru_viz import models
from gru_viz.analysis.memory import Memory, memory_of
from gru_viz.analysis.order import Order, clustered, states_of, unit_order
from gru_viz.analysis.similarity import activity
from gru_viz.analysis.what_if import WhatIf, compared
from gru_viz.cells import KINDS
from gru_viz.cells.spec import FORWARD
from gru_viz.locale.digits import short
from gru_viz.models import SequenceModel
from gru_viz.models.reading import Reading, Vocabulary
from gru_viz.models.seeding import unfilled
from gru_viz.story.kept import kept
from gru_viz.tracing.edits import Clamp
from gru_viz.tracing.terms import Proof, proof


@dataclass(frozen=True)
class Loaded:
    """A model ready to run, and what identifies it: its weights and its card.

    Attributes:
        full: the device it was wanted on, where that one's memory was full.
    """

    model: SequenceModel
    digest: str
    device: str
    full: str | None = None

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    @property
    def hints(self) -> tuple[str, ...]:
        """Example inputs from the model's card, each on one line."""
        return tuple(hint for hint in self.model.card.get("hint") or () if isinstance(hint, str))

    @property
    def key(self) -> str:
        """Identifies the model and its device."""
        return f"{self.digest}/{self.device}{self.full or ''}"


SHORT = 6
"""So many numbers, or four times as many characters, stand for an input in a sentence."""


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

    @property
    def in_short(self) -> str:
        """What was given, as far as a sentence holds it: so many numbers of the first column, or a text's beginning."""
        if self.text is not None:
            return self.text if len(self.text) <= 4 * SHORT else f"{self.text[: 4 * SHORT]}…"
        numbers = np.asarray(self.numbers)
        text = " ".join(short(number) for number in numbers.reshape(len(numbers), -1)[:SHORT, 0])
        return text + (" …" if len(numbers) > SHORT else "")

    @cached_property
    def digest(self) -> str:
        """Identifies the content."""
        found = hashlib.sha256((self.text or "").encode("utf-8", "surrogatepass"))
        for part in (self.numbers, None if self.first_state is None else self.first_state.numpy()):
            found.update(b"" if part is None else repr(part.shape).encode() + np.ascontiguousarray(part).tobytes())
        return found.hexdigest()


def drawn(rnn: nn.RNNBase, length: int, batch: int, seed: int) -> Given:
    """Normal random numbers (T, B, I) and a first state for a module, the same for the same seed."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(length, batch, rnn.input_size, generator=generator)
    h0 = torch.randn(rnn.num_layers, batch, rnn.hidden_size, generator=generator)
    return Given(numbers=x.cpu().double().numpy(), first_state=h0)


@dataclass(frozen=True)
class Place:
    """Which part of a trace is looked at, from 0: a layer, a direction, a sequence of the batch."""

    layer: int = 0
    direction: str = FORWARD
    batch: int = 0


@dataclass(frozen=True)
class Run:
    """One model on one input.

    Attributes:
        reading: the text as the model reads it; None for numbers.
        seconds: wall time of this very run of the tracer, with whatever else its machine or device did meanwhile.
        belief: (T, V) for batch element 0 where the model has a head.
        clamps: what was set by hand.
        part: whose belief it is: the model's own (""), or that of a half of a two-way reader.
    """

    loaded: Loaded
    given: Given
    reading: Reading | None
    trace: gv.Trace
    seconds: float
    belief: NDArray[np.float32] | None
    clamps: tuple[Clamp, ...] = ()
    part: str = ""
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

    @property
    def unknown(self) -> tuple[int, ...]:
        """Positions of tokens the model has never seen."""
        return () if self.reading is None else self.reading.unknown

    @cached_property
    def proof(self) -> Proof:
        """How this very run stands beside torch."""
        with torch.no_grad():
            return proof(self.model.rnn, self.trace)

    def layer(self, layer: int, direction: str = FORWARD) -> dict[str, NDArray]:
        """A layer's quantities by name, (T, B, H) each, in main memory."""
        place = layer, direction
        if place not in self._layers:
            self._layers[place] = self.trace.layer(layer, direction).numpy()
        return self._layers[place]

    @cached_property
    def key(self) -> str:
        """Identifies model, device, input and what was set by hand."""
        return "/".join([self.loaded.key, self.given.digest, *map(repr, self.clamps), self.part])


def load(name: str, device: str) -> Loaded:
    """A model of the zoo on a device, warmed up so that the first measured run is not the first run; on the CPU where
    the device's memory is full."""
    try:
        return _load(name, device)
    except torch.OutOfMemoryError:
        if device == "cpu":
            raise
    _release(device)
    return replace(_load(name, "cpu"), full=device)


@kept(16, key=lambda name, device: (name, device))
def _load(name: str, device: str) -> Loaded:
    return ready(gv.load(name), device)


@kept(8, key=lambda columns, device: (columns, device))
def untrained(columns: int, device: str) -> Loaded:
    """A seeded model for numbers of several columns."""
    return ready(models.seeded(columns), device)


def ready(model: SequenceModel, device: str) -> Loaded:
    """A model on a device, identified by its weights and its card, and warmed up."""
    # Not the weights alone: somebody else's of the same numbers may call its classes by other names.
    digest = hashlib.sha256(json.dumps(model.card, sort_keys=True, default=str).encode("utf-8", "surrogatepass"))
    for name, tensor in model.state_dict().items():
        digest.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
    ready = Loaded(model.to(device), digest.hexdigest(), device)
    start = torch.zeros(32, 1, model.rnn.input_size, device=device)
    for _ in range(3):
        gv.difference(model.rnn, gv.trace(model.rnn, start))
    return ready


@kept(32, key=lambda vocabulary, text: (vocabulary, text))
def _reading(vocabulary: Vocabulary, text: str) -> Reading:
    """A text, encoded once for all models that know the same symbols."""
    return vocabulary.read(text)


def run(loaded: Loaded, given: Given, clamps: tuple[Clamp, ...] = ()) -> Run:
    """Run a model, or take the same run as before; on the CPU where the device's memory is full.

    Raises:
        InputError: the input cannot be read by this model, or a clamp does not fit it.
    """
    try:
        return _run(loaded, given, clamps)
    except torch.OutOfMemoryError:
        if loaded.device == "cpu":
            raise
    _release(loaded.device)
    return _run(_on_the_cpu(loaded), given, clamps)


def _release(device: str) -> None:
    """Give back what torch keeps of a device's memory for later."""
    if device == "cuda":
        torch.cuda.empty_cache()


def _on_the_cpu(loaded: Loaded) -> Loaded:
    """The same model beside the one on a device; the device needs no memory for it."""
    copy = unfilled(loaded.model.card)
    copy.load_state_dict({name: tensor.cpu() for name, tensor in loaded.model.state_dict().items()}, assign=True)
    return replace(ready(copy.eval(), "cpu"), full=loaded.device)


@kept(24, key=lambda loaded, given, clamps: (loaded.key, given.digest, repr(clamps)))
def _run(loaded: Loaded, given: Given, clamps: tuple[Clamp, ...]) -> Run:
    return run_anew(loaded, given, clamps)


def run_anew(loaded: Loaded, given: Given, clamps: tuple[Clamp, ...] = ()) -> Run:
    """Run a model; nothing keeps the run but who asked for it.

    Raises:
        InputError: the input cannot be read by this model, or a clamp does not fit it.
    """
    # One sequence of a small model: waking more threads costs more than they compute, and visitors share the cores.
    torch.set_num_threads(1)
    model, text = loaded.model, given.text
    reading = None if text is None or model.vocabulary is None else _reading(model.vocabulary, text)
    data = given.data if reading is None else reading
    state = None if given.first_state is None else given.first_state.to(loaded.device)
    start = perf_counter()
    trace = model.trace(data, hx=state, interventions=clamps)
    _wait_for(loaded.device)
    seconds = perf_counter() - start
    with torch.no_grad():
        belief = None if model.kind == "none" else model.predict(trace).float().cpu().numpy()
    return Run(loaded, given, reading, trace, seconds, belief, clamps)


def _wait_for(device: str) -> None:
    if device == "cuda":
        torch.cuda.current_stream().synchronize()  # the whole device's would wait for other visitors' streams too
    elif device == "mps":
        torch.mps.synchronize()


@kept(8, key=lambda run, layer, direction: (run.key, layer, direction))
def terms(run: Run, layer: int, direction: str) -> Mapping[str, gv.GateTerms]:
    """The summands of every gate of a layer."""
    return gv.terms(run.model.rnn, run.trace, layer, direction)


@dataclass(frozen=True)
class Changed:
    """A run beside the same with gates held or another text.

    Attributes:
        run: the other run.
        found: where the two part.
    """

    run: Run
    found: WhatIf


@kept(16, key=lambda before, clamps, text, place: (before.key, repr(clamps), text, place))
def changed(before: Run, clamps: tuple[Clamp, ...], text: str | None, place: Place) -> Changed:
    """A run beside the same with gates held and another text (None: the same).

    Raises:
        InputError: a clamp does not fit the model.
    """
    other = run(before.loaded, before.given if text is None else replace(before.given, text=text), clamps)
    with torch.no_grad():
        found = compared(before.model, before.trace, other.trace, place.layer, place.direction, place.batch)
    return Changed(other, found)


@kept(4, key=lambda run, place: (run.key, place))
def memory(run: Run, place: Place) -> Memory:
    """A layer's memory: what its figures, orders and sentences are made of."""
    return memory_of(run.trace, place.layer, place.direction, place.batch)


def states(run: Run, place: Place) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A layer's h before and after each valid step, (N, H) each (`states_of`)."""
    return states_of(run.trace, **asdict(place), memory=memory(run, place))


@dataclass(frozen=True)
class Units:
    """How a layer's units stand: by likeness, top to bottom, and the one that moves most."""

    order: NDArray[np.intp]
    liveliest: int


def units(run: Run, place: Place) -> Units:
    """A layer's units on the model's own examples, so that rows don't jump while one types; without any, on the run's
    own sequence."""
    hints = run.loaded.hints
    if not hints or run.model.vocabulary is None:
        return _units_of_run(run, place)
    return _units_of_examples(run.loaded, hints, place.layer, place.direction)


@kept(32, key=lambda run, place: (run.key, place))
def _units_of_run(run: Run, place: Place) -> Units:
    return _units(*states(run, place))


@kept(32, key=lambda loaded, hints, layer, direction: (loaded.key, hints, layer, direction))
def _units_of_examples(loaded: Loaded, hints: tuple[str, ...], layer: int, direction: str) -> Units:
    read = [states_of(loaded.model.trace(hint), layer, direction) for hint in hints]
    before, after = (np.concatenate(states) for states in zip(*read, strict=True))
    return _units(before, after)


def _units(before: NDArray, after: NDArray) -> Units:
    return Units(clustered(after), int(activity(before, after).argmax()))


@kept(32, key=lambda run, place: (run.key, place))
def orders(run: Run, place: Place) -> Mapping[str, list[int]]:
    """Name of an order -> a layer's units from top to bottom; the first is shown first."""
    found = {Order.SIMILARITY.value: units(run, place).order.tolist()}
    for order in (Order.INDEX, Order.ACTIVITY, Order.HALF_LIFE):
        if order is not Order.HALF_LIFE or KINDS[run.trace.cell].keep is not None:
            found[order.value] = unit_order(run.trace, order, **asdict(place), memory=memory(run, place)).tolist()
    return found
