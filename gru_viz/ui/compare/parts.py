"""The parts list: every cell's weight matrices to scale, and which gate plays whose part."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

import gru_viz as gv
from gru_viz.analysis.conclusions import Conclusion
from gru_viz.cells import KINDS
from gru_viz.cells.quantities import Cell
from gru_viz.draw.figures.ledger import Matrices, matrices
from gru_viz.draw.palette import Palette
from gru_viz.locale import Say
from gru_viz.ui.compare.figure import draw
from gru_viz.ui.compare.ledger import three
from gru_viz.ui.compare.words import conclude
from gru_viz.ui.kit import appearance
from gru_viz.ui.kit.i18n import t


def panel() -> None:
    """Who plays whose part: roles down, cells across."""
    st.caption(t("compare.parts.roles"))
    st.table(_roles())


def pairs(task: str, device: str, equal: str) -> None:
    """The matrices of the shipped models, or of equally wide ones."""
    st.caption(t("compare.parts.caption"))
    draw(figure(task, device, equal, appearance.colours()), "matrices")
    work = {cell: gv.cost(model.rnn, 1).multiply_accumulates for cell, model in three(task, device, equal).items()}
    told = {"work_lstm": work[Cell.LSTM] / work[Cell.GRU], "work_rnn": work[Cell.RNN] / work[Cell.GRU]}
    conclude([Conclusion(f"parts.{equal}", told)], "parts")


def figure(task: str, device: str, equal: str, colours: Palette, say: Say = t) -> go.Figure:
    """The matrices to scale."""
    cells = {}
    for cell, model in three(task, device, equal).items():
        rnn, pairs = model.rnn, gv.cost(model.rnn, 1).matrix_pairs
        key = "compare.parts.pair" if pairs == 1 else "compare.parts.pairs"
        said = say(key, pairs=pairs)
        names = [quantity.value for quantity in KINDS[cell].rows]
        cells[cell] = Matrices(pairs, rnn.input_size, rnn.hidden_size, names, said)
    return matrices(cells, colours)


def _roles() -> dict[str, list[str]]:
    """Who does what."""
    roles = ("kept", "written", "candidate", "hides", "shows", "long")
    table = {t("compare.parts.role"): [t(f"compare.parts.role_{role}") for role in roles]}
    for cell, symbols in _SYMBOLS.items():
        table[cell.value] = [symbol or "–" for symbol in symbols]
    return table


_SYMBOLS: dict[Cell, tuple[str, ...]] = {
    Cell.RNN: ("", "", "h", "", "", ""),
    Cell.LSTM: ("f", "i", "g", "", "o", "c"),
    Cell.GRU: ("z", "1 − z", "n", "r", "", ""),
}
