"""How long one step takes, by the clock: what is timed, what a figure is, when it may be believed, and who measures.

Who: a process of its own (`serve`, started by `gru_viz.analysis.stopwatch`). It alone is held to one thread, switches
oneDNN off where that is asked, and waits for nobody's work but its own on a GPU; the process that serves pages keeps
every setting it has. One such process measures at a time on a machine (a lock file).

What a figure is: the least of many short runs of torch's own forward, divided by the steps of a run. Whatever disturbs
a run makes it longer, never shorter (the advice of Python's own `timeit`). On the CPU a run is counted in processor
time of the process, which stands still while other programs have the core; on Windows, whose processor time ticks
every 16 ms, in wall time; on CUDA between two events on a stream of its own; on MPS in wall time up to the end of the
process's own queue.

When it may be believed: runs go in turns in batches of `RUNS`. Two batches, one after the other, must agree within
`AGREE` about every module and about a yardstick, a product of one fixed matrix and vector; and in both the yardstick
must be as fast as it has ever been here, within `SLOWED`. Until then batches go on; after `BUDGET` seconds the machine
is too busy to tell, and there is no figure.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from math import inf
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import torch
from filelock import FileLock, Timeout
from torch import Tensor, nn

from gru_viz.cells import GRU, KINDS
from gru_viz.cells.kind import Kind
from gru_viz.cells.spec import Spec
from gru_viz.engines.spec_of import spec_of
from gru_viz.errors import InputError
from gru_viz.tracing.modules import BackwardGRU

RUNS = 20
"""Runs of everything in a batch."""
AGREE = 0.1
"""By what share two batches may differ."""
SLOWED = 1.25
"""How many times its fastest the yardstick may take."""
BUDGET = 10.0
"""Seconds after which no new batch begins."""
TURN = 30.0
"""Seconds to wait while another process of this machine measures."""
STEPS = 64
"""Steps of a run."""

_MAKES: dict[str, tuple[Any, Kind]] = {cell.value: (kind.modules[0], kind) for cell, kind in KINDS.items()}
_MAKES["BackwardGRU"] = BackwardGRU, GRU
_YARDSTICK = 256, 60  # the width of its matrix, and how often it is multiplied


@dataclass(frozen=True)
class Shape:
    """What is timed: a module's make and sizes. Its weights change no time, so the process draws its own.

    Attributes:
        make: the name of a cell, or "BackwardGRU".
        device, dtype: as torch writes them.
        onednn: False: with torch's oneDNN kernels switched off while it runs.
        steps: of one sequence.
    """

    make: str
    input_size: int
    hidden_size: int
    num_layers: int = 1
    bias: bool = True
    bidirectional: bool = False
    proj_size: int = 0
    nonlinearity: str = "tanh"
    device: str = "cpu"
    dtype: str = "float32"
    onednn: bool = True
    steps: int = STEPS


def shape_of(rnn: nn.RNNBase, *, onednn: bool = True, steps: int = STEPS) -> Shape:
    """The shape of a module.

    Raises:
        InputError: it is none of the makes that can be timed.
    """
    make = next((name for name, (module, _) in _MAKES.items() if type(rnn) is module), None)
    if make is None:
        raise InputError("clock.make", "A {kind} cannot be timed.", kind=type(rnn).__name__)
    spec: Spec = spec_of(rnn)
    weight = next(rnn.parameters())
    return Shape(
        make,
        spec.input_size,
        spec.hidden_size,
        spec.num_layers,
        bool(rnn.bias),
        len(spec.directions) > 1,
        spec.proj_size,
        spec.nonlinearity,
        weight.device.type,
        str(weight.dtype).removeprefix("torch."),
        onednn,
        steps,
    )


@dataclass(frozen=True)
class Timing:
    """Seconds a step.

    Attributes:
        seconds: the least of all runs of two batches that agree.
        doubt: by what share the two differ.
    """

    seconds: float
    doubt: float = 0.0


@dataclass(frozen=True)
class Batches:
    """What two batches that agree have found: seconds a run of everything, and of the yardstick."""

    runs: Mapping[str, Timing]
    yardstick: float


Work = Callable[[], float]
"""Does its work once and gives the seconds it took."""


def measure(
    works: Mapping[str, Work],
    yardstick: Work,
    fastest: float | None = None,
    *,
    now: Callable[[], float] = perf_counter,
    budget: float = BUDGET,
) -> Batches | None:
    """The least of many runs of everything, once it may be believed.

    Args:
        works: what is timed.
        yardstick: always the same work.
        fastest: seconds the yardstick took at its fastest on this machine, if that is known.
        now: the wall clock, for the budget.
        budget: seconds after which no new batch begins.

    Returns:
        None where the machine is too busy to tell.
    """
    began, best, before = now(), fastest or inf, None
    for work in (yardstick, *works.values()):  # the first run of a kernel prepares it
        work()
    while before is None or now() - began < budget:
        batch = _batch(works, yardstick)
        best = min(best, batch[1])
        if before is not None and _believed(before, batch, best):
            found = {name: _timing(before[0][name], batch[0][name]) for name in works}
            return Batches(found, min(before[1], batch[1]))
        before = batch
    return None


_Batch = tuple[dict[str, float], float]


def _batch(works: Mapping[str, Work], yardstick: Work) -> _Batch:
    least, reference = dict.fromkeys(works, inf), inf
    for _ in range(RUNS):
        reference = min(reference, yardstick())
        for name, work in works.items():
            least[name] = min(least[name], work())
    return least, reference


def _believed(one: _Batch, two: _Batch, best: float) -> bool:
    pairs = [(one[1], two[1]), *((one[0][name], two[0][name]) for name in one[0])]
    return max(one[1], two[1]) <= SLOWED * best and all(_apart(*pair) <= AGREE for pair in pairs)


def _apart(one: float, two: float) -> float:
    less = min(one, two)
    return max(one, two) / less - 1 if less > 0 else inf


def _timing(one: float, two: float) -> Timing:
    return Timing(min(one, two), _apart(one, two))


def serve() -> None:
    """The measuring process: a question as JSON on the standard input, the answer on the last line of the output."""
    asked = json.load(sys.stdin)
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    shapes = {name: Shape(**shape) for name, shape in asked["shapes"].items()}
    try:
        with _alone():
            print(json.dumps(answer(shapes, asked["fastest"])), flush=True)
    except Timeout:
        print(json.dumps({"times": None}), flush=True)


@torch.inference_mode()
def answer(shapes: Mapping[str, Shape], fastest: float | None = None, budget: float = BUDGET) -> dict[str, object]:
    """Time every shape in this process; what `serve` writes: {"times": {name: [seconds a step, doubt]} or None,
    "yardstick": seconds}."""
    device = next(iter(shapes.values())).device
    timed = clock_of(device)
    matrix, vector = torch.ones(_YARDSTICK[0], _YARDSTICK[0], device=device), torch.ones(_YARDSTICK[0], device=device)
    yardstick = partial(timed, partial(_multiplied, matrix, vector))
    works = {name: partial(timed, _forward(shape)) for name, shape in shapes.items()}
    found = measure(works, yardstick, fastest, budget=budget)
    if found is None:
        return {"times": None}
    runs = {name: (one.seconds / shapes[name].steps, one.doubt) for name, one in found.runs.items()}
    return {"times": runs, "yardstick": found.yardstick}


def question(shapes: Mapping[str, Shape], fastest: float | None) -> str:
    """What `serve` reads."""
    return json.dumps({"shapes": {name: asdict(shape) for name, shape in shapes.items()}, "fastest": fastest})


def _multiplied(matrix: Tensor, vector: Tensor) -> None:
    for _ in range(_YARDSTICK[1]):
        torch.mv(matrix, vector)


def _forward(shape: Shape) -> Callable[[], object]:
    """One run of a fresh module of this shape."""
    module, kind = _MAKES[shape.make]
    dice = torch.Generator().manual_seed(0)
    rnn = module(
        shape.input_size,
        shape.hidden_size,
        shape.num_layers,
        bias=shape.bias,
        bidirectional=shape.bidirectional,
        device=shape.device,
        dtype=getattr(torch, shape.dtype),
        **kind.options(shape),
    ).eval()
    x = torch.randn(shape.steps, 1, shape.input_size, generator=dice).to(next(rnn.parameters()))
    return partial(_run, rnn, x, shape.onednn)


def _run(rnn: nn.RNNBase, x: Tensor, onednn: bool) -> None:
    kernels = torch.backends.mkldnn
    before = kernels.enabled
    kernels.enabled = before and onednn  # type: ignore[assignment]
    try:
        rnn(x)
    finally:
        kernels.enabled = before


def clock_of(device: str) -> Callable[[Callable[[], object]], float]:
    """How a run is timed on a device; see the head of this module."""
    if device == "cuda":
        return partial(_between_events, torch.cuda.Stream())
    if device == "mps":
        return partial(_elapsed, perf_counter, torch.mps.synchronize)
    own = perf_counter if sys.platform == "win32" else process_time
    return partial(_elapsed, own, lambda: None)


def _elapsed(clock: Callable[[], float], wait: Callable[[], None], work: Callable[[], object]) -> float:
    begin = clock()
    work()
    wait()
    return clock() - begin


def _between_events(stream: torch.cuda.Stream, work: Callable[[], object]) -> float:
    """Seconds between two events on a stream of its own: what other streams do is not waited for."""
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    with torch.cuda.stream(stream):
        begin.record(stream)
        work()
        end.record(stream)
    end.synchronize()
    return begin.elapsed_time(end) / 1000


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Nobody else on this machine measures meanwhile. Where no lock file can be written, without one.

    Raises:
        Timeout: others measured all the time.
    """
    try:
        lock = FileLock(Path(tempfile.gettempdir()) / f"gru-viz-clock-{_user()}.lock")  # it raises where there is none
        lock.acquire(timeout=TURN)
    except (OSError, NotImplementedError) as error:
        if isinstance(error, Timeout):
            raise
        yield
        return
    try:
        yield
    finally:
        lock.release()


def _user() -> str:
    try:
        return "".join(sign if sign.isalnum() else "-" for sign in getpass.getuser())
    except (KeyError, OSError, ImportError):  # a user without a name
        return "nobody"
