"""What if, as a link writes it: whatever is held comes back the same, and nonsense is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru_viz.cells.spec import DIRECTIONS
from gru_viz.story import changes
from gru_viz.story.changes import Hold, TextEdit

UNITS = st.none() | st.sets(st.integers(0, 300), min_size=1).map(lambda found: tuple(sorted(found)))
FIRST = st.integers(0, 2000)
HOLDS = st.builds(
    lambda quantity, value, units, first, more, layer, direction: Hold(
        quantity, value, units, first, None if more is None else first + more, layer, direction
    ),
    st.sampled_from("zrnhifgoc"),
    st.floats(-2, 2).map(lambda value: round(value, 4)),
    UNITS,
    FIRST,
    st.none() | st.integers(1, 50),
    st.integers(0, 3),
    st.sampled_from(DIRECTIONS),
)


@given(st.lists(HOLDS, max_size=4).map(tuple))
def test_what_is_written_is_read_again(holds: tuple[Hold, ...]) -> None:
    assert changes.read(changes.written(holds) or "") == holds


@given(UNITS)
def test_units_are_read_as_people_write_them(units: tuple[int, ...] | None) -> None:
    written = changes.runs_of(units)
    assert changes.units_of(written) == units
    assert changes.units_of(written.replace(".", ", ").replace("-", " – ")) == units


@given(st.integers(0, 1999), st.sampled_from(["x", ":", "é", "🙂", "👩‍👩‍👧", " ", "中"]))
def test_an_edit_is_read_again(step: int, character: str) -> None:
    edit = TextEdit(step, character)
    assert changes.edit_read(changes.edit_written(edit) or "") == edit


@pytest.mark.parametrize("raw", ["", "3", "3:", ":x", "x:y", "3:xy", "-1:x"])
def test_an_edit_that_is_none_is_refused(raw: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the value is what a reader cannot read; nobody sees the words
        changes.edit_read(raw)


@pytest.mark.parametrize("raw", ["a", "1-", "-", "5-3", "1.2.x", "1e3", "999999"])
def test_units_that_are_none_are_refused(raw: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the value is what a reader cannot read; nobody sees the words
        changes.units_of(raw)


def test_a_hold_reaches_no_further_than_the_run() -> None:
    hold = Hold("z", 1.0, (2,), 3, 9)
    assert hold.clamp(steps=5, width=4).steps == slice(3, 5)
    assert hold.clamp(steps=3, width=4) is None
    assert list(Hold("z", 1.0).clamp(steps=5, width=4).units) == [0, 1, 2, 3]
