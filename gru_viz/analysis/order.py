"""In which order units stand, top to bottom: as they are numbered, by likeness, by activity, by how long they hold on.

Units are those of the gates (hidden_size); the rows of a projected LSTM's h are no units and have no order of their
own. Likeness and activity look at h, or at c where h is projected.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from gru_viz.analysis.half_life import half_life
from gru_viz.analysis.memory import Memory, memory_of, numbers
from gru_viz.analysis.similarity import activity, similarity_order
from gru_viz.cells.quantities import Quantity
from gru_viz.cells.spec import FORWARD
from gru_viz.tracing.trace import Trace

MOST_STEPS = 256
"""Longer traces are compared at this many steps, evenly spaced: distances hardly change, and the cost is bounded."""

MOST_UNITS = 512
"""More different units than this are ordered by the angle of their principal components, which costs little."""


class Order(StrEnum):
    """How units are ordered; the value is the name in an address and of the label's key."""

    INDEX = "index"
    SIMILARITY = "similarity"
    ACTIVITY = "activity"
    HALF_LIFE = "half_life"


def unit_order(
    trace: Trace,
    by: Order,
    layer: int = 0,
    direction: str = FORWARD,
    batch: int = 0,
    memory: Memory | None = None,
) -> NDArray[np.intp]:
    """The units of one layer for one sequence, top to bottom: (H,), each exactly once.

    INDEX: as numbered. SIMILARITY: `clustered`. ACTIVITY: the mean absolute change a step, most active first.
    HALF_LIFE: `half_life`, longest first; the plain RNN has none and keeps its numbering. Equal units stay as numbered.

    Args:
        memory: `memory_of` the same place, if it is there already.

    Raises:
        InputError: no such layer, direction or sequence in the batch.
    """
    memory = memory or memory_of(trace, layer, direction, batch)
    if by is Order.HALF_LIFE:
        return np.argsort(-half_life(memory), kind="stable")
    if by is Order.INDEX:
        return np.arange(trace.hidden_size)
    before, after = states_of(trace, layer, direction, batch, memory)
    if by is Order.SIMILARITY:
        return clustered(after)
    return np.argsort(-activity(before, after), kind="stable")


def clustered(states: NDArray[np.floating]) -> NDArray[np.intp]:
    """Units so that neighbours behave alike: average linkage over Euclidean distances, leaves ordered optimally.

    Of all the orders that the tree of clusters allows, this is the one with the smallest sum of distances between
    neighbours (Bar-Joseph, Gifford & Jaakkola 2001, "Fast optimal leaf ordering for hierarchical clustering"; SciPy's
    `optimal_leaf_ordering`). The end with the higher mean state stands on top. Units that behave identically count
    once for the tree and stand together, as numbered. Fewer than three different units are ordered by mean state;
    states that are not finite leave the units as numbered.

    Args:
        states: (T, H); beyond `MOST_STEPS` steps they are thinned, beyond `MOST_UNITS` different units the order is
            `similarity_order`.

    Returns:
        (H,) unit indices, top to bottom.
    """
    steps, units = states.shape
    if not np.isfinite(states).all():
        return np.arange(units)
    chosen = np.linspace(0, steps - 1, min(steps, MOST_STEPS)).round().astype(np.intp)
    points = np.ascontiguousarray(states[chosen].T, dtype=np.float64)
    kinds, kind_of = np.unique(points, axis=0, return_inverse=True)
    if len(kinds) > MOST_UNITS:
        return similarity_order(points.T)
    leaves = _leaves(kinds)
    means = kinds.mean(axis=1)
    if means[leaves[0]] < means[leaves[-1]]:
        leaves = leaves[::-1]
    rank = np.empty(len(kinds), dtype=np.intp)
    rank[leaves] = np.arange(len(kinds))
    return np.argsort(rank[kind_of.ravel()], kind="stable")


def _leaves(points: NDArray[np.float64]) -> NDArray[np.intp]:
    """The optimal order of the leaves of a tree over different points."""
    if len(points) < 3:
        return np.argsort(points.mean(axis=1), kind="stable")
    # SciPy takes a fifth of a second to import: only a page that orders by likeness waits for it.
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import pdist

    distances = pdist(points)
    tree = linkage(distances, "average")
    return leaves_list(optimal_leaf_ordering(tree, distances)).astype(np.intp)


def states_of(
    trace: Trace, layer: int = 0, direction: str = FORWARD, batch: int = 0, memory: Memory | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """h before and after each valid step (c where h is projected), in reading order: (N, H) each.

    Args:
        memory: `memory_of` the same place, if it is there already.

    Raises:
        InputError: no such layer, direction or sequence in the batch.
    """
    memory = memory or memory_of(trace, layer, direction, batch)
    if trace.spec.proj_size or memory.quantity is Quantity.H:
        before, after = memory.before, memory.after
    else:
        values = trace.layer(layer, direction)
        before, after = numbers(values.h_prev, batch), numbers(values.h, batch)
    return before[memory.steps], after[memory.steps]
