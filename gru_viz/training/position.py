"""Where a problem stands in its data: whatever of it has moved since it was prepared, its dice included.

A problem is prepared the same way every time, so a checkpoint need hold only what training changes: generators, the
rest of a shuffled order, a state carried on. Data that never move are recognised and left out.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gru_viz.errors import ModelError
from gru_viz.tasks.task import Problem

Moved = dict[str, Any]
_PLAIN = (bool, int, float, str, type(None))


class Bookmark:
    """A problem's first position; made before its first step."""

    def __init__(self, problem: Problem) -> None:
        # The values are kept, not only their ids: an id may come back for another object once the first is gone.
        self._first = {name: (value, _fingerprint(value)) for name, value in _attributes(problem).items()}

    def moved(self, problem: Problem) -> Moved:
        """Attribute -> value of all that is not as it was at first, in plain values and tensors.

        Raises:
            ModelError: something moved that cannot be written down.
        """
        found: Moved = {}
        for name, value in _attributes(problem).items():
            if isinstance(value, torch.Generator):
                found[name] = {"dice": value.get_state()}
            elif name not in self._first or not self._still(name, value):
                found[name] = _written(name, value)
        return found

    def move(self, problem: Problem, moved: Moved) -> None:
        """Put a freshly prepared problem where `moved` says."""
        for name, value in moved.items():
            if isinstance(value, dict):
                getattr(problem, name).set_state(value["dice"])
            else:
                setattr(problem, name, value)

    def _still(self, name: str, value: Any) -> bool:
        first, fingerprint = self._first[name]
        if isinstance(value, _PLAIN) or isinstance(first, _PLAIN):
            return type(first) is type(value) and first == value
        return first is value and fingerprint == _fingerprint(value)


def _attributes(problem: Problem) -> dict[str, Any]:
    return {name: value for name, value in vars(problem).items() if name != "model"}


def _fingerprint(value: Any) -> Any:
    """What tells that an object was changed in place: torch counts a tensor's changes; a list is compared by length
    and ends, which every order that is taken from or added to changes."""
    if isinstance(value, Tensor):
        return value._version
    if isinstance(value, (list, tuple)):
        return len(value)
    return None


def _written(name: str, value: Any) -> Any:
    if isinstance(value, (Tensor, *_PLAIN)):
        return value
    if isinstance(value, (list, tuple)) and all(isinstance(item, (Tensor, *_PLAIN)) for item in value):
        return value
    raise ModelError(
        "training.position",
        "The place in the data cannot be written down: {name} is {kind}.",
        name=name,
        kind=type(value).__name__,
    )
