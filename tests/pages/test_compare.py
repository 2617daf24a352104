"""The Compare page without a browser: every task that is there, every control, every kind of bad input, both languages.

Which tasks there are depends on the models that are; a task of which one of the three is missing must not be offered,
and what would need it says so.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import gru_viz as gv
from gru_viz import models
from gru_viz.analysis import games as memory
from gru_viz.analysis.clock import Timing
from gru_viz.analysis.ledger import shapes
from gru_viz.analysis.stopwatch import Busy, Failed, Measured
from gru_viz.cells import KINDS
from gru_viz.cells.kind import ROLES
from gru_viz.cells.quantities import Cell
from gru_viz.draw.compared_figures import all_charts
from gru_viz.draw.compared_tables import table
from gru_viz.draw.files import csv, parquet
from gru_viz.draw.palette import LIGHT
from gru_viz.draw.player.lanes import NOBODY
from gru_viz.draw.steps_table import STEP
from gru_viz.locale import LANGUAGES, catalogue, translate
from gru_viz.locale.digits import duration
from gru_viz.story.compared import fresh_three, given, trained_three
from gru_viz.story.lanes import MARKS
from gru_viz.story.links import query_of, read
from gru_viz.story.trio import CELLS, GAMES, TASKS, games, load_three, names_of, offered, run_three
from gru_viz.story.trio_lanes import trio_lanes
from gru_viz.ui.compare.view import TABLES, TABS, CompareView
from tests.pages.conftest import Clockless
from tests.pages.reading import asked, control, held, notices, sent, sound, taken_apart, typed

APP = Path(__file__).parents[2] / "app.py"
LANES = ("rnn", "lstm", "gru")


def opened(**query: str) -> AppTest:
    """The page as a link opens it."""
    app = AppTest.from_file(str(APP), default_timeout=90)
    app._page_hash = calc_hash("compare")
    return asked(app, query)


def concluded(app: AppTest, key: str) -> str:
    return next(element.value for element in app.html if f"conclusion-{key}" in element.value)


def chart(app: AppTest, key: str) -> dict[str, Any]:
    """What a chart was sent."""
    found = [e.proto for e in app.get("plotly_chart") if e.proto.id.endswith(f"figure-{key}")]
    assert found, [e.proto.id for e in app.get("plotly_chart")]
    return json.loads(found[0].spec)


@dataclass(frozen=True)
class Seen:
    """What the lanes were sent."""

    about: dict[str, Any]
    arrays: dict[str, NDArray[Any]]

    @property
    def tokens(self) -> str:
        return "".join(self.about["tokens"])

    def rows(self, lane: str) -> list[dict[str, Any]]:
        return next(one["rows"] for one in self.about["lanes"] if one["name"] == lane)


def lanes(app: AppTest) -> Seen:
    (blob,) = sent(app, "gru_viz.lanes")
    return Seen(*taken_apart(blob, "lanes"))


def test_only_whole_families_are_offered() -> None:
    there = set(models.available())
    assert {"names", "sunspots"} <= set(offered())
    for task in TASKS:
        assert (task in offered()) == all(name in there for name in names_of(task).values())
    app = opened()
    assert control(app, "compare-task").options == [translate("en", f"compare.task.{task}") for task in offered()]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("task", TASKS)
def test_every_task_in_both_languages(task: str, language: str) -> None:
    app = opened(task=task, lang=language)
    shown = task if task in offered() else offered()[0]
    seen = lanes(app)
    assert [lane["name"] for lane in seen.about["lanes"]] == list(LANES)
    assert len(seen.about["sentences"]) == seen.about["steps"]
    assert all(seen.about["sentences"])
    assert control(app, "compare-task").value == shown
    for tab in TABS:
        sound(control(app, "compare-tab").set_value(tab).run())


def test_the_lanes_are_sent_what_the_models_computed() -> None:
    app = opened(text="zwettelberg")
    seen = lanes(app)
    shares = {}
    for cell, name in names_of("names").items():
        model = gv.load(name)
        trace = model.trace("zwettelberg")
        belief = model.predict(trace).numpy()
        lane = cell.value.lower()
        about = seen.rows(lane)[1]
        which, share = seen.arrays[f"{lane}.1.which"], seen.arrays[f"{lane}.1.share"]
        assert [about["names"][k] for k in which] == [model.labels[k] for k in belief.argmax(axis=1)]
        np.testing.assert_allclose(share, belief.max(axis=1), atol=1e-6)
        strip = (seen.arrays[f"{lane}.0.strip"].astype(float) - 127) * seen.arrays[f"{lane}.0.step"]
        np.testing.assert_allclose(np.sort(strip), np.sort(trace.layer(0).h[:, 0].numpy()), atol=0.005)
        shares[cell] = belief
    bars = seen.about["bars"]["names"]
    for place, cell in enumerate(CELLS):
        for column, label in enumerate(bars[:-1]):
            index = gv.load("names").labels.index(label)
            np.testing.assert_allclose(seen.arrays[f"bars.{place}"][:, column], shares[cell][:, index], atol=1e-6)
        np.testing.assert_allclose(seen.arrays[f"bars.{place}"].sum(axis=1), 1, atol=1e-5)


def test_who_stands_alone_is_marked_and_told() -> None:
    seen = lanes(opened(text="rossellini"))
    said = [seen.arrays[f"{lane}.1.which"] for lane in LANES]
    marks = [[MARKS[k] for k in seen.arrays[f"{lane}.1.mark"]] for lane in LANES]
    told = set()
    for step, sentence in enumerate(seen.about["sentences"]):
        here = [int(which[step]) for which in said]
        for lane in range(3):
            assert (marks[lane][step] == "differs") == (here.count(here[lane]) == 1)
        told.add(len(set(here)))
        assert sentence.startswith("All three say") == (len(set(here)) == 1)
        assert sentence.startswith("Each says something else") == (len(set(here)) == 3)
    assert {1, 2} <= told, "the example shows agreement and dissent"


@pytest.mark.parametrize("role", ROLES)
def test_every_role_shows_what_plays_it(role: str) -> None:
    seen = lanes(opened(role=role, text="rosa"))
    for cell in CELLS:
        quantities = KINDS[cell].roles[role]
        rows = seen.rows(cell.value.lower())[:-1]
        assert [row["quantity"] for row in rows if row["kind"] == "strip"] == [q.value for q in quantities]
        assert [row["kind"] for row in rows] == (["strip"] * len(quantities) or ["note"])


def test_written_is_one_minus_z() -> None:
    kept, written = lanes(opened(role="kept", text="rosa")), lanes(opened(role="written", text="rosa"))
    assert written.rows("gru")[0]["symbol"] == "1 − z"
    z, w = (seen.arrays["gru.0.strip"].astype(float) / 254 for seen in (kept, written))
    np.testing.assert_allclose(z + w, 1, atol=0.005)


def test_typing_runs_all_three_and_the_end_is_followed() -> None:
    app = opened(text="ros")
    assert lanes(app).about["step"] is None
    typed(app, "rosa")
    assert lanes(app).tokens == "rosa"
    assert lanes(app).arrays["rnn.0.strip"].shape == (4, gv.load("names-rnn").rnn.hidden_size)


def test_a_link_opens_the_same_view() -> None:
    link = {"text": "nakamura", "step": "2", "role": "kept", "equal": "width", "tab": "parts", "lang": "zh"}
    app = opened(**link)
    assert lanes(app).about["step"] == 2
    assert lanes(app).rows("lstm")[0]["quantity"] == "f"
    assert control(app, "compare-equal").value == "width"
    assert query_of(app.session_state["view"]) == link
    assert read(CompareView, link) == (app.session_state["view"], ())


def test_a_shorter_text_moves_the_step() -> None:
    app = opened(text="rossellini", step="7")
    assert lanes(app).about["step"] == 7
    typed(app, "ros")
    assert lanes(app).about["step"] is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("task", "zebra"), ("role", "x"), ("step", "-1"), ("equal", "weight"), ("tab", "?"), ("delay", "501"), ("n", "7")],
)
def test_a_wrong_parameter_falls_back_and_says_so(name: str, value: str) -> None:
    app = opened(**{name: value})
    assert f"{name}={value}" in notices(app)
    assert lanes(app).tokens == "rossellini"


def test_changing_the_task_loses_nothing() -> None:
    app = opened(text="ivanov")
    sound(control(app, "compare-task").set_value("sunspots").run())
    assert lanes(app).about["bars"] is None
    assert "Foretold" in lanes(app).about["sentences"][0]
    sound(control(app, "compare-task").set_value("names").run())
    assert lanes(app).tokens == "ivanov"


def test_the_pages_keep_their_own_texts_and_share_the_language() -> None:
    app = opened(text="ivanov", lang="zh")
    app.query_params.clear()  # as Streamlit does when a page's name is clicked
    app._page_hash = calc_hash("")
    sound(app.run())
    assert held(app) != "ivanov"
    assert control(app, "lang").value == "zh"
    app._page_hash = calc_hash("compare")
    sound(app.run())
    assert lanes(app).tokens == "ivanov"


def test_empty_text_shows_the_hint_and_keeps_the_picture() -> None:
    app = opened(text="rosa")
    before = lanes(app).about
    typed(app, "  ")
    assert catalogue("en")["compare.hint.names"] in notices(app)
    assert lanes(app).about == before


def test_a_long_text_is_cut_and_says_so() -> None:
    app = opened()
    typed(app, "ab" * 1500)
    assert "3,000" in notices(app)
    assert lanes(app).about["steps"] == 2000


@pytest.mark.parametrize("text", ["🙂👩‍👩‍👧‍👦", "שלום", "a\0b\x07", "<b>&amp;</b>", "$x$ `a` **b**"])
def test_strange_characters_have_their_own_column_and_are_counted(text: str) -> None:
    app = opened()
    typed(app, text)
    reading = gv.load("names").tokenize(text)
    assert lanes(app).about["steps"] == len(reading)
    assert lanes(app).about["unknown"] == list(reading.unknown)
    assert ("unknown" in notices(app)) == bool(reading.unknown)


@pytest.mark.parametrize("text", ["5 11 x 3", "5", "1e999 3", "5;6 7;x", "alpha beta"])
def test_bad_numbers_say_one_sentence_and_keep_the_picture(text: str) -> None:
    app = opened(task="sunspots")
    before = lanes(app).about
    typed(app, text)
    assert len(app.warning) == 1
    assert lanes(app).about == before
    typed(app, "3 1 4 1 5 9")
    assert lanes(app).about["tokens"] == list("314159")
    assert not app.warning


def test_numbers_are_foretold_and_compared_with_what_came() -> None:
    app = opened(task="sunspots", text="5 11 16 23 36 58")
    sentences = lanes(app).about["sentences"]
    assert sentences[0].endswith("what came was 11.")
    assert "what came" not in sentences[-1]
    model = gv.load("sunspots-lstm")
    coming = model.predict(model.trace([5.0, 11, 16, 23, 36, 58]))[:, 0].tolist()
    drawn = {trace["name"]: trace for trace in chart(app, "forecast")["data"]}
    np.testing.assert_allclose(decoded(drawn["LSTM"]["y"])[1:], coming[:-1], rtol=1e-5)


def decoded(values: Any) -> NDArray[np.float64]:
    """A list as Plotly sends it."""
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def test_the_ledger_is_counted_and_true() -> None:
    app = opened()
    drawn = chart(app, "ledger")
    rows = {trace["name"]: trace for trace in drawn["data"]}
    said = rows[translate("en", "compare.entry.work")]["customdata"]
    for cell, text in zip(CELLS, said, strict=True):
        assert text == f"{cell}: {gv.cost(gv.load(names_of('names')[cell]).rnn, 1).multiply_accumulates:,}"
    for trace in rows.values():
        assert max(trace["x"]) == pytest.approx(0.8)
        assert min(trace["x"]) > 0
    accuracy = rows[translate("en", "compare.entry.accuracy")]["customdata"]
    assert accuracy[2] == f"GRU: {100 * gv.load('names').card['metrics']['accuracy']:.1f} %"


def test_equal_width_changes_the_ledger_and_has_no_accuracy() -> None:
    app = opened()
    before = chart(app, "ledger")
    sound(control(app, "compare-equal").set_value("width").run())
    after = chart(app, "ledger")
    assert len(after["data"]) == len(before["data"]) - 1
    assert "nothing was learnt" in concluded(app, "ledger")
    rows = {trace["name"]: trace["customdata"] for trace in after["data"]}
    work, units = (
        [float(text.split(": ")[1].replace(",", "")) for text in rows[translate("en", f"compare.entry.{row}")]]
        for row in ("work", "units")
    )
    assert work == [work[0], 4 * work[0], 3 * work[0]]
    assert units == [96, 96, 96]
    shown = [next(one["caption"] for one in lanes(app).about["lanes"] if one["name"] == lane) for lane in LANES]
    for cell, caption in zip(CELLS, shown, strict=True):
        width = gv.load(names_of("names")[cell]).rnn.hidden_size
        assert caption == f"{width} units", "the lanes are the trained models'"
        assert f"{cell.value} {width}" in concluded(app, "ledger"), "and the ledger says so"


def test_typing_measures_nothing_again_and_the_button_does(clockless: Clockless) -> None:
    app = opened(text="ros")
    assert len(clockless.asked) == 1
    typed(app, "rosa")
    assert len(clockless.asked) == 1
    sound(app.button(key="measure-again").click().run())
    assert (len(clockless.asked), clockless.forgotten) == (2, 1)


def times_row(app: AppTest) -> list[str] | None:
    rows = {trace["name"]: trace["customdata"] for trace in chart(app, "ledger")["data"]}
    return rows.get(translate("en", "compare.entry.time"))


def test_the_page_is_there_while_the_clock_runs_and_is_filled_in(clockless: Clockless) -> None:
    clockless.says = None
    app = opened()
    assert times_row(app) is None
    assert app.button(key="measure-again").disabled
    assert catalogue("en")["timing.measuring"] in [one.value for one in app.caption]
    assert "µs" not in concluded(app, "ledger")
    clockless.says = 10.0
    sound(app.run())
    assert times_row(app) == ["RNN: 10", "LSTM: 11", "GRU: 12"]
    assert "13 µs" in concluded(app, "ledger"), "the LSTM without oneDNN"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("says", [Busy(), Failed("no room left")], ids=["busy", "failed"])
def test_a_figure_that_cannot_be_had_says_so(says: Busy | Failed, language: str, clockless: Clockless) -> None:
    clockless.says = says
    app = opened(lang=language)
    assert times_row(app) is None
    key = "timing.busy" if isinstance(says, Busy) else "timing.failed"
    assert translate(language, key, reason="no room left") in [one.value for one in app.caption]
    clockless.says = 10.0
    typed(app, "rosa")
    assert translate(language, "timing.soon") not in [one.value for one in app.caption]
    sound(app.button(key="measure-again").click().run())
    assert "11 µs" in concluded(app, "ledger") or "10" in concluded(app, "ledger")


def test_the_two_times_on_the_page_are_told_apart() -> None:
    app = opened(text="rosa")
    told = next(one.value for one in app.caption if "at the head of the page" in one.value)
    run = app.session_state["compared"].runs
    seconds = sum(one.seconds for one in run.values())
    assert duration(seconds) in told
    assert duration(seconds / 4 / 3) in told, "in the ledger's unit: one step of one model"
    assert "processor time" in told


@pytest.mark.parametrize("asked", [1000, 501, -1])
def test_steps_that_cannot_be_waited_are_refused_and_nothing_else_is_run(asked: int) -> None:
    app = opened(game="recall", delay="50", draw="7")
    before = concluded(app, "measured")
    assert "sequences of 50 steps" in before
    sound(app.number_input(key="compare-delay").set_value(asked).run())
    assert app.number_input(key="compare-delay").value == asked, "what was typed stays to be mended"
    assert notices(app) == (
        f"Steps to wait must be from {memory.FORMS['recall'].least} to 500, not {asked:,}: nothing was run with it."
    )
    assert not [one for one in app.html if "conclusion-measured" in one.value]
    assert app.button(key="run-now").disabled
    assert app.session_state["view"].delay == 50, "the link stays one that opens"
    sound(app.number_input(key="compare-delay").set_value(60).run())
    assert "sequences of 60 steps" in concluded(app, "measured")


def test_the_press_that_comes_with_a_wrong_number_runs_nothing() -> None:
    app = opened(game="recall")
    app.number_input(key="compare-delay").set_value(1000)
    sound(app.button(key="run-now").click().run())
    assert "500, not 1,000" in notices(app)
    assert not [one for one in app.html if "conclusion-measured" in one.value]


@pytest.mark.parametrize("name", ["steps", "predictions"])
def test_tables_count_steps_as_the_page_does(name: str) -> None:
    app = opened(text="rosa", tab="data", table=name)
    shown = app.dataframe[0].value
    assert shown[STEP].min() == 1
    assert "step" not in shown.columns
    run = app.session_state["compared"].runs[Cell.GRU]
    made = table(name, app.session_state["compared"], "cpu", "parameters")
    assert sorted(set(made[STEP])) == [1, 2, 3, 4]
    own = made[made["cell"] == "GRU"]
    if name == "steps":
        frame = run.trace.to_frame()
        assert (own[STEP].to_numpy() == frame["step"].to_numpy() + 1).all()
        np.testing.assert_array_equal(own["h"], frame["h"])
    assert list(own[own[STEP] == 1]["token"].unique()) == ["r"]


def test_fresh_models_are_equally_wide_and_the_same_for_everybody() -> None:
    fresh = fresh_three("names", "cpu")
    assert {model.rnn.hidden_size for model in fresh.values()} == {gv.load("names").rnn.hidden_size}
    assert [type(model.rnn).__name__ for model in fresh.values()] == [cell.value for cell in CELLS]


@pytest.mark.parametrize("game", GAMES)
def test_how_long_it_can_hold(game: str) -> None:
    app = opened(game=game)
    if not games():
        assert "make models" in app.info[0].value
        return
    if game not in games():
        assert control(app, "compare-game").value in games()
        return
    form = memory.FORMS[game]
    for budget in memory.BUDGETS:
        drawn = chart(app, f"{game}-{budget}")
        lines = {trace["name"]: trace for trace in drawn["data"] if "markers" in trace["mode"]}
        for cell, name in names_of(game).items():
            study = gv.load(name).card["metrics"][budget]["accuracy_by_delay"]
            np.testing.assert_allclose(decoded(lines[cell.value]["y"]), [row["mean"] for row in study.values()])
        assert drawn["layout"]["shapes"][0]["y0"] == form.chance
        assert "Right at least 90 %" in concluded(app, budget)


@pytest.mark.parametrize("game", GAMES)
def test_run_it_now_at_delay_100(game: str) -> None:
    app = opened(game=game, task=game)
    if game not in games():
        assert game not in offered()
        return
    sound(app.number_input(key="compare-delay").set_value(100).run())
    sound(app.button(key="run-now").click().run())
    seed = app.session_state["view"].draw
    said = concluded(app, "measured")
    assert "500 fresh sequences of 100 steps" in said
    sequences = memory.FORMS[game].sequences(100, 500, seed)
    for cell, name in names_of(game).items():
        share = memory.accuracy(gv.load(name), sequences)
        mark = next(t for t in chart(app, f"{game}-same_steps")["data"] if t["name"].startswith(f"{cell.value}, "))
        assert (mark["x"], mark["y"]) == ([100], [pytest.approx(share)])
    left = {trace["name"]: decoded(trace["y"]) for trace in chart(app, "states")["data"]}
    assert set(left) == {cell.value for cell in CELLS}
    assert all(share[0] == 1 for share in left.values())
    assert query_of(app.session_state["view"])["draw"] == str(seed), "a link opens the same sequences"


def test_the_learning_curves_are_the_cards() -> None:
    app = opened(task="sunspots", tab="curves")
    drawn = {trace["name"]: trace for trace in chart(app, "curves")["data"]}
    for cell, name in names_of("sunspots").items():
        curve = gv.load(name).card["curve"]
        assert drawn[cell.value]["x"] == curve["step"]
        assert drawn[cell.value]["y"] == curve["held_out"]
    assert "Held-out data do not tell these models apart" in concluded(app, "curves"), (
        "59 years of one series rank nobody"
    )
    said = concluded(opened(task="english", tab="curves"), "curves")
    assert "That of this LSTM ends at 1.56 bits" in said
    assert "in this one run the others first come to as few" in said


def test_claims_use_every_seed_there_is() -> None:
    """Adding: three seeds overlap, so neither LSTM nor GRU is right most often; the bars are the seeds' means."""
    app = opened(task="adding")
    said = concluded(app, "ledger")
    assert "LSTM and GRU cannot be told apart on held-out data with 3 training runs each" in said
    assert "most often" not in said
    rows = {trace["name"]: trace for trace in chart(app, "ledger")["data"]}
    assert rows[translate("en", "compare.entry.accuracy")]["customdata"][1] == "LSTM: 95.7 %"


