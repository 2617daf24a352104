"""How the caller's input maps to `(T, B, I)` and the result back: batched or not, batch first, padded, packed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch._subclasses import FakeTensor
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from gru_viz.cells import KINDS
from gru_viz.cells.spec import Spec
from gru_viz.errors import InputError
from gru_viz.packed import packed_like
from gru_viz.scalars import shown, whole


@dataclass(frozen=True)
class Layout:
    """Remembers the form of the caller's input, so that output and final state come back in the same form.

    Attributes:
        batch_first: batched tensors are `(B, T, ·)`.
        unbatched: the caller's tensors have no batch dimension.
        lengths: `(B,)` in the caller's order, or None when every sequence has all steps.
        packed: the caller passed a `PackedSequence`; its batch sizes and orders, to pack the output alike.
    """

    batch_first: bool
    unbatched: bool = False
    lengths: Tensor | None = None
    packed: PackedSequence | None = None

    def output(self, h: Tensor) -> Tensor | PackedSequence:
        """The module's `output` from the last layer's h `(T, B, D * P)`."""
        if self.packed is not None:
            return packed_like(self.packed, h)
        if self.unbatched:
            return h.squeeze(1)
        return h.transpose(0, 1) if self.batch_first else h

    def state(self, state: Tensor) -> Tensor:
        """The module's `h_n` or `c_n` from `(L * D, B, W)`."""
        return state.squeeze(1) if self.unbatched else state


@dataclass(frozen=True)
class Read:
    """The caller's arguments in the engines' form; see `engines.run.Plan` for the meaning of the first three."""

    x: Tensor
    state: tuple[Tensor, ...]
    alive: Tensor | None
    layout: Layout


def read(
    spec: Spec,
    x: Tensor | PackedSequence,
    hx: Tensor | tuple[Tensor, Tensor] | None,
    lengths: Tensor | Sequence[int] | None,
    like: Tensor,
    *,
    finite: bool = True,
    none: bool = False,
) -> Read:
    """Brings a call's arguments to `(T, B, I)` and its state to `(L * D, B, W)`.

    Args:
        like: one of the module's weights, whose dtype and device the input must have.
        finite: also check that x and hx hold no NaN or infinity.
        none: a batch of no sequences will do, as it does for `nn.GRU`.

    Raises:
        InputError: naming what does not fit, and what would.
    """
    if isinstance(x, PackedSequence):
        if lengths is not None:
            raise InputError(
                "lengths.packed",
                "A PackedSequence already carries its lengths; pass it without lengths, or a padded tensor with them.",
            )
        padded, found = pad_packed_sequence(x)
        layout = Layout(spec.batch_first, lengths=found.to(padded.device), packed=x)
        data = padded
    else:
        data, layout = _read_tensor(spec, x, lengths, none=none)
    check_tensor("x", data, like)
    _check_size(spec, data)
    state = _read_state(spec, hx, data.shape[1], layout, like)
    alive = None
    if layout.lengths is not None:
        alive = torch.arange(data.shape[0], device=data.device).unsqueeze(1) < layout.lengths
        data = data.masked_fill(~alive.unsqueeze(-1), 0)
    if finite:
        check_finite("x", data, ("step", "batch", "feature"))
        for name, part in zip(("h0", "c0"), state if hx is not None else (), strict=False):
            check_finite(name, part, ("layer", "batch", "unit"))
    return Read(data, state, alive, layout)


def _read_tensor(spec: Spec, x: Tensor, lengths: Tensor | Sequence[int] | None, *, none: bool) -> tuple[Tensor, Layout]:
    if not isinstance(x, Tensor):
        raise InputError("x.kind", "x is a {kind}; pass a torch.Tensor or a PackedSequence.", kind=type(x).__name__)
    wanted = f"(B, T, {spec.input_size})" if spec.batch_first else f"(T, B, {spec.input_size})"
    if x.dim() not in (2, 3):
        raise InputError(
            "x.rank",
            "x has {rank} dimensions, shape {shape}; pass {wanted}, or (T, {features}) for one sequence.",
            rank=x.dim(),
            shape=tuple(x.shape),
            wanted=wanted,
            features=spec.input_size,
        )
    unbatched = x.dim() == 2
    data = x.unsqueeze(1) if unbatched else x.transpose(0, 1) if spec.batch_first else x
    if data.shape[0] == 0 or (data.shape[1] == 0 and not none):
        raise InputError(
            "x.empty",
            "x has shape {shape}: there is no step to trace; pass at least one step of one sequence.",
            shape=tuple(x.shape),
        )
    found = None if lengths is None else _read_lengths(lengths, data.shape[0], data.shape[1], x.device)
    return data, Layout(spec.batch_first, unbatched, found)


def _read_lengths(lengths: Tensor | Sequence[int], steps: int, batch: int, device: torch.device) -> Tensor:
    given = _listed(lengths)
    found = [number for length in given if (number := whole(length)) is not None]
    if len(given) != batch or len(found) != batch:
        wrong = next((length for length in given if whole(length) is None), None)
        raise InputError(
            "lengths.shape",
            "lengths must be {batch} whole numbers, one per sequence of the batch. Given: {found}.",
            batch=batch,
            found=shown(lengths if wrong is None else wrong),
        )
    for place, length in enumerate(found):
        if not 1 <= length <= steps:
            raise InputError(
                "lengths.range",
                "lengths[{place}] is {length}; each length must be between 1 and the {steps} steps of x.",
                place=place,
                length=length,
                steps=steps,
            )
    return torch.tensor(found, device=device)


