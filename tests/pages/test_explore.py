"""The Explore page without a browser: every control, every kind of bad input, both languages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

import gru_viz as gv
from gru_viz.analysis.order import Order
from gru_viz.cells import KINDS
from gru_viz.cells.quantities import Cell
from gru_viz.draw.files import csv
from gru_viz.draw.palette import LIGHT
from gru_viz.draw.run_figure import picture
from gru_viz.draw.steps_table import from_one
from gru_viz.locale import LANGUAGES, catalogue, translate
from gru_viz.models import SequenceModel
from gru_viz.models.card import structure
from gru_viz.story.run_tables import layer_table
from gru_viz.story.runs import Place
from gru_viz.story.scene import Selection
from gru_viz.ui.explore.view import TABS
from tests.pages.reading import asked, control, held, notices, sent, sound, taken_apart, typed, words

APP = Path(__file__).parents[2] / "app.py"
LETTERS, AB = {"symbols": ["\N{REPLACEMENT CHARACTER}", "a", "b"], "folds": False}, ("yes", "no")


def opened(**query: str) -> AppTest:
    """The page as a link opens it."""
    return asked(AppTest.from_file(str(APP), default_timeout=60), query)


@dataclass(frozen=True)
class Seen:
    """What the player was sent."""

    about: dict[str, Any]
    arrays: dict[str, NDArray[Any]]

    @property
    def tokens(self) -> str:
        return "".join(self.about["sides"]["A"]["tokens"])

    @property
    def selection(self) -> dict[str, Any]:
        return self.about["selection"]

    @property
    def sentences(self) -> list[str]:
        return self.about["sides"]["A"]["narration"]


def player(app: AppTest) -> Seen:
    """The player's blob, decoded."""
    (blob,) = sent(app, "gru_viz.player")
    return Seen(*taken_apart(blob, "player"))


def committed(app: AppTest, **changes: Any) -> AppTest:
    """The page once the player's visitor has chosen something: AppTest has no browser in which to click."""
    app.session_state["view"] = replace(app.session_state["view"], **changes)
    return sound(app.run())


def test_opens_with_a_traced_preset() -> None:
    app = opened()
    text = held(app)
    assert player(app).tokens == text
    assert len(player(app).sentences) == len(text)
    assert all(player(app).sentences)
    assert any("equal to torch within" in element.value for element in app.html)


def test_the_player_is_sent_what_the_model_computed() -> None:
    seen = player(opened(text="zwettelberg"))
    model = gv.load("names")
    layer = model.trace("zwettelberg").layer(0)
    for name in "zrnh":
        np.testing.assert_allclose(seen.arrays[f"A.value.{name}"], layer.quantity(name)[:, 0].numpy(), atol=1e-6)
    belief = model.predict(model.trace("zwettelberg")).numpy()
    names = seen.about["sides"]["A"]["belief"]["names"]
    for row, name in zip(seen.arrays["A.belief"], names, strict=True):
        np.testing.assert_allclose(row, belief[:, model.labels.index(name)], atol=1e-6)


def test_typing_runs_the_model_and_the_end_is_followed() -> None:
    app = opened(text="ros")
    assert player(app).selection["step"] is None
    typed(app, "rosa")
    assert player(app).tokens == "rosa"
    assert player(app).selection["step"] is None


def test_a_chosen_step_and_unit_stay_when_the_text_changes() -> None:
    app = opened(text="rossellini", step="4", unit="7")
    typed(app, "rossellinis")
    assert (player(app).selection["step"], player(app).selection["unit"]) == (4, 7)
    typed(app, "ros")
    assert player(app).selection["step"] is None, "clamped to the last"
    assert player(app).selection["unit"] == 7
    assert not app.warning


def test_a_link_opens_the_same_view() -> None:
    link = {
        "text": "nakamura",
        "step": "2",
        "unit": "5",
        "z": "new",
        "lang": "zh",
        "order": "activity",
        "pins": "3.8-9",
    }
    app = opened(**link)
    assert held(app) == "nakamura"
    chosen = {"step": 2, "unit": 5, "convention": "new", "order": "activity", "pins": [3, 8, 9], "heard": 0}
    assert player(app).selection == chosen
    assert player(app).about["labels"]["z.new"] == catalogue("zh")["player.z.new"]
    assert "保留旧记忆" in player(app).sentences[1]


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
    assert player(app).tokens


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("model", ["names", "english", "python", "numbers", "example"])
def test_every_model_in_both_languages(model: str, language: str) -> None:
    app = opened(model=model, lang=language)
    assert player(app).sentences
    for tab in TABS:
        committed(app, tab=tab)


