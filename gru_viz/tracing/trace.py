"""Trace: everything a recurrent module computed, step by step; and `trace()`, which makes one.

A reader who comes from `cells.py` needs three facts. Tensors of a `LayerTrace` are time-major `(T, B, ·)` and aligned
to the input, so index t is input step t for a backward pass too. z is PyTorch's. A Trace holds activations, never
weights; what needs weights (`terms`, `difference`) is given the module again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from gru_viz.cells.quantities import Cell, Quantity
from gru_viz.engines.made import Made, arithmetic, identity
from gru_viz.engines.run import LayerRun, Plan, run_stack
from gru_viz.engines.spec import BACKWARD, FORWARD, Spec, check_place, is_cell, spec_of
from gru_viz.engines.weights import named_weights, weights_and_inputs
from gru_viz.errors import InputError
from gru_viz.scalars import is_a, refused, shown, whole
from gru_viz.tracing.edits import Edits, Interventions, clamps_of
from gru_viz.tracing.layout import Layout, as_layers, check_all_finite, check_real, read

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from gru_viz.tracing.diff import TraceDiff


@dataclass(frozen=True, repr=False)
class LayerTrace:
    """One layer in one direction: every activation of every step.

    Tensors are `(T, B, ·)`, input-aligned: GRU `.r .z .n`, LSTM `.i .f .g .o .c .c_prev`, and for every cell
    `.h .h_prev` and the layer's input `.x`. `h_prev[t]` is what the cell read at step t. Steps beyond a sequence's end
    hold zeros, and `False` in `.mask` `(T, B)`.

    Attributes:
        cell: which equations.
        direction: "forward" or "backward".
        reset_after: where a GRU's r acts (PyTorch: after the matrix product).
        values: each quantity of the cell, gates first, in PyTorch's row order.
        previous: what the cell read of h (and c) at each step.
    """

    cell: Cell
    direction: str
    reset_after: bool
    x: Tensor
    values: Mapping[Quantity, Tensor]
    previous: Mapping[Quantity, Tensor]
    alive: Tensor | None = None

    def __getattr__(self, name: str) -> Tensor:
        own = self.__dict__  # while a copy or pickle is being made it is empty, and asking self would not end
        values, previous = own.get("values", {}), own.get("previous", {})
        stem = name.removesuffix("_prev")
        found = previous if name.endswith("_prev") else values
        if stem in found:
            return found[stem]
        held = ", ".join([*values, *(f"{q}_prev" for q in previous)])
        raise AttributeError(f"this layer of {own.get('cell')} has no '{name}'; it has {held}")

    def __repr__(self) -> str:
        steps, batch, _ = self.x.shape
        return f"LayerTrace({self.cell} {self.direction}, T={steps}, B={batch}, holds {' '.join(self.values)})"

    @property
    def gates(self) -> Mapping[str, Tensor]:
        """Gates and candidate by name in PyTorch's row order: r, z, n or i, f, g, o; empty for the plain RNN."""
        carried = (Quantity.H, Quantity.C)
        return MappingProxyType({q.value: v for q, v in self.values.items() if q not in carried})

    @property
    def mask(self) -> Tensor:
        """`(T, B)` bool: which steps are within their sequence."""
        if self.alive is not None:
            return self.alive
        return torch.ones(self.x.shape[:2], dtype=torch.bool, device=self.x.device)

    def initial(self, quantity: Quantity) -> Tensor:
        """`(B, W)`: the h (or c) this pass started from."""
        previous = self.previous[quantity]
        if self.direction != BACKWARD:
            return previous[0]
        return previous[self.mask.sum(0) - 1, torch.arange(previous.shape[1], device=previous.device)]

    def quantity(self, name: str) -> Tensor:
        """The tensor of a quantity by name: one of `.values`, "h_prev" or "c_prev".

        Raises:
            InputError: this layer has none of that name.
        """
        try:
            return getattr(self, name)
        except (AttributeError, TypeError):
            raise refused("A quantity", name, f"one of {', '.join(self.values)}") from None

    def cpu(self) -> LayerTrace:
        """The same layer with its tensors in main memory."""
        return self._map(Tensor.cpu)

    def detach(self) -> LayerTrace:
        """The same layer outside any autograd graph."""
        return self._map(Tensor.detach)

    def numpy(self) -> dict[str, np.ndarray]:
        """Every quantity by name as a NumPy array (bfloat16 as float32), with x, h_prev, c_prev and mask."""
        named = {"x": self.x, **{q.value: v for q, v in self.values.items()}}
        named |= {f"{q.value}_prev": v for q, v in self.previous.items()} | {"mask": self.mask}
        return {name: _plain(value).numpy() for name, value in named.items()}

    def _map(self, change: Any) -> LayerTrace:
        return replace(
            self,
            x=change(self.x),
            values={q: change(v) for q, v in self.values.items()},
            previous={q: change(v) for q, v in self.previous.items()},
            alive=None if self.alive is None else change(self.alive),
        )


