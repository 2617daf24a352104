"""What can be claimed of a model's belief at every step: where it stands, whether it moved, what surprised it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from gru_viz.story.claim import BELIEF, SURPRISE, Claims, Narration

Shares = NDArray[np.float64]


@dataclass(frozen=True)
class Belief:
    """What a model predicted at every step of the narrated sequence.

    Attributes:
        probabilities: (T, V) as `SequenceModel.predict` gives them; for a forecast (T, 1) values.
        labels: a name for each column; not used for a forecast.
        kind: "classify", "next" or "forecast".
        read: (T,) for "next": the column of the symbol read at each step (`SequenceModel.encode`), so that surprise
            can be told; 0 is the unknown symbol, of which nothing is said.
    """

    probabilities: Tensor | ArrayLike
    labels: Sequence[str] = ()
    kind: Literal["classify", "next", "forecast"] = "classify"
    read: Sequence[int] | None = None


def belief_claims(belief: Belief, steps: NDArray[np.intp]) -> tuple[list[Claims], list[Claims]]:
    """For the given steps, in reading order: what is said before the memory's claims, and what after.

    A row that is not finite is passed over as if it were not there.
    """
    given = belief.probabilities
    given = given.detach().cpu().double().numpy() if isinstance(given, Tensor) else given
    table = np.asarray(given, dtype=np.float64)[steps]
    silent: list[Claims] = [()] * len(steps)
    if belief.kind == "forecast":
        values = table[:, 0].tolist()
        return silent, [(Narration("narrate.forecast", {"value": v}),) if np.isfinite(v) else () for v in values]
    if belief.kind == "classify":
        return silent, _course(table, belief.labels)
    surprise = silent if belief.read is None else _surprises(table, np.asarray(belief.read)[steps], belief.labels)
    return surprise, _outlook(table, belief.labels)


def _course(table: Shares, labels: Sequence[str]) -> list[Claims]:
    """Where the belief in a class goes."""
    fine = np.logical_and.reduce(np.isfinite(table), axis=1).tolist()
    best: list[int] = np.nan_to_num(table).argmax(axis=1).tolist()
    claims: list[Claims] = []
    leader: int | None = None
    before = 0.0
    for row, (finite, top) in enumerate(zip(fine, best, strict=True)):
        if not finite:
            claims.append(())
            leader = None
            continue
        p = float(table[row, top])
        now = leader if leader is not None and table[row, leader] == p else top
        claims.append((Narration(_turn(leader, now, p - before), {"label": labels[now], "p": p}),))
        leader, before = now, p
    return claims


def _turn(leader: int | None, top: int, change: float) -> str:
    if leader is None:
        return "narrate.belief_is"
    if top != leader:
        return "narrate.belief_moves"
    if abs(change) < BELIEF:
        return "narrate.belief_stays"
    return "narrate.belief_rises" if change > 0 else "narrate.belief_falls"


def _outlook(table: Shares, labels: Sequence[str]) -> list[Claims]:
    """The likeliest next symbol."""
    best: list[int] = table.argmax(axis=1).tolist()
    likeliest = table[np.arange(len(table)), best].tolist()
    return [
        (Narration("narrate.next", {"label": labels[top], "p": p}),) if np.isfinite(p) else ()
        for top, p in zip(best, likeliest, strict=True)
    ]


def _surprises(table: Shares, read: NDArray[np.intp], labels: Sequence[str]) -> list[Claims]:
    """How likely the symbol read at each step was held to be one step before."""
    rows = np.arange(len(table) - 1)
    p, top = table[rows, read[1:]], table[:-1].max(axis=1)
    claims: list[Claims] = [()]
    for symbol, mine, best in zip(read[1:].tolist(), p.tolist(), top.tolist(), strict=True):
        code = "expected" if mine == best else "surprise" if mine < SURPRISE else None
        said = symbol != 0 and code is not None and np.isfinite(best)
        claims.append((Narration(f"narrate.{code}", {"label": labels[symbol], "p": mine}),) if said else ())
    return claims
