"""What this machine can run models on."""

from __future__ import annotations

import torch


def devices() -> list[str]:
    """The kinds of device that are here, as torch calls them, the CPU first."""
    found = ["cpu"]
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return found
