"""Every cell's record as the player is sent it, and the plans of the diagrams: they show what their cell has."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from gru_viz.cells import KINDS
from gru_viz.cells.kind import Kind, Mix, Show, Squash
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import Spec
from gru_viz.draw.player import cell_record
from gru_viz.locale import catalogue

COMMON = {"part": str, "x": int, "y": int}
PARTS = {
    "control": {"d": str, "reading": str, "part": str, "phase": int},
    "wires": {"d": str, "reading": str, "part": str, "phase": int},
    "valves": {**COMMON, "reading": str, "phase": int, "label": str, "at": list},
    "boxes": {**COMMON, "reading": str, "symbol": str},
    "nodes": {**COMMON, "phase": int},
    "notes": {**COMMON, "reading": str, "phase": int, "label": str},
}
OPTIONAL = {"gain": float, "thin": bool, "anchor": str, "text": str, "function": str}
MAKES = [
    replace(Spec(cell, 4, 5, 1, ("forward",), False, True, 0.0), **more)
    for cell in KINDS
    for more in ({}, {"reset_after": False}, {"nonlinearity": "relu"})
]


def readings(kind: Kind, spec: Spec) -> set[str]:
    """The numbers that `readings.js` has for a cell, by name."""
    found = {"x", *kind.shown, *(f"{quantity}Prev" for quantity in kind.carried)}
    for one in kind.equations(spec):
        if isinstance(one, Squash):
            found |= {f"{one.quantity}.{part}" for part in ("x", "h", "b", "total")}
            found |= {"into", "remembered"} if one.reset else set()
        elif isinstance(one, Mix):
            found |= {"write", "kept", "written"}
        else:
            found.add("seen")
    return found


@pytest.mark.parametrize("spec", MAKES, ids=str)
def test_a_record_is_json_and_says_how_everything_shown_is_made(spec: Spec) -> None:
    about = json.loads(json.dumps(cell_record.about(spec)))
    assert {one["quantity"] for one in about["equations"]} == set(about["quantities"])
    assert {one["phase"] for one in about["equations"]} <= {1, 2, 3}
    assert about["carried"][0] == Quantity.H, "what the next layer reads comes first"
    assert about["candidate"] in about["rows"]


@pytest.mark.parametrize("spec", MAKES, ids=str)
def test_a_plan_shows_what_its_cell_has(spec: Spec) -> None:
    kind = KINDS[spec.cell]
    plan = cell_record.plan(kind.plan(spec))
    assert plan is not None
    known, words = readings(kind, spec), catalogue("en")
    parts = {"x", *kind.shown, *(f"{quantity}Prev" for quantity in kind.carried)}
    made = {one.quantity: one for one in kind.equations(spec) if isinstance(one, Squash | Show)}
    assert set(plan) == {"height", *PARTS}
    for name, fields in PARTS.items():
        for one in plan[name]:
            check(one, fields)
            assert one["part"] in parts, one
            assert one.get("reading", "x") in known, one
            assert not one.get("label") or f"player.valve.{one['label']}" in words, one
            assert one.get("phase", 1) in (1, 2, 3)
    for node in plan["nodes"]:
        assert ("text" in node) != ("function" in node), node
        assert "text" in node or node["function"] in made, node
    assert {box["reading"] for box in plan["boxes"]} >= {"x", *kind.carried}


def check(one: dict[str, Any], fields: dict[str, type]) -> None:
    """A part of a plan has its fields, and no other than the optional ones."""
    assert set(fields) <= set(one) <= {*fields, *OPTIONAL}, one
    for name, value in one.items():
        wanted = {**OPTIONAL, **fields}[name]
        assert isinstance(value, (int, float) if wanted is float else wanted), (name, value)


def test_every_plan_is_some_cells() -> None:
    wanted = {KINDS[spec.cell].plan(spec) for spec in MAKES}
    assert {path.stem for path in cell_record.PLANS.glob("*.json")} == wanted - {""}


def test_the_players_code_names_no_cell() -> None:
    names = tuple(KINDS)
    for path in (cell_record.PLANS.parent / "web").glob("*"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            comment = line.lstrip().startswith(("//", "*", "/*"))
            assert comment or not any(name in line for name in names), (path, number)
