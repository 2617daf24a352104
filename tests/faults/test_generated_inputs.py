"""Whatever a visitor types, links or pastes, no page shows an error: inputs drawn from every category of Unicode, from
every parameter of a link, from tables and numbers. GENERATED=2000 draws so many; the seed is their number.
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

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from gru_viz.limits import TEXT_CHARACTERS
from gru_viz.story.links import url_names
from gru_viz.ui.bigru.view import BiGruView
from gru_viz.ui.compare.view import CompareView
from gru_viz.ui.explore.view import ExploreView
from gru_viz.ui.train.view import TrainView

APP = Path(__file__).parents[2] / "app.py"
COUNT = int(os.environ.get("GENERATED", "80"))
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


@pytest.mark.parametrize("part", range(WORKERS))
def test_no_input_shows_an_error(part: int) -> None:
    for seed in range(part, COUNT, WORKERS):
        dice = random.Random(seed)
        page = dice.choice(["", "", "", *PAGES])
        asked = query(dice, page)
        app = AppTest.from_file(str(APP), default_timeout=120)
        app.query_params.update(asked)
        if page:
            app._page_hash = calc_hash(page)
        app.run()
        typed = []
        fields = [*app.text_input, *app.text_area]
        if fields:
            typed = [text(dice), dice.choice(MAKERS)(dice)]
            for one in typed:
                fields = [*app.text_input, *app.text_area]
                if fields:
                    fields[0].input(one).run()
                assert not app.exception, (seed, page, asked, typed, [e.message for e in app.exception])
        assert not app.exception, (seed, page, asked, typed, [e.message for e in app.exception])
