"""Figures of readers: every number where it belongs, nothing left out, nobody's text read as markup."""

from __future__ import annotations

import pytest

from gru_viz.draw.figures.by_position import MOST_BARS, Reader, by_position, reader_colour
from gru_viz.draw.figures.timeline import Waits, needed, timeline
from gru_viz.draw.palette import DARK, LIGHT

WAYS = ("forward", "backward", "both")


def readers(places: list[str], ways: tuple[str, ...] = WAYS) -> list[Reader]:
    return [
        Reader(way, f"<{way}>", places, [k + 10.0 * w for k in range(len(places))], [f"told {p}" for p in places])
        for w, way in enumerate(ways)
    ]


def test_every_reader_has_its_figures_in_order() -> None:
    places = ["1", "2", "3+"]
    figure = by_position(readers(places), "place", "wrong", LIGHT)
    assert list(figure.layout.xaxis.categoryarray) == places
    for w, trace in enumerate(figure.data):
        assert (list(trace.x), list(trace.y)) == (places, [0 + 10 * w, 1 + 10 * w, 2 + 10 * w])
        assert trace.mode == "lines+markers"
    assert figure.layout.yaxis.rangemode == "tozero"
    assert figure.layout.xaxis.title.text == "place"


def test_a_reader_may_lack_a_place() -> None:
    some = [*readers(["a", "b"], ("forward",)), *readers(["b", "c"], ("both",))]
    assert list(by_position(some, "x", "y", DARK).layout.xaxis.categoryarray) == ["a", "b", "c"]


def test_classes_are_bars_with_their_numbers_and_many_of_them_marks() -> None:
    few = by_position(readers(["a", "b"]), "x", "y", LIGHT, joined=False)
    assert {trace.type for trace in few.data} == {"bar"}
    assert list(few.data[1].text) == ["10.0", "11.0"]
    many = by_position(readers([str(k) for k in range(MOST_BARS + 1)]), "x", "y", LIGHT, joined=False)
    assert {trace.mode for trace in many.data} == {"markers"}


def test_readers_are_told_apart_without_their_hue() -> None:
    lines = by_position(readers(["1", "2"]), "x", "y", LIGHT).data
    assert len({(trace.marker.symbol, trace.line.dash) for trace in lines}) == 3
    bars = by_position(readers(["1", "2"]), "x", "y", LIGHT, joined=False).data
    assert len({trace.marker.pattern.shape for trace in bars}) == 3


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda colours: colours.kind)
def test_a_readers_hue_is_no_gates(colours) -> None:
    assert not {reader_colour(way, colours) for way in WAYS} & set(colours.hues.values())


def test_names_are_text() -> None:
    figure = by_position(readers(["<b>"]), "<i>", "y", LIGHT)
    assert "<" not in figure.data[0].name + figure.data[0].x[0] + figure.layout.xaxis.title.text


def test_only_the_reader_from_the_left_answers_before_the_end() -> None:
    assert needed("forward", 4) == [1, 2, 3, 4]
    assert needed("backward", 4) == needed("both", 4) == [4, 4, 4, 4]


def test_the_timeline_shows_what_each_waits_for() -> None:
    waits = [Waits(way, way, needed(way, 3)) for way in ("both", "forward")]
    figure = timeline(["d", "<e>", "f"], waits, "text", "there", "{name}: “{token}” after {needed}", LIGHT)
    first, second = figure.data
    assert (first.name, list(first.y)) == ("forward", [1, 2, 3])
    assert (second.name, list(second.y), second.fill) == ("both", [3, 3, 3], "tonexty")
    assert first.text[0] == "forward: “d” after 1"
    assert "<e>" not in first.text[1] + "".join(figure.layout.xaxis.ticktext)


def test_a_long_text_is_thinned_on_the_axis_only() -> None:
    tokens = list("abcdefghij" * 30)
    waits = [Waits("forward", "left", needed("forward", 300)), Waits("both", "both", needed("both", 300))]
    figure = timeline(tokens, waits, "x", "y", "{token}", DARK)
    assert len(figure.layout.xaxis.ticktext) <= 60
    assert len(figure.data[0].y) == 300
