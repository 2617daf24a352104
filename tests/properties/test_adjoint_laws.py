"""Laws of the adjoint: what goes back through a trace in closed form is what autograd finds.

| law | oracle |
|---|---|
| a step's Jacobians, in state and x, and the sum of its paths | autograd through `Kind.step` |
| influence, any stack, direction, layer, length, h0, clamps | autograd through the textbook, a target at a time |
| gradient flow, at h, c and x | autograd through steps that are run one by one |
| spectrum: steps, products, paths | the Jacobians multiplied out |
| a later input has no influence in a forward reader, nor an earlier one in a backward reader | zero |
| a reader held at z = 1 carries its gradient undiminished | ones |
| blocks of targets and of steps change nothing | the whole at once |
"""

from __future__ import annotations

from dataclasses import dataclass

import hypothesis.strategies as st
import pytest
import torch
from calls import MAKES
from hypothesis import given, settings
from torch import Tensor

import gru_viz as gv
from gru_viz.analysis import backwards, influence, jacobian_spectrum
from gru_viz.analysis.gradient_flow import flow
from gru_viz.analysis.jacobian_spectrum import split
from gru_viz.cells import KINDS
from gru_viz.cells.kind import unedited
from gru_viz.engines.linearised import Linearised, jacobians
from gru_viz.engines.spec_of import spec_of
from gru_viz.engines.weights import all_weights

ALL = MAKES | {
    "reset before": lambda *a, **k: gv.GRU(*a, reset_after=False, **k),
    "MinGRU": lambda *a, **k: gv.MinGRU(*a, **k),
    "MinGRU positive": lambda *a, **k: gv.MinGRU(*a, positive=True, **k),
}
EXACT = 1e-9
DOUBLE = torch.float64


@dataclass
class Given:
    rnn: torch.nn.Module
    x: Tensor
    hx: object
    lengths: list[int] | None

    def trace(self, **options: object) -> gv.Trace:
        return gv.trace(self.rnn, self.x, self.hx, self.lengths, **options)


@st.composite
def readers(draw: st.DrawFn) -> Given:
    """A stack of any cell, an input `(T, B, I)`, perhaps a first state, perhaps lengths; float64."""
    torch.manual_seed(draw(st.integers(0, 2**16)))
    make = draw(st.sampled_from(sorted(ALL)))
    inputs, layers, batch, steps = (draw(st.integers(1, most)) for most in (3, 3, 2, 6))
    units = draw(st.integers(2, 4))
    rnn = ALL[make](inputs, units, layers, bias=draw(st.booleans()), bidirectional=draw(st.booleans()))
    rnn = rnn.to(DOUBLE).eval()
    for weight in rnn.parameters():
        weight.data *= 2  # gates away from the middle
    spec = spec_of(rnn)
    hx: object = None
    if draw(st.booleans()):
        rows = layers * len(spec.directions)
        parts = tuple(torch.randn(rows, batch, width, dtype=DOUBLE) for width in KINDS[spec.cell].widths(spec))
        hx = parts if len(parts) == 2 else parts[0]
    lengths = draw(st.none() | st.lists(st.integers(1, steps), min_size=batch, max_size=batch))
    return Given(rnn, torch.randn(steps, batch, inputs, dtype=DOUBLE), hx, lengths)


@st.composite
def clamped(draw: st.DrawFn) -> tuple[Given, list[gv.Clamp]]:
    """A reader and up to two clamps anywhere in it."""
    reader = draw(readers())
    spec = spec_of(reader.rnn)
    clamps = [
        gv.clamp(
            draw(st.sampled_from([q.value for q in KINDS[spec.cell].quantities])),
            draw(st.sampled_from([0.0, 0.3, 1.0])),
            units=draw(st.sampled_from([None, [0]])),
            steps=draw(st.sampled_from([None, [0], [-1]])),
            layer=draw(st.integers(0, spec.num_layers - 1)),
            direction=draw(st.sampled_from(spec.directions)),
        )
        for _ in range(draw(st.integers(0, 2)))
    ]
    return reader, clamps


def by_autograd(reader: Given, v: Tensor | None, layer: int, batch: int, clamps: list[gv.Clamp]) -> Tensor:
    """The influence, one backward call a target, through the textbook's graph."""
    x = reader.x.clone().requires_grad_()
    trace = gv.trace(reader.rnn, x, reader.hx, reader.lengths, interventions=clamps, grad=True)
    h = torch.cat([trace.layer(layer, direction).h for direction in trace.directions], -1)[:, batch]
    if v is None:
        v = torch.nn.functional.normalize(h.detach(), dim=-1)
    rows = []
    for target in (h * v).sum(-1):
        found = torch.autograd.grad(target, x, retain_graph=True, allow_unused=True)[0]
        rows.append(torch.zeros(len(x), dtype=DOUBLE) if found is None else found[:, batch].norm(dim=-1))
    return torch.stack(rows)