@pytest.mark.parametrize("language", LANGUAGES)
def test_english_says_what_its_figures_rest_on(language: str) -> None:
    said = concluded(opened(task="english", lang=language), "ledger")
    wanted = {
        "en": ("This GRU needs the fewest bits", "the same 52 chapters", "One training run each", "the learning rate."),
        "zh": ("这个 GRU 每字符所需比特最少", "同样的 52 章", "各只有一次训练", "学习率。"),
    }
    assert all(part in said for part in wanted[language])


def test_what_no_longer_differs_is_said_only_where_it_is_so() -> None:
    """Recall, run now: the RNN's states differ and it scores least, which the sentence about them must not deny."""
    app = opened(task="recall", game="recall", draw="3", delay="50", count="500")
    said = concluded(app, "states")
    assert "This RNN: the states still differ, and yet the others are right more often" in said
    everything = " ".join([said, *(element.value for element in app.caption)])
    assert "no longer differs" not in everything


@pytest.mark.parametrize("task", TASKS)
def test_every_table_is_there_and_can_be_taken_away(task: str) -> None:
    if task not in offered():
        return
    loaded = load_three(task, "cpu")
    trio = run_three(task, loaded, given(loaded[Cell.GRU].model, loaded[Cell.GRU].model.card["hint"][0]))
    opened(task=task, tab="data")
    for name in set(TABLES) - {"ledger"}:
        made = table(name, trio, "cpu", "parameters")
        assert next(iter(made.columns)) == "cell"
        back = pd.read_parquet(io.BytesIO(parquet(made)))
        pd.testing.assert_frame_equal(back, made, check_dtype=False)
        again = pd.read_csv(io.BytesIO(csv(made)), keep_default_na=False)
        assert list(again.columns) == list(made.columns)
        assert len(again) == len(made)
    steps = table("steps", trio, "cpu", "parameters")
    assert set(steps["cell"]) == {cell.value for cell in CELLS}
    widths = sum(run.model.rnn.hidden_size for run in trio.runs.values())
    assert len(steps) == len(trio) * widths


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_charts_as_one_file(language: str) -> None:
    times = Measured({name: Timing(1e-5) for name in shapes(trained_three("names", "cpu"), "cpu")})
    say = lambda key, **params: translate(language, key, **params)  # noqa: E731
    page = all_charts("names", "cpu", "parameters", times, LIGHT, say).decode()
    assert page.count("<h2>") == 2 + 2 * len(games()) + 1
    assert "<script src" not in page, "it asks nothing of the internet"
    assert f"<h2>{translate(language, 'compare.tab.curves')}</h2>" in page


