"""Three cells on one ribbon: what each keeps, writes or proposes, and what it takes each token for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gru_viz.analysis.conclusions import Conclusion, of_step
from gru_viz.cells import KINDS
from gru_viz.cells.kind import Role
from gru_viz.cells.quantities import Cell, Quantity
from gru_viz.locale import Say, player_words, speaker
from gru_viz.locale.digits import short, significant
from gru_viz.story.concluded import sentence
from gru_viz.story.kept import kept
from gru_viz.story.lanes import AnswerRow, BeliefBar, BeliefBars, Lane, Lanes, Mark, NoteRow, Row, StripRow
from gru_viz.story.runs import Place, Run, units
from gru_viz.story.slots import CLASS_PLACES, REST, class_places, class_slot
from gru_viz.story.symbols import visible
from gru_viz.story.trio import Trio, flagged

SHOWN_CLASSES = 7
"""Classes that a bar names and that have a colour; the others are one, and grey."""


def trio_lanes(trio: Trio, role: Role, step: int | None, language: str) -> Lanes:
    """What the player shows of one role; step None follows the last."""
    return replace(_lanes(trio, role, language), step=step)


@kept(24, key=lambda trio, role, language: (trio.key, role, language))
def _lanes(trio: Trio, role: Role, language: str) -> Lanes:
    say = speaker(language)
    beliefs = _beliefs(trio)
    names, slots = _classes(trio, beliefs, say)
    lanes = [_lane(trio, cell, role, beliefs, names, slots, say) for cell in trio.runs]
    return Lanes(
        tokens(trio),
        lanes,
        bars=_bars(trio, beliefs, say),
        unknown=trio.any.unknown,
        sentences=told(trio, language),
        labels=player_words(language),
        key=("trio", trio.key, role, language),
    )


def tokens(trio: Trio) -> list[str]:
    """What was read, as it can be drawn: for numbers the numbers, a flagged one with a plus."""
    numbers = trio.given.numbers
    if numbers is None:
        return [visible(token) for token in trio.any.tokens]
    if numbers.shape[1] == 1:
        return [short(value, 6) for value in numbers[:, 0]]
    return [f"{'+' if flag else ''}{short(value, 6)}" for value, flag in numbers]


Beliefs = dict[Cell, NDArray[np.float32]]


def _beliefs(trio: Trio) -> Beliefs:
    """(T, V) of every cell where the models choose among classes or symbols; empty where they foretell numbers."""
    if trio.kind == "forecast":
        return {}
    return {cell: run.belief for cell, run in trio.runs.items() if run.belief is not None}


def _asked(trio: Trio) -> NDArray[np.bool_]:
    """(T,) the steps at which an answer means something: for copy, the question marks."""
    at_questions = trio.any.model.card["labels_at"] == "question"
    return np.array([not at_questions or token == "?" for token in trio.any.tokens])


def _lane(trio: Trio, cell: Cell, role: Role, beliefs: Beliefs, names: list[str], slots: list[str], say: Say) -> Lane:
    run = trio.runs[cell]
    rows: list[Row] = [_strip(run, quantity, role, say) for quantity in KINDS[cell].roles[role]]
    if not rows:
        rows.append(NoteRow(say(f"compare.none.{role}")))
    if cell in beliefs:
        asked = _asked(trio)
        which = np.where(asked, beliefs[cell].argmax(axis=1), -1)
        share = beliefs[cell].max(axis=1)
        caption = say("compare.says_next" if trio.kind == "next" else "compare.says")
        rows.append(
            AnswerRow(names, slots, which, share, _differing(beliefs, cell, asked), caption=caption, written=True)
        )
    caption = say("compare.units", units=run.model.rnn.hidden_size)
    return Lane(cell.value.lower(), rows, cell.value, caption, slot=cell.value)


def _strip(run: Run, quantity: Quantity, role: Role, say: Say) -> StripRow:
    values = run.layer(0)[quantity.value][:, 0]
    order = units(run, Place()).order
    symbol = quantity.value
    if role == "written" and quantity is KINDS[run.trace.cell].turns:
        values, symbol = 1 - values, f"1 − {symbol}"
    said = say("compare.row", what=say(f"compare.row.{role}_{quantity.value}"), units=values.shape[1])
    return StripRow(quantity, values[:, order], symbol, said)


def _differing(beliefs: Beliefs, cell: Cell, asked: NDArray[np.bool_]) -> list[Mark]:
    """A reader is marked where nobody else agrees with it though somebody could, and something is asked."""
    own = beliefs[cell].argmax(axis=1)
    others = [other.argmax(axis=1) for name, other in beliefs.items() if name is not cell]
    alone = asked & np.all([own != other for other in others], axis=0)
    return ["differs" if odd else "" for odd in alone]


def _classes(trio: Trio, beliefs: Beliefs, say: Say) -> tuple[list[str], list[str]]:
    """Every class or symbol's name and colour; those nobody leans to are grey."""
    if not beliefs:
        return [], []
    count = len(trio.any.model.labels)
    return [trio.label(index, say) for index in range(count)], _slots(trio, beliefs, count)


