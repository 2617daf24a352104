"""What is said of a step, from its numbers: what each reader takes it for, who is right, and which side knew it."""

from __future__ import annotations

import numpy as np

from gru_viz.locale.digits import probability
from gru_viz.story.symbols import visible
from gru_viz.ui.bigru.classes import called
from gru_viz.ui.bigru.readers import BOTH, FORWARD, WAYS, Reading
from gru_viz.ui.kit.i18n import t

CONTEXT = 16
"""How many characters of a context are quoted."""
SURE = 0.5
"""From here on a class is believed; below, all others together are likelier."""


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
    p_left, p_both = float(reading.belief(FORWARD)[step, left]), float(reading.belief(BOTH)[step, both])
    return t(
        f"bigru.told.{reading.example}_{how}",
        token=tokens[step],
        read=before(tokens, step),
        follows=after(tokens, step + 1),
        forward=names[left],
        p_forward=probability(p_left),
        both=names[both],
        p_both=probability(p_both),
        says_forward=_says(names, left, p_left),
        says_both=_says(names, both, p_both),
    )


def _says(names: list[str], index: int, p: float) -> str:
    """That a reader believes it, or only leans to it where all else together is likelier."""
    key = "bigru.told.believes" if p >= SURE else "bigru.told.leans"
    return t(key, name=names[index], p=probability(p), count=len(names))


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
        p_left=probability(ways.left[step, left]),
        right=names[right],
        p_right=probability(ways.right[step, right]),
        total=f"{parts.total:.1f}",
        from_left=signed(parts.left),
        from_right=signed(parts.right),
        from_bias=signed(parts.bias),
    )


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
