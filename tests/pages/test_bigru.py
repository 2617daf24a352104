"""The Bi-GRU page without a browser: readers, truth, what was taken back, every drawer, bad input, both languages."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

import gru_viz as gv
from gru_viz import models
from gru_viz.analysis import card_figures
from gru_viz.analysis.comparisons import chosen
from gru_viz.analysis.evidence import Figure, Gain, of_share
from gru_viz.analysis.stopwatch import Busy, Failed
from gru_viz.analysis.two_ways import two_ways
from gru_viz.cells.spec import DIRECTIONS
from gru_viz.draw import readers_figures
from gru_viz.draw.files import csv, parquet
from gru_viz.draw.palette import DARK, LIGHT
from gru_viz.draw.player.lanes import NOBODY
from gru_viz.draw.steps_table import STEP, numbered
from gru_viz.locale import LANGUAGES, catalogue, speaker, translate
from gru_viz.story import readers
from gru_viz.story.cell_scene import scene
from gru_viz.story.classes import classes
from gru_viz.story.concluded import sentences
from gru_viz.story.lanes import MARKS
from gru_viz.story.links import query_of, read
from gru_viz.story.readers_evidence import by_class, gained, helps, verdict
from gru_viz.story.readers_measured import live_steps
from gru_viz.story.readers_table import frame
from gru_viz.story.revisions import Answers
from gru_viz.story.runs import Place
from gru_viz.story.scene import Selection
from gru_viz.tasks.syntax_truth import truth
from gru_viz.ui.bigru.source import PRESETS
from gru_viz.ui.bigru.view import EXAMPLES, TABS, TOKENS, BiGruView
from tests.pages.conftest import Clockless
from tests.pages.reading import asked, field, links, notices, sent, sound, taken_apart

SCRIPT = """
import streamlit as st
from gru_viz.ui.bigru.page import bigru
from gru_viz.ui.kit.masthead import language
language()
st.navigation([st.Page(bigru, title="Bi-GRU", default=True)], position="hidden").run()
"""


def opened(**query: str) -> AppTest:
    """The page as a link opens it."""
    return asked(AppTest.from_string(SCRIPT, default_timeout=60), query)


def concluded(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown).replace("\\", "")


def changed(app: AppTest, **changes: Any) -> AppTest:
    """The page once the visitor typed or chose something in a component: AppTest has no browser to do so in."""
    app.session_state["view"] = replace(app.session_state["view"], **changes)
    return sound(app.run())


@dataclass(frozen=True)
class Seen:
    """What the lanes were sent."""

    about: dict[str, Any]
    arrays: dict[str, NDArray[Any]]

    def lane(self, name: str) -> dict[str, Any]:
        return next(lane for lane in self.about["lanes"] if lane["name"] == name)

    def classes(self, name: str) -> list[str]:
        """What a lane takes each character for, by the class's English name."""
        names = self.lane(name)["rows"][0]["names"]
        return [names[k] for k in self.arrays[f"{name}.0.which"] if k != NOBODY]

    def marks(self, name: str) -> list[str]:
        return [MARKS[k] for k in self.arrays[f"{name}.0.mark"]]


def lanes(app: AppTest) -> Seen:
    """The lanes' blob, decoded."""
    (blob,) = sent(app, "gru_viz.lanes")
    return Seen(*taken_apart(blob, "lanes"))


def revised(app: AppTest) -> str:
    return "\n".join(element.value for element in app.html if "revised" in element.value)


def test_opens_where_the_reader_from_the_left_must_guess() -> None:
    app = opened()
    seen = lanes(app)
    assert [lane["name"] for lane in seen.about["lanes"]] == [
        "truth", "gru", "gru-backward", "bigru", "forward", "backward",
    ]  # fmt: skip
    assert [lane["reads"] for lane in seen.about["lanes"]] == [
        "all", "forward", "backward", "both", "forward", "backward",
    ]  # fmt: skip
    step = seen.about["step"]
    assert seen.classes("gru")[step] != seen.classes("bigru")[step]
    assert seen.about["meeting"]
    assert not app.warning
    assert "wrong" in seen.marks("gru")


