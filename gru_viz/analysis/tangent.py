"""The derivative of one step of a cell in the state it read, at all steps at once: J_t = ds_t/ds_{t-1}.

The state s is h, or an LSTM's h and c. From a cell's equations (`Kind.equations`) every step's change is

    dm_t = k_t * dm_{t-1} + sum_q a_q,t * (W_q dh_{t-1})        of what it remembers by: h, or an LSTM's c
    dh_t = W_hr (l_t * dm_t + o_t * (W_o dh_{t-1}))             of h, where the memory is shown through a gate

with W_q the rows of weight_hh for gate or candidate q. For a GRU with its reset after the product, with
q = W_n h + b_n, the k is z and the a are (1-z) n' r for n, (h_{t-1} - n) z' for z, (1-z) n' q r' for r; where it acts
before, W_n is given r * dh + h * r' * (W_r dh) in the place of dh. A dash is the derivative of the squashing function,
taken from its value: z (1 - z), 1 - n^2.

No matrix J_t is ever made: it is applied to a vector, or its diagonal is read off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from gru_viz.cells import KINDS
from gru_viz.cells.kind import STATES, Function, Kind, Mix, Squash, Step, Weights
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import Spec

_SLOPES: Mapping[Function, Callable[[Tensor], Tensor]] = {
    "sigmoid": lambda value: value * (1 - value),
    "tanh": lambda value: 1 - value * value,
    "relu": lambda value: (value > 0).to(value.dtype),
}
"""The derivative of a squashing function, given what it made."""


@dataclass(frozen=True)
class Within:
    """What a reset before the matrix product puts in the place of dh: open * dh + moved * (W_reset dh).

    Attributes:
        candidate, reset: their places among the rows.
    """

    candidate: int
    reset: int
    open: Tensor
    moved: Tensor


@dataclass(frozen=True)
class Tangent:
    """J_t of T steps, in factors; see the head of this module.

    Attributes:
        hh: weight_hh, `(G H, P)`.
        kept: k, `(T, B, H)`; None for a cell that overwrites all of its memory.
        along: the a of every row, `(T, B, G, H)`.
        shown: l, `(T, B, H)`, where h is shown of a memory; None where it is the memory.
        gate: o of every row, `(T, B, G, H)`: of the gate that shows; None likewise.
        hr: the projection of h, `(P, H)`.
    """

    hh: Tensor
    kept: Tensor | None
    along: Tensor
    shown: Tensor | None = None
    gate: Tensor | None = None
    hr: Tensor | None = None
    within: Within | None = None

    def stilled(self, alive: Tensor) -> Tangent:
        """The same with no derivative where `alive` `(T, B)` is False: such a step gives what it gives, whatever it
        read."""
        seen = alive.unsqueeze(-1)
        return replace(
            self,
            kept=None if self.kept is None else self.kept * seen,
            along=self.along * seen.unsqueeze(-1),
            gate=None if self.gate is None else self.gate * seen.unsqueeze(-1),
        )

    def diagonal(self) -> tuple[Tensor, ...]:
        """The diagonal of J_t for each part of the state, h first: `(T, B, W)` each."""
        if self.shown is None:
            own = self._own(self.along)
            return (own if self.kept is None else own + self.kept,)
        assert self.gate is not None
        assert self.kept is not None
        return self._own(self.shown.unsqueeze(-2) * self.along + self.gate), self.kept

    def _own(self, along: Tensor) -> Tensor:
        """The diagonal of the map dh -> sum_q a_q * (W_q dh), projected where h is."""
        rows = along.shape[-2]
        weights = self.hh.view(rows, -1, self.hh.shape[-1])
        if self.hr is not None:
            return torch.einsum("tbgh,gph->tbp", along, weights.transpose(1, 2) * self.hr)
        own = weights.diagonal(dim1=1, dim2=2)
        if self.within is None:
            return (along * own).sum(-2)
        one, two = self.within.candidate, self.within.reset
        inner = self.within.open * own[one] + self.within.moved @ (weights[one] * weights[two].T).T
        own = torch.stack([inner if row == one else own[row].expand_as(inner) for row in range(rows)], -2)
        return (along * own).sum(-2)

    def applied(self, residual: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """d of all steps with d_t = J_t d_{t-1} + residual_t and nothing before the first: one step after the other.

        Args:
            residual: for each part of the state, h first, `(T, B, W)`.
        """
        found: list[tuple[Tensor, ...]] = []
        h = torch.zeros_like(residual[0][0])
        memory = torch.zeros_like(residual[-1][0])
        rows, columns = self.along.shape[-2], self.hh.T.contiguous()
        for t in range(len(self.along)):
            said = (h @ columns).unflatten(-1, (rows, -1))
            if self.within is not None:
                said = self._reset_before(t, h, said)
            memory_ = (self.along[t] * said).sum(-2)
            if self.kept is not None:
                memory_ = memory_ + self.kept[t] * memory
            if self.shown is None or self.gate is None:
                h = memory = memory_ + residual[0][t]
                found.append((h,))
                continue
            memory = memory_ + residual[1][t]
            h = self.shown[t] * memory_ + (self.gate[t] * said).sum(-2)
            h = (h if self.hr is None else h @ self.hr.T) + residual[0][t]
            found.append((h, memory))
        return tuple(torch.stack(part) for part in zip(*found, strict=True))

    def _reset_before(self, t: int, h: Tensor, said: Tensor) -> Tensor:
        assert self.within is not None
        one, two = self.within.candidate, self.within.reset
        weight = self.hh.view(said.shape[-2], -1, self.hh.shape[-1])[one]
        inner = (self.within.open[t] * h + self.within.moved[t] * said[..., two, :]) @ weight.T
        return torch.stack([inner if row == one else said[..., row, :] for row in range(said.shape[-2])], -2)


def tangent(spec: Spec, w: Weights, done: Step, state: tuple[Tensor, ...]) -> Tangent:
    """J_t of every step, taken where the step was.

    Args:
        done: the steps by the textbook, `(T, B, ·)` each.
        state: what they read, h or h and c, `(T, B, W)` each.
    """
    kind = KINDS[spec.cell]
    previous = dict(zip(kind.carried, state, strict=True))
    mix, show = kind.mix, kind.show
    into = {Quantity.H: torch.ones_like(done.h)} if mix is None else _into(mix, done, previous)
    slopes: dict[Quantity, Tensor] = {}
    within = None
    for row in kind.rows:
        equation = kind.sum_of(row, spec)
        if row in into and equation.recurrent:
            slopes[row] = into[row] * _slope(equation, done)
            if equation.reset is not None:
                within = _through_reset(kind, spec, w, equation, slopes, done, previous)
    nothing = torch.zeros_like(next(iter(into.values())))
    along = torch.stack([slopes.get(row, nothing) for row in kind.rows], -2)
    kept = None if mix is None else getattr(done, mix.keep)
    if show is None:
        return Tangent(w.hh, kept, along, hr=w.hr, within=within)
    shown = STATES[show.function](getattr(done, show.of))
    of_gate = shown * _slope(kind.sum_of(show.gate, spec), done)
    gate = torch.stack([of_gate if row is show.gate else nothing for row in kind.rows], -2)
    return Tangent(w.hh, kept, along, getattr(done, show.gate) * _SLOPES[show.function](shown), gate, w.hr)


def _into(mix: Mix, done: Step, previous: Mapping[Quantity, Tensor]) -> dict[Quantity, Tensor]:
    """How far the memory goes with each of what it is mixed of."""
    keep, candidate = getattr(done, mix.keep), getattr(done, mix.candidate)
    if mix.write is None:
        return {mix.keep: previous[mix.quantity] - candidate, mix.candidate: 1 - keep}
    return {mix.keep: previous[mix.quantity], mix.candidate: getattr(done, mix.write), mix.write: candidate}


def _slope(equation: Squash, done: Step) -> Tensor:
    slope = _SLOPES[equation.function](getattr(done, equation.quantity))
    return -slope if equation.negated else slope


def _through_reset(
    kind: Kind,
    spec: Spec,
    w: Weights,
    equation: Squash,
    slopes: dict[Quantity, Tensor],
    done: Step,
    previous: Mapping[Quantity, Tensor],
) -> Within | None:
    """Adds to the slopes what a candidate owes to the gate that hides the memory from it."""
    assert equation.reset is not None
    gate, where = equation.reset
    value, slope = getattr(done, gate), _slope(kind.sum_of(gate, spec), done)
    h = previous[Quantity.H]
    if where == "before":
        places = (kind.rows.index(equation.quantity), kind.rows.index(gate))
        return Within(*places, value, h * slope)
    said = h @ kind.part(w.hh, equation.quantity).T + kind.part(w.b_hh, equation.quantity)
    slopes[gate] = slopes[equation.quantity] * said * slope
    slopes[equation.quantity] = slopes[equation.quantity] * value
    return None
