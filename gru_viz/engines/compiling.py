"""Whether the compiled loop can be had, and since when: numba is an extra, and making machine code takes seconds.

Nobody waits for it. Torch serves until it has taken `PATIENCE` steps; only then numba is loaded and the loop compiled,
or read from numba's cache, in a thread beside, and whoever asks after that gets it. Whatever goes wrong with somebody's
numba is logged once, and torch goes on serving.

The environment's GRU_VIZ_FAST says otherwise: `off` never, `wait` at the first step, with the caller waiting.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from importlib.util import find_spec
from threading import Lock, Thread
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from gru_viz.engines.compiled import Kernel

WISH = os.environ.get("GRU_VIZ_FAST", "")
"""What was asked for; where nothing was, the app's server (`ui/serving.py`) asks for `off`."""
PATIENCE = 2000
"""Steps of layers that torch takes before numba is loaded: some 40 ms of work, against 0.7 s of loading."""

_LOG = logging.getLogger("gru_viz")
_REALS = {torch.float32: np.float32, torch.float64: np.float64}
_found: dict[torch.dtype, Kernel | None] = {}
_taken = dict.fromkeys(_REALS, 0)
_ONE_AT_A_TIME = Lock()


def kernel(dtype: torch.dtype, steps: int = 0) -> Kernel | None:
    """The compiled loop for numbers of this kind; None where it cannot be had, or not yet.

    Args:
        steps: how many would be taken with it now.
    """
    if WISH == "off" or dtype not in _REALS:
        return None
    if dtype in _found:
        return _found[dtype]
    if WISH == "wait":
        return prepared(dtype)
    before = _taken[dtype]
    _taken[dtype] = before + steps
    if before < PATIENCE <= before + steps:
        with suppress(RuntimeError):  # where no thread can be started, torch goes on
            Thread(target=prepared, args=(dtype,), name="gru_viz compiling").start()
    return None


def prepared(dtype: torch.dtype = torch.float32) -> Kernel | None:
    """As `kernel`, once it is there or known not to come: seconds at the first call on a machine."""
    if WISH == "off":
        return None
    with _ONE_AT_A_TIME:
        if dtype not in _found:
            _found[dtype] = _compiled(dtype)
    return _found[dtype]


def _compiled(dtype: torch.dtype) -> Kernel | None:
    try:
        if find_spec("numba") is None:
            return None
        from gru_viz.engines import compiled

        if compiled.switched_off():
            return None
        try:
            return compiled.kernel(_REALS[dtype], cached=True)
        except Exception as error:  # noqa: BLE001 - no folder, a full disk, a damaged file: numba names it in many ways
            _LOG.info("numba's cache cannot be used: %s", error)
            return compiled.kernel(_REALS[dtype], cached=False)
    except Exception as error:  # noqa: BLE001 - a numba that does not work is one that is not there
        _LOG.warning("numba is installed and does not work, so torch computes the traces: %s", error)
        return None
