"""How much a trace costs: gv.trace against the stock forward that records nothing, side by side in one run.

Medians of alternating runs on two threads; the ratio is what counts. With numba (the extra `fast`) the compiled loop
is ready before the first run; `--without-numba` measures what the others get. `--engines` also times the engines that
were not chosen, which is how the crossovers in `gru_viz/engines/run.py` and `fused.py` were found. `--growth` prints
what a step costs at T = 10,000 over what it costs at T = 100, for every cell and engine. `--memory` prints the peak of
a trace over the bytes of what it returns.

    python -m benchmarks.trace_speed [--rounds 15] [--device cpu] [--without-numba] [--engines] [--growth] [--memory]
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

import gru_viz as gv
from gru_viz.engines import at_once, compiling, fused, loop, recover, textbook
from gru_viz.engines import run as engines
from gru_viz.engines.made import EngineName

SHAPES = ((128, 1, 32), (512, 1, 128), (1000, 1, 256), (200, 8, 256), (200, 32, 128), (100, 64, 512))
CELLS = {"GRU": nn.GRU, "RNN": nn.RNN, "LSTM": nn.LSTM}


def alternating(
    runs: dict[str, Callable[[], object]], rounds: int, device: str, *, least: bool = False
) -> dict[str, float]:
    """Median (or least) seconds of each run; every round times each of them once, after one round of warming up."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for round_ in range(rounds + 1):
        for name, run in runs.items():
            begin = time.perf_counter()
            run()
            if device == "cuda":
                torch.cuda.synchronize()
            if round_:
                times[name].append(time.perf_counter() - begin)
    return {name: (min if least else statistics.median)(found) for name, found in times.items()}


def with_engine(engine: engines.Engine, run: Callable[[], object]) -> Callable[[], object]:
    """The same run with the engine fixed instead of chosen."""

    def fixed() -> object:
        chosen, engines.choose = engines.choose, lambda spec, x: engine
        try:
            return run()
        finally:
            engines.choose = chosen

    return fixed


def measure(kind: str, shape: tuple[int, int, int], args: argparse.Namespace) -> dict[str, float]:
    """Milliseconds of the stock forward, and ratios to it."""
    steps, batch, size = shape
    torch.manual_seed(0)
    rnn = CELLS[kind](size, size).to(args.device).eval()
    x = torch.randn(steps, batch, size, device=args.device)
    runs: dict[str, Callable[[], object]] = {"stock": lambda: rnn(x), "trace": lambda: gv.trace(rnn, x)}
    if args.engines:
        others = {"loop": loop.run, "recover": recover.run} | ({"fused": fused.run} if compiling.prepared() else {})
        runs |= {name: with_engine(engine, runs["trace"]) for name, engine in others.items()}
    with torch.no_grad():
        found = alternating(runs, args.rounds, args.device)
    return {"ms": found["stock"] * 1e3, **{name: found[name] / found["stock"] for name in runs if name != "stock"}}


SHORT, LONG = 100, 10_000


def growth(args: argparse.Namespace) -> None:
    """Prints, for every cell and engine that runs it, a step's time in a long trace over its time in a short one."""
    print(f"\nTime of a step at T={LONG:,} ÷ T={SHORT}, B1 H64, least of alternating runs")
    makes: dict[str, tuple[nn.Module, tuple[engines.Engine, ...]]] = {
        "GRU": (nn.GRU(64, 64), (fused.run, loop.run, recover.run, textbook.run)),
        "GRU, reset before": (gv.GRU(64, 64, reset_after=False), (fused.run, textbook.run)),
        "RNN": (nn.RNN(64, 64), (fused.run, loop.run, recover.run, textbook.run)),
        "LSTM": (nn.LSTM(64, 64), (fused.run, loop.run, recover.run, textbook.run)),
        "MinGRU": (gv.MinGRU(64, 64), (fused.run, at_once.run, textbook.run)),
    }
    for name, (rnn, able) in makes.items():
        found = []
        for engine in able:
            label = engines.NAMES[engine]
            if label is EngineName.FUSED and not compiling.prepared():
                continue
            times = {}
            for steps, rounds in ((SHORT, 20 * args.rounds), (LONG, max(3, args.rounds // 3))):
                x = torch.randn(steps, 1, 64)
                run = with_engine(engine, lambda rnn=rnn, x=x: gv.trace(rnn, x))  # type: ignore[misc]
                times[steps] = alternating({"run": run}, rounds, "cpu", least=True)["run"] / steps
            found.append(f"{label} {times[LONG] / times[SHORT]:.2f} ({times[LONG] * 1e6:.1f} µs)")
        print(f"  {name:<18} {'   '.join(found)}", flush=True)


def memory(kind: str, shape: tuple[int, int, int]) -> float:
    """Peak bytes a trace allocates over the bytes it returns, from torch's own profiler of CPU memory."""
    steps, batch, size = shape
    rnn, x = CELLS[kind](size, size).eval(), torch.randn(steps, batch, size)
    with torch.profiler.profile(profile_memory=True, activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        trace = gv.trace(rnn, x)
    now = peak = 0
    events: Any = profile.profiler
    for event in events.kineto_results.events():
        if event.name() == "[memory]":
            now += event.nbytes()
            peak = max(peak, now)
    kept = {t.untyped_storage().data_ptr(): t.untyped_storage().nbytes() for t in _returned(trace)}
    kept.pop(x.untyped_storage().data_ptr(), None)  # the input was there before
    return peak / sum(kept.values())


def _returned(trace: gv.Trace) -> list[torch.Tensor]:
    held = [t for layer in trace.layers for t in (layer.x, *layer.values.values(), *layer.previous.values())]
    final = trace.final if isinstance(trace.final, tuple) else (trace.final,)
    return [*held, trace.output, *final]  # type: ignore[list-item]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--engines", action="store_true")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--without-numba", action="store_true")
    args = parser.parse_args()
    compiling.WISH = "off" if args.without_numba else "wait"
    loops = "compiled" if compiling.prepared() else "torch's"
    torch.set_num_threads(2)
    for kind in CELLS:
        how = f"medians of {args.rounds} alternating runs, 2 threads, {loops} loops"
        print(f"\n{kind} on {args.device}: trace ÷ stock forward, {how}")
        ratios = []
        for shape in SHAPES:
            found = measure(kind, shape, args)
            ratios.append(found["trace"])
            line = "   ".join(f"{name} {value:6.2f}" for name, value in found.items())
            print(f"  T{shape[0]:<5} B{shape[1]:<3} H{shape[2]:<4}  {line}", end="")
            print(f"   memory {memory(kind, shape):.2f}" if args.memory else "", flush=True)
        print(f"  geometric mean {math.exp(statistics.fmean(map(math.log, ratios))):.2f}, worst {max(ratios):.2f}")
    if args.growth:
        growth(args)


if __name__ == "__main__":
    main()
