"""Characters that cannot be seen, made visible: a space, a line end, a control character, a mark without its letter."""

from __future__ import annotations

import unicodedata

_NAMED = {" ": "␣", "\n": "↵", "\r": "↵", "\t": "⇥", "\x7f": "␡", "\u00a0": "␣", "\u3000": "␣"}
_LONGEST = 8


def visible(token: str) -> str:
    """A token as it can be drawn in a narrow column: never empty, never a control character."""
    if token in _NAMED:
        return _NAMED[token]
    seen = "".join(_visible(character) for character in token[:_LONGEST])
    if seen and unicodedata.combining(seen[0]):
        seen = "◌" + seen
    return seen or "·"


def _visible(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if ord(character) < 32:
        return chr(0x2400 + ord(character))
    if unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn"):
        return "\N{REPLACEMENT CHARACTER}"
    if unicodedata.category(character) == "Cf" and character not in "\u200d\u200c":
        return "\N{OPEN BOX}"
    return character