def close(one: Tensor, two: Tensor, tolerance: float = EXACT) -> None:
    torch.testing.assert_close(one, two, atol=tolerance, rtol=tolerance)


@settings(max_examples=60)
@given(clamped(), st.data())
def test_influence_is_autograds(given_: tuple[Given, list[gv.Clamp]], data: st.DataObject) -> None:
    reader, clamps = given_
    trace = reader.trace(interventions=clamps)
    layer = data.draw(st.integers(-trace.num_layers, trace.num_layers - 1))
    batch = data.draw(st.integers(0, trace.batch_size - 1))
    width = trace.spec.state_size * len(trace.directions)
    v = torch.randn(len(trace), width, dtype=DOUBLE) if data.draw(st.booleans()) else None
    found = gv.influence(reader.rnn, trace, v, layer, batch=batch)
    assert not found.requires_grad
    close(found, by_autograd(reader, v, layer, batch, clamps))


@settings(max_examples=20)
@given(readers(), st.integers(1, 3))
def test_blocks_change_nothing(reader: Given, size: int) -> None:
    trace = reader.trace()
    whole = gv.influence(reader.rnn, trace)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(influence, "_targets_at_once", lambda stack: size)
        patch.setattr(backwards, "SLOPES_BYTES", 1)
        close(gv.influence(reader.rnn, trace), whole, 1e-13)


def test_a_later_input_moves_no_forward_reader_and_an_earlier_one_no_backward_reader() -> None:
    torch.manual_seed(0)
    x = torch.randn(7, 3)
    for make in ALL.values():
        rnn = make(3, 4, 2)
        found = gv.influence(rnn, gv.trace(rnn, x))
        assert not found.triu(1).any()
        assert found.tril(-1).any()
    model = gv.load("syntax-backward")
    found = gv.influence(model.rnn, model.trace("def f(x):"))
    assert not found.tril(-1).any()
    assert (found.diagonal() > 0).all()


@pytest.mark.parametrize("reset_after", [True, False])
def test_a_reader_held_at_z_one_carries_its_gradient_undiminished(reset_after: bool) -> None:
    torch.manual_seed(0)
    rnn, x = gv.GRU(3, 4, reset_after=reset_after, dtype=DOUBLE), torch.randn(30, 3, dtype=DOUBLE)
    held = gv.clamp("z", 1.0, steps=slice(5, None))
    weight = torch.randn(4, dtype=DOUBLE)
    found = gv.gradient_flow(rnn, x, lambda output: output[-1] @ weight, interventions=held)[0]
    close(found[4:], weight.norm().expand(26), 1e-14)
    assert found[0] < found[4]
    spectrum = gv.jacobian_spectrum(rnn, gv.trace(rnn, x, interventions=held))
    close(spectrum.remaining[4:], torch.ones(26, 4, dtype=DOUBLE), 1e-14)
    # The whole row of the last step: what came after step 4 was never written.
    last = gv.influence(rnn, gv.trace(rnn, x, interventions=held))[-1]
    assert not last[5:].any()
    assert (last[:5] > 0).all()


def steps_one_by_one(reader: Given) -> tuple[dict[tuple[int, int, int], Tensor], list[Tensor], Tensor, Tensor]:
    """Every sequence run alone by `Kind.step`: the state's nodes by (layer, step, sequence), x's, and the output."""
    trace, spec = reader.trace(), spec_of(reader.rnn)
    kind, weights = KINDS[spec.cell], all_weights(reader.rnn)
    places = len(spec.directions)
    x = reader.x.clone().requires_grad_()
    nodes: dict[tuple[int, int, int], list[tuple[Tensor, ...]]] = {}
    outputs = []
    for b in range(trace.batch_size):
        steps = int(trace.layers[0].mask[:, b].sum())
        inputs = list(x[:steps, b])
        for layer in range(spec.num_layers):
            columns = []
            for place in range(places):
                row = layer * places + place
                state = tuple(part[row, b] for part in trace.initial)
                column: dict[int, Tensor] = {}
                for t in range(steps)[:: -1 if trace.layers[row].direction == "backward" else 1]:
                    done = kind.step(spec, inputs[t], state, weights[row], unedited)
                    # As values of their own: what an LSTM's h reads of c is within the step.
                    state = tuple(getattr(done, q).clone() for q in kind.carried)
                    nodes.setdefault((layer, t, b), []).append(state)
                    column[t] = state[0]
                columns.append(column)
            inputs = [torch.cat([column[t] for column in columns], -1) for t in range(steps)]
        rest = [torch.zeros_like(inputs[0])] * (len(x) - steps)
        outputs.append(torch.stack([*inputs, *rest]))
    return nodes, x, torch.stack(outputs, 1)


