"""Whose memory speaks in a unit's candidate: the recurrent part of n, split by the unit it comes from."""

from __future__ import annotations

import torch
from torch import nn

from gru_viz.engines.spec import weights_of
from gru_viz.quantities import ROW_ORDER, Cell, Quantity
from gru_viz.trace import Trace


def contributors(
    rnn: nn.RNNBase, trace: Trace, place: tuple[int, int, int], layer: int = 0, most: int = 5
) -> list[tuple[int, float]]:
    """The units whose memory moved one unit's candidate most, strongest first.

    Args:
        place: (step, batch element, unit) of a reset-after GRU.

    Returns:
        (unit, r W_hn h_prev of that unit), signed; over all units these add up to r times `terms(...)["n"].recurrent`.
    """
    step, item, unit = place
    values = trace.layer(layer)
    rows = weights_of(rnn, layer, "forward").hh.chunk(len(ROW_ORDER[Cell.GRU]))
    with torch.no_grad():
        row = rows[ROW_ORDER[Cell.GRU].index(Quantity.N)][unit]
        parts = values.r[step, item, unit] * row * values.h_prev[step, item]
        best = parts.abs().argsort(descending=True, stable=True)[:most].tolist()
    return [(index, float(parts[index])) for index in best]
