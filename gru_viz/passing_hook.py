"""A forward hook that stays behind when its module is copied, pickled or saved."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from torch import nn
from torch.nn.modules import module as torch_module

_WAYS_TO_COPY = ("__deepcopy__", "__reduce_ex__")


class PassingHook:
    """What `attach` accepts: called as torch calls a forward hook, `(module, args, kwargs, result)`."""

    def __call__(self, module: Any, args: tuple, kwargs: dict[str, Any], result: Any) -> None:
        raise NotImplementedError


def attach(module: nn.Module, hook: PassingHook) -> Callable[[], None]:
    """Registers a forward hook before all the module has, and returns what takes it off again.

    While it is on, the module knows two ways more of being copied, `copy` and `pickle` asking an object for both:
    each leaves every such hook out. (The hook itself cannot: it would stay in the copy as an entry.)
    """
    handle = module.register_forward_hook(hook, prepend=True, with_kwargs=True)
    for name, way in zip(_WAYS_TO_COPY, (_deepcopied, _reduced), strict=True):
        vars(module).setdefault(name, partial(way, module))

    def detach() -> None:
        handle.remove()
        if not any(isinstance(other, PassingHook) for other in module._forward_hooks.values()):
            for name in _WAYS_TO_COPY:
                vars(module).pop(name, None)

    return detach


def sees_the_raw_result(module: nn.Module) -> bool:
    """Whether no other forward hook ran before ours, which are among the module's first."""
    return not torch_module._global_forward_hooks and isinstance(
        next(iter(module._forward_hooks.values()), None), PassingHook
    )


@contextmanager
def _without(module: nn.Module) -> Iterator[None]:
    """The module as it is without any passing hook."""
    own = vars(module)
    kept = {name: own[name] for name in ("_forward_hooks", "_forward_hooks_with_kwargs", *_WAYS_TO_COPY)}
    own |= {name: type(kept[name])(kept[name]) for name in ("_forward_hooks", "_forward_hooks_with_kwargs")}
    for key, hook in kept["_forward_hooks"].items():
        if isinstance(hook, PassingHook):
            del own["_forward_hooks"][key], own["_forward_hooks_with_kwargs"][key]
    for name in _WAYS_TO_COPY:
        del own[name]
    try:
        yield
    finally:
        own |= kept


def _deepcopied(module: nn.Module, memo: dict[int, Any]) -> nn.Module:
    with _without(module):
        return copy.deepcopy(module, memo)


def _reduced(module: nn.Module, protocol: int) -> str | tuple:
    with _without(module):
        return type(module).__reduce_ex__(module, protocol)  # its state is a copy of the module's dictionary
