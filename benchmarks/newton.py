"""What Newton's method costs beside the loop, and occlusion in one pass beside a pass for each character.

Solving: rounds and waits of both forms on texts of shipped models (waits: what no parallelism saves), and the time of
`gv.solve` over that of the loop it ends at, on this device. Occlusion: `gv.occlusion` over the model run once for each
replaced character. Medians of alternating runs on one thread.

    python -m benchmarks.newton [--rounds 5] [--long]
"""

from __future__ import annotations

import argparse
import textwrap
from functools import partial
from inspect import getsource

import torch

import gru_viz as gv
from benchmarks.trace_speed import alternating
from gru_viz.analysis.newton import FORMS

ENGLISH = (
    "And the LORD spake unto Moses, saying, Speak unto the children of Israel, and say unto them, When ye be come "
)
PYTHON = getsource(textwrap)
TEXTS = (("names", "rossellini"), ("english", ENGLISH), ("python", PYTHON[1000:1063]), ("python", PYTHON[1000:1256]))
LONG = (("python", PYTHON[1000:2024]), ("python", PYTHON[1000:3048]))


def solving(name: str, text: str, rounds: int) -> None:
    """One line a form."""
    model = gv.load(name)
    x = model.embed(model.encode(text)).detach()
    for form in FORMS:
        found = gv.solve(model.rnn, x, form=form)
        layer = found.layers[0]
        runs = {"loop": partial(gv.trace, model.rnn, x), "solve": partial(gv.solve, model.rnn, x, form=form)}
        times = alternating(runs, rounds, "cpu")
        print(
            f"  {name:8} T={len(x):<5} {form:9} {found.rounds:4} rounds ({layer.rounds_to(1e-4)} to four decimals), "
            f"{found.waits:5} waits against {found.loop_waits:<5} largest {float(layer.largest.max()):.0e}   "
            f"{times['solve'] * 1e3:8.1f} ms, {times['solve'] / times['loop']:6.1f} × the loop",
            flush=True,
        )


def occluding(name: str, text: str, rounds: int) -> None:
    """One line."""
    model = gv.load(name)

    def one_by_one() -> None:
        for step in range(len(text)):
            model.predict(model.trace(text[:step] + " " + text[step + 1 :]))

    runs = {"together": lambda: gv.occlusion(model, text, by=" "), "one by one": one_by_one}
    times = alternating(runs, rounds, "cpu")
    ratio = times["one by one"] / times["together"]
    print(
        f"  {name:8} T={len(text):<5} {times['together'] * 1e3:8.1f} ms, one by one {ratio:.1f} × as long", flush=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--long", action="store_true", help="also 1,024 and 2,048 steps, once each: minutes")
    args = parser.parse_args()
    torch.set_num_threads(1)
    print("\nAll steps at once by Newton's method, beside the loop, 1 thread")
    for name, text in TEXTS:
        solving(name, text, args.rounds)
    for name, text in LONG if args.long else ():
        solving(name, text, 1)
    print("\nEach character replaced, in one pass and one by one, 1 thread")
    for name, text in (("names", "rossellini"), ("python", PYTHON[1000:1158])):
        occluding(name, text, args.rounds)


if __name__ == "__main__":
    main()
