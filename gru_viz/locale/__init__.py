"""Every word a visitor reads comes from the catalogues in this folder; code knows only keys.

Keys are gettext message ids ("step.of"); Babel reads the .po files at start, so there is nothing to compile. English is
the fallback for a key another language lacks; tests keep the catalogues equal. An error speaks English by itself, so
the English catalogue holds only those error sentences that read differently on a page.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from babel.messages.pofile import read_po

from gru_viz.errors import InputError, ModelError

LANGUAGES = ("en", "zh")
DEFAULT = "en"
_HERE = Path(__file__).resolve().parent

Say = Callable[..., str]
"""(key, **params) -> a sentence in one language, chosen before: what words are asked of."""


@cache
def catalogue(language: str) -> dict[str, str]:
    """Key -> sentence of one language, from all of its .po files."""
    found: dict[str, str] = {}
    for path in sorted((_HERE / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            found |= {str(m.id): str(m.string) for m in read_po(file, locale=language) if m.id and m.string}
    return found


def translate(language: str, key: str, /, **params: object) -> str:
    """One sentence in one language, its {placeholders} filled; the key itself if nobody has written it."""
    sentence = catalogue(language).get(key) or catalogue(DEFAULT).get(key, key)
    return sentence.format(**params) if params else sentence


@cache
def speaker(language: str) -> Say:
    """`translate` with the language fixed."""
    return partial(translate, language)


@cache
def player_words(language: str) -> dict[str, str]:
    """The player's own words in one language: what the catalogue has under "player.", without that."""
    ours = "player."
    return {key.removeprefix(ours): translate(language, key) for key in catalogue(DEFAULT) if key.startswith(ours)}


def error_sentence(language: str, error: InputError | ModelError) -> str:
    """An error in a language; its own English sentence where the catalogue has none."""
    key = f"error.{error.code}"
    return translate(language, key, **error.params) if key in catalogue(language) else str(error)
