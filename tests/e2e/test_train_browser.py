"""Train in a real browser: curves and gates move as it learns, it stops, plays back, opens in Explore, is taken along.

And what only a browser can show: when it is closed its worker stops, and whoever waits is let in.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Browser, Page, expect

import gru_viz as gv
from gru_viz.training.studies import OFFERS
from tools.app import ROOT, free_port, serving, streamlit

PATIENCE = 120_000
"""Milliseconds a busy machine may take to train a little."""

POINTS = """() => {
  const figure = document.querySelector(".st-key-train-chart .js-plotly-plot");
  return figure && figure._fullData ? figure._fullData[0].x.length : 0;
}"""
"""How many marks the first curve has."""


@pytest.fixture
def train(app_url: str, page: Page) -> Iterator[Page]:
    """The page; at the end nothing was asked of the internet and no error was shown."""
    outside: list[str] = []
    page.on("request", lambda r: outside.append(r.url) if urlparse(r.url).hostname not in ("localhost", None) else None)
    opened(page, f"{app_url}/train?steps=4000&cells=gru,rnn&width=32")
    yield page
    expect(page.locator(".stException")).to_have_count(0)
    assert not outside


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    page.wait_for_selector(".st-key-train-chart .js-plotly-plot", timeout=60_000)
    return page


def press(page: Page, what: str) -> None:
    page.locator(f".st-key-train-{what} button").first.click()


def test_names_are_learnt_before_ones_eyes_and_taken_along(train: Page, tmp_path: Path) -> None:
    gates = train.get_by_test_id("gates-step")
    expect(gates).to_contain_text("at initialisation")
    press(train, "start")
    train.wait_for_function(f"() => ({POINTS})() >= 4", timeout=PATIENCE)
    first = train.evaluate(POINTS)
    seen = gates.inner_text()
    train.wait_for_function(f"(first) => ({POINTS})() > first", arg=first, timeout=PATIENCE)
    expect(gates).not_to_have_text(seen)
    expect(train.get_by_test_id("runner-gru")).to_contain_text("%")
    expect(train.locator(".st-key-train-status")).to_contain_text("s left", timeout=PATIENCE)

    press(train, "stop")
    expect(train.locator(".st-key-train-status")).to_contain_text("stopped")
    expect(train.locator(".st-key-train-player [data-testid=ribbon-token]").first).to_be_visible()
    slider = train.locator(".st-key-train-snapshots").get_by_role("slider")
    belief = train.get_by_test_id("belief-now")
    learnt = belief.inner_text()
    slider.press("Home")
    expect(belief).not_to_have_text(learnt, use_inner_text=True)
    slider.press("End")
    expect(belief).to_have_text(learnt, use_inner_text=True)

    with train.expect_download() as download:
        train.locator("#train-download").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    model = gv.load(file)
    assert (model.card["cell"], model.card["steps_done"] > 0) == ("GRU", True)
    assert model.predict(model.trace("rossellini")).shape == (10, len(model.labels))

    press(train, "open")
    train.wait_for_url(lambda address: urlparse(address).path == "/")
    expect(train.locator(".st-key-text input")).to_be_visible()
    expect(train.locator("[data-testid=ribbon-token]").first).to_be_visible()
    assert parse_qs(urlparse(train.url).query)["model"] == ["trained-names-gru"]


def test_a_reload_finds_the_same_settings(train: Page) -> None:
    train.locator(".st-key-train-task").get_by_text("Adding").click()
    # The task's own settings stand in the fields before one types: else the browser sends the last task's along.
    expect(train.locator(".st-key-train-steps input")).to_have_value(str(OFFERS["adding"].start.steps))
    train.locator(".st-key-train-width input").fill("40")
    train.locator(".st-key-train-width input").press("Enter")
    train.wait_for_function("() => new URL(location).searchParams.get('width') === '40'")
    train.reload()
    expect(train.locator(".st-key-train-width input")).to_have_value("40")
    query = {name: found[0] for name, found in parse_qs(urlparse(train.url).query).items()}
    assert query == {"task": "adding", "cells": "gru,rnn", "width": "40"}


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("task", ["names", "sunspots", "table"])
def test_nothing_sticks_out_sideways(app_url: str, page: Page, width: int, task: str) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    opened(page, f"{app_url}/train?task={task}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")


@pytest.mark.parametrize(("locale", "says"), [("en-US", "The file has 50.0 MB"), ("zh-CN", "这个文件有 50.0 MB")])
def test_a_file_of_fifty_megabytes_is_refused_in_the_visitors_words(
    app_url: str, browser: Browser, tmp_path: Path, locale: str, says: str
) -> None:
    large = tmp_path / "large.csv"
    large.write_bytes(b"text,label\n" + b"x" * (50 * 2**20))
    page = opened(browser.new_context(locale=locale).new_page(), f"{app_url}/train?task=table")
    page.locator(".st-key-train-file-table input[type=file]").set_input_files(large)
    expect(page.locator(".st-key-notices")).to_contain_text(says)
    expect(page.locator(".st-key-train-start button").first).to_be_disabled()
    page.context.close()


@pytest.mark.parametrize(
    ("path", "key"), [("/?model=numbers", "file"), ("/train?task=table", "train-file-table")], ids=["explore", "train"]
)
def test_a_file_too_large_to_be_sent_is_refused_in_the_visitors_words(
    app_url: str, browser: Browser, tmp_path: Path, path: str, key: str
) -> None:
    """70 MB arrive and the page says what is too much; 210 MB never arrive, and the field says so."""
    page = browser.new_context(locale="zh-CN").new_page()
    page.goto(f"{app_url}{path}")
    field = page.locator(f".st-key-{key} input[type=file]")
    field.wait_for(state="attached", timeout=60_000)
    for megabytes in (70, 210):
        with (tmp_path / f"{megabytes}.csv").open("wb") as file:
            file.truncate(megabytes * 2**20)
    field.set_input_files(tmp_path / "70.csv")
    expect(page.locator(".st-key-notices")).to_contain_text("这个文件有 70.0 MB")
    field.set_input_files(tmp_path / "210.csv")
    page.wait_for_selector(f".st-key-{key} [aria-invalid=true]")
    uploader = page.locator(f".st-key-{key} [data-testid=stFileUploader]")
    assert "超过 200 MB" in uploader.evaluate("element => getComputedStyle(element, '::after').content")
    page.context.close()


@pytest.fixture
def one_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an app in which one visitor can train at a time."""
    monkeypatch.setenv("GRU_VIZ_WORKERS", "1")
    port = free_port()
    with serving(streamlit(ROOT / "app.py", port), port, tmp_path / "app.log") as address:
        yield address


def test_a_closed_browser_lets_the_next_one_in(one_place: str, browser: Browser) -> None:
    first, second = browser.new_context(locale="en-US"), browser.new_context(locale="en-US")
    pages = [opened(one.new_page(), f"{one_place}/train?steps=20000&cells=gru") for one in (first, second)]
    press(pages[0], "start")
    expect(pages[0].locator(".st-key-train-status")).to_contain_text("s left", timeout=PATIENCE)
    press(pages[1], "start")
    expect(pages[1].locator(".st-key-train-status")).to_contain_text("place 1 in the queue")
    first.close()
    expect(pages[1].locator(".st-key-train-status")).to_contain_text("s left", timeout=PATIENCE)
    press(pages[1], "stop")
    expect(pages[1].locator(".st-key-train-status")).to_contain_text("stopped")
    second.close()
