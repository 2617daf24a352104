"""Random recurrent modules and calls for the property tests, and the oracles they are held against."""

from __future__ import annotations

from dataclasses import dataclass, field

import hypothesis.strategies as st
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

import gru_viz as gv
from gru_viz.engines import compiling
from gru_viz.engines.made import Precision

MAKES = {
    "GRU": lambda *a, **k: nn.GRU(*a, **k),
    "LSTM": lambda *a, **k: nn.LSTM(*a, **k),
    "LSTM projected": lambda *a, **k: nn.LSTM(*a, proj_size=max(1, a[1] - 1), **k),
    "RNN tanh": lambda *a, **k: nn.RNN(*a, nonlinearity="tanh", **k),
    "RNN relu": lambda *a, **k: nn.RNN(*a, nonlinearity="relu", **k),
    "gv.GRU": lambda *a, **k: gv.GRU(*a, **k),
}
REFERENCE = {torch.float32: torch.float64, torch.float64: torch.float64, torch.bfloat16: torch.float32}


@dataclass
class Call:
    """A module and what it is called with."""

    rnn: nn.RNNBase
    x: Tensor
    hx: Tensor | tuple[Tensor, Tensor] | None
    lengths: list[int] | None
    make: str
    tolerance: float = field(init=False)

    def __post_init__(self) -> None:
        self.tolerance = Precision.of(self.x.dtype).tolerance

    @property
    def batched(self) -> bool:
        return self.x.dim() == 3

    @property
    def packed(self) -> PackedSequence:
        assert self.lengths is not None
        return pack_padded_sequence(self.x, torch.tensor(self.lengths), self.rnn.batch_first, enforce_sorted=False)

    def stock(self) -> tuple[Tensor, Tensor | tuple[Tensor, Tensor]]:
        """What torch itself returns, padded again where the call has lengths."""
        with torch.no_grad():
            if self.lengths is None:
                return self.rnn(self.x, self.hx)
            output, final = self.rnn(self.packed, self.hx)
            steps = self.x.shape[1 if self.rnn.batch_first else 0]
            return pad_packed_sequence(output, self.rnn.batch_first, total_length=steps)[0], final

    def trace(self, **options: object) -> gv.Trace:
        return gv.trace(self.rnn, self.x, self.hx, self.lengths, **options)  # type: ignore[arg-type]


@st.composite
def calls(
    draw: st.DrawFn, makes: tuple[str, ...] = tuple(MAKES), dtypes: tuple[torch.dtype, ...] = tuple(REFERENCE)
) -> Call:
    """Any module and any input the tracer accepts: sizes down to one, with states or not, padded or not.

    Every example runs with the compiled loop or, as where numba is missing, without (`conftest.py` puts it back).
    """
    compiling.WISH = draw(st.sampled_from(["off", "wait"]))
    make, dtype = draw(st.sampled_from(makes)), draw(st.sampled_from(dtypes))
    inputs, layers = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    units = draw(st.integers(2 if make == "LSTM projected" else 1, 7))
    batch, steps = draw(st.integers(1, 4)), draw(st.integers(1, 9))
    torch.manual_seed(draw(st.integers(0, 2**16)))
    rnn = MAKES[make](
        inputs,
        units,
        layers,
        bias=draw(st.booleans()),
        batch_first=draw(st.booleans()),
        bidirectional=draw(st.booleans()),
    )
    rnn = rnn.to(dtype).eval()
    batched = draw(st.booleans())
    shape = (steps, inputs) if not batched else (batch, steps, inputs) if rnn.batch_first else (steps, batch, inputs)
    rows = layers * (2 if rnn.bidirectional else 1)

    def state(width: int) -> Tensor:
        return torch.randn(rows, *((batch,) if batched else ()), width, dtype=dtype) * 0.5

    hx = None
    if draw(st.booleans()):
        hx = state(rnn.proj_size or units)
        hx = (hx, state(units)) if isinstance(rnn, nn.LSTM) else hx
    lengths = None
    if batched and draw(st.booleans()):
        lengths = draw(st.lists(st.integers(1, steps), min_size=batch, max_size=batch))
    return Call(rnn, torch.randn(shape, dtype=dtype), hx, lengths, make)


def parts(value: Tensor | tuple[Tensor, ...] | PackedSequence) -> tuple[Tensor, ...]:
    """A result as a tuple of tensors."""
    if isinstance(value, PackedSequence):
        return (value.data,)
    return (value,) if isinstance(value, Tensor) else value


def assert_close(found: object, expected: object, tolerance: float) -> None:
    """Every tensor of `found` is within `tolerance` (absolute, and relative beyond 1) of its partner."""
    for one, two in zip(parts(found), parts(expected), strict=True):  # type: ignore[arg-type]
        assert one.dtype == two.dtype
        assert one.shape == two.shape
        torch.testing.assert_close(one, two, atol=tolerance, rtol=tolerance)