def test_language_switch_keeps_the_view() -> None:
    app = opened(text="ivanov", step="1")
    sound(control(app, "lang").set_value("zh").run())
    assert held(app) == "ivanov"
    assert player(app).selection["step"] == 1
    assert "保留" in player(app).sentences[1]


def test_the_browser_chooses_the_language_unless_the_link_does() -> None:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.context = {"locale": "zh-CN"}
    sound(app.run())
    assert control(app, "lang").value == "zh"


def test_the_convention_changes_no_number() -> None:
    app = opened(text="rosa", unit="3")
    kept = player(app)
    committed(app, z="new")
    new = player(app)
    assert new.selection["convention"] == "new"
    assert new.about["key"] == kept.about["key"], "PyTorch's z is what is sent, either way"


def test_unit_layer_and_batch_element() -> None:
    app = opened(model="example", T="4")
    rnn = gv.load("example").rnn
    first = player(app)
    committed(app, layer=1)
    second = player(app)
    assert (first.about["layer"], second.about["layer"]) == (0, 1)
    assert first.about["key"] != second.about["key"]
    sound(app.selectbox(key="b").select(2).run())
    assert player(app).about["key"] != second.about["key"]
    committed(app, unit=4)
    assert player(app).selection["unit"] == 4
    assert player(app).about["units"] == rnn.hidden_size


def table(app: AppTest, tab: str) -> pd.DataFrame:
    committed(app, tab=tab)
    return app.dataframe[0].value


def test_what_stands_below_follows_the_selection() -> None:
    app = opened(text="rossellini", step="3", unit="7")
    layer = gv.load("names").trace("rossellini").layer(0)
    np.testing.assert_allclose(table(app, "data")["h"], layer.h[:, 0, 7].numpy(), atol=1e-6)
    committed(app, unit=8)
    np.testing.assert_allclose(table(app, "data")["h"], layer.h[:, 0, 8].numpy(), atol=1e-6)
    assert 8 in set(table(app, "units").iloc[:, 0])
    assert list(table(app, "predictions").index) == list(range(1, 11))


def test_what_if_runs_the_model_twice_and_says_where_they_part() -> None:
    app = opened(text="rossellini", hold="z:1:*:2-4:0")
    seen = player(app)
    rnn = gv.load("names")
    clamped = rnn.trace("rossellini", interventions=[gv.clamp("z", 1.0, steps=slice(2, 5))]).layer(0)
    np.testing.assert_allclose(seen.arrays["B.value.h"], clamped.h[:, 0].numpy(), atol=1e-6)
    np.testing.assert_allclose(seen.arrays["A.value.h"], rnn.trace("rossellini").layer(0).h[:, 0].numpy(), atol=1e-6)
    assert {parting["quantity"]: parting["step"] for parting in seen.about["partings"]}["h"] == 2


def test_what_if_by_form_then_undone() -> None:
    app = opened(text="rossellini", tab="what_if")
    assert "B" not in player(app).about["sides"]
    control(app, f"hold-units-{player(app).selection['unit']}").set_value("3, 5-6")
    app.number_input(key="hold-value").set_value(0.25)
    sound(app.button(key="hold").click().run())
    held = player(app)
    assert np.allclose(held.arrays["B.value.z"][:, [3, 5, 6]], 0.25)
    assert not np.allclose(held.arrays["B.value.z"][:, 4], 0.25)
    outcome = next(element.value for element in app.html if "outcome" in element.value)
    assert "z first parts at step 1" in outcome
    sound(app.button(key="undo-0").click().run())
    assert "B" not in player(app).about["sides"]


def test_a_held_z_means_pytorchs_whatever_is_shown() -> None:
    app = opened(text="rossellini", z="new", tab="what_if")
    sound(app.number_input(key="hold-value").set_value(1.0).run())
    sound(app.button(key="hold").click().run())
    unit = player(app).selection["unit"]
    assert np.all(player(app).arrays["B.value.z"][:, unit] == 0), "z → 1 takes the new state is PyTorch's 0"
    assert "z = 1.00" in app.button(key="undo-0").label.replace("\\", "")


