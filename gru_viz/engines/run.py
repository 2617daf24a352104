"""Which engine, and how layers and directions are chained: the one narrow door between a trace and its engines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from gru_viz.cells import KINDS
from gru_viz.cells.kind import Edit, Weights
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import BACKWARD, Spec
from gru_viz.engines import at_once, fused, loop, recover, textbook
from gru_viz.engines.carried import Pass
from gru_viz.engines.compiling import kernel
from gru_viz.engines.made import EngineName
from gru_viz.engines.textbook import EditAt
from gru_viz.engines.weights import Stack, detached


class Engine(Protocol):
    """Runs one layer in one direction.

    `x` is `(T, B, I)`, `state` is `(h0,)` or `(h0, c0)` with `(B, W)` each, and `alive` `(T, B)` says which steps are
    within their sequence (None: all). A backward pass holds its initial state until it reaches a sequence's last step.
    The result is input-aligned; values where `alive` is False are not defined.
    """

    def __call__(
        self, spec: Spec, weights: Weights, x: Tensor, state: tuple[Tensor, ...], alive: Tensor | None, *, reverse: bool
    ) -> Pass: ...


ONEDNN_CROSSOVER = 2048
"""B * H from which our loop beats oneDNN's kernel plus recovery on two CPU cores (`make bench` measures both)."""

FUSED_CROSSOVER = 2048
"""B * H for each row of the weights up to which the compiled loop is the fastest, where there is one: beyond it the
time goes into products, which torch makes on all cores (`python -m benchmarks.trace_speed --engines`)."""


NAMES: dict[Engine, EngineName] = {
    at_once.run: EngineName.AT_ONCE,
    fused.run: EngineName.FUSED,
    loop.run: EngineName.LOOP,
    recover.run: EngineName.RECOVER,
    textbook.run: EngineName.TEXTBOOK,
}


def choose(spec: Spec, x: Tensor) -> Engine:
    """The fastest engine for this cell, device and size that gives every quantity."""
    kind = KINDS[spec.cell]
    is_small = x.shape[1] * spec.hidden_size <= FUSED_CROSSOVER * len(kind.rows)
    if is_small and x.device.type == "cpu" and kernel(x.dtype, len(x)) is not None:
        return fused.run
    if kind.from_input is not None:
        return at_once.run
    if kind.kernel(spec) is None:
        return textbook.run
    if x.is_cuda:
        return recover.run
    # Where there is no oneDNN kernel the stock forward is a loop like ours.
    stock_is_fast = kind.onednn and x.device.type == "cpu" and x.dtype == torch.float32 and not spec.proj_size
    if stock_is_fast and x.shape[1] * spec.hidden_size < ONEDNN_CROSSOVER:
        return recover.run
    return loop.run


Call = tuple[Spec, Weights, Tensor, tuple[Tensor, ...], Tensor | None]
"""An engine's positional arguments."""


@dataclass(frozen=True)
class LayerEdits:
    """What is edited in one layer and direction.

    Attributes:
        steps: the input steps at which anything is, at least one.
        at: input step -> the edit there.
    """

    steps: frozenset[int]
    at: EditAt


@dataclass(frozen=True)
class LayerPass:
    """One layer in one direction: what it read, where it started, what was found and by which engine."""

    layer: int
    direction: str
    x: Tensor
    initial: tuple[Tensor, ...]
    run: Pass
    engine: EngineName


@dataclass(frozen=True)
class Plan:
    """How to run a stack: the inputs, and what only some callers want.

    Attributes:
        x: `(T, B, I)`, zero beyond a sequence's end.
        state: per carried quantity, `(L * D, B, W)` in PyTorch's order.
        alive: `(T, B)`, or None when every step counts.
        edits: (layer, direction) -> what is edited there; from its first edited step on the textbook engine runs.
        grad: keep the autograd graph (textbook engine).
        known_output: the last layer's h as the module itself returned it, `(T, B, D * P)`; its gates are recovered.
        autocast: what the module itself ran under; a layer that is run again runs through torch's kernel under it too.
        between: applied to what passes from one layer to the next (dropout in training).
    """

    x: Tensor
    state: tuple[Tensor, ...]
    alive: Tensor | None = None
    edits: Callable[[int, str], LayerEdits | None] = lambda layer, direction: None
    grad: bool = False
    known_output: Tensor | None = None
    between: Callable[[Tensor], Tensor] | None = None
    autocast: torch.dtype | None = None


