"""From a run and a selection to what the player shows of one cell. Each part is made once and kept by what it depends
on: claims by run and layer, words by language too; nothing is made again for another step, unit or way of z."""

from __future__ import annotations

from dataclasses import asdict, replace

from gru_viz.locale import player_words, speaker
from gru_viz.story.belief_row import belief_row
from gru_viz.story.claim import Claims
from gru_viz.story.kept import kept
from gru_viz.story.labels import label
from gru_viz.story.narrate import Belief, narrate, sentence
from gru_viz.story.runs import Changed, Place, Run, memory, orders, terms
from gru_viz.story.scene import Scene, Selection, Side
from gru_viz.story.slots import kind_slot
from gru_viz.story.symbols import visible


def scene(run: Run, at: Selection, language: str, changed: Changed | None = None, *, kinds: bool = False) -> Scene:
    """The player's scene: the run as A, and beside it what `changed` ran as B.

    Args:
        kinds: classes have the colours of kinds, as they have cell by cell.
    """
    place = at.place
    other, partings = None, []
    if changed is not None:
        other = _summed(changed.run, place, language, kinds)
        partings = [(name, one.step, one.by) for name, one in changed.found.first.items() if one is not None]
    answers = {"now.forecast": speaker(language)("belief.answer")} if run.answers_now else {}
    return Scene(
        run.model.rnn,
        _summed(run, place, language, kinds),
        at,
        other,
        partings,
        orders(run, place),
        player_words(language) | answers,
        (run.key, None if changed is None else changed.run.key, language, kinds),
    )


def _summed(run: Run, place: Place, language: str, kinds: bool) -> Side:
    return replace(_side(run, place, language, kinds), sums=terms(run, place.layer, place.direction))


@kept(24, key=lambda run, place, language, kinds: (run.key, place, language, kinds))
def _side(run: Run, place: Place, language: str, kinds: bool) -> Side:
    row = belief_row(run, place, speaker(language), _kind if kinds else None)
    tokens = [visible(token) for token in run.tokens]
    return Side(run.trace, tokens, row, sentences(run, place, language), run.unknown)


def _kind(index: int, _place: int) -> str:
    return kind_slot(index)


@kept(24, key=lambda run, place: (run.key, place))
def claims(run: Run, place: Place) -> list[Claims]:
    """What can be said of every step: codes and numbers, in no language."""
    seen = None
    if run.belief is not None and run.model.kind != "none" and not run.answers_now:
        read = None if run.reading is None or run.model.kind != "next" else run.reading.ids.tolist()
        seen = Belief(run.belief, run.model.labels, run.model.kind, read)
    return narrate(run.trace, seen, **asdict(place), memory=memory(run, place))


@kept(24, key=lambda run, place, language: (run.key, place, language))
def sentences(run: Run, place: Place, language: str) -> list[str]:
    """One sentence a step."""
    say = speaker(language)

    def named(name: str) -> str:
        return label(run.model, name, say)

    return [sentence(parts, say, named) for parts in claims(run, place)]
