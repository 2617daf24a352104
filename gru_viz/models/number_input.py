"""How a model reads numbers: an array in, steps × columns out, and every value checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from gru_viz.errors import InputError

Numbers: TypeAlias = "np.ndarray | Tensor | Sequence[float] | Sequence[Sequence[float]]"


def as_steps(data: Numbers, columns: int) -> Tensor:
    """(T,) for one column, (T, I) or (T, B, I) → float64 tensor (T, I) or (T, B, I); InputError if it cannot be."""
    array = _array(data)
    if array.ndim == 1 and columns == 1:
        array = array[:, None]
    if array.ndim not in (2, 3):
        raise InputError(
            "array.rank",
            "The numbers have {ndim} dimension(s); give steps × {columns} column(s), or steps × batch × {columns}.",
            ndim=array.ndim,
            columns=columns,
        )
    if array.shape[-1] != columns:
        raise InputError(
            "array.columns",
            "The numbers have {found} column(s); this model reads {columns}.",
            found=array.shape[-1],
            columns=columns,
        )
    if not array.size:
        raise InputError("array.empty", "There are no numbers to read: give at least one row.")
    _check_finite(array)
    return torch.from_numpy(array)


_NO_NUMBERS = (str, bytes, complex, np.complexfloating, np.datetime64, np.timedelta64)
"""What NumPy would turn into a float without a word."""


def _array(data: Numbers) -> np.ndarray:
    try:
        if isinstance(data, Tensor):
            if data.is_complex():
                raise TypeError("complex numbers are none")
            return data.detach().cpu().double().numpy()
        found = np.asarray(data)
        mixed = found.dtype == object and any(isinstance(value, _NO_NUMBERS) for value in found.flat)
        if mixed or found.dtype.kind not in "biufO":
            raise TypeError("texts, dates and complex numbers are none")
        return found.astype(np.float64)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            "array.not_numeric", "These are not numbers in rows of equal length: {reason}.", reason=reason
        ) from error


def _check_finite(array: np.ndarray) -> None:
    # Models compute in float32: a value too large for it would turn infinite on the way in.
    bad = np.argwhere(~(np.abs(array) <= np.finfo(np.float32).max))
    if not len(bad):
        return
    place = tuple(int(i) for i in bad[0])
    raise InputError(
        "array.not_finite",
        "The value in row {row}, column {column} is {value}; every value must be a finite number.",
        row=place[0] + 1,
        column=place[-1] + 1,
        value=float(array[place]),
    )
