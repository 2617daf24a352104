"""Two things done before the page came to either: it hears of both in one run, and of which first is the browser's
affair. Neither is lost into the other, and no page falls over it."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import ElementTree
from streamlit.util import calc_hash

from gru_viz.story.runs import load
from gru_viz.story.trio import load_three
from tests.pages.reading import asked, control, held, sound, typing

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture(params=["as drawn", "the other way round"])
def order(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """In which order the browser tells what was done: whether what is drawn first comes last."""
    told = ElementTree.get_widget_states

    def turned(tree: ElementTree) -> WidgetStates:
        return WidgetStates(widgets=reversed(told(tree).widgets))

    if request.param != "as drawn":
        monkeypatch.setattr(ElementTree, "get_widget_states", turned)
    return request.param != "as drawn"


def opened(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    if page != "explore":
        app._page_hash = calc_hash(page)
    return asked(app, query)


def at_once(app: AppTest, **done: object) -> AppTest:
    for key, value in done.items():
        control(app, key.replace("_", "-")).set_value(value)
    return sound(app.run())


def test_what_was_typed_for_one_model_is_not_read_by_another(order: bool) -> None:
    app = opened("explore")
    with typing(app, "zzz", first=order):
        at_once(app, model="english")
    assert app.session_state["view"].model == "english"
    assert held(app) == load("english", "cpu").hints[0]


def test_what_was_typed_for_one_task_is_not_read_by_another(order: bool) -> None:
    app = opened("compare")
    with typing(app, "zzz", first=order):
        at_once(app, compare_task="english")
    assert app.session_state["view"].task == "english"
    assert held(app) == next(iter(load_three("english", "cpu").values())).hints[0]


def test_an_example_takes_the_place_of_what_was_typed(order: bool) -> None:
    app = opened("explore")
    example = load("names", "cpu").hints[2]
    with typing(app, "zzz", first=order):
        at_once(app, example=example)
    assert held(app) == app.session_state["view"].text == example


@pytest.mark.usefixtures("order")
def test_another_task_has_its_own_rate_whatever_was_chosen_at_once() -> None:
    app = at_once(opened("train"), train_task="recall", train_rate=0.001)
    assert (app.session_state["view"].task, app.session_state["view"].rate) == ("recall", None)


@pytest.mark.usefixtures("order")
def test_another_model_has_its_own_batch_whatever_was_chosen_at_once() -> None:
    app = at_once(opened("explore", model="example"), b=2, model="names")
    assert (app.session_state["view"].model, app.session_state["view"].item) == ("names", 0)
