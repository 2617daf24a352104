"""A cell's record as JSON: what the player knows of a cell, it knows from here, its diagram's plan among it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from gru_viz.cells import KINDS
from gru_viz.cells.kind import Equation
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import Spec
from gru_viz.draw.palette import LIGHT

PLANS = Path(__file__).parent / "plans"


@lru_cache(maxsize=32)
def about(spec: Spec) -> Mapping[str, Any]:
    """The record of a make, the same for every run of it: nobody may change it.

    Every name is a quantity's symbol. `equations` are `gru_viz.cells.kind`'s, each with its "kind": "squash", "mix" or
    "show"; `turns` is the gate that two conventions write differently, `dashed` what shares its hue with another;
    `plan` the diagram's (`plan`), None for a cell that has none: the player then draws no diagram.
    """
    kind = KINDS[spec.cell]
    return {
        "quantities": list(kind.shown),
        "gates": list(kind.gates),
        "rows": list(kind.rows),
        "carried": list(kind.carried),
        "candidate": kind.candidate,
        "turns": kind.turns,
        "equations": [_equation(one) for one in kind.equations(spec)],
        "dashed": _dashed(kind.shown),
        "units": spec.hidden_size,
        "width": spec.state_size,
        "layers": spec.num_layers,
        "directions": list(spec.directions),
        "plan": plan(kind.plan(spec)),
    }


@cache
def plan(name: str) -> dict[str, Any] | None:
    """Where everything stands in a diagram, from `plans/NAME.json`; None for "".

    A plan has a `height` and, drawn in this order, `control` and `wires` (a path `d`), `nodes`, `valves`, `boxes` and
    `notes`, with the `part` of the cell each lights up with and the `phase` of the step in which it works. `reading` is
    the number it shows (`web/readings.js` names them), `gain` how wide one unit of it is drawn: 1 within -1..1, less
    for sums before a function; `thin` wires go into gates, beside the memory's own way. A node has a `text`, or the
    `function` of a quantity, which the record names.
    """
    return json.loads((PLANS / f"{name}.json").read_text(encoding="utf-8")) if name else None


def _equation(one: Equation) -> dict[str, Any]:
    said = asdict(one)
    said.pop("negated", None)  # the sums that are sent are the trace's own already (`gv.terms`)
    return {"kind": type(one).__name__.lower(), **said}


def _dashed(shown: tuple[Quantity, ...]) -> list[Quantity]:
    """What is drawn in the hue of one that stands above it: an LSTM's i, beside f."""
    hues = [LIGHT.hue(quantity) for quantity in shown]
    return [quantity for place, quantity in enumerate(shown) if hues[place] in hues[:place]]
