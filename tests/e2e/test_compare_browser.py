"""Compare in a real browser: type, play all three lanes, turn the ledger, run the memory game, open the link again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Page, expect

from gru_viz.story.trio import games
from tools.player import choose, wait_for_tokens

THREE = ("rnn", "lstm", "gru")


@pytest.fixture
def opened(app_url: str, page: Page) -> Iterator[Page]:
    """The page with its first picture drawn; at the end nothing was asked of the internet and no error was shown."""
    outside: list[str] = []
    page.on("request", lambda r: outside.append(r.url) if urlparse(r.url).hostname not in ("localhost", None) else None)
    page.goto(f"{app_url}/compare")
    wait_for_tokens(page, "rossellini")
    yield page
    expect(page.locator(".stException")).to_have_count(0)
    assert not outside


def typed(page: Page, text: str) -> None:
    field = page.locator(".st-key-compare-text input")
    field.fill("")
    field.press_sequentially(text, delay=20)
    wait_for_tokens(page, text)


def all_stand_at(page: Page, step: int) -> None:
    for lane in THREE:
        expect(page.get_by_test_id(f"lane-{lane}")).to_have_attribute("data-cursor", str(step))


def parameters(page: Page) -> dict[str, str]:
    return {name: found[0] for name, found in parse_qs(urlparse(page.url).query).items()}


def bars(page: Page) -> list[str]:
    """The numbers of the ledger, as they stand beside its bars."""
    return page.locator(".st-key-figure-ledger .annotation-text").all_text_contents()


def test_typing_moves_all_three_beliefs(opened: Page) -> None:
    expect(opened.get_by_test_id("bar")).to_have_count(3)
    for bar in opened.get_by_test_id("bar").all():
        expect(bar).to_have_attribute("data-best", "Italian")
    typed(opened, "kowalczyk")
    for bar in opened.get_by_test_id("bar").all():
        expect(bar).to_have_attribute("data-best", "Polish")
    expect(opened.get_by_test_id("narration")).to_have_text("All three say Polish.")


def test_one_transport_drives_all_three_and_the_link_follows(opened: Page) -> None:
    opened.get_by_test_id("step-start").click()
    all_stand_at(opened, 0)
    opened.get_by_test_id("step-forward").click()
    all_stand_at(opened, 1)
    opened.wait_for_function("() => new URL(location).searchParams.get('step') === '1'")
    opened.get_by_test_id("speed").select_option("4")
    opened.get_by_test_id("play").click()
    expect(opened.get_by_test_id("step-words")).to_have_text("step 10 of 10")
    all_stand_at(opened, 9)
    opened.get_by_test_id("lanes").focus()
    opened.keyboard.press("ArrowLeft")
    all_stand_at(opened, 8)


def test_roles_show_each_cells_own_part(opened: Page) -> None:
    choose(opened, "compare-role", "kept")
    gru, rnn = opened.get_by_test_id("lane-gru"), opened.get_by_test_id("lane-rnn")
    expect(gru.get_by_test_id("strip-z")).to_be_visible()
    expect(opened.get_by_test_id("lane-lstm").get_by_test_id("strip-f")).to_be_visible()
    expect(rnn).to_contain_text("no gate that keeps")
    choose(opened, "compare-role", "own gates")
    expect(gru.get_by_test_id("strip-r")).to_be_visible()
    expect(opened.get_by_test_id("lane-lstm").get_by_test_id("strip-c")).to_be_visible()


def test_equal_width_changes_the_ledger(opened: Page) -> None:
    expect(opened.locator(".st-key-figure-ledger .annotation-text").first).to_be_visible()
    # The page is there at once; the times are filled in, or it is said why there are none.
    opened.wait_for_function(
        "() => ![...document.querySelectorAll('.st-key-figure-ledger .annotation-text')]"
        ".some((node) => node.textContent.includes('being measured'))",
        timeout=120_000,
    )
    told = opened.get_by_test_id("conclusion-ledger").inner_text()
    assert "same time a step" in told or "least time a step" in told or opened.get_by_text("too busy just now").count()
    before = bars(opened)
    assert any("held-out accuracy" in text for text in before)
    choose(opened, "compare-equal", "equal width")
    expect(opened.get_by_test_id("conclusion-ledger")).to_contain_text("nothing was learnt")
    opened.wait_for_function(
        "() => ![...document.querySelectorAll('.st-key-figure-ledger .annotation-text')]"
        ".some((node) => node.textContent.includes('accuracy'))"
    )
    assert bars(opened) != before
    choose(opened, "compare-equal", "equal parameters")
    expect(opened.get_by_test_id("conclusion-ledger")).not_to_contain_text("nothing was learnt")


def test_the_memory_game_is_run_now(opened: Page) -> None:
    if not games():
        expect(opened.locator(".stAlert")).to_contain_text("make models")
        return
    expect(opened.locator(".st-key-compare-delay input")).to_have_value("100")
    opened.locator(".st-key-run-now button").click()
    said = opened.get_by_test_id("conclusion-measured")
    expect(said).to_contain_text("500 fresh sequences of 100 steps", timeout=60_000)
    shares = re.findall(r"(RNN|LSTM|GRU) (>?[\d.]+) % \(", said.inner_text())
    assert {cell for cell, _ in shares} == {"RNN", "LSTM", "GRU"}
    expect(opened.locator(".st-key-figure-states .js-plotly-plot")).to_be_visible()
    opened.wait_for_function("() => new URL(location).searchParams.has('draw')")
    told = said.inner_text()
    opened.reload()
    expect(opened.get_by_test_id("conclusion-measured")).to_have_text(told, timeout=60_000)


def test_a_reload_finds_the_same_view(opened: Page) -> None:
    typed(opened, "nakamura")
    choose(opened, "compare-role", "written")
    choose(opened, "compare-tab", "Learning curves")
    opened.get_by_test_id("step-back").click()
    opened.wait_for_function("() => new URL(location).searchParams.get('step') === '6'")
    opened.wait_for_function("() => new URL(location).searchParams.get('tab') === 'curves'")
    link = parameters(opened)
    assert link == {"text": "nakamura", "role": "written", "tab": "curves", "step": "6"}
    opened.reload()
    wait_for_tokens(opened, "nakamura")
    expect(opened.get_by_test_id("step-words")).to_contain_text("7")
    expect(opened.locator(".st-key-figure-curves")).to_be_visible()
    assert parameters(opened) == link


def test_the_pages_are_a_click_apart(opened: Page) -> None:
    typed(opened, "ivanov")
    opened.get_by_test_id("stTopNavLink").filter(has_text="Explore").click()
    wait_for_tokens(opened, "rossellini")
    expect(opened.get_by_test_id("equation-z")).to_be_visible()
    opened.get_by_test_id("stTopNavLink").filter(has_text="Compare").click()
    wait_for_tokens(opened, "ivanov")
    expect(opened.get_by_test_id("lane-lstm")).to_be_visible()


def test_tables_and_charts_can_be_taken_along(opened: Page) -> None:
    choose(opened, "compare-tab", "Data and export")
    for key, ending in (("csv", ".csv"), ("parquet", ".parquet"), ("html", ".html")):
        with opened.expect_download() as waiting:
            opened.locator(f"#compare-{key}").click()
        assert waiting.value.suggested_filename.endswith(ending)
        assert waiting.value.path().stat().st_size > 1000
    choose(opened, "compare-picture", "SVG")
    opened.wait_for_function("() => new URL(location).searchParams.get('picture') === 'svg'")


@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, {"width": 390, "height": 844}])
@pytest.mark.parametrize("query", ["", "task=sunspots", "tab=data", "lang=zh"])
def test_nothing_sticks_out_sideways(app_url: str, page: Page, viewport: dict, query: str) -> None:
    page.set_viewport_size(viewport)
    page.goto(f"{app_url}/compare?{query}")
    expect(page.get_by_test_id("lane-gru")).to_be_visible()
    ledger = page.locator(".st-key-figure-ledger .js-plotly-plot")
    expect(ledger).to_have_count(1)  # a run that comes meanwhile has the last one's figure stand beside its own
    expect(ledger).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
