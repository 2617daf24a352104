"""Whatever a visitor types, links, pastes, uploads or picks, no page shows an error, and every file a page then offers
can be made: inputs drawn from every category of Unicode, from every parameter of a link, from tables and numbers.

GENERATED=2000 draws so many, from the one that GENERATED_FROM names on; a draw's number is its seed.
"""

from __future__ import annotations

import os
import random
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.state.common import TESTING_KEY
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from gru_viz.limits import TEXT_CHARACTERS
from gru_viz.story.links import url_names
from gru_viz.ui.bigru.view import BiGruView
from gru_viz.ui.compare.view import CompareView
from gru_viz.ui.explore.view import ExploreView
from gru_viz.ui.train.view import TrainView
from tests.pages.reading import FIELD, typing

APP = Path(__file__).parents[2] / "app.py"
COUNT = int(os.environ.get("GENERATED", "80"))
FIRST = int(os.environ.get("GENERATED_FROM", "0"))
WORKERS = 4
"""So many parts, which may run side by side."""
PAGES = {"": ExploreView, "bi-gru": BiGruView, "compare": CompareView, "train": TrainView}
ODD = (
    *("", " ", "\0", "\n", "0", "-1", "1e309", "nan", "inf", "-0", "9" * 40, "½", "٣", "null", "[]", "{}", "../../etc"),
    *(
        "<script>alert(1)</script>",
        "'; drop table",
        "%00",
        "🏳️‍🌈",
        "a" * 3 * TEXT_CHARACTERS,
        "z[1]=2",
        "h",
        "on",
        "off",
    ),
    *("names", "english", "numbers", "example", "gru,lstm", "predictions", "what_if", "units", "data", "zh", "cuda"),
)


@cache
def categories() -> dict[str, list[str]]:
    """Characters by their category."""
    found = defaultdict(list)
    for code in range(sys.maxunicode + 1):
        found[unicodedata.category(chr(code))].append(chr(code))
    del found["Cs"]  # halves of a pair: no browser can send one
    return found


def text(dice: random.Random) -> str:
    """Characters of a few categories, short or long."""
    chosen = [categories()[name] for name in dice.choices(sorted(categories()), k=dice.randint(1, 4))]
    return "".join(dice.choice(dice.choice(chosen)) for _ in range(dice.choice([1, 2, 7, 30, 200])))


def number(dice: random.Random) -> str:
    """A number as somebody may write one."""
    value = dice.choice([dice.gauss(0, 1), dice.gauss(0, 1e6), dice.randint(-9, 9), 10.0 ** dice.randint(-320, 308)])
    return (
        dice.choice(["{:g}", "{:.3f}", "{:,.2f}", "{:+.1e}", "{}%", "{}€"])
        .format(value)
        .replace(".", dice.choice([".", ".", ","]))
    )


def table(dice: random.Random) -> str:
    """Rows of numbers, words and holes."""
    between, width = dice.choice([",", ";", "\t", " ", "|", "  "]), dice.randint(1, 5)
    rows = [[dice.choice([number, number, number, text, lambda _: ""])(dice) for _ in range(width)] for _ in range(6)]
    return "\n".join(between.join(row[: dice.choice([width, width, width - 1])]) for row in rows)


MAKERS: tuple[Callable[[random.Random], str], ...] = (text, number, table, lambda dice: dice.choice(ODD))


def query(dice: random.Random, page: str) -> dict[str, str]:
    """Some of a page's parameters, each with anything."""
    names = sorted(url_names(PAGES[page]).values())
    found = {name: dice.choice(MAKERS)(dice) for name in dice.sample(names, dice.randint(1, min(5, len(names))))}
    if page == "" and dice.random() < 0.4:
        found |= {"model": "numbers", "data": table(dice)}
    return found


