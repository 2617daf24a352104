"""The player's page as three strings. A component that Streamlit reads from files must be an installed package; joined
into one module it works from a bare checkout too. Each file in `web/` stays an ES module that runs by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path

from gru_viz.draw.palette import DARK, LIGHT, css_properties

_WEB = Path(__file__).parent / "web"
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./([\w-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
PLAYER, LANES = "player", "lanes"
"""The two components: one cell, and several readers of one text."""


def html(damaged: Mapping[str, str], entry: str = PLAYER) -> str:
    """The skeleton; its only words are what it says, by language, when its data cannot even tell it what to say."""
    return _read(f"{entry}.html").format(**{language: escape(words) for language, words in damaged.items()})


@cache
def css(entry: str = PLAYER) -> str:
    """The style sheet under both palettes; the lanes add theirs to the player's."""
    themes = f".player {{ {css_properties(LIGHT)} }}\n.player[data-theme='dark'] {{ {css_properties(DARK)} }}\n"
    return themes + _read("player.css") + (_read("lanes.css") if entry == LANES else "")


@cache
def js(entry: str = PLAYER) -> str:
    """All modules as one, each in a scope of its own, after those it imports."""
    done: dict[str, str] = {}
    _join(entry, done, entry)
    return "\n".join(done.values())


def _join(name: str, done: dict[str, str], entry: str) -> None:
    source = _read(f"{name}.js").removeprefix("// @ts-check\n")
    for _, needed in _IMPORT.findall(source):
        if needed not in done:
            _join(needed, done, entry)
    given = ", ".join(found for _, found in _EXPORT.findall(source))
    body = _EXPORT.sub(r"\1", _IMPORT.sub(r"const \1 = $\2;\n", source))
    done[name] = body if name == entry else f"const ${name} = (() => {{\n{body}return {{ {given} }};\n}})();\n"


def _read(name: str) -> str:
    return (_WEB / name).read_text(encoding="utf-8")
