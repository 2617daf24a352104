"""The price of being sequential: how long readers of equal width take for T steps, on this device, measured now.

reader          what is timed                                                            waits for T steps
--------------  -----------------------------------------------------------------------  ------------------------
GRU, LSTM, RNN  torch's own forward                                                      T
MinGRU, loop    its gates at once, then its memory step by step: by the compiled loop    T
                where that is ready, else one call of torch a step (`Point.how` says)
MinGRU, scan    the same by a parallel scan                                              ceil(log2 T)
attention       queries, keys, values, causal attention of `HEADS` heads, output         1
convolution     one causal 1-D convolution, `KERNEL` steps wide                          1

Each reads one sequence of T steps, as wide as its state, with random weights: a time hangs on neither. Waits are the
least chain of operations over steps of which each needs the one before; the sums within a product are not counted, and
our scan takes up to twice ceil(log2 T) levels. The convolution sees `KERNEL` steps and no further: what waits for
nothing does not reach as far.

Operations are counted from matrix products (`gru_viz.cost`), two for each multiply-accumulate; convolution and
attention alike, of which only pairs of a step and one that is not later count. Their share of the device's peak is
measured against its own fastest product of two square matrices of the same dtype, found just before (`Device.peak`).
So the loop's small products and the launches between them show as what they are: a device that waits.

A time is the median of several runs, with their range; on a CPU with one thread processor time, so that other programs
count for little, else wall time up to the end of the device's queue.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, inf, log2
from time import perf_counter
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional

from gru_viz.analysis.clock import clock_of
from gru_viz.analysis.cost import cost
from gru_viz.cells import KINDS
from gru_viz.cells.mingru import MinGRU
from gru_viz.cells.quantities import Cell, Quantity
from gru_viz.engines import fused
from gru_viz.engines.carried import Carried, Pass
from gru_viz.engines.compiling import kernel
from gru_viz.engines.scan import step_by_step
from gru_viz.engines.spec_of import spec_of
from gru_viz.engines.weights import all_weights
from gru_viz.errors import InputError
from gru_viz.models.seeding import own_dice
from gru_viz.scalars import refused, shown, whole

Reader = Literal["GRU", "LSTM", "RNN", "MinGRU, loop", "MinGRU, scan", "attention", "convolution"]
READERS: tuple[Reader, ...] = get_args(Reader)

LENGTHS = (16, 64, 256, 1024, 4096)
HEADS = 4
KERNEL = 4
MOST_STEPS, MOST_WIDTH = 65_536, 1024
POINT_SECONDS = 0.5
"""A point is repeated for about so long."""
FEWEST_RUNS, MOST_RUNS = 3, 30
TOO_LONG = 2.0
"""Seconds of one run from which a reader is not asked for more steps, as far as its last length foretells."""
MOST_BYTES = 256 * 2**20
"""What a run may hold, about; a reader that would need more is not asked."""
PEAK_SIDE = {"cpu": 1024, "cuda": 4096, "mps": 2048}


@dataclass(frozen=True)
class Point:
    """One reader at one length.

    Attributes:
        steps: T.
        seconds: the median of the runs, for all T steps.
        low, high: the fastest and the slowest run.
        runs: how many there were.
        operations: of its matrix products, multiplications and additions.
        share: of the device's peak that these operations reached.
        waits: the chain of dependencies over the steps; see the head of this module.
        how: what ran: "torch", or "compiled" for a loop of our own as machine code.
    """

    reader: Reader
    steps: int
    seconds: float
    low: float
    high: float
    runs: int
    operations: int
    share: float
    waits: int
    how: str = "torch"


@dataclass(frozen=True)
class Device:
    """What was measured on.

    Attributes:
        name: as torch or the system calls it: "cpu", "cuda" …
        threads: that torch computes with on the CPU.
        peak: operations a second of its fastest product.
    """

    name: str
    threads: int
    dtype: str
    peak: float


@dataclass(frozen=True)
class _Work:
    """One reader at one length, ready to run."""

    run: Callable[[], object]
    operations: int
    waits: int
    how: str = "torch"


def prices(
    width: int = 128,
    lengths: Sequence[int] = LENGTHS,
    readers: Sequence[Reader] = READERS,
    *,
    device: str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> Iterator[Device | Point]:
    """Measures one point after the other: first the device, then length by length every reader.

    Whoever iterates may stop between two points. A reader whose next length would take too long or too much memory is
    left out from there on. Which thread and process it runs in is the caller's choice: what else that process does at
    the same time slows it.

    Args:
        width: of input and state, a multiple of `HEADS`.
        lengths: T, ascending.

    Raises:
        InputError: at the call, for a width, length or reader that cannot be measured.
    """
    size = whole(width)
    if size is None or not HEADS <= size <= MOST_WIDTH or size % HEADS:
        raise refused("width", width, f"a multiple of {HEADS} up to {MOST_WIDTH}")
    steps = [whole(length) for length in lengths] if isinstance(lengths, (list, tuple, range)) else [None]
    asked = [length for length in steps if length is not None and 1 <= length <= MOST_STEPS]
    if len(asked) != len(steps) or asked != sorted(set(asked)):
        raise refused("lengths", lengths, f"ascending whole numbers from 1 to {MOST_STEPS}")
    wanted: list[Any] = list(readers) if isinstance(readers, (list, tuple)) else [readers]
    unknown = next((reader for reader in wanted if not isinstance(reader, str) or reader not in READERS), None)
    if unknown is not None or readers is None:
        known = "; ".join(READERS)
        raise InputError(
            "price.reader", "There is no reader {reader}; there are {known}.", reader=shown(unknown), known=known
        )
    return _measured(size, asked, tuple(wanted), device, dtype)


def _measured(
    width: int, lengths: Sequence[int], readers: Sequence[Reader], device: str, dtype: torch.dtype
) -> Iterator[Device | Point]:
    timed = timer(device)
    peak = _peak(timed, device, dtype)
    yield Device(device, torch.get_num_threads(), str(dtype).removeprefix("torch."), peak)
    last: dict[Reader, tuple[int, float]] = {}
    for steps in lengths:
        for reader in readers:
            if (
                _expected(last.get(reader), reader, steps) > TOO_LONG
                or _bytes(reader, steps, width, dtype, device) > MOST_BYTES
            ):
                continue
            with torch.inference_mode():
                with own_dice(0):
                    work = _MAKES[reader](steps, width, device, dtype)
                times = _repeated(timed, work.run)
            seconds = statistics.median(times)
            last[reader] = steps, seconds
            share = work.operations / seconds / peak if seconds > 0 else 0.0
            found = (seconds, min(times), max(times), len(times), work.operations, share, work.waits, work.how)
            yield Point(reader, steps, *found)


def timer(device: str) -> Callable[[Callable[[], object]], float]:
    """How a run is timed: see the head of this module."""
    if device == "cpu" and torch.get_num_threads() > 1:
        return _wall
    return clock_of(device)


def _wall(work: Callable[[], object]) -> float:
    begin = perf_counter()
    work()
    return perf_counter() - begin


def _repeated(timed: Callable[[Callable[[], object]], float], run: Callable[[], object]) -> list[float]:
    timed(run)  # the first run of a kernel prepares it
    times: list[float] = []
    begin = perf_counter()
    while len(times) < FEWEST_RUNS or (len(times) < MOST_RUNS and perf_counter() - begin < POINT_SECONDS):
        times.append(timed(run))
    return times


def _expected(last: tuple[int, float] | None, reader: Reader, steps: int) -> float:
    """Seconds a run will take by what the last length took; attention grows with the square."""
    if last is None:
        return 0.0
    more = steps / last[0]
    return last[1] * (more * more if reader == "attention" else more)


def _bytes(reader: Reader, steps: int, width: int, dtype: torch.dtype, device: str) -> int:
    """What a run holds at once, about: some rows as wide as all gates; attention all its weights, where torch has no
    kernel that goes by blocks."""
    whole_table = reader == "attention" and device not in ("cpu", "cuda")
    return dtype.itemsize * steps * (16 * width + (HEADS * steps if whole_table else 0))


@torch.inference_mode()
def _peak(timed: Callable[[Callable[[], object]], float], device: str, dtype: torch.dtype) -> float:
    """Operations a second of the fastest of several products of two square matrices."""
    side = PEAK_SIDE.get(device, 1024)
    one, two = (_input(side, side, device, dtype).squeeze(1) for _ in range(2))
    least = min(_repeated(timed, partial(torch.mm, one, two)))
    return 2 * side**3 / least if least > 0 else inf


def _recurrent(cell: Cell, steps: int, width: int, device: str, dtype: torch.dtype) -> _Work:
    rnn: Any = KINDS[cell].modules[0](width, width, device=device, dtype=dtype).eval()
    return _Work(partial(rnn, _input(steps, width, device, dtype)), 2 * cost(rnn, steps).multiply_accumulates, steps)


def _by_scan(steps: int, width: int, device: str, dtype: torch.dtype) -> _Work:
    rnn = MinGRU(width, width, device=device, dtype=dtype).eval()
    operations = 2 * cost(rnn, steps).multiply_accumulates
    return _Work(partial(rnn, _input(steps, width, device, dtype)), operations, max(1, ceil(log2(steps))))


def _by_loop(steps: int, width: int, device: str, dtype: torch.dtype) -> _Work:
    rnn = MinGRU(width, width, device=device, dtype=dtype).eval()
    spec, weights, x = spec_of(rnn), all_weights(rnn)[0], _input(steps, width, device, dtype)
    initial = x.new_zeros(1, width)
    operations = 2 * cost(rnn, steps).multiply_accumulates
    if device == "cpu" and kernel(dtype, steps) is not None:
        run = partial(fused.run, spec, weights, x, (initial,), None, reverse=False)
        return _Work(run, operations, steps, "compiled")
    from_input = KINDS[Cell.MINGRU].from_input
    assert from_input is not None

    def stepped() -> Pass:
        values = from_input(spec, weights, x)
        memory = Carried.empty(steps, initial, reverse=False)
        torch.mul(1 - values[Quantity.Z], values[Quantity.N], out=memory.now)
        step_by_step(memory, values[Quantity.Z], None, initial)
        return Pass({**values, Quantity.H: memory.now}, {Quantity.H: memory.prev})

    return _Work(stepped, operations, steps)


def _attention(steps: int, width: int, device: str, dtype: torch.dtype) -> _Work:
    inward = nn.Linear(width, 3 * width, device=device, dtype=dtype)
    outward = nn.Linear(width, width, device=device, dtype=dtype)
    x = _input(steps, width, device, dtype).transpose(0, 1)

    def attend() -> Tensor:
        parts = (part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in inward(x).chunk(3, -1))
        seen = functional.scaled_dot_product_attention(*parts, is_causal=True)
        return outward(seen.transpose(1, 2).flatten(-2))

    pairs = steps * (steps + 1) // 2
    return _Work(attend, 2 * (4 * steps * width * width + 2 * pairs * width), 1)


def _convolution(steps: int, width: int, device: str, dtype: torch.dtype) -> _Work:
    layer = nn.Conv1d(width, width, KERNEL, padding=KERNEL - 1, device=device, dtype=dtype)
    x = _input(steps, width, device, dtype).permute(1, 2, 0).contiguous()
    return _Work(lambda: layer(x)[..., :steps], 2 * steps * KERNEL * width * width, 1)


def _input(steps: int, width: int, device: str, dtype: torch.dtype) -> Tensor:
    """`(T, 1, width)`."""
    return torch.randn(steps, 1, width, generator=torch.Generator().manual_seed(0)).to(device, dtype)


_MAKES: dict[Reader, Callable[[int, int, str, torch.dtype], _Work]] = {
    "GRU": partial(_recurrent, Cell.GRU),
    "LSTM": partial(_recurrent, Cell.LSTM),
    "RNN": partial(_recurrent, Cell.RNN),
    "MinGRU, loop": _by_loop,
    "MinGRU, scan": _by_scan,
    "attention": _attention,
    "convolution": _convolution,
}