def test_every_lane_is_what_its_model_computed() -> None:
    text = "if iffy: pass"
    seen = lanes(opened(text=text))
    for name, model in (("gru", "syntax"), ("gru-backward", "syntax-backward"), ("bigru", "syntax-bigru")):
        loaded = gv.load(model)
        belief = loaded.predict(loaded.trace(text)).numpy()
        assert seen.classes(name) == [loaded.labels[k] for k in belief.argmax(1)]
        np.testing.assert_allclose(seen.arrays[f"{name}.0.share"], belief.max(1), atol=1e-5)
    assert seen.classes("truth") == truth(text)


def test_mistakes_are_marked_where_the_truth_differs() -> None:
    seen = lanes(opened(text="define = 3"))
    for name in ("gru", "gru-backward", "bigru"):
        wrong = [a != b for a, b in zip(seen.classes(name), seen.classes("truth"), strict=True)]
        assert [mark == "wrong" for mark in seen.marks(name)] == wrong


def test_the_bars_are_the_readers_and_the_heads_own_halves() -> None:
    text = "define = 3"
    seen = lanes(opened(text=text))
    model = gv.load("syntax-bigru")
    ways = two_ways(model, model.trace(text))
    named = [row["name"] for row in seen.about["bars"]["rows"]]
    for name, belief in (("left_half", ways.left), ("right_half", ways.right), ("both", ways.both)):
        place = named.index(catalogue("en")[f"bigru.bar.{name}"])
        np.testing.assert_allclose(seen.arrays[f"bars.{place}"], belief, atol=1e-5)
        assert [seen.about["bars"]["names"][k] for k in seen.arrays[f"bars.{place}.truth"]] == truth(text)


def test_the_sentence_rests_on_the_numbers() -> None:
    text = "define = 3"
    seen = lanes(opened(text=text, step="1"))
    left, both = gv.load("syntax"), gv.load("syntax-bigru")
    p_left, p_both = (model.predict(model.trace(text))[1] for model in (left, both))
    told = seen.about["sentences"][1]
    assert f"({p_left.max():.2f})" in told
    assert p_both.max() > 0.995
    assert "for a name (>0.99)" in told
    parts = two_ways(both, both.trace(text)).parts(1)
    assert f"{parts.total:.1f} above" in told
    assert f"{parts.right:+.1f} from the right" in told.replace("\N{MINUS SIGN}", "-")
    assert len(seen.about["sentences"]) == len(text)


def test_the_forward_reader_keeps_its_first_colours_and_the_two_way_reader_takes_back() -> None:
    app = opened(text="def")
    before = lanes(app)
    assert not revised(app)
    after = lanes(changed(app, text="define"))
    assert after.classes("gru")[:3] == before.classes("gru")
    differ = [a != b for a, b in zip(before.classes("bigru"), after.classes("bigru"), strict=False)]
    assert any(differ)
    told = revised(app)
    assert f"took back {sum(differ)} answer" in told
    assert "took back none" in told
    for was, mark in zip(differ, after.marks("bigru"), strict=False):
        assert not was or mark in ("revised", "wrong")


def test_what_was_taken_back_stays_marked_until_something_else_is() -> None:
    keyword, name = 0, 1
    one = Answers.first("def", np.array([keyword] * 3))
    two = one.to("defi", np.array([name, name, keyword, keyword]))
    assert (two.was.tolist(), two.since) == ([keyword, keyword, -1, -1], "def")
    three = two.to("defin", np.array([name, name, keyword, keyword, keyword]))
    assert (three.was.tolist(), three.since) == ([keyword, keyword, -1, -1, -1], "def")
    four = three.to("in", np.array([keyword, keyword]))
    assert (four.was.tolist(), four.since) == ([-1, -1], "")
    assert two.to("defi", two.now) is two


def test_another_example_takes_nothing_back() -> None:
    app = opened(text="def")
    sound(app.get_by_key("bigru-example").set_value("importer = imports + 12").run())
    assert app.session_state["view"].text == "importer = imports + 12"
    assert "revised" not in lanes(app).marks("bigru")
    assert app.get_by_key("bigru-example").value is None, "the same example can be chosen again"


def test_typing_is_never_overwritten_but_an_example_is_put_in() -> None:
    app = opened(text="def")
    assert field(app)["text"] == "def"
    stamp = field(app)["stamp"]
    changed(app, text="define")
    assert field(app)["stamp"] == stamp, "what was typed is the field's own"
    sound(app.get_by_key("bigru-example").set_value("with_ = x12").run())
    assert field(app)["stamp"] != stamp
    assert field(app)["text"] == "with_ = x12"


