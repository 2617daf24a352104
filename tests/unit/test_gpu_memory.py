"""On a GPU a run waits until its memory is there, lets others pass meanwhile, and training asks for repeatable kernels
only in a process of its own. No GPU is needed: what CUDA would say is a test's own."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from threading import Event

import pytest
import torch

from gru_viz.training import gpu_memory, repeatable, studies
from gru_viz.training.studies import OFFERS
from gru_viz.training.workers import Job, JobState, Workers
from tests.unit.test_training_race import FILES
from tests.unit.test_training_workers import PATIENCE, until

GIB = 2**30


def card_of(monkeypatch: pytest.MonkeyPatch, unused: int, reserved: int = 0, allocated: int = 0) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda *_: (unused, 80 * GIB))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda *_: reserved)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda *_: allocated)


def test_free_is_the_drivers_and_what_torch_keeps_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    card_of(monkeypatch, 3 * GIB, reserved=2 * GIB, allocated=GIB)
    assert gpu_memory.free() == 4 * GIB


@pytest.mark.parametrize("task", OFFERS)
def test_a_run_fits_where_its_estimate_is_free(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    study, start = OFFERS[task].make(FILES.get(task)), OFFERS[task].start
    on_cpu, on_gpu = (replace(start, device=device) for device in ("cpu", "cuda"))
    card_of(monkeypatch, 0)
    assert studies.fits(study, on_cpu)
    assert not studies.fits(study, on_gpu)
    card_of(monkeypatch, 80 * GIB)
    assert studies.fits(study, on_gpu)


def test_wider_deeper_and_more_need_more() -> None:
    task = "sunspots"
    study, start = OFFERS[task].make(FILES.get(task)), OFFERS[task].start
    one = study.card(studies.GRU, start.width, 1)
    wide, deep = study.card(studies.GRU, 4 * start.width, 1), study.card(studies.GRU, start.width, 3)
    least = gpu_memory.needed([one], 8)
    assert least > gpu_memory.MARGIN
    assert all(gpu_memory.needed(*more) > least for more in (([wide], 8), ([deep], 8), ([one, one], 8), ([one], 16)))


@pytest.mark.parametrize("cell", ["GRU", "LSTM"])
def test_the_estimate_is_more_than_a_training_step_keeps(cell: str) -> None:
    """What autograd saves in one step of the page's own training, counted on the CPU."""
    for task in ("names", "recall"):
        study, recipe = OFFERS[task].make(FILES.get(task)), replace(OFFERS[task].start, cells=(cell,))
        model = studies.untrained(study, cell, recipe)
        stored = saved_by(study.problem(model, 0).loss)
        assert stored + 16 * sum(p.numel() for p in model.parameters()) < gpu_memory.needed([model.card], study.batch)


def saved_by(loss: Callable[[], object]) -> int:
    """Bytes that autograd keeps for the backward pass."""
    kept: dict[int, int] = {}

    def keep(x: torch.Tensor) -> torch.Tensor:
        kept[x.untyped_storage().data_ptr()] = x.untyped_storage().nbytes()
        return x

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda x: x):
        loss()
    return sum(kept.values())


class Held:
    """Work that goes on until it is let go."""

    def __init__(self) -> None:
        self.begun, self.let = Event(), Event()

    def __call__(self) -> bool:
        self.begun.set()
        return not self.let.wait(0.001)


def test_who_does_not_fit_waits_and_lets_others_pass() -> None:
    workers, room = Workers(2), [True]
    first, large, small = Held(), Held(), Held()
    jobs = [Job(workers, first), Job(workers, large, lambda: not room[0]), Job(workers, small)]
    jobs[0].start()
    assert first.begun.wait(PATIENCE)
    jobs[1].start()
    until(workers, lambda: jobs[1] in workers._line)
    assert jobs[1].state is JobState.WAITING, "there is a core, but no room on the GPU"
    jobs[2].start()
    assert small.begun.wait(PATIENCE), "who fits passes"
    assert not large.begun.is_set()
    room[0] = False
    small.let.set()
    assert large.begun.wait(PATIENCE)
    for work, job in zip((first, large, small), jobs, strict=True):
        work.let.set()
        job.join(PATIENCE)
    assert [job.state for job in jobs] == [JobState.DONE] * 3


def test_alone_it_may_try_and_fail_in_its_own_words() -> None:
    def step() -> bool:
        raise torch.OutOfMemoryError("CUDA out of memory")

    job = Job(Workers(1), step, lambda: False)
    job.start()
    job.join(PATIENCE)
    assert job.state is JobState.FAILED
    assert "out of memory" in str(job.fault)


def test_room_that_becomes_free_without_a_word_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gru_viz.training.workers.LOOK", 0.01)
    workers, room, first, second = Workers(2), [False], Held(), Held()
    jobs = [Job(workers, first), Job(workers, second, lambda: room[0])]
    jobs[0].start()
    assert first.begun.wait(PATIENCE)
    jobs[1].start()
    until(workers, lambda: jobs[1] in workers._line)
    room[0] = True
    assert second.begun.wait(PATIENCE)
    for work, job in zip((first, second), jobs, strict=True):
        work.let.set()
        job.join(PATIENCE)


def test_repeatable_kernels_are_asked_for_on_cuda_only(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[bool, bool]] = []
    monkeypatch.setattr(torch, "use_deterministic_algorithms", lambda on, warn_only: asked.append((on, warn_only)))
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", torch.backends.cudnn.benchmark)
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    for device in (None, "cpu", "mps"):
        repeatable.ask_for_it(device)
    assert not asked
    assert "CUBLAS_WORKSPACE_CONFIG" not in os.environ
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG")
    repeatable.ask_for_it("cuda")
    assert asked == [(True, True)]
    assert os.environ.pop("CUBLAS_WORKSPACE_CONFIG") == repeatable.WORKSPACE
