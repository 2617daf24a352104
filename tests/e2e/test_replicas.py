"""Two replicas behind Caddy, as `make serve` starts them: a visitor stays on one, and goes on when it dies."""

from __future__ import annotations

import os
import re
import signal
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tools.app import free_port, serving
from tools.player import wait_for_tokens

PROCESSES = Path("/proc")

pytestmark = pytest.mark.skipif(not PROCESSES.is_dir(), reason="which replica serves whom is read from Linux's /proc")


class Replicas:
    """What `make serve` runs, as the test sees it from outside.

    Attributes:
        address: where visitors come in.
        port: its port.
    """

    def __init__(self, address: str, port: int) -> None:
        self.address, self.port = address, port

    def processes(self) -> dict[int, int]:
        """The process of each replica by its port."""
        lines = {int(each.name): words(each) for each in PROCESSES.iterdir() if each.name.isdecimal()}
        starter = next(pid for pid, line in lines.items() if "tools.serve" in line and str(self.port) in line)
        return {
            int(line[line.index("--server.port") + 1]): pid
            for pid, line in lines.items()
            if "--server.port" in line and parent(pid) == starter
        }

    def visitors(self) -> dict[int, int]:
        """How many pages each replica that answers has open, by its port."""
        found = {}
        for port in self.processes():
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/metrics", timeout=30) as answer:
                    counted = re.search(r"^active_sessions\S* (\d+)", answer.read().decode(), re.MULTILINE)
            except OSError:
                continue
            found[port] = int(counted[1]) if counted else 0
        return found


def words(process: Path) -> list[str]:
    try:
        return (process / "cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
    except OSError:  # it has ended meanwhile
        return []


def parent(pid: int) -> int:
    try:
        return int((PROCESSES / str(pid) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    except OSError:
        return 0


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    port = free_port()
    command = [sys.executable, "-m", "tools.serve", "--replicas", "2", "--port", str(port)]
    with serving(command, port, tmp_path_factory.mktemp("replicas") / "serve.log") as address:
        yield Replicas(address, port)


def opened(browser: Browser, address: str) -> tuple[Page, list[WebSocketRoute]]:
    """A page of a new visitor, and its websockets, the newest last."""
    page = browser.new_context(locale="en-US").new_page()
    sockets: list[WebSocketRoute] = []

    def connect(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket("**/_stcore/stream", connect)
    page.goto(address)
    return page, sockets


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait for something that the page does not show."""
    for _ in range(600):
        if holds():
            return
        page.wait_for_timeout(100)
    pytest.fail("it never came to be")


def settled(page: Page) -> None:
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def test_a_visitor_stays_on_one_replica_and_goes_on_when_it_dies(
    replicas: Replicas, browser: Browser, tmp_path: Path
) -> None:
    page, sockets = opened(browser, f"{replicas.address}/?model=numbers&tab=data")
    tokens = page.get_by_test_id("ribbon-token")
    expect(tokens.first).to_be_visible()
    (home,) = (port for port, count in replicas.visitors().items() if count)
    other, _ = opened(browser, f"{replicas.address}/?text=otto")
    wait_for_tokens(other, "otto")
    assert set(replicas.visitors().values()) == {1}, "a second visitor goes where there are fewer"

    # A file on its way up or down, and a session that a broken line left behind, are known to one replica alone.
    page.locator(".st-key-file input[type=file]").set_input_files(
        {"name": "mine.csv", "mimeType": "text/csv", "buffer": b"a\n1\n2\n3\n"}
    )
    expect(tokens).to_have_count(3)
    settled(page)
    before = len(sockets)
    sockets[-1].close()
    until(page, lambda: len(sockets) > before)
    settled(page)
    with page.expect_download() as download:
        page.locator("#download-csv").click()
    download.value.save_as(tmp_path / "trace.csv")
    assert (tmp_path / "trace.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    expect(tokens).to_have_count(3)
    assert set(replicas.visitors().values()) == {1}

    page.goto(f"{replicas.address}/?text=anna")
    wait_for_tokens(page, "anna")
    dead = replicas.processes()[home]
    os.kill(dead, signal.SIGKILL)
    until(page, lambda: [count for port, count in replicas.visitors().items() if port != home] == [2])
    wait_for_tokens(page, "anna")
    page.goto(f"{replicas.address}/?text=annabel")
    wait_for_tokens(page, "annabel")
    expect(page.locator(".stException, [role=dialog]")).to_have_count(0)
    wait_for_tokens(other, "otto")

    until(page, lambda: home in replicas.visitors())
    assert replicas.processes()[home] != dead
    for one in (page, other):
        one.context.close()
