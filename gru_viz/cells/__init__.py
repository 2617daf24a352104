"""The cells there are, a file each; open `gru.py` first."""

from __future__ import annotations

from torch import nn

from gru_viz.cells.gru import GRU
from gru_viz.cells.kind import Kind
from gru_viz.cells.lstm import LSTM
from gru_viz.cells.mingru import MINGRU
from gru_viz.cells.quantities import Cell
from gru_viz.cells.rnn import RNN

KINDS: dict[Cell, Kind] = {kind.name: kind for kind in (GRU, LSTM, RNN, MINGRU)}
"""Every cell's record."""

MODULES: tuple[type[nn.Module], ...] = tuple(module for kind in KINDS.values() for module in kind.modules)
"""The classes of modules whose equations these are."""


def kind_of(module: object) -> Kind | None:
    """The record of the cell that a layer, or a module of one step, computes; None for any other object."""
    return next((kind for kind in KINDS.values() if isinstance(module, kind.modules)), None)
