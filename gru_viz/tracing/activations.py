"""What one call computed, as a value: the layers' activations, what was returned, and how it was made.

Frames, differences and files are made of these; `trace.py` joins all of it in the `Trace` that users hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from gru_viz.cells.quantities import Cell, Quantity
from gru_viz.cells.spec import BACKWARD, FORWARD, Spec
from gru_viz.engines.made import Made, arithmetic
from gru_viz.engines.run import LayerPass
from gru_viz.engines.spec_of import check_place
from gru_viz.errors import InputError
from gru_viz.scalars import refused, shown, whole
from gru_viz.tracing.layer_trace import LayerTrace
from gru_viz.tracing.layout import Layout


@dataclass(frozen=True, repr=False)
class Activations:
    """Everything one call of a recurrent module computed, as a value; `gru_viz.Trace` is one that can be kept, compared
    and tabled.

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

    def with_tokens(self, tokens: Sequence[str]) -> Self:
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

    @classmethod
    def assembled(
        cls, spec: Spec, passes: list[LayerPass], alive: Tensor | None, layout: Layout, made: Made | None = None
    ) -> Self:
        """From what the engines found, with output and final state in the caller's form.

        Args:
            made: how the passes were made; by engines of theirs on plain tensors of unknown weights if None.
        """
        if made is None:
            engines = tuple(r.engine for r in passes)
            made = Made(engines, arithmetic(passes[0].x, engines))
        layers = tuple(_layer_trace(spec, r, alive) for r in passes)
        top = [layer.h for layer in layers[-len(spec.directions) :]]
        output = layout.output(top[0] if len(top) == 1 else torch.cat(top, -1))
        carried = tuple(layers[0].previous)
        final = tuple(layout.state(torch.stack([_last(layer, q, layout.lengths) for layer in layers])) for q in carried)
        return cls(spec, layers, output, final[0] if len(final) == 1 else final, layout, made)  # type: ignore[arg-type]


def _layer_trace(spec: Spec, r: LayerPass, alive: Tensor | None) -> LayerTrace:
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
