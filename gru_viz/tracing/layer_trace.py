"""LayerTrace: one layer in one direction, every activation of every step; and z as either convention writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from gru_viz.cells import KINDS
from gru_viz.cells.quantities import Cell, Quantity
from gru_viz.cells.spec import BACKWARD
from gru_viz.errors import InputError
from gru_viz.scalars import is_a, refused, shown

if TYPE_CHECKING:
    import numpy as np


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
        carried = KINDS[self.cell].carried
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
    if KINDS[layer.cell].turns is not Quantity.Z:
        raise InputError(
            "convention.cell", "Only a GRU has an update gate; this is a layer of {cell}.", cell=layer.cell
        )
    if not isinstance(convention, str) or convention not in ("keep", "new"):
        name = convention if isinstance(convention, str) else shown(convention)
        raise InputError("convention.name", "There is no convention '{name}'; choose keep or new.", name=name)
    return layer.z if convention == "keep" else 1 - layer.z
