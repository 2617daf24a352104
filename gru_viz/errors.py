"""The two errors a caller meets, each with a stable code, its parameters and one clear English sentence.

A page translates by `code` and `params`; a library user reads the sentence.
"""

from __future__ import annotations

from typing import Any


class GruVizError(ValueError):
    """Base of the library's errors.

    Attributes:
        code: stable, dotted, lower-case name of what went wrong ("trace.h0_shape"); the key of its translation.
        params: the values the sentence was made from, as plain Python objects.
    """

    def __init__(self, code: str, sentence: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(sentence.format(**params))


class InputError(GruVizError):
    """What was passed in cannot be used: says what was wrong, where, and what to do."""


class ModelError(GruVizError):
    """A model file, card or name cannot be used: says which and why."""
