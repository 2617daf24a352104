"""The fast engine on CPU: one GEMM for all input terms, then a loop over time that writes straight into the trace.

What makes it as fast as PyTorch's own forward, which records nothing:

* the input terms of all steps come from one matrix product, written into the buffers that become the gates;
* each step adds its recurrent term *in place* (`addmm_`, or `addmv_` where the batch is one) and squashes in place;
* the loop runs in inference mode on aliases of ordinary tensors, which skips autograd's bookkeeping on every call
  while what the caller receives stays usable under autograd;
* per-step views are cut once per buffer (`unbind`), not once per use.

Gates sit side by side where one call can serve several of them: `(T, B, 2H)` for r and z, `(T, B, 4H)` for the
LSTM's four. Reset-before GRUs, clamps and autograd take `textbook.py`; CUDA takes `recover.py`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor

from gru_viz.cells import GRU
from gru_viz.cells.kind import Weights
from gru_viz.cells.quantities import Cell, Quantity
from gru_viz.cells.spec import Spec
from gru_viz.engines.carried import Carried, Pass
from gru_viz.engines.products import write_product


def run(
    spec: Spec, weights: Weights, x: Tensor, state: tuple[Tensor, ...], alive: Tensor | None, *, reverse: bool
) -> Pass:
    """Runs one layer in one direction; signature and meaning as `engines.run.Engine` says."""
    hold = _Hold(alive) if alive is not None and reverse else None
    return LOOPS[spec.cell](spec, weights, x, state, hold, reverse)


@contextlib.contextmanager
def _without_bookkeeping(on_cpu: bool) -> Iterator[None]:
    with torch.inference_mode() if on_cpu else torch.no_grad():
        yield


def _alias(tensor: Tensor) -> Tensor:
    """The same memory as a tensor of the current mode; one sequence alone loses its batch dimension."""
    seen = torch.from_dlpack(tensor) if tensor.device.type == "cpu" else tensor
    return seen.squeeze(1) if seen.shape[1] == 1 else seen


MANY_ROWS = 16
"""From this many step-rows per unit a transposed copy of the weights is small beside the trace, and pays."""


def _columns(weight: Tensor, steps: int, batch: int) -> Tensor:
    """weight.T; as a plain matrix, which MKL multiplies by somewhat faster, where the copy is worth its memory."""
    return weight.t().contiguous() if steps * batch > MANY_ROWS * weight.shape[1] else weight.t()


def _adder(weight: Tensor, steps: int, batch: int) -> Callable[[Tensor, Tensor], Tensor]:
    """(out, h) -> out += h @ weight.T, in place: a matrix-vector product where the batch is one."""
    if batch == 1:
        return lambda out, h: out.addmv_(weight, h)
    columns = _columns(weight, steps, batch)
    return lambda out, h: out.addmm_(h, columns)


def _product(weight: Tensor, bias: Tensor, steps: int, batch: int) -> Callable[[Tensor], Tensor]:
    """h -> h @ weight.T + bias, always into the same scratch tensor."""
    if batch == 1:
        scratch = torch.empty_like(bias)
        return lambda h: torch.addmv(bias, weight, h, out=scratch)
    scratch, columns = bias.new_empty(batch, bias.shape[0]), _columns(weight, steps, batch)
    return lambda h: torch.addmm(bias, h, columns, out=scratch)


def _projection(weight: Tensor, batch: int) -> Callable[[Tensor, Tensor], Tensor]:
    """(value, out) -> out = value @ weight.T."""
    if batch == 1:
        return lambda value, out: torch.mv(weight, value, out=out)
    return lambda value, out: torch.mm(value, weight.t(), out=out)


def _steps(*buffers: Tensor, reverse: bool) -> Iterable[tuple[Tensor, ...]]:
    """The buffers' views step by step, in the order the pass reads them."""
    cut = [buffer.unbind(0) for buffer in buffers]
    return zip(*((views[::-1] for views in cut) if reverse else cut), strict=True)


class _Hold:
    """Keeps a finished sequence of a padded batch at its initial state until a backward pass reaches its last step."""

    def __init__(self, alive: Tensor) -> None:
        self._alive = iter(_alias(alive.unsqueeze(-1)).flip(0))

    def __call__(self, *pairs: tuple[Tensor, Tensor]) -> None:
        alive = next(self._alive)
        for value, initial in pairs:
            torch.where(alive, value, initial, out=value)


