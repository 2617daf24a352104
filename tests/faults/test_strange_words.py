"""What strangers write is nowhere read as Markdown, HTML or a formula: typed, linked, in tables, in a model's card.

`tests/e2e/test_injection.py` looks at what a browser makes of it; here every sentence, label and tooltip of a page.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import gru_viz as gv
from gru_viz.draw.files import csv
from gru_viz.models.pack import pack
from gru_viz.models.sequence import SequenceModel

APP = Path(__file__).parents[2] / "app.py"
WORDS = "[x](//e.e)<img src=x>"
UNESCAPED = re.compile(r"(?<!\\)(?:\[x|<img)")
READ = ("body", "label", "help", "content")
"""The fields of Streamlit's messages in which it reads Markdown or HTML; a progress bar's `text` besides."""


def opened(page: str = "", **query: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params.update(query)
    if page:
        app._page_hash = calc_hash(page)
    return app.run()


def sentences(message: Message) -> Iterator[str]:
    """Everything in a message that is read as Markdown or HTML."""
    for field, value in message.ListFields():
        for one in value if field.is_repeated and not isinstance(value, dict) else [value]:
            if isinstance(one, Message):
                yield from sentences(one)
            elif field.name in READ or (message.DESCRIPTOR.name, field.name) == ("Progress", "text"):
                yield one


def said(node: Any) -> Iterator[str]:
    """The same of a whole page."""
    if isinstance(proto := getattr(node, "proto", None), Message):
        yield from sentences(proto)
    for child in getattr(node, "children", {}).values():
        yield from said(child)


def edited() -> AppTest:
    app = opened(tab="what_if")
    return app.text_input(key="edit-character").set_value(WORDS).run()


def held() -> AppTest:
    app = opened(tab="what_if")
    units = next(one for one in app.text_input if (one.key or "").startswith("hold-units"))
    units.set_value(WORDS)
    return app.get_by_key("hold").click().run()


def a_table_of_numbers() -> AppTest:
    rows = "\n".join(f"{k},{k * 2},{WORDS}" for k in range(9))
    app = opened(model="numbers", tab="data")
    return app.file_uploader(key="file").upload(f"{WORDS}.csv", f"{WORDS}a,{WORDS}b,c\n{rows}".encode()).run()


def a_table_of_classes() -> AppTest:
    rows = "\n".join(f"{WORDS} {k},{WORDS}{k % 2}" for k in range(30))
    app = opened("train", task="table")
    return app.file_uploader(key="train-file-table").upload(f"{WORDS}.csv", f"{WORDS}a,{WORDS}b\n{rows}".encode()).run()


def a_saved_model(task: str, **card: Any) -> AppTest:
    model = SequenceModel(gv.load("sunspots").card | {"name": WORDS, "title": WORDS, "task": WORDS} | card)
    app = opened("train", task=task)
    return app.file_uploader(key="train-model").upload(f"{WORDS}.safetensors", pack(model)).run()


@pytest.mark.parametrize(
    ("do", "names"),
    [
        (edited, True),
        (held, True),
        (lambda: opened(model=WORDS, step=WORDS), True),
        (lambda: opened(text=WORDS, edit=f"0:{WORDS}", hold=WORDS, tab="what_if"), True),
        (a_table_of_numbers, False),
        (a_table_of_classes, False),
        (lambda: a_saved_model("sunspots"), True),
        (lambda: a_saved_model("names"), True),
        (lambda: opened("compare", text=WORDS, tab="data", task=WORDS), True),
    ],
    ids=["edited", "held", "link", "link_to_changes", "numbers", "classes", "saved", "saved_of_another", "compare"],
)
def test_words_are_words_wherever_a_page_says_them(do: Callable[[], AppTest], names: bool) -> None:
    app = do()
    assert not app.exception
    found = [*said(app._tree)]
    assert not [one for one in found if UNESCAPED.search(one)]
    assert not names or any(r"\[x\]\(" in one for one in found)


def test_a_spreadsheet_runs_nothing() -> None:
    odd = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝1+1"]
    sound = ["-1.5", "=", "-", "a=b", "", "1e-3"]
    table = pd.DataFrame({"=token": [*odd, *sound], "value": [-float(k) for k in range(len(odd) + len(sound))]})
    found = pd.read_csv(io.BytesIO(csv(table)), dtype={"'=token": str}, keep_default_na=False)
    assert list(found["'=token"]) == [*("'" + one for one in odd), *sound]
    assert list(found["value"]) == list(table["value"])
