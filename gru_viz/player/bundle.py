"""The player's page as three strings. A component that Streamlit reads from files must be an installed package; joined
into one module it works from a bare checkout too. Each file in `web/` stays an ES module that runs by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path

from gru_viz.palette import DARK, LIGHT, css_properties

_WEB = Path(__file__).parent / "web"
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./([\w-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
ENTRY = "player"


def html(damaged: Mapping[str, str]) -> str:
    """The skeleton; its only words are what it says, by language, when its data cannot even tell it what to say."""
    return _read("player.html").format(**{language: escape(words) for language, words in damaged.items()})


@cache
def css() -> str:
    """The style sheet under both palettes."""
    themes = f".player {{ {css_properties(LIGHT)} }}\n.player[data-theme='dark'] {{ {css_properties(DARK)} }}\n"
    return themes + _read("player.css")


@cache
def js() -> str:
    """All modules as one, each in a scope of its own, after those it imports."""
    done: dict[str, str] = {}
    _join(ENTRY, done)
    return "\n".join(done.values())


def _join(name: str, done: dict[str, str]) -> None:
    source = _read(f"{name}.js").removeprefix("// @ts-check\n")
    for _, needed in _IMPORT.findall(source):
        if needed not in done:
            _join(needed, done)
    given = ", ".join(found for _, found in _EXPORT.findall(source))
    body = _EXPORT.sub(r"\1", _IMPORT.sub(r"const \1 = $\2;\n", source))
    done[name] = body if name == ENTRY else f"const ${name} = (() => {{\n{body}return {{ {given} }};\n}})();\n"


def _read(name: str) -> str:
    return (_WEB / name).read_text(encoding="utf-8")
