"""solve(): all steps of a recurrent network at once, by Newton's method; every iterate kept, beside the loop.

The states of T steps are the root of s_t - f(s_{t-1}, x_t), t = 1 .. T. A round takes f and its derivative J_t at every
step of the last iterate, which waits for nothing, and then

    s_t  <-  f(s_{t-1}) + J_t (new s_{t-1} - old s_{t-1})

which is linear in the new s, so that an associative scan solves it in log2 T levels. **full**: J_t whole (DEER: Lim,
Zhu, Selfridge and Kasim 2024, arXiv:2309.12252). **diagonal**: only its diagonal, so that the scan multiplies numbers
where the full form multiplies matrices (quasi-DEER: Gonzalez, Warrington, Smith and Linderman 2024, arXiv:2407.19115).
Both have one fixed point, the loop's states; each round makes at least one more step exact, whatever J is, so that T
rounds always do. The first guess is 0 everywhere.

How it is computed here. The diagonal form runs the scan of `gru_viz.cells.mingru`. The full form applies J_t to a
vector (`tangent.py`), one step after the other: the same iterates as a scan over matrices would give, with T·H numbers
held instead of T·H²; its rounds and waits are a parallel machine's, its seconds are not. Everything is computed in
float64, where the device has it, so that what is missing to the loop is Newton's and not rounding's.

A wait is what no parallelism saves: the first evaluation of f and J, then the scan's ceil(log2 T) levels, makes
ceil(log2 T) + 1 a round; a layer waits for the one below it, two directions go side by side. The loop waits T times a
layer. That a solver must evaluate f once more to see that it has arrived is not counted.

Before they arrive iterates may grow without bound, in the full form by many powers of ten. A step that leaves
±`FARTHEST`, or is no number, is put back to f(s_{t-1}), which keeps what is said above about exact steps; `put_back`
counts such steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, isfinite, log2
from typing import Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from gru_viz.analysis.tangent import tangent
from gru_viz.cells import KINDS
from gru_viz.cells.kind import Weights, unedited
from gru_viz.cells.mingru import scan
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import BACKWARD, FORWARD, Spec
from gru_viz.engines.run import Plan, run_stack
from gru_viz.engines.spec_of import check_place
from gru_viz.engines.weights import all_weights
from gru_viz.errors import InputError
from gru_viz.scalars import real, refused, whole
from gru_viz.tracing.trace import Trace, trace

Form = Literal["diagonal", "full"]
FORMS: tuple[Form, ...] = get_args(Form)

TOLERANCE = 1e-8
"""How far an iterate may be from what f makes of it for the rounds to end."""
EXACT = 1e-6
"""A state this close to the loop's is exact, if nothing else is asked."""
FARTHEST = 1e30
"""Where a state is put back; iterates are kept in float32 for float32 modules, which ends at 3e38."""
SETTLED = 1e-14
"""Leading steps that f changes by less are done, and later rounds do not compute them again."""

KEPT_BYTES = 256 * 2**20
"""Iterates of all layers together take at most this; of longer runs every second, fourth … round is kept."""
WORK_BYTES = 512 * 2**20
"""What one round may hold at once, about; more is refused."""
_HELD = 16
"""Numbers a round holds for each unit of a gate and step, about."""


@dataclass(frozen=True)
class Solved:
    """One layer in one direction, solved. R rounds were made, K of the R + 1 iterates are kept.

    Attributes:
        values: quantity of the state (h, an LSTM's c) -> the iterates `(K, T, B, W)`, input-aligned, the first guess
            first and the last iterate last; 0 beyond a sequence's end.
        kept: which iterates those are, from 0; all of them, unless they would take more than `KEPT_BYTES`.
        residuals: `(R + 1,)` of every iterate, the most that f changes any number of it.
        errors: `(R + 1, T)` of every iterate and step, the most that any number of the state is off the loop's.
        largest: `(R + 1,)` the largest number of every iterate.
        put_back: `(R,)` how many steps of every round were put back to f of the step before (see the head of this
            module), over the batch.
        converged: the last residual is within the tolerance.
    """

    layer: int
    direction: str
    form: Form
    values: Mapping[Quantity, Tensor]
    kept: tuple[int, ...]
    residuals: Tensor
    errors: Tensor
    largest: Tensor
    put_back: tuple[int, ...]
    converged: bool

    @property
    def iterates(self) -> Tensor:
        """h of the iterates kept, `(K, T, B, P)`."""
        return self.values[Quantity.H]

    @property
    def rounds(self) -> int:
        """How many rounds were made."""
        return len(self.put_back)

    @property
    def waits(self) -> int:
        """What no parallelism saves: the rounds, each with the levels of its scan."""
        return self.rounds * waits_a_round(self.errors.shape[1])

    def exact(self, within: float = EXACT) -> tuple[int, ...]:
        """(R + 1 of them) how many steps are exact from the first one read, iterate by iterate: the front of truth."""
        right = self.errors <= within
        right = right.flip(1) if self.direction == BACKWARD else right
        return tuple(right.long().cumprod(1).sum(1).tolist())

    def rounds_to(self, within: float = EXACT) -> int | None:
        """After how many rounds every step is and stays exact; None if the last iterate is not."""
        wrong = (self.errors > within).any(1).nonzero().flatten().tolist()
        first = wrong[-1] + 1 if wrong else 0
        return first if first < len(self.errors) else None


