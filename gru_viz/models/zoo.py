"""The zoo: models found by name, or in a folder of one's own, checked before they are used."""

from __future__ import annotations

import errno
import hashlib
import json
from os import PathLike
from pathlib import Path

import torch
from safetensors.torch import load as tensors_from_bytes
from torch import Tensor

from gru_viz.atomic import path_of
from gru_viz.errors import ModelError
from gru_viz.models import card as cards
from gru_viz.models.pack import SUFFIX, UNREADABLE, holds_enough, unpack
from gru_viz.models.seeding import own_dice, unfilled
from gru_viz.models.sequence import SequenceModel
from gru_viz.scalars import shown

WEIGHTS = "model.safetensors"
CARD = "card.json"
KINDS_OF_WEIGHTS = ("float64", "float32", "float16", "bfloat16")

_PACKAGE = Path(__file__).resolve().parent.parent
ROOTS: tuple[Path, ...] = (_PACKAGE.parent / "assets" / "models", _PACKAGE / "assets" / "models")
"""Where models live: in a source tree beside the package, in an installed wheel inside it."""


def available() -> list[str]:
    """The names `load` knows, sorted."""
    # A hidden folder is one that was being written when its writer was killed.
    return sorted({card.parent.name for root in ROOTS for card in root.glob(f"[!.]*/{CARD}")})


@torch.inference_mode(False)  # else its weights could never be trained
def load(name_or_path: str | Path) -> SequenceModel:
    """A model by its name in the zoo, from a folder that holds model.safetensors and card.json, or from one file.

    Raises:
        ModelError: no such model; a file that is missing or damaged; a card that does not fit the weights.
    """
    if (file := _packed(name_or_path)) is not None:
        return unpacked(_read(file), file.name)
    folder = _folder(name_or_path)
    card = cards.check(_card(folder / CARD))
    weights = _weights(folder / WEIGHTS, card.get("weights_sha256"))
    if not holds_enough(weights, card):
        raise _damaged(folder / WEIGHTS, "it holds less than the card says")
    model = unfilled(card)
    _fill(model, weights)
    return model.eval()


@torch.inference_mode(False)
def unpacked(blob: bytes, file: str = "model") -> SequenceModel:
    """A model from the bytes of one file with weights and card (see `gru_viz.models.pack`).

    Raises:
        ModelError: it is damaged, carries no card, or its card does not fit its weights.
    """
    model, weights = unpack(blob, file)
    _fill(model, weights)
    return model.eval()


@torch.inference_mode(False)
def seeded(input_size: int, hidden_size: int = 16, num_layers: int = 1, seed: int = 0) -> SequenceModel:
    """An untrained GRU for numbers with any columns: the same seed gives the same weights; its card says untrained."""
    facts = cards.structure("seeded", "none", input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
    facts |= {"title": "Untrained GRU", "task": "none: random weights, untrained", "seed": seed, "metrics": {}}
    with own_dice(seed), torch.device("cpu"):
        return SequenceModel(facts).eval()


def _folder(name_or_path: str | Path) -> Path:
    for root in ROOTS:
        if isinstance(name_or_path, str) and name_or_path in available() and (root / name_or_path / CARD).is_file():
            return root / name_or_path
    folder = _path(name_or_path)
    if folder is not None and folder != Path() and folder.is_dir():
        return folder
    raise ModelError(
        "model.unknown",
        "There is no model {name}; the zoo has {known}, and a folder with {weights} and {card} works too.",
        name=repr(str(name_or_path)) if isinstance(name_or_path, (str, PathLike)) else shown(name_or_path),
        known=", ".join(available()) or "none",
        weights=WEIGHTS,
        card=CARD,
    )


def _packed(name_or_path: object) -> Path | None:
    file = _path(name_or_path)
    return file if file is not None and file.name.endswith(SUFFIX) and file.is_file() else None


def _path(named: object) -> Path | None:
    """The path, ~ for the home folder; None for what the file system cannot have: too long, a NUL, no text."""
    try:
        path = path_of(named)
        path.exists()
    except (OSError, ValueError, TypeError):
        return None
    return path


def _read(file: Path) -> bytes:
    try:
        if file.exists() and not file.is_file():  # a pipe would be waited for
            raise OSError(errno.EINVAL, "it is no regular file")
        return file.read_bytes()
    except OSError as error:
        raise ModelError(
            "model.file",
            "The file {file} in {folder} cannot be read: {reason}.",
            file=file.name,
            folder=file.parent.name,
            reason=error.strerror or str(error),
        ) from error


def _damaged(file: Path, reason: str) -> ModelError:
    return ModelError(
        "model.damaged",
        "The file {file} in {folder} is damaged: {reason}.",
        file=file.name,
        folder=file.parent.name,
        reason=reason,
    )


def _card(file: Path) -> object:
    blob = _read(file)
    try:
        return json.loads(blob.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _damaged(file, str(error)) from error


def _weights(file: Path, digest: str | None) -> dict[str, Tensor]:
    blob = _read(file)
    if digest is not None and hashlib.sha256(blob).hexdigest() != digest:
        raise _damaged(file, "its SHA-256 is not the one on the card")
    try:
        return tensors_from_bytes(blob)
    except UNREADABLE as error:
        raise _damaged(file, " ".join(str(error).split())) from error


def _fill(model: SequenceModel, weights: dict[str, Tensor]) -> None:
    wanted = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    found = {name: tuple(value.shape) for name, value in weights.items()}
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            raise ModelError(
                "model.mismatch",
                "The card of {model} does not fit its weights: {tensor} should be {wanted} and is {found}.",
                model=model.name,
                tensor=name,
                wanted=wanted.get(name, "absent"),
                found=found.get(name, "absent"),
            )
    kinds = sorted({str(value.dtype).removeprefix("torch.") for value in weights.values()})
    if len(kinds) != 1 or kinds[0] not in KINDS_OF_WEIGHTS:
        raise ModelError(
            "model.dtype",
            "The weights of {model} are {found}; they must be all of one kind, of {known}.",
            model=model.name,
            found=" and ".join(kinds),
            known=", ".join(KINDS_OF_WEIGHTS),
        )
    for name, value in weights.items():
        if not value.isfinite().all():
            raise ModelError(
                "model.not_finite",
                "The weights {tensor} of {model} hold NaN or infinity.",
                tensor=name,
                model=model.name,
            )
    model.load_state_dict(weights, assign=True)
