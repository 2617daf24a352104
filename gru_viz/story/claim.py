"""What narration may claim, and what must hold for it: the closed list, and the thresholds.

Words live in the catalogues (`narration.po`) under the claim's code. A claim is made only where the numbers say it:

claim                   holds when
----------------------  ------------------------------------------------------------------------------------------------
kept, kept_c            the gates kept this share of the old memory: the sum of |gate * old| over the sum of |old|: the
                        mean of the gate weighted by how much each unit held (z for a GRU, f for an LSTM)
empty, empty_c          the old memory is exactly zero in every unit
scaled                  a clamp holds the gate outside 0..1, so "share" is no word for it: the factor, weighted likewise
ungated                 the plain RNN: nothing is kept by a gate; the mean absolute change of a unit
forced                  so many units' memory is not what their gates give (beyond rounding): a clamp set it; none of
                        what they held counts as kept
rewritten, rewritten_c  the unit that changed most, by `CHANGED` or more, and its gate kept less than `REWRITTEN` of it
filled, filled_c        the unit that changed most, by `CHANGED` or more, and what it held before is written as 0.00
moved, moved_c          the unit that changed most, by `CHANGED` or more, otherwise
still, still_c          no unit changed by as much as `CHANGED`
shown                   an LSTM without projection: the share of |tanh c| that o lets out as h
overflow                the memory holds numbers that are not finite; nothing else is said of it
belief_is               the likeliest class, where no belief came before
belief_moves            another class than before is the likeliest (a tie is no move)
belief_rises, _falls    the likeliest class is the same, and its probability changed by `BELIEF` or more
belief_stays            the likeliest class is the same, and its probability changed by less
expected                next symbol: what was read is what the model had held to be the likeliest
surprise                next symbol: what was read had had a probability below `SURPRISE`
next                    the likeliest next symbol
forecast                the value foretold for the next step
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

CHANGED = 0.1
"""The least change of a unit worth naming: a twentieth of the range -1..1 in which a GRU's memory lives."""

REWRITTEN = 0.5
"""Below this the gate kept less than half of what the unit held."""

ZERO = 0.005
"""Numbers below this are written as 0.00."""

BELIEF = 0.05
"""The least change of a probability worth a word: five in a hundred."""

SURPRISE = 0.05
"""A symbol the model held for less likely than one in twenty."""

Value: TypeAlias = "float | int | str"


@dataclass(frozen=True)
class Narration:
    """One claim about one step.

    Attributes:
        code: the key of its words, "narrate.kept".
        params: what the words rest on, unrounded: `share` and `p` are fractions of 1; `unit` counts from 0.
    """

    code: str
    params: Mapping[str, Value] = field(default_factory=dict)


Claims: TypeAlias = "tuple[Narration, ...]"
"""What is said of one step, in reading order."""
