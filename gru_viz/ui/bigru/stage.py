"""The lanes, what was taken back, and each direction's cell as Explore shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape

import numpy as np
import streamlit as st

from gru_viz.analysis.order import Order
from gru_viz.cells.spec import BACKWARD, DIRECTIONS, FORWARD
from gru_viz.story.symbols import visible
from gru_viz.ui.bigru.classes import river_colours, word
from gru_viz.ui.bigru.readers import BOTH, Reading
from gru_viz.ui.bigru.revisions import Answers
from gru_viz.ui.bigru.scene import scene
from gru_viz.ui.bigru.source import PRESETS
from gru_viz.ui.bigru.view import view
from gru_viz.ui.explore.scene import scene as cell_scene
from gru_viz.ui.explore.selection import Convention, Selection
from gru_viz.ui.kit import appearance, lanes_view, player_view
from gru_viz.ui.kit.i18n import t
from gru_viz.ui.kit.link import keep, refuse, settle
from gru_viz.ui.kit.runs import Place, Run, units

_STOOD = "bigru-stood"
_UNITS = {FORWARD: "unit", BACKWARD: "unit_back"}
QUOTED = 3
"""How many passages that were taken back are quoted."""


@dataclass(frozen=True)
class Spot:
    """Where one looks, from 0.

    Attributes:
        follows: the last step is selected, and stays so while the text grows.
    """

    step: int
    follows: bool


def selected(reading: Reading) -> Spot:
    """The view's step. An example opens where its readers first differ; a text that was typed is followed to its end.
    What a link asks for and is not there falls back and is said; what a shorter text no longer has is its last."""
    linked = _STOOD not in st.session_state
    st.session_state[_STOOD] = True
    last, step = len(reading.tokens) - 1, view().step
    for name in _UNITS.values():
        unit = getattr(view(), name)
        if unit is not None and unit >= reading.runs[BOTH].trace.hidden_size:
            if linked:
                refuse(name, unit)
            keep(**{name: None})
    if step is not None and step > last:
        if linked:
            refuse("step", step)
        step = None
        keep(step=None)
    if step is None and reading.text in PRESETS[reading.example]:
        return Spot(_first_apart(reading), False)
    if step == last and reading.text not in PRESETS[reading.example]:
        keep(step=None)
    return Spot(last if step is None else step, step is None or view().step is None)


def _first_apart(reading: Reading) -> int:
    """The first step at which the reader from the left and the reader of both ways say different things; else the
    last."""
    apart = np.flatnonzero(reading.answers(FORWARD) != reading.answers(BOTH))
    return int(apart[0]) if len(apart) else len(reading.tokens) - 1


def stage(reading: Reading, answers: dict[str, Answers], at: Spot) -> None:
    """Draw the lanes and what belongs right under them."""
    shown = scene(reading, answers, None if at.follows else at.step, appearance.colours())
    lanes_view.lanes(shown, on_commit=_committed)
    _taken_back(reading, answers)
    settle("bigru-cells", view().cells == "on")
    st.toggle(t("bigru.cells"), key="bigru-cells", on_change=_toggled)
    if view().cells == "on":
        _cells(reading, at)


def _committed() -> None:
    step = lanes_view.committed()
    if step is not None:
        keep(step=step)


def _toggled() -> None:
    keep(cells="on" if st.session_state["bigru-cells"] else "off")


def _taken_back(reading: Reading, answers: dict[str, Answers]) -> None:
    """What the reader of both ways took back since the text before, and that the reader from the left cannot."""
    both = answers[BOTH]
    count = int((both.was >= 0).sum())
    if not count:
        return
    passages = _passages(reading, both)
    quoted = t("bigru.list").join(passages[:QUOTED])
    if len(passages) > QUOTED:
        quoted += t("bigru.revised.more", count=len(passages) - QUOTED)
    since = both.since if len(both.since) <= 2 * QUOTED**2 else "…" + both.since[-2 * QUOTED**2 :]
    key = "bigru.revised.one" if count == 1 else "bigru.revised.many"
    own = int((answers[FORWARD].was >= 0).sum())
    said = t(key, count=count, since="".join(visible(one) for one in since), passages=quoted)
    said += " " + (t("bigru.revised.forward", count=own) if own else t("bigru.revised.forward_none"))
    st.html(f'<p class="gv-taken" role="status" data-testid="revised">{escape(said)}</p>')


def _passages(reading: Reading, both: Answers) -> list[str]:
    """Runs of characters that were one class and are another, left to right."""
    cuts = np.flatnonzero(np.diff(both.was) | np.diff(both.now)) + 1
    found = []
    for part in np.split(np.arange(len(both.now)), cuts):
        was, now = int(both.was[part[0]]), int(both.now[part[0]])
        if was >= 0:
            text = "".join(visible(reading.tokens[place]) for place in part)
            found.append(t("bigru.revised.passage", text=text, was=_name(reading, was), now=_name(reading, now)))
    return found


def _name(reading: Reading, index: int) -> str:
    return word(reading.labels[index])


def _cells(reading: Reading, at: Spot) -> None:
    """Two full players: the cell of each direction at the selected step, the very cell of Explore, each with the
    belief of its own half."""
    st.caption(t("bigru.cells_help", left=t("bigru.bar.left_half"), right=t("bigru.bar.right_half")))
    halves = {FORWARD: reading.ways.left, BACKWARD: reading.ways.right}
    for direction in DIRECTIONS:
        run = replace(reading.runs[BOTH], belief=halves[direction])
        with st.container(key=f"cell-{direction}", gap="xsmall"):
            st.html(f'<h4 class="gv-direction">{escape(t(f"bigru.cell.{direction}"))}</h4>')
            player_view.player(
                cell_scene(run, _selection(run, direction, at), river_colours(run.model.labels, appearance.colours())),
                key=f"player-{direction}",
                on_commit=_cell_committed,
            )


def _selection(run: Run, direction: str, at: Spot) -> Selection:
    usual = units(run, 0, direction).liveliest
    unit = getattr(view(), _UNITS[direction])
    convention: Convention = "new" if view().z == "new" else "keep"
    return Selection(
        at.step,
        at.follows,
        Place(0, direction, 0),
        usual if unit is None else unit,
        convention,
        Order(view().order),
        (),
    )


def _cell_committed() -> None:
    """Whichever cell was moved moves the page: its step, its unit, and how both are drawn."""
    seen = st.session_state.setdefault("bigru-cells-seen", {})
    for direction in DIRECTIONS:
        said = player_view.committed(f"player-{direction}")
        if seen.get(direction) == said:
            continue
        seen[direction] = said
        told = {"step": said.step, _UNITS[direction]: said.unit, "z": said.convention, "order": said.order}
        keep(**{name: value for name, value in told.items() if value is not None})
