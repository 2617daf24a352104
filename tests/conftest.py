"""What holds for every test: one thread, so that files can run side by side; no deadlines; the same examples in CI."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import settings
from jaxtyping import install_import_hook

# The shapes written in the equations' signatures are checked at every call a test makes. Not in the records: there
# beartype would look at random items of tuples, with the very dice that tests watch.
CELLS = Path(__file__).parents[1] / "gru_viz" / "cells"
PLAIN = {"__init__", "kind", "quantities", "spec"}
install_import_hook(
    [f"gru_viz.cells.{path.stem}" for path in sorted(CELLS.glob("*.py")) if path.stem not in PLAIN], "beartype.beartype"
)

# Which engine runs must not hang on what ran before; tests of the compiled loop, and laws in turn, ask for it.
os.environ["GRU_VIZ_FAST"] = "off"

torch.set_num_threads(1)

# A busy machine is no defect, so nothing is timed; CI draws the same examples each time, a developer's run new ones.
settings.register_profile("project", deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("project")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: once Playwright runs in a process, its thread has an event loop others trip over."""
    items.sort(key=lambda item: "playwright" in getattr(item, "fixturenames", ()))


@pytest.fixture(autouse=True)
def _the_wish_for_numba_is_put_back() -> Iterator[None]:
    """Laws hold with numba and without: `calls` chooses for each example, and no choice outlives its test."""
    from gru_viz.engines import compiling

    before = compiling.WISH
    yield
    compiling.WISH = before
