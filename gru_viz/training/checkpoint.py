"""Checkpoints: a run's whole state in one file that is there complete or not at all."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, TypeAlias

import torch

from gru_viz.atomic import replacing
from gru_viz.errors import ModelError

Saved: TypeAlias = dict[str, Any]


def save(file: Path, state: Saved) -> None:
    """Write a state; whatever happens meanwhile, `file` is the old one or the new one, never a part.

    Raises:
        ModelError: it cannot be written there.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as fresh, fresh.open("wb") as out:
            torch.save(state, out)
    except OSError as error:
        raise ModelError(
            "training.cannot_save",
            "The checkpoint {file} cannot be written: {reason}.",
            file=file.name,
            reason=error.strerror or str(error),
        ) from error


def load(file: Path) -> Saved:
    """Read a state: tensors and plain values only, so that a foreign file can run no code.

    Raises:
        ModelError: the file is missing, damaged or no checkpoint.
    """
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
    except OSError as error:
        raise _damaged(file, error.strerror or str(error)) from error
    except (RuntimeError, ValueError, EOFError, KeyError, pickle.UnpicklingError) as error:
        raise _damaged(file, str(error).splitlines()[0][:120] if str(error) else type(error).__name__) from error
    if not isinstance(state, dict) or "about" not in state:
        raise _damaged(file, "it holds something else")
    return state


def _damaged(file: Path, reason: str) -> ModelError:
    return ModelError(
        "training.damaged", "The checkpoint {file} cannot be used: {reason}.", file=file.name, reason=reason
    )
