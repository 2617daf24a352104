"""The engine for fast stock kernels: run the module's own forward, then recover all gates at once.

Gates are a closed function of x_t and h_{t-1}, so once h is known for every step one batched matrix product gives all
of them. Taken on CUDA (cuDNN's forward beats any loop over steps) and for the LSTM on CPU (torch runs it through
oneDNN); `record` takes it everywhere, with the h the model itself returned. An LSTM's c follows by an elementwise scan,
``c_t = f_t * c_{t-1} + i_t * g_t``.

Every product is written in place or in chunks of `CHUNK` elements, so that temporaries stay small beside the result.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gru_viz.cells import Weights
from gru_viz.engines.carried import Carried, Run
from gru_viz.engines.spec import Spec
from gru_viz.quantities import Cell, Quantity, rows

CHUNK = 1 << 18
"""Elements of a temporary: 1 MiB in float32, about the second-level cache of one core."""


def run(
    spec: Spec, weights: Weights, x: Tensor, state: tuple[Tensor, ...], alive: Tensor | None, *, reverse: bool
) -> Run:
    """Runs one layer in one direction; signature and meaning as `engines.run.Engine` says."""
    with torch.no_grad():
        return recover(spec, weights, x, state, alive, _forward(spec, weights, x, state, alive, reverse), reverse=reverse)


def recover(
    spec: Spec,
    weights: Weights,
    x: Tensor,
    state: tuple[Tensor, ...],
    alive: Tensor | None,
    h: Tensor,
    *,
    reverse: bool,
) -> Run:
    """All quantities of one layer in one direction from its input and its own h `(T, B, P)`, input-aligned."""
    with torch.no_grad():
        memory = Carried.empty(x.shape[0], state[0], reverse=reverse)
        memory.now.copy_(h)
        if alive is not None and reverse:
            torch.where(alive.unsqueeze(-1), memory.now, state[0], out=memory.now)
        if spec.cell is Cell.RNN:
            return Run({Quantity.H: memory.now}, {Quantity.H: memory.prev})
        gates = _gru_gates if spec.cell is Cell.GRU else _lstm_gates
        return gates(spec, weights, x, state, alive, memory)


def _forward(
    spec: Spec, w: Weights, x: Tensor, state: tuple[Tensor, ...], alive: Tensor | None, reverse: bool
) -> Tensor:
    """h of every step `(T, B, P)` from torch's own kernel, input-aligned; garbage where `alive` is False."""
    flat = [*w[:4]] if w.hr is None else [*w]
    order = None if not reverse else _reading_order(alive, x)
    read = x if order is None else x.gather(0, order.expand_as(x))
    hx = [s.unsqueeze(0).contiguous() for s in state]
    options = (True, 1, 0.0, False, False, False)  # has_biases, num_layers, dropout, train, bidirectional, batch_first
    if spec.cell is Cell.LSTM:
        h = torch.lstm(read, hx, flat, *options)[0]
    else:
        kernel = {Cell.GRU: torch.gru, Cell.RNN: torch.rnn_relu if spec.nonlinearity == "relu" else torch.rnn_tanh}
        h = kernel[spec.cell](read, hx[0], flat, *options)[0]
    return h if order is None else h.gather(0, order.expand_as(h))


def _reading_order(alive: Tensor | None, x: Tensor) -> Tensor:
    """`(T, B, 1)`: which input step a backward pass reads at each of its own; padding stays where it is.

    Each sequence is turned round within its own length, so applying the order twice gives the input back.
    """
    steps = torch.arange(x.shape[0], device=x.device).view(-1, 1, 1)
    if alive is None:
        return (x.shape[0] - 1 - steps).expand(-1, x.shape[1], 1)
    lengths = alive.sum(0).view(1, -1, 1)
    return torch.where(steps < lengths, lengths - 1 - steps, steps)


def _affine(x: Tensor, h_prev: Tensor, w: Weights, b: Tensor, cell: Cell, *wanted: Quantity) -> Tensor:
    """x @ W_ih.T + h_prev @ W_hh.T + b for the rows `wanted`, over all steps at once, with no temporary of that size."""
    bias, ih, hh = (rows(part, cell, *wanted) for part in (b, w.ih, w.hh))
    flat = torch.addmm(bias, x.reshape(-1, x.shape[-1]), ih.t())
    flat.addmm_(h_prev.reshape(-1, h_prev.shape[-1]), hh.t())
    return flat.view(*x.shape[:2], -1)


def _gru_gates(
    spec: Spec, w: Weights, x: Tensor, state: tuple[Tensor, ...], alive: Tensor | None, memory: Carried
) -> Run:
    r, z = _affine(x, memory.prev, w, w.b_ih + w.b_hh, spec.cell, Quantity.R, Quantity.Z).sigmoid_().chunk(2, -1)
    ih, hh, b_ih, b_hh = (rows(part, spec.cell, Quantity.N) for part in w[:4])
    n = torch.addmm(b_ih, x.reshape(-1, x.shape[-1]), ih.t()).view(*x.shape[:2], -1)
    steps = max(1, CHUNK // (n.shape[1] * n.shape[2]))
    for n_part, r_part, h_part in zip(n.split(steps), r.split(steps), memory.prev.split(steps), strict=True):
        recurrent = torch.addmm(b_hh, h_part.reshape(-1, h_part.shape[-1]), hh.t())
        n_part.addcmul_(r_part, recurrent.view_as(n_part)).tanh_()
    return Run({Quantity.R: r, Quantity.Z: z, Quantity.N: n, Quantity.H: memory.now}, {Quantity.H: memory.prev})


def _lstm_gates(
    spec: Spec, w: Weights, x: Tensor, state: tuple[Tensor, ...], alive: Tensor | None, memory: Carried
) -> Run:
    bias = w.b_ih + w.b_hh
    three = (Quantity.I, Quantity.F, Quantity.O)
    i, f, o = _affine(x, memory.prev, w, bias, spec.cell, *three).sigmoid_().chunk(3, -1)
    g = _affine(x, memory.prev, w, bias, spec.cell, Quantity.G).tanh_()
    cells = Carried.empty(x.shape[0], state[1], reverse=memory.reverse)
    torch.mul(i, g, out=cells.now)
    _scan(cells, f, alive, state[1])
    values = {Quantity.I: i, Quantity.F: f, Quantity.G: g, Quantity.O: o, Quantity.C: cells.now, Quantity.H: memory.now}
    return Run(values, {Quantity.H: memory.prev, Quantity.C: cells.prev})


def _scan(cells: Carried, forget: Tensor, alive: Tensor | None, initial: Tensor) -> None:
    """c_t = f_t * c_{t-1} + (what c's slot already holds), in reading order, in place."""
    on_cpu = forget.device.type == "cpu"
    with torch.inference_mode() if on_cpu else torch.no_grad():
        now, f_all = (torch.from_dlpack(t) if on_cpu else t for t in (cells.now, forget))
        order = slice(None, None, -1 if cells.reverse else 1)
        c_prev = initial
        for t, (c, f) in list(enumerate(zip(now.unbind(0), f_all.unbind(0), strict=True)))[order]:
            c_prev = c.addcmul_(f, c_prev)
            if alive is not None and cells.reverse:
                torch.where(alive[t].unsqueeze(-1), c, initial, out=c)
