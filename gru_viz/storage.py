"""A Trace on disk: one safetensors file, each quantity once, written atomically."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from gru_viz.engines.carried import Carried
from gru_viz.engines.made import EngineName, Made, Precision
from gru_viz.engines.run import LayerRun, Run, masked
from gru_viz.engines.spec import BACKWARD, Spec
from gru_viz.errors import InputError
from gru_viz.intervene import clamp
from gru_viz.layout import Layout
from gru_viz.places import Mask
from gru_viz.quantities import Cell, Quantity
from gru_viz.trace import Trace, assemble

FORMAT = "gru-viz trace 1"


def save(trace: Trace, path: str | Path) -> None:
    """Writes a trace; what `Trace.save` documents."""
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
        "made": _made_written(trace.made),
    }
    plain = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    _write_atomically(plain, {"format": FORMAT, "about": json.dumps(about)}, Path(path))


def _write_atomically(tensors: dict[str, Tensor], metadata: dict[str, str], path: Path) -> None:
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        save_file(tensors, unfinished, metadata)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink()
        raise


def load(path: str | Path) -> Trace:
    """Reads a trace; what `Trace.load` documents."""
    try:
        with safe_open(str(path), framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except FileNotFoundError:
        raise InputError("trace.missing", "There is no file {path}.", path=str(path)) from None
    except (SafetensorError, OSError) as error:
        raise InputError(
            "trace.damaged", "{path} cannot be read as a trace: {reason}.", path=str(path), reason=str(error)
        ) from error
    if metadata.get("format") != FORMAT:
        raise InputError("trace.format", "{path} is not a trace saved by gru-viz.", path=str(path))
    about = json.loads(metadata["about"])
    spec = Spec(
        **{**about["spec"], "cell": Cell(about["spec"]["cell"]), "directions": tuple(about["spec"]["directions"])}
    )
    layout = _layout(about, tensors)
    alive = None
    if layout.lengths is not None:
        alive = torch.arange(tensors["x"].shape[0]).unsqueeze(1) < layout.lengths
    made = _made_read(about.get("made"), tensors["x"])
    engines = made.engines or (EngineName.TEXTBOOK,) * spec.num_layers * len(spec.directions)
    trace = assemble(spec, _runs(spec, tensors, alive, engines), alive, layout, made)
    return trace.with_tokens(about["tokens"]) if about["tokens"] is not None else trace


def _made_written(made: Made) -> dict[str, Any]:
    return {
        "engines": made.engines,
        "precision": made.precision,
        "weights": made.weights,
        "edits": [{name: _place_written(part) for name, part in vars(clamp).items()} for clamp in made.edits],
    }


def _place_written(part: Any) -> Any:
    if isinstance(part, (slice, range)):
        return {type(part).__name__: [part.start, part.stop, part.step]}
    return {"mask": part.indices, "size": part.size} if isinstance(part, Mask) else part


def _made_read(said: dict[str, Any] | None, x: Tensor) -> Made:
    """How the saved trace was made; of a file from before that was kept, its type is what is known."""
    if said is None:
        return Made((), Precision.of(x.dtype))
    edits = tuple(clamp(**{name: _place_read(part) for name, part in edit.items()}) for edit in said["edits"])
    engines = tuple(EngineName(name) for name in said["engines"])
    weights = tuple(said["weights"]) if said["weights"] is not None else None
    return Made(engines, Precision(said["precision"]), edits, weights)


def _place_read(part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    if "mask" in part:
        return Mask(tuple(part["mask"]), part["size"])
    return slice(*part["slice"]) if "slice" in part else range(*part["range"])


def _layout(about: dict, tensors: dict[str, Tensor]) -> Layout:
    packed = None
    if "batch_sizes" in tensors:
        orders = (tensors.get("sorted_indices"), tensors.get("unsorted_indices"))
        packed = PackedSequence(torch.empty(int(tensors["batch_sizes"].sum()), 0), tensors["batch_sizes"], *orders)
    return Layout(about["batch_first"], about["unbatched"], tensors.get("lengths"), packed)


def _runs(
    spec: Spec, tensors: dict[str, Tensor], alive: Tensor | None, engines: tuple[EngineName, ...]
) -> list[LayerRun]:
    runs: list[LayerRun] = []
    x, width = tensors["x"], len(spec.directions)
    for place in range(spec.num_layers * width):
        layer, direction = place // width, spec.directions[place % width]
        carried = (Quantity.H, Quantity.C) if spec.cell is Cell.LSTM else (Quantity.H,)
        initial = tuple(tensors[f"{place}.{q.value}0"] for q in carried)
        values = {q: tensors[f"{place}.{q.value}"] for q in spec.quantities()}
        previous = {
            q: _previous(values[q], s, alive, direction == BACKWARD) for q, s in zip(carried, initial, strict=True)
        }
        runs.append(LayerRun(layer, direction, x, initial, Run(values, previous), engines[place]))
        if direction == spec.directions[-1]:
            x = torch.cat([r.run.values[Quantity.H] for r in runs[-width:]], -1)
    return runs


def _previous(value: Tensor, initial: Tensor, alive: Tensor | None, reverse: bool) -> Tensor:
    """What the cell read at each step, rebuilt from what it wrote and where it started."""
    carried = Carried.empty(value.shape[0], initial, reverse=reverse)
    carried.now.copy_(value if alive is None or not reverse else torch.where(alive.unsqueeze(-1), value, initial))
    return masked(carried.prev, alive)
