"""Tables of steps as pages show them and files leave them: steps counted from 1, as everywhere on the pages.

The library counts from 0 (`Trace.to_frame`); a column called "step" alone would leave open which is meant.
"""

from __future__ import annotations

import pandas as pd

STEP = "step_from_1"
"""The column's name, the same in every language, table and file."""


def from_one(frame: pd.DataFrame) -> pd.DataFrame:
    """`Trace.to_frame`'s table with its steps counted from 1, under a name that says so."""
    return frame.assign(step=frame["step"] + 1).rename(columns={"step": STEP})


def numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """A table of a row a step, with the steps in front."""
    made = frame.copy()
    made.insert(0, STEP, range(1, len(frame) + 1))
    return made
