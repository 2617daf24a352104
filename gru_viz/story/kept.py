"""What was made once is kept, by what it is made of, for everybody who asks the same; the oldest goes first.

`functools.lru_cache` bounds it and finds it again; a lock of its own for every content lets two who ask the same at the
same time wait for one making.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_UNMADE = object()


@dataclass
class _Place:
    """Where one content's result stands, once it is made."""

    lock: Lock = field(default_factory=Lock)
    made: Any = _UNMADE


def kept(most: int, key: Callable[P, Hashable | None]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep the results of a function.

    What is given away is shared: nobody may change it. What raises is not kept. The function itself stays reachable as
    `__wrapped__`.

    Args:
        most: so many results at most; beyond, what was not asked for the longest goes.
        key: the arguments -> what the result is made of: names, digests, numbers, never the things themselves; None
            where nobody can name it.
    """

    def decorate(make: Callable[P, R]) -> Callable[P, R]:
        guard = Lock()

        @lru_cache(maxsize=most)
        def place(_content: Hashable) -> _Place:
            return _Place()

        @wraps(make)
        def asked(*args: P.args, **kwargs: P.kwargs) -> R:
            content = key(*args, **kwargs)
            if content is None:
                return make(*args, **kwargs)
            with guard:
                at = place(content)
            with at.lock:
                if at.made is _UNMADE:
                    at.made = make(*args, **kwargs)
                return at.made

        return asked

    return decorate
