"""A forward hook that stays behind when its module is copied, pickled or saved."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any

from torch import nn
from torch.nn.modules import module as torch_module

_WAYS_TO_COPY = ("__deepcopy__", "__reduce_ex__")
_LOCK = Lock()


class PassingHook:
    """What `attach` accepts: a forward hook."""

    def __call__(self, module: Any, args: tuple, *rest: Any) -> None:
        # Between two lines of torch's, when it registers or removes a hook, a call in another thread comes without
        # keyword arguments.
        kwargs, result = rest if len(rest) == 2 else ({}, *rest)
        self.after_call(module, args, kwargs, result)

    def after_call(self, module: Any, args: tuple, kwargs: dict[str, Any], result: Any) -> None:
        """Called after the module's forward with what that was given and what it returned."""
        raise NotImplementedError

    def __deepcopy__(self, memo: dict[int, Any]) -> PassingHook:
        return self  # it is taken off the copy at once


def attach(module: nn.Module, hook: PassingHook) -> Callable[[], None]:
    """Registers a forward hook before all the module has, and returns what takes it off again.

    While it is on, the module itself says how it is copied, `copy` and `pickle` asking an object for that: each leaves
    every such hook out. (The hook itself cannot: it would stay in the copy as an entry.)
    """
    with _LOCK:
        handle = module.register_forward_hook(hook, prepend=True, with_kwargs=True)
        for name, way in zip(_WAYS_TO_COPY, (_deepcopied, _reduced), strict=True):
            vars(module).setdefault(name, partial(way, module))

    def detach() -> None:
        with _LOCK:
            handle.remove()
            if not any(isinstance(other, PassingHook) for other in tuple(module._forward_hooks.values())):
                for name in _WAYS_TO_COPY:
                    vars(module).pop(name, None)

    return detach


def sees_the_raw_result(module: nn.Module) -> bool:
    """Whether no other forward hook ran before ours, which are among the module's first."""
    return not torch_module._global_forward_hooks and isinstance(
        next(iter(tuple(module._forward_hooks.values())), None), PassingHook
    )


def _free_of_hooks(state: dict[str, Any]) -> dict[str, Any]:
    """A module's dictionary without any passing hook, and without the ways to copy that came with it."""
    kept = {name: value for name, value in state.items() if name not in _WAYS_TO_COPY}
    hooks = kept["_forward_hooks"].copy()
    ours = [key for key, hook in hooks.items() if isinstance(hook, PassingHook)]
    for name in ("_forward_hooks", "_forward_hooks_with_kwargs"):
        kept[name] = kept[name].copy()
        for key in ours:
            kept[name].pop(key, None)
    return kept


def _reduced(module: nn.Module, protocol: int) -> str | tuple:
    found = type(module).__reduce_ex__(module, protocol)
    if isinstance(found, tuple) and len(found) > 2 and isinstance(found[2], dict) and "_forward_hooks" in found[2]:
        return (*found[:2], _free_of_hooks(found[2]), *found[3:])
    return found


def _deepcopied(module: nn.Module, memo: dict[int, Any]) -> Any:
    own = getattr(type(module), "__deepcopy__", None)
    if own is None:
        return copy._reconstruct(module, memo, *_reduced(module, 4))  # type: ignore[attr-defined] - as deepcopy does
    twin = own(module, memo)
    if isinstance(twin, nn.Module):
        twin.__dict__ = _free_of_hooks(vars(twin))
    return twin
