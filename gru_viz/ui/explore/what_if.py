"""What if: hold gates of some units for some steps, or put another character, and see where the two runs part."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from gru_viz.analysis.what_if import WhatIf, with_character
from gru_viz.cells import KINDS
from gru_viz.cells.quantities import Quantity
from gru_viz.errors import InputError
from gru_viz.story import changes, changes_told
from gru_viz.story.asked import within
from gru_viz.story.changes import Hold, TextEdit
from gru_viz.story.runs import Changed, Run
from gru_viz.story.scene import Convention, Selection
from gru_viz.story.symbols import visible
from gru_viz.ui.explore.view import view
from gru_viz.ui.kit.i18n import sentence, speaker, t
from gru_viz.ui.kit.link import keep
from gru_viz.ui.kit.markdown import plain

TAB = "what_if"
_TROUBLE = "what-if-trouble"
_MOST_ASKED = 1000.0


def holds() -> tuple[Hold, ...]:
    """What is held."""
    return changes.read(view().hold or "")


def edit() -> TextEdit | None:
    """The character that is put in the place of another."""
    return None if view().edit is None else changes.edit_read(view().edit or "")


def second_run(run: Run, at: Selection) -> Changed | None:
    """This run beside the one that was asked for; None where nothing is held or edited within its steps.

    Raises:
        InputError: what is held is not in this model.
    """
    return changes.second_run(run, holds(), edit(), at.place)


def held_by_dragging(chosen: Mapping[str, Any]) -> None:
    """Hold what was dragged over in a strip: a gate open, anything else at zero; the panel tells and changes it."""
    quantity = Quantity(chosen["quantity"])
    units = tuple(int(unit) for unit in chosen["units"])
    value = 1.0 if quantity.is_gate else 0.0
    _hold(Hold(quantity.value, value, units, int(chosen["first"]), int(chosen["last"]), view().layer, view().direction))
    keep(tab=TAB)


def _hold(new: Hold) -> None:
    keep(hold=changes.written((*holds(), new)))


def panel(run: Run, at: Selection) -> None:
    """Draw the forms, what is held and edited, and what came of it."""
    st.caption(t("what.caption"))
    _hold_form(run, at)
    if run.given.text is not None:
        _edit_form(run, at)
    if trouble := st.session_state.pop(_TROUBLE, None):
        st.warning(plain(trouble), icon=":material/info:")
    _list(run, at.convention)
    try:
        found = second_run(run, at)
    except InputError:
        return  # said above the player already
    if found is not None:
        _outcome(run, found.found, at.convention)


def _hold_form(run: Run, at: Selection) -> None:
    say, steps = speaker(), len(run.trace)
    names = [quantity.value for quantity in KINDS[run.trace.cell].shown]
    row = st.form("hold-form", border=False)
    with row, st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="hold-row"):
        st.segmented_control(
            t("what.quantity"),
            names,
            default=names[0],
            format_func=lambda name: say("what.named", symbol=name, name=say(f"quantity.{name}")),
            key="hold-quantity",
            required=True,
        )
        st.number_input(
            t("what.value"),
            value=1.0,
            step=0.1,
            format="%.2f",
            key="hold-value",
            width=120,
        )
        st.text_input(t("what.units"), str(at.unit), key=f"hold-units-{at.unit}", width=150, help=t("what.units_help"))
        if steps > 1:
            st.slider(t("what.steps"), 1, steps, (1, steps), key=f"hold-steps-{steps}", width=220)
        st.form_submit_button(
            t("what.hold"), key="hold", icon=":material/push_pin:", on_click=_hold_asked, args=(at, steps)
        )


def _hold_asked(at: Selection, steps: int) -> None:
    try:
        value = within(t("what.value"), float(st.session_state["hold-value"]), -_MOST_ASKED, _MOST_ASKED)
        units = changes.units_of(st.session_state[f"hold-units-{at.unit}"])
    except InputError as error:
        st.session_state[_TROUBLE] = sentence(error)
        return
    except ValueError as error:
        st.session_state[_TROUBLE] = t("what.bad_units", found=str(error))
        return
    first, last = st.session_state.get(f"hold-steps-{steps}", (1, steps))
    quantity = st.session_state["hold-quantity"]
    # PyTorch's z is what is held, whatever the page shows.
    value = 1 - value if quantity == Quantity.Z and at.convention == "new" else value
    until = None if (first, last) == (1, steps) else last
    _hold(Hold(quantity, round(value, 6), units, first - 1, until, at.place.layer, at.place.direction))


def _edit_form(run: Run, at: Selection) -> None:
    tokens = run.tokens
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="edit-row"):
        step = st.selectbox(
            t("what.edit_step"),
            range(len(tokens)),
            index=at.step,
            format_func=lambda k: f"{k + 1} · {visible(tokens[k])}",
            key=f"edit-step-{len(tokens)}-{at.step}",
            width=150,
        )
        st.text_input(
            t("what.edit_character"),
            key="edit-character",
            width=150,
            autocomplete="off",
            on_change=_edit_asked,
            args=(run, step),
        )


def _edit_asked(run: Run, step: int) -> None:
    character = st.session_state["edit-character"]
    if not character:
        return
    try:
        with_character(run.given.text or "", step, character)
    except InputError as error:
        st.session_state[_TROUBLE] = sentence(error)
        return
    st.session_state["edit-character"] = ""
    keep(edit=changes.edit_written(TextEdit(step, character)))


def _list(run: Run, convention: Convention) -> None:
    """What is held and edited now, each with a way out."""
    held, put, say = holds(), edit(), speaker()
    if not held and put is None:
        return
    with st.container(horizontal=True, gap="small", key="held"):
        for place, hold in enumerate(held):
            _undo(changes_told.held(hold, len(run.trace), convention, say), f"undo-{place}", _without, place)
        if put is not None:
            _undo(changes_told.edited(put, run.tokens, say), "undo-edit", _without_edit)
        if len(held) + (put is not None) > 1:
            st.button(t("what.clear"), key="what-clear", type="tertiary", on_click=clear)


def _undo(words: str, key: str, forget: Any, *args: int) -> None:
    st.button(
        plain(words),
        key=key,
        icon=":material/close:",
        icon_position="right",
        help=t("what.undo"),
        on_click=forget,
        args=args,
    )


def _without(place: int) -> None:
    held = holds()
    keep(hold=changes.written(held[:place] + held[place + 1 :]))


def _without_edit() -> None:
    keep(edit=None)


def clear() -> None:
    """Nothing held, nothing edited."""
    keep(hold=None, edit=None)


def _outcome(run: Run, found: WhatIf, convention: Convention) -> None:
    """Where A and B part, and what that did to the belief."""
    lines = changes_told.outcome(found, run.model, convention, speaker())
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    st.html(f'<ul class="gv-outcome" data-testid="outcome">{items}</ul>')