def _slots(trio: Trio, beliefs: Beliefs, count: int) -> list[str]:
    if trio.kind == "next" or count <= CLASS_PLACES:
        return [class_slot(index % CLASS_PLACES) for index in range(count)]
    places = class_places(_ranked(beliefs))
    return [class_slot(places[index]) if index in places else REST for index in range(count)]


def _ranked(beliefs: Beliefs) -> list[int]:
    """Classes by the largest share any reader gave them at any step."""
    largest = np.max([belief.max(axis=0) for belief in beliefs.values()], axis=0)
    return [int(index) for index in np.argsort(-largest, kind="stable")]


def _bars(trio: Trio, beliefs: Beliefs, say: Say) -> BeliefBars | None:
    if not beliefs:
        return None
    count = len(trio.any.model.labels)
    shown = sorted(_ranked(beliefs)[: count if trio.kind == "next" else SHOWN_CLASSES])
    slots = _slots(trio, beliefs, count)
    rest = [index for index in range(count) if index not in set(shown)]
    grey = [trio.label(rest[0], say) if len(rest) == 1 else say("belief.rest")] if rest else []
    names = [trio.label(index, say) for index in shown] + grey
    columns = {cell: belief[:, shown] for cell, belief in beliefs.items()}
    if rest:
        others = {cell: beliefs[cell][:, rest].sum(axis=1, keepdims=True) for cell in beliefs}
        columns = {cell: np.hstack([columns[cell], others[cell]]) for cell in beliefs}
    truth = _truth(trio, shown)
    rows = [BeliefBar(cell.value, columns[cell], truth) for cell in beliefs]
    tinted = [slots[index] for index in shown] + ([REST] if rest else [])
    return BeliefBars(names, tinted, rows, say(f"compare.bars.{trio.kind}"))


def _truth(trio: Trio, shown: list[int]) -> NDArray[np.intp] | None:
    """What was right, where the input itself says it: the next symbol; recall's flagged letter, at the end."""
    text = trio.given.text
    if text is None or (trio.kind == "classify" and trio.task != "recall"):
        return None
    right = np.full(len(trio), -1)
    if trio.kind == "next":
        assert trio.any.reading is not None
        right[:-1] = trio.any.reading.ids.numpy()[1:]
    else:
        capitals = flagged(trio.any.tokens)
        if len(capitals) == 1:
            right[-1] = trio.any.model.labels.index(capitals[0].lower())
    place = {index: row for row, index in enumerate(shown)}
    return np.array([-1 if index < 0 else place.get(int(index), len(shown)) for index in right])


@kept(24, key=lambda trio, language: (trio.key, language))
def told(trio: Trio, language: str) -> list[str]:
    """One sentence a step."""
    say, beliefs = speaker(language), _beliefs(trio)
    if not beliefs:
        return [_foretold(trio, step, say) for step in range(len(trio))]
    names = [trio.label(index, say) for index in range(len(trio.any.model.labels))]
    which = {cell: belief.argmax(axis=1) for cell, belief in beliefs.items()}
    share = {cell: belief.max(axis=1) for cell, belief in beliefs.items()}
    found = []
    for step, asked in enumerate(_asked(trio)):
        said = of_step(
            {cell: names[which[cell][step]] for cell in which},
            {cell: float(share[cell][step]) for cell in share},
        )
        found.append(sentence(said, say) if asked else say("compare.not_asked"))
    return found


def _foretold(trio: Trio, step: int, say: Say) -> str:
    numbers = trio.given.numbers
    said = {
        f"{cell.value}_value": significant(float(run.belief[step, 0]))
        for cell, run in trio.runs.items()
        if run.belief is not None
    }
    if trio.task != "sunspots" or numbers is None or step + 1 >= len(trio):
        key = "foretold_sum" if trio.task == "adding" else "foretold_only"
        return sentence(Conclusion(key, said), say)
    return sentence(Conclusion("foretold", said | {"actual": short(numbers[step + 1, 0], 6)}), say)
