"""Laws of Newton's method over a whole sequence: it ends where the loop does, and truth walks in from the front.

| law | oracle |
|---|---|
| a tangent, and the adjoint, is the step's derivative: diagonal, and applied in turn | autograd, float64 |
| the last iterate = the loop, both forms, any make, layers, directions, lengths | the module's own call |
| after k rounds the first k steps read are exact | the loop |
| MinGRU is linear: one round | the module's own call |
| a state that runs away is put back: no NaN, the front and the end as before | the loop |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

import gru_viz as gv
from gru_viz.analysis import newton
from gru_viz.analysis.tangent import tangent
from gru_viz.cells import KINDS
from gru_viz.cells.kind import unedited
from gru_viz.engines.linearised import jacobians
from gru_viz.engines.spec_of import spec_of
from gru_viz.engines.weights import all_weights

MAKES: dict[str, Callable[..., Any]] = {
    "GRU": nn.GRU,
    "reset before": lambda *a, **k: gv.GRU(*a, reset_after=False, **k),
    "LSTM": nn.LSTM,
    "LSTM projected": lambda *a, **k: nn.LSTM(*a, proj_size=2, **k),
    "RNN tanh": nn.RNN,
    "RNN relu": lambda *a, **k: nn.RNN(*a, nonlinearity="relu", **k),
    "MinGRU": gv.MinGRU,
}
FORMS = newton.FORMS


def made(make: str, layers: int = 1, *, both: bool = False, seed: int = 0, units: int = 4) -> Any:
    torch.manual_seed(seed)
    return MAKES[make](3, units, layers, bidirectional=both).double()


def state_of(rnn: Any, batch: int) -> Any:
    spec = spec_of(rnn)
    rows = spec.num_layers * len(spec.directions)
    parts = [torch.randn(rows, batch, width, dtype=torch.float64) for width in KINDS[spec.cell].widths(spec)]
    return tuple(parts) if len(parts) == 2 else parts[0]


@settings(max_examples=2)
@given(seed=st.integers(0, 2**16))
@pytest.mark.parametrize("make", MAKES)
def test_a_tangent_is_the_derivative_of_the_step(make: str, seed: int) -> None:
    rnn = made(make, seed=seed)
    spec, w = spec_of(rnn), all_weights(rnn)[0]
    kind, steps = KINDS[spec.cell], 3
    x = torch.randn(steps, 1, 3, dtype=torch.float64)
    state = tuple(torch.randn(steps, 1, width, dtype=torch.float64) for width in kind.widths(spec))
    done = kind.step(spec, x, state, w, unedited)
    found = tangent(spec, w, done, state)
    whole = []
    for t in range(steps):

        def step(*parts: Tensor, t: int = t) -> Tensor:
            one = kind.step(spec, x[t, 0], parts, w, unedited)
            return torch.cat([getattr(one, q) for q in kind.carried])

        parts = torch.autograd.functional.jacobian(step, tuple(part[t, 0] for part in state))
        whole.append(torch.cat(parts, -1))
    values = {quantity: getattr(done, quantity) for quantity in kind.quantities}
    adjoint = jacobians(spec, w, values, dict(zip(kind.carried, state, strict=True)))[:, 0]
    torch.testing.assert_close(adjoint, torch.stack(whole), atol=1e-12, rtol=1e-12)
    diagonal = torch.cat(found.diagonal(), -1)[:, 0]
    torch.testing.assert_close(diagonal, torch.stack([one.diagonal() for one in whole]), atol=1e-12, rtol=1e-12)
    residual = tuple(torch.randn_like(part) for part in state)
    moved, wanted = torch.zeros(sum(kind.widths(spec)), dtype=torch.float64), []
    for one, by in zip(whole, torch.cat(residual, -1)[:, 0], strict=True):
        moved = one @ moved + by
        wanted.append(moved)
    torch.testing.assert_close(
        torch.cat(found.applied(residual), -1)[:, 0], torch.stack(wanted), atol=1e-10, rtol=1e-10
    )


@settings(max_examples=3)
@given(st.integers(1, 2), st.booleans(), st.integers(1, 9), st.integers(1, 2), st.booleans(), st.integers(0, 2**16))
@pytest.mark.parametrize("make", MAKES)
def test_it_ends_where_the_loop_does_and_truth_walks_in_from_the_front(
    make: str, layers: int, both: bool, steps: int, batch: int, started: bool, seed: int
) -> None:
    rnn = made(make, layers, both=both, seed=seed)
    x = 2 * torch.randn(steps, batch, 3, dtype=torch.float64)
    hx = state_of(rnn, batch) if started else None
    with torch.no_grad():
        wanted = rnn(x, hx)[0]
    for form in FORMS:
        found = gv.solve(rnn, x, hx, form=form, tolerance=1e-12)
        assert found.converged
        torch.testing.assert_close(found.iterates[-1], wanted, atol=1e-8, rtol=1e-8)
        for layer in found.layers:
            assert layer.rounds <= steps
            assert len(layer.kept) == len(layer.residuals) == len(layer.errors) == layer.rounds + 1
            exact = layer.exact(1e-8)
            assert all(front >= min(number, steps) for number, front in enumerate(exact)), exact
            assert exact[-1] == steps
            assert make != "MinGRU" or layer.rounds == 1
    default = gv.solve(rnn, x, hx)
    torch.testing.assert_close(default.iterates[-1], wanted, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("make", ["GRU", "LSTM projected"])
def test_lengths_and_packing_are_the_modules(make: str) -> None:
    rnn, lengths = made(make, 2, both=True), [3, 9, 6]
    x = torch.randn(9, 3, 3, dtype=torch.float64)
    wanted = gv.trace(rnn, x, None, lengths)
    packed = pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    for found in (gv.solve(rnn, x, None, lengths), gv.solve(rnn, packed, form="full")):
        torch.testing.assert_close(found.iterates[-1], wanted.output, atol=1e-6, rtol=1e-6)
        assert not found.iterates[:, 3:, 0].any()
        backward = found.layer(1, "backward")
        torch.testing.assert_close(backward.iterates[-1], wanted.layer(1, "backward").h, atol=1e-6, rtol=1e-6)


def test_a_backward_readers_front_walks_in_from_the_end() -> None:
    rnn = made("GRU", both=True)
    found = gv.solve(rnn, torch.randn(12, 1, 3, dtype=torch.float64), rounds=3, tolerance=1e-14)
    ahead, back = found.layers
    assert (ahead.errors[3, :3] < 1e-12).all()
    assert (back.errors[3, -3:] < 1e-12).all()
    assert back.errors[3, 0] > 1e-12
    assert not found.converged
    assert back.exact(1e-12)[3] < 12
    assert back.rounds_to(1e-12) is None


@pytest.mark.parametrize("form", FORMS)
def test_what_runs_away_is_put_back_and_the_end_is_the_loops(form: newton.Form, monkeypatch) -> None:
    rnn = made("GRU", units=12)
    with torch.no_grad():
        rnn.weight_hh_l0 *= 12
    x = torch.randn(40, 2, 3, dtype=torch.float64)
    wild = gv.solve(rnn, x, form=form, tolerance=1e-12)
    assert wild.converged
    assert wild.layers[0].largest.max() > 100  # beyond anything a GRU's state can be
    monkeypatch.setattr(newton, "FARTHEST", 3.0)
    held = gv.solve(rnn, x, form=form, tolerance=1e-12)
    assert sum(held.layers[0].put_back) > 0 == sum(wild.layers[0].put_back)
    assert held.layers[0].largest.max() <= 3
    assert all(front >= number for number, front in enumerate(held.layers[0].exact(1e-9)))
    torch.testing.assert_close(held.iterates[-1], wild.iterates[-1], atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize("form", FORMS)
def test_beyond_any_float_there_is_no_nan(form: newton.Form) -> None:
    rnn = made("RNN tanh", units=6)
    with torch.no_grad():
        rnn.weight_hh_l0.mul_(60)
    # From the first guess of 0 every Jacobian is W itself: its powers leave float64 within these steps.
    found = gv.solve(rnn, 1e-9 * torch.randn(300, 1, 3, dtype=torch.float64), form=form, rounds=12)
    layer = found.layers[0]
    assert layer.put_back[0] > 0
    assert layer.iterates.isfinite().all()
    assert layer.errors.isfinite().all()
    assert all(front >= number for number, front in enumerate(layer.exact()))


def test_waits_count_the_scans_levels() -> None:
    assert [newton.waits_a_round(steps) for steps in (1, 2, 3, 54, 64, 65)] == [1, 2, 3, 7, 7, 8]
    rnn = made("GRU", 2, both=True)
    found = gv.solve(rnn, torch.randn(54, 1, 3, dtype=torch.float64))
    one, two, three, four = (layer.rounds for layer in found.layers)
    assert found.rounds == max(one, two) + max(three, four)
    assert found.waits == 7 * found.rounds
    assert found.loop_waits == 108
    assert found.iterates.shape == (max(three, four) + 1, 54, 1, 8)


def test_of_too_many_iterates_some_are_kept_and_said(monkeypatch) -> None:
    rnn, x = made("LSTM"), torch.randn(20, 1, 3, dtype=torch.float64)
    every = gv.solve(rnn, x).layers[0]
    monkeypatch.setattr(newton, "KEPT_BYTES", 6 * 20 * 8 * 8)
    some = gv.solve(rnn, x).layers[0]
    assert some.rounds == every.rounds > 8
    assert len(some.kept) <= 6
    assert (some.kept[0], some.kept[-1]) == (0, some.rounds)
    for quantity, values in some.values.items():
        assert torch.equal(values, every.values[quantity][list(some.kept)])
    assert torch.equal(some.errors, every.errors)


def test_it_can_be_stopped_between_rounds() -> None:
    rnn, x = made("GRU", 2), torch.randn(20, 1, 3, dtype=torch.float64)
    asked: list[int] = []

    def enough() -> bool:
        asked.append(1)
        return len(asked) > 2

    found = gv.solve(rnn, x, cancelled=enough)
    assert [layer.rounds for layer in found.layers] == [2, 0]
    assert not found.converged


def test_float32_is_solved_beyond_its_own_rounding_and_kept_as_it_is() -> None:
    model = gv.load("names")
    found = gv.solve(model.rnn, model.embed(model.encode("rossellini")).detach())
    assert found.iterates.dtype is torch.float32
    assert found.layers[0].errors[-1].max() < 1e-8
    assert model.predict(model.trace("rossellini")).shape[0] == found.iterates.shape[1]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"form": "half"}, "form cannot be 'half'"),
        ({"rounds": 0}, "rounds cannot be 0"),
        ({"tolerance": 0.0}, "tolerance cannot be 0.0"),
    ],
)
def test_a_wrong_wish_is_said(options: dict[str, Any], says: str) -> None:
    with pytest.raises(gv.InputError, match=says):
        gv.solve(made("GRU"), torch.zeros(2, 3, dtype=torch.float64), **options)


def test_more_than_memory_holds_is_refused_with_what_would_fit(monkeypatch) -> None:
    monkeypatch.setattr(newton, "WORK_BYTES", 2**17)
    with pytest.raises(gv.InputError, match="at most 85 steps"):
        gv.solve(made("GRU"), torch.zeros(100, 3, dtype=torch.float64))
