"""From a key pressed to the new picture on screen: the Explore page beside one that echoes into four heatmaps, and
beside the least a Streamlit page can do, a field and a component that writes its text. All have the same field.

The pages are open in one Chromium, hold a text of T - 1 letters, and get the last letter in turn. The clock is the
browser's: it starts at the keydown event and stops when the frame is painted in which the player, or every figure of
the echo page, carries the new letter. Texts are made up, so no cache of an earlier run answers.

Explore's time is split at what the browser and the server (`benchmarks.keystroke_marks`) say of it:

    pause    the key until the text is sent
    network  its way to the server, and the blob's way back to the browser
    re-run   the server, but for
    trace    the model
    blob     what the player is sent, made
    front    from the blob's arrival to its letters in the document: Streamlit's front end, and the player
    paint    until they are painted

    python -m benchmarks.keystroke [--rounds 10] [--lengths 10 50 200 2000]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tools.app import QUIET, ROOT, free_port, serving, streamlit
from tools.browser import FLAGS, MISSING, find

LENGTHS = (10, 50, 200, 2000)
ECHO_TO = 200
"""Beyond, one letter takes the echo page a minute and more."""
ECHO_ROUNDS = 5
AIMS = "aims: 80 ms at T = 10, and no longer than the echo page"
PARTS = ("pause", "network", "re-run", "trace", "blob", "front", "paint")
PLACE = ".st-key-text"
FIELD = f"{PLACE} input"

WATCH = """
window.seen = {};
const { send } = WebSocket.prototype;
WebSocket.prototype.send = function (data) {
  seen.sent ??= performance.now();
  return send.call(this, data);
};
const Plain = WebSocket;
window.WebSocket = class extends Plain {
  constructor(...address) {
    super(...address);
    this.addEventListener("message", ({ data }) => {
      const size = data.byteLength ?? data.size ?? 0;
      if (size > (seen.size ?? 0)) Object.assign(seen, { size, came: performance.now() });
    });
  }
};
"""
"""Notes when the browser sends, and when the largest message comes back: the player's blob."""

ARM = """([selector, wanted, figures]) => {
  const hosts = () => [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")];
  const shadows = () => hosts().map((host) => host.shadowRoot);
  const player = () => {
    const tokens = shadows().flatMap((root) => [...(root?.querySelectorAll("[data-testid=ribbon-token]") ?? [])]);
    tokens.sort((a, b) => a.dataset.step - b.dataset.step);
    const last = tokens.at(-1);
    const letters = tokens.map((one) => one.firstChild.textContent).join("");
    return last?.dataset.step == wanted.length - 1 && wanted.endsWith(letters);
  };
  const figure = (one) =>
    one.querySelectorAll(".xtick text").length === wanted.length && one.layout.xaxis.ticktext.join("") === wanted;
  const plotted = () => {
    const all = [...document.querySelectorAll(".js-plotly-plot")];
    return all.length === figures && all.every(figure);
  };
  const shown = figures ? plotted : player;
  window.picture = new Promise((done) => {
    document.querySelector(selector).addEventListener("keydown", ({ timeStamp }) => {
      window.seen = {};
      let drawn = 0;
      const look = () => { if (!drawn && shown()) drawn = performance.now(); };
      const watch = new MutationObserver(look);
      if (!figures) shadows().forEach((root) => root && watch.observe(root, { subtree: true, childList: true }));
      const frame = () => {
        look();
        if (!drawn) return requestAnimationFrame(frame);
        watch.disconnect();
        const { port1, port2 } = new MessageChannel();
        port2.onmessage = () =>
          done({ ...seen, start: timeStamp, drawn, painted: performance.now(), origin: performance.timeOrigin });
        port1.postMessage(0); // after the frame that this callback is before
      };
      requestAnimationFrame(frame);
    }, { capture: true, once: true });
  });
}"""
"""Waits for the next key; `window.picture` then says when what came of it."""


@dataclass(frozen=True)
class Opened:
    """A page with its first picture drawn.

    Attributes:
        figures: how many it has; none is the player.
        marks: what its server says, where it does.
    """

    page: Page
    figures: int = 0
    marks: Path | None = None


@dataclass(frozen=True)
class Letter:
    """One key.

    Attributes:
        whole: milliseconds to the painted picture.
        parts: the same, by `PARTS`; empty where the server says nothing.
    """

    whole: float
    parts: dict[str, float]


def word(dice: random.Random, letters: int = 10) -> str:
    """A text nobody has: vowels and consonants in turn."""
    return "".join(dice.choice("aeiou" if place % 2 else "bdfgklmnprstvwz") for place in range(letters))


