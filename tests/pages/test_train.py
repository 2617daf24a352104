"""The Train page without a browser: every setting, whole runs, stop, go on, the queue, bad input, a session's end."""

from __future__ import annotations

import gc
import re
import weakref
from collections.abc import Iterator
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest

from gru_viz.analysis.evidence import wilson
from gru_viz.locale import LANGUAGES, catalogue, translate
from gru_viz.locale.digits import percent
from gru_viz.models.pack import pack
from gru_viz.models.zoo import unpacked
from gru_viz.story.links import query_of, read
from gru_viz.training.sessions import Session
from gru_viz.training.studies import OFFERS, Recipe, race, trained
from gru_viz.training.workers import Job, JobState, Workers
from gru_viz.ui.train import session
from gru_viz.ui.train.view import TrainView, recipe_of, said_of
from tests.pages.reading import asked, links, sound, words
from tools.app import ROOT

PATIENCE = 120.0
SCRIPT = """
import streamlit as st
from gru_viz.ui.train.page import train
from gru_viz.ui.kit.masthead import language
language()
st.navigation([st.Page(train, title="Train", default=True)], position="hidden").run()
"""
SMALL = {"width": "8", "steps": "12"}


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test has two places of its own, and leaves nobody at work."""
    monkeypatch.setattr(session, "WORKERS", Workers(2))
    yield
    for token, run in list(session.SESSIONS.kept.items()):
        session.SESSIONS.forget(token)
        run.job.join(PATIENCE)


def opened(**query: str) -> AppTest:
    return asked(AppTest.from_string(SCRIPT, default_timeout=60), query)


def page(app: AppTest) -> str:
    return "\n".join(words(app)).replace("\\", "")


def progress(app: AppTest) -> str:
    return app.get("progress")[0].proto.text


def run_of(app: AppTest) -> Session:
    return session.SESSIONS.kept[app.session_state["training"]]


def start(app: AppTest) -> Session:
    sound(app.button(key="train-start").click().run())
    return run_of(app)


def finished(app: AppTest) -> Session:
    run = start(app)
    run.job.join(PATIENCE)
    assert run.state is JobState.DONE, run.job.fault
    sound(app.run())
    return run


def snapshots(app: AppTest) -> Any:
    return next(slider for slider in app.select_slider if slider.key.startswith("train-snapshot"))


def test_opens_with_the_gates_of_the_initialisation_and_says_what_will_stand_there() -> None:
    app = opened()
    assert len(app.get("plotly_chart")) == 2
    assert "at initialisation" in page(app)
    assert "Name a surname's origin" in page(app)
    assert not app.button(key="train-start").disabled
    assert not app.select_slider


def test_a_run_draws_its_curves_and_can_be_rewound_and_taken_along() -> None:
    app = opened(**SMALL, cells="gru,rnn")
    run = finished(app)
    assert progress(app).startswith("step 12 of 12 · took ")
    for name in ("gru", "rnn"):
        assert re.search(rf"runner-{name}.*?[\d.]+ %", page(app))
    slider = snapshots(app)
    assert slider.options[0].startswith("initialisation")
    assert slider.options[-1].startswith("step 12")
    assert slider.value == 12
    sound(slider.set_value(0).run())
    model = run_of(app).shown[1]
    assert same(model.state_dict(), run.race.runner("GRU").snapshots[0].weights)
    assert model.card["steps_done"] == 0


def test_the_snapshots_play_by_themselves_and_stop_at_the_last() -> None:
    app = opened(**SMALL, cells="gru")
    finished(app)
    steps = [int(re.sub(r"\D", "", option.split("·")[0]) or 0) for option in snapshots(app).options]
    assert snapshots(app).value == steps[-1]
    app.button(key="train-play").click().run()
    seen = []
    while app.button(key="train-play").label == "Pause":
        seen.append(snapshots(app).value)
        assert run_of(app).shown[1].card["steps_done"] == seen[-1]
        sound(app.run())  # as the browser asks for it by itself
    assert seen == steps[steps.index(seen[0]) :]
    assert seen[0] in steps[:2]
    app.button(key="train-play").click().run()
    sound(app.button(key="train-play").click().run())
    held = snapshots(app).value
    assert held < steps[-1]
    assert snapshots(sound(app.run())).value == held


@pytest.mark.parametrize("away", ["runner", "task"])
def test_snapshots_that_were_out_of_sight_do_not_play_on(away: str) -> None:
    app = opened(**SMALL, cells="gru,rnn")
    finished(app)
    app.button(key="train-play").click().run()
    key, there, back = {"runner": ("train-watch", "RNN", "GRU"), "task": ("train-task", "sunspots", "names")}[away]
    sound(app.get_by_key(key).set_value(there).run())
    sound(app.get_by_key(key).set_value(back).run())
    assert app.button(key="train-play").label == "Play the training"
    held = snapshots(app).value
    assert snapshots(sound(app.run())).value == held


def same(one: Any, other: Any) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


def test_the_other_runners_snapshots_are_shown_when_it_is_watched() -> None:
    app = opened(**SMALL, cells="gru,lstm")
    run = finished(app)
    sound(app.get_by_key("train-watch").set_value("LSTM").run())
    model = run_of(app).shown[1]
    assert model.card["cell"] == "LSTM"
    assert same(model.state_dict(), run.race.runner("LSTM").problem.model.state_dict())


def test_open_in_explore_leaves_the_model_for_it() -> None:
    app = opened(**SMALL, cells="bi-gru")
    finished(app)
    app.button(key="train-open").click().run()
    assert list(app.session_state["trained"]) == ["trained-names-bi-gru"]
    assert app.session_state["trained"]["trained-names-bi-gru"].trace("rossi").directions == ("forward", "backward")


def test_another_learning_rate_keeps_the_initialisation_and_the_old_curves() -> None:
    app = opened(**SMALL, cells="gru")
    first = finished(app)
    sound(app.get_by_key("train-rate").set_value(0.1).run())
    second = finished(app)
    assert second is not first
    assert second.recipe.learning_rate == 0.1
    assert [at.name for at in second.before] == ["GRU"]
    one, two = (run.race.runner("GRU").snapshots for run in (first, second))
    assert same(one[0].weights, two[0].weights)
    assert not same(one[-1].weights, two[-1].weights)


def until_step(run: Session, step: int) -> None:
    for _ in range(6000):
        if run.standings() and run.standings()[0].step >= step:
            return
        Event().wait(0.02)
    raise AssertionError(f"step {step} was never reached")


def test_stop_keeps_what_was_learnt_and_go_on_goes_on() -> None:
    app = opened(width="8", steps="20000", cells="gru")
    run = start(app)
    until_step(run, 3)
    assert [button.key for button in app.button if button.key.startswith("train")] == ["train-stop"]
    sound(app.button(key="train-stop").click().run())
    stood = run.standings()[0].step
    assert f"step {stood:,} of 20,000 · stopped" in progress(app)
    assert snapshots(app).value == stood
    sound(app.button(key="train-resume").click().run())
    until_step(run, stood + 3)
    assert run_of(app) is run
    curve = run.standings()[0].curve
    assert [point.step for point in curve] == sorted({point.step for point in curve})


def test_while_it_trains_nothing_can_be_changed() -> None:
    app = opened(width="8", steps="20000")
    start(app)
    assert all(app.get_by_key(key).disabled for key in ("train-task", "train-cells", "train-width", "train-rate"))


def test_who_comes_when_all_are_busy_sees_the_place_in_the_queue() -> None:
    go, workers = Event(), session.WORKERS
    busy = [Job(workers, lambda: not go.wait(0.01)) for _ in range(workers.places)]
    for job in busy:
        job.start()
    visitors = [opened(**SMALL, cells="gru") for _ in range(2)]
    for place, app in enumerate(visitors, start=1):
        run = start(app)
        for _ in range(1000):
            if run.state is JobState.WAITING:
                break
            Event().wait(0.01)
        sound(app.run())
        assert progress(app) == f"waiting: place {place} in the queue"
    go.set()
    for app in visitors:
        run_of(app).job.join(PATIENCE)
        sound(app.run())
        assert progress(app).startswith("step 12 of 12")


def test_a_rate_too_high_says_why_and_offers_the_last_good_snapshot() -> None:
    app = opened(width="64", steps="60", rate="10", cells="gru")
    run = finished(app)
    said = page(app)
    assert "The loss rose from" in said
    assert "a lower learning rate may help" in said
    assert "last good snapshot" in said
    good = run.race.runner("GRU").snapshots
    assert snapshots(app).value < 60
    assert all(value.isfinite().all() for value in good[-1].weights.values())
    assert app.button(key="train-open")


@pytest.mark.parametrize(
    ("lang", "says"), [("en", "best at {1}, stopped at {0}"), ("zh", "第 {1} 步最佳，第 {0} 步早停")]
)
def test_a_run_that_no_longer_gets_better_stops_early_and_shows_its_best(lang: str, says: str) -> None:
    app = opened(task="sunspots", cells="gru", width="8", rate="0.1", steps="300", patience="1", lang=lang)
    assert app.number_input(key="train-patience").value == 1
    at = finished(app).standings()[0]
    assert at.stopped is not None
    assert says.format(at.stopped, at.best) in page(app)
    assert snapshots(app).value == at.best
    assert run_of(app).shown[1].card["early_stop"]["best_step"] == at.best
    assert translate(lang, "train.chosen") in page(app)
    assert translate(lang, "train.one_run") not in page(app), "nobody to compare with"
    assert not any(button.key == "train-resume" for button in app.button)


def test_runs_side_by_side_say_that_each_is_but_one() -> None:
    app = opened(task="sunspots", cells="gru,rnn", width="8", steps="12")
    said = translate("en", "train.one_run")
    assert said not in page(app)
    finished(app)
    assert said in page(app)


def test_an_accuracy_says_of_how_many_and_how_sure_that_makes_it() -> None:
    app = opened(task="table", cells="gru,rnn", **SMALL)
    app.file_uploader(key="train-file-table").upload("mine.csv", "\n".join(["text,label", *ROWS]).encode())
    sound(app.run())
    run = finished(app)
    data = run.race.runner("GRU").problem
    count = data.metrics()["held_out_texts"]
    assert run.study.held_out == (count, "row")
    (caption,) = [one.value for one in app.caption if one.value.startswith("Measured on")]
    assert f"Measured on {count} held-out rows." in caption
    for at in run.standings():
        low, high = wilson(at.value, count)
        assert f"{at.name} {percent(low, 1)}–{percent(high, 1)} %" in caption
        assert f"{percent(at.value, 1)} % of {count}<" in page(app)


@pytest.mark.parametrize(
    ("task", "says"),
    [
        ("names", ("Measured on 500 held-out names. 95 %", "在 500 个留出姓氏上测得。")),
        ("recall", ("Measured on 500 fresh sequences. 95 %", "在 500 个新序列上测得。")),
        ("adding", ("Measured on 500 fresh sequences. 95 %", "在 500 个新序列上测得。")),
        ("sunspots", ("Measured on 59 held-out years.", "在 59 个留出年份上测得。")),
    ],
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_task_says_on_how_much_it_is_measured(task: str, says: tuple[str, str], lang: str) -> None:
    app = opened(task=task, cells="gru", lang=lang, **SMALL)
    finished(app)
    assert any(one.value.startswith(says[LANGUAGES.index(lang)]) for one in app.caption)


def test_where_there_is_a_gpu_one_chooses_where_to_train(monkeypatch: pytest.MonkeyPatch) -> None:
    choices = {choice.key for choice in opened().get("button_group")}
    assert "lang" in choices
    assert "device" not in choices
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    app = opened(device="cuda", **SMALL)
    assert recipe_of(app.session_state["view"]).device == "cuda"
    sound(app.get_by_key("device").set_value("cpu").run())
    assert recipe_of(app.session_state["view"]).device == "cpu"
    assert finished(app).race.runners[0].problem.model.device.type == "cpu"


def test_a_task_starts_from_its_own_defaults_and_offers_its_own_cells() -> None:
    app = opened(width="24", rate="0.1")
    sound(app.get_by_key("train-task").set_value("sunspots").run())
    assert app.number_input(key="train-width").value == OFFERS["sunspots"].start.width
    assert list(app.get_by_key("train-cells").options) == ["GRU", "LSTM", "RNN"]
    sound(app.get_by_key("train-task").set_value("recall").run())
    assert "Bi-GRU" in app.get_by_key("train-cells").options


@pytest.mark.parametrize("task", ["recall", "adding", "sunspots"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_task_runs_in_every_language(task: str, lang: str) -> None:
    app = opened(task=task, lang=lang, **SMALL)
    finished(app)
    assert catalogue(lang)["train.download"] in links(app)


def test_without_a_cell_there_is_nothing_to_start() -> None:
    app = opened(cells="")
    assert app.button(key="train-start").disabled


ROWS = [f"{'ab'[i % 2] * (i % 7 + 1)}{i},{'odd' if i % 2 else 'even'}" for i in range(60)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"word\na\nb\n", "needs two columns, texts and their labels"),
        (b"PK\x03\x04", "unpack it"),
        (b"text,label\na,x\nb,y\nc,x\n", "There are 3 different rows"),
        (("text,label\n" + "\n".join(f"w{i},same" for i in range(40))).encode(), "Every row has the label same"),
        (b"x" * (70 * 2**20), "The file has 70.0 MB"),
    ],
)
def test_a_table_that_cannot_be_learnt_is_told_why(content: bytes, says: str) -> None:
    app = opened(task="table", **SMALL)
    assert app.button(key="train-start").disabled
    app.file_uploader(key="train-file-table").upload("mine.csv", content)
    sound(app.run())
    assert says in page(app)
    assert app.button(key="train-start").disabled
    assert len(app.get("plotly_chart")) == 1


def test_a_table_of_ones_own_is_learnt() -> None:
    app = opened(task="table", cells="gru,bi-gru", **SMALL)
    app.file_uploader(key="train-file-table").upload("mine.csv", "\n".join(["text,label", *ROWS]).encode())
    sound(app.run())
    run = finished(app)
    assert run.race.runner("GRU").problem.model.labels == ("even", "odd")


def test_how_a_table_was_read_is_said_and_its_columns_can_be_picked() -> None:
    rows = "".join(f'"Müller, {i}";{"ab"[i % 2]};{"xyz"[i % 3]}\n' for i in range(60))
    app = opened(task="table", cells="gru", **SMALL)
    app.file_uploader(key="train-file-table").upload("mine.csv", ("wer;was;wo\n" + rows).encode("cp1252"))
    sound(app.run())
    assert "Read as: probably Windows-1252 (Latin-1) · columns between semicolons · first row is names" in page(app)
    assert (app.selectbox(key="train-table-text").value, app.selectbox(key="train-table-label").value) == ("wer", "was")
    sound(app.selectbox(key="train-table-label").set_value("wo").run())
    run = finished(app)
    assert run.race.runner("GRU").problem.model.labels == ("x", "y", "z")
    assert "ü" in run.race.runner("GRU").problem.model.vocabulary.symbols
    sound(app.selectbox(key="train-table-how-delimiter").set_value("pipe").run())
    assert "needs two columns" in page(app)
    assert run_of(app) is run
    sound(app.selectbox(key="train-table-how-delimiter").set_value("").run())
    assert app.selectbox(key="train-table-label").value == "wo"
    assert not app.button(key="train-start").disabled


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_file_is_kept_while_another_task_is_shown_with_how_it_is_read_until_it_is_removed(lang: str) -> None:
    rows = "".join(f"{i % 2},名{i},{'甲乙丙'[i % 3]}\n" for i in range(60))
    app = opened(task="table", cells="gru", lang=lang, **SMALL)
    app.file_uploader(key="train-file-table").upload("gbk.csv", ("一,二,三\n" + rows).encode("gbk"))
    sound(app.run())
    sound(app.selectbox(key="train-table-how-encoding").set_value("gb18030").run())
    sound(app.selectbox(key="train-table-label").set_value("三").run())
    sound(app.get_by_key("train-task").set_value("names").run())
    sound(app.get_by_key("train-task").set_value("table").run())
    assert app.file_uploader(key="train-file-table").value is None
    assert translate(lang, "upload.kept", name="gbk.csv") in page(app)
    assert app.selectbox(key="train-table-text").value == "二"
    assert app.selectbox(key="train-table-label").value == "三"
    assert app.selectbox(key="train-table-how-encoding").value == "gb18030"
    assert finished(app).race.runner("GRU").problem.model.labels == tuple(sorted("甲乙丙"))
    sound(app.button(key="train-file-table-remove").click().run())
    assert "gbk.csv" not in page(app)
    assert app.button(key="train-start").disabled
    app.file_uploader(key="train-file-table").upload("mine.csv", "\n".join(["text,label", *ROWS]).encode())
    sound(app.run())
    assert app.selectbox(key="train-table-label").value == "label"
    assert app.selectbox(key="train-table-how-encoding").value == ""


def test_a_file_taken_out_of_its_field_is_not_kept() -> None:
    app = opened(task="table", cells="gru", **SMALL)
    app.file_uploader(key="train-file-table").upload("mine.csv", "\n".join(["text,label", *ROWS]).encode())
    sound(app.run())
    assert "kept: " not in page(app), "the field itself shows it"
    app.file_uploader(key="train-file-table").set_value(None)
    sound(app.run())
    assert "mine.csv" not in page(app)
    assert app.button(key="train-start").disabled


def test_a_text_in_another_encoding_is_read_and_said() -> None:
    app = opened(task="text", cells="gru", **SMALL)
    app.file_uploader(key="train-file-text").upload(
        "mine.txt", ("今天天气不错，我们去公园。\n" * 200).encode("gb18030")
    )
    sound(app.run())
    assert "Read as: GB18030" in page(app)
    assert not app.button(key="train-start").disabled
    sound(app.selectbox(key="train-text-how-encoding").set_value("utf-8").run())
    assert "not written in UTF-8" in page(app)


def test_a_text_of_ones_own_is_learnt() -> None:
    app = opened(task="text", cells="gru", **SMALL)
    app.file_uploader(key="train-file-text").upload("mine.txt", b"the quick brown fox jumps over the lazy dog.\n" * 60)
    sound(app.run())
    run = finished(app)
    assert run.race.runner("GRU").problem.model.kind == "next"


def saved() -> bytes:
    study = OFFERS["names"].make(None)
    made = race(study, Recipe("names", ("GRU",), width=8, steps=10))
    while made.advance():
        pass
    return pack(trained(made.runners[0], study))


def test_a_saved_model_goes_on() -> None:
    blob = saved()
    app = opened(**SMALL)
    app.file_uploader(key="train-model").upload("mine.safetensors", blob)
    sound(app.run())
    assert "go on from trained-names-gru" in page(app)
    run = finished(app)
    assert [at.name for at in run.standings()] == ["GRU"]
    assert same(unpacked(blob).state_dict(), run.race.runners[0].snapshots[0].weights)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      "])
def test_a_file_that_is_no_model_is_refused(content: bytes) -> None:
    app = opened(**SMALL)
    app.file_uploader(key="train-model").upload("mine.safetensors", content)
    sound(app.run())
    assert "mine.safetensors" in page(app)


@pytest.mark.parametrize("task", ["recall", "sunspots"])
def test_a_saved_model_of_another_task_is_refused_when_it_is_given(task: str) -> None:
    app = opened(task=task, cells="gru", **SMALL)
    run = finished(app)
    app.file_uploader(key="train-model").upload("mine.safetensors", saved())
    sound(app.run())
    assert "was not trained on this task" in page(app)
    assert app.button(key="train-start").disabled
    assert run_of(app) is run
    assert snapshots(app).value == 12


def test_a_forecaster_of_other_columns_is_of_another_task() -> None:
    study = OFFERS["sunspots"].make(None)
    model = race(study, Recipe("sunspots", ("GRU",), width=8, steps=10)).runners[0].problem.model
    app = opened(task="adding", **SMALL)
    app.file_uploader(key="train-model").upload("sun.safetensors", pack(model))
    sound(app.run())
    assert "was not trained on this task" in page(app)
    assert app.button(key="train-start").disabled


def test_a_stopped_run_goes_on_from_its_own_task_only() -> None:
    app = opened(width="8", steps="20000", cells="gru")
    run = start(app)
    until_step(run, 2)
    sound(app.button(key="train-stop").click().run())
    assert "train-resume" in [button.key for button in app.button]
    sound(app.get_by_key("train-task").set_value("recall").run())
    assert "train-resume" not in [button.key for button in app.button]
    sound(app.get_by_key("train-task").set_value("names").run())
    assert "train-resume" in [button.key for button in app.button]


def test_when_the_browser_goes_the_worker_stops_and_its_memory_is_freed() -> None:
    app = opened(width="8", steps="20000", cells="gru")
    run = start(app)
    until_step(run, 2)
    sound(app.button(key="train-stop").click().run())
    sound(app.button(key="train-resume").click().run())
    job, token = run.job, app.session_state["training"]
    held = [weakref.ref(run.race.runners[0].problem.model), weakref.ref(run.shown[1]), weakref.ref(run)]
    session.SESSIONS.leave(token, grace=0.0)
    job.join(PATIENCE)
    assert job.state is JobState.STOPPED
    for _ in range(1000):
        if token not in session.SESSIONS.kept:
            break
        Event().wait(0.01)
    del run, job, app
    gc.collect()
    assert [one() for one in held] == [None, None, None]


def test_another_task_shows_itself_and_the_run_is_there_again_on_return() -> None:
    app = opened(**SMALL, cells="gru")
    finished(app)
    sound(app.get_by_key("train-task").set_value("sunspots").run())
    assert not app.get("progress")
    assert "Forecast the next year's sunspot number" in page(app)
    sound(app.get_by_key("train-task").set_value("names").run())
    assert progress(app).startswith("step 12 of 12")


def test_a_connection_that_only_stumbled_finds_its_run_again() -> None:
    app = opened(width="8", steps="20000", cells="gru")
    run = start(app)
    until_step(run, 2)
    token = app.session_state["training"]
    session.SESSIONS.leave(token)
    run.job.join(PATIENCE)
    session.SESSIONS.stay(token)
    assert session.SESSIONS.leaving == {}
    sound(app.run())
    assert run_of(app) is run
    assert app.button(key="train-resume")


def test_a_visitor_who_comes_back_to_another_page_keeps_the_run() -> None:
    app = opened(width="8", steps="20000", cells="gru")
    run = start(app)
    until_step(run, 2)
    token = app.session_state["training"]
    session.SESSIONS.leave(token)
    assert list(session.SESSIONS.leaving) == [token]
    st.cache_resource.clear()  # as for a new connection: the tests' sessions share one
    back = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    back.session_state["training"] = token
    sound(back.run())
    assert session.SESSIONS.leaving == {}
    assert session.SESSIONS.kept[token] is run


def test_a_link_says_every_setting() -> None:
    recipe = Recipe("recall", ("GRU", "Bi-GRU"), width=16, layers=2, learning_rate=0.1, steps=50, seed=7, patience=20)
    query = query_of(TrainView(**said_of(recipe)))
    assert query == {
        "task": "recall", "cells": "gru,bi-gru", "width": "16", "layers": "2", "rate": "0.1", "steps": "50",
        "patience": "20", "seed": "7",
    }  # fmt: skip
    assert recipe_of(read(TrainView, query)[0]) == recipe
    for task, offer in OFFERS.items():
        assert query_of(TrainView(**said_of(offer.start))) == ({} if task == "names" else {"task": task})
        other = replace(offer.start, seed=3, learning_rate=10.0)
        assert recipe_of(read(TrainView, query_of(TrainView(**said_of(other))))[0]) == other


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("task", "chess"),
        ("cells", "gru,ski"),
        ("width", "9999"),
        ("layers", "0"),
        ("rate", "7"),
        ("steps", "x"),
        ("patience", "-1"),
    ],
)
def test_a_wrong_value_in_a_link_falls_back_and_is_said(name: str, value: str) -> None:
    app = opened(**{name: value})
    assert value in page(app)
    assert recipe_of(app.session_state["view"]) == Recipe()


@pytest.mark.parametrize(
    ("labels", "says", "not_says"),
    [
        ([f"{1.5 * i:g}" for i in range(40)], ("labels_once", "labels_numbers"), ("labels_rare",)),
        (["x" if i < 15 else f"y{i}" for i in range(40)], ("labels_rare",), ("labels_once", "labels_numbers")),
        ([str(i % 12) for i in range(60)], ("labels_numbers",), ("labels_once", "labels_rare")),
        ([str(i % 2) for i in range(40)], (), ("labels_once", "labels_rare", "labels_numbers")),
    ],
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_labels_that_can_hardly_be_learnt_are_remarked(
    labels: list[str], says: tuple[str, ...], not_says: tuple[str, ...], lang: str
) -> None:
    app = opened(task="table", lang=lang, **SMALL)
    rows = "".join(f"w{'ab'[i % 2] * (i % 5 + 1)}{i},{label}\n" for i, label in enumerate(labels))
    app.file_uploader(key="train-file-table").upload("mine.csv", ("text,label\n" + rows).encode())
    sound(app.run())
    named = {"name": "label", "count": f"{len(set(labels))}"}
    said = page(app)
    assert all(translate(lang, f"train.{code}", **named) in said for code in says)
    assert not any(translate(lang, f"train.{code}", **named) in said for code in not_says)


def test_one_row_is_told_as_one() -> None:
    app = opened(task="table", **SMALL)
    app.file_uploader(key="train-file-table").upload("mine.csv", b"text,label\na,x\na,x\n")
    sound(app.run())
    assert "There is only one different row with" in page(app)
