"""Several lines of text, each keystroke told at once. Streamlit's `text_area` tells only when it is left, and
`text_input`, which can be live, has but one line; so the field is a component of our own: a plain textarea."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.components.v2 import component

_HTML = '<textarea spellcheck="false" autocomplete="off" autocapitalize="off" rows="1" data-testid="text"></textarea>'
_CSS = """
textarea {
  box-sizing: border-box; display: block; width: 100%; min-height: 3rem; max-height: 10.5rem; resize: vertical;
  padding: .62rem .9rem; font: 1.15rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; tab-size: 4;
  field-sizing: content; color: var(--st-text-color); background: var(--st-background-color);
  border: 1px solid var(--st-text-color); border-radius: 10px; outline: none; white-space: pre; overflow: auto;
}
textarea:focus-visible { box-shadow: 0 0 0 1px var(--st-text-color); }
textarea::placeholder { color: var(--st-text-color); opacity: .55; }
@media (max-width: 640px) { textarea { font-size: 1rem; } }
"""
_JS = """
const PAUSE = 60
const waiting = new WeakMap()
export default function ({ data, parentElement, setStateValue }) {
  const field = parentElement.querySelector("textarea")
  field.setAttribute("aria-label", data.label)
  field.placeholder = data.placeholder
  // What is typed is the field's own; the page writes into it only where it means to: another example, a cut.
  if (field.dataset.stamp !== String(data.stamp)) {
    clearTimeout(waiting.get(field))
    field.dataset.stamp = data.stamp
    field.value = data.text
  }
  field.oninput = () => {
    clearTimeout(waiting.get(field))
    waiting.set(field, setTimeout(() => setStateValue("typed", { text: field.value, at: performance.now() }), PAUSE))
  }
}
"""

_FIELD = component("gru_live_text", html=_HTML, css=_CSS, js=_JS)


def text_area(
    text: str, stamp: int, label: str, placeholder: str, *, key: str, on_change: Callable[[], None] = lambda: None
) -> None:
    """Draw the field.

    Args:
        text: what it holds; taken over by the browser only when `stamp` is another than before.
        on_change: called after a pause in typing, before the page runs again; `typed` then has the text.
    """
    data = {"text": text, "stamp": stamp, "label": label, "placeholder": placeholder}
    _FIELD(key=key, data=data, on_typed_change=on_change, height="content")


def typed(key: str) -> str | None:
    """What was typed last; None where nothing was yet."""
    state = st.session_state.get(key)
    said = state.get("typed") if state else None
    return said["text"] if isinstance(said, dict) and isinstance(said.get("text"), str) else None
