"""A Trace from one call of somebody else's layer: what it was given, what it returned, the weights it used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch._C._functorch import is_functorch_wrapped_tensor  # type: ignore[import-not-found]
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from gru_viz.engines.made import Made, Precision, arithmetic, identity
from gru_viz.engines.run import LayerPass, Plan, run_stack
from gru_viz.engines.spec_of import spec_of
from gru_viz.engines.weights import named_weights, weights_in_use
from gru_viz.errors import InputError
from gru_viz.tracing.layout import Layout, check_real, read
from gru_viz.tracing.trace import Trace, refuse_hidden_dropout


def trace_call(module: nn.Module, x: Any, hx: Any, result: Any | None, autocast: torch.dtype | None) -> Trace:
    """The trace of a call that has just been made.

    Args:
        x, hx: what the module's forward was given.
        result: what it returned, or None where somebody may have changed that: then every layer is run again.
        autocast: the dtype of the autocast the call was made under.

    Raises:
        InputError: the module or the call is none that can be traced.
    """
    spec = spec_of(module)
    refuse_hidden_dropout(spec, module)
    weights = weights_in_use(module, spec)
    like = weights[0].ih
    # The model may change its tensors in place later, and under autocast they are narrower than the weights.
    given = read(spec, own(x, like), own(hx, like), None, like, finite=False)
    known = None if result is None else _time_major(result[0], given.layout).to(like.dtype)
    plan = Plan(given.x, given.state, given.alive, known_output=known, autocast=autocast)
    runs = run_stack(spec, weights, plan)
    made = made_under(autocast, plan.x, runs, named_weights(module, spec, weights))
    return Trace.assembled(spec, runs, plan.alive, given.layout, made)


def made_under(autocast: torch.dtype | None, x: Tensor, runs: list[LayerPass], named: dict[str, Tensor]) -> Made:
    """How a call's numbers were made: in float32 storage, under autocast in its coarser arithmetic."""
    engines = tuple(r.engine for r in runs)
    precision = arithmetic(x, engines)
    if autocast is not None and x.dtype != torch.float64:  # autocast leaves double precision alone
        precision = precision.coarser(Precision.of(autocast))
    weights = list(named.values())
    return Made(engines, precision, (), identity(weights, torch.stack([w.sum() for w in weights]).tolist()))


def own(value: Any, like: Tensor) -> Any:
    """A call's argument as a copy outside every graph, in the weights' dtype."""
    if isinstance(value, Tensor):
        return value.detach().to(like.dtype, copy=True)
    if isinstance(value, PackedSequence):
        return value._replace(data=own(value.data, like))
    return None if value is None else tuple(own(part, like) for part in value)


def _time_major(output: Tensor | PackedSequence, layout: Layout) -> Tensor:
    if isinstance(output, PackedSequence):
        return pad_packed_sequence(output)[0].detach()
    if layout.unbatched:
        return output.unsqueeze(1).detach()
    return (output.transpose(0, 1) if layout.batch_first else output).detach()


def refuse_unreal(*values: Any) -> None:
    """Raises an `InputError` where a call computes with no plain numbers: traced, transformed, fake, on meta."""
    if torch._C._get_tracing_state() is not None:
        raise InputError("record.traced", "the model is being traced by torch.jit or exported; record it when it runs.")
    for tensor in tensors_in(values):
        if is_functorch_wrapped_tensor(tensor):
            raise InputError(
                "record.transformed",
                "it runs inside a transform of torch.func (vmap, grad …), where a tensor stands for many or for its "
                "derivative; record the model on its own.",
            )
        check_real(tensor)


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Every tensor in nested tuples, lists and dictionaries."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        yield from tensors_in(tuple(value.values()))
    elif isinstance(value, (tuple, list)):  # a PackedSequence is one
        for part in value:
            yield from tensors_in(part)
