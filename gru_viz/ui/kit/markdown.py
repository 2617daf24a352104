"""What somebody typed stays what they typed: Streamlit reads Markdown in labels and sentences, and we quote in both."""

from __future__ import annotations

_SIGNS = frozenset("\\`*_{}[]()#+-.!|<>~$:&")


def plain(text: str) -> str:
    """The text with every sign escaped that Markdown would take for its own."""
    return "".join("\\" + sign if sign in _SIGNS else sign for sign in text)
