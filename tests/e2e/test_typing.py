"""The text field: no letter is lost however fast one types, and nothing but a choice writes into what one types."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tools.player import wait_for_tokens

FIELD = ".st-key-text input"
NAME = "zwettelberg"


@pytest.mark.parametrize("each", [0, 30, 60, 100])
def test_no_letter_is_lost_in_a_page_just_opened(app_url: str, page: Page, each: int) -> None:
    page.goto(app_url)
    field = page.locator(FIELD)
    field.fill("")
    field.press_sequentially(NAME, delay=each)
    wait_for_tokens(page, NAME)
    expect(field).to_have_value(NAME)
    expect(field).to_be_focused()


def test_what_is_composed_is_read_when_it_is_chosen(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/?model=tang&text=%E7%A7%8B%E9%A3%8E")
    wait_for_tokens(page, "秋风")
    field = page.locator(FIELD)
    field.press("End")
    keyboard = page.context.new_cdp_session(page)
    for typed in ("d", "do", "dong"):
        keyboard.send(
            "Input.imeSetComposition", {"text": typed, "selectionStart": len(typed), "selectionEnd": len(typed)}
        )
    page.wait_for_timeout(500)
    wait_for_tokens(page, "秋风")
    expect(field).to_have_value("秋风dong")
    keyboard.send("Input.insertText", {"text": "动"})
    wait_for_tokens(page, "秋风动")
    expect(field).to_have_value("秋风动")


def test_an_example_is_put_in_and_typed_on_and_taken_back_by_undoing(app_url: str, page: Page) -> None:
    page.goto(app_url)
    wait_for_tokens(page, "rossellini")
    page.locator(".st-key-example").get_by_text("nakamura").click()
    wait_for_tokens(page, "nakamura")
    field = page.locator(FIELD)
    expect(field).to_have_value("nakamura")
    field.press("Home")
    field.press_sequentially("xyz", delay=20)
    wait_for_tokens(page, "xyznakamura")
    assert field.evaluate("one => [one.selectionStart, one.selectionEnd]") == [3, 3], "one types on where one was"
    field.press("Control+z")
    expect(field).not_to_have_value("xyznakamura")
    wait_for_tokens(page, field.input_value())


def test_what_was_typed_while_the_server_was_silent_is_read_when_it_is_back(app_url: str, page: Page) -> None:
    silent = [False]

    def connect(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        socket.on_message(lambda said: None if silent[0] else server.send(said))

    page.route_web_socket("**/_stcore/stream", connect)
    page.goto(app_url)
    wait_for_tokens(page, "rossellini")
    silent[0] = True
    page.locator(FIELD).fill("iva")
    page.wait_for_timeout(300)
    silent[0] = False
    page.locator(FIELD).press("End")
    page.keyboard.type("nov")
    wait_for_tokens(page, "ivanov")
