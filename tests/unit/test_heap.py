"""What stays for good is not collected again and again; what visitors leave behind still is, sooner or later."""

from __future__ import annotations

import json
import subprocess
import sys

PROGRAM = """
import gc, json, time, weakref
import gru_viz.ui.explore.page
from gru_viz import heap

class Left:
    pass

def leave():
    one = Left()
    one.itself = one
    return one, weakref.ref(one)

staying, old = leave()
heap.settle_heap_first()
frozen, watched = gc.get_freeze_count(), len(gc.get_objects())
_, new = leave()
del _, staying
heap.settle_heap_first()
there = new() is not None
gc.collect()
after_a_run = new() is None, old() is None

def comes(holds):
    until = time.monotonic() + 60
    while not holds() and time.monotonic() < until:
        time.sleep(0.01)
    return holds()

heap.LATER = 1.0
staying, second = leave()
heap.settle_heap_later()
heap.settle_heap_later()  # the second visitor leaves; Streamlit still holds what is theirs when the first look comes
first_look = comes(lambda: old() is None), second() is None
del staying
second_gone, over = comes(lambda: second() is None), comes(lambda: not heap._LEFT["waiting"])
print(json.dumps([frozen, watched, there, after_a_run, first_look, second_gone, not over]))
"""


def test_the_collector_passes_over_what_was_imported_and_frees_the_rest() -> None:
    # In a process of its own: what is frozen there is kept from the tests that come after.
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=True)
    frozen, watched, there, after_a_run, first_look, second_gone, waiting = json.loads(done.stdout.splitlines()[-1])
    assert frozen > 100_000
    assert watched < frozen / 100
    assert there
    assert after_a_run == [True, False]
    assert first_look == [True, False]
    assert second_gone
    assert not waiting
