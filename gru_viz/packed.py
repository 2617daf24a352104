"""Values of every step and sequence, packed as another batch was."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence


def packed_like(given: PackedSequence, h: Tensor) -> PackedSequence:
    """`h` `(T, B, W)`, its sequences in the caller's order, packed with the batch sizes and orders of `given`."""
    ordered = h if given.sorted_indices is None else h.index_select(1, given.sorted_indices)
    sizes = given.batch_sizes.to(h.device)
    valid = torch.arange(h.shape[1], device=h.device) < sizes.unsqueeze(1)
    return PackedSequence(ordered[valid], given.batch_sizes, given.sorted_indices, given.unsorted_indices)
