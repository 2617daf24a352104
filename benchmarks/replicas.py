"""One replica and two behind Caddy, at saturation: re-runs a second, and who used the processor for them.

Visitors type as in `benchmarks.load`, so many that they never wait for a free server in vain; each run is `make serve`
with another number of replicas. On one machine the visitors themselves and Caddy take from the cores that the replicas
would have: what each re-run cost each of them is told apart, and the last column is what the replicas would carry if
they had a core each to themselves: their number by the processor time of a re-run. `cores` is what all of them kept
busy, `others` what the rest of the machine did meanwhile, without which a row means little. Linux only.

    python -m benchmarks.replicas [--replicas 1 2] [--visitors 40] [--seconds 15] [--page ""]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.keystroke import percentile
from benchmarks.load import OPENING, Load, cpu_seconds, typing
from benchmarks.visitor import Visitor
from tools.app import free_port, started

HEAD = (
    f"{'replicas':>8}{'re-runs/s':>11}{'p50 s':>8}{'p95 s':>8}{'errors':>8}{'lost':>6}"
    f"{'replicas ms':>13}{'Caddy ms':>10}{'visitors ms':>13}{'cores':>7}{'others':>8}{'could/s':>9}"
)


def children(parent: int) -> dict[int, str]:
    """The processes that a process started, with the name of their program."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            name, _, rest = (process / "stat").read_text(encoding="utf-8").partition("(")[2].rpartition(")")
        except OSError:  # it has ended meanwhile
            continue
        if int(rest.split()[1]) == parent:
            found[int(process.name)] = name
    return found


def used(processes: dict[int, str]) -> tuple[float, float, float]:
    """Processor seconds so far of the replicas, of Caddy and of the visitors, who live in this process."""
    front = sum(cpu_seconds(process) for process, name in processes.items() if name == "caddy")
    return sum(map(cpu_seconds, processes)) - front, front, cpu_seconds(os.getpid())


def busy() -> float:
    """Seconds that all processors of the machine have worked so far."""
    user, nice, system, _idle, _wait, irq, soft = map(int, Path("/proc/stat").read_text(encoding="utf-8").split()[1:8])
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")


async def saturated(address: str, visitors: int, seconds: float, page: str, processes: dict[int, str]) -> str:
    """A row of the table."""
    load, dice, door = Load(visitors), random.Random(0), asyncio.Semaphore(OPENING)
    there = [Visitor(page) for _ in range(visitors)]

    async def opened(visitor: Visitor) -> None:
        async with door:
            await visitor.open(address)

    await asyncio.gather(*map(opened, there))
    before, machine, start = used(processes), busy(), time.monotonic()
    await asyncio.gather(*(typing(one, load, random.Random(dice.random()), start + seconds) for one in there))
    took, after = time.monotonic() - start, used(processes)
    rest = (busy() - machine - sum(after) + sum(before)) / took
    await asyncio.gather(*(visitor.close() for visitor in there))
    count = len(load.answers)
    each = [1000 * (late - early) / count for late, early in zip(after, before, strict=True)]
    times = [answer.seconds for answer in load.answers]
    replicas = len(processes) - 1
    return (
        f"{replicas:8}{count / took:11.1f}{percentile(times, 0.5):8.2f}{percentile(times, 0.95):8.2f}"
        f"{load.errors:8}{load.lost:6}{each[0]:13.1f}{each[1]:10.1f}{each[2]:13.1f}"
        f"{sum(each) * count / took / 1000:7.2f}{max(0.0, rest):8.2f}{1000 * replicas / each[0]:9.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicas", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--visitors", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--page", default="", help="of the app: bi-gru, compare; Explore where left out")
    args = parser.parse_args()
    print(f"\n{args.visitors} visitors typing, {args.seconds:g} s, {os.cpu_count()} cores for all of it")
    print(HEAD, flush=True)
    for replicas in args.replicas:
        port = free_port()
        command = [sys.executable, "-m", "tools.serve", "--replicas", str(replicas), "--port", str(port)]
        with tempfile.TemporaryDirectory() as logs, started(command, port, Path(logs) / "serve.log") as process:
            address = f"http://localhost:{port}"
            print(
                asyncio.run(saturated(address, args.visitors, args.seconds, args.page, children(process.pid))),
                flush=True,
            )


if __name__ == "__main__":
    main()
