"""A module lent for a while: whatever its hooks and parametrizations do to it is undone afterwards."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from threading import RLock
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

_ONE_AT_A_TIME = RLock()
_CONTAINERS = (list, dict, set)


@contextmanager
def undisturbed(module: nn.Module, *, grad: bool = False, hooks: Iterable[Any] = ()) -> Iterator[None]:
    """While the block runs, the module may be written to; afterwards it holds what it held, bit for bit.

    Its own object is lent, not a copy: a hook may reach it through a closure, and `parametrize.cached` knows it by its
    id. Meanwhile parameters and buffers are clones (so that a power iteration moves nothing), random numbers come from
    a fork of the generators, and what a parametrization's cache gained is forgotten.

    Args:
        grad: the clones of the parameters keep a graph to the parameters.
        hooks: callables that will run; the tensors, lists and dictionaries that they, their owners and their closures
            hold are copies, too.
    """
    clones: dict[int, Tensor] = {}
    with _ONE_AT_A_TIME, _forked(module), ExitStack() as stack:
        stack.callback(_forget_cached_after, set(parametrize._cache))
        for part in module.modules():
            stack.callback(_restore, part, dict(vars(part)))
            _lend(part, clones, grad=grad)
        lent = {id(part) for part in module.modules()}
        for hook in hooks:
            for owner in _reached(hook):
                for part in owner.modules() if isinstance(owner, nn.Module) else [owner]:
                    if id(part) not in lent and hasattr(part, "__dict__"):
                        lent.add(id(part))
                        stack.callback(_restore, part, dict(vars(part)))
                        _lend_attributes(part, clones)
            for cell in _closure(hook):
                if isinstance(content := _content(cell), (Tensor, *_CONTAINERS)):
                    stack.callback(setattr, cell, "cell_contents", content)
                    cell.cell_contents = _copied(content, clones)
        yield


def _restore(part: Any, before: dict[str, Any]) -> None:
    own = vars(part)
    for name in own.keys() - before.keys():
        del own[name]
    own.update(before)


def _forget_cached_after(known: set[tuple[int, str]]) -> None:
    for key in parametrize._cache.keys() - known:
        del parametrize._cache[key]


def _lend(part: nn.Module, clones: dict[int, Tensor], *, grad: bool) -> None:
    own = vars(part)
    own["_modules"] = own["_modules"].copy()
    own["_parameters"] = {name: _clone(p, clones, grad=grad) for name, p in part._parameters.items()}
    _lend_attributes(part, clones)
    if isinstance(part, nn.RNNBase):
        # A call looks whether its weights were exchanged, and asks a parametrization more often where they were.
        own["_flat_weights"] = [clones.get(id(w), w) for w in part._flat_weights]
        own["_flat_weight_refs"] = [
            weakref.ref(clones[id(ref())]) if ref is not None and id(ref()) in clones else ref
            for ref in part._flat_weight_refs
        ]
        own["flatten_parameters"] = lambda: None  # would move the weights of a CUDA layer into one block


def _lend_attributes(part: Any, clones: dict[int, Tensor]) -> None:
    """Copies for the buffers of a module, and for the tensors and containers among the attributes of any object."""
    own = vars(part)
    if isinstance(part, nn.Module):
        own["_buffers"] = {name: _clone(buffer, clones) for name, buffer in part._buffers.items()}
    # What begins with an underscore in a module is torch's, which keeps references to its own dictionaries.
    mine = {name: value for name, value in own.items() if not (isinstance(part, nn.Module) and name.startswith("_"))}
    own.update({name: _copied(value, clones) for name, value in mine.items()})


def _copied(value: Any, clones: dict[int, Tensor]) -> Any:
    if isinstance(value, Tensor):
        return value if isinstance(value, nn.Parameter) else _clone(value, clones)
    return value.copy() if isinstance(value, _CONTAINERS) and type(value) in _CONTAINERS else value


def _reached(hook: Any) -> Iterator[Any]:
    """The objects a hook is, belongs to or holds: what it may write to besides the module it is called with."""
    if isinstance(hook, partial):
        yield from (value for value in (*hook.args, *hook.keywords.values()) if isinstance(value, nn.Module))
        yield from _reached(hook.func)
        return
    if callable(hook) and hasattr(hook, "__self__"):
        yield hook.__self__
    elif not isinstance(hook, type) and not hasattr(hook, "__code__"):
        yield hook
    yield from (value for cell in _closure(hook) if isinstance(value := _content(cell), nn.Module))


def _closure(hook: Any) -> tuple[Any, ...]:
    return getattr(hook, "__closure__", None) or ()


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not yet assigned
        return None


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
    # Generators of one device among several are known to CUDA's relatives only.
    others = [device] if device.type in ("cuda", "xpu") else []
    with torch.random.fork_rng(others, device_type=device.type if others else "cuda"):
        yield
