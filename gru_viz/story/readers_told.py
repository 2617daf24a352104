"""What is said of a step, from its numbers: what each reader takes it for, who is right, and which side knew it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gru_viz.cells.spec import FORWARD
from gru_viz.locale import Say, speaker
from gru_viz.locale.digits import decimals, probability, signed
from gru_viz.story.classes import called
from gru_viz.story.kept import kept
from gru_viz.story.labels import class_word
from gru_viz.story.readers import BOTH, WAYS, Readers
from gru_viz.story.revisions import Answers
from gru_viz.story.symbols import visible

CONTEXT = 16
"""How many characters of a context are quoted."""
QUOTED = 3
"""How many passages that were taken back are quoted."""
SURE = 0.5
"""From here on a class is believed; below, all others together are likelier."""


@kept(24, key=lambda readers, language: (readers.key, language))
def told(readers: Readers, language: str) -> list[str]:
    """One paragraph a step."""
    say = speaker(language)
    tokens = [visible(token) for token in readers.tokens]
    names = [called(readers.example, label, say) for label in readers.labels]
    answers = {way: readers.answers(way) for way in (FORWARD, BOTH)}
    return [
        " ".join(
            part
            for part in (
                _readers(readers, tokens, names, answers, step, say),
                _judged(readers, names, step, say),
                _halves(readers, names, step, say),
            )
            if part
        )
        for step in range(len(tokens))
    ]


def _readers(
    readers: Readers, tokens: list[str], names: list[str], answers: dict[str, np.ndarray], step: int, say: Say
) -> str:
    """What the reader from the left takes the step for, and what the reader of both ways."""
    left, both = int(answers[FORWARD][step]), int(answers[BOTH][step])
    how = "same" if left == both else "other" if step + 1 < len(tokens) else "end"
    p_left, p_both = float(readers.belief(FORWARD)[step, left]), float(readers.belief(BOTH)[step, both])
    return say(
        f"bigru.told.{readers.example}_{how}",
        token=tokens[step],
        read=before(tokens, step),
        follows=after(tokens, step + 1),
        forward=names[left],
        p_forward=probability(p_left),
        both=names[both],
        p_both=probability(p_both),
        says_forward=_says(names, left, p_left, say),
        says_both=_says(names, both, p_both, say),
    )


def _says(names: list[str], index: int, p: float, say: Say) -> str:
    """That a reader believes it, or only leans to it where all else together is likelier."""
    key = "bigru.told.believes" if p >= SURE else "bigru.told.leans"
    return say(key, name=names[index], p=probability(p), count=len(names))


def _judged(readers: Readers, names: list[str], step: int, say: Say) -> str:
    """Which of all the readers that have a lane are right, where anybody can tell."""
    if readers.truth is None:
        return ""
    true = int(readers.truth[step])
    found: dict[bool, list[str]] = {True: [], False: []}
    for way in WAYS:
        if way in readers.runs:
            found[bool(readers.answers(way)[step] == true)].append(say(f"bigru.lane.{way}"))
    right, wrong = (say("bigru.list").join(found[is_right]) for is_right in (True, False))
    who = "all" if not wrong else "some" if right else "none"
    return say(f"bigru.judged.{who}", truth=names[true], right=right, wrong=wrong)


def _halves(readers: Readers, names: list[str], step: int, say: Say) -> str:
    """What each half of the two-way reader says alone, and what each put into the winning logit."""
    ways = readers.ways
    left, right = int(ways.left[step].argmax()), int(ways.right[step].argmax())
    parts = ways.parts(step)
    return say(
        "bigru.told.halves",
        left=names[left],
        p_left=probability(ways.left[step, left]),
        right=names[right],
        p_right=probability(ways.right[step, right]),
        total=decimals(parts.total, 1),
        from_left=signed(parts.left),
        from_right=signed(parts.right),
        from_bias=signed(parts.bias),
    )


def before(tokens: list[str], step: int) -> str:
    """What a reader from the left has read at a step, its end if it is long."""
    start = max(0, step + 1 - CONTEXT)
    return ("…" if start else "") + "".join(tokens[start : step + 1])


def after(tokens: list[str], step: int) -> str:
    """What stands from a step on, its beginning if it is long."""
    end = step + CONTEXT
    return "".join(tokens[step:end]) + ("…" if end < len(tokens) else "")


def taken_back(readers: Readers, answers: Mapping[str, Answers], say: Say) -> str:
    """What the reader of both ways took back since the text before, and that the reader from the left cannot; empty
    where nothing was."""
    both = answers[BOTH]
    count = int((both.was >= 0).sum())
    if not count:
        return ""
    passages = _passages(readers, both, say)
    quoted = say("bigru.list").join(passages[:QUOTED])
    if len(passages) > QUOTED:
        quoted += say("bigru.revised.more", count=len(passages) - QUOTED)
    since = both.since if len(both.since) <= 2 * QUOTED**2 else "…" + both.since[-2 * QUOTED**2 :]
    key = "bigru.revised.one" if count == 1 else "bigru.revised.many"
    own = int((answers[FORWARD].was >= 0).sum())
    said = say(key, count=count, since="".join(visible(one) for one in since), passages=quoted)
    return f"{said} {say('bigru.revised.forward', count=own) if own else say('bigru.revised.forward_none')}"


def _passages(readers: Readers, both: Answers, say: Say) -> list[str]:
    """Runs of characters that were one class and are another, left to right."""
    names = [class_word(label, say) for label in readers.labels]
    cuts = np.flatnonzero(np.diff(both.was) | np.diff(both.now)) + 1
    found = []
    for part in np.split(np.arange(len(both.now)), cuts):
        was, now = int(both.was[part[0]]), int(both.now[part[0]])
        if was >= 0:
            text = "".join(visible(readers.tokens[place]) for place in part)
            found.append(say("bigru.revised.passage", text=text, was=names[was], now=names[now]))
    return found
