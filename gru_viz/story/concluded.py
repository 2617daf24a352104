"""Conclusions (`analysis.conclusions`) and their numbers in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

from gru_viz.analysis.conclusions import Conclusion
from gru_viz.locale import Say, digits

_BETWEEN_CHINESE = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])")
"""A space between two Chinese characters or signs: catalogues set one round what may be Latin."""


def sentences(found: Iterable[Conclusion], say: Say) -> str:
    """What was concluded, one sentence after the other."""
    words = [sentence(one, say) for one in found]
    words = [word[:1].upper() + word[1:] for word in words]
    return reduce(lambda one, two: say("narrate.join", one=one, two=two), words) if words else ""


def sentence(one: Conclusion, say: Say) -> str:
    """One conclusion."""
    said = say(f"compare.{one.code}", **{name: _write(name, value, say) for name, value in one.params.items()})
    return _BETWEEN_CHINESE.sub("", said)


def _write(name: str, value: Any, say: Say) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Conclusion):
        return sentence(value, say)
    if name in ("each", "pairs"):
        return reduce(lambda one, two: say("compare.also", one=one, two=two), [sentence(part, say) for part in value])
    if name == "who" and isinstance(value, list):
        value = [sentence(part, say) for part in value]
    if isinstance(value, list):
        *most, last = value
        first = reduce(lambda one, two: say("compare.comma", one=one, two=two), most) if most else ""
        return say("compare.and", one=first, two=last) if most else last
    kind = name.split("_")[0]
    return _WRITERS.get(kind, str)(value)


_WRITERS: dict[str, Callable[..., str]] = {
    "share": digits.short_percent,
    "accuracy": digits.short_percent,
    "points": lambda share: digits.significant(100 * share),
    "bits": digits.significant,
    "error": digits.significant,
    "us": digits.microseconds,
    "times": digits.times,
    "work": lambda factor: digits.decimals(factor, 2),
    "count": digits.count,
    "steps": digits.count,
}
"""How a parameter is written, by the first word of its name."""
