"""A trace as a tidy table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gru_viz.cells import KINDS
from gru_viz.tracing.activations import Activations

if TYPE_CHECKING:
    import pandas as pd


def frame_of(trace: Activations, layer: int, direction: str, batch: int) -> pd.DataFrame:
    """One layer and one sequence; what `Trace.to_frame` documents."""
    import pandas as pd  # here: pandas is large, and the first picture needs no table

    trace.check_batch(batch)
    arrays = trace.layer(layer, direction).numpy()
    steps = np.flatnonzero(arrays["mask"][:, batch])
    units = trace.hidden_size
    columns = {
        "step": np.repeat(steps, units),
        "token": np.repeat(np.array([trace.tokens and trace.tokens[t] for t in steps], dtype=object), units),
        "unit": np.tile(np.arange(units), len(steps)),
    }
    kind = KINDS[trace.cell]
    for name in (*kind.shown, *(f"{q}_prev" for q in kind.carried)):
        columns[str(name)] = _widened(arrays[name][steps, batch], units).reshape(-1)
    return pd.DataFrame(columns)


def _widened(value: np.ndarray, units: int) -> np.ndarray:
    """`(T, W)` with NaN for the units a projection does not have."""
    return np.pad(value, ((0, 0), (0, units - value.shape[1])), constant_values=np.nan)
