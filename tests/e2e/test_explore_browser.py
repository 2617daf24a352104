"""Explore in a real browser: type, and the belief moves; a switch rewrites every z; a link opens the same view."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, urlparse

import pytest
from playwright.sync_api import Browser, Page, expect

from tools.player import choose, wait_for_tokens


@pytest.fixture
def opened(app_url: str, page: Page) -> Page:
    """The page with its first picture drawn; at the end nothing was asked of the internet and no error was shown."""
    outside: list[str] = []
    page.on("request", lambda r: outside.append(r.url) if urlparse(r.url).hostname not in ("localhost", None) else None)
    page.goto(app_url)
    wait_for_tokens(page, "rossellini")
    yield page
    expect(page.locator(".stException")).to_have_count(0)
    assert not outside


def typed(page: Page, text: str) -> None:
    field = page.locator(".st-key-text input")
    field.fill("")
    field.press_sequentially(text, delay=20)
    wait_for_tokens(page, text)


def value(page: Page, name: str) -> float:
    """The result of an equation as it stands on the page."""
    text = page.get_by_test_id(f"equation-{name}").locator(".value").inner_text()
    return float(text.replace("\N{MINUS SIGN}", "-"))


def parameters(page: Page) -> dict[str, str]:
    return {name: found[0] for name, found in parse_qs(urlparse(page.url).query).items()}


def test_typing_moves_the_belief(opened: Page) -> None:
    belief = opened.get_by_test_id("belief-now")
    expect(belief.locator(".line").first).to_contain_text("Italian")
    typed(opened, "kowalczyk")
    expect(belief.locator(".line").first).to_contain_text("Polish")
    opened.locator(".st-key-text input").press("Backspace")
    wait_for_tokens(opened, "kowalczy")
    expect(opened.locator(".believes")).to_contain_text("“y”")


def test_the_proof_is_of_this_run_and_small(opened: Page) -> None:
    words = opened.locator(".st-key-proof").inner_text()
    gap = re.search(r"[\d.]+e-\d+", words)
    assert gap, words
    assert 0 < float(gap[0]) < 2e-5


def test_the_convention_turns_z_and_keeps_h(opened: Page) -> None:
    z, h = value(opened, "z"), value(opened, "h")
    opened.get_by_test_id("convention").click()
    expect(opened.get_by_test_id("equation-z")).to_contain_text("z → 1 takes the new state (tutorial)")
    assert value(opened, "z") == pytest.approx(1 - z, abs=0.0011)
    assert value(opened, "h") == h
    opened.wait_for_function("() => new URL(location).searchParams.get('z') === 'new'")


def test_a_reload_finds_the_same_view(opened: Page) -> None:
    typed(opened, "nakamura")
    opened.get_by_test_id("step-back").click()
    expect(opened.get_by_test_id("step-words")).to_have_text("step 7 of 8")
    opened.get_by_test_id("convention").click()
    opened.get_by_test_id("unit").fill("11")
    opened.get_by_test_id("unit").press("Enter")
    opened.get_by_test_id("order").select_option(label="by activity")
    choose(opened, "lang", "中文")
    expect(opened.get_by_test_id("equation-z")).to_contain_text("采用新状态")
    opened.wait_for_function("() => new URL(location).searchParams.get('order') === 'activity'")
    opened.wait_for_function("() => new URL(location).searchParams.get('lang') === 'zh'")
    before = {name: value(opened, name) for name in "rznh"}
    link = parameters(opened)
    wanted = {"lang": "zh", "text": "nakamura", "step": "6", "z": "new", "unit": "11", "order": "activity"}
    assert link == wanted
    opened.reload()
    wait_for_tokens(opened, "nakamura")
    expect(opened.get_by_test_id("step-words")).to_contain_text("7")
    expect(opened.locator(".st-key-text input")).to_have_value("nakamura")
    expect(opened.get_by_test_id("unit")).to_have_value("11")
    assert {name: value(opened, name) for name in "rznh"} == before
    assert parameters(opened) == link


def test_the_selection_stays_while_one_types(opened: Page) -> None:
    for _ in range(6):
        opened.get_by_test_id("step-back").click()
    opened.get_by_test_id("unit").fill("5")
    opened.get_by_test_id("unit").press("Enter")
    opened.wait_for_function("() => new URL(location).searchParams.get('step') === '3'")
    field = opened.locator(".st-key-text input")
    field.press("End")
    field.press_sequentially("s", delay=20)
    wait_for_tokens(opened, "rossellinis")
    expect(opened.get_by_test_id("step-words")).to_have_text("step 4 of 11")
    expect(opened.get_by_test_id("unit")).to_have_value("5")
    field.press_sequentially("o", delay=20)
    wait_for_tokens(opened, "rosselliniso")
    for _ in range(10):
        field.press("Backspace")
    wait_for_tokens(opened, "ro")
    expect(opened.get_by_test_id("step-words")).to_have_text("step 2 of 2")
    expect(opened.get_by_test_id("unit")).to_have_value("5")


def test_every_step_is_told_in_true_words(opened: Page) -> None:
    opened.get_by_test_id("step-start").click()
    told = opened.get_by_test_id("narration")
    expect(told).to_contain_text("memory")
    first = told.inner_text()
    opened.get_by_test_id("step-forward").click()
    expect(told).not_to_have_text(first)
    expect(told).to_contain_text("%")


def test_what_if_by_dragging_over_a_strip(opened: Page) -> None:
    box = opened.get_by_test_id("strip-z").bounding_box()
    assert box
    opened.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 10)
    opened.mouse.down()
    opened.mouse.move(box["x"] + box["width"] * 0.55, box["y"] + box["height"] - 10, steps=6)
    opened.mouse.up()
    expect(opened.get_by_test_id("versions")).to_be_visible()
    outcome = opened.get_by_test_id("outcome")
    expect(outcome).to_contain_text("z first parts at step 3")
    expect(outcome).to_contain_text("belief")
    expect(opened.locator(".st-key-held")).to_contain_text("z = 1.00")
    opened.wait_for_function("() => new URL(location).searchParams.has('hold')")
    opened.get_by_test_id("version-b").click()
    opened.get_by_test_id("step-end").click()
    link = opened.url
    opened.reload()
    expect(opened.get_by_test_id("versions")).to_be_visible()
    assert opened.url == link
    opened.locator(".st-key-undo-0 button").first.click()
    expect(opened.get_by_test_id("versions")).to_be_hidden()


def test_what_if_another_letter(opened: Page) -> None:
    choose(opened, "tab", "What if")
    field = opened.locator(".st-key-edit-character input")
    field.fill("s")
    field.press("Enter")
    expect(opened.get_by_test_id("versions")).to_be_visible()
    expect(opened.get_by_test_id("outcome")).to_contain_text("belief")
    opened.get_by_test_id("version-b").click()
    wait_for_tokens(opened, "rossellins")
    opened.get_by_test_id("version-a").click()
    wait_for_tokens(opened, "rossellini")


def test_the_model_writes_on_and_can_be_stopped(opened: Page) -> None:
    choose(opened, "model", "English")
    expect(opened.locator(".st-key-continue-start button")).to_be_visible()
    opened.locator(".st-key-continue-start button").click()
    opened.wait_for_timeout(1500)
    opened.locator(".st-key-continue-stop button").click()
    expect(opened.locator(".st-key-continue-use button")).to_be_visible()
    story = opened.get_by_test_id("story")
    expect(opened.locator(".st-key-continue .gv-note")).to_have_text(re.compile(r"^\s*$"))
    written = story.inner_text()
    opened.wait_for_timeout(1000)
    assert story.inner_text() == written
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
    expect(opened.get_by_test_id("belief-now").locator(".line").first).to_contain_text("Russian")


@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, {"width": 390, "height": 844}])
@pytest.mark.parametrize("model", ["names", "english", "numbers", "example"])
def test_nothing_sticks_out_sideways(app_url: str, page: Page, viewport: dict, model: str) -> None:
    page.set_viewport_size(viewport)
    page.goto(f"{app_url}/?model={model}")
    expect(page.get_by_test_id("ribbon-token").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")


def asked(page: Page, name: str, value: str | None) -> None:
    """Wait until the address says so."""
    page.wait_for_function("([name, value]) => new URL(location).searchParams.get(name) === value", arg=[name, value])


def test_a_step_chosen_before_is_told_again_after_another_model(opened: Page) -> None:
    opened.get_by_test_id("step-start").click()
    asked(opened, "step", "0")
    choose(opened, "model", "English")
    wait_for_tokens(opened, "In␣the␣beginning␣")
    asked(opened, "step", None)
    choose(opened, "model", "Surnames")
    wait_for_tokens(opened, "rossellini")
    asked(opened, "model", None)
    opened.get_by_test_id("step-start").click()
    asked(opened, "step", "0")


def test_another_language_while_it_plays_leaves_it_playing(opened: Page) -> None:
    opened.get_by_test_id("loop").click()
    opened.get_by_test_id("play").click()
    choose(opened, "lang", "中文")
    play = opened.get_by_test_id("play")
    expect(play).to_have_attribute("aria-label", "暂停")
    play.click()
    expect(play).to_have_attribute("aria-label", "播放")


def test_a_finger_on_the_strips_scrolls_the_page(app_url: str, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(app_url)
    wait_for_tokens(page, "rossellini")
    top = "document.querySelector('[data-testid=stMain]').scrollTop"
    page.get_by_test_id("strip-z").scroll_into_view_if_needed()
    box = page.get_by_test_id("strip-z").bounding_box()
    assert box
    before = page.evaluate(top)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger = context.new_cdp_session(page)
    for kind, points in [
        ("touchStart", [{"x": x, "y": y}]),
        *(("touchMove", [{"x": x, "y": y - 15 * k}]) for k in range(1, 12)),
        ("touchEnd", []),
    ]:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_function(f"(before) => {top} > before + 50", arg=before)
    context.close()


def test_what_is_held_afterwards_is_neither_kept_nor_written(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/?hold=h:0:*:3-3:0&step=3")
    wait_for_tokens(page, "rossellini")
    page.get_by_test_id("version-b").click()
    expect(page.get_by_test_id("equation-h")).to_contain_text("held by hand")
    expect(page.locator(".mixwords")).to_have_text("held by hand: not what the sum gives")
    page.get_by_test_id("version-a").click()
    expect(page.locator(".mixwords")).not_to_contain_text("held")


def test_numbers_are_named_by_what_was_read_not_by_their_step(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/?model=numbers")
    expect(page.get_by_test_id("step-words")).to_have_text("step 30 of 30")
    expect(page.get_by_test_id("equation-z")).to_contain_text("from “2.9”")
    page.get_by_test_id("step-start").click()
    expect(page.get_by_test_id("diagram")).to_contain_text("“155.4”")


def test_a_letter_written_from_right_to_left_turns_no_sum_around(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/?text=\N{HEBREW LETTER SHIN}\N{HEBREW LETTER LAMED}")
    wait_for_tokens(page, "\N{HEBREW LETTER SHIN}\N{HEBREW LETTER LAMED}")
    lefts = (
        page.get_by_test_id("equation-r")
        .locator(".term b, .term small")
        .evaluate_all("(nodes) => nodes.map((node) => node.getBoundingClientRect().left)")
    )
    assert len(lefts) == 8
    assert lefts == sorted(lefts)
    mark = page.get_by_test_id("ribbon-token").first.evaluate("(node) => getComputedStyle(node, '::after').content")
    assert mark == '"?"', "as the notice says"


WRITTEN = """
window.written = [];
const fill = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
  window.written.push([text, x]);
  return fill.call(this, text, x, y);
};
"""
"""Keeps what is written on canvas: words, and where their middle is."""


@pytest.mark.parametrize(
    "text", ["müller 7\N{GRINNING FACE}", "rossellini", "ivanova", "nakamura", "schmidt-x", "o'sullivan"]
)
def test_the_rivers_last_name_is_who_leads_in_the_end(app_url: str, page: Page, text: str) -> None:
    page.add_init_script(WRITTEN)
    page.goto(f"{app_url}/?text={quote(text)}")
    expect(page.get_by_test_id("belief-now").locator(".line").first).to_be_visible()
    page.evaluate("window.written.length = 0")
    page.set_viewport_size({"width": 1441, "height": 900})  # it is all drawn anew
    page.wait_for_function("window.written.length > 0")
    leader = page.get_by_test_id("belief-now").locator(".line span").first.inner_text()
    last = max(page.evaluate("window.written"), key=lambda found: found[1])[0]
    assert last.split(" ")[0] == leader, page.evaluate("window.written")
