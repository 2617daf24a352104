"""record(): traces of every recurrent layer inside somebody else's model, without disturbing its run."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import _disable_current_modes

from gru_viz.cells import MODULES
from gru_viz.engines.foreign import foreign_layers, not_recurrent
from gru_viz.engines.spec_of import is_cell
from gru_viz.engines.weights import arguments
from gru_viz.errors import InputError
from gru_viz.tracing.cell_calls import CellCalls
from gru_viz.tracing.layer_calls import refuse_unreal, tensors_in, trace_call
from gru_viz.tracing.passing_hook import PassingHook, attach, sees_the_raw_result
from gru_viz.tracing.trace import Trace

_LOG = logging.getLogger("gru_viz")


@contextmanager
def record(model: nn.Module) -> Iterator[dict[str, list[Trace]]]:
    """While the block runs, keeps a Trace of every call of every recurrent layer inside `model`.

    The model runs as it always does: its results stay bit-identical and its gradients its own, whatever happens in
    here. Gates are recovered from the outputs the layer returned, with the weights as they are at that call; only the
    lower layers of a stacked module, whose outputs nobody sees, are run again.

    - A cell (`nn.GRUCell`, `nn.LSTMCell`, `nn.RNNCell`) is a layer called a step at a time: it gets one Trace a
      sequence of calls, complete when the block ends. A sequence goes on while the cell is given the state it
      returned, with the same weights.
    - Activation checkpoints call a layer again during the backward pass: that is no call of its own.
    - Other hooks of the model may change what a layer returns; the trace holds what the layer itself computed.
    - Left out, with one warning a layer: what cannot be traced truthfully, such as a class with a `forward` of its
      own, dropout between layers in training, a quantised or scripted layer, meta tensors. A layer that was not seen
      at all is named when the block ends. Where warnings are errors they are logged (logger "gru_viz") instead.
    - Copies and files made of the model in the block carry nothing of the recording.

    Args:
        model: any module that contains (or is) an `nn.GRU`, `nn.LSTM`, `nn.RNN`, `gv.GRU`, `gv.MinGRU` or one of
            torch's cells.

    Yields:
        qualified name -> list of Traces in call order; "" when the model itself is recurrent. Entering twice nests:
        each block keeps its own.

    Raises:
        InputError: the model contains no recurrent layer that could be traced.
    """
    recorders = _recorders(model)
    takers = [attach(module, recorder) for module, recorder in recorders]
    try:
        yield {recorder.name: recorder.kept for _, recorder in recorders}
    finally:
        for take_off in takers:
            take_off()
        for _, recorder in recorders:
            recorder.close()
    unseen = [f"'{recorder.name}'" for _, recorder in recorders if not recorder.seen]
    if unseen:
        _say(
            f"record never saw {', '.join(unseen)}: not called in the block, or called around the hooks "
            "(module.forward(x), or inlined by torch.compile); call the module itself, uncompiled."
        )


def _recorders(model: nn.Module) -> list[tuple[nn.Module, _Recorder]]:
    if not isinstance(model, nn.Module):
        raise not_recurrent(model)
    found = [(name, m) for name, m in model.named_modules() if isinstance(m, MODULES)]
    foreign = foreign_layers(model)
    if not found:
        told = not_recurrent(model)
        if told.code == "module.exported":
            raise told
        raise next(iter(foreign.values()), None) or InputError(
            "record.none",
            "{kind} contains no recurrent layer; record needs an nn.GRU, nn.LSTM, nn.RNN or gv.GRU inside.",
            kind=type(model).__name__,
        )
    for name, error in foreign.items():
        _say(f"record leaves out '{name}': {error}")
    return [(module, _Recorder(name, is_cell(module))) for name, module in found]


class _Recorder(PassingHook):
    """The hook of one layer: turns each call's arguments and results into a Trace.

    Attributes:
        kept: the traces so far.
        seen: whether the layer was called.
    """

    def __init__(self, name: str, of_a_cell: bool) -> None:
        self.name, self.kept = name, []
        self.seen = self._warned = False
        self._calls = CellCalls() if of_a_cell else None
        self._device = "cpu"

    def after_call(self, module: Any, args: tuple, kwargs: dict[str, Any], result: Any) -> None:
        if not torch.compiler.is_compiling():  # else what follows would become part of the compiled program
            self._see(module, args, kwargs, result)

    def _see(self, module: Any, args: tuple, kwargs: dict[str, Any], result: Any) -> None:
        self.seen = True
        if torch._C._current_graph_task_id() != -1:
            return  # in a backward pass: a checkpoint computes again what was recorded the first time
        with self._leaving_out():
            refuse_unreal(args, kwargs, result)
            device = next(tensors_in((args, kwargs))).device
            call = (module, *arguments(args, kwargs), result if sees_the_raw_result(module) else None)
            under = torch.amp.is_autocast_available(device.type) and torch.is_autocast_enabled(device.type)
            autocast = torch.get_autocast_dtype(device.type) if under else None
            self._device = device.type
            with _apart(device.type):
                if self._calls is None:
                    self.kept.append(trace_call(*call, autocast))
                else:
                    self.kept += self._calls.add(*call, autocast)

    def close(self) -> None:
        """Ends the sequences that a cell's calls were gathered into."""
        if self._calls is not None:
            with self._leaving_out(), _apart(self._device):
                self.kept += self._calls.close()

    @contextmanager
    def _leaving_out(self) -> Iterator[None]:
        """Whatever goes wrong is said, once, and goes no further: the host's run is not ours to break."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - see the docstring
            reason = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
            if not self._warned:
                self._warned = True
                _say(f"record leaves out '{self.name}': {reason}")


def _say(sentence: str) -> None:
    try:
        warnings.warn(sentence, stacklevel=2)
    except Warning:  # where warnings are errors, ours must not become the host's
        _LOG.warning(sentence)


@contextmanager
def _apart(device: str) -> Iterator[None]:
    """Computing beside the host: in full precision, without its graph, its modes, its default device or its ears."""
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(_disable_current_modes())
        stack.enter_context(torch._C.DisableTorchFunction())
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.no_grad())
        if torch.amp.is_autocast_available(device):
            stack.enter_context(torch.autocast(device, enabled=False))
        yield
