"""Figures: columns under their tokens, honest scales, nothing over its neighbour, nobody's text read as markup."""

from __future__ import annotations

import itertools

import numpy as np
import plotly.graph_objects as go
import pytest

from gru_viz.cells.quantities import Quantity
from gru_viz.draw.figures.instrument import instrument
from gru_viz.draw.figures.strips import MOST_ROWS, HeatStrip, Line
from gru_viz.draw.figures.time_axis import Columns, token_stride
from gru_viz.draw.palette import DARK, LIGHT, Palette, css_properties, palette, readable_on, rgb
from gru_viz.locale import speaker
from gru_viz.story.belief_row import BeliefRow
from gru_viz.story.slots import CLASS_PLACES, KIND_PLACES, class_places, class_slot

GRU = (Quantity.Z, Quantity.R, Quantity.N, Quantity.H)
TOKENS = ["r", "o", "<b>", "&", "s"]


def values(quantity: Quantity, rows: int = 8, steps: int = 5) -> np.ndarray:
    dice = np.random.default_rng(list(Quantity).index(quantity))
    low = 0.0 if quantity.is_gate else -1.0
    return dice.uniform(low, 1.0, (rows, steps)).astype(np.float32)


def classes(names: list[str], shares: np.ndarray) -> BeliefRow:
    return BeliefRow("classify", names, shares, slots=[class_slot(place) for place in range(len(names))])


def river(steps: int = 5) -> BeliefRow:
    return classes(
        ["Italian", "<i>Greek", "Irish"],
        np.random.default_rng(0).dirichlet(np.ones(4), steps).T[:3].astype(np.float32),
    )


def drawn(
    belief: BeliefRow | None = None, columns: Columns | None = None, colours: Palette = LIGHT, **changed: np.ndarray
) -> go.Figure:
    columns = columns or Columns(TOKENS, first=3, selected=2, unknown=frozenset({3}))
    strips = [
        HeatStrip(
            q, changed.get(q.value, values(q, steps=len(columns))), [f"unit {i}" for i in range(8)], 6, q.value, "what"
        )
        for q in GRU
    ]
    lines = [Line(q, values(q, 1, len(columns))[0], q.value) for q in GRU]
    return instrument(columns, belief or river(len(columns)), "belief", strips, lines, "unit 6", colours, speaker("en"))


def strip(figure: go.Figure, name: str) -> go.Heatmap:
    return next(trace for trace in figure.data if trace.name == f"strip-{name}")


BELIEFS = [
    river(),
    BeliefRow("next", list("abcde"), np.full((3, 5), 0.2, np.float32), np.tile(np.arange(5), (3, 1))),
    BeliefRow("forecast", ["given", "foretold", "coming"], np.array([range(5), [np.nan, *range(1, 5)], range(1, 6)])),
    BeliefRow("inputs", list("12345"), np.ones((5, 5), np.float32)),
]


@pytest.mark.parametrize("belief", BELIEFS, ids=lambda row: row.kind)
def test_every_column_stands_under_its_token(belief: BeliefRow) -> None:
    figure = drawn(belief)
    assert list(figure.layout.xaxis.tickvals) == [3, 4, 5, 6, 7]
    assert figure.layout.xaxis.side == "top"
    for trace in figure.data:
        assert trace.xaxis == "x", "one axis for all rows"
        if trace.type == "heatmap" or trace.name.startswith("line-"):
            assert list(trace.x) == [3, 4, 5, 6, 7]
    assert list(figure.layout.xaxis.range) == [2.5, 7.5], "a column reaches half a step to either side"


def test_one_crosshair_through_all_rows() -> None:
    layout = drawn().layout
    assert (layout.hovermode, layout.hoversubplots) == ("x", "axis")
    assert layout.xaxis.showspikes
    assert layout.xaxis.spikemode == "across"


def test_rows_follow_each_other_without_overlap() -> None:
    layout = drawn().layout
    domains = [layout[f"yaxis{i if i > 1 else ''}"].domain for i in range(1, 7)]
    for above, below in itertools.pairwise(domains):
        assert below[1] < above[0]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_scales_are_absolute(colours: Palette) -> None:
    figure = drawn(colours=colours, h=0.01 * values(Quantity.H))
    for gate in ("z", "r"):
        assert (strip(figure, gate).zmin, strip(figure, gate).zmax) == (0, 1)
        assert strip(figure, gate).colorscale[1][1] == colours.hue(Quantity(gate))
    for state in ("n", "h"):
        assert strip(figure, state).zmin == -strip(figure, state).zmax == -1
        assert [stop[1] for stop in strip(figure, state).colorscale] == [
            colours.negative,
            colours.middle,
            colours.positive,
        ]


def test_a_state_beyond_one_widens_both_ends() -> None:
    wide = values(Quantity.H)
    wide[0, 0] = -2.5
    h = strip(drawn(h=wide), "h")
    assert (h.zmin, h.zmax) == (-2.5, 2.5)