def _plain(value: Tensor) -> Tensor:
    value = value.detach().cpu()
    return value.float() if value.dtype in (torch.bfloat16, torch.float16) else value


@dataclass(frozen=True, repr=False)
class Trace:
    """Everything one call of a recurrent module computed. Made by `gru_viz.trace` or `gru_viz.record`.

    Attributes:
        output: what the module returns first: same value, layout and type (tensor or `PackedSequence`).
        final: what it returns second: h_n, or (h_n, c_n) for an LSTM.
        spec: the module's make (cell, sizes, directions), without its weights.
        made: by which engines, in which precision and with which clamps the numbers were made.
        tokens: optional labels of the input steps.
    """

    spec: Spec
    layers: tuple[LayerTrace, ...]
    output: Tensor | PackedSequence
    final: Tensor | tuple[Tensor, Tensor]
    layout: Layout
    made: Made
    tokens: tuple[str, ...] | None = field(default=None, kw_only=True)

    def __repr__(self) -> str:
        ways = " and ".join(self.directions)
        return f"Trace({self.spec.name} {ways}, T={len(self)}, B={self.batch_size}, {self.dtype} on {self.device})"

    def __len__(self) -> int:
        """The number of input steps T."""
        return self.layers[0].x.shape[0]

    @property
    def cell(self) -> Cell:
        return self.spec.cell

    @property
    def num_layers(self) -> int:
        return self.spec.num_layers

    @property
    def directions(self) -> tuple[str, ...]:
        return self.spec.directions

    @property
    def hidden_size(self) -> int:
        return self.spec.hidden_size

    @property
    def batch_size(self) -> int:
        return self.layers[0].x.shape[1]

    @property
    def device(self) -> torch.device:
        return self.layers[0].x.device

    @property
    def dtype(self) -> torch.dtype:
        return self.layers[0].x.dtype

    @property
    def initial(self) -> tuple[Tensor, ...]:
        """The state the call started from, `(L * D, B, W)` per carried quantity: (h0,) or (h0, c0)."""
        return tuple(torch.stack([layer.initial(q) for layer in self.layers]) for q in self.layers[0].previous)

    def layer(self, k: int, direction: str = FORWARD) -> LayerTrace:
        """Layer k (0-based; negative from the top) in one direction.

        Raises:
            InputError: there is no such layer or direction.
        """
        place = check_place(self.spec, k, direction) * len(self.directions) + self.directions.index(direction)
        return self.layers[place]

    def check_batch(self, batch: int) -> None:
        """Raises an `InputError` where the trace holds no such sequence."""
        number = whole(batch)
        if number is None or not 0 <= number < self.batch_size:
            raise InputError(
                "frame.batch",
                "There is no sequence {batch}: this trace has {size}, numbered 0 to {last}.",
                batch=shown(batch) if number is None else number,
                size=self.batch_size,
                last=self.batch_size - 1,
            )

    def with_tokens(self, tokens: Sequence[str]) -> Trace:
        """The same trace with a label for each step.

        Raises:
            InputError: the number of labels is not the number of steps, or a label is no text.
        """
        try:
            tokens = tuple(tokens)
        except (TypeError, RuntimeError):
            raise refused("tokens", tokens, "a label for each step") from None
        for token in tokens:
            if not isinstance(token, str):
                raise refused("A token", token, "texts alone")
        if len(tokens) != len(self):
            raise InputError(
                "tokens.count",
                "{found} tokens do not label {steps} steps; pass one per step.",
                found=len(tokens),
                steps=len(self),
            )
        return replace(self, tokens=tuple(tokens))

    def to_frame(self, layer: int = 0, direction: str = FORWARD, batch: int = 0) -> pd.DataFrame:
        """A tidy table of one layer and one sequence: step, token, unit, then one column per quantity.

        Rows run over the valid steps (0-based), then units. An LSTM with a projection has fewer values of h than
        units; its missing h are NaN.

        Raises:
            InputError: no such layer, direction or sequence in the batch.
        """
        from gru_viz.tracing.frame import frame_of

        return frame_of(self, layer, direction, batch)

    def diff(self, other: Trace) -> TraceDiff:
        """This trace beside another of the same make, aligned step by step over the shorter length.

        What rounding explains, given how both were made, is no difference; and where both come from the same weights,
        nothing parts before a step at which the inputs, the states or the clamps do.

        Raises:
            InputError: the two have different cells, layers, directions, widths or batch sizes.
        """
        from gru_viz.tracing.diff import TraceDiff

        return TraceDiff.of(self, other)

    def save(self, path: str | Path) -> None:
        """Writes the trace as one safetensors file, atomically: a crash leaves the old file or none.

        A new file has the rights that any new file gets, one that is replaced keeps its own; a symbolic link is
        followed. A digest of everything goes with it.

        Args:
            path: of the file; ~ is the home folder.

        Raises:
            InputError: there is no such folder, or nothing can be written there.
        """
        from gru_viz.tracing.storage import save

        save(self, path)

    @staticmethod
    def load(path: str | Path) -> Trace:
        """Reads a trace that `save` wrote; tensors come to CPU with the dtype they had.

        Raises:
            InputError: the file is missing, cut, changed after it was saved, or no trace.
        """
        from gru_viz.tracing.storage import load

        return load(path)


