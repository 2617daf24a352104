"""Three cells on one ribbon: what each keeps, writes or proposes, and what it takes each token for."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gru_viz.analysis.conclusions import Conclusion, of_step
from gru_viz.cells.quantities import Cell, Quantity
from gru_viz.cells.spec import FORWARD
from gru_viz.draw.figures.belief import class_slots
from gru_viz.draw.palette import Palette
from gru_viz.draw.player.lanes import Bar, Bars, Cells, Lane, Lanes, Mark, Note, Row, Strip
from gru_viz.locale import translate
from gru_viz.locale.digits import significant
from gru_viz.story.symbols import visible
from gru_viz.ui.compare.trio import Trio
from gru_viz.ui.compare.view import ROLES, view
from gru_viz.ui.compare.words import sentence
from gru_viz.ui.kit import address, appearance, lanes_view
from gru_viz.ui.kit.i18n import speaker, spoken, t
from gru_viz.ui.kit.link import keep, settle
from gru_viz.ui.kit.runs import Run, units

q = Quantity
ROWS: dict[str, dict[Cell, tuple[Quantity, ...]]] = {
    "memory": {Cell.RNN: (q.H,), Cell.LSTM: (q.H,), Cell.GRU: (q.H,)},
    "kept": {Cell.RNN: (), Cell.LSTM: (q.F,), Cell.GRU: (q.Z,)},
    "written": {Cell.RNN: (), Cell.LSTM: (q.I,), Cell.GRU: (q.Z,)},
    "candidate": {Cell.RNN: (), Cell.LSTM: (q.G,), Cell.GRU: (q.N,)},
    "own": {Cell.RNN: (), Cell.LSTM: (q.O, q.C), Cell.GRU: (q.R,)},
}
"""What plays the same role in each cell; where a cell has nothing, a sentence says so."""

KEY = "compare-lanes"
SHOWN_CLASSES = 7
"""Classes that a bar names and that have a colour; the others are one, and grey."""


@st.fragment
def stage(trio: Trio) -> None:
    """The role picker and the player. A fragment: a committed step draws nothing else."""
    _role_picker()
    lanes_view.lanes(scene(trio, view().role, appearance.colours()), key=KEY, on_commit=_committed)
    address.write()


def _committed() -> None:
    keep(step=lanes_view.committed(KEY))


def _role_picker() -> None:
    say = speaker()
    settle("compare-role", st.session_state.get("compare-role", view().role))
    chosen = st.segmented_control(
        t("compare.role"),
        ROLES,
        format_func=lambda role: say(f"compare.role.{role}"),
        key="compare-role",
        required=True,
        label_visibility="collapsed",
    )
    keep(role=chosen)


def scene(trio: Trio, role: str, colours: Palette) -> Lanes:
    """What the player shows of one role."""
    last = len(trio) - 1
    step = view().step
    if step is not None and step >= last:
        step = None
        keep(step=None)
    beliefs = _beliefs(trio)
    names, tints = _classes(trio, beliefs, colours)
    lanes = [_lane(trio, cell, role, beliefs, names, tints, colours) for cell in trio.runs]
    return Lanes(
        tokens(trio),
        lanes,
        step,
        bars=_bars(trio, beliefs, colours),
        unknown=trio.any.unknown,
        sentences=_sentences(trio, beliefs),
    )


def tokens(trio: Trio) -> list[str]:
    """What was read, as it can be drawn: for numbers the numbers, a flagged one with a plus."""
    numbers = trio.given.numbers
    if numbers is None:
        return [visible(token) for token in trio.any.tokens]
    if numbers.shape[1] == 1:
        return [f"{value:g}" for value in numbers[:, 0]]
    return [f"{'+' if flag else ''}{value:g}" for value, flag in numbers]


Beliefs = dict[Cell, NDArray[np.float32]]


def _beliefs(trio: Trio) -> Beliefs:
    """(T, V) of every cell where the models choose among classes or symbols; empty where they foretell numbers."""
    if trio.kind == "forecast":
        return {}
    return {cell: run.belief for cell, run in trio.runs.items() if run.belief is not None}


def _asked(trio: Trio) -> NDArray[np.bool_]:
    """(T,) the steps at which an answer means something: for copy, the question marks."""
    at_questions = trio.any.model.card["labels_at"] == "question"
    return np.array([not at_questions or token == "?" for token in trio.any.tokens])


def _lane(
    trio: Trio, cell: Cell, role: str, beliefs: Beliefs, names: list[str], tints: list[str], colours: Palette
) -> Lane:
    run = trio.runs[cell]
    rows: list[Row] = [_strip(run, quantity, role) for quantity in ROWS[role][cell]]
    if not rows:
        rows.append(Note(t(f"compare.none.{role}")))
    if cell in beliefs:
        asked = _asked(trio)
        which = np.where(asked, beliefs[cell].argmax(axis=1), -1)
        share = beliefs[cell].max(axis=1)
        caption = t("compare.says_next" if trio.kind == "next" else "compare.says")
        rows.append(Cells(names, tints, which, share, _differing(beliefs, cell, asked), caption=caption, written=True))
    caption = t("compare.units", units=run.model.rnn.hidden_size)
    return Lane(cell.value.lower(), rows, cell.value, caption, colour=colours.cell(cell))


def _strip(run: Run, quantity: Quantity, role: str) -> Strip:
    values = run.layer(0)[quantity.value][:, 0]
    order = units(run, 0, FORWARD).order
    symbol = quantity.value
    if role == "written" and quantity is Quantity.Z:
        values, symbol = 1 - values, "1 − z"
    said = t("compare.row", what=t(f"compare.row.{role}_{quantity.value}"), units=values.shape[1])
    return Strip(quantity, values[:, order], symbol, said)


def _differing(beliefs: Beliefs, cell: Cell, asked: NDArray[np.bool_]) -> list[Mark]:
    """A reader is marked where nobody else agrees with it though somebody could, and something is asked."""
    own = beliefs[cell].argmax(axis=1)
    others = [other.argmax(axis=1) for name, other in beliefs.items() if name is not cell]
    alone = asked & np.all([own != other for other in others], axis=0)
    return ["differs" if odd else "" for odd in alone]


def _classes(trio: Trio, beliefs: Beliefs, colours: Palette) -> tuple[list[str], list[str]]:
    """Every class or symbol's name and colour; those nobody leans to are grey."""
    if not beliefs:
        return [], []
    count = len(trio.any.model.labels)
    return [trio.label(index) for index in range(count)], _tints(trio, beliefs, count, colours)


