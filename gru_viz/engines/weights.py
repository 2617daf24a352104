"""The weights a module's own call would compute with, and the inputs it would compute from.

`nn.RNNBase.forward` reads `_flat_weights`, which it renews at each call from the attributes `weight_ih_l0` … when they
were exchanged. Those attributes may be anything: parameters; tensors that a forward pre-hook sets anew
(`torch.nn.utils.prune`, the old `weight_norm` and `spectral_norm`); properties that compute
(`torch.nn.utils.parametrize`). So the call's first half, hooks and renewal, is performed on the module, and then undone
(`undisturbed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn.modules import module as torch_module
from torch.nn.utils.rnn import PackedSequence

from gru_viz.cells import KINDS
from gru_viz.cells.kind import Weights
from gru_viz.cells.spec import BACKWARD, FORWARD, Spec
from gru_viz.engines.spec_of import is_cell, spec_of
from gru_viz.engines.undisturbed import undisturbed
from gru_viz.errors import InputError

Stack: TypeAlias = "tuple[Weights, ...]"
"""One `Weights` a layer and direction, in PyTorch's order: layer 0 forward, layer 0 backward, layer 1 forward …"""

_STEMS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")


def weights_at_call(
    rnn: nn.Module, spec: Spec, args: tuple, *, grad: bool = False, resting: bool = False
) -> tuple[Stack, tuple]:
    """The weights `rnn(*args)` would compute with, and the arguments its forward would be given.

    The module's forward pre-hooks run (and those of every module), and its parametrizations; nothing of the module,
    its buffers or the random generators changes.

    Args:
        grad: where a weight is computed, keep the graph to the parameters.
        resting: as in evaluation mode, where a power iteration stands still at what the last call left.

    Raises:
        InputError: a weight is missing or does not fit, or a hook failed.
    """
    hooks = _pre_hooks(rnn)
    if not hooks and not _computed(rnn, spec):
        return stack_of(spec, [getattr(rnn, name, None) for name in all_names(rnn, spec)], rnn), arguments(args, {})
    with undisturbed(rnn, grad=grad, hooks=[hook for hook, _ in hooks]):
        if resting:
            rnn.eval()
        with torch.set_grad_enabled(grad and torch.is_grad_enabled()):
            try:
                args = _after_hooks(rnn, hooks, _copied(args)) if hooks else arguments(args, {})
                weights = weights_in_use(rnn, spec, renew=True)
            except InputError:
                raise
            except Exception as error:
                raise InputError(
                    "weights.hook",
                    "A forward pre-hook or parametrization of this {module} failed: {kind}: {reason}",
                    module=spec.name,
                    kind=type(error).__name__,
                    reason=str(error),
                ) from error
        return weights, args


def weights_and_inputs(rnn: nn.Module, spec: Spec, x: Any, hx: Any, *, grad: bool = False) -> tuple[Stack, Any, Any]:
    """What `rnn(x, hx)` computes with and from: see `weights_at_call`. A cell is asked about its first step.

    Raises:
        InputError: also where a hook changes what a cell reads, which it does at each step of a loop nobody sees.
    """
    if not is_cell(rnn):
        weights, (x, hx) = weights_at_call(rnn, spec, (x,) if hx is None else (x, hx), grad=grad)
        return weights, x, hx
    first = x[0] if isinstance(x, Tensor) and x.dim() > 1 and len(x) else None
    if first is None:
        return all_weights(rnn, grad=grad), x, hx
    weights, (read, state) = weights_at_call(rnn, spec, (first,), grad=grad)
    if state is not None or not isinstance(read, Tensor) or not torch.equal(read, first):
        raise InputError(
            "cell.hook",
            "A forward pre-hook of this {kind} changes what it reads at each step; run it in its own loop, inside "
            "gv.record.",
            kind=type(rnn).__name__,
        )
    return weights, x, hx


def weights_in_use(rnn: nn.Module, spec: Spec, *, renew: bool = False) -> Stack:
    """What the module's last forward computed with; with `renew`, what its forward would, once its hooks have run.

    Raises:
        InputError: a weight is missing or does not fit.
    """
    return stack_of(spec, _flat_in_use(rnn, spec, renew), rnn)


