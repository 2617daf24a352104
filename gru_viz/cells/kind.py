"""The record a cell fills. What the rest of the project knows of a cell, it knows from here.

Engines ask what is carried, how a step is made and which kernel of torch's there is; analyses which gate keeps; pages
and player which equations to write and who plays which role. A new cell is a file beside `gru.py` that fills one
`Kind`, a row in `cells.KINDS`, a plan for its diagram and its words. Nothing else names a cell to decide something.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gru_viz.cells.quantities import Cell, Quantity
from gru_viz.cells.spec import Spec

Edit = Callable[[Quantity, Tensor], Tensor]
"""Sees each activation before anything uses it, and returns the one to go on with: how a clamp enters a step."""


def unedited(_quantity: Quantity, value: Tensor) -> Tensor:
    """The edit that changes nothing."""
    return value


class Weights(NamedTuple):
    """One layer, one direction; rows stacked as `Kind.rows` says (G gates of H rows). Missing parts are zeros."""

    ih: Float[Tensor, "GH I"]
    hh: Float[Tensor, "GH P"]
    b_ih: Float[Tensor, " GH"]
    b_hh: Float[Tensor, " GH"]
    hr: Float[Tensor, "P H"] | None = None


class Make(Protocol):
    """What of a `Spec` not every cell has."""

    @property
    def nonlinearity(self) -> str: ...
    @property
    def proj_size(self) -> int: ...


class Step(Protocol):
    """What one step gives: a named tuple with an attribute for each quantity of its cell, h among them."""

    @property
    def h(self) -> Tensor: ...


Function = Literal["sigmoid", "tanh", "relu", "identity", "positive"]
"""What turns a sum into an activation; "positive" is MinGRU's g."""

STATES: Mapping[str, Callable[[Tensor], Tensor]] = MappingProxyType({"tanh": torch.tanh, "relu": torch.relu})
"""The functions that an h or what is shown of a memory is made by."""


@dataclass(frozen=True)
class Squash:
    """quantity = function(W_i x + b_i + W_h h_prev + b_h), for gates and candidates.

    Attributes:
        recurrent: whether h_prev has a say.
        reset: the gate that acts on what h_prev says, and whether "before" or "after" its matrix product.
        negated: the sum's sign is turned first: a gate whose weights are written for the opposite convention.
    """

    quantity: Quantity
    function: Function
    recurrent: bool = True
    reset: tuple[Quantity, Literal["before", "after"]] | None = None
    negated: bool = False
    phase: int = 1


@dataclass(frozen=True)
class Mix:
    """memory = keep * memory_prev + write * candidate: how a gated cell renews what it remembers.

    Attributes:
        write: None where it is what `keep` leaves: 1 - keep.
    """

    quantity: Quantity
    keep: Quantity
    candidate: Quantity
    write: Quantity | None = None
    phase: int = 3


@dataclass(frozen=True)
class Show:
    """quantity = gate * function(of): what a cell shows of a memory it keeps to itself."""

    quantity: Quantity
    gate: Quantity
    of: Quantity
    function: Function = "tanh"
    phase: int = 3


Equation = Squash | Mix | Show

Slopes = Mapping[str, Tensor]
"""Name -> `(*N, H)`: what one unit of change along one way through a step is worth where that way ends."""

Held = Mapping[Quantity, Tensor]
"""Where clamps set a quantity, `(*N, W)` bool; a quantity that no clamp touches is left out."""

LEAK = "leak"
"""The path along which the old memory itself is kept; every other has the name of the quantity it leads through."""


def passing(slope: Tensor, held: Held, *through: Quantity) -> Tensor:
    """A slope with zeros where a quantity on its way is held: what a clamp says does not change with anything."""
    for quantity in through:
        if quantity in held:
            slope = slope.masked_fill(held[quantity], 0)
    return slope


