"""Where one looks: step, layer, unit, batch element, which way z points, in what order units stand.

The player moves the selection in the browser and tells what was committed; the view keeps it, a link holds it, and
everything below the player follows.
"""

from __future__ import annotations

import streamlit as st

from gru_viz.analysis.order import Order
from gru_viz.story import changes
from gru_viz.story.runs import Place, Run, units
from gru_viz.story.scene import Committed, Selection
from gru_viz.ui.explore.view import view
from gru_viz.ui.kit.link import keep, refuse

_STOOD = "stood"


def selection(run: Run) -> Selection:
    """The view's selection in this run. What a link asks for and is not there falls back and is said; what a shorter
    text or another model has no longer moves to what is nearest."""
    trace, asked = run.trace, view()
    linked = _STOOD not in st.session_state
    st.session_state[_STOOD] = True
    layer = _within("layer", trace.num_layers, linked)
    direction = asked.direction if asked.direction in trace.directions else _first_direction(run, linked)
    item = _within("item", trace.batch_size, linked)
    unit = _within("unit", trace.hidden_size, linked)
    step = _within("step", len(trace), linked)
    last = len(trace) - 1
    place = Place(layer or 0, direction, item or 0)
    usual = units(run, place).liveliest
    pins = tuple(pin for pin in changes.units_of(asked.pins or "") or () if pin < trace.hidden_size)
    keep(
        layer=layer or 0,
        direction=direction,
        item=item or 0,
        unit=None if unit == usual else unit,
        step=None if step == last else step,
    )
    return Selection(
        last if step is None else step,
        step is None or step == last,
        place,
        usual if unit is None else unit,
        "new" if asked.z == "new" else "keep",
        Order(asked.order),
        pins,
    )


def _within(name: str, count: int, linked: bool) -> int | None:
    """The view's value where there is such a one; None for "as the page chooses"."""
    value = getattr(view(), name)
    if value is None or value < count:
        return value
    if linked:
        refuse(name, value)
        return None
    return count - 1


def _first_direction(run: Run, linked: bool) -> str:
    if linked:
        refuse("direction", view().direction)
    return run.trace.directions[0]


def commit(said: Committed) -> None:
    """Take over what the visitor committed in the player."""
    told = {
        "step": said.step,
        "unit": said.unit,
        "z": said.convention,
        "order": said.order,
        "layer": said.layer,
        "direction": said.direction,
        "pins": None if said.pins is None else changes.runs_of(tuple(sorted(said.pins))) or None,
    }
    keep(**{name: value for name, value in told.items() if value is not None or name == "pins"})