@settings(max_examples=40)
@given(readers())
def test_gradient_flow_is_autograds(reader: Given) -> None:
    trace = reader.trace()
    weight = torch.randn(trace.output.shape, dtype=DOUBLE)
    nodes, x, output = steps_one_by_one(reader)
    close(output.detach(), trace.output)
    loss = (output * weight).tanh().sum()
    states = [(place, one) for place, several in nodes.items() for one in several]
    flat = [part for _, one in states for part in one]
    grads = torch.autograd.grad(loss, [x, *flat], allow_unused=True)
    wanted = {"h": torch.zeros(trace.num_layers, len(trace), dtype=DOUBLE)}
    wanted["state"] = wanted["h"].clone()
    parts = len(states[0][1])
    for number, ((layer, t, _), _) in enumerate(states):
        own = [0.0 if g is None else float(g.square().sum()) for g in grads[1:][number * parts : (number + 1) * parts]]
        wanted["h"][layer, t] += own[0]
        wanted["state"][layer, t] += sum(own)
    found = flow(reader.rnn, trace, lambda output: (output * weight).tanh().sum())
    close(found.h, wanted["h"].sqrt())
    close(found.state, wanted["state"].sqrt())
    close(found.x, grads[0].flatten(1).norm(dim=-1))
    by_call = gv.gradient_flow(
        reader.rnn, reader.x, lambda output: (output * weight).tanh().sum(), reader.hx, reader.lengths
    )
    assert torch.equal(by_call, found.h)


@settings(max_examples=30)
@given(readers(), st.data())
def test_the_spectrum_is_the_jacobians(reader: Given, data: st.DataObject) -> None:
    trace = reader.trace()
    kind, spec = KINDS[trace.cell], trace.spec
    layer = data.draw(st.integers(0, trace.num_layers - 1))
    direction = data.draw(st.sampled_from(trace.directions))
    place = layer * len(trace.directions) + trace.directions.index(direction)
    w, made = all_weights(reader.rnn)[place], trace.layers[place]
    found = gv.jacobian_spectrum(reader.rnn, trace, layer=layer, direction=direction)
    steps = made.mask[:, 0].nonzero().flatten().tolist()
    assert found.order.tolist() == (steps[::-1] if direction == "backward" else steps)
    widths = kind.widths(spec)

    def step(state: Tensor, x: Tensor) -> Tensor:
        done = kind.step(spec, x, tuple(state.split(list(widths))), w, unedited)
        return torch.cat([getattr(done, q) for q in kind.carried])

    each = []
    for t in found.order:
        before = torch.cat([made.previous[q][t, 0] for q in kind.carried])
        jacobian, by_input = torch.autograd.functional.jacobian(step, (before, made.x[t, 0]))
        linear = Linearised.of(spec, w, made.values, made.previous)[int(t), :1]
        close(linear.input_jacobians()[0], by_input)
        parts = split(reader.rnn, trace, int(t), layer=layer, direction=direction)
        close(sum(parts.values()), jacobian)
        close(jacobians(spec, w, made.values, made.previous)[t, 0], jacobian)
        assert list(parts) == list(found.paths)
        each.append(jacobian)
    close(found.steps, torch.linalg.svdvals(torch.stack(each)))
    product = torch.eye(sum(widths), dtype=DOUBLE)
    for row, jacobian in zip(found.running, each, strict=True):
        product = jacobian @ product
        close(row, torch.linalg.svdvals(product))
    product = torch.eye(sum(widths), dtype=DOUBLE)
    for row, jacobian in zip(found.remaining.flip(0), each[::-1], strict=True):
        close(row, torch.linalg.svdvals(product))
        product = product @ jacobian
    assert (found.remaining[:, 0].log10() <= found.log10_bound + 1e-9).all()


