"""The compiled loop is taken where numba is there and works, by itself and late; else torch serves as ever."""

from __future__ import annotations

import logging
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn

import gru_viz as gv
from gru_viz.engines import compiling
from gru_viz.engines.made import EngineName


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A process in which nobody has asked for the loop yet, and in which whoever asks waits for it."""
    monkeypatch.setattr(compiling, "WISH", "wait")
    monkeypatch.setattr(compiling, "_found", {})
    monkeypatch.setattr(compiling, "_taken", dict.fromkeys(compiling._taken, 0))
    return monkeypatch


def engine(rnn: nn.Module, steps: int = 3, **options: object) -> EngineName:
    weight = next(rnn.parameters())
    return gv.trace(rnn, torch.randn(steps, 1, 2, dtype=weight.dtype), **options).made.engines[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rnn", "options", "expected"),
    [
        (nn.GRU(2, 3), {}, EngineName.FUSED),
        (nn.GRU(2, 3, dtype=torch.float64), {}, EngineName.FUSED),
        (gv.GRU(2, 3, reset_after=False), {}, EngineName.FUSED),
        (nn.LSTM(2, 3, proj_size=2), {}, EngineName.FUSED),
        (nn.RNN(2, 3), {}, EngineName.FUSED),
        (gv.MinGRU(2, 3), {}, EngineName.FUSED),
        (nn.GRU(2, 3, dtype=torch.bfloat16), {}, EngineName.LOOP),
        (nn.GRU(2, 3), {"grad": True}, EngineName.TEXTBOOK),
        (nn.RNN(2, 3000), {}, EngineName.LOOP),
    ],
    ids=str,
)
@pytest.mark.usefixtures("fresh")
def test_who_is_run_by_it(rnn: nn.Module, options: dict, expected: EngineName) -> None:
    assert engine(rnn, **options) is expected


@pytest.mark.usefixtures("fresh")
def test_up_to_a_clamp_it_is_the_run_without() -> None:
    torch.manual_seed(0)
    rnn, x = nn.LSTM(2, 5, bidirectional=True), torch.randn(9, 2, 2)
    free, held = gv.trace(rnn, x), gv.trace(rnn, x, interventions=gv.clamp("c", 1.0, steps=4))
    for quantity, value in free.layer(0).values.items():
        assert torch.equal(held.layer(0).values[quantity][:4], value[:4])
    assert not torch.equal(held.layer(0).h[4], free.layer(0).h[4])


def test_nobody_waits_for_it_and_it_comes_after_some_work(fresh: pytest.MonkeyPatch) -> None:
    fresh.setattr(compiling, "WISH", "")
    rnn = nn.GRU(2, 3)
    assert engine(rnn, compiling.PATIENCE - 1) is EngineName.LOOP
    assert not compiling._found
    assert engine(rnn) is EngineName.LOOP
    for thread in threading.enumerate():
        if thread.name == "gru_viz compiling":
            thread.join()
    assert engine(rnn) is EngineName.FUSED


def test_it_can_be_forbidden(fresh: pytest.MonkeyPatch) -> None:
    fresh.setattr(compiling, "WISH", "off")
    assert compiling.prepared() is None
    assert engine(nn.GRU(2, 3), compiling.PATIENCE + 1) is EngineName.LOOP


def test_without_numba_torch_serves(fresh: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    fresh.setattr(compiling, "find_spec", lambda name: None)
    assert engine(nn.GRU(2, 3)) is EngineName.LOOP
    assert not caplog.records, "an extra that is not there is no defect"


def test_a_numba_that_does_not_work_is_said_once(fresh: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    fresh.delitem(sys.modules, "gru_viz.engines.compiled", raising=False)
    fresh.delattr(gv.engines, "compiled", raising=False)
    fresh.setattr(compiling, "find_spec", lambda name: name)
    fresh.setitem(sys.modules, "numba", None)  # its import fails
    with caplog.at_level(logging.WARNING, "gru_viz"):
        assert [engine(nn.GRU(2, 3)) for _ in range(3)] == [EngineName.LOOP] * 3
    assert len(caplog.records) == 1
    assert "torch computes the traces" in caplog.text


def test_where_nothing_can_be_cached_it_is_compiled_all_the_same(fresh: pytest.MonkeyPatch) -> None:
    from gru_viz.engines import compiled

    made, asked = compiled.kernel, []

    def without_folder(real: type, *, cached: bool) -> compiled.Kernel:
        asked.append(cached)
        if cached:
            raise RuntimeError("cannot cache function 'run': no locator available")
        return made(real, cached=True)

    fresh.setattr(compiled, "kernel", without_folder)
    assert engine(nn.GRU(2, 3)) is EngineName.FUSED
    assert asked == [True, False]


def test_numba_told_to_compile_nothing_is_not_used(fresh: pytest.MonkeyPatch) -> None:
    from numba import config

    fresh.setattr(config, "DISABLE_JIT", 1)
    assert engine(nn.GRU(2, 3)) is EngineName.LOOP


@pytest.mark.usefixtures("fresh")
def test_many_visitors_at_once_get_what_one_gets() -> None:
    torch.manual_seed(0)
    rnn, inputs = nn.GRU(4, 33, 2, bidirectional=True), [torch.randn(200, 1, 4) for _ in range(8)]
    alone = [gv.trace(rnn, x).output for x in inputs]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda x: gv.trace(rnn, x).output, inputs))
    assert all(torch.equal(one, two) for one, two in zip(alone, together, strict=True))
