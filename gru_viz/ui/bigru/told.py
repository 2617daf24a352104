"""What is said of a step, from its numbers: what each reader takes it for, who is right, and which side knew it."""

from __future__ import annotations

import numpy as np

from gru_viz.ui.bigru.classes import called
from gru_viz.ui.bigru.readers import BOTH, FORWARD, WAYS, Reading
from gru_viz.ui.i18n import t
from gru_viz.ui.symbols import visible

CONTEXT = 16
"""How many characters of a context are quoted."""


def sentences(reading: Reading) -> list[str]:
    """One paragraph a step, in the visitor's language."""
    tokens = [visible(token) for token in reading.tokens]
    names = [called(reading.example, label) for label in reading.labels]
    answers = {way: reading.answers(way) for way in (FORWARD, BOTH)}
    return [
        " ".join(
            part
            for part in (
                _readers(reading, tokens, names, answers, step),
                _judged(reading, names, step),
                _halves(reading, names, step),
            )
            if part
        )
        for step in range(len(tokens))
    ]


def _readers(reading: Reading, tokens: list[str], names: list[str], answers: dict[str, np.ndarray], step: int) -> str:
    """What the reader from the left takes the step for, and what the reader of both ways."""
    left, both = int(answers[FORWARD][step]), int(answers[BOTH][step])
    how = "same" if left == both else "other" if step + 1 < len(tokens) else "end"
    return t(
        f"bigru.told.{reading.example}_{how}",
        token=tokens[step],
        read=before(tokens, step),
        follows=after(tokens, step + 1),
        forward=names[left],
        p_forward=share(reading.belief(FORWARD)[step, left]),
        both=names[both],
        p_both=share(reading.belief(BOTH)[step, both]),
    )


def _judged(reading: Reading, names: list[str], step: int) -> str:
    """Which of all the readers that have a lane are right, where anybody can tell."""
    if reading.truth is None:
        return ""
    true = int(reading.truth[step])
    found: dict[bool, list[str]] = {True: [], False: []}
    for way in WAYS:
        if way in reading.runs:
            found[bool(reading.answers(way)[step] == true)].append(t(f"bigru.lane.{way}"))
    right, wrong = (t("bigru.list").join(found[is_right]) for is_right in (True, False))
    who = "all" if not wrong else "some" if right else "none"
    return t(f"bigru.judged.{who}", truth=names[true], right=right, wrong=wrong)


def _halves(reading: Reading, names: list[str], step: int) -> str:
    """What each half of the two-way reader says alone, and what each put into the winning logit."""
    ways = reading.ways
    left, right = int(ways.left[step].argmax()), int(ways.right[step].argmax())
    parts = ways.parts(step)
    return t(
        "bigru.told.halves",
        left=names[left],
        p_left=share(ways.left[step, left]),
        right=names[right],
        p_right=share(ways.right[step, right]),
        total=f"{parts.total:.1f}",
        from_left=signed(parts.left),
        from_right=signed(parts.right),
        from_bias=signed(parts.bias),
    )


def share(value: float) -> str:
    """A probability with two digits."""
    return f"{value:.2f}"


def signed(value: float) -> str:
    """A part of a logit, with its sign."""
    return f"{value:+.1f}".replace("-", "\N{MINUS SIGN}")


def before(tokens: list[str], step: int) -> str:
    """What a reader from the left has read at a step, its end if it is long."""
    start = max(0, step + 1 - CONTEXT)
    return ("…" if start else "") + "".join(tokens[start : step + 1])


def after(tokens: list[str], step: int) -> str:
    """What stands from a step on, its beginning if it is long."""
    end = step + CONTEXT
    return "".join(tokens[step:end]) + ("…" if end < len(tokens) else "")
