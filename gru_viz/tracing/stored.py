"""What a saved trace says and holds: every field and tensor of its file is checked before anything is built."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any

import torch
from torch import Tensor

from gru_viz.cells import KINDS
from gru_viz.cells.quantities import Cell, Quantity
from gru_viz.cells.spec import BACKWARD, DIRECTIONS, FORWARD, Spec
from gru_viz.engines.made import EngineName, Made, Precision
from gru_viz.errors import InputError
from gru_viz.scalars import shown
from gru_viz.tracing.edits import Edits, clamp
from gru_viz.tracing.places import Mask

_WAYS = ([FORWARD], [BACKWARD], list(DIRECTIONS))
_FLOATING = (torch.float64, torch.float32, torch.float16, torch.bfloat16)


class Damaged(Exception):
    """A file that is no whole trace; the text says why, as the end of a sentence."""


def _is_count(value: object, least: int = 1) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


_SPEC: dict[str, Callable[[Any], bool]] = {
    "cell": lambda v: isinstance(v, str) and v in tuple(Cell),
    "input_size": _is_count,
    "hidden_size": _is_count,
    "num_layers": _is_count,
    "directions": lambda v: v in _WAYS,
    "batch_first": _is_bool,
    "bias": _is_bool,
    "dropout": lambda v: isinstance(v, (int, float)) and not _is_bool(v) and 0 <= v <= 1,
    "proj_size": lambda v: _is_count(v, 0),
    "nonlinearity": lambda v: any(v in kind.nonlinearities for kind in KINDS.values()),
    "reset_after": _is_bool,
}

_MADE: dict[str, Callable[[Any], bool]] = {
    "engines": lambda v: isinstance(v, list) and all(name in list(EngineName) for name in v),
    "precision": lambda v: v in list(Precision),
    "weights": lambda v: v is None or (isinstance(v, list) and all(_is_count(part, 0) for part in v)),
    "edits": lambda v: isinstance(v, list) and all(isinstance(edit, dict) for edit in v),
}

_ABOUT: dict[str, Callable[[Any], bool]] = {
    "spec": lambda v: isinstance(v, dict),
    "batch_first": _is_bool,
    "unbatched": _is_bool,
    "tokens": lambda v: v is None or (isinstance(v, list) and all(isinstance(token, str) for token in v)),
}


def check_about(written: str | None, tensors: dict[str, Tensor]) -> tuple[Spec, dict[str, Any]]:
    """The module's make and everything else the metadata say, each field of its kind.

    Raises:
        Damaged: a field is missing or of no such kind, or there are more layers than tensors.
    """
    try:
        about = json.loads(written or "")
    except (ValueError, RecursionError) as error:
        raise Damaged("its description is no JSON") from error
    if not isinstance(about, dict):
        raise Damaged("its description is no JSON object")
    _check_fields("", about, _ABOUT)
    said = about["spec"]
    known = {field.name: field for field in fields(Spec)}
    needed = {name for name, field in known.items() if field.default is MISSING}
    for name in (needed - said.keys()) | (said.keys() - known.keys()):
        raise Damaged(f"its description {'lacks' if name in needed else 'has an unknown'} spec.{name}")
    _check_fields("spec.", said, {name: holds for name, holds in _SPEC.items() if name in said})
    spec = Spec(**said | {"cell": Cell(said["cell"]), "directions": tuple(said["directions"])})
    if spec.nonlinearity not in KINDS[spec.cell].nonlinearities:
        raise Damaged(f"spec.nonlinearity is {spec.nonlinearity!r}")
    if spec.proj_size and (not KINDS[spec.cell].projects or spec.proj_size >= spec.hidden_size):
        raise Damaged(f"spec.proj_size is {spec.proj_size}")
    if spec.num_layers > len(tensors):
        raise Damaged(f"it describes {spec.num_layers} layers and holds {len(tensors)} tensors")
    return spec, about


def made_written(made: Made) -> dict[str, Any]:
    """How a trace was made, as JSON takes it."""
    return {
        "engines": made.engines,
        "precision": made.precision,
        "weights": made.weights,
        "edits": [{name: _place_written(part) for name, part in vars(edit).items()} for edit in made.edits],
    }


def _place_written(part: Any) -> Any:
    if isinstance(part, (slice, range)):
        return {type(part).__name__: [part.start, part.stop, part.step]}
    return {"mask": part.indices, "size": part.size} if isinstance(part, Mask) else part


def made_read(said: Any, spec: Spec, x: Tensor) -> Made:
    """How the saved trace was made; of a file from before that was kept, its type is what is known.

    Raises:
        Damaged: it is not what `made_written` writes, or an edit does not fit the trace.
    """
    if said is None:
        return Made((), Precision.of(x.dtype))
    if not isinstance(said, dict):
        raise Damaged(f"made is {shown(said)}")
    _check_fields("made.", said, _MADE)
    engines = tuple(EngineName(name) for name in said["engines"])
    if len(engines) not in (0, spec.num_layers * len(spec.directions)):
        raise Damaged(f"it names {len(engines)} engines for {spec.num_layers * len(spec.directions)} passes")
    try:
        edits = tuple(clamp(**{name: _place_read(part) for name, part in edit.items()}) for edit in said["edits"])
        Edits(edits, spec, x)
    except (InputError, TypeError, KeyError, ValueError) as error:
        raise Damaged("an edit it was made with is none of this trace") from error
    return Made(engines, Precision(said["precision"]), edits, said["weights"] and tuple(said["weights"]))


def _place_read(part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    if "mask" in part:
        named, size = part["mask"], part["size"]
        if not _is_count(size) or not all(_is_count(place, 0) and place < size for place in named):
            raise ValueError(part)
        return Mask(tuple(named), size)
    return slice(*part["slice"]) if "slice" in part else range(*part["range"])


def _check_fields(where: str, said: dict[str, Any], wanted: dict[str, Callable[[Any], bool]]) -> None:
    for name, holds in wanted.items():
        if name not in said:
            raise Damaged(f"its description lacks {where}{name}")
        if not holds(said[name]):
            raise Damaged(f"{where}{name} is {shown(said[name])}")


def check_tensors(spec: Spec, about: dict[str, Any], tensors: dict[str, Tensor]) -> None:
    """Raises `Damaged` where a tensor is missing, left over, or of another shape or kind than the rest asks for."""
    x = tensors.get("x")
    if x is None or x.dim() != 3 or 0 in x.shape or x.dtype not in _FLOATING:
        raise Damaged("it holds no input x (T, B, I)")
    steps, batch, _ = x.shape
    wanted = _shapes(spec, steps, batch)
    for name, shape in wanted.items():
        found = tensors.get(name)
        if found is None:
            raise Damaged(f"the tensor {name} is missing")
        if tuple(found.shape) != shape or found.dtype != x.dtype:
            raise Damaged(f"the tensor {name} is {_kind(found)} and should be {x.dtype} {shape}")
    rest = tensors.keys() - wanted.keys()
    if left := rest - {"lengths", "batch_sizes", "sorted_indices", "unsorted_indices"}:
        raise Damaged(f"it holds a tensor {shown(min(left))} that no trace has")
    if about["unbatched"] and (batch != 1 or rest):
        raise Damaged(f"it is said to be unbatched and holds {batch} sequences")
    if about["tokens"] is not None and len(about["tokens"]) != steps:
        raise Damaged(f"it has {len(about['tokens'])} tokens for {steps} steps")
    if rest:
        _check_lengths(tensors, steps, batch)


def _shapes(spec: Spec, steps: int, batch: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {"x": (steps, batch, spec.input_size)}
    for place in range(spec.num_layers * len(spec.directions)):
        for quantity in KINDS[spec.cell].quantities:
            width = spec.state_size if quantity is Quantity.H else spec.hidden_size
            shapes[f"{place}.{quantity.value}"] = (steps, batch, width)
            if quantity in (Quantity.H, Quantity.C):
                shapes[f"{place}.{quantity.value}0"] = (batch, width)
    return shapes


def _check_lengths(tensors: dict[str, Tensor], steps: int, batch: int) -> None:
    for name, size in {
        "lengths": batch,
        "batch_sizes": steps,
        "sorted_indices": batch,
        "unsorted_indices": batch,
    }.items():
        found = tensors.get(name)
        if found is None and name == "lengths":
            raise Damaged("the tensor lengths is missing")
        if found is not None and (found.dtype != torch.int64 or tuple(found.shape) != (size,)):
            raise Damaged(f"the tensor {name} is {_kind(found)} and should be torch.int64 ({size},)")
    lengths = tensors["lengths"]
    if not ((lengths >= 1) & (lengths <= steps)).all():
        raise Damaged(f"a length is not between 1 and the {steps} steps")
    order, back = tensors.get("sorted_indices"), tensors.get("unsorted_indices")
    if "batch_sizes" not in tensors:
        if order is not None or back is not None:
            raise Damaged("the tensor batch_sizes is missing")
        return
    if (order is None) != (back is None):
        raise Damaged("one of the orders of a PackedSequence is missing")
    places = torch.arange(batch)
    order, back = (places if part is None else part for part in (order, back))
    whole = all(torch.equal(part.sort().values, places) for part in (order, back))
    if not whole or not torch.equal(order[back], places):
        raise Damaged("the order of its PackedSequence is none")
    counted = (lengths.unsqueeze(0) > torch.arange(steps).unsqueeze(1)).sum(1)
    if not torch.equal(counted, tensors["batch_sizes"]) or bool((lengths[order].diff() > 0).any()):
        raise Damaged("its batch sizes do not fit its lengths")


def _kind(value: Tensor) -> str:
    return f"{value.dtype} {tuple(value.shape)}"