@pytest.mark.parametrize("task", ["recall", "copy", "adding"])
def test_input_that_asks_nothing_says_so(task: str) -> None:
    if task not in offered():
        assert translate("en", f"compare.odd_input.{task}")
        return
    odd = {"recall": "abc", "copy": "cadb....", "adding": "0.7 0; 0.2 0; 0.9 0"}[task]
    app = opened(task=task, text=odd)
    assert catalogue("en")[f"compare.odd_input.{task}"] in notices(app)
    assert not opened(task=task).warning


def test_copy_answers_only_where_it_is_asked() -> None:
    if "copy" not in offered():
        assert "copy" not in games()
        return
    seen = lanes(opened(task="copy", text="cadb.....????"))
    for lane in LANES:
        which = seen.arrays[f"{lane}.1.which"]
        assert (which[:9] == NOBODY).all()
        assert (which[9:] != NOBODY).all()


def test_a_scene_is_small_enough() -> None:
    """What is sent at 200 letters stays within a megabyte."""
    from gru_viz.draw.player.lanes import blob

    for task in offered():
        loaded = load_three(task, "cpu")
        hint = loaded[Cell.GRU].model.card["hint"][0]
        text = (hint * 200)[:200] if loaded[Cell.GRU].model.vocabulary else " ".join(["1 0;"] * 199 + ["1 0"])
        text = " ".join("1" * 200) if task == "sunspots" else text
        trio = run_three(task, loaded, given(loaded[Cell.GRU].model, text))
        for role in ROLES:
            assert len(blob(trio_lanes(trio, role, None, "en"), LIGHT)) <= 1_000_000, (task, role)


