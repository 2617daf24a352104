"""A module lent for a while: whatever its hooks and parametrizations do to it is undone afterwards."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

_ONE_AT_A_TIME = RLock()


@contextmanager
def undisturbed(module: nn.Module, *, grad: bool = False, others: Iterable[nn.Module] = ()) -> Iterator[None]:
    """While the block runs, the module may be written to; afterwards it holds what it held, bit for bit.

    Its own object is lent, not a copy: a hook may reach it through a closure, and `parametrize.cached` knows it by its
    id. Meanwhile parameters and buffers are clones (so that a power iteration moves nothing), random numbers come from
    a fork of the generators, and what a parametrization's cache gained is forgotten.

    Args:
        grad: the clones of the parameters keep a graph to the parameters.
        others: modules whose buffers and attributes are to be kept too, such as the owner of a hook.
    """
    kept: list[tuple[nn.Module, dict[str, Any]]] = []
    with _ONE_AT_A_TIME, _forked(module):
        cached = set(parametrize._cache)
        clones: dict[int, Tensor] = {}
        try:
            for part in module.modules():
                kept.append((part, dict(part.__dict__)))
                _lend(part, clones, grad=grad)
            known = {id(part) for part, _ in kept}
            for part in (part for other in others for part in other.modules() if id(part) not in known):
                kept.append((part, dict(part.__dict__)))
                part.__dict__["_buffers"] = {name: _clone(b, clones) for name, b in part._buffers.items()}
            yield
        finally:
            for part, before in reversed(kept):
                for name in part.__dict__.keys() - before.keys():
                    del part.__dict__[name]
                part.__dict__.update(before)
            for key in parametrize._cache.keys() - cached:
                del parametrize._cache[key]


def _lend(part: nn.Module, clones: dict[int, Tensor], *, grad: bool) -> None:
    own = part.__dict__
    own["_modules"] = own["_modules"].copy()
    own["_buffers"] = {name: _clone(buffer, clones) for name, buffer in part._buffers.items()}
    own["_parameters"] = {name: _clone(p, clones, grad=grad) for name, p in part._parameters.items()}
    if isinstance(part, nn.RNNBase):
        # A call looks whether its weights were exchanged, and asks a parametrization more often where they were.
        own["_flat_weights"] = [clones.get(id(w), w) for w in part._flat_weights]
        own["_flat_weight_refs"] = [
            weakref.ref(clones[id(ref())]) if ref is not None and id(ref()) in clones else ref
            for ref in part._flat_weight_refs
        ]
        own["flatten_parameters"] = lambda: None  # would move the weights of a CUDA layer into one block


def _clone(tensor: Tensor | None, clones: dict[int, Tensor], *, grad: bool = False) -> Tensor | None:
    """The tensor's clone, the same one for a tensor that stands in two places."""
    if tensor is None:
        return None
    if id(tensor) not in clones:
        with torch.set_grad_enabled(grad):
            clones[id(tensor)] = tensor.clone() if grad else tensor.detach().clone()
    return clones[id(tensor)]


@contextmanager
def _forked(module: nn.Module) -> Iterator[None]:
    tensor = next(module.parameters(), None)
    device = torch.device("cpu") if tensor is None else tensor.device
    others = [] if device.type in ("cpu", "meta") else [device]
    with torch.random.fork_rng(others, device_type=device.type if others else "cuda"):
        yield
