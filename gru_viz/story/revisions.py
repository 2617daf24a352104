"""What was taken back: the answers a reader gave to the text before and gives otherwise now.

Typing goes on while one looks, and most keystrokes change nothing; so what the newest change took back stays marked
until another change takes something back, the answer returns to what it was, or the character goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gru_viz.analysis.two_ways import revised, shared


@dataclass(frozen=True)
class Answers:
    """One reader's answers to a text, and what it had said before.

    Attributes:
        tokens, now: the text and the class each token is taken for.
        was: (T,) the class it was taken for before it was taken back; -1 where nothing was.
        since: the text before the change that took something back.
    """

    tokens: tuple[str, ...]
    now: NDArray[np.intp]
    was: NDArray[np.intp]
    since: str = ""

    @property
    def key(self) -> tuple[bytes, str]:
        """Identifies what was taken back, beside the text and its readers."""
        return self.was.tobytes(), self.since

    @classmethod
    def first(cls, tokens: Sequence[str], now: NDArray[np.intp]) -> Answers:
        """To a text that follows no other."""
        return cls(tuple(tokens), now, np.full(len(now), -1, dtype=np.intp))

    def to(self, tokens: Sequence[str], now: NDArray[np.intp]) -> Answers:
        """To the text that follows this one."""
        if tuple(tokens) == self.tokens:
            return self
        places = shared(self.tokens, tokens)
        here = places >= 0
        changed = revised(self.tokens, self.now, tokens, now)
        was = np.full(len(now), -1, dtype=np.intp)
        if changed.any():
            was[changed] = self.now[places[changed]]
            return Answers(tuple(tokens), now, was, "".join(self.tokens))
        was[here] = self.was[places[here]]
        was[was == now] = -1
        return Answers(tuple(tokens), now, was, self.since if (was >= 0).any() else "")
