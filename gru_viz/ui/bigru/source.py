"""The row of input: code or surnames, what is read, and examples where one direction must guess."""

from __future__ import annotations

import streamlit as st

from gru_viz.ui.bigru.readers import there
from gru_viz.ui.bigru.view import EXAMPLES, view
from gru_viz.ui.explore.view import MOST_CHARACTERS
from gru_viz.ui.kit.i18n import speaker, t
from gru_viz.ui.kit.link import keep, settle
from gru_viz.ui.kit.markdown import plain
from gru_viz.ui.kit.notices import notice
from gru_viz.ui.kit.text_area import live_text, typed

PRESETS: dict[str, tuple[str, ...]] = {
    "syntax": (
        'define = "a # b"  # x12\ndef form(x2): return x2 + 12',
        "importer = imports + 12",
        "is_land = forty is not None",
        'format = "if # not"  # def',
        "returns = whiled + tryst",
        "with_ = x12",
    ),
    "names": ("rossellini", "kowalczyk", "nakamura", "o'sullivan", "papadopoulos", "van den berg"),
}
"""`def` against `define`, a keyword within a name, a `#` within a string, a number within a name; and surnames."""

FIELD, PICKER, EXAMPLE = "bigru-text", "bigru-model", "bigru-example"
_STAMP, _TYPED, _CUT = "bigru-stamp", "bigru-typed", "bigru-cut"


def example() -> str:
    """The example chosen, if its models are there; else the first that is."""
    chosen = view().example
    return chosen if chosen in there() else there()[0]


def stamp() -> int:
    """Counts how often a text was put in as a whole."""
    return st.session_state.setdefault(_STAMP, 0)


def text_of(name: str) -> str:
    """What is read: what was typed, else the example's own."""
    text = view().text
    return PRESETS[name][0] if text is None else text


def source() -> str | None:
    """Draw the row; give the text, or None where there is nothing to read."""
    name = example()
    keep(example=name)
    with st.container(key="bigru-source", gap="xsmall"):
        left, right = st.columns([2.4, 1], gap="small", vertical_alignment="top")
        with right:
            _picker(name)
        with left, st.container(key="bigru-field"):
            _cut()
            hint = t(f"bigru.hint.{name}")
            live_text(text_of(name), stamp(), t("text.label"), hint, key=FIELD, on_change=_typed)
        _examples(name)
    if cut := st.session_state.get(_CUT):
        notice(t("notice.cut", given=f"{cut:,}", most=f"{MOST_CHARACTERS:,}"))
    text = text_of(name)
    if not text:
        notice(hint)
    return text or None


def _picker(name: str) -> None:
    """Code or surnames."""
    say = speaker()
    settle(PICKER, name)
    st.segmented_control(
        t("model.label"),
        [one for one in EXAMPLES if one in there()],
        format_func=lambda one: say(f"bigru.example.{one}"),
        key=PICKER,
        required=True,
        on_change=_picked,
        label_visibility="collapsed",
        width="stretch",
    )


def _picked() -> None:
    """Another example starts at its own text, or at what was last typed for it."""
    before = view()
    kept = st.session_state.setdefault(_TYPED, {})
    kept[before.example] = before.text
    chosen = st.session_state[PICKER]
    keep(example=chosen, text=kept.get(chosen), step=None, unit=None, unit_back=None)
    _anew()


def _typed() -> None:
    """Take over what was typed; the example's own text needs no place in the link."""
    text = typed(FIELD)
    if text is not None:
        st.session_state[_CUT] = 0
        keep(text=None if text == PRESETS[view().example][0] else text)


def _cut() -> None:
    """A text too long, typed or linked, is cut and says so; the field then shows what is read."""
    text = view().text
    if text is not None and len(text) > MOST_CHARACTERS:
        st.session_state[_CUT] = len(text)
        keep(text=text[:MOST_CHARACTERS])
        _anew()


def _examples(name: str) -> None:
    """Chips that put an example into the field."""
    with st.container(key="bigru-examples"):
        st.pills(
            t("examples.label"),
            PRESETS[name],
            format_func=_short,
            key=EXAMPLE,
            on_change=_use_example,
            label_visibility="collapsed",
        )


def _use_example() -> None:
    chosen, st.session_state[EXAMPLE] = st.session_state[EXAMPLE], None
    if chosen is not None:
        st.session_state[_CUT] = 0
        keep(text=None if chosen == PRESETS[view().example][0] else chosen, step=None)
        _anew()


def _anew() -> None:
    """The field takes the view's text, and nothing that was said of the text before is taken back."""
    st.session_state[_STAMP] = stamp() + 1


def _short(text: str) -> str:
    # A button's label is Markdown: what the example says must stay what it says.
    line = text.split("\n")[0]
    return plain(line if line == text else line + " ↵ …")
