"""The Explore page without a browser: every control, every kind of bad input, both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from gru_viz.ui.i18n import LANGUAGES, catalogue
from gru_viz.ui.widgets.details import TABS

APP = Path(__file__).parents[2] / "app.py"
KEYS = set(catalogue("en"))


def opened(**query: str) -> AppTest:
    """The page as a link opens it."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return sound(app.run())


def sound(app: AppTest) -> AppTest:
    """No traceback, and no key that nobody translated."""
    assert not app.exception, [e.message for e in app.exception]
    for text in words(app):
        assert text not in KEYS, f"untranslated: {text}"
    return app


def words(app: AppTest) -> list[str]:
    """Everything a visitor can read, as far as AppTest sees it."""
    kinds = ("markdown", "caption", "warning", "error", "info", "html", "button", "tabs")
    found = []
    for kind in kinds:
        found += [str(getattr(element, "label", "") or "") for element in app.get(kind)]
        found += [str(getattr(element, "value", "") or "") for element in app.get(kind)]
    return found


def control(app: AppTest, key: str) -> Any:
    """A widget that AppTest finds by key only."""
    return app.get_by_key(key)


def notices(app: AppTest) -> str:
    return "\n".join(element.value for element in app.warning).replace("\\", "")


def cell(app: AppTest) -> str:
    """The right half: equations, mix, belief."""
    return next(element.value for element in app.html if "gv-cell" in element.value and "<style" not in element.value)


def steps(app: AppTest) -> int:
    return int(app.slider(key="step").max)


def test_opens_with_a_traced_preset() -> None:
    app = opened()
    assert app.text_input(key="text").value
    assert "equation-h" in cell(app)
    assert any("equal to torch within" in element.value for element in app.html)
    assert app.get("plotly_chart")


def test_typing_runs_the_model_and_the_selection_follows() -> None:
    app = opened(text="ros", step="0")
    assert steps(app) == 3
    before = cell(app)
    sound(app.text_input(key="text").input("rosa").run())
    assert steps(app) == 4
    assert app.slider(key="step").value == 4
    assert cell(app) != before


