"""Learning curves and gate strips as figures; the progress bar as a person at a terminal sees it."""

from __future__ import annotations

import io

import numpy as np
import pytest

from gru_viz.cells.quantities import Quantity
from gru_viz.draw.figures.of_cells import DASHES
from gru_viz.draw.figures.race_curves import Axes, RaceCurve, gate_strips, race_curves, strip_rows
from gru_viz.draw.figures.strips import HeatStrip
from gru_viz.draw.figures.time_axis import Columns
from gru_viz.draw.palette import DARK, LIGHT
from gru_viz.training import Progress
from gru_viz.training.progress_bar import ProgressBar, line

AXES = Axes("right", "loss", "steps", share=True)
GRU = RaceCurve("GRU", [0, 5, 10], [4.0, 3.0, 2.0], [0.1, 0.4, 0.6])


def lines(figure, axis: str) -> dict:
    return {one.name: one for one in figure.data if one.yaxis == axis and one.name}


def test_the_held_out_metric_stands_above_the_loss_on_one_axis_of_steps() -> None:
    figure = race_curves([GRU], 40, AXES, LIGHT)
    np.testing.assert_array_equal(lines(figure, "y")["GRU"].y, GRU.held_out)
    np.testing.assert_array_equal(lines(figure, "y2")["GRU"].y, GRU.loss)
    assert tuple(figure.layout.xaxis.range) == (0, 40)
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]
    assert figure.layout.yaxis.tickformat == ".0%"
    assert not race_curves([GRU], 40, Axes("error", "loss", "steps", share=False), LIGHT).layout.yaxis.tickformat


def test_a_lost_run_ends_in_a_cross_and_an_earlier_one_is_faint() -> None:
    lost = RaceCurve("RNN", [0, 3], [4.0, 90.0], [0.1, 0.0], lost=True)
    before = RaceCurve("GRU", [0, 10], [4.0, 1.0], [0.1, 0.7], faint=True)
    found = lines(race_curves([before, GRU, lost], 10, AXES, LIGHT), "y")
    assert found["RNN"].marker.symbol[-1] == "x"
    assert found["GRU"].marker.symbol[-1] == "circle"
    assert found["before GRU"].opacity < 0.5 < found["GRU"].opacity


def test_empty_charts_stand_where_they_will_and_say_what_comes() -> None:
    figure = race_curves([], 100, Axes("right", "loss", "steps", share=True, empty="press <Train>"), LIGHT)
    assert {one.yaxis for one in figure.data} == {"y", "y2"}
    assert any(note.text == "press &lt;Train&gt;" for note in figure.layout.annotations)


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_cells_are_told_apart_by_colour_and_by_dash_and_are_never_a_gates_hue(colours) -> None:
    assert len(set(DASHES.values())) == len(DASHES)
    found = [colours.cell(cell) for cell in DASHES]
    assert len(set(found)) == len(DASHES)
    assert not set(found) & set(colours.hues.values())


def test_strips_hold_every_unit_or_means_of_neighbours() -> None:
    values = np.arange(12, dtype=np.float32).reshape(2, 6)
    rows, names = strip_rows(values, 10)
    np.testing.assert_array_equal(rows, values.T)
    assert names == ["0", "1", "2", "3", "4", "5"]
    rows, names = strip_rows(values, 3)
    np.testing.assert_array_equal(rows, [[0.5, 6.5], [2.5, 8.5], [4.5, 10.5]])
    assert names == ["0–1", "2–3", "4–5"]


def test_gates_are_drawn_on_their_own_scale_under_their_tokens() -> None:
    values = np.full((4, 3), 0.25, dtype=np.float32)
    strips = [HeatStrip(q, values, list("abcd"), 0, q.value, "caption") for q in (Quantity.Z, Quantity.R)]
    figure = gate_strips(Columns(list("ros"), 0, -1), strips, LIGHT)
    assert [(one.zmin, one.zmax) for one in figure.data] == [(0.0, 1.0)] * 2
    assert [one.colorscale[-1][1] for one in figure.data] == [LIGHT.hue(Quantity.Z), LIGHT.hue(Quantity.R)]
    assert list(figure.layout.xaxis.ticktext) == ["r", "o", "s"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_with_loss_speed_and_time_left() -> None:
    out = Terminal()
    bar = ProgressBar(out)
    for step in (20, 40, 60):
        bar(Progress(step, 100, 1.5, step / 10))
    bar.close()
    last = out.getvalue().split("\r")[-1]
    assert "60%" in last
    assert "60/100" in last
    assert "loss 1.5000" in last
    assert "step/s" in last or "s/step" in last


def test_elsewhere_every_report_is_a_line() -> None:
    out = io.StringIO()
    bar = ProgressBar(out)
    bar(Progress(25, 100, 0.5, 5.0))
    bar.close()
    assert out.getvalue() == line(Progress(25, 100, 0.5, 5.0)) + "\n"
    assert out.getvalue() == "step     25 of 100   loss 0.5000   5 steps/s   15 s left   5 s\n"