@pytest.mark.parametrize("game", GAMES)
def test_the_shortest_delay_of_a_game_is_run_and_its_link_opens(game: str) -> None:
    if game not in games():
        pytest.skip(f"{game} is not in the zoo")
    least = memory.FORMS[game].least
    app = opened(game=game, delay=str(least), draw="3")
    assert not app.warning
    assert f"sequences of {least} steps" in concluded(app, "measured")
    if least:
        assert f"from {least} to" in notices(opened(game=game, delay=str(least - 1), draw="3"))


def test_how_typed_numbers_were_read_is_said() -> None:
    app = opened(task="sunspots", text="5,5 11,2 16")
    assert any("5,5 is 5.5" in caption.value.replace("\\", "") for caption in app.caption)
    assert not any(caption.value.startswith("Read as") for caption in opened(task="sunspots").caption)
    assert not opened(task="adding", text="0,5 0; 0,2 1; 0,1 1").warning


@pytest.mark.parametrize("name", ["predictions", "steps"])
def test_one_symbol_has_one_code_in_every_column_of_a_table_and_its_file(name: str) -> None:
    app = opened(task="python", text="if x in y:", tab="data", table=name)
    made = table(name, app.session_state["compared"], "cpu", "parameters")
    assert "␣" in set(made["token"])
    for column in {"token", "prediction"} & set(made.columns):
        assert not any(written.isspace() for written in made[column])


