"""Many visitors who type at once: the Explore page beside the least a Streamlit page can do, a server of its own each.

Visitors are headless (`benchmarks.visitor`) and share this process. A visitor types a made-up name of ten letters, then
another: the next letter comes 0.1 to 0.2 s after the picture of the last one, so a slow server is asked less often. A
re-run is the time from sending a letter to the end of the run it starts, with all it draws received. Beside them one
client of its own asks `/_stcore/health` again and again: how long it was without an answer at most is how long the
server's event loop was silent. Processor time and memory are the server's process, from /proc: Linux only; processor
time is counted in a second stretch of typing, half as long, in which nobody asks for its health: the heartbeat itself
costs a lone visitor's server a third more.

    python -m benchmarks.load [--visitors 1 20 50 100] [--seconds 12] [--page ""]
    python -m benchmarks.load --come-and-go 500 --reruns 20
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from websockets.exceptions import ConnectionClosed

from benchmarks.keystroke import percentile, word
from benchmarks.visitor import Answer, Failed, Visitor
from tools.app import ROOT, free_port, started, streamlit

OPENING = 4
"""So many visitors open the page at the same time; typing begins when all have it."""
BEAT = 0.02
"""Seconds between two questions of the heartbeat."""
ONE_INPUT = ROOT / "benchmarks" / "one_input.py"
TOGETHER = 20
"""So many visitors are there at once where they come and go."""


@dataclass
class Load:
    """What so many visitors got.

    Attributes:
        answers: of every keystroke.
        errors, lost: error elements or answers that never came; connections that ended.
        silent: seconds the event loop gave no answer, at most.
        cpu: seconds of the server's processor a re-run, without the heartbeat.
        memory: megabytes resident at the end.
    """

    visitors: int
    answers: list[Answer] = field(default_factory=list)
    errors: int = 0
    lost: int = 0
    silent: float = 0.0
    cpu: float = 0.0
    memory: float = 0.0

    def row(self) -> str:
        """A line of the table."""
        times = [answer.seconds for answer in self.answers] or [float("nan")]
        count = max(1, len(self.answers))
        each = sum(answer.bytes for answer in self.answers) / count / 1000
        said = sum(answer.messages for answer in self.answers) / count
        return (
            f"{self.visitors:8}{len(self.answers):9}{percentile(times, 0.5):9.3f}{percentile(times, 0.95):9.3f}"
            f"{self.errors:8}{self.lost:6}{self.silent:9.2f}{each:8.0f}{said:10.0f}"
            f"{1000 * self.cpu:9.1f}{self.memory:9.0f}"
        )


HEAD = (
    f"{'visitors':>8}{'re-runs':>9}{'p50 s':>9}{'p95 s':>9}{'errors':>8}{'lost':>6}{'silent s':>9}{'kB':>8}"
    f"{'messages':>10}{'CPU ms':>9}{'MB':>9}"
)


def cpu_seconds(process: int) -> float:
    """What a process has used of its processors so far."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(process: int, kilobytes: int = 1000) -> float:
    """A process's resident memory in megabytes of so many of /proc's kilobytes."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / kilobytes


@contextmanager
def heartbeat(address: str) -> Iterator[list[float]]:
    """Ask the server for its health until the block ends; the list has how long each answer took."""
    found, over = [0.0], Event()

    def ask() -> None:
        while not over.is_set():
            start = time.perf_counter()
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health", timeout=60) as answer:
                    answer.read()
            finally:
                found.append(time.perf_counter() - start)
            over.wait(BEAT)

    asking = Thread(target=ask, daemon=True)
    asking.start()
    yield found
    over.set()
    asking.join(60)


async def typing(visitor: Visitor, load: Load, dice: random.Random, until: float = float("inf"), most: int = 0) -> None:
    """Type name after name until it is time to stop, or so many letters were typed."""
    done = 0
    await asyncio.sleep(dice.uniform(0, 0.2))
    while True:
        name = word(dice)
        for end in range(1, len(name) + 1):
            if time.monotonic() >= until or (most and done >= most):
                return
            try:
                load.answers.append(await visitor.type(name[:end]))
            except ConnectionClosed:
                load.lost += 1
                return
            except (Failed, TimeoutError):
                load.errors += 1
                return
            done += 1
            await asyncio.sleep(dice.uniform(0.1, 0.2))


async def together(address: str, count: int, seconds: float, page: str, process: int, seed: int) -> Load:
    """So many visitors open the page, then all type for so long."""
    load, dice, door = Load(count), random.Random(seed), asyncio.Semaphore(OPENING)
    visitors = [Visitor(page) for _ in range(count)]

    async def opened(visitor: Visitor) -> None:
        async with door:
            await visitor.open(address)

    await asyncio.gather(*map(opened, visitors))

    async def all_type(into: Load, for_so_long: float) -> None:
        until = time.monotonic() + for_so_long
        await asyncio.gather(*(typing(one, into, random.Random(dice.random()), until) for one in visitors))

    with heartbeat(address) as beats:
        await all_type(load, seconds)
    counted, before = Load(count), cpu_seconds(process)
    await all_type(counted, seconds / 2)
    load.cpu = (cpu_seconds(process) - before) / max(1, len(counted.answers))
    load.errors, load.lost = load.errors + counted.errors, load.lost + counted.lost
    load.silent, load.memory = max(beats), resident(process)
    await asyncio.gather(*(visitor.close() for visitor in visitors))
    return load


async def come_and_go(address: str, count: int, letters: int, page: str, process: int) -> None:
    """Visitors one after the other, `TOGETHER` at once, each typing so many letters; what is resident meanwhile, and
    before them, when one has come, typed a name and gone: a server that has served nobody has loaded nothing."""
    load, door, gone = Load(count), asyncio.Semaphore(TOGETHER), 0
    first = Visitor(page)
    await first.open(address)
    await typing(first, Load(1), random.Random(count), most=10)
    await first.close()
    before = resident(process)
    print(f"{'gone':>6}{'re-runs':>9}{'MB':>7}", flush=True)
    print(f"{0:6}{0:9}{before:7.0f}", flush=True)

    async def visit(seed: int) -> None:
        nonlocal gone
        async with door:
            visitor = Visitor(page)
            await visitor.open(address)
            await typing(visitor, load, random.Random(seed), most=letters)
            await visitor.close()
        gone += 1
        if gone % max(1, count // 20) == 0:
            print(f"{gone:6}{len(load.answers):9}{resident(process):7.0f}", flush=True)

    await asyncio.gather(*map(visit, range(count)))
    print(f"errors {load.errors}, lost {load.lost}; all have left", flush=True)
    for minute in range(1, 5):  # Streamlit keeps a session for two minutes, should its tab come back
        await asyncio.sleep(60)
        now = resident(process)
        print(f"{minute} min later {now:7.0f} MB, {100 * (now / before - 1):+.1f} %", flush=True)


@contextmanager
def served(script: Path) -> Iterator[tuple[str, int]]:
    """A server of a script: its address and its process."""
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as logs,
        started(streamlit(script, port), port, Path(logs) / "app.log") as process,
    ):
        yield f"http://localhost:{port}", process.pid


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, nargs="+", default=[1, 20, 50, 100])
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--page", default="", help="of the app: bi-gru, compare; Explore where left out")
    parser.add_argument("--come-and-go", type=int, default=0, metavar="VISITORS")
    parser.add_argument("--reruns", type=int, default=20, help="of each visitor who comes and goes")
    args = parser.parse_args()
    if args.come_and_go:
        with served(ROOT / "app.py") as (address, process):
            asyncio.run(come_and_go(address, args.come_and_go, args.reruns, args.page, process))
        return
    scripts = {args.page or "Explore": (ROOT / "app.py", args.page), "one-input page": (ONE_INPUT, "")}
    for name, (script, page) in scripts.items():
        print(f"\nTyping visitors on {name}, {args.seconds:g} s each, {os.cpu_count()} cores for all of it")
        print(HEAD, flush=True)
        with served(script) as (address, process):
            for seed, count in enumerate(args.visitors):
                print(asyncio.run(together(address, count, args.seconds, page, process, seed)).row(), flush=True)


if __name__ == "__main__":
    main()
