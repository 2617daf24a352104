"""From a text's readers to what the lanes player shows: truth and answers, the two memories, what each side knew."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import BACKWARD, DIRECTIONS, FORWARD
from gru_viz.locale import Say, player_words, speaker
from gru_viz.story.classes import Classes, classes
from gru_viz.story.kept import kept
from gru_viz.story.lanes import AnswerRow, BeliefBar, BeliefBars, Joined, Lane, Lanes, Mark, NoteRow, StripRow
from gru_viz.story.readers import BOTH, Readers
from gru_viz.story.readers_told import told
from gru_viz.story.revisions import Answers
from gru_viz.story.runs import Place, units
from gru_viz.story.symbols import visible
from gru_viz.tasks.syntax_truth import trouble

LANES = {FORWARD: "gru", BACKWARD: "gru-backward", BOTH: "bigru"}
"""The lane of each reader; the two memories of the two-way reader have "forward" and "backward"."""
_READS: dict[str, Literal["forward", "backward", "both"]] = {FORWARD: "forward", BACKWARD: "backward", BOTH: "both"}


def readers_lanes(readers: Readers, answers: Mapping[str, Answers], step: int | None, language: str) -> Lanes:
    """The lanes of one text.

    Args:
        answers: what each reader says now and what it took back.
        step: the selected one; None follows the last.
    """
    return replace(_lanes(readers, answers, language), step=step)


def _key(readers: Readers, answers: Mapping[str, Answers], language: str) -> Hashable:
    return "readers", readers.key, tuple(answers[way].key for way in readers.runs), language


@kept(24, key=_key)
def _lanes(readers: Readers, answers: Mapping[str, Answers], language: str) -> Lanes:
    say = speaker(language)
    drawn = classes(readers, say)
    alone = [
        _reader(readers, way, answers[way], drawn, say) for way in (FORWARD, BACKWARD, BOTH) if way in readers.runs
    ]
    return Lanes(
        tokens=[visible(token) for token in readers.tokens],
        lanes=[_truth(readers, drawn, say), *alone, *(_memory(readers, way, say) for way in DIRECTIONS)],
        meeting=True,
        bars=_bars(readers, drawn, say),
        joined=_joined(readers, say),
        unknown=readers.unknown,
        sentences=told(readers, language),
        labels=player_words(language),
        key=_key(readers, answers, language),
    )


def _truth(readers: Readers, drawn: Classes, say: Say) -> Lane:
    """What is true, or why nobody can tell."""
    title, caption = say("bigru.lane.truth"), say(f"bigru.lane.truth_of_{readers.example}")
    if readers.truth is None:
        why = trouble(readers.text) if readers.example == "syntax" else "names"
        return Lane("truth", [NoteRow(say(f"bigru.no_truth.{why}"))], title, caption, "all")
    sure = np.ones(len(readers.tokens), dtype=np.float32)
    return Lane("truth", [AnswerRow(drawn.names, drawn.slots, readers.truth, sure)], title, caption, "all")


def _reader(readers: Readers, way: str, answers: Answers, drawn: Classes, say: Say) -> Lane:
    """What one reader takes each character for; mistakes crossed, what it took back framed."""
    now = answers.now
    wrong = np.zeros(len(now), dtype=bool) if readers.truth is None else now != readers.truth
    marks: list[Mark] = [
        "wrong" if bad else "revised" if was >= 0 else "" for bad, was in zip(wrong, answers.was, strict=True)
    ]
    sure = readers.belief(way)[np.arange(len(now)), now]
    cells = AnswerRow(drawn.names, drawn.slots, now, sure, marks, written=readers.example == "names")
    return Lane(LANES[way], [cells], say(f"bigru.lane.{way}"), say(f"bigru.lane.{way}_reads"), _READS[way])


def _memory(readers: Readers, direction: str, say: Say) -> Lane:
    """The state of one direction of the two-way reader."""
    order = units(readers.runs[BOTH], Place(0, direction)).order
    strip = StripRow(
        Quantity.H,
        _state(readers, direction)[:, order],
        say(f"bigru.memory.{direction}"),
        say(f"bigru.memory.{direction}_reads"),
    )
    return Lane(direction, [strip], reads=_READS[direction], slot=Quantity.H.value)


def _state(readers: Readers, direction: str) -> NDArray:
    return readers.runs[BOTH].layer(0, direction)["h"][:, 0]


def _bars(readers: Readers, drawn: Classes, say: Say) -> BeliefBars:
    """What each reader and each half of the two-way reader believes."""
    truth = readers.truth
    if truth is not None and not drawn.all_shown:
        truth = None
    alone = [(way, readers.belief(way)) for way in (FORWARD, BACKWARD) if way in readers.runs]
    halves = [("left_half", readers.ways.left), ("right_half", readers.ways.right), (BOTH, readers.ways.both)]
    rows = [BeliefBar(say(f"bigru.bar.{name}"), drawn.bars(belief), truth) for name, belief in (*alone, *halves)]
    return BeliefBars(drawn.bar_names, drawn.bar_slots, rows, say("bigru.bars"))


def _joined(readers: Readers, say: Say) -> Joined:
    """h→ and h← of one character side by side: what the head reads."""
    width = readers.runs[BOTH].trace.hidden_size
    return Joined(
        (DIRECTIONS[0], 0),
        (DIRECTIONS[1], 0),
        say("bigru.joined", token="{token}", step="{step}", one=width, both=2 * width),
        say("bigru.joined_left"),
        say("bigru.joined_right"),
    )
