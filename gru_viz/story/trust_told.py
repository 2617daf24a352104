"""What is said of how far a belief may be trusted, at one step, by what the model's card has measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gru_viz.analysis.trust import Trust, as_sure, by_letters
from gru_viz.locale import Say
from gru_viz.locale.digits import count, percent


def sentence(card: Mapping[str, Any], belief: NDArray[np.float32], step: int, say: Say) -> str:
    """What the card says of beliefs after so many letters, and of those about as sure as this one; empty where it has
    not measured them.

    Args:
        belief: (V,) after the step.
        step: from 0.
    """
    letters = step + 1
    measured = by_letters(card).get(letters)
    if measured is None:
        return ""
    said = say(f"trust.{measured.verdict}", letters=letters, said=percent(measured.said), **_shown(measured))
    near = as_sure(card, letters, float(belief.max()))
    if near is None:
        return said
    low, high, here = near
    more = say("trust.here", least=percent(low), most=percent(high), **_shown(here))
    return say("narrate.join", one=said, two=more)


def _shown(found: Trust) -> dict[str, str]:
    low, high = found.right.interval or (found.right.value,) * 2
    shown = {"right": found.right.value, "low": low, "high": high}
    return {name: percent(value) for name, value in shown.items()} | {"count": count(found.right.n)}
