"""record(): traces of every recurrent layer inside somebody else's model, without disturbing its run."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from gru_viz.engines.run import Plan, run_stack
from gru_viz.engines.spec import spec_of
from gru_viz.errors import InputError
from gru_viz.layout import Layout, read
from gru_viz.trace import Trace, assemble, refuse_hidden_dropout


@contextmanager
def record(model: nn.Module) -> Iterator[dict[str, list[Trace]]]:
    """While the block runs, keeps a Trace of every call of every recurrent layer inside `model`.

    The model runs as it always does: its results stay bit-identical and its gradients its own. Gates are recovered
    from the outputs the layer returned, with the weights as they are at that call; only the lower layers of a stacked
    module, whose outputs nobody sees, are run again. A layer in training mode with dropout between its layers cannot
    be traced: it is left out, with one warning.

    Args:
        model: any module that contains (or is) an `nn.GRU`, `nn.LSTM`, `nn.RNN` or `gv.GRU`.

    Yields:
        qualified name -> list of Traces in call order; "" when the model itself is recurrent. Entering twice nests:
        each block keeps its own.

    Raises:
        InputError: the model contains no recurrent layer.
    """
    found = [(name, module) for name, module in model.named_modules() if isinstance(module, (nn.GRU, nn.LSTM, nn.RNN))]
    if not found:
        raise InputError(
            "record.none",
            "{kind} contains no recurrent layer; record needs an nn.GRU, nn.LSTM, nn.RNN or gv.GRU inside.",
            kind=type(model).__name__,
        )
    traces: dict[str, list[Trace]] = {name: [] for name, _ in found}
    hooks = [module.register_forward_hook(_Recorder(name, traces[name]), with_kwargs=True) for name, module in found]
    try:
        yield traces
    finally:
        for hook in hooks:
            hook.remove()


class _Recorder:
    """The hook of one layer: turns each call's arguments and results into a Trace."""

    def __init__(self, name: str, kept: list[Trace]) -> None:
        self._name, self._kept = name, kept
        self._warned = False

    def __call__(self, module: nn.RNNBase, args: tuple, kwargs: dict[str, Any], result: tuple) -> None:
        try:
            with torch.no_grad(), torch.autocast(_device(result).type, enabled=False):
                self._kept.append(_trace_call(module, args, kwargs, result))
        except InputError as error:
            if not self._warned:
                warnings.warn(f"record leaves out '{self._name}': {error}", stacklevel=2)
            self._warned = True


def _device(result: tuple) -> torch.device:
    return result[0].data.device


def _trace_call(module: nn.RNNBase, args: tuple, kwargs: dict[str, Any], result: tuple) -> Trace:
    spec = spec_of(module)
    refuse_hidden_dropout(spec, module)
    x, hx = (*args, *(kwargs[name] for name in ("input", "hx") if name in kwargs), None)[:2]
    like: Tensor = module.weight_ih_l0  # type: ignore[assignment]
    # The model may change its tensors in place later, and under autocast they are narrower than the weights.
    given = read(spec, _own(x, like), _own(hx, like), None, like, finite=False)
    plan = Plan(given.x, given.state, given.alive, known_output=_time_major(result[0], given.layout).to(like.dtype))
    return assemble(spec, run_stack(spec, module, plan), plan.alive, given.layout)


def _own(value: Any, like: Tensor) -> Any:
    if isinstance(value, Tensor):
        return value.detach().to(like.dtype, copy=True)
    if isinstance(value, PackedSequence):
        return value._replace(data=_own(value.data, like))
    return None if value is None else tuple(_own(part, like) for part in value)


def _time_major(output: Tensor | PackedSequence, layout: Layout) -> Tensor:
    if isinstance(output, PackedSequence):
        return pad_packed_sequence(output)[0].detach()
    if layout.unbatched:
        return output.unsqueeze(1).detach()
    return (output.transpose(0, 1) if layout.batch_first else output).detach()
