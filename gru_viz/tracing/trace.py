"""Trace: everything a recurrent module computed, step by step; and `trace()`, which makes one.

A reader who comes from `cells` needs three facts. Tensors of a `LayerTrace` are time-major `(T, B, ·)` and aligned
to the input, so index t is input step t for a backward pass too. z is PyTorch's. A Trace holds activations, never
weights; what needs weights (`terms`, `difference`) is given the module again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from gru_viz.cells.spec import FORWARD, Spec
from gru_viz.engines.made import Made, arithmetic, identity
from gru_viz.engines.run import Plan, run_stack
from gru_viz.engines.spec_of import is_cell, spec_of
from gru_viz.engines.weights import named_weights, weights_and_inputs
from gru_viz.errors import InputError
from gru_viz.tracing import storage
from gru_viz.tracing.activations import Activations
from gru_viz.tracing.diff import TraceDiff
from gru_viz.tracing.edits import Edits, Interventions, clamps_of
from gru_viz.tracing.frame import frame_of
from gru_viz.tracing.layout import as_layers, check_all_finite, check_real, read

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Trace(Activations):
    """Everything one call of a recurrent module computed. Made by `gru_viz.trace` or `gru_viz.record`.

    Its fields and what can be asked of them are those of `Activations`.
    """

    def to_frame(self, layer: int = 0, direction: str = FORWARD, batch: int = 0) -> pd.DataFrame:
        """A tidy table of one layer and one sequence: step, token, unit, then one column per quantity.

        Rows run over the valid steps (0-based), then units. An LSTM with a projection has fewer values of h than
        units; its missing h are NaN.

        Raises:
            InputError: no such layer, direction or sequence in the batch.
        """
        return frame_of(self, layer, direction, batch)

    def diff(self, other: Trace) -> TraceDiff:
        """This trace beside another of the same make, aligned step by step over the shorter length.

        What rounding explains, given how both were made, is no difference; and where both come from the same weights,
        nothing parts before a step at which the inputs, the states or the clamps do.

        Raises:
            InputError: the two have different cells, layers, directions, widths or batch sizes.
        """
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
        storage.save(self, path)

    @staticmethod
    def load(path: str | Path) -> Trace:
        """Reads a trace that `save` wrote; tensors come to CPU with the dtype they had.

        Raises:
            InputError: the file is missing, cut, changed after it was saved, or no trace.
        """
        return storage.load(path, Trace)


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
        rnn: an `nn.GRU`, `nn.LSTM`, `nn.RNN`, `gv.GRU` or `gv.MinGRU`: any layers, directions, `proj_size`, dtype,
            device; pruned, normed or parametrised weights are those its own call would use, and its forward pre-hooks
            are run. Or an `nn.GRUCell`, `nn.LSTMCell` or `nn.RNNCell`, which is run in a loop over x, as a layer of its
            make.
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
        passes = run_stack(spec, weights, plan)
    engines = tuple(each.engine for each in passes)
    made = Made(engines, arithmetic(plan.x, engines), clamps, identity(list(named.values()), totals))
    return Trace.assembled(spec, passes, plan.alive, arguments.layout, made)


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
