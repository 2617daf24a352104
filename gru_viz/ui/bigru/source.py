"""The row of input: code or surnames, what is read, and examples where one direction must guess."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from streamlit.delta_generator import DeltaGenerator

from gru_viz.ui.bigru.view import EXAMPLES, view
from gru_viz.ui.kit import text_field
from gru_viz.ui.kit.i18n import t
from gru_viz.ui.kit.link import keep
from gru_viz.ui.kit.markdown import plain
from gru_viz.ui.kit.notices import notice
from gru_viz.ui.kit.pickers import pick
from gru_viz.ui.kit.source_row import another, source_row

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


def example() -> str:
    """The example chosen, one of those whose models are there (`source_place` sees to it)."""
    return view().example


def stamp() -> int:
    """Counts how often a text was put in as a whole."""
    return text_field.stamp(FIELD)


def source_place(there: Sequence[str]) -> DeltaGenerator:
    """Draw the row but for what is read: code or surnames, and examples. Give the place of the rest."""
    name = example() if example() in there else there[0]
    keep(example=name)
    with source_row(2.4, partial(_picker, there), "bigru-source") as left:
        text_field.examples(EXAMPLE, PRESETS[name], FIELD, short=_short, within="bigru-examples", step=None)
    return left.container(key="bigru-field")


def source(place: DeltaGenerator) -> str | None:
    """Draw what is read into its place; give the text, or None where there is nothing to read."""
    name = example()
    hint = t(f"bigru.hint.{name}")
    with place:
        text = text_field.several_lines(FIELD, PRESETS[name][0], hint)
    text_field.say_if_cut(FIELD)
    if not text:
        notice(hint)
    return text or None


def _picker(there: Sequence[str]) -> None:
    """Code or surnames."""
    there_are = [one for one in EXAMPLES if one in there]
    pick("example", there_are, "model.label", "bigru.example.{}", key=PICKER, changed=_picked, width="stretch")


def _picked() -> None:
    another("example", PICKER, FIELD, step=None, unit=None, unit_back=None)


def _short(text: str) -> str:
    # A button's label is Markdown: what the example says must stay what it says.
    line = text.split("\n")[0]
    return plain(line if line == text else line + " ↵ …")
