"""What a GPU or MPS would refuse or disturb, found by reading: no device is needed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import gru_viz

ALREADY_SEEN_TO = ("holding.py", "made.py")
"""The first brings its states to the CPU where it makes them; the second asks which device it is."""
SOURCES = sorted(Path(gru_viz.__file__).parent.rglob("*.py"))


def calls() -> list[tuple[str, ast.Call]]:
    return [
        (f"{path.name}:{node.lineno}", node)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]


def test_nothing_is_made_double_before_it_is_on_the_cpu() -> None:
    """MPS has no float64: a tensor comes to main memory first."""
    for place, call in calls():
        assert isinstance(call.func, ast.Attribute)
        if call.func.attr != "double" or call.args or place.split(":")[0] in ALREADY_SEEN_TO:
            continue
        inner = call.func.value
        assert isinstance(inner, ast.Call), place
        assert ast.unparse(inner.func).endswith(".cpu"), f"{place}: {ast.unparse(call)}"


def test_nobody_waits_for_a_whole_gpu() -> None:
    """`torch.cuda.synchronize` waits for every visitor's work on it."""
    assert not [place for place, call in calls() if ast.unparse(call.func) == "torch.cuda.synchronize"]


def test_no_page_touches_a_setting_of_the_whole_process() -> None:
    """oneDNN and repeatable kernels are switched only where a process of its own runs."""
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        if path.name not in ("clock.py", "repeatable.py"):
            assert not re.search(r"\.enabled = |mkldnn\.(flags|set_flags)|_set_mkldnn_enabled", text), path.name
            assert "use_deterministic_algorithms" not in text, path.name