def test_the_split_of_a_gru_is_the_one_in_the_books() -> None:
    torch.manual_seed(0)
    rnn = gv.GRU(3, 4, dtype=DOUBLE)
    trace = gv.trace(rnn, torch.randn(5, 3, dtype=DOUBLE))
    layer, t = trace.layer(0), 3
    r, z, n, h_prev = (layer.quantity(name)[t, 0] for name in ("r", "z", "n", "h_prev"))
    w_r, w_z, w_n = rnn.weight_hh_l0.detach().chunk(3)
    q = w_n @ h_prev + rnn.bias_hh_l0.detach()[8:]
    flat = (1 - z) * (1 - n * n)
    found = split(rnn, trace, t)
    close(found["leak"], z.diag())
    close(found["z"], ((h_prev - n) * z * (1 - z)).diag() @ w_z)
    close(found["n"], (flat * r).diag() @ w_n)
    close(found["r"], (flat * q * r * (1 - r)).diag() @ w_r)
    paths = gv.jacobian_spectrum(rnn, trace).paths
    close(paths["leak"][t], z.max())


def test_a_row_without_a_direction_is_zero() -> None:
    rnn = torch.nn.RNN(2, 3, bias=False)
    x = torch.randn(4, 2)
    x[0] = 0
    found = gv.influence(rnn, gv.trace(rnn, x))
    assert not found[0].any()
    assert (found.diagonal()[1:] > 0).all()


def test_half_precision_and_far_gradients_stay_finite() -> None:
    torch.manual_seed(0)
    rnn = torch.nn.GRU(2, 3).to(torch.bfloat16)
    found = gv.influence(rnn, gv.trace(rnn, torch.randn(200, 2, dtype=torch.bfloat16)))
    assert found.dtype is torch.float32
    assert found.isfinite().all()
    flowing = gv.gradient_flow(torch.nn.RNN(2, 3), torch.randn(400, 2), lambda output: output[-1].sum())
    assert 0 < flowing[0, 100] < 1e-30  # a float32 gradient would have been lost


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda rnn, trace: gv.influence(rnn, "trace"), "trace cannot be 'trace'"),
        (lambda rnn, trace: gv.influence(rnn, trace, torch.zeros(4, 3)), "v has shape (4, 3); it asks something"),
        (lambda rnn, trace: gv.influence(rnn, trace, "log-odds"), "v cannot be 'log-odds'"),
        (lambda rnn, trace: gv.influence(rnn, trace, torch.full((5, 3), torch.nan)), "v holds nan at step 0, unit 0"),
        (lambda rnn, trace: gv.influence(rnn, trace, layer=1), "There is no layer 1"),
        (lambda rnn, trace: gv.influence(rnn, trace, batch=1), "There is no sequence 1"),
        (lambda rnn, trace: gv.influence(torch.nn.GRU(2, 4), trace), "The trace is of a GRU(2, 3, 1)"),
        (
            lambda rnn, trace: gv.gradient_flow(rnn, torch.zeros(5, 2), lambda output: 1.0),
            "What loss_fn returns cannot",
        ),
        (
            lambda rnn, trace: gv.gradient_flow(rnn, torch.zeros(5, 2), lambda output: torch.zeros(())),
            "What loss_fn returns does not depend on the output",
        ),
        (lambda rnn, trace: gv.jacobian_spectrum(rnn, trace, direction="backward"), "There is no direction"),
        (lambda rnn, trace: split(rnn, trace, 5), "There is no step 5: this sequence has 5"),
    ],
)
def test_what_does_not_fit_is_said(ask, says: str) -> None:
    rnn = torch.nn.GRU(2, 3)
    with pytest.raises(gv.InputError) as error:
        ask(rnn, gv.trace(rnn, torch.zeros(5, 2)))
    assert str(error.value).startswith(says)


def test_what_would_not_fit_into_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rnn = torch.nn.GRU(2, 3, 2)
    trace = gv.trace(rnn, torch.zeros(9, 2))
    with monkeypatch.context() as patch:
        patch.setattr(influence, "RESULT_BYTES", 4 * 8 * 8)
        with pytest.raises(gv.InputError, match=r"The influence of 9 steps .* 9 × 9; at most 8 steps fit"):
            gv.influence(rnn, trace)
    with monkeypatch.context() as patch:
        patch.setattr(influence, "BLOCK_BYTES", 2 * 9 * 3 * 4 - 1)
        with pytest.raises(gv.InputError, match="Layers of 3 inputs over 9 steps"):
            gv.influence(rnn, trace)
    with monkeypatch.context() as patch:
        patch.setattr(jacobian_spectrum, "LARGEST_BYTES", 8 * 3 * 3 - 1)
        with pytest.raises(gv.InputError, match="One Jacobian of 3 × 3"):
            gv.jacobian_spectrum(rnn, trace)
