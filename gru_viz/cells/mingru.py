"""MinGRU: a GRU whose gate and candidate come from x alone, so that all steps can be computed at once.

Source: Feng, Tung, Ahmed, Bengio and Hajimirsadeghi 2024, "Were RNNs All We Needed?", arXiv:2410.01201, section 3.1 and
appendix A, in the paper's own letters

    z = sigmoid(W_z x + b_z)      h~ = g(W_h x + b_h)      h = (1 - z) * h_prev + z * h~

* **plain form** (``positive=False``): g is the identity.
* **positive form** (``positive=True``): g(a) = a + 1/2 for a >= 0, else sigmoid(a): candidates are positive, and so is
  h after a state that is not negative, so that the paper can scan over logarithms. (There g is applied to the first
  state too; here ``hx`` is the state itself, zeros by default as everywhere in torch.)
* **z**: the paper's z -> 1 takes the *new* value, as the tutorial's does. The weights here are the paper's, and a
  trace's z is PyTorch's as in every other cell: ``z = sigmoid(-(W_z x + b_z))``, ``h = (1 - z) * n + z * h_prev``, with
  n for h~. `gru_viz.update_gate(layer, "new")` gives the paper's.

There is no reset gate, and no weight_hh: h_prev decides nothing. The weight rows are stacked z, n. Letters in shapes as
in `gru.py`, with T steps before B.

`scan` computes h of all steps from z and n in 2 log2(T) rounds of large products in place of T small steps: pairs of
neighbouring steps are joined to one, the half as long series is scanned, and the steps between follow (the odd-even
form of Ladner and Fischer 1980, "Parallel prefix computation", JACM 27(4)). It works under autograd.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import dropout, linear
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from gru_viz.cells.kind import LEAK, Adjoint, Back, Edit, Held, Kind, Mix, Slopes, Squash, Weights, passing, unedited
from gru_viz.cells.quantities import Cell, Quantity
from gru_viz.errors import InputError
from gru_viz.packed import packed_like


class MinGRUStep(NamedTuple):
    """Everything one MinGRU step computes; `a_*` is what the input says, the bias included, as the paper writes it."""

    a_z: Float[Tensor, "*B H"]
    a_n: Float[Tensor, "*B H"]
    z: Float[Tensor, "*B H"]
    n: Float[Tensor, "*B H"]
    h: Float[Tensor, "*B H"]


def positive(a: Float[Tensor, "*S"]) -> Float[Tensor, "*S"]:
    """g of the positive form: a + 1/2 from 0 on, sigmoid(a) below; continuous, and never 0 or less."""
    return torch.where(a >= 0, a + 0.5, torch.sigmoid(a))


def mingru_step(
    x: Float[Tensor, "*B I"],
    h_prev: Float[Tensor, "*B H"],
    w: Weights,
    edit: Edit = unedited,
    *,
    is_positive: bool = False,
) -> MinGRUStep:
    """One MinGRU step. Source: section 3.1 of the paper (appendix A for the positive form), with PyTorch's z."""
    a_z, a_n = (x @ w.ih.T + w.b_ih).chunk(2, -1)
    z = edit(Quantity.Z, torch.sigmoid(-a_z))
    n = edit(Quantity.N, positive(a_n) if is_positive else a_n)
    h = edit(Quantity.H, (1 - z) * n + z * h_prev)
    return MinGRUStep(a_z, a_n, z, n, h)


def mingru_slopes(
    w: Weights,  # noqa: ARG001 - one signature for all cells
    values: Mapping[Quantity, Tensor],
    previous: Mapping[Quantity, Tensor],
    held: Held,
    *,
    is_positive: bool = False,
) -> Slopes:
    """What the old state and the sums behind z (the paper's, so with a minus) and n are worth in h."""
    z, n = values[Quantity.Z], values[Quantity.N]
    to_n = torch.where(n >= 0.5, 1, n * (1 - n)) if is_positive else torch.ones_like(n)  # g(a) >= 1/2 where a >= 0
    return {
        LEAK: z,
        "z": passing((n - previous[Quantity.H]) * z * (1 - z), held, Quantity.Z),
        "n": passing((1 - z) * to_n, held, Quantity.N),
    }