def _listed(lengths: Any) -> list[Any]:
    """The items of a list, a range, a column, a one-dimensional array or tensor; empty for anything else."""
    if isinstance(lengths, (str, bytes, Mapping, set, frozenset)) or getattr(lengths, "ndim", 1) != 1:
        return []
    try:
        return list(lengths.detach().cpu().numpy() if isinstance(lengths, Tensor) else lengths)
    except (TypeError, ValueError, RuntimeError):
        return []


def check_tensor(name: str, value: Tensor, like: Tensor) -> None:
    """Raises an `InputError` where a tensor is not of the dtype and on the device of the weights."""
    if value.dtype != like.dtype:
        raise InputError(
            "tensor.dtype",
            "{name} is {found} but the module's weights are {wanted}; convert one of them.",
            name=name,
            found=str(value.dtype).removeprefix("torch."),
            wanted=str(like.dtype).removeprefix("torch."),
        )
    if value.device != like.device:
        raise InputError(
            "tensor.device",
            "{name} is on {found} but the module's weights are on {wanted}; move one of them.",
            name=name,
            found=str(value.device),
            wanted=str(like.device),
        )


def _check_size(spec: Spec, data: Tensor) -> None:
    if data.shape[-1] != spec.input_size:
        raise InputError(
            "x.features",
            "x has {found} features per step; this {module} reads {wanted}.",
            found=data.shape[-1],
            module=spec.name,
            wanted=spec.input_size,
        )


def _read_state(
    spec: Spec, hx: Tensor | tuple[Tensor, Tensor] | None, batch: int, layout: Layout, like: Tensor
) -> tuple[Tensor, ...]:
    rows = spec.num_layers * len(spec.directions)
    widths = KINDS[spec.cell].widths(spec)
    if hx is None:
        return tuple(like.new_zeros(rows, batch, width) for width in widths)
    parts = (hx,) if isinstance(hx, Tensor) else hx
    if not isinstance(parts, (tuple, list)) or len(parts) != len(widths):
        raise InputError(
            "hx.kind",
            "hx must be {wanted} for this {cell}.",
            wanted="the pair (h0, c0)" if len(widths) == 2 else "one tensor h0",
            cell=spec.cell.value,
        )
    found = []
    for name, part, width in zip(("h0", "c0"), parts, widths, strict=False):
        wanted = (rows, width) if layout.unbatched else (rows, batch, width)
        _check_state_shape(spec, name, part, wanted)
        check_tensor(name, part, like)
        found.append(part.unsqueeze(1) if layout.unbatched else part)
    return tuple(found)


def _check_state_shape(spec: Spec, name: str, part: Tensor, wanted: tuple[int, ...]) -> None:
    if not isinstance(part, Tensor) or tuple(part.shape) != wanted:
        raise InputError(
            "state.shape",
            "{name} has shape {found}; this {cell} has {layers} layers × {directions} directions and {width} units, "
            "so {name} must be {wanted}.",
            name=name,
            found=tuple(getattr(part, "shape", ())),
            cell=spec.cell.value,
            layers=spec.num_layers,
            directions=len(spec.directions),
            width=wanted[-1],
            wanted=wanted,
        )


def check_real(tensor: Tensor) -> None:
    """Raises an `InputError` where a tensor has a shape and no numbers."""
    if tensor.is_meta or isinstance(tensor, FakeTensor):
        raise InputError(
            "tensor.unreal",
            "The module runs on meta or fake tensors, which hold no numbers; load its weights on a real device first.",
        )


def as_layers(x: Tensor | PackedSequence, hx: Any) -> Any:
    """A cell's state `(B, W)` or `(W,)`, or an LSTMCell's pair, as that of a layer: with a first dimension of 1."""
    if isinstance(hx, (tuple, list)):
        return tuple(as_layers(x, part) for part in hx)
    one_sequence = isinstance(x, Tensor) and x.dim() == 2
    is_cells = isinstance(hx, Tensor) and hx.dim() == (1 if one_sequence else 2)
    return hx.unsqueeze(0) if is_cells else hx


def check_finite(name: str, value: Tensor, axes: Sequence[str]) -> None:
    """Raises an `InputError` that names the first NaN or infinity of `value`, and where it stands."""
    check_all_finite({name: value}, axes)


def check_all_finite(named: Mapping[str, Tensor], axes: Sequence[str]) -> list[float]:
    """`check_finite` of several tensors, which waits for their device once; the sum of each (zeros on `meta`)."""
    # A sum is one pass without a temporary; only where it is not finite is the place looked for.
    sums = [value.detach().sum() for value in named.values()]
    if not sums or sums[0].device.type == "meta":
        return [0.0] * len(sums)
    totals: list[float] = torch.stack(sums).tolist() if sums[0].is_cuda else [total.item() for total in sums]
    for (name, value), total in zip(named.items(), totals, strict=True):
        if not math.isfinite(total):
            _refuse_what_is_not_finite(name, value, axes)
    return totals


def _refuse_what_is_not_finite(name: str, value: Tensor, axes: Sequence[str]) -> None:
    bad = ~torch.isfinite(value)
    if not bad.any():
        return  # only their sum overflows
    place = bad.nonzero()[0].tolist()
    raise InputError(
        "value.not_finite",
        "{name} holds {value} at {where}; replace or remove it.",
        name=name,
        value=str(value[tuple(place)].item()),
        where=", ".join(f"{axis} {index}" for axis, index in zip(axes, place, strict=False)),
    )
