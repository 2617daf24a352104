"""What stays for good is not collected again and again; what sessions leave behind still is."""

from __future__ import annotations

import json
import subprocess
import sys

PROGRAM = """
import gc, json, weakref
import gru_viz.ui.pages.explore
from gru_viz.ui.heap import settle

class Left:
    pass

def leave():
    one = Left()
    one.itself = one
    return weakref.ref(one)

settle("pages")
frozen, watched = gc.get_freeze_count(), len(gc.get_objects())
left = leave()
settle("pages")
there = left() is not None
gc.collect()
print(json.dumps([frozen, watched, gc.get_freeze_count() <= frozen, there, left() is None]))
"""


def test_the_collector_passes_over_what_was_imported_and_still_frees_the_rest() -> None:
    # In a process of its own: what is frozen here would never be freed for the tests that come after.
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=True)
    frozen, watched, once, there, freed = json.loads(done.stdout.splitlines()[-1])
    assert frozen > 100_000
    assert watched < frozen / 100
    assert (once, there, freed) == (True, True, True)