@dataclass(frozen=True)
class Solution:
    """What `solve` found: the layers in PyTorch's order, layer 0 forward, layer 0 backward, layer 1 forward …

    Attributes:
        tolerance: on the residual, at which rounds end.
    """

    spec: Spec
    form: Form
    tolerance: float
    layers: tuple[Solved, ...]

    def layer(self, k: int = -1, direction: str = FORWARD) -> Solved:
        """One layer in one direction.

        Raises:
            InputError: there is no such place.
        """
        ways = self.spec.directions
        return self.layers[check_place(self.spec, k, direction) * len(ways) + ways.index(direction)]

    @cached_property
    def iterates(self) -> Tensor:
        """The last layer's h as the module puts it out, `(K, T, B, D·P)`; where one direction made fewer rounds, or
        kept others, it stands at the latest it had."""
        ends = self.layers[-len(self.spec.directions) :]
        rounds = sorted({number for one in ends for number in one.kept})
        return torch.cat([one.iterates[[_latest(one.kept, number) for number in rounds]] for one in ends], -1)

    @property
    def converged(self) -> bool:
        """Whether every layer did."""
        return all(one.converged for one in self.layers)

    @property
    def rounds(self) -> int:
        """Rounds one after the other: of every layer the direction that made the most."""
        return sum(max(one.rounds for one in side_by_side) for side_by_side in self._by_layer)

    @property
    def waits(self) -> int:
        """What no parallelism saves, in all layers."""
        return sum(max(one.waits for one in side_by_side) for side_by_side in self._by_layer)

    @property
    def loop_waits(self) -> int:
        """The same of the loop: T steps a layer."""
        return self.layers[0].errors.shape[1] * self.spec.num_layers

    @property
    def _by_layer(self) -> list[tuple[Solved, ...]]:
        ways = len(self.spec.directions)
        return [self.layers[start : start + ways] for start in range(0, len(self.layers), ways)]


def waits_a_round(steps: int) -> int:
    """The evaluation of all steps at once, and the levels of a scan over them: ceil(log2 T) + 1."""
    return ceil(log2(steps)) + 1


def solve(
    rnn: nn.RNNBase,
    x: Tensor | PackedSequence,
    hx: Tensor | tuple[Tensor, Tensor] | None = None,
    lengths: Tensor | Sequence[int] | None = None,
    *,
    form: Form = "diagonal",
    rounds: int | None = None,
    tolerance: float = TOLERANCE,
    cancelled: Callable[[], bool] = lambda: False,
) -> Solution:
    """Solves all steps of a recurrent module at once by Newton's method, and says how far each round came.

    Args:
        rnn, x, hx, lengths: as `gru_viz.trace` takes them.
        form: "diagonal" or "full"; see the head of this module. For a cell whose x alone decides (MinGRU) they are one,
            and one round is exact.
        rounds: a layer and direction makes at most so many; T if None, which always do.
        tolerance: rounds end when f changes no number by more. How many rounds the diagonal form takes hangs on it;
            `Solved.rounds_to` says how many were needed for other precisions.
        cancelled: asked before every round; True ends all of them, and what was found is returned, not converged.

    Returns:
        The iterates and what is known of them. Memory: `KEPT_BYTES` for iterates, about `WORK_BYTES` besides.

    Raises:
        InputError: the call cannot be run, or one round would not fit into memory.
    """
    if not isinstance(form, str) or form not in FORMS:
        raise refused("form", form, '"diagonal" or "full"')
    most = None if rounds is None else whole(rounds)
    if rounds is not None and (most is None or most < 1):
        raise refused("rounds", rounds, "a whole number from 1, or None")
    limit = real(tolerance)
    if limit is None or not isfinite(limit) or limit <= 0:
        raise refused("tolerance", tolerance, "a number above 0")
    traced = trace(rnn, x, hx, lengths)
    _check_size(traced)
    stack, plan = _in_float64(rnn, traced)
    loop = run_stack(traced.spec, stack, plan)
    ask = _Ask(form, limit, most or len(traced), cancelled, traced.layers[0].h.dtype, len(traced.layers))
    solved: list[Solved] = []
    read = plan.x
    for place, right in enumerate(loop):
        if right.direction == traced.spec.directions[0] and right.layer:
            below = solved[-len(traced.spec.directions) :]
            read = torch.cat([one.values[Quantity.H][-1] for one in below], -1).to(plan.x.dtype)
        true = tuple(right.run.values[part] for part in KINDS[traced.spec.cell].carried)
        given = _Given(traced.spec, stack[place], read, right.initial, true, plan.alive, right.direction == BACKWARD)
        solved.append(_layer(given, ask, right.layer, right.direction))
    return Solution(traced.spec, form, limit, tuple(solved))


