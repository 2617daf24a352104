"""What a link holds: every field there and back, and nothing a link can say breaks the page."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru_viz.story.links import DEVICES, query_of, read
from gru_viz.story.symbols import visible
from gru_viz.ui.explore.view import MODELS, SCALES, ExploreView

VIEWS = st.builds(
    ExploreView,
    lang=st.sampled_from([None, "en", "zh"]),
    model=st.sampled_from(MODELS),
    text=st.none() | st.text(),
    layer=st.integers(0, 9),
    unit=st.none() | st.integers(0, 999),
    step=st.none() | st.integers(0, 1999),
    z=st.sampled_from(["keep", "new"]),
    device=st.sampled_from(DEVICES),
    temperature=st.floats(0, 2),
    seed=st.integers(0, 2**31 - 1),
    length=st.integers(1, 500),
    batch=st.integers(1, 32),
    draw=st.integers(0, 99),
    item=st.integers(0, 31),
    data=st.none() | st.text(),
    columns=st.none() | st.text(),
    scale=st.sampled_from([None, *SCALES]),
    upload=st.none() | st.text(),
)


@given(VIEWS)
def test_a_link_brings_back_the_same_view(view: ExploreView) -> None:
    assert read(ExploreView, query_of(view)) == (view, ())


def test_a_fresh_page_has_a_bare_address() -> None:
    assert query_of(ExploreView()) == {}


@pytest.mark.parametrize("name", [f.metadata["url"] or f.name for f in fields(ExploreView)])
@given(raw=st.text())
def test_whatever_a_link_says_is_taken_or_named(name: str, raw: str) -> None:
    view, wrong = read(ExploreView, {name: raw})
    assert view == ExploreView() or not wrong
    assert all(one.name == name for one in wrong)


@given(st.text(min_size=1))
def test_every_token_can_be_seen(token: str) -> None:
    seen = visible(token)
    assert seen
    assert not any(ord(character) < 32 or ord(character) == 127 for character in seen)


def test_what_cannot_be_seen_is_named() -> None:
    assert [visible(c) for c in (" ", "\n", "\t", "\0", "\x1b", "\u0301", "\u202e")] == [*list("␣↵⇥␀␛"), "◌́", "␣"]
