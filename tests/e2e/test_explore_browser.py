"""Explore in a real browser: type, and the belief moves; a switch rewrites every z; a link opens the same view."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Page, expect

from tools.figures import LETTERS


@pytest.fixture
def opened(app_url: str, page: Page) -> Page:
    """The page with its first picture drawn; at the end nothing was asked of the internet and no error was shown."""
    outside: list[str] = []
    page.on("request", lambda r: outside.append(r.url) if urlparse(r.url).hostname not in ("localhost", None) else None)
    page.goto(app_url)
    drawn(page, "rossellini")
    yield page
    expect(page.locator(".stException")).to_have_count(0)
    assert not outside


def drawn(page: Page, letters: str) -> None:
    """Wait until the columns stand under these letters."""
    page.wait_for_function(
        f"""(wanted) => {{
          {LETTERS}
          const figure = document.querySelector(".js-plotly-plot");
          return figure && letters(figure) === wanted;
        }}""",
        arg=letters,
        timeout=60_000,
    )


def typed(page: Page, text: str) -> None:
    field = page.locator(".st-key-text input")
    field.fill("")
    field.press_sequentially(text, delay=20)
    drawn(page, text)


def choose(page: Page, key: str, words: str) -> None:
    page.locator(f".st-key-{key}").get_by_role("radio", name=words).or_(
        page.locator(f".st-key-{key}").get_by_role("button", name=words)
    ).first.click()


def value(page: Page, name: str) -> float:
    """The result of an equation as it stands on the page."""
    text = page.get_by_test_id(f"equation-{name}").locator(".gv-value").inner_text()
    return float(text.replace("\N{MINUS SIGN}", "-"))


def parameters(page: Page) -> dict[str, str]:
    return {name: found[0] for name, found in parse_qs(urlparse(page.url).query).items()}


def test_typing_moves_the_belief(opened: Page) -> None:
    belief = opened.get_by_test_id("belief")
    expect(belief.locator(".gv-bar").first).to_contain_text("Italian")
    typed(opened, "kowalczyk")
    expect(belief.locator(".gv-bar").first).to_contain_text("Polish")
    opened.locator(".st-key-text input").press("Backspace")
    drawn(opened, "kowalczy")
    expect(belief).to_contain_text("“y”")


def test_the_proof_is_of_this_run_and_small(opened: Page) -> None:
    words = opened.locator(".st-key-proof").inner_text()
    gap = re.search(r"[\d.]+e-\d+", words)
    assert gap, words
    assert 0 < float(gap[0]) < 2e-5


def test_the_convention_turns_z_and_keeps_h(opened: Page) -> None:
    z, h = value(opened, "z"), value(opened, "h")
    choose(opened, "convention", "takes the new state")
    expect(opened.get_by_test_id("equation-z")).to_contain_text("z → 1 takes the new state (tutorial)")
    assert value(opened, "z") == pytest.approx(1 - z, abs=0.0011)
    assert value(opened, "h") == h
    expect(opened.locator(".js-plotly-plot")).to_contain_text("1 = ")
    opened.wait_for_function("() => new URL(location).searchParams.get('z') === 'new'")


def test_a_reload_finds_the_same_view(opened: Page) -> None:
    typed(opened, "nakamura")
    opened.locator(".st-key-step-back button").first.click()
    expect(opened.get_by_test_id("belief")).to_contain_text("“r”")
    choose(opened, "convention", "takes the new state")
    choose(opened, "lang", "中文")
    expect(opened.get_by_test_id("equation-z")).to_contain_text("采用新状态")
    opened.wait_for_function("() => new URL(location).searchParams.get('lang') === 'zh'")
    before = {name: value(opened, name) for name in "rznh"}
    link = parameters(opened)
    assert link == {"lang": "zh", "text": "nakamura", "step": "6", "z": "new"}
    opened.reload()
    drawn(opened, "nakamura")
    expect(opened.get_by_test_id("belief")).to_contain_text("“r”")
    expect(opened.locator(".st-key-text input")).to_have_value("nakamura")
    assert {name: value(opened, name) for name in "rznh"} == before
    assert parameters(opened) == link


def test_the_model_writes_on_and_can_be_stopped(opened: Page) -> None:
    choose(opened, "model", "English")
    expect(opened.locator(".st-key-continue-start button")).to_be_visible()
    opened.locator(".st-key-continue-start button").click()
    opened.wait_for_timeout(1500)
    opened.locator(".st-key-continue-stop button").click()
    expect(opened.locator(".st-key-continue-use button")).to_be_visible()
    story = opened.locator(".st-key-continue").inner_text()
    opened.wait_for_timeout(1000)
    assert opened.locator(".st-key-continue").inner_text() == story
    opened.locator(".st-key-continue-use button").click()
    field = opened.locator(".st-key-text input")
    expect(field).not_to_have_value("In the beginning ")
    assert field.input_value().startswith("In the beginning ")


def test_a_megabyte_is_cut_with_a_notice_and_markup_stays_text(opened: Page) -> None:
    field = opened.locator(".st-key-text input")
    field.evaluate(
        """(input, text) => {
          const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
          set.call(input, text);
          input.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        "<b>x</b>" * 131_072,
    )
    field.press("Enter")
    expect(opened.locator(".st-key-notices")).to_contain_text("2,000", timeout=60_000)
    expect(opened.locator(".stException")).to_have_count(0)
    typed(opened, "ivanov")
    expect(opened.get_by_test_id("belief").locator(".gv-bar").first).to_contain_text("Russian")


@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, {"width": 390, "height": 844}])
@pytest.mark.parametrize("model", ["names", "english", "numbers", "example"])
def test_nothing_sticks_out_sideways(app_url: str, page: Page, viewport: dict, model: str) -> None:
    page.set_viewport_size(viewport)
    page.goto(f"{app_url}/?model={model}")
    page.wait_for_selector(".js-plotly-plot .xtick")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")