def test_what_if_another_character() -> None:
    app = opened(text="rosa", step="1", tab="what_if")
    sound(app.text_input(key="edit-character").input("u").run())
    assert "".join(player(app).about["sides"]["B"]["tokens"]) == "rusa"
    sound(app.text_input(key="edit-character").input("xy").run())
    assert "one character" in "\n".join(element.value for element in app.warning)
    assert "".join(player(app).about["sides"]["B"]["tokens"]) == "rusa", "what there was stays"
    sound(app.button(key="undo-edit").click().run())
    assert "B" not in player(app).about["sides"]


@pytest.mark.parametrize("unit", range(6))
def test_a_units_activity_begins_with_its_first_state(unit: int) -> None:
    """The tutorial's example starts from a random h0: unit 3 went from 2.567 to 2.179, not from 0."""
    app = opened(model="example", tab="units", unit=str(unit))
    found = table(app, "units")
    row = found[found.iloc[:, 0] == unit].iloc[0]
    arrays = player(app).arrays
    before, after = arrays["A.prev.h"][0, unit], arrays["A.value.h"][0, unit]
    assert row["mean change of h"] == pytest.approx(abs(after - before), abs=1e-6)
    assert abs(before) > 0


@pytest.mark.parametrize(("lang", "name"), [("en", "another character, outside the"), ("zh", "其他字符（不在这")])
def test_the_symbol_for_all_unknown_characters_is_named(lang: str, name: str) -> None:
    """Tang expects it after many a rare character; nobody has to guess what \N{REPLACEMENT CHARACTER} is."""
    app = opened(model="tang", lang=lang, text="\U00020bb7\U0002a6a5\u4e85\u4e36", tab="predictions")
    seen = player(app)
    names = seen.about["sides"]["A"]["belief"]["names"]
    assert names[0].startswith(name)
    assert 0 in seen.arrays["A.symbols"], "it is among the likeliest here"
    assert seen.about["sides"]["A"]["belief"]["unknown"] == names[0]
    found = table(app, "predictions")
    assert found.isin([names[0]]).any().any()
    everything = [*names, *seen.sentences, *(str(cell) for cell in found.iloc[:, 1:].to_numpy().ravel())]
    assert not any("\N{REPLACEMENT CHARACTER}" in words for words in everything)
    figure = picture(app.session_state["shown"], at=_selection(app), colours=LIGHT, say=partial(translate, lang))
    assert "\N{REPLACEMENT CHARACTER}" not in figure.to_json()


def _selection(app: AppTest) -> Selection:
    run = app.session_state["shown"]
    return Selection(len(run.trace) - 1, True, Place(), 0, "keep", Order.INDEX, ())


@pytest.mark.parametrize("convention", ["keep", "new"])
def test_tables_and_files_have_the_pages_z(convention: str) -> None:
    app = opened(z=convention, tab="data", unit="3")
    z = player(app).arrays["A.value.z"][:, 3]
    wanted = 1 - z if convention == "new" else z
    assert table(app, "data")["z"].to_numpy() == pytest.approx(wanted, abs=1e-6)
    run, at = app.session_state["shown"], replace(_selection(app), convention=convention)
    frame = pd.read_csv(BytesIO(csv(from_one(layer_table(run, at)))))
    assert frame[frame.unit == 3].z.to_numpy() == pytest.approx(wanted, abs=1e-6)
    app = opened(z=convention, tab="units", unit="3")
    found = table(app, "units")
    assert found[found.iloc[:, 0] == 3]["mean z"].iloc[0] == pytest.approx(wanted.mean(), abs=1e-6)


def test_a_second_layers_input_is_the_first_ones_h() -> None:
    seen = player(opened(model="example", layer="1", T="4"))
    assert seen.about["below"] == {"layer": 1, "width": 6, "directions": 1}
    below = player(opened(model="example", T="4"))
    assert below.about["below"] is None
    assert below.arrays["A.belief"].shape == (5, 4)
    assert np.array_equal(seen.arrays["A.belief"], below.arrays["A.value.h"].T)