def trace(
    rnn: nn.RNNBase,
    x: Tensor | PackedSequence,
    hx: Tensor | tuple[Tensor, Tensor] | None = None,
    lengths: Tensor | Sequence[int] | None = None,
    *,
    interventions: Interventions = (),
    grad: bool = False,
) -> Trace:
    """Runs a recurrent module and keeps everything it computed.

    Args:
        rnn: an `nn.GRU`, `nn.LSTM`, `nn.RNN` or `gv.GRU`: any layers, directions, `proj_size`, dtype, device; pruned,
            normed or parametrised weights are those its own call would use, and its forward pre-hooks are run. Or an
            `nn.GRUCell`, `nn.LSTMCell` or `nn.RNNCell`, which is run in a loop over x, as a layer of its make.
        x: exactly what the module accepts: `(T, B, I)`, `(B, T, I)` if batch_first, `(T, I)`, or a `PackedSequence`.
            Without a graph, the trace's `.x` of the first layer is a view of this tensor, not a copy.
        hx: the initial state as the module takes it (a cell's may be a layer's, with a first dimension of 1); zeros
            if None.
        lengths: `(B,)` steps of each sequence of a padded batch; the same values as packing gives.
        interventions: a clamp, or several, applied in order. Up to the first of them the numbers are, to the last bit,
            those of the same call without clamps.
        grad: run the textbook steps under autograd and keep the graph; otherwise none is built.

    Returns:
        The trace; `.output` and `.final` are what the forward of `rnn(x, hx)` returns, before any forward hook changes
        it, up to rounding (`.made.precision.tolerance`); a cell's are those of a layer. The module and its buffers stay
        as they are, also where its own call would move them.

    Raises:
        InputError: the call cannot be run; the sentence says what was wrong, where, and what would fit.
    """
    spec = spec_of(rnn)
    refuse_hidden_dropout(spec, rnn)
    weights, x, hx = weights_and_inputs(rnn, spec, x, hx, grad=grad)
    named = named_weights(rnn, spec, weights)
    check_real(weights[0].ih)
    totals = check_all_finite(named, ("row", "column"))
    if is_cell(rnn):
        hx = as_layers(x, hx)
    arguments = read(spec, x, hx, lengths, weights[0].ih)
    clamps = clamps_of(interventions)
    plan = Plan(
        x=arguments.x if grad else arguments.x.detach(),
        state=arguments.state if grad else tuple(s.detach() for s in arguments.state),
        alive=arguments.alive,
        grad=grad,
    )
    if clamps:
        plan = replace(plan, edits=Edits(clamps, spec, plan.x))
    with torch.autocast(plan.x.device.type, enabled=False):
        runs = run_stack(spec, weights, plan)
    engines = tuple(r.engine for r in runs)
    made = Made(engines, arithmetic(plan.x, engines), clamps, identity(list(named.values()), totals))
    return assemble(spec, runs, plan.alive, arguments.layout, made)


