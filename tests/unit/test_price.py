"""What the price of being sequential is made of: points in order, bounded, and each reader what it says it is."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
import torch

import gru_viz as gv
from gru_viz.analysis import price
from gru_viz.analysis.price import Device, Point
from gru_viz.engines import compiling


@pytest.fixture
def _own_clock(monkeypatch) -> None:
    """A clock of its own: every run takes one second more than the last."""
    told: list[float] = []

    def timed(run: Callable[[], object]) -> float:
        run()
        told.append(1.0 + len(told))
        return told[-1]

    monkeypatch.setattr(price, "timer", lambda device: timed)
    monkeypatch.setattr(price, "POINT_SECONDS", 0.0)
    monkeypatch.setattr(price, "TOO_LONG", 1e9)
    monkeypatch.setitem(price.PEAK_SIDE, "cpu", 8)


def points(**options: object) -> list[Point]:
    found = list(price.prices(8, **options))  # type: ignore[arg-type]
    assert isinstance(found[0], Device)
    return [point for point in found if isinstance(point, Point)]


@pytest.mark.usefixtures("_own_clock")
def test_every_reader_at_every_length_with_its_chain() -> None:
    before = torch.random.get_rng_state()
    found = points(lengths=(1, 6))
    assert torch.equal(before, torch.random.get_rng_state())
    assert [(point.steps, point.reader) for point in found] == list(itertools.product((1, 6), price.READERS))
    assert {point.reader: point.waits for point in found if point.steps == 6} == {
        **dict.fromkeys(("GRU", "LSTM", "RNN", "MinGRU, loop"), 6),
        "MinGRU, scan": 3,
        "attention": 1,
        "convolution": 1,
    }
    assert all(point.low < point.seconds < point.high and point.runs == price.FEWEST_RUNS for point in found)


@pytest.mark.usefixtures("_own_clock")
def test_the_share_is_of_the_peak_just_found() -> None:
    device, point = price.prices(8, (6,), ("GRU",))
    assert isinstance(device, Device)
    assert isinstance(point, Point)
    assert device.peak == 2 * 8**3 / 2  # the first run warms up and takes 1
    assert point.operations == 2 * gv.cost(torch.nn.GRU(8, 8), 6).multiply_accumulates
    assert point.share == pytest.approx(point.operations / point.seconds / device.peak)
    assert point.seconds == 7  # of 6, 7, 8, after one that warmed up


@pytest.mark.usefixtures("_own_clock")
def test_who_took_too_long_is_asked_for_no_more_steps(monkeypatch) -> None:
    monkeypatch.setattr(price, "TOO_LONG", 29.0)
    found = points(lengths=(2, 4, 8), readers=("GRU", "attention"))
    assert [(point.reader, point.steps) for point in found] == [("GRU", 2), ("attention", 2), ("GRU", 4)]


@pytest.mark.usefixtures("_own_clock")
def test_who_needs_too_much_memory_is_left_out(monkeypatch) -> None:
    monkeypatch.setattr(price, "MOST_BYTES", 4 * 16 * 8 * 4)
    assert [point.steps for point in points(lengths=(2, 4, 8), readers=("RNN",))] == [2, 4]


@pytest.mark.parametrize("compiled", [False, True], ids=["torch", "compiled"])
def test_the_two_readings_of_mingru_are_one_and_the_convolution_looks_back_only(compiled: bool) -> None:
    compiling.WISH = "wait" if compiled else "off"
    if compiled and compiling.prepared() is None:
        pytest.skip("numba is not installed")
    torch.manual_seed(0)
    loop = price._by_loop(9, 8, "cpu", torch.float32)
    assert loop.how == ("compiled" if compiled else "torch")
    torch.manual_seed(0)
    scanned = price._by_scan(9, 8, "cpu", torch.float32).run()
    assert loop.operations == price._by_scan(9, 8, "cpu", torch.float32).operations
    h = loop.run().values[gv.Quantity.H]  # type: ignore[attr-defined]
    torch.testing.assert_close(h, scanned[0].detach(), atol=1e-5, rtol=1e-5)  # type: ignore[index]
    assert price._convolution(9, 8, "cpu", torch.float32).run().shape == (1, 8, 9)  # type: ignore[attr-defined]
    assert price._attention(9, 8, "cpu", torch.float32).run().shape == (1, 9, 8)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"width": 6}, "width cannot be 6"),
        ({"lengths": (4, 2)}, "ascending"),
        ({"lengths": (0,)}, "ascending"),
        ({"readers": ("transformer",)}, "no reader 'transformer'"),
    ],
)
def test_a_wrong_wish_is_said_at_the_call(options: dict, says: str) -> None:
    with pytest.raises(gv.InputError, match=says):
        price.prices(**{"width": 8} | options)
