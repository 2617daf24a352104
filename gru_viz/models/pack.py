"""A model in one file: safetensors, with the card in its metadata. `gv.load` reads it; any safetensors reader can."""

from __future__ import annotations

import json

from safetensors import SafetensorError
from safetensors.torch import load as tensors_from_bytes
from safetensors.torch import save as tensors_to_bytes
from torch import Tensor

from gru_viz.cells import KINDS
from gru_viz.cells.quantities import Cell
from gru_viz.errors import ModelError
from gru_viz.models import card as cards
from gru_viz.models.card import Card
from gru_viz.models.seeding import unfilled
from gru_viz.models.sequence import SequenceModel

SUFFIX = ".safetensors"
UNREADABLE = (SafetensorError, ValueError, TypeError, KeyError, AttributeError, RuntimeError)
"""What reading bytes that are no safetensors file, or hold a kind of tensor torch lacks, raises."""

_HEADER = 8
"""A safetensors file starts with the length of its JSON header, eight bytes, little-endian."""


def pack(model: SequenceModel) -> bytes:
    """Weights and card as the bytes of one file."""
    weights = {name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}
    said = {key: value for key, value in model.card.items() if key != "weights_sha256"}
    return tensors_to_bytes(weights, {"format": "gru-viz", "card": json.dumps(said, ensure_ascii=False)})


def card_of(blob: bytes, file: str) -> Card:
    """The card in a packed model's metadata.

    Raises:
        ModelError: no safetensors file, or one without a card.
    """
    try:
        length = int.from_bytes(blob[:_HEADER], "little")
        said = json.loads(blob[_HEADER : _HEADER + length]).get("__metadata__", {})["card"]
        return cards.check(json.loads(said))
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(
            "model.no_card", "The file {file} is no model saved here: it carries no card.", file=file
        ) from error


def holds_enough(weights: dict[str, Tensor], card: Card) -> bool:
    """Whether weights could fill the model of a card: a card may claim any size; only what can be filled is built."""
    held, width = sum(value.numel() for value in weights.values()), card["hidden_size"]
    widest = card["input_size"] if KINDS[Cell(card["cell"])].from_input else max(width, card["input_size"])
    return card["num_layers"] <= len(weights) and width * widest <= held


def unpack(blob: bytes, file: str = "model") -> tuple[SequenceModel, dict]:
    """An empty model of the card's make, and the tensors to fill it with.

    Raises:
        ModelError: the file is damaged or carries no card.
    """
    card = card_of(blob, file)
    try:
        weights = tensors_from_bytes(blob)
    except UNREADABLE as error:
        raise ModelError(
            "model.damaged_file",
            "The file {file} is damaged: {reason}.",
            file=file,
            reason=" ".join(str(error).split()),
        ) from error
    if not holds_enough(weights, card):
        raise ModelError(
            "model.damaged_file", "The file {file} is damaged: {reason}.", file=file, reason="the card does not fit"
        )
    return unfilled(card), weights
