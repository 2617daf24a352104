"""What does not fit is sent around the step one looks at, and fetched when another is: windows of steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def around(wanted: int, steps: int, fit: int) -> tuple[int, int]:
    """`fit` of so many steps, at least one, around the wanted one: the first, and after the last."""
    fit = max(1, min(steps, fit))
    first = min(max(0, wanted - fit // 2), steps - fit)
    return first, first + fit


def told(sentences: Sequence[str], wanted: int, most: int) -> tuple[int, list[str]]:
    """As many sentences around the wanted step as take at most so many bytes as JSON in JSON; the first one's step."""
    ends = np.cumsum([0, *(len(sentence.encode()) + 2 * sentence.count('"') + 5 for sentence in sentences)])
    low, high = 1, len(sentences)
    while low < high:
        middle = (low + high + 1) // 2
        first, last = around(wanted, len(sentences), middle)
        low, high = (middle, high) if ends[last] - ends[first] <= most else (low, middle - 1)
    first, last = around(wanted, len(sentences), low) if sentences else (0, 0)
    return first, list(sentences[first:last])