@pytest.mark.parametrize("units", ["x", "3-", "9-2", "1.5.a"])
def test_units_that_are_none_say_so(units: str) -> None:
    app = opened(text="rosa", tab="what_if")
    control(app, f"hold-units-{player(app).selection['unit']}").set_value(units)
    sound(app.button(key="hold").click().run())
    assert "is no unit" in "\n".join(element.value for element in app.warning)
    assert "B" not in player(app).about["sides"]


@pytest.mark.parametrize("hold", ["z", "q:1:*:*:0", "z:nan:*:*:0", "z:1:*:4-2:0", "z:1:*:*:x", "z:1:9-3:*:0"])
def test_a_hold_nobody_can_read_is_left_out_and_said(hold: str) -> None:
    app = opened(text="rosa", hold=hold)
    assert "hold=" in notices(app)
    assert "B" not in player(app).about["sides"]


def test_a_hold_that_does_not_fit_says_so_and_the_page_lives() -> None:
    app = opened(text="rosa", hold="z:1:900:*:0")
    assert any("numbered 0 to 95" in element.value.replace("\\", "") for element in app.warning)
    assert player(app).tokens == "rosa"
    assert "B" not in player(opened(text="ro", hold="z:1:*:5-9:0")).about["sides"], "beyond the end: nothing to hold"


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
    assert held(app) != "ivanov"
    sound(control(app, "model").set_value("names").run())
    assert held(app) == "ivanov"


def test_example_chips_fill_the_field() -> None:
    app = opened(text="zz")
    sound(control(app, "example").set_value("kowalczyk").run())
    assert held(app) == "kowalczyk"
    assert control(app, "example").value is None, "the same example can be chosen again"


def test_empty_text_shows_the_hint_and_keeps_the_picture() -> None:
    app = opened(text="rosa")
    before = player(app).about
    typed(app, "")
    assert catalogue("en")["hint.names"] in notices(app)
    assert player(app).about == before
    assert "still what was read before: Surnames, “rosa”" in notices(app)


def test_a_long_text_is_cut_and_says_so() -> None:
    app = opened(model="english")
    typed(app, "ab" * 1500)
    assert len(held(app)) == 2000
    assert "3,000" in notices(app)
    assert "2,000" in notices(app)
    assert "steps 1,953" in notices(app) or len(player(app).about["sides"]["A"]["tokens"]) == 2000


def test_a_megabyte_is_cut_too() -> None:
    app = opened(model="python")
    typed(app, "x" * 1_000_000)
    assert len(held(app)) == 2000
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
    typed(app, text)
    reading = gv.load(model).tokenize(text)
    assert player(app).about["sides"]["A"]["steps"] == len(reading)
    assert player(app).about["sides"]["A"]["unknown"] == list(reading.unknown)
    assert all(player(app).about["sides"]["A"]["tokens"])


def test_unknown_characters_are_counted() -> None:
    app = opened(text="ro🙂s☃")
    assert "2 of 5 characters are unknown" in notices(app)
    assert len(player(app).sentences) == 5
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
    before = player(app).about
    sound(app.text_area(key="data").input(text).run())
    assert sentence in notices(app)
    assert player(app).about == before
    sound(app.text_area(key="data").input("3 1 4 1 5 9").run())
    assert len(player(app).sentences) == 6
    assert not app.warning