@pytest.mark.parametrize(
    ("text", "why"), [("x = 's", "string"), ("x = ?", "sign"), ("if x:\n    y\n  z", "indentation")]
)
def test_text_that_does_not_tokenize_is_read_and_the_truth_says_why_it_is_empty(text: str, why: str) -> None:
    seen = lanes(opened(text=text))
    assert seen.lane("truth")["rows"][0]["text"] == catalogue("en")[f"bigru.no_truth.{why}"]
    assert len(seen.classes("gru")) == len(text)
    assert "wrong" not in seen.marks("gru")
    assert not any(row["judged"] for row in seen.about["bars"]["rows"])


def test_surnames_have_two_readers_and_no_truth() -> None:
    seen = lanes(opened(model="names", text="nakamura", step="7"))
    assert [lane["name"] for lane in seen.about["lanes"]] == ["truth", "gru", "bigru", "forward", "backward"]
    loaded = gv.load("names-bigru")
    belief = loaded.predict(loaded.trace("nakamura")).numpy()
    assert seen.classes("bigru")[-1] == loaded.labels[belief[-1].argmax()]
    shares = np.stack([seen.arrays[f"bars.{k}"] for k in range(4)])
    np.testing.assert_allclose(shares.sum(-1), 1, atol=1e-5)


def test_changing_the_example_loses_nothing() -> None:
    app = opened(text="while True: pass")
    sound(app.get_by_key("bigru-model").set_value("names").run())
    assert "".join(lanes(app).about["tokens"]) == PRESETS["names"][0]
    sound(app.get_by_key("bigru-model").set_value("syntax").run())
    assert app.session_state["view"].text == "while True: pass"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("tab", TABS)
def test_every_drawer_in_both_languages(tab: str, example: str, language: str) -> None:
    app = opened(tab=tab, model=example, lang=language)
    if tab in ("help", "position"):
        model = gv.load({"syntax": "syntax-bigru", "names": "names-bigru"}[example])
        wanted = model.card["metrics"]["accuracy"] if tab == "help" else None
        assert concluded(app)
        if wanted is not None:
            assert f"{100 * wanted:.2f}" in concluded(app)
    if tab != "data":
        assert len(app.get("plotly_chart")) == 1


@pytest.mark.parametrize("tokens", TOKENS)
def test_accuracy_by_position_of_every_kind_of_token(tokens: str) -> None:
    app = opened(tab="position", of=tokens)
    chosen = app.session_state["view"].tokens
    metrics = gv.load("syntax-bigru").card["metrics"]
    curve = {
        "token": metrics["accuracy_by_position_in_token"],
        "typed": metrics.get("accuracy_by_characters_typed", {}),
        **metrics["accuracy_by_position_in_word"],
    }[chosen]
    assert f"{1000 * (1 - next(iter(curve.values()))):.1f}" in concluded(app)


def test_the_price_is_counted_and_clocked() -> None:
    app = opened(tab="price")
    table = app.dataframe[0].value
    model = gv.load("syntax-bigru").rnn
    row = table[table.iloc[:, 0] == catalogue("en")["bigru.lane.both"]].iloc[0]
    assert row.iloc[3] == gv.cost(model, 1).multiply_accumulates
    wide = table.iloc[-2:, 3].tolist()
    assert wide[1] == 2 * wide[0]
    assert table.iloc[:, 4].tolist() == [10, 11, 12, 13, 14]
    assert "(2.00 times)" in concluded(app)
    assert "10.0 against 12.0 µs" in concluded(app)


@pytest.mark.parametrize("says", [None, Busy(), Failed("no room left")], ids=["measuring", "busy", "failed"])
def test_without_a_figure_the_price_is_counted_and_the_clock_says_why(says: Any, clockless: Clockless) -> None:
    clockless.says = says
    app = opened(tab="price")
    assert app.dataframe[0].value.iloc[:, 4].isna().all()
    assert "by the clock" not in concluded(app)
    assert "(2.00 times)." in concluded(app)
    told = [catalogue("en")[f"timing.{key}"].split("{")[0] for key in ("measuring", "busy", "failed")]
    assert sum(any(one.value.startswith(begin) for begin in told) for one in app.caption) == 1
    assert app.button(key="bigru-again").disabled == (says is None)
    clockless.says = 10.0
    sound(app.run() if says is None else app.button(key="bigru-again").click().run())
    assert "10.0 against 12.0 µs" in concluded(app)