def sheet(dice: random.Random) -> bytes:
    """A file as somebody may upload one: a table in some encoding, under headers of any kind, or no table at all."""
    if dice.random() < 0.2:
        return dice.randbytes(dice.randint(0, 300))
    rows = [f"{dice.choice(MAKERS)(dice)},{dice.choice(['yes', 'no', '=1+1'])}" for _ in range(dice.choice([1, 3, 40]))]
    header = [",".join(dice.choice([text, number, lambda _: "label"])(dice) for _ in range(2))] * dice.randint(0, 1)
    return "\n".join([*header, *rows]).encode(dice.choice(["utf-8", "utf-8-sig", "utf-16", "gb18030"]), "replace")


def act(dice: random.Random, app: AppTest) -> str:
    """One thing a visitor does with what the page shows; what it was."""
    fields = [*app.text_input, *app.text_area, *(one for one in app.get("bidi_component") if name_of(one) == FIELD)]
    others = [*app.file_uploader, *app.number_input, *app.selectbox, *app.multiselect, *app.button_group, *app.toggle]
    found = dice.choice([dice.choice(some) for some in (fields, others) if some] or [None])
    if found is not None and name_of(found) == FIELD:
        said = dice.choice((text, *MAKERS))(dice)
        with typing(app, said):
            app.run()
        return f"typed: {said!r}"
    if found is None or found.disabled:
        said = None
    else:
        said = answer(dice, found)
        found.set_value(said)
    app.run()
    return f"{getattr(found, 'key', None)}: {said!r}"


def name_of(found: Any) -> str:
    """A component's name; "" of any other widget."""
    return found.proto.component_name if found.type == "bidi_component" else ""


def answer(dice: random.Random, asked: Any) -> Any:
    """What a browser may send for a widget."""
    match asked.type:
        case "text_input" | "text_area":
            return dice.choice((text, *MAKERS))(dice)
        case "file_uploader":
            return text(dice), sheet(dice), "text/csv"
        case "number_input":
            return dice.choice([None, asked.min, asked.max, dice.uniform(asked.min or 0, asked.max or 1e6)])
        case "toggle":
            return dice.random() < 0.5
    # One or some of a few, which a browser tells by their words.
    asked.root.session_state[TESTING_KEY][asked.id] = str
    if asked.type == "selectbox" or (asked.type == "button_group" and asked._is_single_select):
        return dice.choice(asked.options)
    return dice.sample(asked.options, dice.randint(0, len(asked.options)))


class Offered(dict[str, Any]):
    """How the files that a page offers are made, by the button's key; each page draws them anew."""

    def make(self) -> None:
        """All of them."""
        for made in self.values():
            assert made()


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> Offered:
    """What the page under test offers to take away."""
    found, button = Offered(), st.download_button

    def noted(label: str, make: Any, *args: Any, key: str, **style: Any) -> Any:
        found[key] = make
        return button(label, make, *args, key=key, **style)

    monkeypatch.setattr(st, "download_button", noted)
    return found


@pytest.mark.parametrize("part", range(WORKERS))
def test_no_input_shows_an_error(part: int, offered: Offered) -> None:
    for seed in range(FIRST + part, FIRST + COUNT, WORKERS):
        draw(seed, offered)


def draw(seed: int, offered: Offered) -> None:
    """Open a page by a link, do two things, and make the files that are then offered."""
    dice = random.Random(seed)
    page = dice.choice(["", *PAGES])
    asked, done = query(dice, page), []
    app = AppTest.from_file(str(APP), default_timeout=120)
    app.query_params.update(asked)
    if page:
        app._page_hash = calc_hash(page)
    app.run()
    for _ in range(2):
        assert not app.exception, (seed, page, asked, done, [e.message for e in app.exception])
        offered.clear()
        done.append(act(dice, app))
    assert not app.exception, (seed, page, asked, done, [e.message for e in app.exception])
    try:
        offered.make()
    except Exception as error:
        raise AssertionError((seed, page, asked, done)) from error