def mingru_back(w: Weights, slopes: Slopes, gradients: tuple[Tensor, ...]) -> Back:  # noqa: ARG001
    """One step backwards: ``dh/dh_prev = diag(leak)``, all of it."""
    (d_h,) = gradients
    return Back((d_h * slopes[LEAK],), torch.cat([d_h * slopes["z"], d_h * slopes["n"]], -1))


def gates(
    x: Float[Tensor, "T B I"],
    ih: Float[Tensor, "GH I"],
    b_ih: Float[Tensor, " GH"] | None,
    *,
    is_positive: bool = False,
) -> tuple[Float[Tensor, "T B H"], Float[Tensor, "T B H"]]:
    """z (PyTorch's) and n of all steps, which wait for no memory."""
    a_z, a_n = linear(x, ih, b_ih).chunk(2, -1)
    return torch.sigmoid(-a_z), positive(a_n) if is_positive else a_n


def scan(keep: Float[Tensor, "T ..."], add: Float[Tensor, "T ..."]) -> Float[Tensor, "T ..."]:
    """``h_t = keep_t * h_{t-1} + add_t`` from h = 0, for all t at once; differentiable."""
    steps = len(keep)
    if steps == 1:
        return add
    whole = steps // 2 * 2
    second = scan(keep[1::2] * keep[:whole:2], keep[1::2] * add[:whole:2] + add[1::2])
    first = torch.cat([add[:1], keep[2::2] * second[: len(keep[2::2])] + add[2::2]])
    pairs = torch.stack((first[: len(second)], second), 1).flatten(0, 1)
    return torch.cat([pairs, first[len(second) :]])


def scanned(
    z: Float[Tensor, "T B H"],
    n: Float[Tensor, "T B H"],
    initial: Float[Tensor, "B H"],
    alive: Tensor | None = None,
    *,
    reverse: bool = False,
) -> Float[Tensor, "T B H"]:
    """h of all steps, input-aligned.

    Args:
        initial: h before the first step that is read.
        alive: `(T, B)` bool; a step beyond a sequence's end passes the memory on as it is.
        reverse: read from the last step to the first.
    """
    keep, add = z, (1 - z) * n
    if alive is not None:
        seen = alive.unsqueeze(-1)
        keep, add = torch.where(seen, keep, 1), torch.where(seen, add, 0)
    if reverse:
        keep, add = keep.flip(0), add.flip(0)
    h = scan(keep, torch.cat([(keep[0] * initial + add[0]).unsqueeze(0), add[1:]]))
    return h.flip(0) if reverse else h