def run_stack(spec: Spec, weights: Stack, plan: Plan) -> list[LayerPass]:
    """Runs every layer and direction in order, each on what the layer below put out.

    Args:
        weights: one `Weights` a layer and direction; with `plan.grad` they may carry a graph.
    """
    done: list[LayerPass] = []
    weights = weights if plan.grad else detached(weights)
    x = plan.x
    for layer in range(spec.num_layers):
        below = [_run_layer(spec, weights, plan, layer, place, x) for place in range(len(spec.directions))]
        done += below
        outputs = [b.run.values[Quantity.H] for b in below]
        x = outputs[0] if len(outputs) == 1 else torch.cat(outputs, -1)
        if plan.between is not None and layer < spec.num_layers - 1:
            x = plan.between(x)
    return done


def _run_layer(spec: Spec, weights: Stack, plan: Plan, layer: int, place: int, x: Tensor) -> LayerPass:
    direction = spec.directions[place]
    reverse = direction == BACKWARD
    row = layer * len(spec.directions) + place
    initial = tuple(part[row] for part in plan.state)
    edits = plan.edits(layer, direction)
    common = (spec, weights[row], x, initial, plan.alive)
    engine = choose(spec, x)
    has_kernel = KINDS[spec.cell].kernel(spec) is not None
    name = NAMES[engine]
    if plan.grad or (edits and name is EngineName.TEXTBOOK):
        edit_at = edits.at if edits else textbook.never
        name, run = EngineName.TEXTBOOK, textbook.run(*common, reverse=reverse, edit_at=edit_at, grad=plan.grad)
    elif edits:
        fast = engine(*common, reverse=reverse)
        name, run = EngineName.TEXTBOOK, _edited(fast, common, edits, reverse=reverse)
    elif plan.known_output is not None and layer == spec.num_layers - 1 and has_kernel:
        h = plan.known_output.split(spec.state_size, -1)[place]
        name, run = EngineName.RECORDED, recover.recover(*common, h, reverse=reverse)
    elif plan.autocast is not None and has_kernel:
        name, run = EngineName.RECOVER, recover.run(*common, reverse=reverse, autocast=plan.autocast)
    else:
        run = engine(*common, reverse=reverse)
    return LayerPass(layer, direction, x, initial, run if plan.alive is None else _within(run, plan), name)


def _edited(run: Pass, call: Call, edits: LayerEdits, *, reverse: bool) -> Pass:
    """A fast run with its part from the first edited step on computed again by the textbook, in place.

    Up to there it is, to the last bit, what the same call gives without edits: nothing parts before its cause.
    """
    spec, weights, x, _, alive = call
    first = max(edits.steps) if reverse else min(edits.steps)
    rest = slice(None, first + 1) if reverse else slice(first, None)
    state = tuple(run.previous[q][first].clone() for q in run.previous)
    seen = None if alive is None else alive[rest]

    def edit_at(step: int) -> Edit:
        return edits.at(step if reverse else step + first)

    again = textbook.run(spec, weights, x[rest], state, seen, reverse=reverse, edit_at=edit_at)
    for found, part in ((run.values, again.values), (run.previous, again.previous)):
        for quantity, value in part.items():
            found[quantity][rest] = value
    return run


def _within(run: Pass, plan: Plan) -> Pass:
    """The run with zeros beyond every sequence's end: in place, but for h_prev and c_prev, which share h's and c's."""
    previous = {q: masked(v, plan.alive) for q, v in run.previous.items()}
    if plan.grad:
        return Pass({q: masked(v, plan.alive) for q, v in run.values.items()}, previous)
    assert plan.alive is not None
    beyond = ~plan.alive.unsqueeze(-1)
    return Pass({q: v.masked_fill_(beyond, 0) for q, v in run.values.items()}, previous)


def masked(value: Tensor, alive: Tensor | None) -> Tensor:
    """`value` `(T, B, W)` with zeros beyond every sequence's end."""
    return value if alive is None else value.masked_fill(~alive.unsqueeze(-1), 0)
