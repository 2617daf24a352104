"""From an address opened to the picture: the first visitor after a start, later ones, and the least a page can do.

Each visitor is a browser context of its own, so nothing is in its cache; the browser itself has shown a page before.
The clock is the browser's: it starts with the navigation and stops two frames after the player shows its letters, or
after the other page's field is there. "At once" comes as soon as the server answers; "first" when it has prepared
itself: its memory no longer grows. Memory is the server's, from /proc (Linux only), in megabytes of 2**20 bytes.

    python -m benchmarks.first_visitor [--starts 3] [--later 9] [--app ../another/app.py]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.load import resident
from tools.app import ROOT, free_port, started, streamlit
from tools.browser import FLAGS, MISSING, find
from tools.player import TOKENS

AIM_FIRST, AIM_LATER, AIM_MEMORY = 1.3, 1.5, 330
OURS, LEAST = ROOT / "app.py", ROOT / "benchmarks" / "one_input.py"
STEADY = 2.0
"""Seconds without a megabyte more: the server waits."""

CLOCK = f"""
window.picture = new Promise((done) => {{
  {TOKENS}
  const host = () => document.querySelector(".st-key-text [data-testid=stBidiComponentIsolated]");
  const field = () => document.querySelector(".st-key-text input") ?? host()?.shadowRoot?.querySelector("input");
  const drawn = () => field() && (!PLAYER || tokens());
  const look = () => drawn()
    ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())))
    : requestAnimationFrame(look);
  requestAnimationFrame(look);
}});
"""


@dataclass
class Waits:
    """Milliseconds visitors of one page waited, and megabytes its servers held."""

    at_once: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    later: list[float] = field(default_factory=list)
    prepared: list[float] = field(default_factory=list)
    after_first: list[float] = field(default_factory=list)
    after_later: list[float] = field(default_factory=list)


def visit(chromium: Browser, address: str, player: bool) -> float:
    """Milliseconds until a visitor who has never been here sees the picture."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    page = context.new_page()
    page.add_init_script(CLOCK.replace("PLAYER", "true" if player else "false"))
    page.goto(address, wait_until="commit")
    page.wait_for_function("window.picture", timeout=120_000)
    waited = page.evaluate("window.picture")
    context.close()
    return waited


def memory(process: int) -> float:
    """Megabytes resident."""
    return resident(process, 1024)


def wait_until_steady(process: int) -> None:
    """Until the server's memory has not grown for a while."""
    held, since = memory(process), time.monotonic()
    while time.monotonic() - since < STEADY:
        time.sleep(0.1)
        if (now := memory(process)) > held + 1:
            held, since = now, time.monotonic()


def measure(chromium: Browser, script: Path, found: Waits, later: int) -> None:
    """Two starts: one server visited as soon as it answers, one when it has prepared itself, and again and again."""
    player = script != LEAST
    folder = script.resolve().parent if player else ROOT  # whose settings hold
    with tempfile.TemporaryDirectory() as logs:
        for waiting in (False, True):
            port = free_port()
            with started(streamlit(script, port), port, Path(logs) / "log", folder) as process:
                address = f"http://localhost:{port}"
                if not waiting:
                    found.at_once.append(visit(chromium, address, player))
                    continue
                wait_until_steady(process.pid)
                found.prepared.append(memory(process.pid))
                found.first.append(visit(chromium, address, player))
                found.after_first.append(memory(process.pid))
                found.later += [visit(chromium, address, player) for _ in range(later)]
                found.after_later.append(memory(process.pid))


def row(name: str, found: Waits) -> str:
    """Medians of one page."""
    waits = (found.at_once, found.first, found.later)
    held = (found.prepared, found.after_first, found.after_later)
    return (
        f"{name:16}"
        + "".join(f"{statistics.median(one) / 1000:9.2f} s" for one in waits)
        + "".join(f"{statistics.median(one):9.0f} MB" for one in held)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--later", type=int, default=9)
    parser.add_argument("--app", type=Path, default=OURS, help="script of another copy of the app")
    args = parser.parse_args()
    browser = find()
    if browser is None:
        raise SystemExit(MISSING)
    ours, least = Waits(), Waits()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(browser), args=list(FLAGS))
        measure(chromium, LEAST, Waits(), 1)
        for _ in range(args.starts):
            measure(chromium, args.app, ours, args.later)
            measure(chromium, LEAST, least, args.later)
        print(f"\nFirst visitors: {args.starts} starts each, {args.later} later visitors, Chromium {chromium.version}")
        chromium.close()
    heads = ("at once", "first", "later", "prepared", "after 1", f"after {args.later + 1}")
    print(f"{'':16}" + "".join(f"{head:>{11 if place < 3 else 12}}" for place, head in enumerate(heads)))
    print(row("GRU Explorer", ours))
    print(row("one-input page", least))
    first, later, other = (statistics.median(one) for one in (ours.first, ours.later, least.later))
    print(
        f"first / later {first / later:.2f} (aim: at most {AIM_FIRST}); later / one-input {later / other:.2f}", end=""
    )
    print(f" (aim: at most {AIM_LATER}); memory aim: at most {AIM_MEMORY} MB", flush=True)


if __name__ == "__main__":
    main()
