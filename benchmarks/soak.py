"""Ten minutes of visitors who come, type and go: what the server keeps of them, and what one who only looks on costs.

Visitors are headless (`benchmarks.visitor`), as in `benchmarks.load`. First so many open the page and do nothing, for
what an idle one holds; they leave. Then visitors come and go until the time is over. At last all have left, and what is
resident is read again once Streamlit has forgotten them (it keeps a session for two minutes, should its tab come back).
Linux only.

    python -m benchmarks.soak [--minutes 10] [--idle 30] [--at-once 8]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time

from benchmarks.load import Load, resident, served, typing
from benchmarks.visitor import Visitor
from tools.app import ROOT

LETTERS = 20
"""Each visitor types so many."""
FORGOTTEN = 150
"""Seconds after which Streamlit keeps nothing of one who left."""
PAGES = ("", "bi-gru", "compare")


async def idle(address: str, process: int, count: int) -> None:
    """What a visitor who does nothing holds, in megabytes."""
    first = Visitor()
    await first.open(address)
    before = resident(process)
    visitors = [Visitor() for _ in range(count)]
    for one in visitors:
        await one.open(address)
    held = (resident(process) - before) / count
    print(f"{count} visitors who look on: {held:.2f} MB each", flush=True)
    for one in [first, *visitors]:
        await one.close()


async def soak(address: str, process: int, minutes: float, at_once: int) -> None:
    """Visitors come and go; the table of what is resident."""
    load, gone, start = Load(at_once), 0, time.monotonic()
    until = start + 60 * minutes
    print(f"{'minute':>7}{'gone':>7}{'re-runs':>9}{'errors':>8}{'lost':>6}{'MB':>7}", flush=True)

    def say() -> None:
        passed = (time.monotonic() - start) / 60
        print(
            f"{passed:7.1f}{gone:7}{len(load.answers):9}{load.errors:8}{load.lost:6}{resident(process):7.0f}",
            flush=True,
        )

    async def come_and_go(seed: int) -> None:
        nonlocal gone
        dice = random.Random(seed)
        while time.monotonic() < until:
            visitor = Visitor(dice.choice(PAGES))
            await visitor.open(address)
            await typing(visitor, load, dice, until, LETTERS)
            await visitor.close()
            gone += 1

    async def watch() -> None:
        while time.monotonic() < until:
            say()
            await asyncio.sleep(60)

    await asyncio.gather(watch(), *map(come_and_go, range(at_once)))
    say()
    await asyncio.sleep(FORGOTTEN)
    print("all have left:", flush=True)
    say()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--idle", type=int, default=30)
    parser.add_argument("--at-once", type=int, default=8)
    args = parser.parse_args()
    with served(ROOT / "app.py") as (address, process):
        asyncio.run(idle(address, process, args.idle))
        asyncio.run(soak(address, process, args.minutes, args.at_once))


if __name__ == "__main__":
    main()
