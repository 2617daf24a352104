"""A time is told only where it can be believed: fake machines, idle and busy, of which the truth is known."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from gru_viz.analysis import clock
from gru_viz.analysis.clock import AGREE, BUDGET, RUNS, Shape, measure, shape_of
from gru_viz.analysis.stopwatch import Busy, Measured, Question, _one_thread, command, in_a_process
from gru_viz.errors import InputError
from gru_viz.tracing.modules import GRU, BackwardGRU

TRUE = {"rnn": 0.5e-3, "lstm": 0.3e-3, "gru": 0.9e-3}
YARDSTICK = 0.4e-3


class Machine:
    """A machine with a wall clock of its own, on which every run takes its true time, times what disturbs it.

    Args:
        disturbed: (seconds on the wall clock, dice) -> by what factor a run is longer than the truth; never below 1.
    """

    def __init__(self, disturbed: Callable[[float, random.Random], float], seed: int = 0) -> None:
        self.wall = 0.0
        self.disturbed, self.dice = disturbed, random.Random(seed)

    def work(self, true: float) -> Callable[[], float]:
        def run() -> float:
            took = true * self.disturbed(self.wall, self.dice)
            self.wall += took
            return took

        return run

    def measured(self, fastest: float | None = None, budget: float = BUDGET) -> dict[str, float] | None:
        works = {name: self.work(true) for name, true in TRUE.items()}
        found = measure(works, self.work(YARDSTICK), fastest, now=lambda: self.wall, budget=budget)
        return None if found is None else {name: one.seconds for name, one in found.runs.items()}


def near(found: dict[str, float], factor: float) -> bool:
    return all(TRUE[name] <= seconds <= factor * TRUE[name] for name, seconds in found.items())


def test_an_idle_machine_tells_the_truth_in_two_batches() -> None:
    machine = Machine(lambda wall, dice: 1 + 0.02 * dice.random())
    found = machine.measured()
    assert found is not None
    assert near(found, 1.02)
    once = sum(TRUE.values()) + YARDSTICK
    assert machine.wall < (2 * RUNS + 2) * once * 1.03


@pytest.mark.parametrize("seed", range(5))
def test_four_of_five_runs_pushed_aside_change_nothing(seed: int) -> None:
    """A run that lost its core for a while takes up to seventy times as long: 231 to 16,556 µs was one such machine."""
    machine = Machine(lambda wall, dice: dice.uniform(2, 70) if dice.random() < 0.8 else 1 + 0.05 * dice.random(), seed)
    found = machine.measured()
    assert found is not None
    assert near(found, 1.1)


def test_a_module_that_wanders_beside_a_steady_yardstick_gets_no_figure() -> None:
    """Another program takes the cache in turns: the small yardstick does not feel it, the modules do."""
    steady = Machine(lambda wall, dice: 1.0)
    runs = iter(range(10**9))

    def gru() -> float:
        steady.wall += 1e-3
        return 1e-3 * (1 + (next(runs) - 1) // RUNS % 2)

    assert measure({"gru": gru}, steady.work(YARDSTICK), now=lambda: steady.wall, budget=1.0) is None


@pytest.mark.parametrize("seed", range(5))
def test_a_machine_whose_speed_wanders_is_too_busy_to_tell(seed: int) -> None:
    """Every batch is slower or faster than the one before: no two agree."""
    spell = (sum(TRUE.values()) + YARDSTICK) * RUNS
    machine = Machine(lambda wall, dice: 1 + 3 * (int(wall / spell) % 2) + dice.random(), seed)
    found = machine.measured(budget=2.0)
    assert found is None or near(found, 1.5)
    assert machine.wall < 2.0 + 8 * spell, "the budget is kept"


def test_an_even_load_that_two_batches_agree_about_shows_on_the_yardstick() -> None:
    slow = Machine(lambda wall, dice: 2.0)
    assert slow.measured(fastest=YARDSTICK, budget=2.0) is None
    assert Machine(lambda wall, dice: 1.2).measured(fastest=YARDSTICK, budget=2.0) is not None


def test_a_load_that_ends_meanwhile_is_waited_out() -> None:
    machine = Machine(lambda wall, dice: 1.0 if wall > 1 else 4.0 + 2 * dice.random())
    found = machine.measured(fastest=YARDSTICK)
    assert found is not None
    assert near(found, 1.0001)


def test_what_is_said_of_a_figure_is_how_far_two_batches_differ() -> None:
    machine = Machine(lambda wall, dice: 1 + 0.2 * dice.random(), 3)
    works = {"gru": machine.work(TRUE["gru"])}
    found = measure(works, machine.work(YARDSTICK), now=lambda: machine.wall)
    assert found is not None
    assert 0 <= found.runs["gru"].doubt <= AGREE


def test_a_clock_that_stands_still_gives_no_figure() -> None:
    ticks = iter(range(10**9))
    assert measure({"gru": lambda: 0.0}, lambda: 0.0, now=lambda: float(next(ticks)), budget=5) is None


@pytest.mark.parametrize(
    ("rnn", "told"),
    [
        (nn.GRU(3, 5, 2, bidirectional=True), Shape("GRU", 3, 5, 2, bidirectional=True)),
        (nn.LSTM(3, 5, proj_size=2, bias=False), Shape("LSTM", 3, 5, bias=False, proj_size=2)),
        (nn.RNN(3, 5, nonlinearity="relu").double(), Shape("RNN", 3, 5, nonlinearity="relu", dtype="float64")),
        (BackwardGRU(3, 5), Shape("BackwardGRU", 3, 5)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_shape_is_the_modules_and_so_is_what_runs(rnn: nn.RNNBase, told: Shape) -> None:
    assert shape_of(rnn) == told
    made = clock._forward(told).args[0]  # type: ignore[attr-defined]
    assert type(made) is type(rnn)
    assert {n: (p.shape, p.dtype) for n, p in made.named_parameters()} == {
        n: (p.shape, p.dtype) for n, p in rnn.named_parameters()
    }


def test_what_cannot_be_timed_is_named() -> None:
    with pytest.raises(InputError, match="Linear cannot be timed"):
        shape_of(nn.Linear(2, 2))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="GRU cannot be timed"):
        shape_of(GRU(2, 2, reset_after=False))


def test_onednn_is_off_only_where_it_is_asked_and_only_while_it_runs() -> None:
    seen = []
    before = torch.backends.mkldnn.enabled
    for onednn in (True, False):
        lstm = nn.LSTM(3, 4)
        lstm.register_forward_pre_hook(lambda *_: seen.append(torch.backends.mkldnn.enabled))
        clock._run(lstm, torch.zeros(2, 1, 3), onednn)
    assert seen == [before, False]
    assert torch.backends.mkldnn.enabled == before


class FakeCuda:
    """What `torch.cuda` has of streams and events: each stream counts its own work."""

    def __init__(self) -> None:
        self.streams: list[Any] = []
        self.current: Any = None
        outer = self

        class Stream:
            def __init__(self) -> None:
                self.done = 0.0
                outer.streams.append(self)

        class Event:
            def __init__(self, enable_timing: bool = False) -> None:
                assert enable_timing

            def record(self, stream: Any) -> None:
                self.at = stream.done

            def synchronize(self) -> None:
                """Waits for its own stream only."""

            def elapsed_time(self, end: Any) -> float:
                return 1000 * (end.at - self.at)

        self.Stream, self.Event = Stream, Event

    def stream(self, stream: Any) -> Any:
        outer = self

        class Within:
            def __enter__(self) -> None:
                outer.current = stream

            def __exit__(self, *_: object) -> None:
                outer.current = None

        return Within()

    def synchronize(self, *_: object) -> None:
        raise AssertionError("other visitors' work was waited for")


def test_on_cuda_only_the_stream_of_ones_own_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = FakeCuda()
    monkeypatch.setattr(clock.torch, "cuda", cuda)
    timed = clock.clock_of("cuda")
    other = cuda.Stream()

    def work() -> None:
        other.done += 5.0  # another visitor's
        cuda.current.done += 0.002

    assert timed(work) == pytest.approx(0.002)
    assert timed(work) == pytest.approx(0.002)
    assert len(cuda.streams) == 2, "one stream for all runs"


def test_on_the_cpu_other_programs_time_is_not_counted() -> None:
    if sys.platform == "win32":
        pytest.skip("Windows has no processor time fine enough")
    timed = clock.clock_of("cpu")
    waits = subprocess.run  # waiting costs no processor time
    took = timed(lambda: waits([sys.executable, "-c", "import time; time.sleep(0.5)"], check=True))
    assert took < 0.4


def test_a_process_of_its_own_measures_and_leaves_this_one_alone() -> None:
    """The figures are positive and the small module is faster; nothing of this process is another than before."""
    shapes = {"small": shape_of(nn.GRU(1, 1)), "large": shape_of(nn.GRU(400, 400)), "off": Shape("LSTM", 8, 8)}
    before = torch.get_num_threads(), torch.backends.mkldnn.enabled, torch.get_rng_state()
    outcome, yardstick = in_a_process(Question(shapes, {"me"}), None)
    assert (torch.get_num_threads(), torch.backends.mkldnn.enabled) == before[:2]
    assert torch.equal(torch.get_rng_state(), before[2])
    if isinstance(outcome, Busy):
        assert yardstick is None
        return
    assert isinstance(outcome, Measured)
    assert 0 < outcome.times["small"].seconds < outcome.times["large"].seconds
    assert all(0 <= one.doubt <= AGREE for one in outcome.times.values())
    assert yardstick is not None
    assert yardstick > 0


def test_one_thread_is_one_thread() -> None:
    """Processor time of all threads is no more than the wall time: nobody else of that process computes."""
    ask = (
        "import time, torch; from gru_viz.analysis import clock; "
        "torch.set_num_threads(1); run = clock._forward(clock.Shape('LSTM', 256, 256)); run(); "
        "a, b = time.perf_counter(), time.process_time(); [run() for _ in range(20)]; "
        "print(torch.get_num_threads(), (time.process_time() - b) / (time.perf_counter() - a))"
    )
    start = command()
    out = subprocess.run(
        [*start[:2], "-c", f"import sys; sys.path.insert(0, sys.argv[1]); {ask}", start[-1]],
        env=_one_thread(), capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert out[0] == "1"
    assert float(out[1]) < 1.2


def test_the_answer_is_json_and_a_busy_machine_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = {"gru": Shape("GRU", 2, 3, steps=4)}
    assert json.loads(clock.question(shapes, 0.5)) == {
        "shapes": {"gru": dict(vars(shapes["gru"]))},
        "fastest": 0.5,
    }
    monkeypatch.setattr(clock, "measure", lambda *a, **k: None)
    assert clock.answer(shapes) == {"times": None}
    monkeypatch.setattr(
        clock, "measure", lambda *a, **k: clock.Batches({"gru": clock.Timing(8e-6, 0.01)}, SimpleNamespace())
    )
    assert clock.answer(shapes)["times"] == {"gru": (2e-6, 0.01)}
