"""What can be claimed of the memory at every step: how much was kept, which unit changed, what is shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gru_viz.analysis.memory import Memory, Values, memory_of, numbers
from gru_viz.cells import KINDS
from gru_viz.cells.quantities import Quantity
from gru_viz.story.claim import CHANGED, REWRITTEN, ZERO, Claims, Narration
from gru_viz.tracing.edits import held
from gru_viz.tracing.trace import Trace


@dataclass(frozen=True)
class _Read:
    """The memory of the valid steps, in reading order: all (N, H).

    `keep` is None for the plain RNN; `forced` says where a clamp, not the gates, set a unit's memory.
    """

    before: Values
    after: Values
    keep: Values | None
    forced: NDArray[np.bool_]
    suffix: str


def memory_claims(
    trace: Trace, layer: int, direction: str, batch: int, memory: Memory | None = None
) -> tuple[NDArray[np.intp], list[Claims]]:
    """The valid steps in the order they were read, and the claims about each."""
    memory = memory or memory_of(trace, layer, direction, batch)
    with np.errstate(all="ignore"):  # numbers that are not finite are told as "overflow"
        gates = {name: numbers(value, batch) for name, value in trace.layer(layer, direction).gates.items()}
        forced = _by_clamp(trace, memory.quantity, layer, direction, batch)[memory.steps]
        read = _read(memory, forced)
        fine = np.logical_and.reduce(np.isfinite(read.before) & np.isfinite(read.after), axis=1)
        shown: list[Claims] = [()] * len(fine)
        show = KINDS[trace.cell].show
        if show is not None and not trace.spec.proj_size:
            by_hand = _by_clamp(trace, Quantity.H, layer, direction, batch)[memory.steps]
            shown = _shown(gates[show.gate][memory.steps], read.after, by_hand)
        parts = zip(_kept(read), _by_hand(read), _units(read), shown, strict=True)
    overflow: Claims = (Narration("narrate.overflow"),)
    claims = [
        (kept, *by_hand, unit, *out) if finite else overflow
        for finite, (kept, by_hand, unit, out) in zip(fine.tolist(), parts, strict=True)
    ]
    return memory.steps, claims


def _by_clamp(trace: Trace, quantity: Quantity, layer: int, direction: str, batch: int) -> NDArray[np.bool_]:
    """`(T, H)`: where a clamp set a quantity, as the trace's edits say: a residual may be rounding, a clamp is not."""
    x = trace.layers[0].x
    return held(trace.made.edits, trace.spec, x, quantity, layer, direction)[:, batch].cpu().numpy()


def _read(memory: Memory, forced: NDArray[np.bool_]) -> _Read:
    return _Read(
        before=memory.before[memory.steps],
        after=memory.after[memory.steps],
        keep=None if memory.keep is None else memory.keep[memory.steps],
        forced=forced,
        suffix="_c" if memory.quantity is Quantity.C else "",
    )


def _kept(read: _Read) -> list[Narration]:
    """What share of the old memory every step kept."""
    if read.keep is None:
        means = np.abs(read.after - read.before).mean(axis=1)
        return [Narration("narrate.ungated", {"mean": mean}) for mean in means.tolist()]
    keep = np.where(read.forced, 0.0, read.keep)
    held = np.abs(read.before)
    total = held.sum(axis=1)
    share = (keep * held).sum(axis=1) / np.where(total > 0, total, 1)
    within = np.logical_and.reduce((keep >= 0) & (keep <= 1), axis=1)
    empty, kept = f"narrate.empty{read.suffix}", f"narrate.kept{read.suffix}"
    claims = [
        Narration(kept, {"share": s}) if whole else Narration("narrate.scaled", {"factor": s})
        for s, whole in zip(share.tolist(), within.tolist(), strict=True)
    ]
    return [claim if any_of_it else Narration(empty) for claim, any_of_it in zip(claims, total.tolist(), strict=True)]


def _by_hand(read: _Read) -> list[Claims]:
    """How many units a clamp set at every step, where it set any."""
    counts = read.forced.sum(axis=1).tolist()
    return [(Narration("narrate.forced", {"count": count}),) if count else () for count in counts]


def _units(read: _Read) -> list[Narration]:
    """The unit that changed most at every step."""
    change = np.abs(read.after - read.before)
    rows, unit = np.arange(len(change)), change.argmax(axis=1)
    old, new = read.before[rows, unit], read.after[rows, unit]
    rewritten = np.zeros(len(rows), dtype=bool)
    if read.keep is not None:
        rewritten = (read.keep[rows, unit] < REWRITTEN) & ~read.forced[rows, unit]
    words = np.where(np.abs(old) < ZERO, "filled", np.where(rewritten, "rewritten", "moved"))
    named = np.where(change[rows, unit] >= CHANGED, words, "still")
    columns = (column.tolist() for column in (named, unit, old, new))
    return [
        Narration(f"narrate.still{read.suffix}", {"limit": CHANGED})
        if claim == "still"
        else Narration(f"narrate.{claim}{read.suffix}", {"unit": u, "before": a, "after": b})
        for claim, u, a, b in zip(*columns, strict=True)
    ]


def _shown(gate: Values, c: Values, by_hand: NDArray[np.bool_]) -> list[Claims]:
    """What share of an LSTM's tanh c every step let out as h; nothing where a clamp makes it untrue."""
    inside = np.tanh(c)
    size = np.abs(inside)
    total = size.sum(axis=1)
    share = (gate * size).sum(axis=1) / np.where(total > 0, total, 1)
    true = (gate >= 0) & (gate <= 1) & ~by_hand
    holds = np.logical_and.reduce(true, axis=1) & (total > 0)
    return [
        (Narration("narrate.shown", {"share": s}),) if said else ()
        for s, said in zip(share.tolist(), holds.tolist(), strict=True)
    ]
