"""The player's page as one module: the files of `web/`, each an ES module by itself, behind one that holds the markup
and the style sheet (`furniture`). One file is fetched at once; thirty would be asked for one after the other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path

from gru_viz.draw.palette import DARK, LIGHT, css_properties

_WEB = Path(__file__).parent / "web"
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./([\w-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
_FURNITURE = "furniture"
PLAYER, LANES, FIELD = "player", "lanes", "field"
"""The components: one cell, several readers of one text, and the field the text is typed into."""


def html(damaged: Mapping[str, str], entry: str = PLAYER) -> str:
    """The markup; its only words are what it says, by language, when its data cannot even tell it what to say."""
    return _read(f"{entry}.html").format(**{language: escape(words) for language, words in damaged.items()})


@cache
def css(entry: str = PLAYER) -> str:
    """The style sheet under both palettes; the lanes add theirs to the player's."""
    themes = f".player {{ {css_properties(LIGHT)} }}\n.player[data-theme='dark'] {{ {css_properties(DARK)} }}\n"
    return themes + _read("player.css") + (_read("lanes.css") if entry == LANES else "")


def js(damaged: Mapping[str, str], entry: str = PLAYER) -> str:
    """All modules as one, each in a scope of its own, after those it imports.

    Args:
        damaged: by language, what is said where the player's data cannot even tell it what to say.
    """
    furniture = {"skeleton": html(damaged, entry), "style": css(entry)}
    lines = (f"export const {name} = {json.dumps(text, ensure_ascii=False)};\n" for name, text in furniture.items())
    done = {_FURNITURE: _scoped(_FURNITURE, "".join(lines))}
    _join(entry, done, entry)
    return "\n".join(done.values())


def joined(entry: str) -> str:
    """All modules of a component that makes its markup itself, as one."""
    done: dict[str, str] = {}
    _join(entry, done, entry)
    return "\n".join(done.values())


def _join(name: str, done: dict[str, str], entry: str) -> None:
    source = _read(f"{name}.js").removeprefix("// @ts-check\n")
    for _, needed in _IMPORT.findall(source):
        if needed not in done:
            _join(needed, done, entry)
    done[name] = _bare(source) if name == entry else _scoped(name, source)


def _scoped(name: str, source: str) -> str:
    given = ", ".join(found for _, found in _EXPORT.findall(source))
    return f"const ${name} = (() => {{\n{_bare(source)}return {{ {given} }};\n}})();\n"


def _bare(source: str) -> str:
    """Without import and export: what is imported stands above."""
    return _EXPORT.sub(r"\1", _IMPORT.sub(r"const \1 = $\2;\n", source))


def _read(name: str) -> str:
    return (_WEB / name).read_text(encoding="utf-8")
