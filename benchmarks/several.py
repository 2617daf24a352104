"""From a key pressed to the new picture, T = 200: several readers on one page beside Explore's single model.

All pages are open in one Chromium and get the same letters in turn, each at the end of a text of about 200 characters.
The clock is the browser's: it starts at the keydown event and stops two frames after the new letter stands over its
column. The text is random letters, so no cache of an earlier run answers.

    python -m benchmarks.several [--rounds 3]
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.keystroke import percentile
from tools.app import ROOT, free_port, serving, streamlit
from tools.browser import FLAGS, MISSING, find

STEPS = 200
KEYSTROKES = 10
AIM = 2.0
EXPLORE = "Explore"
PAGES = {
    EXPLORE: ("?model=python&text=", ".st-key-text input"),
    "Bi-GRU": ("bi-gru?text=", "[data-testid=text]"),
    "Compare": ("compare?task=names&text=", ".st-key-compare-text input"),
}
"""The address of each page and its field: one model; three, one of which reads both ways; three cells."""

ARM = """(step) => {
  const there = () => [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")]
    .some((host) => host.shadowRoot?.querySelector(`[data-testid=ribbon-token][data-step="${step}"]`));
  const frame = () => new Promise(requestAnimationFrame);
  window.picture = new Promise((done) => {
    document.addEventListener("keydown", async () => {
      const start = performance.now();
      while (!there()) await frame();
      await frame();
      await frame();
      done(performance.now() - start);
    }, { capture: true, once: true });
  });
}"""
"""Waits for the next key; `window.picture` is then the milliseconds until a column of this step is drawn."""


def text(dice: random.Random) -> str:
    """Random letters and blanks, a little shorter than T."""
    return "".join(dice.choice("abcdefghijklmnopqrstuvwxyz ") for _ in range(STEPS - KEYSTROKES - 1)) + "x"


def press(page: Page, field: str, letter: str, step: int) -> float:
    """Milliseconds from pressing a letter to the picture with a column for it."""
    page.bring_to_front()
    page.locator(field).focus()
    page.keyboard.press("End")
    page.evaluate(ARM, step)
    page.keyboard.press(letter)
    return page.evaluate("window.picture")


def measure(pages: dict[str, Page], app: str, rounds: int) -> dict[str, list[float]]:
    """Times of each page; every letter goes to each page before the next does, the first of a round warms up."""
    times: dict[str, list[float]] = {name: [] for name in pages}
    dice = random.Random(0)
    for _ in range(rounds):
        start = text(dice)
        for name, page in pages.items():
            page.goto(f"{app}/{PAGES[name][0]}{start.replace(' ', '%20')}")
            page.locator(f"[data-testid=ribbon-token][data-step='{len(start) - 1}']").first.wait_for()
        for place in range(KEYSTROKES):
            letter = dice.choice("abcdefghijklmnopqrstuvwxyz")
            for name, page in pages.items():
                found = press(page, PAGES[name][1], letter, len(start) + place)
                times[name] += [found] if place else []
    return times


def table(times: dict[str, list[float]]) -> str:
    """Median and 95th percentile of each, and the ratio to Explore's."""
    rows = {name: (statistics.median(found), percentile(found, 0.95)) for name, found in times.items()}
    lines = [f"{'':16}{'median':>10}{'p95':>10}{'ratio':>8}"]
    for name, (median, p95) in rows.items():
        lines.append(f"{name:16}{median:7.0f} ms{p95:7.0f} ms{median / rows[EXPLORE][0]:8.2f}")
    return "\n".join([*lines, f"{'':16}{'':20}aim: at most {AIM}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    browser = find()
    if browser is None:
        raise SystemExit(MISSING)
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as logs,
        serving(streamlit(ROOT / "app.py", port), port, Path(logs) / "app.log") as app,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=str(browser), args=list(FLAGS))
        context = chromium.new_context(viewport={"width": 1440, "height": 900})
        times = measure({name: context.new_page() for name in PAGES}, app, args.rounds)
        print(f"\nKeystroke → new picture at T = {STEPS}: {args.rounds} × {KEYSTROKES - 1} keystrokes in turn")
        print(table(times), flush=True)
        chromium.close()


if __name__ == "__main__":
    main()
