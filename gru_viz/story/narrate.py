"""One sentence a step, generated from the numbers and true; `claim.py` lists what can be said and when it holds.

`narrate` looks at a trace and gives, step by step, the claims that hold, as codes and numbers; `sentence` puts them
into words. Numbers that are not exactly 0 or 1 are never written as if they were: ">0.99", "<1 %".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, reduce

from gru_viz.analysis.memory import Memory
from gru_viz.cells.spec import FORWARD
from gru_viz.locale import Say
from gru_viz.locale.digits import decimals, percent, probability, short
from gru_viz.story.belief_claims import Belief, belief_claims
from gru_viz.story.claim import Claims, Narration, Value
from gru_viz.story.memory_claims import memory_claims
from gru_viz.tracing.trace import Trace

__all__ = ["Belief", "Narration", "narrate", "sentence"]


def narrate(
    trace: Trace,
    belief: Belief | None = None,
    *,
    layer: int = 0,
    direction: str = FORWARD,
    batch: int = 0,
    memory: Memory | None = None,
) -> list[Claims]:
    """What can be said of every step of one sequence in one layer, in the order in which it reads well.

    "Before" is the step the cell read before, which for a backward layer is the one to the right.

    Args:
        trace: any trace; the memory is h, an LSTM's c.
        belief: what the model predicted for this sequence, if it predicts.
        layer, direction, batch: whose memory is told.
        memory: `memory_of` the same place, if it is there already.

    Returns:
        One tuple of claims an input step; empty beyond the sequence's end.

    Raises:
        InputError: no such layer, direction or sequence in the batch.
    """
    steps, claims = memory_claims(trace, layer, direction, batch, memory)
    told: list[Claims] = [()] * len(trace)
    first, last = belief_claims(belief, steps) if belief else ([()] * len(steps), [()] * len(steps))
    for step, before, remembered, after in zip(steps.tolist(), first, claims, last, strict=True):
        told[step] = (*before, *remembered, *after)
    return told


def sentence(parts: Sequence[Narration], say: Say, name: Callable[[str], str] = str) -> str:
    """The claims of one step in one language.

    Args:
        parts: from `narrate`.
        name: a label -> what a reader calls it (a class in their language, a space made visible).

    Returns:
        The sentences, joined as the language joins them; "" for a step of which nothing is said.
    """
    words = [say(part.code, **{key: _write(key, v, name) for key, v in part.params.items()}) for part in parts]
    return reduce(lambda one, two: say("narrate.join", one=one, two=two), words) if words else ""


def _write(key: str, value: Value, name: Callable[[str], str]) -> str:
    return name(value) if isinstance(value, str) else _WRITERS.get(key, partial(decimals, digits=2))(value)


_WRITERS: dict[str, Callable[..., str]] = {
    "share": percent,
    "p": probability,
    "value": short,
    "limit": str,
    "unit": str,
    "count": str,
}
"""How a parameter is written; all others are numbers with two decimals."""
