"""The lanes, what was taken back, and each direction's cell as Explore shows it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import streamlit as st

from gru_viz.analysis.order import Order
from gru_viz.cells.spec import BACKWARD, DIRECTIONS, FORWARD
from gru_viz.story import cell_scene
from gru_viz.story.classes import are_kinds
from gru_viz.story.readers import BOTH, Readers
from gru_viz.story.readers_lanes import readers_lanes
from gru_viz.story.readers_told import taken_back
from gru_viz.story.revisions import Answers
from gru_viz.story.runs import Place, Run, units
from gru_viz.story.scene import Selection
from gru_viz.ui.bigru.source import PRESETS
from gru_viz.ui.bigru.view import view
from gru_viz.ui.kit import lanes_view, player_view
from gru_viz.ui.kit.i18n import speaker, spoken, t
from gru_viz.ui.kit.link import keep, refuse, settle

_STOOD = "bigru-stood"
_UNITS = {FORWARD: "unit", BACKWARD: "unit_back"}


@dataclass(frozen=True)
class Spot:
    """Where one looks, from 0.

    Attributes:
        follows: the last step is selected, and stays so while the text grows.
    """

    step: int
    follows: bool


def selected(readers: Readers) -> Spot:
    """The view's step. An example opens where its readers first differ; a text that was typed is followed to its end.
    What a link asks for and is not there falls back and is said; what a shorter text no longer has is its last."""
    linked = _STOOD not in st.session_state
    st.session_state[_STOOD] = True
    last, step = len(readers.tokens) - 1, view().step
    for name in _UNITS.values():
        unit = getattr(view(), name)
        if unit is not None and unit >= readers.runs[BOTH].trace.hidden_size:
            if linked:
                refuse(name, unit)
            keep(**{name: None})
    if step is not None and step > last:
        if linked:
            refuse("step", step)
        step = None
        keep(step=None)
    if step is None and readers.text in PRESETS[readers.example]:
        return Spot(readers.first_apart, False)
    if step == last and readers.text not in PRESETS[readers.example]:
        keep(step=None)
    return Spot(last if step is None else step, step is None or view().step is None)


def stage(readers: Readers, answers: dict[str, Answers], at: Spot) -> None:
    """Draw the lanes and what belongs right under them."""
    shown = readers_lanes(readers, answers, None if at.follows else at.step, spoken())
    lanes_view.lanes(shown, on_commit=_committed)
    _taken_back(readers, answers)
    settle("bigru-cells", view().cells == "on")
    st.toggle(t("bigru.cells"), key="bigru-cells", on_change=_toggled)
    if view().cells == "on":
        _cells(readers, at)


def _committed() -> None:
    step = lanes_view.committed()
    if step is not None:
        keep(step=step)


def _toggled() -> None:
    keep(cells="on" if st.session_state["bigru-cells"] else "off")


def _taken_back(readers: Readers, answers: dict[str, Answers]) -> None:
    if said := taken_back(readers, answers, speaker()):
        st.html(f'<p class="gv-taken" role="status" data-testid="revised">{escape(said)}</p>')


def _cells(readers: Readers, at: Spot) -> None:
    """Two full players: the cell of each direction at the selected step, the very cell of Explore, each with the
    belief of its own half."""
    st.caption(t("bigru.cells_help", left=t("bigru.bar.left_half"), right=t("bigru.bar.right_half")))
    for direction in DIRECTIONS:
        run, kinds = readers.half(direction), are_kinds(readers.labels)
        with st.container(key=f"cell-{direction}", gap="xsmall"):
            st.html(f'<h4 class="gv-direction">{escape(t(f"bigru.cell.{direction}"))}</h4>')
            player_view.player(
                cell_scene.scene(run, _selection(run, direction, at), spoken(), kinds=kinds),
                key=f"player-{direction}",
                on_commit=_cell_committed,
            )


def _selection(run: Run, direction: str, at: Spot) -> Selection:
    place, unit = Place(0, direction), getattr(view(), _UNITS[direction])
    return Selection(
        at.step,
        at.follows,
        place,
        units(run, place).liveliest if unit is None else unit,
        "new" if view().z == "new" else "keep",
        Order(view().order),
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
