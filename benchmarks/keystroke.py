"""From a key pressed to the new picture on screen: the Explore page beside the least a Streamlit page can do.

Both pages are open in one Chromium and get the same letters in turn. The clock is the browser's: it starts at the
keydown event and stops two frames after the player, or every figure of the other page, carries the new letters.
Surnames are made up, so no cache of an earlier run answers.

    python -m benchmarks.keystroke [--rounds 5]
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tools.app import ROOT, free_port, serving, streamlit
from tools.browser import FLAGS, MISSING, find
from tools.player import TOKENS

KEYSTROKES = 10
AIM = 1.5
OURS, ECHO = "GRU Explorer", "echo page"

ARM = f"""([selector, wanted, figures]) => {{
  {TOKENS}
  const left = (tick) => tick.getBoundingClientRect().left;
  const letters = (figure) => [...figure.querySelectorAll(".xtick text")]
    .sort((a, b) => left(a) - left(b)).map((tick) => tick.textContent).join("");
  const drawn = () => figures ? [...document.querySelectorAll(".js-plotly-plot")].map(letters) : [tokens()];
  const frame = () => new Promise(requestAnimationFrame);
  window.picture = new Promise((done) => {{
    document.querySelector(selector).addEventListener("keydown", async () => {{
      const start = performance.now();
      let shown = [];
      do {{ await frame(); shown = drawn(); }}
      while (shown.length < Math.max(1, figures) || shown.some((text) => text !== wanted));
      await frame();
      await frame();
      done(performance.now() - start);
    }}, {{ capture: true, once: true }});
  }});
}}"""
"""Waits for the next key; `window.picture` is then the milliseconds until everything shows what is wanted."""

FIELD = ".st-key-text input"


def word(dice: random.Random) -> str:
    """A surname nobody has: ten letters, vowels and consonants in turn."""
    return "".join(dice.choice("aeiou" if place % 2 else "bdfgklmnprstvwz") for place in range(KEYSTROKES))


def press(page: Page, letter: str, wanted: str, figures: int) -> float:
    """Milliseconds from pressing a letter to the picture of the text it completes."""
    page.bring_to_front()
    page.locator(FIELD).focus()
    page.evaluate(ARM, [FIELD, wanted, figures])
    page.keyboard.press(letter)
    return page.evaluate("window.picture")


def measure(pages: dict[str, tuple[Page, int]], rounds: int) -> dict[str, list[float]]:
    """Times of each page, after one word of warming up; every letter goes to each page before the next does."""
    times: dict[str, list[float]] = {name: [] for name in pages}
    dice = random.Random(0)
    for round_ in range(rounds + 1):
        for page, _ in pages.values():
            page.locator(FIELD).fill("")
        text = word(dice)
        for end in range(1, KEYSTROKES + 1):
            for name, (page, figures) in pages.items():
                found = press(page, text[end - 1], text[:end], figures)
                times[name] += [found] if round_ else []
    return times


def table(times: dict[str, list[float]]) -> str:
    """Median and 95th percentile of each, and the ratio of ours to the other."""
    rows = {name: (statistics.median(found), percentile(found, 0.95)) for name, found in times.items()}
    lines = [f"{'':16}{'median':>10}{'p95':>10}"]
    lines += [f"{name:16}{median:7.0f} ms{p95:7.0f} ms" for name, (median, p95) in rows.items()]
    ratios = [ours / echo for ours, echo in zip(rows[OURS], rows[ECHO], strict=True)]
    return "\n".join([*lines, f"{'ratio':16}{ratios[0]:10.2f}{ratios[1]:10.2f}   aim: at most {AIM}"])


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed."""
    return sorted(values)[max(0, -int(-share * len(values) // 1) - 1)]


def opened(page: Page, address: str, figures: int) -> tuple[Page, int]:
    """The page with its first picture drawn, and how many figures it has; none is the player."""
    page.goto(address)
    if figures:
        page.wait_for_function("n => document.querySelectorAll('.js-plotly-plot .xtick').length >= n", arg=figures)
    else:
        page.get_by_test_id("play").wait_for()
    return page, figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    browser = find()
    if browser is None:
        raise SystemExit(MISSING)
    ports = free_port(), free_port()
    with (
        tempfile.TemporaryDirectory() as logs,
        serving(streamlit(ROOT / "app.py", ports[0]), ports[0], Path(logs) / "app.log") as app,
        serving(streamlit(ROOT / "benchmarks" / "echo_page.py", ports[1]), ports[1], Path(logs) / "echo.log") as echo,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=str(browser), args=list(FLAGS))
        context = chromium.new_context(viewport={"width": 1440, "height": 900})
        pages = {OURS: opened(context.new_page(), app, 0), ECHO: opened(context.new_page(), echo, 4)}
        times = measure(pages, args.rounds)
        print(
            f"\nKeystroke → new picture: {args.rounds} × {KEYSTROKES} keystrokes in turn, Chromium {chromium.version}"
        )
        print(table(times), flush=True)
        chromium.close()


if __name__ == "__main__":
    main()