@pytest.mark.parametrize("table", ["predictions", "ledger", "curves"])
def test_tables_are_read_with_few_digits(table: str) -> None:
    app = opened(task="sunspots" if table != "predictions" else "names", tab="data", table=table)
    made = app.dataframe[0]
    shown = pa.ipc.open_stream(made.proto.arrow_data.styler.display_values).read_pandas()
    broken = [column for column in made.value.columns if pd.api.types.is_float_dtype(made.value[column])]
    assert broken
    for place, column in enumerate(made.value.columns):
        if column in broken:
            assert all(len(re.sub(r"\\D", "", said).lstrip("0")) <= 6 for said in shown.iloc[:, place])


@pytest.mark.parametrize(("language", "says"), [("en", "says next"), ("zh", "预测下一个")])
@pytest.mark.parametrize("task", ["english", "python"])
def test_what_is_foretold_is_not_called_what_stands_there(task: str, language: str, says: str) -> None:
    captions = {row.get("caption") for row in lanes(opened(task=task, text="in", lang=language)).rows("gru")}
    assert says in captions
    captions = {row.get("caption") for row in lanes(opened(task="names", text="in", lang=language)).rows("gru")}
    assert says not in captions


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_time_says_when_it_was_measured(language: str, clockless: Clockless) -> None:
    app = opened(lang=language)
    said = " ".join(one.value for one in app.caption).replace("\\", "")
    before, after = translate(language, "timing.when", time="|", zone="UTC").split("|")
    assert re.search(re.escape(before) + r"20\d\d-\d\d-\d\d \d\d:\d\d" + re.escape(after), said)
    clockless.says = None
    app.button(key="measure-again").click().run()
    assert before not in " ".join(one.value for one in app.caption)
