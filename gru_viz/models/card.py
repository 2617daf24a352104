"""The card: what a model is, what it was trained on, how good it is. Plain JSON beside the weights.

The structure half (`STRUCTURE`) is enough to build the module; the rest is for people. A card that does not say
these things in the right types is refused with the field named.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from gru_viz.errors import ModelError

Card: TypeAlias = dict[str, Any]
Kind: TypeAlias = Literal["classify", "next", "forecast", "none"]
KINDS: tuple[Kind, ...] = ("classify", "next", "forecast", "none")

STRUCTURE: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "kind": str,
    "cell": str,
    "input_size": int,
    "hidden_size": int,
    "num_layers": int,
    "vocabulary": (dict, type(None)),
    "labels": list,
    "normalisation": (dict, type(None)),
}
"""What every card must hold to be built, and as which JSON type."""

FACTS: tuple[str, ...] = (
    *("title", "task", "data", "data_source", "licence", "preprocessing", "split", "seed", "command", "parameters"),
    *("metrics", "training", "training_seconds", "machine", "date", "torch_version", "bad_at", "hint"),
)
"""What a card of the zoo tells people besides."""


def structure(
    name: str,
    kind: Kind,
    *,
    input_size: int,
    hidden_size: int,
    num_layers: int = 1,
    vocabulary: dict[str, Any] | None = None,
    labels: tuple[str, ...] = (),
    normalisation: dict[str, float] | None = None,
) -> Card:
    """The structure half of a GRU's card."""
    return {
        "name": name,
        "kind": kind,
        "cell": "GRU",
        "input_size": input_size,
        "hidden_size": hidden_size,
        "num_layers": num_layers,
        "vocabulary": vocabulary,
        "labels": list(labels),
        "normalisation": normalisation,
    }


def check(card: object) -> Card:
    """The card itself if it describes a model that can be built; ModelError naming the field otherwise."""
    if not isinstance(card, dict):
        raise ModelError("model.card", "The card must be a JSON object, not {found}.", found=type(card).__name__)
    for field, wanted in STRUCTURE.items():
        value = card.get(field)
        if field not in card or not isinstance(value, wanted) or isinstance(value, bool):
            raise _wrong(field, value)
    if card["kind"] not in KINDS:
        raise _wrong("kind", card["kind"])
    if card["cell"] != "GRU":
        raise _wrong("cell", card["cell"])
    for field in ("input_size", "hidden_size", "num_layers"):
        if card[field] < 1:
            raise _wrong(field, card[field])
    _check_vocabulary(card)
    _check_normalisation(card["normalisation"])
    return card


def _check_vocabulary(card: Card) -> None:
    vocabulary, labels = card["vocabulary"], card["labels"]
    if vocabulary is not None:
        symbols = vocabulary.get("symbols")
        if not isinstance(symbols, list) or not all(isinstance(s, str) for s in symbols) or not symbols:
            raise _wrong("vocabulary.symbols", symbols)
        if len(set(symbols)) != len(symbols):
            raise _wrong("vocabulary.symbols", "the same symbol twice")
        if not isinstance(vocabulary.get("folds"), bool):
            raise _wrong("vocabulary.folds", vocabulary.get("folds"))
    elif card["kind"] in ("next", "classify"):
        raise _wrong("vocabulary", None)
    if not all(isinstance(label, str) for label in labels) or (card["kind"] == "classify" and not labels):
        raise _wrong("labels", labels)


def _check_normalisation(normalisation: dict[str, Any] | None) -> None:
    if normalisation is None:
        return
    for field in ("mean", "deviation"):
        value = normalisation.get(field)
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise _wrong(f"normalisation.{field}", value)
    if not normalisation["deviation"] > 0:
        raise _wrong("normalisation.deviation", normalisation["deviation"])


def _wrong(field: str, value: object) -> ModelError:
    shown = repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."
    return ModelError("model.card", "The card's field {field} cannot be used: it is {value}.", field=field, value=shown)