def refuse_hidden_dropout(spec: Spec, rnn: nn.Module) -> None:
    """Raises an `InputError` where dropout between layers is on: its masks are not to be seen from outside."""
    if rnn.training and spec.dropout and spec.num_layers > 1:
        raise InputError(
            "module.dropout",
            "This {cell} is in training mode with dropout {dropout} between its layers, whose random masks cannot be "
            "seen; call .eval() first, or set dropout to 0.",
            cell=spec.cell.value,
            dropout=spec.dropout,
        )


def assemble(spec: Spec, runs: list[LayerRun], alive: Tensor | None, layout: Layout, made: Made | None = None) -> Trace:
    """A Trace from what the engines found, with output and final state in the caller's form.

    Args:
        made: how the runs were made; by engines of theirs on plain tensors of unknown weights if None.
    """
    if made is None:
        engines = tuple(r.engine for r in runs)
        made = Made(engines, arithmetic(runs[0].x, engines))
    layers = tuple(_layer_trace(spec, r, alive) for r in runs)
    top = [layer.h for layer in layers[-len(spec.directions) :]]
    output = layout.output(top[0] if len(top) == 1 else torch.cat(top, -1))
    carried = tuple(layers[0].previous)
    final = tuple(layout.state(torch.stack([_last(layer, q, layout.lengths) for layer in layers])) for q in carried)
    return Trace(spec, layers, output, final[0] if len(final) == 1 else final, layout, made)  # type: ignore[arg-type]


def _layer_trace(spec: Spec, r: LayerRun, alive: Tensor | None) -> LayerTrace:
    return LayerTrace(
        cell=spec.cell,
        direction=r.direction,
        reset_after=spec.reset_after,
        x=r.x,
        values=r.run.values,
        previous=r.run.previous,
        alive=alive,
    )


def _last(layer: LayerTrace, quantity: Quantity, lengths: Tensor | None) -> Tensor:
    """`(B, W)`: the value after the last step the pass read of each sequence."""
    value = layer.values[quantity]
    if layer.direction == BACKWARD:
        return value[0]
    if lengths is None:
        return value[-1]
    return value[lengths - 1, torch.arange(value.shape[1], device=value.device)]


def update_gate(layer: LayerTrace, convention: str = "keep") -> Tensor:
    """z `(T, B, H)` as the chosen convention writes it: a view of the same numbers, never another run.

    Args:
        layer: one layer of a GRU's trace.
        convention: "keep": z -> 1 keeps the old state, as in PyTorch, cuDNN and Cho et al. 2014 (arXiv:1406.1078,
            eq. 7); "new": z -> 1 takes the new one, as in Chung et al. 2014 (arXiv:1412.3555, eq. 2) and the
            tutorial: ``1 - z`` of the trace.

    Raises:
        InputError: the layer is no GRU, or the convention has another name.
    """
    if not is_a(layer, LayerTrace):
        raise refused("layer", layer, "one layer of a trace: trace.layer(0)")
    if layer.cell is not Cell.GRU:
        raise InputError(
            "convention.cell", "Only a GRU has an update gate; this is a layer of {cell}.", cell=layer.cell
        )
    if not isinstance(convention, str) or convention not in ("keep", "new"):
        name = convention if isinstance(convention, str) else shown(convention)
        raise InputError("convention.name", "There is no convention '{name}'; choose keep or new.", name=name)
    return layer.z if convention == "keep" else 1 - layer.z
