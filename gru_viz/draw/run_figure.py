"""What the player shows as a figure to take away: interactive in any browser, without this app."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from gru_viz.analysis.similarity import group_means, grouped
from gru_viz.cells import KINDS
from gru_viz.cells.quantities import Quantity
from gru_viz.draw.figures.instrument import instrument
from gru_viz.draw.figures.strips import MOST_ROWS, HeatStrip, Line
from gru_viz.draw.figures.time_axis import Columns
from gru_viz.draw.palette import Palette
from gru_viz.locale import Say
from gru_viz.story.belief_row import belief_row
from gru_viz.story.runs import Run, units
from gru_viz.story.scene import Selection
from gru_viz.story.symbols import visible

WINDOW = 120
"""Steps drawn at most: more would be thinner than a letter."""


def picture(run: Run, at: Selection, colours: Palette, say: Say) -> go.Figure:
    """Tokens, belief, strips and the selected unit's lines around the selected step.

    Args:
        say: key and parameters -> words; given, because a download is made when no page is running.
    """
    return _Drawing(run, at, colours, say).figure()


class _Drawing:
    """One figure in the making."""

    def __init__(self, run: Run, at: Selection, colours: Palette, say: Say) -> None:
        self.run, self.at, self.colours, self.say = run, at, colours, say
        self.first = max(0, min(at.step - WINDOW // 2, len(run.trace) - WINDOW))
        self.window = slice(self.first, min(self.first + WINDOW, len(run.trace)))
        self.values = run.layer(at.place.layer, at.place.direction)
        self.turned = KINDS[run.trace.cell].turns

    def figure(self) -> go.Figure:
        kind = "none" if self.run.belief is None else self.run.model.kind
        shown = KINDS[self.run.trace.cell].shown
        return instrument(
            self.columns(),
            belief_row(self.run, self.at.place, self.say, window=self.window),
            self.row_name_of_belief(kind),
            self.strips(shown),
            [Line(what, self.quantity(what)[:, self.at.unit].astype(np.float32), self.symbol(what)) for what in shown],
            self.say("unit.number", unit=self.at.unit),
            self.colours,
            self.say,
        )

    def row_name_of_belief(self, kind: str) -> str:
        layer = self.at.place.layer
        if kind != "none" or not layer:
            return self.say(f"belief.row_{kind}")
        return self.say("player.below.both" if len(self.run.trace.directions) > 1 else "player.below.one", layer=layer)

    def columns(self) -> Columns:
        tokens = [visible(token) for token in self.run.tokens[self.window]]
        unknown = frozenset(p - self.first for p in self.run.unknown if self.window.start <= p < self.window.stop)
        return Columns(tokens, self.first, self.at.step - self.first, unknown)

    def quantity(self, what: Quantity) -> NDArray:
        """(T, width) of the window; z as the convention has it."""
        found = self.values[what][self.window, self.at.place.batch]
        return 1.0 - found if what is self.turned and self.at.convention == "new" else found

    def symbol(self, what: Quantity) -> str:
        way = self.say(f"convention.short_{self.at.convention}")
        return f"{what.value} ({way})" if what is self.turned else what.value

    def strips(self, shown: tuple[Quantity, ...]) -> list[HeatStrip]:
        place = self.at.place
        groups = grouped(units(self.run, place).order, MOST_ROWS)
        names = [self.row_name(group) for group in groups]
        chosen = next(place for place, group in enumerate(groups) if self.at.unit in group)
        return [
            HeatStrip(what, group_means(self.quantity(what), groups), names, chosen, what.value, self.caption(what))
            for what in shown
        ]

    def caption(self, what: Quantity) -> str:
        words = self.say(what.label_key)
        return f"{words}\n{self.say(f'convention.short_{self.at.convention}')}" if what is self.turned else words

    def row_name(self, group: NDArray[np.intp]) -> str:
        if len(group) == 1:
            return self.say("unit.number", unit=int(group[0]))
        return self.say("unit.mean", units=", ".join(str(int(unit)) for unit in group))
