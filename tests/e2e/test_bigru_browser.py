"""The Bi-GRU page in a real browser: type and see who takes back, play all lanes, share a link, take data along."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Locator, Page, expect

from tools.player import choose, wait_for_tokens

OPENS_WITH = 'define␣=␣"a␣#␣b"␣␣#␣x12↵def␣form(x2):␣return␣x2␣+␣12'
LANES = ("gru", "gru-backward", "bigru", "forward", "backward")


@pytest.fixture
def bigru(app_url: str, page: Page) -> Iterator[Page]:
    """The page with its first picture drawn; at the end nothing was asked of the internet and no error was shown."""
    outside: list[str] = []
    faults: list[str] = []
    page.on("request", lambda r: outside.append(r.url) if urlparse(r.url).hostname not in ("localhost", None) else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{app_url}/bi-gru")
    wait_for_tokens(page, OPENS_WITH)
    yield page
    expect(page.locator(".stException")).to_have_count(0)
    assert not outside
    assert not faults


def field(page: Page) -> Locator:
    return page.get_by_test_id("text")


def typed(page: Page, text: str) -> None:
    """An empty field, then one letter after the other."""
    field(page).fill("")
    expect(page.locator(".st-key-notices")).to_contain_text("Type Python")
    field(page).press_sequentially(text, delay=20)
    wait_for_tokens(page, text.replace("\n", "↵").replace(" ", "␣"))


def cells(page: Page, lane: str, what: str) -> list[str]:
    """What a lane takes every character for ("class"), or how it is marked ("mark")."""
    found = page.get_by_test_id(f"lane-{lane}").get_by_test_id("cell")
    drawn = [(int(one.get_attribute("data-step") or 0), one.get_attribute(f"data-{what}") or "") for one in found.all()]
    return [value for _, value in sorted(drawn)]


def cursors(page: Page) -> list[int]:
    return [int(page.get_by_test_id(f"lane-{lane}").get_attribute("data-cursor") or -1) for lane in LANES]


def has(page: Page, name: str, value: str) -> None:
    page.wait_for_function("([name, value]) => new URL(location).searchParams.get(name) === value", arg=[name, value])


def test_def_becomes_define(bigru: Page) -> None:
    typed(bigru, "def")
    left, both = cells(bigru, "gru", "class"), cells(bigru, "bigru", "class")
    field(bigru).press_sequentially("ine", delay=20)
    wait_for_tokens(bigru, "define")
    assert cells(bigru, "gru", "class")[:3] == left, "what follows cannot reach the reader from the left"
    expect(bigru.get_by_test_id("revised")).to_contain_text("Bi-GRU ⇄ took back")
    expect(bigru.get_by_test_id("revised")).to_contain_text("GRU → took back none")
    differ = [k for k, (a, b) in enumerate(zip(both, cells(bigru, "bigru", "class")[:3], strict=True)) if a != b]
    assert differ
    assert any(cells(bigru, "bigru", "mark")[k] == "revised" for k in differ)
    assert "revised" not in cells(bigru, "gru", "mark")
    for more in ("d", "(", "x"):
        field(bigru).press_sequentially(more)
        wait_for_tokens(bigru, (field(bigru).input_value()))
        assert cells(bigru, "gru", "class")[:3] == left


def test_one_transport_drives_every_lane(bigru: Page) -> None:
    typed(bigru, "define = 3")
    bigru.get_by_test_id("step-start").click()
    expect(bigru.get_by_test_id("step-words")).to_have_text("step 1 of 10")
    first = bigru.get_by_test_id("narration").inner_text()
    assert len(bigru.get_by_test_id("bar").all()) == 5
    bigru.get_by_test_id("step-forward").click()
    expect(bigru.get_by_test_id("narration")).not_to_have_text(first)
    has(bigru, "step", "1")
    bigru.get_by_test_id("speed").select_option("4")
    bigru.get_by_test_id("play").click()
    expect(bigru.get_by_test_id("step-words")).to_have_text("step 10 of 10")
    settled = cursors(bigru)
    bigru.get_by_test_id("step-back").click()
    assert cursors(bigru) != settled


def test_the_keyboard_alone_is_enough(bigru: Page) -> None:
    field(bigru).focus()
    field(bigru).press("ControlOrMeta+a")
    bigru.keyboard.type("if x:")
    bigru.keyboard.press("Enter")
    bigru.keyboard.type("  y")
    wait_for_tokens(bigru, "if␣x:↵␣␣y")
    has(bigru, "text", "if x:\n  y")
    bigru.get_by_test_id("lanes").focus()
    bigru.keyboard.press("Home")
    expect(bigru.get_by_test_id("step-words")).to_have_text("step 1 of 9")
    bigru.keyboard.press("ArrowRight")
    expect(bigru.get_by_test_id("step-words")).to_have_text("step 2 of 9")


def test_a_reload_finds_the_same_view(bigru: Page) -> None:
    typed(bigru, "importer = 12")
    bigru.get_by_test_id("step-start").click()
    has(bigru, "step", "0")
    choose(bigru, "lang", "中文")
    choose(bigru, "bigru-tab", "代价")
    expect(bigru.locator(".st-key-bigru-timeline .js-plotly-plot")).to_be_visible()
    has(bigru, "tab", "price")
    has(bigru, "lang", "zh")
    link = bigru.url
    wanted = {"text": ["importer = 12"], "step": ["0"], "tab": ["price"], "lang": ["zh"]}
    assert parse_qs(urlparse(link).query) == wanted
    bigru.reload()
    wait_for_tokens(bigru, "importer␣=␣12")
    expect(bigru.get_by_test_id("step-words")).to_contain_text("1")
    expect(field(bigru)).to_have_value("importer = 12")
    expect(bigru.locator(".st-key-bigru-timeline .js-plotly-plot")).to_be_visible()
    assert bigru.url == link


def test_text_without_truth_says_why_and_is_read(bigru: Page) -> None:
    typed(bigru, "x = 's")
    expect(bigru.get_by_test_id("lane-truth")).to_contain_text("string without an end")
    assert len(cells(bigru, "bigru", "class")) == 6
    field(bigru).press_sequentially("'")
    wait_for_tokens(bigru, "x␣=␣'s'")
    assert cells(bigru, "truth", "class")[-3:] == ["string"] * 3


def test_an_example_is_put_into_the_field_and_typing_goes_on_from_there(bigru: Page) -> None:
    choose(bigru, "bigru-example", "importer = imports")
    expect(field(bigru)).to_have_value("importer = imports + 12")
    wait_for_tokens(bigru, "importer␣=␣imports␣+␣12")
    field(bigru).press("End")
    field(bigru).press_sequentially("3", delay=20)
    wait_for_tokens(bigru, "importer␣=␣imports␣+␣123")
    expect(field(bigru)).to_have_value("importer = imports + 123")
    choose(bigru, "bigru-model", "Surnames")
    wait_for_tokens(bigru, "rossellini")
    choose(bigru, "bigru-model", "Python syntax")
    expect(field(bigru)).to_have_value("importer = imports + 123")


def test_the_same_cell_as_on_explore(bigru: Page) -> None:
    typed(bigru, "define")
    bigru.locator(".st-key-bigru-cells label").click()
    for direction in ("forward", "backward"):
        cell = bigru.locator(f".st-key-cell-{direction}")
        expect(cell.get_by_test_id("equation-z")).to_be_visible()
        expect(cell.get_by_test_id("step-words")).to_have_text("step 6 of 6")
    has(bigru, "cells", "on")
    bigru.locator(".st-key-cell-backward").get_by_test_id("step-start").click()
    has(bigru, "step", "0")
    expect(bigru.get_by_test_id("lanes").get_by_test_id("step-words")).to_have_text("step 1 of 6")
    expect(bigru.locator(".st-key-cell-forward").get_by_test_id("step-words")).to_have_text("step 1 of 6")


def test_data_and_figures_are_taken_along(bigru: Page, tmp_path: Path) -> None:
    typed(bigru, "define = 3")
    choose(bigru, "bigru-tab", "Data and export")
    for what, start in (("csv", b"\xef\xbb\xbf"), ("parquet", b"PAR1"), ("html", b"<!doctype html>")):
        with bigru.expect_download() as download:
            bigru.locator(f"#bigru-download-{what}").click()
        file = tmp_path / what
        download.value.save_as(file)
        assert file.read_bytes().startswith(start)
    rows = list(csv.DictReader((tmp_path / "csv").read_text(encoding="utf-8-sig").splitlines()))
    assert "".join(row["token"] for row in rows) == "define = 3"
    assert [row["both"] for row in rows] == cells(bigru, "bigru", "class")


@pytest.mark.parametrize("kind", ["PNG", "SVG"])
def test_a_figure_is_saved_in_the_chosen_format(bigru: Page, tmp_path: Path, kind: str) -> None:
    choose(bigru, "bigru-tab", "Where two directions help")
    choose(bigru, "bigru-picture", kind)
    figure = bigru.locator(".st-key-bigru-accuracy")
    expect(figure.locator(".js-plotly-plot")).to_be_visible()
    if kind == "SVG":
        has(bigru, "picture", "svg")
    with bigru.expect_download() as download:
        figure.locator(".modebar-btn").first.click()
    download.value.save_as(tmp_path / "figure")
    start = (tmp_path / "figure").read_bytes()[:4]
    assert start == (b"\x89PNG" if kind == "PNG" else b"<svg")


@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, {"width": 390, "height": 844}])
@pytest.mark.parametrize("query", ["", "?model=names&tab=help", "?tab=price", "?tab=data&cells=on"])
def test_nothing_sticks_out_sideways(app_url: str, page: Page, viewport: dict, query: str) -> None:
    page.set_viewport_size(viewport)
    page.goto(f"{app_url}/bi-gru{query}")
    expect(page.get_by_test_id("lane-bigru")).to_be_visible()
    expect(page.get_by_test_id("ribbon-token").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
