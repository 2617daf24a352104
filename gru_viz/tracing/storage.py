"""A Trace on disk: one safetensors file, each quantity once, written atomically and read with suspicion."""

from __future__ import annotations

import hashlib
import json
import stat
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as save_bytes
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from gru_viz.atomic import check_target, path_of, replacing
from gru_viz.cells import KINDS
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import BACKWARD, Spec
from gru_viz.engines.carried import Carried
from gru_viz.engines.made import EngineName
from gru_viz.engines.run import LayerPass, Pass, masked
from gru_viz.errors import InputError
from gru_viz.scalars import shown
from gru_viz.tracing.activations import Activations
from gru_viz.tracing.layout import Layout
from gru_viz.tracing.stored import Damaged, check_about, check_tensors, made_read, made_written

A = TypeVar("A", bound=Activations)

FORMAT = "gru-viz trace 1"
DIGEST = "sha256"
"""Where the metadata keep the digest of everything else in the file; files of the first days have none."""


def save(trace: Activations, path: str | Path) -> None:
    """Writes a trace; what `Trace.save` documents."""
    target = check_savable(path)
    tensors, metadata = _contents(trace)
    try:
        with replacing(target) as unfinished:
            try:
                save_file(tensors, unfinished, metadata)
            except SafetensorError as error:
                raise OSError(None, str(error).replace(str(unfinished), str(path))) from error
    except OSError as error:
        raise _unwritable(path, error) from error


def to_bytes(trace: Activations) -> bytes:
    """The same file, without a disk."""
    return save_bytes(*_contents(trace))


def _contents(trace: Activations) -> tuple[dict[str, Tensor], dict[str, str]]:
    """A trace's tensors and metadata as its file has them."""
    tensors = {"x": trace.layers[0].x}
    for place, layer in enumerate(trace.layers):
        for quantity, value in layer.values.items():
            tensors[f"{place}.{quantity.value}"] = value
        for quantity in layer.previous:
            tensors[f"{place}.{quantity.value}0"] = layer.initial(quantity)
    layout = trace.layout
    if layout.lengths is not None:
        tensors["lengths"] = layout.lengths
    if layout.packed is not None:
        for name in ("sorted_indices", "unsorted_indices"):
            if (order := getattr(layout.packed, name)) is not None:
                tensors[name] = order
        tensors["batch_sizes"] = layout.packed.batch_sizes
    about = {
        "spec": asdict(trace.spec),
        "batch_first": layout.batch_first,
        "unbatched": layout.unbatched,
        "tokens": trace.tokens,
        "made": made_written(trace.made),
    }
    plain = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    metadata = {"format": FORMAT, "about": json.dumps(about)}
    return plain, metadata | {DIGEST: _digest(plain, metadata)}


def check_savable(path: str | Path) -> Path:
    """Raises, before anything is computed for it, what `save` would raise: an `InputError` where nothing can be saved.

    Returns:
        The path, with ~ for the home folder.
    """
    target = _path(path)
    try:
        check_target(target)
    except FileNotFoundError as error:
        raise InputError(
            "trace.no_folder",
            "There is no folder {folder} to save {file} in; make it first, or save elsewhere.",
            folder=str(error.filename),
            file=target.name,
        ) from None
    except OSError as error:
        raise _unwritable(path, error) from error
    return target


def _unwritable(path: object, error: OSError) -> InputError:
    reason = error.strerror or str(error)
    return InputError("trace.unwritable", "{path} cannot be written: {reason}.", path=str(path), reason=reason)


def _path(path: object) -> Path:
    try:
        return path_of(path)
    except (TypeError, ValueError):
        raise InputError(
            "trace.path", "A trace's file is named by a text or a path, not by {found}.", found=shown(path)
        ) from None


