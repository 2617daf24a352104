"""The instrument's time axis in one figure: tokens, belief, a strip a quantity, the selected unit's lines."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from gru_viz.draw.figures import belief as beliefs
from gru_viz.draw.figures.strips import STRIP_HEIGHT, HeatStrip, Line, heatmap, line, row_axis, row_outline
from gru_viz.draw.figures.time_axis import AxisRow, Columns, axis_name, layout, selection
from gru_viz.draw.palette import Palette
from gru_viz.locale import Say
from gru_viz.story.belief_row import BeliefRow

LINES_HEIGHT = 74


def instrument(
    columns: Columns,
    belief: BeliefRow,
    belief_caption: str,
    strips: Sequence[HeatStrip],
    lines: Sequence[Line],
    lines_caption: str,
    colours: Palette,
    say: Say,
) -> go.Figure:
    """Every column exactly under its token, for all rows share one x axis and one crosshair.

    Args:
        columns: the steps drawn and the selected one.
        belief: what the model believes at every step, or the numbers it was given.
        belief_caption, lines_caption: what is written beside the first and the last row.
        strips: quantities of all units, top to bottom.
        lines: quantities of the selected unit.
        colours: the palette of the appearance.
        say: key and parameters -> words, for what is written in the belief's own row.
    """
    low, high = beliefs.extent(belief)
    rows = [AxisRow(beliefs.BELIEF_HEIGHT, "", belief_caption, colours.ink, low, high)]
    rows += [_strip_row(strip, colours) for strip in strips]
    reach = max([1.0, *(float(abs(drawn.values).max()) for drawn in lines if drawn.values.size)])
    rows.append(AxisRow(LINES_HEIGHT, "", lines_caption, colours.ink, -1.12 * reach, 1.12 * reach))
    drawing = layout(columns, rows, colours)
    traces, labels = beliefs.draw(belief, columns, axis_name(0), colours, say)
    for index, strip in enumerate(strips, start=1):
        traces.append(heatmap(strip, columns, axis_name(index), colours))
        drawing[axis_name(index, long=True)] |= row_axis(strip)
        drawing["shapes"].append(row_outline(strip, columns, axis_name(index), colours))
    last = len(rows) - 1
    traces += [line(drawn, columns, axis_name(last), colours) for drawn in lines]
    drawing[axis_name(last, long=True)] |= {
        "visible": True, "showticklabels": False, "showgrid": False, "ticks": "",
        "zeroline": True, "zerolinecolor": colours.rule, "zerolinewidth": 1,
    }  # fmt: skip
    drawing["annotations"] += labels
    drawing["shapes"] += selection(columns, colours)
    return go.Figure({"data": traces, "layout": drawing}, _validate=False)


def _strip_row(strip: HeatStrip, colours: Palette) -> AxisRow:
    return AxisRow(STRIP_HEIGHT, strip.symbol, strip.caption, colours.hue(strip.quantity), 0.0, 1.0)