def test_what_it_costs_to_keep_up_with_typing() -> None:
    assert live_steps(1) == {"forward": 1, "both": 2}
    assert live_steps(4) == {"forward": 4, "both": 4 + (4 + 3 + 2 + 1)}


def names_right(share: float, n: int) -> Figure:
    return of_share(share, n, "name")


def test_a_verdict_needs_a_sample_large_enough() -> None:
    assert verdict({"forward": names_right(0.753, 2949), "both": names_right(0.734, 2949)}).better == ""
    assert verdict({"forward": names_right(0.753, 100_000), "both": names_right(0.734, 100_000)}).better == "forward"
    three = {
        "forward": names_right(0.99, 10**5),
        "backward": names_right(0.95, 10**5),
        "both": names_right(0.999, 10**5),
    }
    assert (verdict(three).better, verdict(three).single) == ("both", "forward")
    assert verdict({"forward": names_right(0.1, 0), "both": names_right(0.9, 0)}).better == "", "no sample, no verdict"


def steady(value: float, noise: float = 0.001) -> Gain:
    return Gain(value, value + np.random.default_rng(0).normal(0, noise, 4000))


def test_most_is_said_only_of_a_class_that_gains_more_than_every_other() -> None:
    clear = helps({"keyword": steady(0.03), "name": steady(0.01), "blank": steady(0.0), "string": steady(-0.01)})
    assert (clear.most, clear.gains, clear.loses) == ("keyword", ("keyword", "name"), ("string",))
    dice = np.random.default_rng(1).normal(0, 0.02, 4000)
    near = helps({"keyword": Gain(0.031, 0.031 + dice / 9), "name": Gain(0.03, 0.03 - dice / 9)})
    assert (near.most, near.gains) == (None, ("keyword", "name"))
    assert helps({"blank": steady(0.0)}).gains == ()


@pytest.mark.parametrize(("tokens", "most"), [("token", "6+"), ("keyword", "6+"), ("typed", "160")])
def test_accuracy_by_position_says_what_was_measured_and_how_surely(tokens: str, most: str) -> None:
    """Other characters stand later in a token than first: the page gives no reason for the difference."""
    said = concluded(opened(tab="position", of=tokens))
    reading = readers.read("syntax", "define", "cpu")
    found = gained(reading, "forward", f"{tokens}/{most}")
    assert found is not None
    low, high = found.interval
    low_bound = f"{1000 * low:.1f}" if abs(low) >= 5e-5 else f"{1000 * low:.1g}"
    assert f"{1000 * found.value:.1f} (95 %: {low_bound} to {1000 * high:.1f}) over " in said.replace("−", "-")
    assert (low_bound.startswith("-")) == (found.sign == 0), "a bound below nought is not printed as nought"
    assert "files resampled in pairs" in said
    assert ("Other characters stand at 6+ than at 1" in said) == (tokens != "typed")
    for claim in ("the longer", "less there is to guess", "the more"):
        assert claim not in said
    names = concluded(opened(model="names", text="nakamura", tab="position"))
    assert "14.45 % (13.23–15.77)" in names
    assert "All are of 2,949 held-out names, with 95 % intervals." in names


def test_the_page_says_how_sure_two_directions_are() -> None:
    """Syntax: mistakes left with an interval over files; surnames: not told apart."""
    said = concluded(opened(tab="help"))
    reading = readers.read("syntax", "define", "cpu")
    one, two = (gv.load(name).card["metrics"]["accuracy"] for name in ("syntax", "syntax-bigru"))
    assert f"of the mistakes of GRU →, {100 * (1 - two) / (1 - one):.0f} % are left (95 %:" in said
    assert "the same 66 files, resampled in pairs" in said
    assert "One training run each" in said
    found = gained(reading, "forward", "class/keyword")
    assert found is not None
    assert found.sign == 1
    names = concluded(opened(model="names", text="nakamura", tab="help"))
    assert "the held-out data do not tell Bi-GRU ⇄ from GRU →" in names
    assert "the largest" not in names
    assert "pay" not in names, "what stands nowhere on the tab is not claimed"
    assert "these were not compared one by one" in names
    low, high = found.interval
    of_keyword = f"the difference {1000 * found.value:.1f} (95 %: {1000 * low:.1f} to {1000 * high:.1f})"
    assert f"keyword 31.1 and 2.7, {of_keyword}" in said
    assert "Of these differences that for keyword is the largest." in said
    gains = helps(by_class(reading, "forward"))
    assert gains.unsure
    assert "No difference that the held-out files tell: " + ", ".join(gains.unsure) + "." in said


