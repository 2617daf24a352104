"""Several readers of one text as tables: what each says at every step, and what each costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from gru_viz.analysis.clock import Timing
from gru_viz.locale import Say
from gru_viz.story.readers import Readers
from gru_viz.story.readers_concluded import reader
from gru_viz.story.readers_measured import WIDE_BOTH, WIDE_ONE, prices, ways

if TYPE_CHECKING:
    import pandas as pd


def frame(reading: Readers) -> pd.DataFrame:
    """One row a step: what is true, what every reader and half says and how surely, and what the winning logit is
    made of (relative to the mean of the classes; the bias is the rest). Column names are the same in every language."""
    import pandas as pd

    labels = np.array(reading.labels, dtype=object)
    truth = np.full(len(reading.tokens), None, dtype=object) if reading.truth is None else labels[reading.truth]
    columns: dict[str, object] = {"token": list(reading.tokens), "truth": truth}
    beliefs = {way: reading.belief(way) for way in ways(reading)}
    beliefs |= {"left_half": reading.ways.left, "right_half": reading.ways.right}
    for name, belief in beliefs.items():
        columns[name] = labels[belief.argmax(1)]
        columns[f"p_{name}"] = belief.max(1)
    parts = [reading.ways.parts(step) for step in range(len(reading.tokens))]
    columns["logit"] = [one.total for one in parts]
    columns["from_left"] = [one.left for one in parts]
    columns["from_right"] = [one.right for one in parts]
    return pd.DataFrame(columns)


def price_table(reading: Readers, times: Mapping[str, Timing] | None, say: Say) -> pd.DataFrame:
    """A row a reader: its units, its parameters, what it multiplies, and what a character takes it in microseconds,
    where that was measured; the heads of the columns in the visitor's language."""
    import pandas as pd

    found = prices(reading)
    names = {way: reader(way, say) for way in ways(reading)}
    names |= {WIDE_ONE: say("bigru.price.wide_one"), WIDE_BOTH: say("bigru.price.wide_both")}
    return pd.DataFrame(
        {
            say("bigru.price.reader"): [names[name] for name in found],
            say("bigru.price.units"): [one.width for one in found.values()],
            say("bigru.price.parameters"): [one.parameters for one in found.values()],
            say("bigru.price.products"): [one.products for one in found.values()],
            say("bigru.price.microseconds"): [1e6 * times[name].seconds if times else None for name in found],
        }
    )
