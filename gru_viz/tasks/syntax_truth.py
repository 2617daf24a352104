"""What every character of a Python text is: keyword, name, string, comment, number, operator or blank.

The truth comes from Python's own `tokenize`. Three things are decided here:

- `match`, `case`, `type` and `_` are names: they are keywords only where a parser says so, and `tokenize` is none.
- An f-string is a string from its prefix to its closing quote, with what stands in its braces: so `tokenize` says up
  to Python 3.11, and later versions, which cut it up, are brought back to it.
- White space between tokens, line ends and the backslash that continues a line are blank.
"""

from __future__ import annotations

import io
import keyword
import tokenize
from collections.abc import Iterator
from itertools import accumulate
from typing import Literal, NamedTuple

from gru_viz.models.reading import LINE_ENDS, clusters

CLASSES = ("blank", "comment", "keyword", "name", "number", "operator", "string")
BLANK = CLASSES.index("blank")

_UNFINISHED = "EOF in multi-line statement"
"""`tokenize` says so of an open bracket at the end: every token before it is right."""


class Span(NamedTuple):
    """One token's characters: from `start` to before `end`, counted as a model counts them."""

    start: int
    end: int
    kind: str


def truth(text: str) -> list[str] | None:
    """The class of every user-perceived character of a text (as `Vocabulary.read` cuts it), or None.

    None means that `tokenize` cannot cut the text: a string without end, a stray sign, an impossible indentation. An
    open bracket at the end is no hindrance.
    """
    found = spans(text)
    if found is None:
        return None
    kinds = [CLASSES[BLANK]] * len(clusters(text))
    for start, end, kind in found:
        kinds[start:end] = [kind] * (end - start)
    return kinds


Trouble = Literal["string", "indentation", "sign"]
"""Why a text has no truth: a string without end, an impossible indentation, a sign that is no token."""


def trouble(text: str) -> Trouble | None:
    """Why `truth` is None; None where it is not."""
    try:
        list(_tokens("".join(LINE_ENDS.get(piece, piece) for piece in clusters(text))))
    except IndentationError:
        return "indentation"
    except (tokenize.TokenError, SyntaxError) as error:
        # Python up to 3.11 gives the quote that opens a string without end as a stray sign, later ones name it.
        words = str(error)
        return "string" if "string" in words or words.startswith(("no token: '", 'no token: "')) else "sign"
    return None


def spans(text: str) -> list[Span] | None:
    """Every token that is not blank, in order; None where `truth` is None."""
    pieces = [LINE_ENDS.get(piece, piece) for piece in clusters(text)]
    source = "".join(pieces)
    try:
        found = list(_tokens(source))
    except (tokenize.TokenError, SyntaxError):
        return None
    if len(source) == len(pieces):
        return found
    # A cluster of several code points belongs to the token that its first one belongs to.
    starts = list(accumulate((len(piece) for piece in pieces), initial=0))
    place = {code_point: index for index, code_point in enumerate(starts)}
    after = [0] * (len(source) + 1)
    for code_point in range(len(source) + 1):
        after[code_point] = place.get(code_point, after[code_point - 1] if code_point else 0)
    return [Span(after[start], max(after[end], after[start] + 1), kind) for start, end, kind in found]


def _tokens(source: str) -> Iterator[Span]:
    """Tokens by code point. Raises what `tokenize` raises, and SyntaxError at a sign that is no token."""
    lines = [0, *accumulate(len(line) + 1 for line in source.split("\n"))]
    opened: list[int] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            start, end = (lines[row - 1] + column for row, column in (token.start, token.end))
            name = tokenize.tok_name[token.type]
            if name.endswith("STRING_START"):
                opened.append(start)
            elif name.endswith("STRING_END"):
                start = opened.pop()
                if not opened:
                    yield Span(start, end, "string")
            elif not opened and (kind := _kind(name, token.string)):
                yield Span(start, end, kind)
    except tokenize.TokenError as error:
        if _UNFINISHED not in str(error):
            raise


def _kind(name: str, string: str) -> str | None:
    if name == "NAME":
        return "keyword" if keyword.iskeyword(string) else "name"
    if name == "ERRORTOKEN" and not string.isspace():
        raise SyntaxError(f"no token: {string}")
    return {"STRING": "string", "COMMENT": "comment", "NUMBER": "number", "OP": "operator"}.get(name)