@torch.inference_mode(False)  # else nothing of it could be used under autograd
def load(path: str | Path, kind: type[A]) -> A:
    """Reads a trace; what `Trace.load` documents."""
    try:
        metadata, tensors = _read(_path(path))
        if metadata.get("format") != FORMAT:
            raise InputError("trace.format", "{path} is not a trace saved by gru-viz.", path=str(path))
        digest = metadata.pop(DIGEST, None)
        if digest is not None and digest != _digest(tensors, metadata):
            raise Damaged("it was changed after it was saved")
        with torch.device("cpu"):  # where the file's tensors are, whatever the default device is
            return _assembled(metadata, tensors, kind)
    except (FileNotFoundError, NotADirectoryError):
        raise InputError("trace.missing", "There is no file {path}.", path=str(path)) from None
    except (Damaged, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(
            "trace.damaged", "{path} cannot be read as a trace: {reason}.", path=str(path), reason=reason
        ) from error


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):  # a pipe would be waited for, a device read for ever
        raise Damaged("it is a folder" if stat.S_ISDIR(mode) else "it is no regular file")
    with path.open("rb"):  # the system's own word where it may not be read
        pass
    try:
        with safe_open(str(path), framework="pt") as file:
            metadata = dict(file.metadata() or {})
            return metadata, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        raise Damaged(" ".join(str(error).split())) from error


def _digest(tensors: dict[str, Tensor], metadata: dict[str, str]) -> str:
    """Of names, sizes, kinds and bytes of everything but the digest."""
    found = hashlib.sha256(json.dumps(metadata, sort_keys=True).encode())
    for name in sorted(tensors):
        value = tensors[name]
        found.update(json.dumps([name, str(value.dtype), list(value.shape)]).encode())
        found.update(value.contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return found.hexdigest()


def _assembled(metadata: dict[str, str], tensors: dict[str, Tensor], kind: type[A]) -> A:
    spec, about = check_about(metadata.get("about"), tensors)
    check_tensors(spec, about, tensors)
    layout = _layout(about, tensors)
    alive = None
    if layout.lengths is not None:
        alive = torch.arange(tensors["x"].shape[0]).unsqueeze(1) < layout.lengths
    made = made_read(about.get("made"), spec, tensors["x"])
    engines = made.engines or (EngineName.TEXTBOOK,) * spec.num_layers * len(spec.directions)
    trace = kind.assembled(spec, _passes(spec, tensors, alive, engines), alive, layout, made)
    return trace.with_tokens(about["tokens"]) if about["tokens"] is not None else trace


def _layout(about: dict[str, Any], tensors: dict[str, Tensor]) -> Layout:
    packed = None
    if "batch_sizes" in tensors:
        orders = (tensors.get("sorted_indices"), tensors.get("unsorted_indices"))
        packed = PackedSequence(torch.empty(int(tensors["batch_sizes"].sum()), 0), tensors["batch_sizes"], *orders)
    return Layout(about["batch_first"], about["unbatched"], tensors.get("lengths"), packed)


def _passes(
    spec: Spec, tensors: dict[str, Tensor], alive: Tensor | None, engines: tuple[EngineName, ...]
) -> list[LayerPass]:
    passes: list[LayerPass] = []
    x, width = tensors["x"], len(spec.directions)
    for place in range(spec.num_layers * width):
        layer, direction = place // width, spec.directions[place % width]
        carried = KINDS[spec.cell].carried
        initial = tuple(tensors[f"{place}.{q.value}0"] for q in carried)
        values = {q: tensors[f"{place}.{q.value}"] for q in KINDS[spec.cell].quantities}
        previous = {
            q: _previous(values[q], s, alive, direction == BACKWARD) for q, s in zip(carried, initial, strict=True)
        }
        passes.append(LayerPass(layer, direction, x, initial, Pass(values, previous), engines[place]))
        if direction == spec.directions[-1]:
            x = torch.cat([r.run.values[Quantity.H] for r in passes[-width:]], -1)
    return passes


def _previous(value: Tensor, initial: Tensor, alive: Tensor | None, reverse: bool) -> Tensor:
    """What the cell read at each step, rebuilt from what it wrote and where it started."""
    carried = Carried.empty(value.shape[0], initial, reverse=reverse)
    carried.now.copy_(value if alive is None or not reverse else torch.where(alive.unsqueeze(-1), value, initial))
    return masked(carried.prev, alive)
