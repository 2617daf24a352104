"""Models are initialised from torch's one global generator: nobody else may draw from it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from gru_viz.models.card import Card
from gru_viz.models.sequence import SequenceModel

_DICE = Lock()


@contextmanager
def own_dice(seed: int) -> Iterator[None]:
    """torch's generator begun at a seed, for this thread alone; afterwards it stands where it stood."""
    with _DICE, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def unfilled(card: Card) -> SequenceModel:
    """A model without numbers, for weights to be loaded into with `assign=True`: it draws nothing by chance."""
    with torch.device("meta"), _Undrawn():
        return SequenceModel(card)


class _Undrawn(TorchFunctionMode):
    """Leaves tensors as they are where `torch.nn.init` would fill them, in this thread alone.

    Drawing into a tensor without storage does nothing, and yet imports torch._dynamo and SymPy: two seconds, 77 MB.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__module__", None) == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        return func(*args, **(kwargs or {}))