def test_both_pages_say_alike_on_what_settings_were_chosen() -> None:
    """The same cards, the same sentence: surnames' width was chosen on the names they are measured on."""
    names = concluded(opened(model="names", text="nakamura", tab="help"))
    cards = {name: gv.load(name).card for name in ("names", "names-bigru")}
    figures = card_figures.held_out(cards, "accuracy", rises=True).values()
    (sentence,) = (sentences([one], partial(translate, "en")) for one in chosen(figures))
    assert sentence.startswith("Chosen on the same held-out data")
    assert sentence in names
    assert "It was not recorded which data were used to choose" in concluded(opened(tab="help"))


def test_a_half_alone_is_called_what_was_done() -> None:
    app = opened(text="define")
    assert "set to zero, which its head was never trained for" in json.dumps(lanes(app).about, ensure_ascii=False)


def test_the_cells_are_explores_own() -> None:
    app = opened(text="define", cells="on", step="2", unit="5")
    assert len(sent(app, "gru_viz.player")) == 2
    layer = gv.load("syntax-bigru").trace("define")
    for blob, direction, unit in zip(sent(app, "gru_viz.player"), ("forward", "backward"), (5, None), strict=True):
        size = int.from_bytes(blob[:8], "little")
        about = json.loads(json.loads(blob[8 : 8 + size])["__metadata__"]["player"])
        assert (about["direction"], about["selection"]["step"]) == (direction, 2)
        assert unit is None or about["selection"]["unit"] == unit
        np.testing.assert_allclose(load(blob)["A.value.z"], layer.layer(0, direction).z[:, 0].numpy(), atol=1e-6)
    sound(app.toggle(key="bigru-cells").set_value(False).run())
    assert not sent(app, "gru_viz.player")


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda colours: colours.kind)
def test_a_class_has_one_colour_in_lanes_and_cells(colours: Any) -> None:
    for text in (PRESETS["syntax"][0], "whiled", "x = 12  # a"):
        reading = readers.read("syntax", text, "cpu")
        drawn = classes(reading, speaker("en"))
        in_lanes = {name: colours.slot(slot) for name, slot in zip(drawn.names, drawn.slots, strict=True)}
        assert list(in_lanes.values()) == list(colours.kinds)
        for direction in DIRECTIONS:
            at = Selection(follows=True, place=Place(0, direction))
            row = scene(reading.half(direction), at, "en", kinds=True).side.belief
            assert row is not None
            assert len(row.slots) == 6
            for name, slot in zip(row.names, row.slots, strict=False):
                assert colours.slot(slot) == in_lanes[name]


def test_the_data_are_what_is_shown_and_come_back_from_every_format() -> None:
    reading = readers.read("syntax", 'x = "a,b"\n', "cpu")
    table = frame(reading)
    assert "".join(table["token"]) == 'x = "a,b"\n'
    assert list(table["truth"]) == truth('x = "a,b"\n')
    assert list(table["both"]) == [reading.labels[k] for k in reading.ways.answers]
    read_back = pd.read_csv(io.BytesIO(csv(numbered(table)))), pd.read_parquet(io.BytesIO(parquet(numbered(table))))
    for found in read_back:
        assert list(found["token"]) == list(reading.tokens)
        assert list(found[STEP]) == list(range(1, len(reading.tokens) + 1)), "as the page counts"
        np.testing.assert_allclose(found["p_both"], table["p_both"], rtol=1e-6)
    whole = table["logit"].to_numpy()
    bias = np.array([reading.ways.bias[k] for k in reading.ways.answers])
    np.testing.assert_allclose(table["from_left"] + table["from_right"] + bias, whole, atol=1e-5)


def test_figures_leave_as_one_page_without_the_internet() -> None:
    app = opened(tab="data")
    assert links(app) == {catalogue("en")[f"bigru.data.{what}"] for what in ("csv", "parquet", "html")}
    page = readers_figures.page(
        readers.read("syntax", "define", "cpu"), LIGHT, partial(translate, "en"), "token"
    ).decode()
    assert page.count('class="plotly-graph-div"') == 3
    assert 'src="http' not in page


