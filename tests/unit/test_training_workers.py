"""Workers: never more than there are places, first come first served, no long wait behind a long run, stop, go on."""

from __future__ import annotations

import gc
import weakref
from threading import Event, Lock, Semaphore

import pytest

from gru_viz.training.workers import Job, JobState, Workers, places_here

PATIENCE = 30.0


class Paced:
    """Work that takes a step only when the test lets it, and says when it has."""

    def __init__(self, steps: int = 10**6) -> None:
        self.allowed, self.taken = Semaphore(0), Semaphore(0)
        self.steps, self.done = steps, 0

    def __call__(self) -> bool:
        assert self.allowed.acquire(timeout=PATIENCE)
        self.done += 1
        self.taken.release()
        return self.done < self.steps

    def let(self, steps: int = 1) -> None:
        for _ in range(steps):
            self.allowed.release()
            assert self.taken.acquire(timeout=PATIENCE)


def until(workers: Workers, what: object) -> None:
    """Wait until something is so; every change in a worker's line wakes the question."""
    with workers._changed:
        assert workers._changed.wait_for(what, timeout=PATIENCE)  # type: ignore[arg-type]


def finish(*jobs: tuple[Job, Paced]) -> None:
    for job, work in jobs:
        job.stop()
        work.allowed.release()
    for job, _ in jobs:
        job.join(PATIENCE)


def started(workers: Workers, work: Paced) -> Job:
    job = Job(workers, work)
    before = len(workers._line) + len(workers._working)
    job.start()
    until(workers, lambda: len(workers._line) + len(workers._working) > before)
    return job


def test_one_place_serves_in_the_order_of_coming() -> None:
    workers, works = Workers(1), [Paced(2) for _ in range(3)]
    jobs = [started(workers, work) for work in works]
    assert [job.place for job in jobs] == [0, 1, 2]
    assert [job.state for job in jobs] == [JobState.WORKING, JobState.WAITING, JobState.WAITING]
    for index, work in enumerate(works):
        work.let(2)
        jobs[index].join(PATIENCE)
        assert jobs[index].state is JobState.DONE
        left = jobs[index + 1 :]
        until(workers, lambda left=left: len(workers._line) == max(0, len(left) - 1))
        assert [job.place for job in left] == list(range(len(left)))


def test_never_more_work_than_there_are_places() -> None:
    workers, guard, now, most = Workers(2), Lock(), 0, 0

    def step() -> bool:
        nonlocal now, most
        with guard:
            now += 1
            most = max(most, now)
        Event().wait(0.001)
        with guard:
            now -= 1
        return next(left, None) is not None

    left = iter(range(200))
    jobs = [Job(workers, step) for _ in range(6)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(PATIENCE)
    assert [job.state for job in jobs] == [JobState.DONE] * 6
    assert most == 2
    assert workers.busy() == 0


def test_a_long_run_goes_to_the_end_of_the_line_after_its_turn() -> None:
    time = [0.0]
    workers, long, short = Workers(1, turn=20.0, clock=lambda: time[0]), Paced(), Paced(1)
    first = started(workers, long)
    long.let(3)
    time[0] = 100.0
    long.let()  # alone, it goes on whatever the clock says
    assert first.state is JobState.WORKING
    second = started(workers, short)
    assert second.place == 1
    long.let()
    until(workers, lambda: second in workers._working)
    assert (first.state, first.place) == (JobState.WAITING, 1)
    short.let()
    second.join(PATIENCE)
    until(workers, lambda: first in workers._working)
    long.let()
    assert long.done == 6
    finish((first, long))


def test_stop_keeps_what_was_done_and_start_goes_on() -> None:
    workers, work = Workers(1), Paced(10)
    job = started(workers, work)
    work.let(4)
    job.stop()
    work.allowed.release()
    job.join(PATIENCE)
    assert job.state is JobState.STOPPED
    assert workers.busy() == 0
    done = work.done
    job.start()
    work.let(10 - done)
    job.join(PATIENCE)
    assert (job.state, work.done) == (JobState.DONE, 10)
    job.start()
    assert work.done == 10


def test_who_stops_while_waiting_leaves_the_line() -> None:
    workers, works = Workers(1), [Paced() for _ in range(3)]
    jobs = [started(workers, work) for work in works]
    jobs[1].stop()
    jobs[1].join(PATIENCE)
    assert jobs[1].state is JobState.STOPPED
    assert works[1].done == 0
    assert jobs[2].place == 1
    finish(*zip(jobs, works, strict=True))


def test_a_fault_frees_the_place_and_is_kept() -> None:
    def breaks() -> bool:
        raise ZeroDivisionError("no")

    workers = Workers(1)
    job = Job(workers, breaks)
    job.start()
    job.join(PATIENCE)
    assert job.state is JobState.FAILED
    assert isinstance(job.fault, ZeroDivisionError)
    assert workers.busy() == 0


def test_nothing_of_a_stopped_job_stays() -> None:
    class Heavy:
        def step(self) -> bool:
            return True

    workers, heavy = Workers(1), Heavy()
    gone = weakref.ref(heavy)
    job = Job(workers, heavy.step)
    job.start()
    job.stop()
    job.join(PATIENCE)
    del job, heavy
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize(("named", "least"), [("3", 3), ("", 1), ("0", 1), ("many", 1)])
def test_the_environment_may_say_how_many_work(named: str, least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRU_VIZ_WORKERS", named)
    assert places_here() >= least
    assert (places_here() == 3) == (named == "3")
