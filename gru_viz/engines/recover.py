"""The engine for fast stock kernels: run the module's own forward, then recover all gates at once.

Gates are a closed function of x_t and h_{t-1}, so once h is known for every step one batched matrix product gives all
of them. Taken on CUDA (cuDNN's forward beats any loop over steps) and for the LSTM on CPU (torch runs it through
oneDNN); `record` takes it everywhere, with the h the model itself returned. An LSTM's c follows by an elementwise scan
(`engines.scan`).

Every product is written in place or in chunks, so that temporaries stay small beside the result and, on a CPU, in its
cache.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from gru_viz.cells import GRU, KINDS
from gru_viz.cells.kind import Weights
from gru_viz.cells.quantities import Cell, Quantity
from gru_viz.cells.spec import Spec
from gru_viz.engines.carried import Carried, Pass, State
from gru_viz.engines.products import add_product, write_product
from gru_viz.engines.scan import scan

CHUNK = 1 << 18
"""Elements of a temporary on the CPU: 1 MiB in float32, about the second-level cache of one core."""

SHARE = 4
"""On CUDA a temporary takes at most this part of the memory that is free: no cache to stay in, and each piece costs
launches."""

FORWARD_PARTS = 4
"""The stock forward on CPU runs in so many pieces: oneDNN's LSTM asks for some eleven times its output as scratch."""


def run(
    spec: Spec,
    weights: Weights,
    x: Tensor,
    state: State,
    alive: Tensor | None,
    *,
    reverse: bool,
    autocast: torch.dtype | None = None,
) -> Pass:
    """Runs one layer in one direction; signature and meaning as `engines.run.Engine` says.

    Args:
        autocast: the forward runs under autocast to this dtype; the gates are recovered in full.
    """
    with torch.no_grad():
        memory = Carried.empty(x.shape[0], state[0], reverse=reverse)
        with nullcontext() if autocast is None else torch.autocast(x.device.type, autocast):
            _forward(spec, weights, x, state, alive, memory)
        return _recover(spec, weights, x, state, alive, memory)


def recover(
    spec: Spec,
    weights: Weights,
    x: Tensor,
    state: State,
    alive: Tensor | None,
    h: Tensor,
    *,
    reverse: bool,
) -> Pass:
    """All quantities of one layer in one direction from its input and its own h `(T, B, P)`, input-aligned."""
    with torch.no_grad():
        memory = Carried.empty(x.shape[0], state[0], reverse=reverse)
        memory.now.copy_(h)
        return _recover(spec, weights, x, state, alive, memory)


def _recover(spec: Spec, w: Weights, x: Tensor, state: State, alive: Tensor | None, memory: Carried) -> Pass:
    if alive is not None and memory.reverse:
        torch.where(alive.unsqueeze(-1), memory.now, state[0], out=memory.now)
    return GATES[spec.cell](w, x, state, alive, memory)


def _kernel(spec: Spec) -> Callable[..., Any]:
    """Torch's own forward of a cell, for one whose make has a kernel."""
    kernel = KINDS[spec.cell].kernel(spec)
    assert kernel is not None
    return kernel


def _begun(hx: Sequence[Tensor]) -> Any:
    """A state as torch's kernels take it: (h, c), or h alone."""
    return hx if len(hx) > 1 else hx[0]


