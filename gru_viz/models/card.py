"""The card: what a model is, what it was trained on, how good it is. Plain JSON beside the weights.

The structure half (`STRUCTURE`) is enough to build the module; the rest is for people. A card that does not say
these things in the right types is refused with the field named.
"""

from __future__ import annotations

from math import isfinite
from typing import Any, Literal, TypeAlias

from gru_viz.cells.quantities import Cell
from gru_viz.errors import ModelError
from gru_viz.scalars import real

Card: TypeAlias = dict[str, Any]
HeadKind: TypeAlias = Literal["classify", "next", "forecast", "none"]
HEAD_KINDS: tuple[HeadKind, ...] = ("classify", "next", "forecast", "none")
FORWARD_ONLY: tuple[str, ...] = ("forward",)
WAYS: tuple[tuple[str, ...], ...] = (FORWARD_ONLY, ("backward",), ("forward", "backward"))
LABELS_AT: tuple[str, ...] = ("end", "every step", "question")

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

OPTIONAL: dict[str, Any] = {"directions": list(FORWARD_ONLY), "tied": False, "labels_at": "end"}
"""What a card may leave out, and what it then means.

- directions: which ways the module reads, ["forward"], ["backward"] or both.
- tied: whether the head's last matrix is the embedding itself, reached through a projection to its width.
- labels_at: where a classifier's labels were asked for in training: at the end, at every step, or at every "?".
"""

FACTS: tuple[str, ...] = (
    *("title", "task", "data", "data_source", "licence", "preprocessing", "split", "seed", "command", "parameters"),
    *("metrics", "training", "training_seconds", "machine", "date", "torch_version", "bad_at", "hint"),
)
"""What a card of the zoo tells people besides."""

CHOSEN_ON: tuple[str, ...] = ("held_out", "validation", "other_data", "unrecorded")
"""On what a setting may have been chosen: a card's `chosen_on` names its settings ("learning_rate", "width", "weights")
and says one of these of each. held_out: the very data its metrics are measured on, which so flatter a little;
validation: data kept for that; other_data: another corpus; unrecorded: nobody wrote it down. An empty `chosen_on` says
that nothing was chosen by results; a card without one does not say.
"""

PIECES = "by_document"
"""Where the metrics keep sums by independent piece of the held-out data (see `gru_viz.tasks.pieces`): `piece` names
one ("file", "chapter"); `characters`, `bits` and `right`, or for each of `groups` `characters` and `wrong`, are rows of
numbers, a piece each, in one order for every model of a family.
"""


def structure(
    name: str,
    kind: HeadKind,
    *,
    input_size: int,
    hidden_size: int,
    num_layers: int = 1,
    cell: str = "GRU",
    directions: tuple[str, ...] = FORWARD_ONLY,
    tied: bool = False,
    labels_at: str = "end",
    vocabulary: dict[str, Any] | None = None,
    labels: tuple[str, ...] = (),
    normalisation: dict[str, float] | None = None,
) -> Card:
    """The structure half of a card; see `STRUCTURE` and `OPTIONAL`."""
    return {
        "name": name,
        "kind": kind,
        "cell": cell,
        "directions": list(directions),
        "input_size": input_size,
        "hidden_size": hidden_size,
        "num_layers": num_layers,
        "vocabulary": vocabulary,
        "labels": list(labels),
        "labels_at": labels_at,
        "tied": tied,
        "normalisation": normalisation,
    }


def check(card: object) -> Card:
    """The card, its `OPTIONAL` fields filled in, if it can be built; ModelError naming the field otherwise."""
    if not isinstance(card, dict):
        raise ModelError("model.card", "The card must be a JSON object, not {found}.", found=type(card).__name__)
    for field, wanted in STRUCTURE.items():
        value = card.get(field)
        if field not in card or not isinstance(value, wanted) or isinstance(value, bool):
            raise _wrong(field, value)
    if card["kind"] not in HEAD_KINDS:
        raise _wrong("kind", card["kind"])
    if card["cell"] not in tuple(Cell):
        raise _wrong("cell", card["cell"])
    card = OPTIONAL | card
    _check_directions(card)
    if not isinstance(card["tied"], bool) or (card["tied"] and card["kind"] != "next"):
        raise _wrong("tied", card["tied"])
    if card["labels_at"] not in LABELS_AT:
        raise _wrong("labels_at", card["labels_at"])
    for field in ("input_size", "hidden_size", "num_layers"):
        if card[field] < 1:
            raise _wrong(field, card[field])
    _check_vocabulary(card)
    _check_normalisation(card["normalisation"])
    return card


def _check_directions(card: Card) -> None:
    directions = card["directions"]
    if not isinstance(directions, list) or tuple(directions) not in WAYS:
        raise _wrong("directions", directions)
    # What comes next cannot be asked of a reader that has seen it; and backward alone there is a GRU only.
    if "backward" in directions and (card["kind"] != "classify" or (len(directions) == 1 and card["cell"] != Cell.GRU)):
        raise _wrong("directions", directions)


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
        number = real(value)
        if number is None or not isfinite(number):
            raise _wrong(f"normalisation.{field}", value)
    if not normalisation["deviation"] > 0:
        raise _wrong("normalisation.deviation", normalisation["deviation"])


def _wrong(field: str, value: object) -> ModelError:
    shown = repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."
    return ModelError("model.card", "The card's field {field} cannot be used: it is {value}.", field=field, value=shown)
