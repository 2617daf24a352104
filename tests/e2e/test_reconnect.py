"""A server that dies and comes back under a typing visitor, and a connection that is cut again and again: the page
comes back by itself, with the text and the view.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

from playwright.sync_api import Page, WebSocketRoute, expect

from tools.app import ROOT, free_port, serving, started, streamlit
from tools.player import wait_for_tokens

FIELD = ".st-key-text input"
CUTS = 20


def test_a_server_that_comes_back_finds_text_and_view(page: Page, tmp_path: Path) -> None:
    port = free_port()
    command = streamlit(ROOT / "app.py", port)
    with serving(command, port, tmp_path / "first.log") as address:
        page.goto(f"{address}/?text=rossi&unit=7")
        wait_for_tokens(page, "rossi")
        page.locator(FIELD).fill("zwettelberg")
        wait_for_tokens(page, "zwettelberg")
        page.get_by_test_id("unit").fill("5")
        page.get_by_test_id("unit").press("Enter")
        page.get_by_test_id("step-start").click()
        page.wait_for_function("() => new URL(location).search.match(/unit=5/) && location.search.match(/step=0/)")
    expect(page.locator(FIELD)).to_be_disabled()  # nothing is typed to nobody
    with serving(command, port, tmp_path / "second.log"):
        expect(page.locator(FIELD)).to_be_enabled(timeout=60_000)
        page.get_by_test_id("step-forward").click()  # before the first run is over
        page.wait_for_function("() => new URL(location).searchParams.get('step') === '1'")
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        expect(page.locator(FIELD)).to_have_value("zwettelberg")
        expect(page.get_by_test_id("step-words")).to_have_text("step 2 of 11")
        expect(page.get_by_test_id("unit")).to_have_value("5")
        page.locator(FIELD).press("End")
        page.keyboard.type("s")
        wait_for_tokens(page, "zwettelbergs")
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.goto("about:blank")


def test_a_server_killed_while_it_trains_can_train_again(page: Page, tmp_path: Path) -> None:
    """The training is lost with the server's process, its settings are not; a page says so by offering Start."""
    port = free_port()
    command = streamlit(ROOT / "app.py", port)
    status, start = page.locator(".st-key-train-status"), page.locator(".st-key-train-start button")
    with started(command, port, tmp_path / "first.log") as process:
        page.goto(f"http://localhost:{port}/train?steps=20000&cells=gru&width=16")
        start.click(timeout=60_000)
        expect(status).to_contain_text("s left", timeout=60_000)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    with serving(command, port, tmp_path / "second.log"):
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-connection-state", "CONNECTED")
        expect(start).to_be_enabled(timeout=60_000)
        expect(page.locator(".st-key-train-stop")).to_have_count(0)
        expect(page.get_by_label("Steps", exact=True)).to_have_value("20000")
        start.click()
        expect(status).to_contain_text("s left", timeout=60_000)
        expect(page.locator(".stException")).to_have_count(0)
        page.goto("about:blank")


def test_a_connection_cut_twenty_times_comes_back(app_url: str, page: Page) -> None:
    sockets: list[WebSocketRoute] = []

    def connect(socket: WebSocketRoute) -> None:
        sockets[:] = [socket, socket.connect_to_server()]

    page.route_web_socket("**/_stcore/stream", connect)
    page.goto(app_url)
    wait_for_tokens(page, "rossellini")
    text = "rossellini"
    for cut in range(CUTS):
        before = sockets[0]
        for one in tuple(sockets):
            one.close()
        while sockets[0] is before:
            page.wait_for_timeout(20)
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-connection-state", "CONNECTED")
        page.wait_for_timeout(300)  # what a run after it would be asked for has been asked by now
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        if cut % 5 == 4:
            text += "a"
            page.locator(FIELD).press("End")
            page.keyboard.type("a")
            wait_for_tokens(page, text)
    page.get_by_test_id("step-start").click()
    page.wait_for_function("() => new URL(location).searchParams.get('step') === '0'")
    expect(page.get_by_role("dialog")).to_have_count(0)
