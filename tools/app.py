"""Start the app as a process of its own and stop it again: for the browser tests and the benchmarks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120.0
"""Seconds until the app must answer: importing torch on a busy machine takes its time."""

QUIET = ("--server.headless", "true", "--server.fileWatcherType", "none", "--server.address", "localhost")


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


def streamlit(script: Path, port: int) -> list[str]:
    """The command that serves a script on a port, without opening a browser."""
    return [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port), *QUIET]


def healthy(port: int, host: str = "localhost") -> bool:
    """Whether an app answers there and is ready for visitors."""
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/_stcore/health", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


@contextmanager
def serving(command: Sequence[str], port: int, log: Path, folder: Path = ROOT) -> Iterator[str]:
    """Run a command in a folder until it answers on a port; give its address; end it and all it started afterwards.

    Raises:
        RuntimeError: it ended, or did not answer in time; with the last lines of its log.
    """
    with started(command, port, log, folder):
        yield f"http://localhost:{port}"


@contextmanager
def started(command: Sequence[str], port: int, log: Path, folder: Path = ROOT) -> Iterator[subprocess.Popen[bytes]]:
    """The same; give the process."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        _wait(process, port, log)
        yield process
    finally:
        _end(process)


def tail(log: Path, lines: int = 40) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        if healthy(port):
            return
        time.sleep(0.1)
    how = "did not answer" if process.poll() is None else f"ended with {process.returncode}"
    raise RuntimeError(f"The app {how}. Its log:\n{tail(log)}")


def _end(process: subprocess.Popen[bytes]) -> None:
    # The command may be a `make` whose child serves: the whole session that we opened for it is ended.
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
            process.wait(timeout=10)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait(timeout=10)