def _forward(spec: Spec, w: Weights, x: Tensor, state: State, alive: Tensor | None, memory: Carried) -> None:
    """Writes h of every step from torch's own kernel into `memory`; garbage where `alive` is False."""
    flat = [part for part in w if part is not None]
    hx = [s.unsqueeze(0).contiguous() for s in state]
    options = (True, 1, 0.0, False, False, False)  # has_biases, num_layers, dropout, train, bidirectional, batch_first
    kernel = _kernel(spec)
    parts = 1 if x.is_cuda else FORWARD_PARTS
    with warnings.catch_warnings():
        # Layers are run one at a time, so cuDNN cannot find all weights in one block and says so at each call.
        warnings.filterwarnings("ignore", message="RNN module weights are not part of single contiguous chunk")
        length = -(-x.shape[0] // parts)
        for begin in range(0, x.shape[0], length):
            piece = slice(begin, begin + length)
            order = reading_order(alive, x)[piece] if memory.reverse else None
            read = x[piece] if order is None else x.gather(0, order.expand(-1, -1, x.shape[-1]))
            h, *hx = kernel(read, _begun(hx), flat, *options)
            if order is None:
                memory.now[piece] = h
            else:
                memory.now.scatter_(0, order.expand_as(h), h.to(memory.now.dtype))


def stock_output(spec: Spec, weights: tuple[Weights, ...], x: Tensor, state: State, lengths: Tensor | None) -> Tensor:
    """The top layer's h `(T, B, D * P)` of a whole stack from torch's own kernel, without dropout.

    Args:
        x: `(T, B, I)`, zero beyond a sequence's end; `lengths` `(B,)` as in `Layout`.
    """
    flat = [part for each in weights for part in each if part is not None]
    kernel = _kernel(spec)
    options = (True, spec.num_layers, 0.0, False, len(spec.directions) == 2)  # biases, layers, dropout, train, both
    hx = [part.contiguous() for part in state]
    if lengths is None:
        return kernel(x, _begun(hx), flat, *options, False)[0]
    packed = pack_padded_sequence(x, lengths.cpu(), enforce_sorted=False)
    hx = [part.index_select(1, packed.sorted_indices) for part in hx]  # type: ignore[arg-type]
    h = kernel(packed.data, packed.batch_sizes, _begun(hx), flat, *options)[0]
    return pad_packed_sequence(packed._replace(data=h), total_length=len(x))[0]


def reading_order(alive: Tensor | None, x: Tensor) -> Tensor:
    """`(T, B, 1)`: which input step a backward pass reads at each of its own, within each sequence's own length."""
    steps = torch.arange(x.shape[0], device=x.device).view(-1, 1, 1)
    if alive is None:
        return (x.shape[0] - 1 - steps).expand(-1, x.shape[1], 1)
    lengths = alive.sum(0).view(1, -1, 1)
    return torch.where(steps < lengths, lengths - 1 - steps, steps)


def _affine(x: Tensor, h_prev: Tensor, ih: Tensor, hh: Tensor, bias: Tensor) -> Tensor:
    """x @ ih.T + h_prev @ hh.T + bias over all steps at once, with no temporary of that size."""
    out = x.new_empty(*x.shape[:2], bias.shape[0])
    write_product(out, x, ih, bias)
    add_product(out, h_prev, hh)
    return out


def _gru_gates(w: Weights, x: Tensor, _state: State, _alive: Tensor | None, memory: Carried) -> Pass:
    gates = (GRU.part(part, Quantity.R, Quantity.Z) for part in (w.ih, w.hh, w.b_ih + w.b_hh))
    r, z = _affine(x, memory.prev, *gates).sigmoid_().chunk(2, -1)
    ih, hh, b_ih, b_hh = (GRU.part(part, Quantity.N) for part in w[:4])
    n = torch.empty_like(memory.now)
    write_product(n, x, ih, b_ih)
    steps = max(1, chunk(n) // max(1, n.shape[1] * n.shape[2]))
    for n_part, r_part, h_part in zip(n.split(steps), r.split(steps), memory.prev.split(steps), strict=True):
        recurrent = torch.addmm(b_hh, h_part.reshape(-1, h_part.shape[-1]), hh.t())
        n_part.addcmul_(r_part, recurrent.view_as(n_part)).tanh_()
    return Pass({Quantity.R: r, Quantity.Z: z, Quantity.N: n, Quantity.H: memory.now}, {Quantity.H: memory.prev})


def chunk(like: Tensor) -> int:
    """How many elements of a tensor's kind a temporary may have where that tensor lives."""
    if like.device.type == "cpu":
        return CHUNK
    if like.device.type != "cuda":
        return max(CHUNK, like.numel())  # nobody tells how much is free: whole
    free, _ = torch.cuda.mem_get_info(like.device)
    return max(CHUNK, free // SHARE // like.element_size())


def _lstm_gates(w: Weights, x: Tensor, state: State, alive: Tensor | None, memory: Carried) -> Pass:
    c0 = state[1]
    i, f, g, o = _affine(x, memory.prev, w.ih, w.hh, w.b_ih + w.b_hh).chunk(4, -1)
    for gate in (i, f, o):
        gate.sigmoid_()
    g.tanh_()
    cells = Carried.empty(x.shape[0], c0, reverse=memory.reverse)
    torch.mul(i, g, out=cells.now)
    scan(cells, f, alive, c0)
    values = {Quantity.I: i, Quantity.F: f, Quantity.G: g, Quantity.O: o, Quantity.C: cells.now, Quantity.H: memory.now}
    return Pass(values, {Quantity.H: memory.prev, Quantity.C: cells.prev})


def _no_gates(_w: Weights, _x: Tensor, _state: State, _alive: Tensor | None, memory: Carried) -> Pass:
    return Pass({Quantity.H: memory.now}, {Quantity.H: memory.prev})


GATES: dict[Cell, Callable[[Weights, Tensor, State, Tensor | None, Carried], Pass]] = {
    Cell.GRU: _gru_gates,
    Cell.LSTM: _lstm_gates,
    Cell.RNN: _no_gates,
}
"""How the rest of a layer follows from its h, for every cell that torch has a kernel of."""