def test_a_link_opens_the_same_view() -> None:
    app = opened(text="define\n= 3", step="2", lang="zh", tab="position", of="name", model="syntax")
    seen = lanes(app)
    assert (len(seen.about["tokens"]), seen.about["step"]) == (10, 2)
    assert "名称" in seen.about["bars"]["names"]
    assert "它是名称。对：GRU ←，Bi-GRU ⇄；错：GRU →。" in seen.about["sentences"][0]


@pytest.mark.parametrize(
    "view",
    [
        BiGruView(),
        BiGruView(example="names", text="o'sullivan", step=3, unit=0, unit_back=4, z="new", tab="price"),
        BiGruView(text="", cells="on", order="index", tokens="keyword", picture="svg", lang="zh"),
    ],
)
def test_a_view_survives_its_link(view: BiGruView) -> None:
    assert read(BiGruView, query_of(view)) == (view, ())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model", "zebra"),
        ("step", "x"),
        ("step", "400"),
        ("unit", "-3"),
        ("unit-back", "9999"),
        ("cells", "maybe"),
        ("tab", "attic"),
        ("of", "verbs"),
        ("picture", "gif"),
        ("z", "up"),
        ("order", "height"),
        ("lang", "xx"),
        ("device", "abacus"),
    ],
)
def test_a_wrong_parameter_falls_back_and_says_so(name: str, value: str) -> None:
    app = opened(text="define = 3", **{name: value})
    assert f"{name}={value}" in notices(app)
    assert lanes(app).about["tokens"]


def test_an_emptied_field_shows_the_hint_and_keeps_the_picture() -> None:
    app = opened(text="define")
    before = lanes(app).about
    changed(app, text="")
    assert catalogue("en")["bigru.hint.syntax"] in notices(app)
    assert lanes(app).about["tokens"] == before["tokens"]


def test_a_megabyte_is_cut_and_says_so() -> None:
    app = opened()
    changed(app, text="x" * 1_000_000)
    assert len(lanes(app).about["tokens"]) == 2000
    assert "1,000,000" in notices(app)
    assert len(field(app)["text"]) == 2000, "the field shows what is read"


@pytest.mark.parametrize(
    "text", ["🙂👩‍👩‍👧‍👦", "שלום", "a\u0301\u0302b", "a\0b\x07", "\u202eabc", "<b>&amp;</b>", "$x$ `a` **b**"]
)
@pytest.mark.parametrize("example", EXAMPLES)
def test_strange_characters_have_their_own_column(text: str, example: str) -> None:
    app = opened(model=example, text=text)
    model = gv.load({"syntax": "syntax-bigru", "names": "names-bigru"}[example])
    seen = lanes(app)
    assert len(seen.about["tokens"]) == len(model.tokenize(text))
    assert seen.about["unknown"] == list(model.tokenize(text).unknown)
    assert all(seen.about["tokens"])


def test_a_model_that_is_not_there_is_not_offered_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    there = [name for name in models.available() if name not in ("syntax-backward", "names-bigru")]
    monkeypatch.setattr(models, "available", lambda: there)
    app = opened()
    assert "syntax-backward, names-bigru" in notices(app)
    assert "gru-backward" not in [lane["name"] for lane in lanes(app).about["lanes"]]
    assert app.get_by_key("bigru-model").options == [catalogue("en")["bigru.example.syntax"]]
    monkeypatch.setattr(models, "available", list)
    assert [element.value for element in opened().error] == [catalogue("en")["bigru.no_models"]]


@pytest.mark.parametrize(
    ("language", "leans", "believes"), [("en", " leans to ", " believes "), ("zh", "倾向于", "相信是")]
)
def test_a_surname_is_believed_only_from_a_half_and_leaned_to_below(language: str, leans: str, believes: str) -> None:
    app = opened(model="names", text="nakamura", lang=language)
    reading = readers.read("names", "nakamura", "cpu")
    for step, said in enumerate(lanes(app).about["sentences"]):
        both = [reading.belief(way)[step].max() for way in ("forward", "both")]
        same = reading.answers("forward")[step] == reading.answers("both")[step]
        expected = both[:1] if same and step + 1 < len(reading.tokens) else both
        assert (leans in said) == any(p < 0.5 for p in expected) or same
        assert not (max(both) < 0.5 and believes in said)
        assert "(1.00" not in said.replace("（", "(")
        if both[0] < 0.5:
            assert str(len(reading.labels)) in said
