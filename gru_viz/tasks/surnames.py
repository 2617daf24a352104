"""Surnames by origin, romanised: the data of the task names.

Faker's person providers keep surnames under different attributes and in different scripts; this table says where
each origin's are. Faker has too few Turkish and Japanese ones, so those two are completed from mimesis (kanji read
by janome's dictionary). All three packages are needed for training only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module, metadata
from importlib.resources import files

from gru_viz.errors import ModelError
from gru_viz.models.reading import folded
from gru_viz.tasks import romanise
from gru_viz.tasks.task import order_by_hash

LETTERS = "abcdefghijklmnopqrstuvwxyz '-"
MOST = 1500
"""At most this many names an origin, those with the lowest hashes, so that long lists do not drown short ones."""

PACKAGES = ("Faker", "mimesis", "janome")


@dataclass(frozen=True)
class Origin:
    """One class: its English name, where in Faker its surnames are, how they become Latin, and what completes them."""

    label: str
    providers: tuple[tuple[str, str], ...]
    latin: Callable[[str], str] = str
    more: Callable[[], Iterable[str]] = tuple


def _turkish() -> Iterable[str]:
    return _mimesis("tr")


def _japanese() -> Iterable[str]:
    """mimesis has kanji; janome's dictionary knows which of them are surnames and how they are read."""
    from janome.tokenizer import Token, Tokenizer

    tokenizer = Tokenizer()
    for kanji in _mimesis("ja"):
        words = [word for word in tokenizer.tokenize(kanji) if isinstance(word, Token)]
        if len(words) == 1 and words[0].part_of_speech.endswith("人名,姓") and words[0].reading != "*":
            yield romanise.japanese(words[0].reading)


def _mimesis(locale: str) -> list[str]:
    data = files("mimesis").joinpath("datasets", locale, "person.json").read_text(encoding="utf-8")
    return list(json.loads(data)["surnames"])


def _patronymic(stem: str) -> str:
    """Faker has Icelandic names without -son and -dóttir; half of each, by the stem's length, stands for both."""
    return stem + ("son" if len(stem) % 2 else "dottir")


_LAST = "last_names"
_MALE, _FEMALE = "last_names_male", "last_names_female"

ORIGINS: tuple[Origin, ...] = (
    Origin("Algerian", (("fr_DZ", _LAST),)),
    Origin("Armenian", (("hy_AM", _LAST),), romanise.armenian),
    Origin("Chinese", (("zh_CN", "last_romanized_names"), ("zh_TW", "last_romanized_names"))),
    Origin("Croatian", (("hr_HR", _LAST),)),
    Origin("Czech", (("cs_CZ", _MALE), ("cs_CZ", _FEMALE))),
    Origin("Dutch", (("nl_NL", _LAST),)),
    Origin("English", (("en_GB", _LAST),)),
    Origin("Finnish", (("fi_FI", _LAST),)),
    Origin("French", (("fr_FR", _LAST), ("fr_QC", _LAST))),
    Origin("Georgian", (("ka_GE", _LAST),), romanise.georgian),
    Origin("German", (("de_DE", _LAST), ("de_AT", _LAST))),
    Origin("Greek", (("el_GR", _MALE), ("el_GR", _FEMALE)), romanise.greek),
    Origin("Hungarian", (("hu_HU", _LAST),)),
    Origin("Icelandic", (("is_IS", "last_names_without_suffix"),), _patronymic),
    Origin("Indian", (("en_IN", _LAST),)),
    Origin("Indonesian", (("id_ID", _LAST),)),
    Origin("Irish", (("en_IE", _LAST),)),
    Origin("Italian", (("it_IT", _LAST),)),
    Origin("Japanese", (("ja_JP", "last_romanized_names"),), more=_japanese),
    Origin("Kenyan", (("en_KE", _LAST),)),
    Origin("Latvian", (("lv_LV", _LAST),)),
    Origin("Polish", (("pl_PL", "male_last_names"), ("pl_PL", "unisex_last_names"))),
    Origin("Portuguese", (("pt_PT", _LAST), ("pt_BR", _LAST))),
    Origin("Russian", (("ru_RU", _MALE), ("ru_RU", _FEMALE)), romanise.russian),
    Origin("Spanish", (("es_ES", _LAST),)),
    Origin("Swedish", (("sv_SE", _LAST),)),
    Origin("Turkish", (("tr_TR", _LAST),), more=_turkish),
    Origin("Ukrainian", (("uk_UA", _MALE),), romanise.ukrainian),
    Origin("Yoruba", (("yo_NG", _LAST),)),
    Origin("Zulu", (("zu_ZA", _LAST),)),
)


def surnames() -> dict[str, tuple[str, ...]]:
    """Origin → its distinct spellings in `LETTERS`, at least two letters long, at most `MOST` of them, sorted.

    Raises:
        ModelError: one of the packages that hold the names is not installed.
    """
    try:
        return {origin.label: _spellings(origin) for origin in ORIGINS}
    except ImportError as error:
        raise ModelError(
            "corpus.packages",
            "The {task} data come from the packages {packages}: pip install -r {file}.",
            task="names",
            packages=", ".join(PACKAGES),
            file="requirements-train.txt",
        ) from error


def versions() -> dict[str, str]:
    """The packages the names came from and their versions."""
    return {package: metadata.version(package) for package in PACKAGES}


def _spellings(origin: Origin) -> tuple[str, ...]:
    found = [origin.latin(name) for place in origin.providers for name in _provider(*place)]
    plain = {spelling for name in (*found, *origin.more()) if (spelling := spelled(name))}
    return tuple(sorted(sorted(plain, key=order_by_hash)[:MOST]))


def _provider(locale: str, attribute: str) -> Iterable[str]:
    provider = import_module(f"faker.providers.person.{locale}").Provider
    return list(getattr(provider, attribute))


def spelled(name: str) -> str | None:
    """A name as the model reads it (case and accents folded); None where letters remain it cannot read."""
    spelling = "".join(folded(letter) for letter in name.strip())
    return spelling if len(spelling) > 1 and set(spelling) <= set(LETTERS) else None