def press(one: Opened, text: str) -> Letter:
    """Have all but the last letter drawn, then press that."""
    one.page.bring_to_front()
    one.page.locator(FIELD).focus()
    one.page.evaluate(ARM, [PLACE, text[:-1], one.figures])
    one.page.locator(FIELD).press("Shift")
    one.page.locator(FIELD).fill(text[:-1])
    one.page.evaluate("window.picture")
    one.page.wait_for_timeout(300)
    said = one.marks.stat().st_size if one.marks else 0
    one.page.evaluate(ARM, [PLACE, text, one.figures])
    one.page.keyboard.press(text[-1])
    seen = one.page.evaluate("window.picture")
    return Letter(seen["painted"] - seen["start"], split(seen, one.marks, said) if one.marks else {})


def split(seen: dict[str, float], marks: Path, said: int) -> dict[str, float]:
    """The parts of a letter, from what the browser has seen and the server has said since."""
    told = [json.loads(line) for line in marks.read_text(encoding="utf-8")[said:].splitlines()]
    heard = next(value for name, value in told if name == "heard")
    sent = next(value for name, value in reversed(told) if name == "sent")
    trace, blob = (sum(value for name, value in told if name == wanted) for wanted in ("trace", "blob"))
    out, back = heard - (seen["origin"] + seen["sent"]), seen["origin"] + seen["came"] - sent
    parts = (
        *(seen["sent"] - seen["start"], out + back, sent - heard - trace - blob, trace, blob),
        *(seen["drawn"] - seen["came"], seen["painted"] - seen["drawn"]),
    )
    return dict(zip(PARTS, parts, strict=True))


def measure(pages: dict[str, Opened], letters: int, rounds: int) -> dict[str, list[Letter]]:
    """So many keys for each page, in turn, after two of warming up."""
    dice = random.Random(letters)
    pages = {name: one for name, one in pages.items() if letters <= ECHO_TO or not one.figures}
    found: dict[str, list[Letter]] = {name: [] for name in pages}
    for round_ in range(rounds + 2):
        text = word(dice, letters)
        for name, one in pages.items():
            if one.figures and round_ >= ECHO_ROUNDS + 2:
                continue
            letter = press(one, text)
            found[name] += [letter] if round_ >= 2 else []
    return found


def table(letters: int, found: dict[str, list[Letter]]) -> str:
    """Median and 95th percentile of each page, of ours in parts, and how ours compares with the others."""
    lines = [f"\nT = {letters}"]
    wholes = {name: [one.whole for one in all_] for name, all_ in found.items()}
    ours = next(iter(wholes))
    for name, values in wholes.items():
        ratio = statistics.median(wholes[ours]) / statistics.median(values)
        lines.append(f"{name:16}{_both(values)}" + ("" if name == ours else f"   ours ÷ this: {ratio:.2f}"))
    lines += [f"  {part:14}{_both([one.parts[part] for one in found[ours]])}" for part in PARTS]
    return "\n".join(lines)


def _both(values: Sequence[float]) -> str:
    return f"{statistics.median(values):7.1f} ms  p95 {percentile(values, 0.95):7.1f} ms"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed."""
    return sorted(values)[max(0, -int(-share * len(values) // 1) - 1)]


@contextmanager
def opened(browser: Browser, folder: Path) -> Iterator[dict[str, Opened]]:
    """All pages, each with a server of its own."""
    ports, marks = [free_port() for _ in range(3)], folder / "marks"
    telling = [sys.executable, "-m", "benchmarks.keystroke_marks", str(marks), "run", "app.py"]
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(WATCH)
    with (
        serving([*telling, "--server.port", str(ports[0]), *QUIET], ports[0], folder / "app.log") as app,
        serving(streamlit(ROOT / "benchmarks" / "echo_page.py", ports[1]), ports[1], folder / "echo.log") as echo,
        serving(streamlit(ROOT / "benchmarks" / "bare_page.py", ports[2]), ports[2], folder / "bare.log") as bare,
    ):
        ours, theirs, least = (Opened(context.new_page(), n, m) for n, m in ((0, marks), (4, None), (0, None)))
        ours.page.goto(app)
        ours.page.get_by_test_id("play").wait_for()
        theirs.page.goto(echo)
        theirs.page.wait_for_function("document.querySelectorAll('.js-plotly-plot .xtick').length >= 4")
        least.page.goto(bare)
        least.page.get_by_test_id("ribbon-token").wait_for()
        yield {"GRU Explorer": ours, "echo page": theirs, "bare page": least}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--lengths", type=int, nargs="*", default=LENGTHS)
    args = parser.parse_args()
    browser = find()
    if browser is None:
        raise SystemExit(MISSING)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(browser), args=list(FLAGS))
        print(f"\nKeystroke → painted picture: {args.rounds} keys a length, Chromium {chromium.version}; {AIMS}")
        with opened(chromium, Path(folder)) as pages:
            for letters in args.lengths:
                print(table(letters, measure(pages, letters, args.rounds)), flush=True)
        chromium.close()


if __name__ == "__main__":
    main()