class Back(NamedTuple):
    """Gradients at what one step read.

    Attributes:
        state: at h_prev, or at h_prev and c_prev, `(K, *N, W)` each.
        sums: at the rows of ``W_ih x + b_ih``, `(K, *N, GH)`; times W_ih it is the gradient at x.
    """

    state: tuple[Tensor, ...]
    sums: Tensor


@dataclass(frozen=True)
class Adjoint:
    """One step's derivative, transposed: gradients at what it left in, gradients at what it read out. In closed form
    from what a trace holds; N are any dimensions of steps and sequences, K of gradients that go back side by side.

    Attributes:
        slopes: (weights, values, previous, held) -> everything that does not depend on the gradients. A held h is the
            caller's to mind: no gradient that arrives there is passed in.
        back: (weights, slopes, gradients at h, or h and c, `(K, *N, W)` each) -> `Back`; linear in the gradients.
        paths: what an old state reaches the new one through: path -> the slopes along it. The step with all other
            slopes at 0 is that path alone, and the paths add up to the step.
    """

    slopes: Callable[[Weights, Mapping[Quantity, Tensor], Mapping[Quantity, Tensor], Held], Slopes]
    back: Callable[[Weights, Slopes, tuple[Tensor, ...]], Back]
    paths: Mapping[str, tuple[str, ...]]


Role = Literal["memory", "kept", "written", "candidate", "own"]
ROLES: tuple[Role, ...] = ("memory", "kept", "written", "candidate", "own")
"""What can be laid side by side across cells; "own" is what only this cell has."""


