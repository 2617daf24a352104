"""Writes over what stands in a folder that takes nothing, each writer in turn, and prints what each said.

python -m tests.faults.read_only FOLDER     # prepared by tests/faults/test_faults.py
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import gru_viz as gv
from gru_viz.draw.files import safetensors
from gru_viz.errors import GruVizError
from gru_viz.models import load
from gru_viz.tracing.trace import Trace
from gru_viz.training import checkpoint, rebuild
from gru_viz.training.options import Options
from gru_viz.training.rebuild import write
from gru_viz.ui.kit.served import Served


def writers(folder: Path, trace: Trace) -> dict[str, Callable[[], object]]:
    """Everything that writes a file."""
    model = load(folder / "names")
    return {
        "trace": lambda: trace.save(folder / "trace.safetensors"),
        "checkpoint": lambda: checkpoint.save(folder / "names.checkpoint", {"about": {}}),
        "model": lambda: write(model, model.card, folder / "names"),
        "train": lambda: rebuild("example", Options(steps=1), folder=folder),
    }


def said(write_it: Callable[[], object]) -> str:
    """What a writer says in one sentence; the name of what it raised, where that is no sentence of ours."""
    try:
        write_it()
    except GruVizError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - the test shows it
        return f"{type(error).__name__}: {error}"
    return "written"


if __name__ == "__main__":
    place = Path(sys.argv[1])
    tempfile.tempdir = str(place)  # nor is there another folder for temporary files
    run = gv.load("names").trace("rossi")
    found = {name: said(write_it) for name, write_it in writers(place, run).items()}
    found["download"] = str(len(safetensors(run)))
    found["script"] = Served("tried", lambda: "export default 1")._source()
    print(json.dumps(found))
