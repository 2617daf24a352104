"""One door to the clock: nobody waits, one measurement at a time, answers kept, the process ends when nobody asks."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from gru_viz.analysis import stopwatch
from gru_viz.analysis.clock import Shape, Timing
from gru_viz.analysis.stopwatch import Busy, Failed, Measured, Outcome, Question, Stopwatch, in_a_process

ONE, TWO = {"gru": Shape("GRU", 2, 3)}, {"gru": Shape("GRU", 4, 5)}
TOLD = Measured({"gru": Timing(1e-6)})


class Slow:
    """Measures when it is let."""

    def __init__(self, says: Outcome = TOLD) -> None:
        self.says = says
        self.begun: list[Question] = []
        self.fastest: list[float | None] = []
        self.at_once = self.most_at_once = 0
        self.let = threading.Semaphore(0)

    def __call__(self, asked: Question, fastest: float | None) -> tuple[Outcome, float | None]:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.begun.append(asked)
        self.fastest.append(fastest)
        self.let.acquire(timeout=20)
        self.at_once -= 1
        return self.says, 2.0 / len(self.begun)


def until(true: object) -> None:
    """Wait until a thread has come so far."""
    for _ in range(2000):
        if true():  # type: ignore[operator]
            return
        time.sleep(0.005)
    raise AssertionError("nothing happened")


def test_nobody_waits_and_one_measurement_answers_all() -> None:
    slow = Slow()
    door = Stopwatch(slow)
    assert [door.ask(ONE, visitor) for visitor in "abc"] == [None] * 3
    slow.let.release()
    until(lambda: door.ask(ONE, "a") == TOLD)
    assert door.ask(ONE, "d") == TOLD
    assert len(slow.begun) == 1
    assert slow.begun[0].visitors == {"a", "b", "c"}


def test_one_at_a_time_in_the_order_they_came() -> None:
    slow = Slow()
    door = Stopwatch(slow)
    for shapes in (ONE, TWO):
        door.ask(shapes, "a")
    until(lambda: slow.begun)
    slow.let.release(2)
    until(lambda: door.ask(TWO, "a") == TOLD)
    assert [dict(one.shapes) for one in slow.begun] == [ONE, TWO]
    assert slow.most_at_once == 1
    assert slow.fastest == [None, 2.0], "the yardstick at its fastest comes along"


def test_again_measures_again_but_not_twice_in_a_moment() -> None:
    slow, now = Slow(), [0.0]
    door = Stopwatch(slow, now=lambda: now[0])
    slow.let.release(9)
    door.ask(ONE)
    until(lambda: door.ask(ONE) == TOLD)
    door.again(ONE)
    assert door.ask(ONE) == TOLD, "it has only just been measured"
    now[0] = stopwatch.AT_LEAST
    door.again(ONE)
    assert door.ask(ONE) is None
    until(lambda: door.ask(ONE) == TOLD)
    assert len(slow.begun) == 2


@pytest.mark.parametrize(("says", "kept"), [(TOLD, stopwatch.KEPT), (Busy(), stopwatch.KEPT_TROUBLE)])
def test_an_answer_grows_old_and_trouble_sooner(says: Outcome, kept: float) -> None:
    slow, now = Slow(says), [0.0]
    door = Stopwatch(slow, now=lambda: now[0])
    slow.let.release(9)
    door.ask(ONE)
    until(lambda: door.ask(ONE) == says)
    now[0] = kept - 1
    assert door.ask(ONE) == says
    now[0] = kept
    assert door.ask(ONE) is None


def test_a_fault_is_an_answer_and_the_line_goes_on() -> None:
    def broken(asked: Question, _fastest: float | None) -> tuple[Outcome, float | None]:
        if asked.shapes == ONE:
            raise RuntimeError("no such thing")
        return TOLD, None

    door = Stopwatch(broken)
    door.ask(ONE)
    door.ask(TWO)
    until(lambda: door.ask(TWO) == TOLD)
    assert door.ask(ONE) == Failed("no such thing")


def test_what_only_those_wanted_who_have_left_is_measured_no_more() -> None:
    slow = Slow()
    door = Stopwatch(slow)
    door.ask(ONE, "a")
    until(lambda: slow.begun)
    door.ask(TWO, "b")
    door.leave("b")
    slow.let.release(9)
    until(lambda: door.ask(ONE, "a") == TOLD)
    assert [dict(one.shapes) for one in slow.begun] == [ONE]


def replaced(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(stopwatch, "command", lambda: [sys.executable, "-c", program])


def test_a_process_ends_with_the_last_who_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    replaced(monkeypatch, "import time; time.sleep(60)")
    door = Stopwatch()
    door.ask(ONE, "a")
    door.ask(ONE, "b")
    until(lambda: door._line and door._line[0].process is not None)
    process = door._line[0].process
    assert process is not None
    door.leave("a")
    assert process.poll() is None
    door.leave("b")
    until(lambda: process.poll() is not None)
    until(lambda: not door._line)


def test_one_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    replaced(monkeypatch, "import time; time.sleep(60)")
    asked = Question(ONE, {"a"})
    assert in_a_process(asked, None, patience=0.3) == (Busy(), None)
    assert asked.process is not None
    assert asked.process.poll() is not None


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("raise OSError('no room left')", "OSError: no room left"),
        ("import sys; sys.exit(3)", "exit status 3"),
        ("print('{')", "Expecting"),
        ("", "exit status 0"),
    ],
)
def test_trouble_is_told_in_the_systems_words(monkeypatch: pytest.MonkeyPatch, program: str, reason: str) -> None:
    replaced(monkeypatch, program)
    door = Stopwatch()
    door.ask(ONE, "a")
    until(lambda: door.ask(ONE, "a") is not None)
    found = door.ask(ONE, "a")
    assert isinstance(found, Failed)
    assert reason in found.reason


def test_a_python_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    outcome, _ = in_a_process(Question(ONE, {"a"}), None)
    assert isinstance(outcome, Failed)


def test_it_reads_this_package_and_nothing_of_the_folder_it_stands_in(tmp_path: Path) -> None:
    (tmp_path / "random.py").write_text("raise SystemExit('shadowed')")
    (tmp_path / "gru_viz.py").write_text("raise SystemExit('shadowed')")
    begin, _, start, root = stopwatch.command()[:1], *stopwatch.command()[1:2], *stopwatch.command()[3:]
    told = start.replace("from gru_viz.analysis.clock import serve; serve()", "import gru_viz; print(gru_viz.__file__)")
    done = subprocess.run([*begin, "-P", "-c", told, root], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).parents[1] == Path(root)


def test_its_libraries_get_one_thread_each_and_ours_keep_theirs() -> None:
    before = os.environ.get("OMP_NUM_THREADS")
    assert stopwatch._one_thread()["OMP_NUM_THREADS"] == "1"
    assert os.environ.get("OMP_NUM_THREADS") == before
