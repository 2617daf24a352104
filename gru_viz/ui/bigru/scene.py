"""From a reading to what the lanes player shows: truth and answers, the two memories, what each side knew."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import DIRECTIONS
from gru_viz.draw.palette import Palette
from gru_viz.draw.player.lanes import Bar, Bars, Cells, Joined, Lane, Lanes, Mark, Note, Strip
from gru_viz.story.symbols import visible
from gru_viz.tasks.syntax_truth import trouble
from gru_viz.ui.bigru.classes import Classes, classes
from gru_viz.ui.bigru.readers import BACKWARD, BOTH, FORWARD, Reading
from gru_viz.ui.bigru.revisions import Answers
from gru_viz.ui.bigru.told import sentences
from gru_viz.ui.kit.i18n import t
from gru_viz.ui.kit.runs import units

LANES = {FORWARD: "gru", BACKWARD: "gru-backward", BOTH: "bigru"}
"""The lane of each reader; the two memories of the two-way reader have "forward" and "backward"."""
_READS: dict[str, Literal["forward", "backward", "both"]] = {FORWARD: "forward", BACKWARD: "backward", BOTH: "both"}


def scene(reading: Reading, answers: dict[str, Answers], step: int | None, colours: Palette) -> Lanes:
    """The lanes of one text.

    Args:
        answers: what each reader says now and what it took back.
        step: the selected one; None follows the last.
    """
    drawn = classes(reading, colours)
    readers = [_reader(reading, way, answers[way], drawn) for way in (FORWARD, BACKWARD, BOTH) if way in reading.runs]
    return Lanes(
        tokens=[visible(token) for token in reading.tokens],
        lanes=[_truth(reading, drawn), *readers, *(_memory(reading, way, colours) for way in DIRECTIONS)],
        step=step,
        meeting=True,
        bars=_bars(reading, drawn, colours),
        joined=_joined(reading),
        unknown=reading.unknown,
        sentences=sentences(reading),
    )


def _truth(reading: Reading, drawn: Classes) -> Lane:
    """What is true, or why nobody can tell."""
    title, caption = t("bigru.lane.truth"), t(f"bigru.lane.truth_of_{reading.example}")
    if reading.truth is None:
        why = trouble(reading.text) if reading.example == "syntax" else "names"
        return Lane("truth", [Note(t(f"bigru.no_truth.{why}"))], title, caption, "all")
    sure = np.ones(len(reading.tokens), dtype=np.float32)
    return Lane("truth", [Cells(drawn.names, drawn.colours, reading.truth, sure)], title, caption, "all")


def _reader(reading: Reading, way: str, answers: Answers, drawn: Classes) -> Lane:
    """What one reader takes each character for; mistakes crossed, what it took back framed."""
    now = answers.now
    wrong = np.zeros(len(now), dtype=bool) if reading.truth is None else now != reading.truth
    marks: list[Mark] = [
        "wrong" if bad else "revised" if was >= 0 else "" for bad, was in zip(wrong, answers.was, strict=True)
    ]
    sure = reading.belief(way)[np.arange(len(now)), now]
    cells = Cells(drawn.names, drawn.colours, now, sure, marks, written=reading.example == "names")
    return Lane(LANES[way], [cells], t(f"bigru.lane.{way}"), t(f"bigru.lane.{way}_reads"), _READS[way])


def _memory(reading: Reading, direction: str, colours: Palette) -> Lane:
    """The state of one direction of the two-way reader."""
    order = units(reading.runs[BOTH], 0, direction).order
    strip = Strip(
        Quantity.H,
        _state(reading, direction)[:, order],
        t(f"bigru.memory.{direction}"),
        t(f"bigru.memory.{direction}_reads"),
    )
    return Lane(direction, [strip], reads=_READS[direction], colour=colours.hue(Quantity.H))


def _state(reading: Reading, direction: str) -> NDArray:
    return reading.runs[BOTH].layer(0, direction)["h"][:, 0]


def _bars(reading: Reading, drawn: Classes, colours: Palette) -> Bars:
    """What each reader and each half of the two-way reader believes."""
    truth = reading.truth
    if truth is not None and not drawn.all_shown:
        truth = None
    alone = [(way, reading.belief(way)) for way in (FORWARD, BACKWARD) if way in reading.runs]
    halves = [("left_half", reading.ways.left), ("right_half", reading.ways.right), (BOTH, reading.ways.both)]
    rows = [Bar(t(f"bigru.bar.{name}"), drawn.bars(belief), truth) for name, belief in (*alone, *halves)]
    return Bars(drawn.bar_names, drawn.bar_colours(colours.rest), rows, t("bigru.bars"))


def _joined(reading: Reading) -> Joined:
    """h→ and h← of one character side by side: what the head reads."""
    width = reading.runs[BOTH].trace.hidden_size
    return Joined(
        (DIRECTIONS[0], 0),
        (DIRECTIONS[1], 0),
        t("bigru.joined", token="{token}", step="{step}", one=width, both=2 * width),
        t("bigru.joined_left"),
        t("bigru.joined_right"),
    )