def test_a_link_opens_the_same_view() -> None:
    app = opened(text="nakamura", step="2", unit="5", z="new", lang="zh")
    assert app.text_input(key="text").value == "nakamura"
    assert app.slider(key="step").value == 3
    assert app.selectbox(key="unit").value == 5
    assert control(app, "z").value == "new"
    assert "z → 1 采用新状态" in cell(app)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model", "zebra"),
        ("layer", "7"),
        ("unit", "-3"),
        ("unit", "9999"),
        ("step", "x"),
        ("step", "400"),
        ("z", "up"),
        ("lang", "xx"),
        ("device", "abacus"),
        ("temperature", "hot"),
        ("T", "0"),
        ("B", "many"),
        ("scale", "log"),
    ],
)
def test_a_wrong_parameter_falls_back_and_says_so(name: str, value: str) -> None:
    app = opened(**{name: value})
    assert f"{name}={value}" in notices(app)
    assert "equation-h" in cell(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("model", ["names", "english", "python", "numbers", "example"])
def test_every_model_in_both_languages(model: str, language: str) -> None:
    app = opened(model=model, lang=language)
    assert "equation-z" in cell(app)
    for tab in TABS:
        app.session_state["tab"] = tab
        sound(app.run())


def test_language_switch_keeps_the_view() -> None:
    app = opened(text="ivanov", step="1")
    sound(control(app, "lang").set_value("zh").run())
    assert app.text_input(key="text").value == "ivanov"
    assert app.slider(key="step").value == 2
    assert "保留" in cell(app)


def test_the_browser_chooses_the_language_unless_the_link_does() -> None:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.context = {"locale": "zh-CN"}
    sound(app.run())
    assert control(app, "lang").value == "zh"


def test_step_buttons() -> None:
    app = opened(text="rosa")
    sound(app.button(key="step-back").click().run())
    assert app.slider(key="step").value == 3
    sound(app.button(key="step-forward").click().run())
    assert app.slider(key="step").value == 4
    assert app.button(key="step-forward").disabled


def test_convention_rewrites_z_and_leaves_the_rest() -> None:
    app = opened(text="rosa", unit="3")
    kept = rows(app)
    sound(control(app, "z").set_value("new").run())
    new = rows(app)
    assert kept["r"] == new["r"]
    assert kept["n"] == new["n"]
    assert kept["z"] != new["z"]
    assert "takes the new state" in new["z"]
    assert kept["h"] != new["h"]
    assert value(kept["h"]) == value(new["h"])


def rows(app: AppTest) -> dict[str, str]:
    """The four equations as they stand in the page."""
    parts = cell(app).split('data-testid="equation-')[1:]
    return {
        part[0]: part.split("gv-belief")[0].split('class="gv-mix"')[0].split('<div class="gv-eq')[0] for part in parts
    }


def value(row: str) -> str:
    return row.split('class="gv-value">')[1].split("<")[0]


def test_unit_layer_and_batch_element() -> None:
    app = opened(model="example", T="4")
    first = cell(app)
    sound(control(app, "layer").set_value(1).run())
    second = cell(app)
    assert first != second
    sound(app.selectbox(key="b").select(2).run())
    assert cell(app) != second
    sound(app.selectbox(key="unit").select(4).run())
    assert "unit 4" in cell(app)


def test_the_tutorials_shapes_are_shown() -> None:
    app = opened(model="example")
    shapes = "\n".join(element.value for element in app.caption)
    assert "input (1, 3, 5)" in shapes
    assert "h0 (2, 3, 6)" in shapes
    assert "output (1, 3, 6)" in shapes
    assert "hn (2, 3, 6)" in shapes
    sound(app.number_input(key="T").set_value(7).run())
    assert "output (7, 3, 6)" in "\n".join(element.value for element in app.caption)


def test_changing_the_model_loses_nothing() -> None:
    app = opened(text="ivanov")
    sound(control(app, "model").set_value("english").run())
    assert app.text_input(key="text").value != "ivanov"
    sound(control(app, "model").set_value("names").run())
    assert app.text_input(key="text").value == "ivanov"


def test_example_chips_fill_the_field() -> None:
    app = opened(text="zz")
    sound(control(app, "example").set_value("kowalczyk").run())
    assert app.text_input(key="text").value == "kowalczyk"
    assert control(app, "example").value is None, "the same example can be chosen again"


def test_empty_text_shows_the_hint_and_keeps_the_picture() -> None:
    app = opened(text="rosa")
    before = cell(app)
    sound(app.text_input(key="text").input("").run())
    assert catalogue("en")["hint.names"] in notices(app)
    assert cell(app) == before


def test_a_long_text_is_cut_and_says_so() -> None:
    app = opened(model="english")
    sound(app.text_input(key="text").input("ab" * 1500).run())
    assert len(str(app.text_input(key="text").value)) == 2000
    assert "3,000" in notices(app)
    assert "2,000" in notices(app)
    assert "steps 1,953" in notices(app) or steps(app) == 2000


def test_a_megabyte_is_cut_too() -> None:
    app = opened(model="python")
    sound(app.text_input(key="text").input("x" * 1_000_000).run())
    assert len(str(app.text_input(key="text").value)) == 2000
    assert "1,000,000" in notices(app)


@pytest.mark.parametrize(
    "text",
    [
        "🙂👩‍👩‍👧‍👦",
        "שלום",
        "مرحبا",
        "ǹ̖̃",
        "a\u0301\u0302\u0303\u0304b",
        "a\0b\x07\x1b",
        "\u202eabc",
        "<b>&amp;</b>",
        "$x$ `a` **b**",
    ],
)
@pytest.mark.parametrize("model", ["names", "english"])
def test_strange_characters_have_their_own_column(text: str, model: str) -> None:
    app = opened(model=model)
    sound(app.text_input(key="text").input(text).run())
    assert "equation-h" in cell(app)
    assert "<b>&amp;</b>" not in cell(app)


def test_unknown_characters_are_counted() -> None:
    app = opened(text="ro🙂s☃")
    assert "2 of 5 characters are unknown" in notices(app)
    assert steps(app) == 5
    assert "1 个" in notices(opened(text="ro🙂s", lang="zh"))


NUMBERS = [
    ("a,b\n1,2\n3,x\n5,6\n", "Column b has 'x' in line 3"),
    ("a,b\n1,2\n3,\n5,6\n", "has no number in line 3"),
    ("a,b\n1,2\nnan,4\n", "has no number in line 3"),
    ("a,b\n1,2\n", "only one row"),
    ("a,b\n1,2\n3\n4,5\n", "Line 3"),
    ("1,2\n3,1e999\n", "not a number"),
    ("alpha,beta\nx,y\nz,w\n", "at least one column"),
    ("", "Paste at least two numbers"),
]


@pytest.mark.parametrize(("text", "sentence"), NUMBERS)
def test_bad_numbers_say_one_sentence_and_keep_the_picture(text: str, sentence: str) -> None:
    app = opened(model="numbers")
    before = cell(app)
    sound(app.text_area(key="data").input(text).run())
    assert sentence in notices(app)
    assert cell(app) == before
    sound(app.text_area(key="data").input("3 1 4 1 5 9").run())
    assert steps(app) == 6
    assert not app.warning


UPLOADS = [
    (b"", "empty"),
    (b"\xff\xfe\x00\xd8\x00\x00", "encoding"),
    (bytes(range(256)) * 4, "encoding"),
    ("温度,湿度\n1,2\n3,四\n5,6\n".encode("gb18030"), "湿度"),
    ("a;b\n1,5;2\n2,5;3\n".encode("utf-16"), None),
    ("température;x\n1,5;2\n2,5;3\n".encode("cp1252"), None),
]


@pytest.mark.parametrize(("content", "sentence"), UPLOADS)
def test_uploads(content: bytes, sentence: str | None) -> None:
    app = opened(model="numbers")
    app.file_uploader(key="file").upload("mine.csv", content)
    sound(app.run())
    if sentence is None:
        assert steps(app) == 2
    else:
        assert sentence in notices(app)
    assert "equation-h" in cell(app)


def test_one_column_forecasts_and_several_are_untrained() -> None:
    app = opened(model="numbers", data="1 2 3 4 5 6")
    assert "Forecast for the next step" in cell(app)
    sound(app.text_area(key="data").input("a,b\n1,2\n3,4\n5,7").run())
    assert "untrained" in cell(app)
    sound(app.multiselect(key="columns").set_value(["b"]).run())
    assert "Forecast for the next step" in cell(app)
    sound(control(app, "scale").set_value("minmax").run())


def test_a_link_to_an_upload_says_what_is_missing() -> None:
    assert "weather.csv" in notices(opened(model="numbers", upload="weather.csv"))


def test_too_many_rows_are_cut() -> None:
    app = opened(model="numbers")
    sound(app.text_area(key="data").input("\n".join(str(i % 17) for i in range(2500))).run())
    assert "2,500" in notices(app)
    assert steps(app) == 2000


def test_a_long_text_is_shown_in_windows() -> None:
    app = opened(model="english", text="and it came to pass " * 20, step="0")
    assert "shown: steps 1–48 of 400" in "\n".join(element.value for element in app.caption)
    sound(app.button(key="step-page-forward").click().run())
    assert "shown: steps 49–96 of 400" in "\n".join(element.value for element in app.caption)


def test_the_model_writes_on_and_its_text_can_be_taken_over() -> None:
    app = opened(model="english", temperature="0.5", seed="3")
    prompt = app.text_input(key="text").value
    sound(app.button(key="continue-start").click().run())
    story = app.session_state["story"]
    assert len(story) >= 50
    sound(app.button(key="continue-use").click().run())
    assert app.text_input(key="text").value == prompt + story


def test_writing_can_be_stopped() -> None:
    app = opened(model="english")
    sound(app.button(key="continue-stop").click().run())
    assert not app.session_state["writing"]


def test_device_is_shown_and_can_be_chosen() -> None:
    app = opened(device="cuda")
    assert "equation-h" in cell(app)
    sound(control(app, "device").set_value("cpu").run())
