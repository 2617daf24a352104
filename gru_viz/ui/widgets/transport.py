"""Where one looks: step, layer, unit, batch element, and which way z points."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from gru_viz.analysis.equations import Convention
from gru_viz.ui.i18n import speaker, t
from gru_viz.ui.runs import Run, units
from gru_viz.ui.state import keep, refuse, settle, view

WINDOW = 48
"""Steps drawn at once: more would be thinner than a letter."""


@dataclass(frozen=True)
class Selection:
    """What is selected, from 0, and the window of steps that is drawn."""

    step: int
    layer: int
    unit: int
    item: int
    convention: Convention
    first: int
    last: int

    @property
    def window(self) -> slice:
        """The steps drawn."""
        return slice(self.first, self.last)


def transport(run: Run) -> Selection:
    """Draw the controls and read them; what a link asked for and is not there falls back and is said."""
    steps = len(run.trace)
    left, right = st.columns([1, 1], gap="medium", vertical_alignment="center")
    with left:
        step = _step(steps)
    with right, st.container(horizontal=True, gap="xsmall", vertical_alignment="center", horizontal_alignment="right"):
        layer = _layer(run.trace.num_layers)
        item = _item(run.trace.batch_size)
        unit = _unit(run.trace.hidden_size, units(run.loaded, layer).liveliest)
        convention = _convention()
    first = step // WINDOW * WINDOW
    return Selection(step, layer, unit, item, convention, first, min(first + WINDOW, steps))


def _valid(name: str, picked: int | None, count: int, usual: int) -> int:
    """What a control was set to, else what the link says; out of range it is `usual`, and a link's fault is said."""
    linked = getattr(view(), name)
    value = linked if picked is None else picked
    if value is None or 0 <= value < count:
        return usual if value is None else value
    if picked is None:
        refuse(name, value)
    return usual


def _step(steps: int) -> int:
    moved = st.session_state.get("step")
    step = _valid("step", None if moved is None else moved - 1, steps, steps - 1)
    first, last = step // WINDOW * WINDOW, min(step // WINDOW * WINDOW + WINDOW, steps)
    words = t("step.of", step=step + 1, steps=steps)
    if steps > WINDOW:
        words = f"{words} · {t('step.window', first=first + 1, last=last, steps=steps)}"
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        if steps > WINDOW:
            _jump(
                "step-page-back",
                ":material/keyboard_double_arrow_left:",
                "step.page_back",
                max(first - 1, 0),
                first == 0,
            )
        _jump("step-back", ":material/chevron_left:", "step.back", step - 1, step == 0)
        if steps > 1:
            _slider(words, step, steps)
        _jump("step-forward", ":material/chevron_right:", "step.forward", step + 1, step == steps - 1)
        if steps > WINDOW:
            ahead = min(last, steps - 1)
            _jump(
                "step-page-forward", ":material/keyboard_double_arrow_right:", "step.page_forward", ahead, last == steps
            )
        with st.container(key="step-words", width="content" if steps > 1 else "stretch"):
            st.caption(words)
    keep(step=None if step == steps - 1 else step)
    return step


def _slider(words: str, step: int, steps: int) -> None:
    # A slider whose end has moved is a new widget to Streamlit and would start over: it is told its value again.
    if st.session_state.get("slider_end") != steps:
        st.session_state["step"] = step + 1
    st.session_state["slider_end"] = steps
    settle("step", step + 1)
    st.slider(words, 1, steps, key="step", label_visibility="collapsed")


def _jump(key: str, icon: str, words: str, to: int, disabled: bool) -> None:
    st.button(icon, key=key, on_click=_go, args=(to,), disabled=disabled, help=t(words), type="tertiary")


def _go(step: int) -> None:
    keep(step=step)
    st.session_state["step"] = step + 1


def _layer(count: int) -> int:
    say = speaker()
    layer = _valid("layer", st.session_state.get("layer"), count, 0)
    settle("layer", layer)
    chosen = st.segmented_control(
        t("layer.label"),
        range(count),
        format_func=lambda k: say("layer.number", layer=k + 1),
        key="layer",
        required=True,
        label_visibility="collapsed",
    )
    keep(layer=chosen or 0)
    return chosen or 0


def _item(count: int) -> int:
    say = speaker()
    if count == 1:
        return 0
    item = _valid("item", st.session_state.get("b"), count, 0)
    settle("b", item)
    chosen = st.selectbox(
        t("batch.label"),
        range(count),
        format_func=lambda k: say("batch.number", item=k + 1, items=count),
        key="b",
        width=110,
        label_visibility="collapsed",
    )
    keep(item=chosen)
    return chosen


def _unit(count: int, usual: int) -> int:
    say = speaker()
    unit = _valid("unit", st.session_state.get("unit"), count, usual)
    settle("unit", unit)
    chosen = st.selectbox(
        t("unit.label"),
        range(count),
        format_func=lambda k: say("unit.number", unit=k),
        key="unit",
        width=110,
        label_visibility="collapsed",
    )
    keep(unit=None if chosen == usual else chosen)
    return chosen


def _convention() -> Convention:
    say = speaker()
    settle("z", st.session_state.get("z", view().z))
    with st.container(key="convention", width="content"):
        chosen = st.segmented_control(
            t("convention.label"),
            ("keep", "new"),
            format_func=lambda way: say(f"convention.{way}"),
            key="z",
            required=True,
            label_visibility="collapsed",
            wrap=True,
        )
    keep(z=chosen)
    return "new" if chosen == "new" else "keep"