def _flat_in_use(rnn: nn.Module, spec: Spec, renew: bool) -> list[Tensor | None]:
    names = all_names(rnn, spec)
    if isinstance(rnn, nn.RNNBase):
        if renew:
            rnn._update_flat_weights()
        held = dict(zip(rnn._flat_weights_names, rnn._flat_weights, strict=False))
        # A weight that was deleted lives on in torch's list until the module is moved; that it runs is an accident.
        return [held.get(name) if _stands(rnn, name) else None for name in names]
    if renew or not _computed(rnn, spec):
        return [getattr(rnn, name, None) for name in names]
    with undisturbed(rnn):
        rnn.eval()  # a power iteration rests: its vectors are those of the last call
        return [getattr(rnn, name, None) for name in names]


def _stands(rnn: nn.Module, name: str) -> bool:
    """Whether the module has the attribute; a property is not asked, since it may write to buffers."""
    return name in rnn._parameters or name in rnn.__dict__ or name in rnn._buffers or hasattr(type(rnn), name)


def possible_weights(rnn: nn.Module, x: Tensor) -> list[Stack]:
    """What the next call on x would compute with and, where calls move the weights (spectral_norm in training), what
    the last one did."""
    moves = rnn.training and (_pre_hooks(rnn) or _computed(rnn, spec_of(rnn)))
    return [all_weights(rnn, x), *([all_weights(rnn, x, resting=True)] if moves else [])]


def all_weights(rnn: nn.Module, x: Tensor | None = None, *, grad: bool = False, resting: bool = False) -> Stack:
    """The weights a call would compute with.

    Args:
        x: an input for the module's hooks to see, `(T, B, I)`; one step of zeros if None.
        grad: keep the graph to the parameters; otherwise the weights are detached.
        resting: as in `weights_at_call`.
    """
    spec = spec_of(rnn)
    if x is None:
        x = next(rnn.parameters()).new_zeros(1, 1, spec.input_size)
    seen = x[0] if is_cell(rnn) else x.transpose(0, 1) if spec.batch_first else x
    found = weights_at_call(rnn, spec, (seen,), grad=grad, resting=resting)[0]
    return found if grad else detached(found)


def weights_of(rnn: nn.Module, layer: int, direction: str, *, grad: bool = False) -> Weights:
    """One layer's weights in one direction, detached unless `grad`; biases the module lacks come as zeros."""
    directions = spec_of(rnn).directions
    return all_weights(rnn, grad=grad)[layer * len(directions) + directions.index(direction)]


def parameter_names(layer: int, direction: str) -> tuple[str, ...]:
    """PyTorch's names of one layer's parameters: weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, weight_hr_l0."""
    suffix = f"_l{layer}" + ("_reverse" if direction == BACKWARD else "")
    return tuple(stem + suffix for stem in _STEMS)


def all_names(rnn: nn.Module, spec: Spec) -> tuple[str, ...]:
    """The names of all weights, layer by layer, in `Weights`' order; also of those the module has not."""
    return _STEMS if is_cell(rnn) else _layer_names(spec.num_layers, spec.directions)


@lru_cache
def _layer_names(layers: int, directions: tuple[str, ...]) -> tuple[str, ...]:
    # A module of one direction, whichever it is, has one set of weights and PyTorch's plain names for them.
    ways = directions if len(directions) > 1 else (FORWARD,)
    return tuple(name for layer in range(layers) for way in ways for name in parameter_names(layer, way))


def named_weights(rnn: nn.Module, spec: Spec, weights: Stack) -> dict[str, Tensor]:
    """The weights the module has, by PyTorch's names."""
    flat = (part for each in weights for part in each)
    named = zip(all_names(rnn, spec), flat, all_shapes(spec), strict=True)
    return {name: weight for name, weight, shape in named if shape is not None and weight is not None}


def _computed(rnn: nn.Module, spec: Spec) -> bool:
    """Whether a weight may be something else than an attribute: a parametrization's or a subclass's property."""
    return type(rnn).__getattr__ is not nn.Module.__getattr__ or any(
        hasattr(type(rnn), name) for name in all_names(rnn, spec)
    )


def _pre_hooks(rnn: nn.Module) -> list[tuple[Any, bool]]:
    """Every hook that runs before the module's forward, in torch's order, and whether it takes keyword arguments."""
    everywhere = [(hook, False) for hook in torch_module._global_forward_pre_hooks.values()]
    own = [(hook, key in rnn._forward_pre_hooks_with_kwargs) for key, hook in rnn._forward_pre_hooks.items()]
    return everywhere + own


def _after_hooks(rnn: nn.Module, hooks: Sequence[tuple[Any, bool]], args: tuple) -> tuple:
    """The arguments as `nn.Module.__call__` hands them on to forward."""
    kwargs: dict[str, Any] = {}
    for hook, with_kwargs in hooks:
        if with_kwargs:
            args, kwargs = hook(rnn, args, kwargs) or (args, kwargs)
        elif (changed := hook(rnn, args)) is not None:
            args = changed if isinstance(changed, tuple) else (changed,)
    return arguments(args, kwargs)