class MinGRU(nn.Module):
    """A MinGRU with `nn.GRU`'s arguments, shapes and calls, computed by a parallel scan.

    Parameters are named as PyTorch names them, ``weight_ih_l[k]`` `(2H, I)` and ``bias_ih_l[k]`` `(2H,)` with
    ``_reverse`` for the backward direction, rows stacked z, n in the paper's convention; there is no ``weight_hh``.

    Args: those of `nn.GRU`, and
        positive: candidates pass through g (see the head of this file).
    """

    proj_size = 0

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        positive: bool = False,
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional, self.positive = bidirectional, positive
        self._ways = ("", "_reverse") if bidirectional else ("",)
        for layer in range(num_layers):
            inputs = hidden_size * len(self._ways) if layer else input_size
            for way in self._ways:
                shapes = {"weight_ih": (2 * hidden_size, inputs)} | ({"bias_ih": (2 * hidden_size,)} if bias else {})
                for stem, shape in shapes.items():
                    value = nn.Parameter(torch.empty(shape, device=device, dtype=dtype))
                    self.register_parameter(f"{stem}_l{layer}{way}", value)
        self.reset_parameters()

    @property
    def nonlinearity(self) -> str:
        """What makes the candidate: "identity", or "positive"."""
        return "positive" if self.positive else "identity"

    def reset_parameters(self) -> None:
        """Draws every weight as torch's recurrent layers do: uniformly from ±1/√H."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0.0
        for weight in self.parameters():
            nn.init.uniform_(weight, -bound, bound)

    def forward(
        self, input: Tensor | PackedSequence, hx: Tensor | None = None
    ) -> tuple[Tensor | PackedSequence, Tensor]:
        """`(input, h0)` -> `(output, h_n)`, shapes as `nn.GRU`'s: batched, unbatched or packed.

        Raises:
            InputError: the input or h0 does not fit.
        """
        alive = None
        if isinstance(input, PackedSequence):
            x, lengths = pad_packed_sequence(input)
            alive = torch.arange(len(x), device=x.device).unsqueeze(1) < lengths.to(x.device)
        else:
            x = input.unsqueeze(1) if input.dim() == 2 else input.transpose(0, 1) if self.batch_first else input
        unbatched = not isinstance(input, PackedSequence) and input.dim() == 2
        state = self._state(x, hx, unbatched)
        last = []
        for layer in range(self.num_layers):
            x, ends = self._layer(layer, x, state[layer * len(self._ways) :], alive)
            last.append(ends)
            if self.training and self.dropout and layer < self.num_layers - 1:
                x = dropout(x, self.dropout)
        final = torch.cat(last)
        if isinstance(input, PackedSequence):
            return packed_like(input, x), final
        if unbatched:
            return x.squeeze(1), final.squeeze(1)
        return x.transpose(0, 1) if self.batch_first else x, final

    def _layer(self, layer: int, x: Tensor, state: Tensor, alive: Tensor | None) -> tuple[Tensor, Tensor]:
        """h of one layer in all its directions side by side, and the last of each."""
        halves = []
        for place, way in enumerate(self._ways):
            weight = getattr(self, f"weight_ih_l{layer}{way}")
            bias = getattr(self, f"bias_ih_l{layer}{way}", None)
            z, n = gates(x, weight, bias, is_positive=self.positive)
            halves.append(scanned(z, n, state[place], alive, reverse=bool(place)))
        return torch.cat(halves, -1), torch.stack([h[0] if place else h[-1] for place, h in enumerate(halves)])

    def _state(self, x: Tensor, hx: Tensor | None, unbatched: bool) -> Tensor:
        if x.dim() != 3 or x.shape[-1] != self.input_size or not len(x):
            raise InputError(
                "mingru.input",
                "x has shape {found}; this MinGRU reads at least one step of {wanted} features, batched or not.",
                found=tuple(x.squeeze(1).shape if unbatched else x.shape),
                wanted=self.input_size,
            )
        wanted = (self.num_layers * len(self._ways), x.shape[1], self.hidden_size)
        if hx is None:
            return x.new_zeros(wanted)
        state = hx.unsqueeze(1) if unbatched and hx.dim() == 2 else hx
        if tuple(state.shape) != wanted:
            raise InputError(
                "mingru.state", "h0 has shape {found}; it must be {wanted}.", found=tuple(hx.shape), wanted=wanted
            )
        return state

    def extra_repr(self) -> str:
        options = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0, "bidirectional": False}
        options["positive"] = False
        said = [f"{name}={getattr(self, name)}" for name, usual in options.items() if getattr(self, name) != usual]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *said])


MINGRU = Kind(
    name=Cell.MINGRU,
    rows=(Quantity.Z, Quantity.N),
    shown=(Quantity.Z, Quantity.N, Quantity.H),
    carried=(Quantity.H,),
    modules=(MinGRU,),
    step=lambda spec, x, state, w, edit: mingru_step(x, state[0], w, edit, is_positive=spec.nonlinearity == "positive"),
    equations=lambda spec: (
        Squash(Quantity.Z, "sigmoid", recurrent=False, negated=True),
        Squash(Quantity.N, "positive" if spec.nonlinearity == "positive" else "identity", recurrent=False, phase=2),
        Mix(Quantity.H, keep=Quantity.Z, candidate=Quantity.N),
    ),
    adjoint=lambda spec: Adjoint(
        slopes=partial(mingru_slopes, is_positive=spec.nonlinearity == "positive"),
        back=mingru_back,
        paths={LEAK: (LEAK,)},
    ),
    roles={
        "memory": (Quantity.H,),
        "kept": (Quantity.Z,),
        "written": (Quantity.Z,),
        "candidate": (Quantity.N,),
        "own": (),
    },
    from_input=lambda spec, w, x: dict(
        zip((Quantity.Z, Quantity.N), gates(x, w.ih, w.b_ih, is_positive=spec.nonlinearity == "positive"), strict=True)
    ),
    nonlinearities=("identity", "positive"),
    options=lambda make: {"positive": make.nonlinearity == "positive"},
    plan=lambda spec: "mingru",
)
