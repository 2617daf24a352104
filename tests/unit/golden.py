"""Golden files: text people read, kept beside the tests, read by a human whenever it changes.

`GOLDEN=write python -m pytest tests/unit` writes them anew; without it a difference is a failed test.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "golden"


def agrees_with(name: str, text: str) -> None:
    """The text is what the golden file of this name holds."""
    path = FOLDER / name
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text, "utf-8")
    held = path.read_text("utf-8")
    assert text == held, f"{name} reads otherwise now; if that is right, write it anew with GOLDEN=write"