def _tints(trio: Trio, beliefs: Beliefs, count: int, colours: Palette) -> list[str]:
    palette = colours.classes
    if trio.kind == "next" or count <= len(palette):
        return [palette[index % len(palette)] for index in range(count)]
    slots = class_slots(_ranked(beliefs), len(palette))
    return [palette[slots[index]] if index in slots else colours.rest for index in range(count)]


def _ranked(beliefs: Beliefs) -> list[int]:
    """Classes by the largest share any reader gave them at any step."""
    largest = np.max([belief.max(axis=0) for belief in beliefs.values()], axis=0)
    return [int(index) for index in np.argsort(-largest, kind="stable")]


def _bars(trio: Trio, beliefs: Beliefs, colours: Palette) -> Bars | None:
    if not beliefs:
        return None
    count = len(trio.any.model.labels)
    shown = sorted(_ranked(beliefs)[: count if trio.kind == "next" else SHOWN_CLASSES])
    tints = _tints(trio, beliefs, count, colours)
    rest = [index for index in range(count) if index not in set(shown)]
    grey = [trio.label(rest[0]) if len(rest) == 1 else t("belief.rest")] if rest else []
    names = [trio.label(index) for index in shown] + grey
    columns = {cell: belief[:, shown] for cell, belief in beliefs.items()}
    if rest:
        others = {cell: beliefs[cell][:, rest].sum(axis=1, keepdims=True) for cell in beliefs}
        columns = {cell: np.hstack([columns[cell], others[cell]]) for cell in beliefs}
    truth = _truth(trio, shown)
    rows = [Bar(cell.value, columns[cell], truth) for cell in beliefs]
    hues = [tints[index] for index in shown] + ([colours.rest] if rest else [])
    return Bars(names, hues, rows, t(f"compare.bars.{trio.kind}"))


def _truth(trio: Trio, shown: list[int]) -> NDArray[np.intp] | None:
    """What was right, where the input itself says it: the next symbol; recall's flagged letter, at the end."""
    text = trio.given.text
    if text is None or (trio.kind == "classify" and trio.task != "recall"):
        return None
    right = np.full(len(trio), -1)
    if trio.kind == "next":
        right[:-1] = trio.any.model.encode(text).cpu().numpy()[1:]
    else:
        flagged = [token.lower() for token in trio.any.tokens if token in "ABCDEFGH"]
        if len(flagged) == 1:
            right[-1] = trio.any.model.labels.index(flagged[0])
    place = {index: row for row, index in enumerate(shown)}
    return np.array([-1 if index < 0 else place.get(int(index), len(shown)) for index in right])


def _sentences(trio: Trio, beliefs: Beliefs) -> list[str]:
    say = partial(translate, spoken())
    if not beliefs:
        return [_foretold(trio, step) for step in range(len(trio))]
    names = [trio.label(index, say) for index in range(len(trio.any.model.labels))]
    which = {cell: belief.argmax(axis=1) for cell, belief in beliefs.items()}
    share = {cell: belief.max(axis=1) for cell, belief in beliefs.items()}
    told = []
    for step, asked in enumerate(_asked(trio)):
        said = of_step(
            {cell: names[which[cell][step]] for cell in which},
            {cell: float(share[cell][step]) for cell in share},
        )
        told.append(sentence(said, say) if asked else t("compare.not_asked"))
    return told


def _foretold(trio: Trio, step: int) -> str:
    numbers = trio.given.numbers
    said = {
        f"{cell.value}_value": significant(float(run.belief[step, 0]))
        for cell, run in trio.runs.items()
        if run.belief is not None
    }
    if trio.task != "sunspots" or numbers is None or step + 1 >= len(trio):
        key = "foretold_sum" if trio.task == "adding" else "foretold_only"
        return sentence(Conclusion(key, said))
    return sentence(Conclusion("foretold", said | {"actual": f"{numbers[step + 1, 0]:g}"}))
