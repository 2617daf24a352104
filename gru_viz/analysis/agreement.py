"""How far two accounts of the same characters agree: Spearman's rank correlation, with what is known of it.

A gradient and an occlusion are on no common scale, so only their order is compared. Equal values share the mean of
their ranks (C. Spearman 1904, Am. J. Psychol. 15: 72-101; with ties it is Pearson's correlation of the ranks). The
interval is the percentile bootstrap over characters that `gru_viz.analysis.evidence` describes, each resample ranked
anew. Characters of one text are not independent: the interval is of this text's picture, not of the model.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gru_viz.analysis.evidence import FEWEST, Figure, middle, often
from gru_viz.errors import InputError
from gru_viz.models.number_input import Numbers, as_steps


def agreement(one: Numbers, two: Numbers, piece: str = "character") -> Figure:
    """The rank correlation of two rows of numbers: 1 the same order, -1 the reverse, 0 none.

    Args:
        one, two: `(K,)` each, such as a row of `gv.influence` and the size of the same row of `gv.occlusion`.
        piece: what one of the K is called.

    Returns:
        The correlation; NaN where a row has one value only. Its interval is None of fewer than `FEWEST` pieces.

    Raises:
        InputError: the two are no rows of equally many finite numbers, at least one.
    """
    columns = [as_steps(row, 1).numpy() for row in (one, two)]
    if columns[0].ndim != 2 or columns[0].shape != columns[1].shape:
        raise InputError(
            "agreement.rows",
            "Two rows of equally many numbers are compared; these hold {one} and {two}.",
            one=columns[0].size,
            two=columns[1].size,
        )
    rows = [column[:, 0] for column in columns]
    count = len(rows[0])
    value = float(_correlation(*(row[None] for row in rows))[0])
    interval = None
    if count >= FEWEST and math.isfinite(value):
        drawn = np.repeat(np.tile(np.arange(count), len(often(count))), often(count).astype(np.intp).ravel())
        drawn = drawn.reshape(-1, count)
        interval = middle(_correlation(*(row[drawn] for row in rows)))
    return Figure(value, interval, count, piece)


def _correlation(one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each row with its partner, `(N, K)` each; NaN where one of them has one value only."""
    from scipy.stats import rankdata  # here, because SciPy is large and the first picture needs none of it

    a, b = (rankdata(row, axis=1) - (row.shape[1] + 1) / 2 for row in (one, two))
    size = np.sqrt((a * a).sum(1) * (b * b).sum(1))
    return np.divide((a * b).sum(1), size, out=np.full(len(size), np.nan), where=size > 0)
