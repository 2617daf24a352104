"""How far a run is, on a terminal: a bar with loss, speed and time left; where nobody watches, one line a report."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any, TextIO

from gru_viz.training.loop import Progress


class ProgressBar:
    """Show progress until `close`. The bar is tqdm's, on a terminal that has it; lines everywhere else."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._bar: Any = None
        self._first: tuple[int, float] | None = None

    def __call__(self, at: Progress) -> None:
        """Show where a run stands."""
        if self._out.isatty() and find_spec("tqdm"):
            self._draw(at)
        else:
            print(line(at), file=self._out, flush=True)

    def _draw(self, at: Progress) -> None:
        if self._bar is not None and (at.steps != self._bar.total or at.step <= self._bar.n):  # another run
            self._bar.close()
            self._bar = None
        if self._bar is None:
            from tqdm import tqdm

            # A run taken up again starts where it stood; `initial` keeps its speed that of now.
            done = max(0, at.step - max(1, at.steps // 50))
            self._bar = tqdm(total=at.steps, initial=done, file=self._out, unit="step", dynamic_ncols=True)
        self._bar.set_postfix_str(f"loss {at.loss:.4f}", refresh=False)
        self._bar.update(at.step - self._bar.n)

    def close(self) -> None:
        """Leave the bar as it stands and go to a new line."""
        if self._bar is not None:
            self._bar.close()


def line(at: Progress) -> str:
    """One report as a line of text."""
    speed = at.step / at.seconds if at.seconds else 0.0
    left = (at.steps - at.step) / speed if speed else 0.0
    done = f"step {at.step:>6} of {at.steps}   loss {at.loss:.4f}"
    return f"{done}   {speed:.0f} steps/s   {left:.0f} s left   {at.seconds:.0f} s"
