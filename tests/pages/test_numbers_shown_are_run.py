"""Every field for a number, on every page: what it shows is what is run, or it is refused in a sentence."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import gru_viz
from gru_viz.locale import LANGUAGES, translate
from gru_viz.ui.train import session
from gru_viz.ui.train.source import FIELDS as FIELDS_OF_TRAINING
from tests.pages.reading import asked, notices, sent, sound

APP = Path(__file__).parents[2] / "app.py"


def opened(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=90)
    app._page_hash = calc_hash(page)
    return asked(app, query)


def test_no_field_has_bounds_of_streamlits_own() -> None:
    """Out of its bounds Streamlit paints a number red, keeps showing it, and goes on with the one before."""
    for path in Path(gru_viz.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "number_input":
                assert len(call.args) == 1, f"{path.name}:{call.lineno}"
                assert not {"min_value", "max_value"} & {one.arg for one in call.keywords}, f"{path.name}:{call.lineno}"


@pytest.mark.parametrize(("key", "wrong", "right"), [("T", 501, 7), ("T", 0, 7), ("B", 33, 2), ("draw", -1, 5)])
def test_random_input_of_a_size_that_cannot_be_keeps_the_picture(key: str, wrong: int, right: int) -> None:
    app = opened("", model="example")
    before = sent(app, "gru_viz.player")
    sound(app.number_input(key=key).set_value(wrong).run())
    assert f"not {wrong}: nothing was run" in notices(app)
    assert sent(app, "gru_viz.player") == before
    assert app.number_input(key=key).value == wrong
    sound(app.number_input(key=key).set_value(right).run())
    assert not app.warning
    assert sent(app, "gru_viz.player") != before


def test_a_gate_is_held_at_the_value_shown_or_not_at_all() -> None:
    app = opened("", text="rosa", tab="what_if")
    app.number_input(key="hold-value").set_value(4000.0)
    sound(app.button(key="hold").click().run())
    assert "from -1,000 to 1,000, not 4,000" in notices(app)
    assert app.session_state["view"].hold is None


def test_a_text_is_continued_with_the_seed_shown_or_not_at_all() -> None:
    app = opened("", model="english", text="In the", seed="3")
    sound(app.number_input(key="seed").set_value(-4).run())
    assert "not -4: nothing was run" in notices(app)
    assert app.button(key="continue-start").disabled
    assert app.session_state["view"].seed == 3
    sound(app.number_input(key="seed").set_value(5).run())
    assert not app.button(key="continue-start").disabled
    assert app.session_state["view"].seed == 5


@pytest.mark.parametrize(
    ("name", "wrong"), [("width", 100_000), ("layers", 0), ("steps", 0), ("patience", -1), ("seed", -1)]
)
def test_what_cannot_be_trained_is_not_trained_as_something_else(name: str, wrong: int) -> None:
    app = opened("train", task="sunspots")
    before = getattr(app.session_state["view"], name)
    app.number_input(key=f"train-{name}").set_value(wrong)
    sound(app.button(key="train-start").click().run())
    assert f"not {wrong:,}: nothing was run" in notices(app)
    assert app.button(key="train-start").disabled
    assert getattr(app.session_state["view"], name) == before
    assert "train-stop" not in [one.key for one in app.button]


def test_a_number_typed_right_before_the_press_is_the_one_that_is_trained() -> None:
    app = opened("train", task="sunspots", cells="gru", steps="20")
    app.number_input(key="train-width").set_value(9)
    sound(app.button(key="train-start").click().run())
    (run,) = [run for run in session.SESSIONS.kept.values() if run.recipe.width == 9]
    assert app.number_input(key="train-width").value == 9
    sound(app.run())
    assert app.number_input(key="train-width").value == 9, "while it trains, too"
    run.job.stop()
    run.job.join()


FIELDS = [
    ("", {"model": "example"}, "T", 2.5),
    ("", {"model": "example"}, "B", 1.5),
    ("", {"model": "example"}, "draw", 0.1),
    ("", {"model": "english", "text": "In the"}, "seed", 2.5),
    ("compare", {"task": "recall"}, "compare-delay", 2.5),
    *(("train", {"task": "sunspots"}, f"train-{name}", 12.5) for name in FIELDS_OF_TRAINING),
]


@pytest.mark.parametrize(("page", "query", "key", "value"), FIELDS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_broken_number_where_a_whole_one_is_wanted_is_refused_as_it_stands(
    page: str, query: dict[str, str], key: str, value: float, lang: str
) -> None:
    app = opened(page, lang=lang, **query)
    before = app.session_state["view"]
    field = app.number_input(key=key)
    sound(field.set_value(value).run())
    assert translate(lang, "error.number.whole", name=field.label, value=f"{value:g}") in notices(app) or (
        lang == "en"
        and f"{field.label} must be a whole number, not {value:g}: nothing was run with it." in notices(app)
    )
    assert app.number_input(key=key).value == value
    assert app.session_state["view"] == before
    sound(app.number_input(key=key).set_value(2 if key == "train-layers" else 16).run())
    assert not app.warning


def test_every_whole_number_is_read_by_the_one_field_that_refuses_broken_ones() -> None:
    """A field whose step is a whole number is one in which Streamlit's browser cuts 2.5 to 2."""
    for path in Path(gru_viz.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "number_input":
                step = next(one.value for one in call.keywords if one.arg == "step")
                assert not (isinstance(step, ast.Constant) and isinstance(step.value, int)), f"{path}:{call.lineno}"
