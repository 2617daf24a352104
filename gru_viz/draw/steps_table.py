"""Tables of steps as pages show them and files leave them: steps counted from 1, as everywhere on the pages.

The library counts from 0 (`Trace.to_frame`); a column called "step" alone would leave open which is meant.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from gru_viz.locale.digits import figure, probability

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.formats.style import Styler

STEP = "step_from_1"
"""The column's name, the same in every language, table and file."""
_MARK = {"font-weight": "bold", "background-color": "rgba(127, 127, 127, 0.22)"}


def from_one(frame: pd.DataFrame) -> pd.DataFrame:
    """`Trace.to_frame`'s table with its steps counted from 1, under a name that says so."""
    return frame.assign(step=frame["step"] + 1).rename(columns={"step": STEP})


def numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """A table of a row a step, with the steps in front."""
    made = frame.copy()
    made.insert(0, STEP, range(1, len(frame) + 1))
    return made


def read_on_screen(table: pd.DataFrame, shares: Collection[str] = ()) -> Styler:
    """A table as it is read on a page: broken numbers to five digits, probabilities to three and never 0 or 1 for what
    is only nearly so. The values stay what they are, for sorting and for files.

    Args:
        shares: the columns of probabilities.
    """
    writers = {name: _share if name in shares else figure for name in broken(table)}
    shown = table.style
    shown.format(writers, na_rep="")
    return shown


def broken(table: pd.DataFrame) -> list[str]:
    """The columns of broken numbers."""
    return list(table.select_dtypes("floating"))


def mark(shown: Styler, row: int) -> Styler:
    """Set one row off, counted from 0."""
    index: pd.Index = shown.index
    return shown.set_properties(subset=(index[row], slice(None)), **_MARK)


def _share(value: float) -> str:
    return probability(value, 3)
