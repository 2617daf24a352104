"""The player in a real Chromium: frames while it plays and scrolls, what it sends meanwhile, first paint, the blob.

    python -m benchmarks.player [--seconds 8]

Frames are measured where they are shown: between animation frames of the page, at 1440×900 without a GPU. First paint
is from the component being handed the blob to the second frame after its canvases are drawn.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import torch
from playwright.sync_api import Browser, Page, WebSocket, sync_playwright
from torch import nn

import gru_viz as gv
from benchmarks.keystroke import percentile
from gru_viz.draw.palette import LIGHT
from gru_viz.draw.player.wire import BLOB_BYTES, blob
from gru_viz.story.scene import Scene, Selection, Side
from tools.app import ROOT, free_port, serving, streamlit
from tools.browser import FLAGS, MISSING, find

FRAMES = """(ms) => new Promise((done) => {
  const times = [];
  const end = performance.now() + ms;
  const tick = (now) => { times.push(now); now < end ? requestAnimationFrame(tick) : done(times); };
  requestAnimationFrame(tick);
})"""

SCROLL = """(ms) => new Promise((done) => {
  const root = [...document.querySelectorAll("*")].map((n) => n.shadowRoot?.querySelector(".player")).find(Boolean);
  const scroll = root.querySelector(".scroll");
  const times = [];
  const start = performance.now();
  const tick = (now) => {
    times.push(now);
    scroll.scrollLeft = Math.max(0, now - start) * 2.2;
    now - start < ms ? requestAnimationFrame(tick) : done(times);
  };
  requestAnimationFrame(tick);
})"""

PAINT = """() => performance.getEntriesByName("player-first-paint").map((entry) => entry.duration)"""


def gaps(times: list[float]) -> tuple[float, float]:
    """Median and 95th percentile of the milliseconds between frames."""
    between = [b - a for a, b in pairwise(times)]
    return statistics.median(between), percentile(between, 0.95)


def opened(browser: Browser, address: str, query: str) -> tuple[Page, list[object]]:
    """A page with the player on it, and what its websocket sends from now on."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    sent: list[object] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: sent.extend([frame]))

    page.on("websocket", listen)
    page.goto(f"{address}/?{query}")
    page.get_by_test_id("play").wait_for()
    page.wait_for_timeout(1500)
    sent.clear()
    return page, sent


def playback(browser: Browser, address: str, seconds: float, speed: str) -> str:
    """Frames while T=200, H=128 plays, with the pointer moving over the strips in a second run."""
    page, sent = opened(browser, address, "cell=GRU&T=200&H=128&I=32&step=0")
    page.get_by_test_id("speed").select_option(speed)
    page.get_by_test_id("play").click()
    median, p95 = gaps(page.evaluate(FRAMES, int(1000 * seconds)))
    count = len(sent)
    page.close()
    return f"playback T=200 H=128, {speed:>2}×    median {median:5.1f} ms   p95 {p95:5.1f} ms   messages sent {count}"


def scrolling(browser: Browser, address: str, seconds: float) -> list[str]:
    """First paint and scrolling of 2,000 steps × 512 units."""
    page, _ = opened(browser, address, "cell=GRU&T=2000&H=512&I=32&step=0")
    paint = page.evaluate(PAINT)[0]
    median, p95 = gaps(page.evaluate(SCROLL, int(1000 * seconds)))
    page.close()
    return [
        f"first paint T=2000 H=512       {paint:5.0f} ms   aim: at most 150 ms",
        f"scrolling T=2000 H=512         median {median:5.1f} ms   p95 {p95:5.1f} ms   aim: p95 at most 33 ms",
    ]


def built(steps: int, width: int, alphabet: int, rounds: int = 15) -> str:
    """Size of a blob, and the milliseconds it takes to build, summands and all."""
    torch.manual_seed(0)
    rnn = nn.GRU(32, width)
    rows = torch.randn(alphabet, 32)
    trace = gv.trace(rnn, rows[torch.randint(0, alphabet, (steps,))][:, None])
    scene = Scene(rnn, Side(trace, ["x"] * steps), selection=Selection(), orders={"index": range(width)})
    times = []
    for _ in range(rounds):
        start = perf_counter()
        data = blob(scene, LIGHT)
        times.append(1000 * (perf_counter() - start))
    said = f"{len(data) / 1e6:5.2f} MB, built in {statistics.median(times):5.1f} ms (p95 {percentile(times, 0.95):.1f})"
    return f"blob T={steps} H={width}, {alphabet} symbols".ljust(31) + f"{said}   aim: at most {BLOB_BYTES / 1e6:g} MB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8)
    args = parser.parse_args()
    chromium = find()
    if chromium is None:
        raise SystemExit(MISSING)
    torch.set_num_threads(1)
    print("\nThe player")
    for steps, width, alphabet in ((200, 128, 60), (200, 128, 200), (2000, 512, 60)):
        print(built(steps, width, alphabet), flush=True)
    port = free_port()
    page = ROOT / "tests" / "e2e" / "player_page.py"
    with (
        tempfile.TemporaryDirectory() as logs,
        serving(streamlit(page, port), port, Path(logs) / "player.log") as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=str(chromium), args=list(FLAGS))
        for speed in ("1", "4", "16"):
            print(playback(browser, address, args.seconds, speed), "  aim: 17 and 25 ms, 0 messages", flush=True)
        print("\n".join(scrolling(browser, address, args.seconds)), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
