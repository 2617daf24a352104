"""How a trace was made: by which engine, in which precision, with what set by hand, from which weights.

Two traces of the same equations never agree to the last bit unless they were made alike, and how far rounding may take
them apart depends on the arithmetic, not on how the numbers are stored: under bfloat16 autocast, or with TF32 on a GPU,
a float32 tensor holds eight or eleven significant bits. `Made` keeps that beside the numbers, and `agree` is the one
function of the project that says whether two numbers are the same given how both were made.
"""

from __future__ import annotations

import weakref
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Hashable


class EngineName(StrEnum):
    """The ways a layer is run; the modules of this folder."""

    FUSED = "fused"
    LOOP = "loop"
    RECOVER = "recover"
    TEXTBOOK = "textbook"
    AT_ONCE = "at_once"
    RECORDED = "recorded"  # h is what the module itself returned, the gates are recovered from it


class Precision(StrEnum):
    """The coarsest arithmetic that numbers went through, which is not always the type they are stored in."""

    FLOAT64 = "float64"
    FLOAT32 = "float32"
    TF32 = "tf32"
    FLOAT16 = "float16"
    BFLOAT16 = "bfloat16"

    @classmethod
    def of(cls, dtype: torch.dtype) -> Precision:
        """The precision of plain arithmetic in a floating dtype."""
        return _OF[dtype]

    @property
    def tolerance(self) -> float:
        """Relative difference below which two runs of the same equations are the same: what rounding explains.

        A few hundred units of the last place: a sum of some hundred products, carried over some hundred steps.
        """
        return _TOLERANCE[self]

    def coarser(self, other: Precision) -> Precision:
        """The one of the two that keeps fewer bits."""
        return max(self, other, key=_COARSENESS.index)


_COARSENESS = list(Precision)

_OF = {
    torch.float64: Precision.FLOAT64,
    torch.float32: Precision.FLOAT32,
    torch.float16: Precision.FLOAT16,
    torch.bfloat16: Precision.BFLOAT16,
}

_TOLERANCE = {
    Precision.FLOAT64: 1e-10,
    Precision.FLOAT32: 2e-5,
    Precision.TF32: 5e-3,
    Precision.FLOAT16: 2e-2,
    Precision.BFLOAT16: 2e-2,
}


def arithmetic(x: Tensor, engines: Iterable[EngineName]) -> Precision:
    """The precision in which engines run on tensors like `x`, with torch's switches as they are now.

    A float32 product is computed in TF32 by cuDNN unless that is switched off, and by cuBLAS or oneDNN where it was
    switched on ("Numerical accuracy" and "CUDA semantics" in PyTorch's notes).
    """
    stored = Precision.of(x.dtype)
    if stored is not Precision.FLOAT32:
        return stored
    found = stored
    for backend in _backends(x.device.type, stock=any(engine in _STOCK for engine in engines)):
        if (allowed := _ALLOWED.get(backend.fp32_precision)) is not None:
            found = found.coarser(allowed)
    return found


_ALLOWED = {"tf32": Precision.TF32, "bf16": Precision.BFLOAT16}


_STOCK = (EngineName.RECOVER, EngineName.RECORDED)


def _backends(device: str, *, stock: bool) -> Iterable[Any]:
    """What multiplies matrices there, torch's own recurrent kernels among them: each has an `fp32_precision`."""
    known: Any = torch.backends
    if device == "cuda":
        yield known.cuda.matmul
        if stock:
            yield known.cudnn.rnn
    elif device == "cpu":
        yield known.mkldnn.matmul
        if stock:
            yield known.mkldnn.rnn


@dataclass(frozen=True)
class Made:
    """How the numbers of a trace came about.

    Attributes:
        engines: one for each layer and direction, in the trace's order; empty where nobody knows (an old file).
        precision: the coarsest arithmetic they went through.
        edits: the clamps that were set, in the order they were applied; nothing else was set by hand.
        weights: identifies the weights' content on this kind of device; None where nobody knows.
    """

    engines: tuple[EngineName, ...]
    precision: Precision
    edits: tuple[Any, ...] = ()
    weights: Hashable = None

    def same_weights(self, other: Made) -> bool:
        """Whether both are known to come from weights of the same content."""
        return self.weights is not None and self.weights == other.weights


def agree(one: Tensor, two: Tensor, made_one: Made, made_two: Made | None = None) -> Tensor:
    """Where two tensors hold the same number, given how both were made: what rounding explains is no difference.

    The limit follows the numbers' size: the coarser of the two precisions' `tolerance`, times the larger of the two
    numbers, or times the largest of all that is compared where that is more, but at most 1. So a cell state of 2,000
    may differ by 2,000 times as much as one of 1; in a layer whose numbers are all below 1e-6 a difference of 1e-7 is
    one; and a number near 0 beside others near 1 is held to what sums of that size round to.

    Args:
        one, two: `(...)` of one shape; compared in double precision.
        made_one: how `one` was made.
        made_two: how `two` was made; like `one` if None.

    Returns:
        Bool of the same shape, on `one`'s device. Equal infinities agree, and so do NaN with NaN.
    """
    precision = made_one.precision.coarser((made_two or made_one).precision)
    a, b = one.detach(), two.detach().to(one.device)
    if a.device.type != "mps":  # Metal has no double precision
        a, b = a.double(), b.double()
    size = torch.maximum(a.abs(), b.abs())
    finite = size[size.isfinite()]
    floor = finite.max().clamp(max=1.0) if finite.numel() else size.new_zeros(())
    close = (a - b).abs() <= precision.tolerance * torch.maximum(size, floor)
    return (close & size.isfinite()) | (a == b) | (a.isnan() & b.isnan())


_known: dict[int, tuple[weakref.ref[Tensor], int, float, int]] = {}
"""id -> (the weight, its version, its sum, its checksum): what was read once is read again only when it has changed."""


def identity(weights: Sequence[Tensor], totals: Sequence[float]) -> Hashable:
    """A value that is equal for weights of equal content; None where they have none (torch's meta device).

    Args:
        weights: every weight, in the module's order.
        totals: the sum of each, which the caller knows anyway. An edit that torch's version counter does not see
            (through `.data`) changes it.
    """
    if any(weight.device.type == "meta" for weight in weights):
        return None
    return tuple(_checksum(weight, total) for weight, total in zip(weights, totals, strict=True))


def _checksum(weight: Tensor, total: float) -> int:
    if weight.is_inference():  # without a version counter
        return _read(weight)
    key, version = id(weight), weight._version
    found = _known.get(key)
    if found is not None and found[0]() is weight and found[1:3] == (version, total):
        return found[3]
    checksum = _read(weight)
    _known[key] = weakref.ref(weight, lambda _: _known.pop(key, None)), version, total, checksum
    return checksum


def _read(weight: Tensor) -> int:
    bits = weight.detach().contiguous().flatten().view(torch.uint8).cpu()
    return zlib.crc32(bits.numpy().data, len(bits))
