"""Where the models foretell numbers: what came, and what each of the three had foretold for that step."""

from __future__ import annotations

import numpy as np

from gru_viz.draw.figures.curves_of_cells import forecast
from gru_viz.story.trio import Trio
from gru_viz.story.trio_lanes import tokens
from gru_viz.ui.compare.figure import draw
from gru_viz.ui.kit import appearance
from gru_viz.ui.kit.i18n import t


def forecasts(trio: Trio) -> None:
    """The chart; nothing where the models choose among classes or symbols."""
    if trio.kind != "forecast" or trio.given.numbers is None:
        return
    foretold = {cell: run.belief[:, 0] for cell, run in trio.runs.items() if run.belief is not None}
    actual = trio.given.numbers[:, 0]
    if trio.task == "sunspots":  # what is said at a step is of the next one
        foretold = {cell: np.append(np.nan, values[:-1]) for cell, values in foretold.items()}
        names = t("belief.actual"), t("compare.forecast.next")
    else:
        actual = np.cumsum(trio.given.numbers[:, 0] * (trio.given.numbers[:, 1] != 0))
        names = t("compare.forecast.so_far"), t("compare.forecast.sum")
    draw(forecast(actual, foretold, names, tokens(trio), appearance.colours()), "forecast")