def _gru(spec: Spec, w: Weights, x: Tensor, state: tuple[Tensor, ...], hold: _Hold | None, reverse: bool) -> Pass:
    (steps, batch, _), size = x.shape, spec.hidden_size
    gates, candidate = x.new_empty(steps, batch, 2 * size), x.new_empty(steps, batch, size)
    memory = Carried.empty(steps, state[0], reverse=reverse)
    with _without_bookkeeping(x.device.type == "cpu"):
        ih, hh, bias = (GRU.part(part, Quantity.R, Quantity.Z) for part in (w.ih, w.hh, w.b_ih + w.b_hh))
        n_ih, n_hh, n_b_ih, n_b_hh = (GRU.part(part, Quantity.N) for part in w[:4])
        write_product(gates, x, ih, bias)
        write_product(candidate, x, n_ih, n_b_ih)
        add_recurrent, recurrent = _adder(hh, steps, batch), _product(n_hh, n_b_hh, steps, batch)
        seen = _alias(gates)
        views = (seen, *seen.chunk(2, -1), _alias(candidate), _alias(memory.now))
        initial = h_prev = _alias(state[0].unsqueeze(0))[0]
        for rz, r, z, n, h in _steps(*views, reverse=reverse):
            add_recurrent(rz, h_prev).sigmoid_()
            n.addcmul_(r, recurrent(h_prev)).tanh_()
            h_prev = torch.lerp(n, h_prev, z, out=h)
            if hold:
                hold((h, initial))
    r, z = gates.chunk(2, -1)
    return Pass(
        {Quantity.R: r, Quantity.Z: z, Quantity.N: candidate, Quantity.H: memory.now}, {Quantity.H: memory.prev}
    )


def _rnn(spec: Spec, w: Weights, x: Tensor, state: tuple[Tensor, ...], hold: _Hold | None, reverse: bool) -> Pass:
    memory = Carried.empty(x.shape[0], state[0], reverse=reverse)
    squash = Tensor.relu_ if spec.nonlinearity == "relu" else Tensor.tanh_
    with _without_bookkeeping(x.device.type == "cpu"):
        write_product(memory.now, x, w.ih, w.b_ih + w.b_hh)
        add = _adder(w.hh, *x.shape[:2])
        initial = h_prev = _alias(state[0].unsqueeze(0))[0]
        for (h,) in _steps(_alias(memory.now), reverse=reverse):
            h_prev = squash(add(h, h_prev))
            if hold:
                hold((h, initial))
    return Pass({Quantity.H: memory.now}, {Quantity.H: memory.prev})


def _lstm(spec: Spec, w: Weights, x: Tensor, state: tuple[Tensor, ...], hold: _Hold | None, reverse: bool) -> Pass:
    (steps, batch, _), size = x.shape, spec.hidden_size
    gates = x.new_empty(steps, batch, 4 * size)
    h_memory = Carried.empty(steps, state[0], reverse=reverse)
    c_memory = Carried.empty(steps, state[1], reverse=reverse)
    with _without_bookkeeping(x.device.type == "cpu"):
        write_product(gates, x, w.ih, w.b_ih + w.b_hh)
        add_recurrent = _adder(w.hh, steps, batch)
        project = None if w.hr is None else _projection(w.hr, batch)
        seen = _alias(gates)
        views = (seen, seen[..., : 2 * size], *seen.chunk(4, -1), _alias(c_memory.now), _alias(h_memory.now))
        h0, c0 = (_alias(s.unsqueeze(0))[0] for s in state)
        h_prev, c_prev = h0, c0
        for ifgo, both, i, f, g, o, c, h in _steps(*views, reverse=reverse):
            add_recurrent(ifgo, h_prev)
            both.sigmoid_()
            c_prev = torch.mul(f, c_prev, out=c).addcmul_(i, g.tanh_())
            o.sigmoid_()
            h_prev = torch.tanh(c, out=h).mul_(o) if project is None else project(torch.tanh(c).mul_(o), h)
            if hold:
                hold((h, h0), (c, c0))
    values = dict(zip((Quantity.I, Quantity.F, Quantity.G, Quantity.O), gates.chunk(4, -1), strict=True))
    return Pass(
        {**values, Quantity.C: c_memory.now, Quantity.H: h_memory.now},
        {Quantity.H: h_memory.prev, Quantity.C: c_memory.prev},
    )


Loop = Callable[[Spec, Weights, Tensor, tuple[Tensor, ...], _Hold | None, bool], Pass]

LOOPS: dict[Cell, Loop] = {Cell.GRU: _gru, Cell.RNN: _rnn, Cell.LSTM: _lstm}
"""The cells that have a loop of their own; any other is run by the textbook."""
