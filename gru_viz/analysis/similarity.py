"""Which units behave alike: an order of units in which groups show, and averages of neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def similarity_order(states: NDArray[np.floating]) -> NDArray[np.intp]:
    """Order units so that neighbours move alike.

    Units are points, their hidden states over time the coordinates. The order walks round the plane of the first two
    principal components by angle, and cuts the circle at its widest gap, so the two ends are the least alike.

    Args:
        states: hidden states (T, H).

    Returns:
        (H,) unit indices, top to bottom.
    """
    points = np.asarray(states, dtype=np.float64).T
    points = points - points.mean(axis=0)
    units = points.shape[0]
    if units < 3 or not np.isfinite(points).all():
        return np.arange(units)
    directions, sizes, _ = np.linalg.svd(points, full_matrices=False)
    plane = directions[:, :2] * sizes[:2]
    angle = np.arctan2(plane[:, 1] if plane.shape[1] > 1 else 0.0 * plane[:, 0], plane[:, 0])
    order = np.argsort(angle, kind="stable")
    gaps = np.diff(np.append(angle[order], angle[order[0]] + 2 * np.pi))
    return np.roll(order, -(int(gaps.argmax()) + 1))


def grouped(order: NDArray[np.intp], most: int) -> list[NDArray[np.intp]]:
    """Split an order of units into at most `most` runs of neighbours of nearly equal size."""
    return list(np.array_split(order, min(most, len(order))))


def group_means(values: NDArray[np.floating], groups: list[NDArray[np.intp]]) -> NDArray[np.float32]:
    """Average `values` (T, H) over each group of units: (groups, T), so that no row is drawn over another."""
    sizes = np.array([len(group) for group in groups])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    sums = np.add.reduceat(np.asarray(values, dtype=np.float64)[:, np.concatenate(groups)], starts, axis=1)
    return (sums / sizes).T.astype(np.float32)


def activity(before: NDArray[np.floating], after: NDArray[np.floating]) -> NDArray[np.float64]:
    """How much each unit moved: the mean absolute change of its state a step, (H,).

    Args:
        before: what the cell read at each step, (T, H): at a sequence's first step its first state, whatever that is.
        after: what it left, (T, H). Steps stand in any order, of as many sequences as there are.
    """
    change = np.abs(np.asarray(after, dtype=np.float64) - np.asarray(before, dtype=np.float64))
    return change.mean(axis=0) if len(change) else np.zeros(change.shape[1])
