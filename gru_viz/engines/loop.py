"""The fast engine on CPU: one GEMM for all input terms, then a loop over time that writes straight into the trace.

What makes it as fast as PyTorch's own forward, which records nothing:

* the input terms of all steps come from one matrix product, written into the buffers that become the gates;
* each step adds its recurrent term *in place* (`addmm_`, or `addmv_` where the batch is one) and squashes in place;
* the loop runs in inference mode on aliases of ordinary tensors, which skips autograd's bookkeeping on every call
  while what the caller receives stays usable under autograd;
* per-step views are cut once per buffer (`unbind`), not once per use.

Gates sit side by side where one nonlinearity covers several of them: `(T, B, 2H)` for r and z, `(T, B, 3H)` for the
LSTM's i, f and o. Reset-before GRUs, clamps and autograd take `textbook.py`; CUDA takes `recover.py`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor

from gru_viz.cells import Weights
from gru_viz.engines.carried import Carried, Run
from gru_viz.engines.spec import Spec
from gru_viz.quantities import Cell, Quantity, rows


def run(
    spec: Spec, weights: Weights, x: Tensor, state: tuple[Tensor, ...], alive: Tensor | None, *, reverse: bool
) -> Run:
    """Runs one layer in one direction; signature and meaning as `engines.run.Engine` says."""
    loop = {Cell.GRU: _gru, Cell.RNN: _rnn, Cell.LSTM: _lstm}[spec.cell]
    hold = _Hold(alive) if alive is not None and reverse else None
    return loop(spec, weights, x, state, hold, reverse)


@contextlib.contextmanager
def _without_bookkeeping(on_cpu: bool) -> Iterator[None]:
    with torch.inference_mode() if on_cpu else torch.no_grad():
        yield


def _alias(tensor: Tensor) -> Tensor:
    """The same memory as a tensor of the current mode; one sequence alone loses its batch dimension."""
    seen = torch.from_dlpack(tensor) if tensor.device.type == "cpu" else tensor
    return seen.squeeze(1) if seen.shape[1] == 1 else seen


def _input_terms(x: Tensor, weight: Tensor, bias: Tensor, out: Tensor) -> None:
    """out[t] = x[t] @ weight.T + bias for all steps at once."""
    torch.addmm(bias, x.reshape(-1, x.shape[-1]), weight.t(), out=out.view(-1, out.shape[-1]))


def _adder(weight: Tensor, batch: int) -> Callable[[Tensor, Tensor], Tensor]:
    """(out, h) -> out += h @ weight.T, in place: a matrix-vector product where the batch is one."""
    if batch == 1:
        return lambda out, h: out.addmv_(weight, h)
    columns = weight.t().contiguous()  # MKL multiplies by a plain matrix a few per cent faster than a transposed one
    return lambda out, h: out.addmm_(h, columns)


def _product(weight: Tensor, bias: Tensor, batch: int) -> Callable[[Tensor], Tensor]:
    """h -> h @ weight.T + bias, always into the same scratch tensor."""
    if batch == 1:
        scratch = torch.empty_like(bias)
        return lambda h: torch.addmv(bias, weight, h, out=scratch)
    scratch, columns = bias.new_empty(batch, bias.shape[0]), weight.t().contiguous()
    return lambda h: torch.addmm(bias, h, columns, out=scratch)


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


def _gru(spec: Spec, w: Weights, x: Tensor, state: tuple[Tensor, ...], hold: _Hold | None, reverse: bool) -> Run:
    (steps, batch, _), size = x.shape, spec.hidden_size
    gates, candidate = x.new_empty(steps, batch, 2 * size), x.new_empty(steps, batch, size)
    memory = Carried.empty(steps, state[0], reverse=reverse)
    with _without_bookkeeping(x.device.type == "cpu"):
        both, alone = (Quantity.R, Quantity.Z), (Quantity.N,)
        _input_terms(x, rows(w.ih, spec.cell, *both), rows(w.b_ih + w.b_hh, spec.cell, *both), gates)
        _input_terms(x, rows(w.ih, spec.cell, *alone), rows(w.b_ih, spec.cell, *alone), candidate)
        add_recurrent = _adder(rows(w.hh, spec.cell, *both), batch)
        recurrent = _product(rows(w.hh, spec.cell, *alone), rows(w.b_hh, spec.cell, *alone), batch)
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
    return Run({Quantity.R: r, Quantity.Z: z, Quantity.N: candidate, Quantity.H: memory.now}, {Quantity.H: memory.prev})


def _rnn(spec: Spec, w: Weights, x: Tensor, state: tuple[Tensor, ...], hold: _Hold | None, reverse: bool) -> Run:
    memory = Carried.empty(x.shape[0], state[0], reverse=reverse)
    squash = Tensor.relu_ if spec.nonlinearity == "relu" else Tensor.tanh_
    with _without_bookkeeping(x.device.type == "cpu"):
        _input_terms(x, w.ih, w.b_ih + w.b_hh, memory.now)
        add = _adder(w.hh, x.shape[1])
        initial = h_prev = _alias(state[0].unsqueeze(0))[0]
        for (h,) in _steps(_alias(memory.now), reverse=reverse):
            h_prev = squash(add(h, h_prev))
            if hold:
                hold((h, initial))
    return Run({Quantity.H: memory.now}, {Quantity.H: memory.prev})


def _lstm(spec: Spec, w: Weights, x: Tensor, state: tuple[Tensor, ...], hold: _Hold | None, reverse: bool) -> Run:
    (steps, batch, _), size = x.shape, spec.hidden_size
    sigmoids, candidate = x.new_empty(steps, batch, 3 * size), x.new_empty(steps, batch, size)
    h_memory = Carried.empty(steps, state[0], reverse=reverse)
    c_memory = Carried.empty(steps, state[1], reverse=reverse)
    with _without_bookkeeping(x.device.type == "cpu"):
        three, alone, bias = (Quantity.I, Quantity.F, Quantity.O), (Quantity.G,), w.b_ih + w.b_hh
        _input_terms(x, rows(w.ih, spec.cell, *three), rows(bias, spec.cell, *three), sigmoids)
        _input_terms(x, rows(w.ih, spec.cell, *alone), rows(bias, spec.cell, *alone), candidate)
        add_gates = _adder(rows(w.hh, spec.cell, *three), batch)
        add_candidate = _adder(rows(w.hh, spec.cell, *alone), batch)
        project = None if w.hr is None else w.hr.t()
        gates = _alias(sigmoids)
        views = (gates, *gates.chunk(3, -1), _alias(candidate), _alias(c_memory.now), _alias(h_memory.now))
        h0, c0 = (_alias(s.unsqueeze(0))[0] for s in state)
        h_prev, c_prev = h0, c0
        for ifo, i, f, o, g, c, h in _steps(*views, reverse=reverse):
            add_gates(ifo, h_prev).sigmoid_()
            add_candidate(g, h_prev).tanh_()
            c_prev = torch.mul(f, c_prev, out=c).addcmul_(i, g)
            if project is None:
                h_prev = torch.tanh(c, out=h).mul_(o)
            else:
                h_prev = torch.matmul(torch.tanh(c).mul_(o), project, out=h)
            if hold:
                hold((h, h0), (c, c0))
    i, f, o = sigmoids.chunk(3, -1)
    values = {Quantity.I: i, Quantity.F: f, Quantity.G: candidate, Quantity.O: o}
    return Run(
        {**values, Quantity.C: c_memory.now, Quantity.H: h_memory.now},
        {Quantity.H: h_memory.prev, Quantity.C: c_memory.prev},
    )

