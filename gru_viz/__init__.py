"""GRU Explorer's library: run a recurrent network, keep everything it computed, and look at it.

import gru_viz as gv

trace = gv.trace(rnn, x)               # nn.GRU, nn.LSTM, nn.RNN or gv.GRU
trace.layer(0).z                       # the update gate, (T, B, H)

with gv.record(model) as traces:       # any model that contains recurrent layers
    model(anything)
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gru_viz.analysis.cost import Cost, cost
    from gru_viz.analysis.gradient_flow import gradient_flow
    from gru_viz.analysis.influence import influence
    from gru_viz.analysis.jacobian_spectrum import JacobianSpectrum, jacobian_spectrum
    from gru_viz.analysis.newton import Solution, solve
    from gru_viz.analysis.occlusion import Occlusion, occlusion
    from gru_viz.cells.mingru import MinGRU
    from gru_viz.cells.quantities import Cell, Quantity
    from gru_viz.errors import InputError, ModelError
    from gru_viz.models import SequenceModel, load
    from gru_viz.tracing.diff import TraceDiff
    from gru_viz.tracing.edits import Clamp, clamp
    from gru_viz.tracing.layer_trace import LayerTrace, update_gate
    from gru_viz.tracing.modules import GRU
    from gru_viz.tracing.record import record
    from gru_viz.tracing.step import step
    from gru_viz.tracing.terms import GateTerms, difference, terms
    from gru_viz.tracing.trace import Trace, trace

_HOMES = {
    "analysis.cost": ("Cost", "cost"),
    "analysis.gradient_flow": ("gradient_flow",),
    "analysis.influence": ("influence",),
    "analysis.jacobian_spectrum": ("JacobianSpectrum", "jacobian_spectrum"),
    "analysis.newton": ("Solution", "solve"),
    "analysis.occlusion": ("Occlusion", "occlusion"),
    "cells.mingru": ("MinGRU",),
    "cells.quantities": ("Cell", "Quantity"),
    "errors": ("InputError", "ModelError"),
    "models": ("SequenceModel", "load"),
    "tracing.diff": ("TraceDiff",),
    "tracing.edits": ("Clamp", "clamp"),
    "tracing.layer_trace": ("LayerTrace", "update_gate"),
    "tracing.modules": ("GRU",),
    "tracing.record": ("record",),
    "tracing.step": ("step",),
    "tracing.terms": ("GateTerms", "difference", "terms"),
    "tracing.trace": ("Trace", "trace"),
}
"""Where each name is at home. It is fetched when it is first asked for (PEP 562): `gru-viz --help`, and a server that
does not yet answer, need not wait for torch."""

__all__ = [
    "GRU",
    "Cell",
    "Clamp",
    "Cost",
    "GateTerms",
    "InputError",
    "JacobianSpectrum",
    "LayerTrace",
    "MinGRU",
    "ModelError",
    "Occlusion",
    "Quantity",
    "SequenceModel",
    "Solution",
    "Trace",
    "TraceDiff",
    "clamp",
    "cost",
    "difference",
    "gradient_flow",
    "influence",
    "jacobian_spectrum",
    "load",
    "occlusion",
    "record",
    "solve",
    "step",
    "terms",
    "trace",
    "update_gate",
]


def __getattr__(name: str) -> object:
    home = next((home for home, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