def _check_size(traced: Trace) -> None:
    spec = traced.spec
    rows = len(KINDS[spec.cell].rows) * spec.hidden_size
    needed = _HELD * 8 * len(traced) * traced.batch_size * rows
    if needed > WORK_BYTES:
        raise InputError(
            "solve.size",
            "One round over {steps} steps of {batch} sequences with {units} units would hold about {found} MB; solve "
            "at most {most} steps at once, or fewer sequences.",
            steps=len(traced),
            batch=traced.batch_size,
            units=spec.hidden_size,
            found=needed // 2**20,
            most=max(1, len(traced) * WORK_BYTES // needed),
        )


def _in_float64(rnn: nn.RNNBase, traced: Trace) -> tuple[tuple[Weights, ...], Plan]:
    """The weights and what is read, in float64 where the device has it."""
    first = traced.layers[0]
    exact = torch.float32 if first.x.device.type == "mps" else torch.float64
    stack = tuple(
        Weights(*(None if w is None else w.to(exact) for w in each))  # type: ignore[arg-type]
        for each in all_weights(rnn, first.x)
    )
    carried = KINDS[traced.spec.cell].carried
    state = tuple(torch.stack([layer.initial(part) for layer in traced.layers]).to(exact) for part in carried)
    return stack, Plan(first.x.to(exact), state, first.alive)


@dataclass(frozen=True)
class _Ask:
    """How to solve a layer.

    Attributes:
        keep_as: the dtype of what is kept.
        shares: how many layers and directions share the memory.
    """

    form: Form
    tolerance: float
    rounds: int
    cancelled: Callable[[], bool]
    keep_as: torch.dtype
    shares: int


@dataclass(frozen=True)
class _Given:
    """A layer in one direction: weights, what it reads `(T, B, I)`, where it starts `(B, W)`, the loop's states."""

    spec: Spec
    weights: Weights
    x: Tensor
    initial: tuple[Tensor, ...]
    true: tuple[Tensor, ...]
    alive: Tensor | None
    reverse: bool

    def in_reading_order(self, value: Tensor) -> Tensor:
        """Steps in the order they are read; and back."""
        return value.flip(0) if self.reverse else value


@torch.no_grad()
def _layer(given: _Given, ask: _Ask, layer: int, direction: str) -> Solved:
    x = given.in_reading_order(given.x)
    alive = None if given.alive is None else given.in_reading_order(given.alive)
    true = tuple(given.in_reading_order(part) for part in given.true)
    # In slot 0 the first state, in the others the iterate; zeros are the first guess.
    slots = tuple(torch.cat([part.unsqueeze(0), part.new_zeros(len(x), *part.shape)]) for part in given.initial)
    told = _Told(given, ask, alive, true)
    begin = 0
    while True:
        reading = tuple(part[begin:-1] for part in slots)
        seen = None if alive is None else alive[begin:]
        done = KINDS[given.spec.cell].step(given.spec, x[begin:], reading, given.weights, unedited)
        made = tuple(_held(getattr(done, q), seen, s) for q, s in told.named(given.initial))
        residual = tuple(f - part[begin + 1 :] for f, part in zip(made, slots, strict=True))
        moved = _most(residual)
        told.write(slots, float(moved.max()))
        if told.residuals[-1] <= ask.tolerance or told.rounds == ask.rounds or ask.cancelled():
            break
        linear = tangent(given.spec, given.weights, done, reading)
        linear = linear if seen is None else linear.stilled(seen)
        if ask.form == "full":
            step = linear.applied(residual)
        else:
            step = tuple(scan(own, r) for own, r in zip(linear.diagonal(), residual, strict=True))
        told.put_back.append(_renew(tuple(part[begin + 1 :] for part in slots), step, made))
        # Steps up to here were what f makes of exact ones, and the first after them has just become so.
        begin += int((moved.amax(1) > SETTLED).long().argmax())
    return told.solved(layer, direction)


def _held(value: Tensor, alive: Tensor | None, initial: Tensor) -> Tensor:
    """f with the first state beyond a sequence's end, where a backward reader waits for its first step."""
    return value if alive is None else torch.where(alive.unsqueeze(-1), value, initial)


def _most(parts: Sequence[Tensor]) -> Tensor:
    """`(T, B)` the largest number of every step's state, by its size."""
    return torch.stack([part.abs().amax(-1) for part in parts]).amax(0)


def _renew(now: tuple[Tensor, ...], step: tuple[Tensor, ...], made: tuple[Tensor, ...]) -> int:
    """Takes the step in place, where it leads to numbers; elsewhere what f made. How many steps that were."""
    new = tuple(part + by for part, by in zip(now, step, strict=True))
    lost = ~(_most(new) <= FARTHEST)
    for part, found, f in zip(now, new, made, strict=True):
        part.copy_(torch.where(lost.unsqueeze(-1), f.clamp(-FARTHEST, FARTHEST), found))
    return int(lost.sum())


class _Told:
    """What is written down of every iterate of one layer."""

    def __init__(self, given: _Given, ask: _Ask, alive: Tensor | None, true: tuple[Tensor, ...]) -> None:
        self._given, self._ask, self._alive, self._true = given, ask, alive, true
        self._values: list[list[Tensor]] = []
        self._numbers: list[int] = []
        self._stride = 1
        self._errors: list[Tensor] = []
        self._largest: list[float] = []
        self.residuals: list[float] = []
        self.put_back: list[int] = []

    @property
    def rounds(self) -> int:
        return len(self.put_back)

    def named(self, state: tuple[Tensor, ...]) -> zip[tuple[Quantity, Tensor]]:
        """Each part of a state with its quantity."""
        return zip(KINDS[self._given.spec.cell].carried, state, strict=True)

    def write(self, slots: tuple[Tensor, ...], residual: float) -> None:
        now = tuple(part[1:] for part in slots)
        off = _most([part - right for part, right in zip(now, self._true, strict=True)])
        self._errors.append((off if self._alive is None else off * self._alive).amax(1))
        self._largest.append(float(_most(now).max()))
        self.residuals.append(residual)
        if self._numbers and self._numbers[-1] % self._stride:
            self._drop(-1)  # the last one is always kept, until it is not the last
        self._values.append([self._put(part) for part in now])
        self._numbers.append(self.rounds)
        while self._bytes > KEPT_BYTES // self._ask.shares and len(self._numbers) > 2:
            self._stride *= 2
            for place in reversed(range(len(self._numbers) - 1)):
                if self._numbers[place] % self._stride:
                    self._drop(place)

    def _drop(self, place: int) -> None:
        del self._values[place], self._numbers[place]

    @property
    def _bytes(self) -> int:
        return len(self._values) * sum(part.numel() * part.element_size() for part in self._values[0])

    def _put(self, part: Tensor) -> Tensor:
        part = part if self._alive is None else part.masked_fill(~self._alive.unsqueeze(-1), 0)
        kept = torch.float32 if self._ask.keep_as.itemsize < 4 else self._ask.keep_as
        return self._given.in_reading_order(part).to(kept, copy=True)

    def _stacked(self, place: int) -> Tensor:
        """`(K, T, B, W)` of one part of the state; each iterate is let go once it is copied."""
        first = self._values[0][place]
        stacked = first.new_empty(len(self._values), *first.shape)
        for number, parts in enumerate(self._values):
            stacked[number] = parts[place]
            parts[place] = stacked[number]
        return stacked

    def solved(self, layer: int, direction: str) -> Solved:
        errors = torch.stack(self._errors)
        return Solved(
            layer,
            direction,
            self._ask.form,
            {q: self._stacked(place) for place, q in enumerate(KINDS[self._given.spec.cell].carried)},
            tuple(self._numbers),
            torch.tensor(self.residuals, dtype=torch.float64),
            errors.flip(1) if self._given.reverse else errors,
            torch.tensor(self._largest, dtype=torch.float64),
            tuple(self.put_back),
            self.residuals[-1] <= self._ask.tolerance,
        )


def _latest(kept: tuple[int, ...], number: int) -> int:
    """The place of the last iterate kept up to this one."""
    return max(place for place, one in enumerate(kept) if one <= number)
