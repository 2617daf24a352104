"""What stays for good is put out of the garbage collector's sight.

Streamlit collects all garbage after every run of a page (its option `runner.postScriptGC`). With torch and plotly
loaded that walks through some 400,000 objects that never go: 0.2 s in which no thread of the process can work, after
every keystroke of every visitor and every look at a training run. Once frozen (`gc.freeze`) they are passed over, and
what sessions leave behind is still collected after every run.
"""

from __future__ import annotations

import gc

_SETTLED: set[str] = set()


def settle(loaded: str) -> None:
    """Freeze everything that is there now; to be called when what `loaded` names has been imported. Names count once:
    freezing again and again would also keep what sessions leave behind."""
    if loaded not in _SETTLED:
        _SETTLED.add(loaded)
        gc.collect()
        gc.freeze()
