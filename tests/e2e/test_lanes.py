"""The lanes player in a real Chromium: one transport drives every lane, two directions meet, cells say what is sent."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tools.player import wait_for_tokens

PAGE = "lanes_page.py"

THREE = ("rnn", "lstm", "gru")


@pytest.fixture
def opened(stage: str, page: Page):
    """Open the page with some query; the lanes are drawn, and no error was raised in them."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))

    def open_(query: str, text: str = "rossellini") -> Page:
        page.goto(f"{stage}/?text={text}&{query}")
        wait_for_tokens(page, text)
        return page

    yield open_
    assert faults == []


def cursor(page: Page, lane: str) -> int:
    return int(page.get_by_test_id(f"lane-{lane}").get_attribute("data-cursor") or -1)


def cell(page: Page, lane: str, step: int) -> Locator:
    return page.get_by_test_id(f"lane-{lane}").locator(f"[data-testid=cell][data-step='{step}']")


def test_one_transport_drives_every_lane(opened) -> None:
    page = opened("step=0")
    page.get_by_test_id("step-forward").click()
    assert [cursor(page, lane) for lane in THREE] == [1, 1, 1]
    page.get_by_test_id("speed").select_option("4")
    page.get_by_test_id("play").click()
    expect(page.get_by_test_id("step-words")).to_have_text("step 10 of 10")
    assert [cursor(page, lane) for lane in THREE] == [9, 9, 9]
    expect(page.get_by_text("committed: step 9")).to_be_visible()


def test_keys_and_clicks_move_and_commit(opened) -> None:
    page = opened("step=3")
    page.get_by_test_id("lanes").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("step-words")).to_have_text("step 5 of 10")
    page.keyboard.press("Home")
    expect(page.get_by_text("committed: step 0")).to_be_visible()
    cell(page, "lstm", 6).click()
    expect(page.get_by_text("committed: step 6")).to_be_visible()
    expect(page.get_by_test_id("step-words")).to_have_text("step 7 of 10")


def test_cells_say_what_was_sent_and_what_is_wrong(opened) -> None:
    page = opened("")
    truth = ["vowel" if c in "aeiou" else "liquid" if c in "lrmn" else "other" for c in "rossellini"]
    for lane in THREE:
        for step, right in enumerate(truth):
            found = cell(page, lane, step)
            wrong = found.get_attribute("data-class") != right
            assert found.get_attribute("data-mark") == ("wrong" if wrong else "")
    bars = page.get_by_test_id("bar")
    for place, lane in enumerate(THREE):
        assert bars.nth(place).get_attribute("data-best") == cell(page, lane, 9).get_attribute("data-class")


def test_the_bars_follow_the_step(opened) -> None:
    page = opened("step=0")
    expect(page.get_by_test_id("bars")).to_contain_text("At “r” (step 1)")
    page.get_by_test_id("step-end").click()
    expect(page.get_by_test_id("bars")).to_contain_text("At “i” (step 10)")


def test_two_directions_start_at_both_ends_and_meet(opened) -> None:
    page = opened("kind=meeting&step=4")
    expect(page.get_by_test_id("joined")).to_contain_text("knows “rosse”")
    expect(page.get_by_test_id("joined")).to_contain_text("knows “ellini”")
    page.get_by_test_id("step-start").click()
    page.get_by_test_id("speed").select_option("0.25")
    page.get_by_test_id("play").click()
    expect(page.get_by_test_id("lane-backward")).to_have_attribute("data-cursor", "9")
    page.get_by_test_id("speed").select_option("4")
    expect(page.get_by_test_id("step-words")).to_have_text("step 10 of 10")
    expect(page.get_by_test_id("lane-forward")).to_have_attribute("data-cursor", "9")


def test_long_texts_scroll_and_keep_few_cells_in_the_page(opened) -> None:
    page = opened("step=0", "abcdefghij" * 1)
    text = "the quick brown fox jumps " * 30
    page.goto(page.url.replace("abcdefghij", text.replace(" ", "_")))
    expect(page.get_by_test_id("step-words")).to_contain_text(f"of {len(text)}")
    assert page.get_by_test_id("lane-gru").get_by_test_id("cell").count() < 200
    page.get_by_test_id("step-end").click()
    expect(cell(page, "gru", len(text) - 1)).to_be_visible()


def test_chinese_words(opened) -> None:
    page = opened("lang=zh&step=2")
    expect(page.get_by_test_id("step-words")).to_contain_text("第 3 步")
    assert page.get_by_test_id("play").get_attribute("aria-label") == "播放"


@pytest.mark.parametrize("text", ["rosa", "rossellini" * 6])
def test_a_long_sentence_in_a_lane_is_read_whole_on_a_phone(opened, text: str) -> None:
    page = opened("kind=cells&note=" + "姓氏没有唯一的真值，" * 8, text)
    page.set_viewport_size({"width": 390, "height": 844})
    note = page.locator(".row.said .note").first
    note.wait_for()
    page.wait_for_timeout(300)
    inside = note.evaluate(
        """one => { const [own, row, seen] = [one, one.parentElement, one.closest(".scroll")].map((e) => e.getBoundingClientRect())
        return own.bottom <= row.bottom + 1 && own.right <= seen.right + 1 && own.height > 40 }"""  # noqa: E501
    )
    assert inside
