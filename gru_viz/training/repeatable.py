"""The same numbers from the same seed, as far as torch can promise them.

On a CPU with one number of threads they are the same bit for bit. On CUDA some kernels add in whatever order threads
come (the backward of `gather` and of an embedding, cuBLAS within a recurrent layer): torch has slower ones that do
not, which `ask_for_it` turns on. That is a setting of the whole process, so only a process that does nothing but train
may ask for it: the command line does, the server of the pages does not, and a run of the Train page on CUDA is
repeated up to rounding only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

WORKSPACE = ":4096:2"
"""What the documentation of `torch.nn.LSTM` asks of cuBLAS for repeatable recurrent layers."""


def ask_for_it(device: str | None) -> None:
    """Choose repeatable kernels for the rest of this process; call it before CUDA is used first.

    A kernel of which torch has no repeatable kind runs all the same, with torch's own warning that names it.
    """
    if device != "cuda":
        return
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", WORKSPACE)
    torch.backends.cudnn.benchmark = False
    torch.use_deterministic_algorithms(True, warn_only=True)


@contextmanager
def threads_held(threads: int | None) -> Iterator[None]:
    """So many threads of torch's on the CPU while the block runs; None: as many as it has."""
    before = torch.get_num_threads()
    if threads:
        torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