@dataclass(frozen=True, eq=False)
class Kind:
    """A recurrent cell.

    Attributes:
        rows: how the rows of weight_ih and weight_hh are stacked.
        shown: the order in which pages draw its quantities, top to bottom.
        carried: what goes from one step to the next, in the order of the state: h, or h and c.
        modules: the layer, and torch's module of a single step where there is one.
        step: (spec, x, state, weights, edit) -> the textbook step.
        equations: what a page writes, one a row, top to bottom.
        adjoint: (spec) -> the step's derivative, transposed.
        roles: which quantities play which part, for comparing cells.
        kernel: torch's own forward for this make; None where it has none.
        onednn: a float32 layer without projection has a oneDNN kernel on CPUs, several times as fast as any loop.
        from_input: (spec, weights, x `(T, B, I)`) -> gates and candidate of all steps at once, for a cell in which x
            alone decides them; None where h_prev has a say.
        projects: whether `proj_size` may shrink h.
        nonlinearities: what `Spec.nonlinearity` may be.
        options: (spec) -> the arguments by which its layer is told what other cells do not have.
        opened: gates that are usually biased open at the start of training, and how far.
        plan: the name of its diagram's plan, or "" where it has none.
    """

    name: Cell
    rows: tuple[Quantity, ...]
    shown: tuple[Quantity, ...]
    carried: tuple[Quantity, ...]
    modules: tuple[type[nn.Module], ...]
    step: Callable[[Spec, Tensor, tuple[Tensor, ...], Weights, Edit], Step]
    equations: Callable[[Spec], tuple[Equation, ...]]
    adjoint: Callable[[Spec], Adjoint]
    roles: Mapping[Role, tuple[Quantity, ...]]
    kernel: Callable[[Spec], Callable[..., Any] | None] = lambda spec: None
    onednn: bool = False
    from_input: Callable[[Spec, Weights, Tensor], dict[Quantity, Tensor]] | None = None
    projects: bool = False
    nonlinearities: tuple[str, ...] = ("tanh",)
    options: Callable[[Make], dict[str, Any]] = lambda make: {}
    opened: Mapping[Quantity, float] = field(default_factory=lambda: MappingProxyType({}))
    plan: Callable[[Spec], str] = lambda spec: ""

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """What a trace of one layer holds: gates and candidate in the order of the rows, then c where there is one,
        then h."""
        return (*(row for row in self.rows if row not in self.carried), *reversed(self.carried))

    @cached_property
    def gates(self) -> tuple[Quantity, ...]:
        """The sigmoids, in the order shown."""
        return tuple(quantity for quantity in self.shown if quantity.is_gate)

    @cached_property
    def mix(self) -> Mix | None:
        """How its memory is renewed; None for a cell that overwrites all of it at every step."""
        return next((one for one in self.equations(_ANY) if isinstance(one, Mix)), None)

    @property
    def memory(self) -> Quantity:
        """What it remembers by: an LSTM's c, else h."""
        return self.mix.quantity if self.mix else Quantity.H

    @property
    def keep(self) -> Quantity | None:
        """The gate that the old memory is multiplied by, if any: a GRU's z (PyTorch's), an LSTM's f."""
        return self.mix.keep if self.mix else None

    @property
    def candidate(self) -> Quantity:
        """What is proposed: n, g, or the plain RNN's h itself."""
        return self.mix.candidate if self.mix else Quantity.H

    @property
    def hides(self) -> Quantity | None:
        """The gate that hides the old memory from what is proposed, if any: a GRU's r."""
        return next((one.reset[0] for one in self.equations(_ANY) if isinstance(one, Squash) and one.reset), None)

    @property
    def shows(self) -> Quantity | None:
        """The gate that decides what is shown of a memory kept beside h, if any: an LSTM's o."""
        return self.show.gate if self.show else None

    @property
    def turns(self) -> Quantity | None:
        """The gate that two conventions write differently, because writing is what it does not keep: z, if any."""
        return self.mix.keep if self.mix and self.mix.write is None else None

    @cached_property
    def show(self) -> Show | None:
        """What is shown of a memory that is kept inside; None where h is the memory."""
        return next((one for one in self.equations(_ANY) if isinstance(one, Show)), None)

    def last_line(
        self,
        spec: Spec,
        w: Weights,
        values: Mapping[Quantity, Tensor],
        previous: Mapping[Quantity, Tensor],
        x: Tensor,
    ) -> Tensor:
        """h `(T, B, P)` as the gates give it: the equations' last line, or the two of a memory that is shown."""
        mix, show = self.mix, self.show
        if mix is None:
            function = STATES[self.sum_of(Quantity.H, spec).function]
            return function(x @ w.ih.T + w.b_ih + previous[Quantity.H] @ w.hh.T + w.b_hh)
        keep = values[mix.keep]
        write = 1 - keep if mix.write is None else values[mix.write]
        h = keep * previous[mix.quantity] + write * values[mix.candidate]
        if show is not None:
            h = values[show.gate] * STATES[show.function](h)
        return h if w.hr is None else h @ w.hr.T

    def widths(self, spec: Spec) -> tuple[int, ...]:
        """The width of each part of the state: h's (the projection's, if there is one), c's."""
        return tuple(spec.state_size if part is Quantity.H else spec.hidden_size for part in self.carried)

    def part(self, stacked: Tensor, first: Quantity, last: Quantity | None = None) -> Tensor:
        """A view of the rows of a stacked weight or bias from `first` to `last`, both included (None: only it)."""
        begin, end = self.rows.index(first), self.rows.index(first if last is None else last) + 1
        size = stacked.shape[0] // len(self.rows)
        return stacked[begin * size : end * size]

    def sum_of(self, row: Quantity, spec: Spec) -> Squash:
        """The equation of what one part of the rows is for."""
        return next(one for one in self.equations(spec) if isinstance(one, Squash) and one.quantity is row)

    def named(self, stacked: Tensor) -> dict[Quantity, Tensor]:
        """The rows of a stacked weight, bias or sum `(…, G H)`'s last dimension, by what they are for."""
        return dict(zip(self.rows, stacked.chunk(len(self.rows), -1), strict=True))


_ANY = Spec(Cell.GRU, 1, 1, 1, ("forward",), False, True, 0.0)
"""A make for what of a record is the same for every make: who mixes and who keeps."""
