"""The row under the tokens as tensors: exact where it is small, else around a step, and a byte a number elsewhere.

`A.belief` (K, T or window), with the metadata's `first` and `last`; `A.symbols` (K, T), `A.surprise` (T,); where not
all is exact `A.overview.strip` (T, rows) as in `quantise`, and, of inputs that share rows, `A.overview.groups` (K,).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gru_viz.analysis.similarity import group_means
from gru_viz.draw.palette import Palette
from gru_viz.draw.player.quantise import Arrays, quantised
from gru_viz.draw.player.window import around
from gru_viz.story.belief_row import BeliefRow

BELIEF_BYTES = 120_000
"""A row of beliefs of more bytes than this is exact around the selected step only."""


def belief_part(belief: BeliefRow, wanted: int, colours: Palette) -> tuple[dict[str, Any], Arrays]:
    """What the metadata says of it, and its tensors by name."""
    values = np.asarray(belief.values, dtype=np.float32)
    first, last = 0, values.shape[1]
    arrays: Arrays = {}
    if belief.symbols is not None:
        arrays["symbols"] = belief.symbols.astype(np.uint16)
    if belief.surprise is not None:
        arrays["surprise"] = belief.surprise.astype(np.float32)
    if values.nbytes > BELIEF_BYTES:
        first, last = around(wanted, last, BELIEF_BYTES // 2 // (4 * len(values)))
        arrays |= _overview(belief, values)
    arrays["belief"] = values[:, first:last]
    about = {
        "kind": belief.kind,
        "names": list(belief.names),
        "colours": [colours.slot(slot) for slot in belief.slots],
        "unknown": belief.unknown,
        "first": first,
        "last": last,
    }
    return about, arrays


def _overview(belief: BeliefRow, values: NDArray[np.float32]) -> Arrays:
    """(T, rows) bytes: a row each; of inputs that are too many, neighbours share one as their mean."""
    rows: NDArray[np.float32] = values.T
    arrays: Arrays = {}
    most = max(1, BELIEF_BYTES // 2 // len(rows))
    if belief.kind == "inputs" and len(values) > most:
        groups = list(np.array_split(np.arange(len(values)), most))
        arrays["overview.groups"] = np.repeat(np.arange(most), [len(group) for group in groups]).astype(np.uint16)
        rows = group_means(rows, groups).T
    shares = belief.kind in ("classify", "next")
    strip = quantised(rows, np.full(len(rows), True), shares)
    return arrays | strip.arrays("overview.{}")
