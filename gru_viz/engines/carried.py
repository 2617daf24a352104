"""The memory a cell hands from step to step: T + 1 slots in one buffer, so that h and h_prev share their storage."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from gru_viz.cells.quantities import Quantity

State = tuple[Tensor, ...]
"""What a cell reads and hands on: (h,) or (h, c), `(B, W)` each."""


@dataclass(frozen=True)
class Carried:
    """h (or c) of every step with its initial value, input-aligned.

    A forward pass keeps the initial value in slot 0, a backward pass in slot T: either way ``now[t]`` is the value
    after input step t and ``prev[t]`` the value the cell read there, two views of one `(T + 1, B, W)` buffer.
    """

    slots: Tensor
    reverse: bool

    @classmethod
    def empty(cls, steps: int, initial: Tensor, *, reverse: bool) -> Carried:
        """An unwritten buffer for `steps` steps that starts from `initial` `(B, W)`."""
        carried = cls(initial.new_empty(steps + 1, *initial.shape), reverse)
        carried.slots[-1 if reverse else 0].copy_(initial)
        return carried

    @property
    def now(self) -> Tensor:
        return self.slots[:-1] if self.reverse else self.slots[1:]

    @property
    def prev(self) -> Tensor:
        return self.slots[1:] if self.reverse else self.slots[:-1]


@dataclass(frozen=True)
class Pass:
    """What an engine returns for one layer in one direction; every tensor `(T, B, W)`, input-aligned.

    `values` holds each quantity of `Kind.quantities`; `previous` holds, for h and c, what the cell read at each step.
    """

    values: dict[Quantity, Tensor]
    previous: dict[Quantity, Tensor]
