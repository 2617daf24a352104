"""Modules that the tracer's equations do not describe: how each is told, what it is, and the way out."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import nn

from gru_viz.cells import KINDS, MODULES
from gru_viz.errors import InputError

M = TypeVar("M", bound=nn.Module)

_KNOWN_FORWARDS = {module.forward for module in MODULES}
"""The forwards whose equations are known, as they were when this module was imported: a patched one is none of them."""


def known_forward(kind: type[M]) -> type[M]:
    """Declares that this class's forward computes its cell's equations, so that its layers can be traced."""
    _KNOWN_FORWARDS.add(kind.forward)
    return kind


def own_forward(rnn: nn.Module) -> str | None:
    """The method by which a recurrent module computes something of its own; None where it is torch's or ours."""
    instance = vars(rnn).get("forward")
    if getattr(instance, "__func__", instance) not in (None, *_KNOWN_FORWARDS):
        return "forward"
    if instance is None and type(rnn).forward not in _KNOWN_FORWARDS:
        return "forward"
    return None if type(rnn).__call__ is nn.Module.__call__ else "__call__"


def not_recurrent(rnn: object) -> InputError:
    """The error for what is no layer of torch's: it names what it is, and the way out."""
    if type(rnn).__name__ in ("ExportedProgram", "GraphModule", "InterpreterModule"):
        return InputError(
            "module.exported",
            "This is an exported program ({kind}): its layers are dissolved into single operations; trace or record "
            "the model it was exported from.",
            kind=type(rnn).__name__,
        )
    if isinstance(rnn, torch.jit.ScriptModule):
        return InputError(
            "module.scripted",
            "This is a scripted {kind}: TorchScript runs it out of Python's sight; trace or record the model before "
            "torch.jit.script or torch.jit.trace, or an nn.{kind} that load_state_dict has given its weights.",
            kind=getattr(rnn, "original_name", type(rnn).__name__),
        )
    if type(rnn).__module__.startswith(("torch.ao.nn.", "torch.nn.quantized", "torch.nn.quantizable")):
        return InputError(
            "module.quantised",
            "This is a quantised {kind} ({module}): its weights are packed integers and its sums are rounded on the "
            "way; trace or record the float model it was made from.",
            kind=type(rnn).__name__,
            module=type(rnn).__module__,
        )
    for attribute in ("_orig_mod", "module"):  # torch.compile's, and DataParallel's
        if isinstance(inner := getattr(rnn, attribute, None), MODULES):
            return InputError(
                "module.wrapped",
                "{kind} wraps a recurrent layer; pass the {inner} inside it, .{name}.",
                kind=type(rnn).__name__,
                inner=type(inner).__name__,
                name=attribute,
            )
    return InputError(
        "module.not_recurrent",
        "{kind} is not a recurrent layer; pass an nn.GRU, nn.LSTM, nn.RNN or gv.GRU "
        "(for a model that contains one, use gv.record(model)).",
        kind=type(rnn).__name__,
    )


def foreign_layers(model: nn.Module) -> dict[str, InputError]:
    """Name -> why not, of every recurrent layer inside a model that is quantised or scripted."""
    found: dict[str, InputError] = {}
    for name, module in model.named_modules():
        kind = getattr(module, "original_name", type(module).__name__)
        inside = any(name.startswith(f"{outer}.") or not outer for outer in found)
        told = not_recurrent(module) if kind in _KINDS and not inside else None
        if told is not None and told.code in ("module.quantised", "module.scripted"):
            found[name] = told
    return found


_KINDS = {cell + suffix for cell in KINDS for suffix in ("", "Cell")}
