"""A cell the project has no file for, as the player is sent it: z and the candidate from x alone, no reset, no plan.

The numbers are a MinGRU's (Feng et al. 2024) in PyTorch's convention, computed here; what the player knows of the cell
is only the record among them.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from gru_viz.draw.palette import LIGHT
from gru_viz.draw.player.quantise import quantised
from gru_viz.draw.player.wire import blob
from gru_viz.story.scene import Scene

GATES = ("z",)
Z = {"kind": "squash", "quantity": "z", "function": "sigmoid", "recurrent": False, "reset": None}
N = {"kind": "squash", "quantity": "n", "recurrent": False, "reset": None, "phase": 2}
H = {"kind": "mix", "quantity": "h", "keep": "z", "write": None, "candidate": "n", "phase": 3}


def made(scene: Scene, function: str) -> bytes:
    """The blob of a short GRU's scene, made into the other cell's.

    Args:
        function: of the candidate, "identity" or "positive".
    """
    data = blob(scene, LIGHT)
    about = json.loads(json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]["player"])
    arrays = {name: value for name, value in load(data).items() if not name.startswith(("A.recurrent", "weight"))}
    sums = {q: arrays[f"A.input.{q}"][arrays["A.which"]] + arrays[f"A.bias.{q}"][0] for q in "zn"}
    z = 1 / (1 + np.exp(-sums["z"]))
    n = sums["n"]
    if function == "positive":
        n = np.where(n >= 0, n + 0.5, 1 / (1 + np.exp(-n)))
    h = [np.zeros_like(n[0])]
    for write, candidate in zip(1 - z, n, strict=True):
        h.append(write * candidate + (1 - write) * h[-1])
    for q, values in {"z": z, "n": n, "h": np.stack(h[1:])}.items():
        arrays[f"A.value.{q}"] = values.astype(np.float32)
        strip = quantised(values, np.full(len(values), True), q in GATES)
        arrays |= strip.arrays(f"A.{{}}.{q}")
        about["sides"]["A"]["ends"][q] = [strip.end, 0]
    record: dict[str, Any] = {"quantities": list("znh"), "gates": list(GATES), "rows": list("zn"), "plan": None}
    record["equations"] = [Z | {"phase": 1}, N | {"function": function}, H]
    return save(arrays, {"player": json.dumps(about | record)})
