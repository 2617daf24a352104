"""What was made once is kept: by content, within bounds, once even for two who ask at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from gru_viz.story.kept import kept


def test_the_same_content_is_made_once_and_the_oldest_goes_first() -> None:
    made = []

    @kept(2, key=str.lower)
    def shouted(word: str) -> str:
        made.append(word)
        return word.upper()

    assert [shouted(word) for word in ("a", "A", "b", "a", "c", "a", "b")] == ["A", "A", "B", "A", "C", "A", "B"]
    assert made == ["a", "b", "c", "b"], "b was not asked for the longest when c came"
    assert shouted.__wrapped__("a") == "A"
    assert made[-1] == "a"


def test_two_who_ask_the_same_at_once_wait_for_one_making_and_nobody_waits_for_another_content() -> None:
    made, begun, go = [], Event(), Event()

    @kept(8, key=lambda name: name)
    def slow(name: str) -> object:
        made.append(name)
        begun.set()
        if name == "slow":
            assert go.wait(10)
        return object()

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(slow, "slow") for _ in range(3)]
        assert begun.wait(10)
        assert pool.submit(slow, "other").result(10) is slow("other")
        go.set()
        found = {id(one.result(10)) for one in asked}
    assert len(found) == 1
    assert made == ["slow", "other"]


def test_what_raises_is_not_kept_and_what_has_no_name_neither() -> None:
    made = []

    @kept(8, key=lambda name: name)
    def failing(name: str | None) -> int:
        made.append(name)
        if len(made) == 1:
            raise ValueError(name)
        return len(made)

    with pytest.raises(ValueError, match="x"):
        failing("x")
    assert failing("x") == 2
    assert failing("x") == 2
    assert failing(None) == 3
    assert failing(None) == 4


def test_many_at_once_get_one_result() -> None:
    start = Barrier(8)

    @kept(8, key=lambda name: name)
    def one(_name: str) -> object:
        return object()

    def ask(_: int) -> int:
        start.wait(10)
        return id(one("x"))

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