UPLOADS = [
    (b"", "empty"),
    (b"x" * (70 * 2**20), "The file has 70.0 MB; at most 5 MB"),
    (b"PK\x03\x04xl/workbook.xml", "spreadsheet (Excel, .xlsx)"),
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
        assert len(player(app).sentences) == 2
    else:
        assert sentence in notices(app)
    assert player(app).tokens


def values(app: AppTest) -> list[float]:
    """The series that was given, as the player shows it."""
    assert player(app).about["sides"]["A"]["belief"]["kind"] == "forecast"
    given = player(app).arrays["A.belief"][0].astype(float)
    return np.round(given[~np.isnan(given)], 3).tolist()


def how(app: AppTest) -> str:
    """The line that says how a table was read."""
    return next(e.value for e in app.caption if e.value.startswith(("Read as", "读作"))).replace("\\", "")


GERMAN = "Datum;Größe\n01.02.2020;1.001,5\n02.02.2020;1.102,5\n03.02.2020;995,25\n".encode("cp1252")


def test_how_a_file_was_read_is_said_and_can_be_changed() -> None:
    app = opened(model="numbers")
    app.file_uploader(key="file").upload("mine.csv", GERMAN)
    sound(app.run())
    assert values(app) == [1001.5, 1102.5, 995.25]
    for said in (
        "Windows-1252",
        "semicolons",
        "1.001,5 is 1001.5",
        "first row is names",
        "Datum holds dates",
        "day before",
    ):
        assert said in how(app)
    assert list(app.multiselect(key="columns").options) == ["Datum", "Größe"]
    sound(app.selectbox(key="numbers-how-encoding").set_value("cp1250").run())
    assert "Windows-1250" in how(app)
    sound(app.selectbox(key="numbers-how-decimal").set_value("point").run())
    assert "Windows-1250" in how(app)  # what was chosen before stays chosen
    assert "Column Größe has" in notices(app) or "No column" in notices(app)
    assert values(app) == [1001.5, 1102.5, 995.25]
    sound(app.selectbox(key="numbers-how-decimal").set_value("").run())
    assert not app.warning
    assert app.session_state["view"].read == "encoding:cp1250"


def test_another_file_is_read_as_it_is_itself() -> None:
    app = opened(model="numbers")
    app.file_uploader(key="file").upload("mine.csv", GERMAN)
    sound(app.run())
    sound(app.selectbox(key="numbers-how-header").set_value("no").run())
    app.file_uploader(key="file").upload("other.csv", b"a,b\n1,2\n3,4\n")
    sound(app.run())
    assert "first row is names" in how(app)
    assert "columns between commas" in how(app)
    assert app.session_state["view"].read is None


def test_after_a_file_that_cannot_be_read_the_page_says_what_it_still_shows() -> None:
    app = opened(model="numbers")
    app.file_uploader(key="file").upload("mine.csv", b"a,b\n1,2\n3,4\n")
    sound(app.run())
    app.file_uploader(key="file").upload("empty.csv", b"")
    sound(app.run())
    assert "“1 3”" in notices(app) or "“-1 1”" in notices(app)


def test_columns_of_another_file_are_its_own() -> None:
    app = opened(model="numbers")
    for content, names in (
        (b",value\n0,1.5\n1,2.5\n2,3.5\n", ["value"]),
        (b"sep=;\nDatum;Wert\n1.1.2020;4\n2.1.2020;5\n", ["Wert"]),
    ):
        app.file_uploader(key="file").upload("mine.csv", content)
        sound(app.run())
        assert app.multiselect(key="columns").value == names
    assert values(app) == [4, 5]
    sound(app.multiselect(key="columns").set_value([]).run())
    app.file_uploader(key="file").upload("other.csv", b"x,y\n7,8\n9,10\n")
    sound(app.run())
    assert app.multiselect(key="columns").value == ["x", "y"]


@pytest.mark.parametrize(
    ("text", "given", "said"),
    [
        ("5,5 11,2", [5.5, 11.2], "decimal comma: 5,5 is 5.5"),
        ("１，５　２，５", [1.5, 2.5], "decimal comma"),
        ("1,234\n5,678", [1234, 5678], "1,234 is taken as 1234, with a decimal point; it could be meant with"),
        ("1,5\n2,5\n3", [1.5, 2.5, 3], "one column"),
    ],
)
def test_how_pasted_numbers_were_read_is_said(text: str, given: list[float], said: str) -> None:
    app = opened(model="numbers", data=text)
    assert values(app) == given
    assert said in how(app)
    assert app.get_by_key("numbers-how-delimiter") is not None


def test_a_link_holds_how_it_is_read() -> None:
    app = opened(model="numbers", data="1,234\n5,678", read="decimal:comma")
    assert values(app) == [1.234, 5.678]
    assert "read=delimiter:star" in notices(opened(model="numbers", read="delimiter:star"))


def test_what_cannot_be_read_as_it_was_found_can_still_be_changed() -> None:
    app = opened(model="numbers", data="1;2\n3;4;5\n6;7", lang="zh")
    assert "第 2 行有 3 列" in notices(app)
    sound(app.selectbox(key="numbers-how-delimiter").set_value("none").run())
    assert "1;2" in notices(app)


def test_one_column_forecasts_and_several_are_untrained() -> None:
    app = opened(model="numbers", data="1 2 3 4 5 6")
    assert player(app).about["sides"]["A"]["belief"]["kind"] == "forecast"
    sound(app.text_area(key="data").input("a,b\n1,2\n3,4\n5,7").run())
    assert player(app).about["sides"]["A"]["belief"]["kind"] == "inputs"
    sound(app.multiselect(key="columns").set_value(["b"]).run())
    assert player(app).about["sides"]["A"]["belief"]["kind"] == "forecast"
    sound(control(app, "scale").set_value("minmax").run())


def test_a_link_to_an_upload_says_what_is_missing() -> None:
    assert "weather.csv" in notices(opened(model="numbers", upload="weather.csv"))


def test_too_many_rows_are_cut() -> None:
    app = opened(model="numbers")
    sound(app.text_area(key="data").input("\n".join(str(i % 17) for i in range(2500))).run())
    assert "2,500" in notices(app)
    assert len(player(app).about["sides"]["A"]["tokens"]) == 2000


def test_the_model_writes_on_and_its_text_can_be_taken_over() -> None:
    app = opened(model="english", temperature="0.5", seed="3")
    prompt = held(app)
    sound(app.button(key="continue-start").click().run())
    story = app.session_state["story"]
    assert len(story) >= 50
    sound(app.button(key="continue-use").click().run())
    assert held(app) == prompt + story


def test_writing_can_be_stopped() -> None:
    app = opened(model="english")
    sound(app.button(key="continue-stop").click().run())
    assert not app.session_state["writing"]


def test_device_is_shown_and_can_be_chosen() -> None:
    app = opened(device="cuda")
    assert player(app).tokens
    sound(control(app, "device").set_value("cpu").run())


@pytest.mark.parametrize("cell", ["GRU", "LSTM", "RNN"])
def test_a_model_of_ones_own_is_explored_like_any_other(cell: str) -> None:
    card = structure("trained-mine", "classify", cell=cell, input_size=4, hidden_size=6, vocabulary=LETTERS, labels=AB)
    torch.manual_seed(0)
    model = SequenceModel({**card, "hint": ["abba"]})
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.session_state["trained"] = {model.name: model}
    app.query_params["model"] = model.name
    sound(app.run())
    assert not app.warning
    assert player(app).tokens == "abba"
    assert player(app).about["quantities"] == list(KINDS[Cell(cell)].shown)
    typed(app, "babab")
    for tab in TABS:
        committed(app, tab=tab)
    h = model.trace("babab").layer(0).h[:, 0].detach().numpy()
    np.testing.assert_allclose(player(app).arrays["A.value.h"], h, atol=1e-6)


def test_a_model_of_numbers_of_ones_own_reads_its_columns() -> None:
    card = structure("trained-adding-gru", "forecast", input_size=2, hidden_size=5)
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.session_state["trained"] = {card["name"]: SequenceModel({**card, "hint": ["0.7 0; 0.2 1; 0.6 1"]})}
    app.query_params["model"] = card["name"]
    sound(app.run())
    assert player(app).tokens == "123"
    assert player(app).about["labels"]["now.forecast"] == catalogue("en")["belief.answer"]
    np.testing.assert_allclose(player(app).arrays["A.belief"][[0, 3]], [[0.7, 0.2, 0.6], [0, 1, 1]], rtol=1e-6)
    sound(app.text_area(key="data").input("1 2 3 4").run())
    assert "column" in notices(app)
    assert player(app).tokens == "123", "what there was stays"


def test_a_link_to_a_model_that_is_not_here_says_so() -> None:
    app = opened(model="trained-yours")
    assert "model=trained-yours" in notices(app)
    assert player(app).tokens == "rossellini"


@pytest.mark.parametrize("hold", ["h:1e39:5:2-2:0", "z:-1e300:*:*:0"])
def test_a_hold_too_large_for_the_model_is_said_and_can_be_undone(hold: str) -> None:
    app = opened(text="rossellini", hold=hold, tab="what_if")
    assert "too large for float32" in notices(app)
    assert "B" not in player(app).about["sides"]
    app = sound(app.button(key="undo-0").click().run())
    assert not app.warning


def test_what_is_nearly_certain_is_not_said_to_be_certain() -> None:
    app = opened(text="kowalczyk", hold="z:0:*:*:0", tab="what_if")
    outcome = next(text for text in words(app) if "gv-outcome" in text)
    assert "still Polish: &gt;0.99 → 0.99" in outcome