def _copied(value: Any) -> Any:
    """The arguments as copies, which a hook may write to."""
    if isinstance(value, Tensor):
        return value.clone()
    if isinstance(value, PackedSequence):
        return value._replace(data=value.data.clone())
    return tuple(_copied(part) for part in value) if isinstance(value, (tuple, list)) else value


def arguments(args: tuple, kwargs: dict[str, Any]) -> tuple[Any, Any]:
    """(input, hx) of a call, however they were passed."""
    found = dict(zip(("input", "hx"), args, strict=False)) | kwargs
    return found.get("input"), found.get("hx")


def stack_of(spec: Spec, flat: Sequence[Any], rnn: nn.Module) -> Stack:
    """Weights in the order of `all_names`, checked to fit each other.

    Raises:
        InputError: one is missing, has another shape than the module's sizes ask for, or another dtype or device.
    """
    names = all_names(rnn, spec)
    first = next((w for w in flat if w is not None), None)
    found = []
    for place in range(len(names) // len(_STEMS)):
        own = slice(place * len(_STEMS), (place + 1) * len(_STEMS))
        layer = place // len(spec.directions)
        ih, hh, b_ih, b_hh, hr = _fitting(spec, layer, names[own], flat[own], first)
        zeros = ih.new_zeros(ih.shape[0]) if b_ih is None or b_hh is None else None
        if hh is None:
            hh = ih.new_zeros(()).expand(ih.shape[0], spec.state_size)
        each = (ih, hh, zeros if b_ih is None else b_ih, zeros if b_hh is None else b_hh, hr)
        found.append(Weights(*each))  # type: ignore[arg-type]
    return tuple(found)


def detached(weights: Stack) -> Stack:
    """The same weights outside every graph."""
    return tuple(Weights(*(None if w is None else w.detach() for w in each)) for each in weights)  # type: ignore[arg-type]


@lru_cache
def weight_shapes(spec: Spec, layer: int) -> tuple[tuple[int, ...] | None, ...]:
    """The shapes of one layer's weights in one direction, in `Weights`' order; None for what its make has not."""
    kind = KINDS[spec.cell]
    rows = len(kind.rows) * spec.hidden_size
    inputs = spec.state_size * len(spec.directions) if layer else spec.input_size
    bias = (rows,) if spec.bias else None
    projection = (spec.proj_size, spec.hidden_size) if spec.proj_size else None
    if kind.from_input is not None:
        return (rows, inputs), None, bias, None, projection
    return (rows, inputs), (rows, spec.state_size), bias, bias, projection


def all_shapes(spec: Spec) -> tuple[tuple[int, ...] | None, ...]:
    """The shapes of all weights, in the order of `all_names`."""
    rows = range(spec.num_layers * len(spec.directions))
    return tuple(shape for row in rows for shape in weight_shapes(spec, row // len(spec.directions)))


def _fitting(spec: Spec, layer: int, names: Sequence[str], flat: Sequence[Any], first: Tensor | None) -> list[Any]:
    found: list[Tensor | None] = []
    for name, weight, shape in zip(names, flat, weight_shapes(spec, layer), strict=True):
        if shape is not None:
            _check_weight(spec, name, weight, shape, first)
        found.append(None if shape is None else weight)
    return found


def _check_weight(spec: Spec, name: str, weight: Tensor | None, shape: tuple[int, ...], first: Tensor | None) -> None:
    if not isinstance(weight, Tensor):
        raise InputError(
            "weights.missing",
            "This {module} has no {name}: it was removed or set to None; load it again, or make the layer anew.",
            module=spec.name,
            name=name,
        )
    if tuple(weight.shape) != shape:
        raise InputError(
            "weights.shape",
            "{name} has shape {found}; a {module} needs {wanted}: a size or a weight was changed after it was made.",
            name=name,
            found=tuple(weight.shape),
            module=spec.name,
            wanted=shape,
        )
    assert first is not None
    for one, two in ((weight.dtype, first.dtype), (weight.device, first.device)):
        if one != two:
            raise InputError(
                "weights.mixed",
                "{name} is {found} where the layer's first weight is {wanted}: the layer was converted by halves; "
                "convert all of it, with .to(…).",
                name=name,
                found=str(one).removeprefix("torch."),
                wanted=str(two).removeprefix("torch."),
            )
