"""A recurrent module's make: which cell, how wide, how many layers, which ways, without its weights."""

from __future__ import annotations

from dataclasses import dataclass

from gru_viz.cells.quantities import Cell

FORWARD, BACKWARD = "forward", "backward"
DIRECTIONS = (FORWARD, BACKWARD)


@dataclass(frozen=True)
class Spec:
    """A recurrent module's make, without its weights.

    Attributes:
        nonlinearity: of the cells that have a choice: what makes the plain RNN's h ("tanh", "relu"), MinGRU's
            candidate ("identity", "positive").
        reset_after: where a GRU's r acts.
    """

    cell: Cell
    input_size: int
    hidden_size: int
    num_layers: int
    directions: tuple[str, ...]
    batch_first: bool
    bias: bool
    dropout: float
    proj_size: int = 0
    nonlinearity: str = "tanh"
    reset_after: bool = True

    @property
    def state_size(self) -> int:
        """Width of h: the projection's where there is one, else hidden_size."""
        return self.proj_size or self.hidden_size

    @property
    def name(self) -> str:
        """The module as a reader would call it in a sentence."""
        return f"{self.cell.value}({self.input_size}, {self.hidden_size}, {self.num_layers})"
