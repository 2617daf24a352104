"""One unit of a GRU at one step, as numbers that add up: r, z, n and h with every summand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

from torch import Tensor

from gru_viz.analysis.digits import Shown, shown, sigmoid
from gru_viz.quantities import Quantity

Convention = Literal["keep", "new"]
Place = tuple[int, int, int]


class Terms(Protocol):
    """What `gv.terms` gives for a gate; (T, B, H) each."""

    @property
    def input(self) -> Tensor: ...
    @property
    def recurrent(self) -> Tensor: ...
    @property
    def bias_ih(self) -> Tensor: ...
    @property
    def bias_hh(self) -> Tensor: ...


@dataclass(frozen=True)
class Activations:
    """What the trace holds at one place; z as PyTorch has it."""

    r: float
    z: float
    n: float
    h: float
    h_prev: float


@dataclass(frozen=True)
class Equations:
    """The four equations of one unit at one step, ready to be written down.

    `r`, `z` have the parts input, recurrent, bias_ih, bias_hh; `n` has input, bias_ih, r, recurrent, bias_hh; `h` has
    the share of n that is written, n, h_prev. Under the convention "new" z and its summands are the tutorial's.
    `kept` and `written` are h's two summands, `keep_share` is PyTorch's z.
    """

    r: Shown
    z: Shown
    n: Shown
    h: Shown
    kept: float
    written: float
    keep_share: float


def equations(terms: Mapping[str, Terms], at: Activations, place: Place, convention: Convention) -> Equations:
    """Read one place of a trace.

    Args:
        terms: gate name -> summands, from `gv.terms`.
        at: the activations there.
        place: (step, batch element, unit).
        convention: which way z points. sigmoid(-a) = 1 - sigmoid(a), so "new" turns the sign of every summand of z.
    """
    tutorial = convention == "new"
    z_parts = [-part if tutorial else part for part in _four(terms[Quantity.Z], place)]
    a, b, b_ih, b_hh = _four(terms[Quantity.N], place)
    return Equations(
        r=shown(_four(terms[Quantity.R], place), sum_of, at.r, sigmoid),
        z=shown(z_parts, sum_of, 1.0 - at.z if tutorial else at.z, sigmoid),
        n=shown([a, b_ih, at.r, b, b_hh], _through_reset, at.n, math.tanh),
        h=shown([1.0 - at.z, at.n, at.h_prev], _mixed, at.h),
        kept=at.z * at.h_prev,
        written=(1.0 - at.z) * at.n,
        keep_share=at.z,
    )


def _four(terms: Terms, place: Place) -> list[float]:
    return [float(part[place]) for part in (terms.input, terms.recurrent, terms.bias_ih, terms.bias_hh)]


def sum_of(parts: Sequence[Decimal]) -> Decimal:
    """All parts added."""
    return sum(parts, Decimal(0))


def _through_reset(parts: Sequence[Decimal]) -> Decimal:
    a, b_ih, r, b, b_hh = parts
    return a + b_ih + r * (b + b_hh)


def _mixed(parts: Sequence[Decimal]) -> Decimal:
    write, n, before = parts
    return write * n + (1 - write) * before
