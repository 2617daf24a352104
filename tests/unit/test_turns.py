"""Runs take turns: in the order they came, and a long one makes way."""

from __future__ import annotations

from threading import Event, Thread

import pytest

from gru_viz.ui.kit.turns import Turns

FOREVER = 1e9
PATIENCE = 30.0


class Runner:
    """A run in a thread of its own, that goes on until it is told to end."""

    def __init__(self, turns: Turns, name: str, begun: list[str]) -> None:
        self.runs, self.end = Event(), Event()

        def run() -> None:
            with turns.turn():
                begun.append(name)
                self.runs.set()
                self.end.wait(PATIENCE)

        self.thread = Thread(target=run, daemon=True)

    def over(self) -> None:
        self.end.set()
        self.thread.join(PATIENCE)


def queued(turns: Turns, names: str) -> tuple[list[Runner], list[str]]:
    """Runs that came in this order: the first runs, the others wait."""
    begun: list[str] = []
    runners = [Runner(turns, name, begun) for name in names]
    for place, runner in enumerate(runners):
        runner.thread.start()
        if place == 0:
            assert runner.runs.wait(PATIENCE)
        while len(turns) < place:  # until it stands in the queue
            pass
    return runners, begun


def test_one_runs_at_a_time_in_the_order_they_came() -> None:
    runners, begun = queued(Turns(FOREVER), "abcd")
    for place, runner in enumerate(runners):
        assert runner.runs.wait(PATIENCE)
        assert begun == list("abcd")[: place + 1]
        runner.over()


def test_a_long_run_makes_way_for_one_after_the_other() -> None:
    runners, begun = queued(Turns(0.01), "abc")
    for runner in runners:
        assert runner.runs.wait(PATIENCE), "nobody ended"
    assert begun == list("abc")
    for runner in runners:
        runner.over()


def test_the_end_of_a_long_run_ends_no_other_turn() -> None:
    turns = Turns(0.2)
    runners, begun = queued(turns, "ab")
    assert runners[1].runs.wait(PATIENCE)
    turns.long = FOREVER
    late = Runner(turns, "c", begun)
    late.thread.start()
    while not len(turns):
        pass
    runners[0].over()
    assert not late.runs.is_set(), "b has its turn still"
    runners[1].over()
    assert late.runs.wait(PATIENCE)
    late.over()


def test_who_has_its_turn_needs_no_other_and_gives_it_back_when_it_breaks() -> None:
    turns = Turns(FOREVER)
    with pytest.raises(KeyError), turns.turn(), turns.turn():
        raise KeyError
    with turns.turn():
        assert not len(turns)
