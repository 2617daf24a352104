"""The readers' held-out figures with their evidence: whether two directions help these models, where, how surely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gru_viz.analysis import card_figures
from gru_viz.analysis.evidence import Figure, Gain, better, gain, of_share
from gru_viz.cells.spec import FORWARD
from gru_viz.story.readers import BOTH, Readers
from gru_viz.story.readers_measured import card, metrics, ways


def accuracies(reading: Readers) -> dict[str, Figure]:
    """How often every reader is right on held-out data."""
    return card_figures.held_out({way: card(reading, way) for way in ways(reading)}, "accuracy", rises=True)


@dataclass(frozen=True)
class Verdict:
    """Two directions against the better single one.

    Attributes:
        better: "both", the single way that is better than both, or "" where the evidence does not tell.
        single: the single way with the higher figure.
    """

    better: str
    single: str


def verdict(figures: Mapping[str, Figure]) -> Verdict:
    """Who is better, as far as the evidence tells."""
    single = max((way for way in figures if way != BOTH), key=lambda way: figures[way].value)
    for one, other in ((BOTH, single), (single, BOTH)):
        if better(figures[one], figures[other]):
            return Verdict(one, single)
    return Verdict("", single)


@dataclass(frozen=True)
class Helps:
    """Classes by what two directions do for them, as far as the evidence tells.

    Attributes:
        most: the class that gains more than every other, or None.
        gains: all that gain, the largest gain first.
        loses: all that lose, the largest loss first.
        unsure: those of which the evidence tells neither.
    """

    most: str | None
    gains: tuple[str, ...]
    loses: tuple[str, ...]
    unsure: tuple[str, ...] = ()


def helps(gains: Mapping[str, Gain]) -> Helps:
    """Where two directions help, and whether one class gains most."""
    order = sorted(gains, key=lambda kind: -gains[kind].value)
    up = tuple(kind for kind in order if gains[kind].sign > 0)
    down = tuple(kind for kind in reversed(order) if gains[kind].sign < 0)
    first = up[0] if up else None
    most = first is not None and all(gains[first].less(gains[kind]).sign > 0 for kind in order if kind != first)
    unsure = tuple(kind for kind in order if not gains[kind].sign)
    return Helps(first if most else None, up, down, unsure)


def by_class(reading: Readers, single: str) -> dict[str, Gain]:
    """What two directions gain over a single one, by the class of the character; without classes of which the cards
    keep no sums by file."""
    found = {kind: gained(reading, single, f"class/{kind}") for kind in metrics(reading, BOTH)["accuracy_by_class"]}
    return {kind: one for kind, one in found.items() if one is not None}


def group(reading: Readers, way: str, name: str) -> Figure | None:
    """One reader among a group of characters; None where its card keeps no sums by file."""
    return card_figures.of_group(card(reading, way), name)


def gained(reading: Readers, single: str, name: str) -> Gain | None:
    """What two directions gain over a single one among a group of characters; None where nothing tells how surely."""
    one, two = (group(reading, way, name) for way in (single, BOTH))
    return None if one is None or two is None else gain(one, two)


def at_place(reading: Readers, curves: Mapping[str, Mapping[str, float]], place: str) -> dict[str, Figure]:
    """Surnames: how often the reader from the left and the one of both ways are right after so many letters."""
    n = int(metrics(reading, BOTH).get("held_out_names", 0))
    return {way: of_share(curves[way][place], n, "name") for way in (FORWARD, BOTH)}
