"""`make serve`: what it keeps running is started again when it ends, and ends with it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tools import serve

NOTES_ITS_PROCESS = """
import os, pathlib, sys, time
(pathlib.Path(sys.argv[1]) / str(os.getpid())).touch()
time.sleep(600)
"""


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def started(folder: Path, count: int) -> list[int]:
    async with asyncio.timeout(60):
        while len(found := [int(file.name) for file in folder.iterdir()]) < count:
            await asyncio.sleep(0.01)
    return found


def test_what_ends_is_started_again_and_what_runs_ends_with_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serve, "SOON", 0.01)
    command = serve.Command("replica 7", [sys.executable, "-S", "-c", NOTES_ITS_PROCESS, str(tmp_path)])

    async def story() -> None:
        task = asyncio.create_task(serve.kept(command))
        (first,) = await started(tmp_path, 1)
        os.kill(first, signal.SIGKILL)
        (second,) = {*await started(tmp_path, 2)} - {first}
        assert not gone(second)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert gone(second)

    # In a thread of its own: where browser tests ran before, Playwright's loop is this thread's.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, story()).result()
    assert "replica 7 ended with -9" in capfd.readouterr().err


def test_a_port_that_is_taken_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert serve.addresses("127.0.0.1", port) == []
        monkeypatch.setattr(sys, "argv", ["serve", "--port", str(port), "--host", "127.0.0.1"])
        with pytest.raises(SystemExit, match=f"Nothing can listen on 127.0.0.1:{port}"):
            serve.main()
    assert serve.addresses("127.0.0.1", port) == ["127.0.0.1"]


def test_without_caddy_it_says_where_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CADDY", "no-such-program")
    monkeypatch.setattr(sys, "argv", ["serve"])
    with pytest.raises(SystemExit, match=r"pip install -r requirements-serve\.txt"):
        serve.main()


@pytest.mark.parametrize(("replicas", "workers"), [(1, "4"), (2, "2"), (3, "1"), (9, "1")])
def test_replicas_share_the_cores_for_training(monkeypatch: pytest.MonkeyPatch, replicas: int, workers: str) -> None:
    monkeypatch.setattr(serve, "cores", lambda: 4)
    monkeypatch.delenv("GRU_VIZ_WORKERS", raising=False)
    assert serve.replica(1, 8502, replicas).environment == {"GRU_VIZ_WORKERS": workers}
    monkeypatch.setenv("GRU_VIZ_WORKERS", "3")
    assert serve.replica(1, 8502, replicas).environment == {"GRU_VIZ_WORKERS": "3"}
