"""An LSTM's c by doubling is its c step by step: any length, direction, mask, and gates of exactly 0 and 1."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

import gru_viz as gv
from gru_viz.engines import recover, scan
from gru_viz.engines.carried import Carried


def cells_of(added: Tensor, initial: Tensor, *, reverse: bool) -> Carried:
    cells = Carried.empty(len(added), initial, reverse=reverse)
    cells.now.copy_(added)
    return cells


def alive_of(lengths: list[int], steps: int) -> Tensor:
    return torch.arange(steps)[:, None] < torch.tensor(lengths)


@st.composite
def problems(draw: st.DrawFn) -> tuple[Tensor, Tensor, Tensor, Tensor | None, bool]:
    steps, batch, units = draw(st.integers(0, 70)), draw(st.integers(1, 3)), draw(st.integers(1, 4))
    dice = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    forget = torch.rand(steps, batch, units, generator=dice, dtype=torch.float64)
    kind = torch.rand(steps, batch, units, generator=dice)
    forget[kind < draw(st.sampled_from([0.0, 0.2, 1.0]))] = draw(st.sampled_from([0.0, 1.0, 5e-324, 1e-300]))
    added = torch.randn(steps, batch, units, generator=dice, dtype=torch.float64) * draw(st.sampled_from([1.0, 1e3]))
    initial = torch.randn(batch, units, generator=dice, dtype=torch.float64)
    lengths = draw(st.none() | st.lists(st.integers(0, max(steps, 0)), min_size=batch, max_size=batch))
    alive = None if lengths is None else alive_of(lengths, steps)
    return forget, added, initial, alive, draw(st.booleans())


@settings(deadline=None)
@given(problem=problems(), block=st.sampled_from([1, 2, 7, 64, 1024]))
def test_doubling_is_step_by_step(problem: tuple[Tensor, Tensor, Tensor, Tensor | None, bool], block: int) -> None:
    forget, added, initial, alive, reverse = problem
    one, two = (cells_of(added, initial, reverse=reverse) for _ in range(2))
    scan.step_by_step(one, forget, alive, initial)
    before = scan.BLOCK
    scan.BLOCK = block
    try:
        scan.doubling(two, forget, alive, initial)
    finally:
        scan.BLOCK = before
    torch.testing.assert_close(two.slots, one.slots, rtol=1e-11, atol=1e-9)


def test_a_unit_that_only_counts_and_one_that_forgets_at_once() -> None:
    """f = 1 adds up two thousand steps; f = 0 keeps nothing of what came before; float32 like a real trace."""
    forget = torch.stack([torch.ones(2000), torch.zeros(2000), torch.full((2000,), 0.999)], -1).unsqueeze(1)
    added = torch.ones(2000, 1, 3)
    for reverse in (False, True):
        cells = cells_of(added, torch.zeros(1, 3), reverse=reverse)
        scan.doubling(cells, forget, None, torch.zeros(1, 3))
        last = cells.now[0 if reverse else -1, 0]
        assert last[:2].tolist() == [2000, 1]
        assert last[2].item() == pytest.approx((1 - 0.999**2000) / 0.001, rel=1e-4)


class Launches(TorchDispatchMode):
    """Counts what a device would be asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        del types
        if "view" not in str(func) and not any(name in str(func) for name in ("slice", "select", "unsqueeze")):
            self.count += 1
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("lengths", [None, [300, 1000]])
def test_a_device_is_asked_a_few_times_not_once_a_step(lengths: list[int] | None) -> None:
    forget, initial = torch.rand(1000, 2, 3, device="meta"), torch.zeros(2, 3, device="meta")
    alive = None if lengths is None else alive_of(lengths, 1000).to("meta")
    cells = cells_of(torch.rand(1000, 2, 3, device="meta"), initial, reverse=True)
    with Launches() as seen:
        scan.scan(cells, forget, alive, initial)
    assert seen.count < 100, "about five for each of ten doublings"


@pytest.mark.parametrize("reverse", [False, True])
def test_a_trace_by_the_devices_path_is_the_cpus(reverse: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    rnn = nn.LSTM(4, 6, 2, bidirectional=reverse).eval()
    x, lengths = torch.randn(40, 3, 4), [40, 7, 1]
    expected = gv.trace(rnn, x, lengths=lengths)
    monkeypatch.setattr(recover, "scan", scan.doubling)
    found = gv.trace(rnn, x, lengths=lengths)
    for one, two in zip(expected.layers, found.layers, strict=True):
        for quantity, value in one.values.items():
            torch.testing.assert_close(two.values[quantity], value, atol=2e-6, rtol=0)


def test_a_temporary_fits_the_cache_of_a_cpu_and_the_free_memory_of_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    assert recover.chunk(torch.zeros(3)) == recover.CHUNK
    gpu = SimpleNamespace(device=torch.device("cuda"), element_size=lambda: 4)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (64 * 2**30, 80 * 2**30))
    assert recover.chunk(gpu) == 4 * 2**30, "16 GiB of float32"  # type: ignore[arg-type]
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (1000, 80 * 2**30))
    assert recover.chunk(gpu) == recover.CHUNK, "a full card takes small pieces"  # type: ignore[arg-type]
    assert recover.chunk(torch.zeros(1000, 1000, device="meta")) == 1_000_000