def test_the_exact_value_is_under_the_pointer() -> None:
    assert np.array_equal(strip(drawn(), "z").z, values(Quantity.Z))


def test_selected_step_and_unit_are_framed_and_the_future_is_veiled() -> None:
    shapes = drawn().layout.shapes
    step, veil = shapes[-2:]
    assert (step.x0, step.x1) == (4.5, 5.5)
    assert (veil.x0, veil.x1) == (5.5, 7.5)
    units = shapes[:4]
    assert all(shape.y0 < 6 < shape.y1 for shape in units)
    assert {shape.yref for shape in units} == {"y2", "y3", "y4", "y5"}
    at_end = drawn(columns=Columns(TOKENS, 0, 4)).layout.shapes
    assert len(at_end) == len(shapes) - 1, "nothing follows the last step"


def test_typed_text_is_never_markup() -> None:
    figure = drawn()
    labels = list(figure.layout.xaxis.ticktext)
    assert labels[2] == "<b>&lt;b&gt;</b>", "only the selected token is bold, by us"
    assert "&amp;" in labels[3]
    assert "?" in labels[3], "unknown"
    for trace in figure.data:
        assert "<i>" not in (trace.name or "")


@pytest.mark.parametrize("steps", [1, 2, 48])
def test_any_number_of_steps(steps: int) -> None:
    columns = Columns([str(i) for i in range(steps)], 0, steps - 1)
    figure = drawn(river(steps), columns)
    figure.to_json()
    assert len(figure.layout.xaxis.ticktext) == steps
    assert figure.layout.xaxis.ticktext[-1], "the selected token is always written"


def test_long_tokens_thin_out_instead_of_overlapping() -> None:
    assert token_stride(Columns(list("rossellini"), 0, 0)) == 1
    assert token_stride(Columns([str(i) for i in range(100, 148)], 0, 0)) > 1


def test_river_labels_do_not_touch() -> None:
    figure = drawn(river(12), Columns(list("abcdefghijkl"), 0, 0))
    labels = [a for a in figure.layout.annotations if a.yref == "y"]
    assert all("&lt;i&gt;" in a.text or "<i>" not in a.text for a in labels)
    for i, one in enumerate(labels):
        for two in labels[i + 1 :]:
            assert abs(one.x - two.x) > 0.5 or abs(one.y - two.y) > 0.1


def test_river_names_stand_at_their_peaks_with_that_steps_share() -> None:
    shares = np.full((2, 12), 0.1, np.float32)
    shares[0, 9:] = [0.2, 0.55, 0.8]
    shares[1, 4:8] = [0.3, 0.7, 0.64, 0.3]
    figure = drawn(classes(["Dutch", "Irish"], shares), Columns(list("abcdefghijkl"), 0, 5))
    labels = {a.text.strip("</b>"): a for a in figure.layout.annotations if a.yref == "y"}
    assert set(labels) == {"Dutch 80 %", "Irish 70 %"}
    assert labels["Irish 70 %"].x == pytest.approx(5)
    assert labels["Dutch 80 %"].xanchor == "right"
    assert {a.font.color for a in labels.values()} == {LIGHT.ink}
    assert all(a.bgcolor.startswith("rgba") for a in labels.values())


def test_classes_keep_their_colour_while_the_order_changes() -> None:
    slots = class_places([4, 9, 2])
    assert len(set(slots.values())) == 3
    assert class_places([4, 2, 9])[4] == slots[4]
    assert len(set(class_places(list(range(20))).values())) == 7


def test_a_palette_has_a_colour_for_every_place() -> None:
    for colours in (LIGHT, DARK):
        assert (len(colours.classes), len(colours.kinds)) == (CLASS_PLACES, KIND_PLACES)
        for cell, hue in colours.cells.items():
            assert colours.slot(cell) == hue
        assert (colours.slot("h"), colours.slot("rest"), colours.slot("")) == (
            colours.hue(Quantity.H),
            colours.rest,
            "",
        )


def test_no_class_colour_is_a_gates_colour() -> None:
    for colours in (LIGHT, DARK):
        for a in colours.classes:
            for b in {*colours.hues.values(), colours.rest}:
                assert sum((x - y) ** 2 for x, y in zip(rgb(a), rgb(b), strict=True)) > 45**2, (a, b)


def test_palette_is_chosen_by_appearance_and_given_to_css() -> None:
    assert palette("dark") is DARK
    assert palette(None) is LIGHT
    assert "--gv-z: #0072b2;" in css_properties(LIGHT)
    assert (readable_on("#ffffff"), readable_on("#101010")) == ("#000000", "#ffffff")


def test_no_more_rows_than_can_be_seen() -> None:
    assert MOST_ROWS == 64
