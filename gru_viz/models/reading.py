"""How a model reads text: user-perceived characters in, one id each out, nothing dropped.

A token is an extended grapheme cluster (Unicode UAX 29, regex's ``\\X``) of the NFC-normalised text: what a person
counts as one character, emoji with modifiers and letters with several marks included. Line ends of every system
are one newline. A cluster the vocabulary does not hold is read as the symbol of which it is a wide or narrow form, if
it holds that (an input method's ``Ａ`` as ``A``, a no-break space as a space); else as the unknown symbol, id 0. Either
way its place is kept, one token one id, so that a page shows what was typed. What the vocabulary does hold is never
changed: a model of Chinese verse reads ``，`` as itself.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property

import regex
import torch
from torch import Tensor

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""The label of id 0. Typing this very character is unknown too."""

_CLUSTER = regex.compile(r"\X")
_LONE_SURROGATE = regex.compile(r"[\ud800-\udfff]")
LINE_ENDS = {"\r\n": "\n", "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\u0085": "\n"}

_WIDTHS = ("<wide>", "<narrow>", "<noBreak>")
"""Compatibility decompositions (Unicode UAX 44) that change how broad a character is, and nothing else."""

_PLAIN = dict(zip("łøđðþıßẞæœħŋŧəĸſȷ’‘ʼʻ´`′‐‑–—\u00a0\u202f", "loddtissaohntaksj'''''''----  ", strict=True))
"""Letters and signs that Unicode does not decompose, and the plain ones they are read as where a vocabulary folds."""


@dataclass(frozen=True)
class Reading:
    """A text as one model reads it: three aligned views of the same positions.

    Attributes:
        tokens: what was typed, one user-perceived character each (NFC).
        ids: (T,) int64, the model's symbol for each token; 0 is unknown.
        unknown: positions (from 0) of the tokens the model has never seen.
    """

    tokens: tuple[str, ...]
    ids: Tensor
    unknown: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.tokens)


@dataclass(frozen=True)
class Vocabulary:
    """The symbols a model knows, in id order; ``symbols[0]`` is the unknown symbol.

    Attributes:
        symbols: one string an id.
        folds: whether a cluster that is not found is tried again without case and accents (names do; texts don't).
    """

    symbols: tuple[str, ...]
    folds: bool = False

    @classmethod
    def of(cls, known: set[str] | list[str] | str, folds: bool = False) -> Vocabulary:
        """A vocabulary of the given clusters in code point order, after the unknown symbol."""
        return cls((UNKNOWN, *sorted(set(known) - {UNKNOWN})), folds)

    def __len__(self) -> int:
        return len(self.symbols)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {symbol: index for index, symbol in enumerate(self.symbols) if index}

    def id(self, token: str) -> int:
        """The id of one cluster, or of its form of ordinary width; 0 if this vocabulary holds neither."""
        token = LINE_ENDS.get(token, token)
        return self._known(token) or self._known(narrowed(token)) or 0

    def _known(self, token: str) -> int | None:
        found = self._ids.get(token)
        return self._ids.get(folded(token)) if found is None and self.folds else found

    def read(self, text: str) -> Reading:
        """Cut a text into clusters and look each one up. An empty text gives an empty reading."""
        tokens = clusters(text)
        ids = [self.id(token) for token in tokens]
        unknown = tuple(place for place, index in enumerate(ids) if index == 0)
        return Reading(tokens, torch.tensor(ids, dtype=torch.long, device="cpu"), unknown)


def clusters(text: str) -> tuple[str, ...]:
    """The user-perceived characters of a text, NFC-normalised; joined they are the normalised text again.

    Lone surrogates, which no file can hold, become U+FFFD one for one.
    """
    text = unicodedata.normalize("NFC", _LONE_SURROGATE.sub(UNKNOWN, text))
    return tuple(_CLUSTER.findall(text))


def narrowed(text: str) -> str:
    """A text with characters of ordinary width: ``Ａｎｎａ`` → ``Anna``, ``ｶﾞ`` → ``ガ``, ``　`` → a space.

    Only what Unicode calls the wide, narrow or no-break form of another character changes: NFKC would also make
    ``5²`` to ``52`` and ``½`` to ``1⁄2``.
    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", "".join(map(_ordinary, text)))


def _ordinary(character: str) -> str:
    form = unicodedata.decomposition(character)
    return unicodedata.normalize("NFKC", character) if form.startswith(_WIDTHS) else character


def folded(token: str) -> str:
    """One cluster without case and accents ("Ł" → "l", "é" → "e", "ß" → "s"); what has no plain letter stays."""
    plain = _PLAIN.get(token)
    if plain is not None:
        return plain
    bare = "".join(c for c in unicodedata.normalize("NFD", token.casefold()) if not unicodedata.combining(c))
    return _PLAIN.get(bare, bare)
