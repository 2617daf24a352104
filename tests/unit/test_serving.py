"""`gru-viz run`: one line when all is prepared, in whatever folder it is started; the page is made once, for nobody."""

from __future__ import annotations

import asyncio
import os
import platform
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit import config
from streamlit.web.server.app_discovery import discover_asgi_app

from gru_viz.cli import INTERRUPTED
from gru_viz.ui import serving
from tools.app import ROOT, free_port


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the server did: made the page, opened a browser."""
    done: list[str] = []

    async def make() -> tuple[bool, str]:
        done.append("made")
        return False, "error"

    runtime = SimpleNamespace(get_instance=lambda: SimpleNamespace(does_script_run_without_error=make))
    monkeypatch.setattr(serving, "runtime", runtime)
    monkeypatch.setattr(serving.cli_util, "open_browser", lambda address: done.append(address))
    monkeypatch.setitem(serving._SAID, "line", "at {address}")
    before = config.get_option("server.headless")
    yield done
    config.set_option("server.headless", before)


def live() -> None:
    """One life of the server, without the server."""

    async def whole() -> None:
        async with serving.prepared(None):  # type: ignore[arg-type]
            await asyncio.sleep(0.05)

    with ThreadPoolExecutor(1) as elsewhere:  # the browser tests' own loop may be running in this thread
        elsewhere.submit(asyncio.run, whole()).result()


def test_the_page_is_made_once_and_the_address_said_once_even_if_the_page_fails(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    config.set_option("server.headless", True)
    live()
    assert asked == ["made"]
    assert capsys.readouterr().out == "at http://localhost:8501\n"


def test_a_browser_is_opened_where_there_is_one(asked: list[str]) -> None:
    config.set_option("server.headless", False)
    live()
    assert asked == ["http://localhost:8501", "made"]


def test_streamlit_finds_the_app_in_its_script() -> None:
    assert discover_asgi_app(ROOT / "app.py").import_string == "app:app"


def test_run_in_a_folder_of_ones_own_says_one_line_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    line = [sys.executable, "-m", "gru_viz.cli", "run", "--port", str(port), "--no-browser"]
    ours = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        line, cwd=tmp_path, env=ours, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == f"GRU Explorer: http://localhost:{port}  (Ctrl-C ends it)\n"
            if (maps := Path(f"/proc/{process.pid}/maps")).exists():
                assert "libtorch" in maps.read_text(), "nothing was prepared"
            with urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=30) as answer:
                assert answer.read() == b"ok"
            process.send_signal(signal.SIGINT)
            assert process.stdout.read().strip() == ""
            assert process.wait(timeout=60) == INTERRUPTED
        finally:
            process.kill()


HEAPS = """
from ctypes import CDLL, c_void_p
from threading import Barrier, Thread
from gru_viz.ui import serving
serving._few_arenas()
together = Barrier(12)
def work():
    together.wait()
    kept.append([object() for _ in range(1000)])
    together.wait()
kept, all_of_them = [], [Thread(target=work) for _ in range(12)]
[one.start() for one in all_of_them], [one.join() for one in all_of_them]
libc = CDLL(None)
libc.fdopen.restype = c_void_p
out = c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has heaps of another kind")
def test_threads_share_few_heaps_so_that_what_visitors_leave_is_used_again() -> None:
    done = subprocess.run([sys.executable, "-c", HEAPS], cwd=ROOT, capture_output=True, text=True, check=True)
    assert 0 < done.stdout.count("<heap nr=") <= serving.ARENAS


def test_another_c_library_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "CDLL", lambda _: SimpleNamespace())
    serving._few_arenas()
