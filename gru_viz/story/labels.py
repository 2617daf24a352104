"""What the columns of a model's belief, and the numbers a layer reads, are called on a page."""

from __future__ import annotations

from gru_viz.locale import Say
from gru_viz.locale.digits import count
from gru_viz.models import SequenceModel
from gru_viz.models.reading import UNKNOWN
from gru_viz.story.symbols import visible
from gru_viz.tracing.trace import Trace


def label(model: SequenceModel, name: str, say: Say) -> str:
    """A label of the model as a visitor reads it: a class in their language, a symbol made visible, the one that stands
    for all unknown characters by what it means."""
    if model.kind != "classify":
        known = len(model.labels) - 1
        return say("symbol.unknown", count=count(known)) if name == UNKNOWN else visible(name)
    return class_word(name, say)


def class_word(name: str, say: Say) -> str:
    """A class in the visitor's language; as it is where the catalogues have no word for it."""
    key = f"class.{name}"
    return name if say(key) == key else say(key)


def input_names(trace: Trace, layer: int) -> list[str]:
    """What each number a layer reads is called: a column of the input, or a unit of the layer below."""
    if not layer:
        return [str(k + 1) for k in range(trace.spec.input_size)]
    ways = ("h",) if len(trace.directions) == 1 else ("h→", "h←")
    return [f"{way}[{unit}]" for way in ways for unit in range(trace.spec.state_size)]
