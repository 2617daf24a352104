"""Several replicas of the app behind Caddy, as many as there are cores: `make serve`.

    python -m tools.serve [--replicas N] [--port 8501] [--host localhost]

One Python process uses one core, so a machine of N cores carries N of them. Each visitor stays on one replica
(`deploy/Caddyfile` says how). A replica that ends is started again; Ctrl-C ends them all.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL
from time import monotonic

from gru_viz.limits import cores
from tools.app import PATIENCE, ROOT, free_port, healthy

CADDYFILE = ROOT / "deploy" / "Caddyfile"
MISSING = (
    "There is no Caddy to stand before the replicas: pip install -r requirements-serve.txt brings one for Linux and "
    "macOS (elsewhere: caddyserver.com/docs/install), or name one in the variable CADDY; version 2.7 or newer."
)
SOON, LATEST = 1.0, 30.0
"""Seconds until what ended is started again: twice as many each time, up to the latest, if it ended soon after."""


@dataclass(frozen=True)
class Command:
    """A process that is to run as long as the rest does.

    Attributes:
        name: what it is called when it ends.
        line: the command.
        environment: variables it gets beside our own.
    """

    name: str
    line: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


def caddy() -> str | None:
    """The Caddy that `CADDY` names, this environment's, or one on the path."""
    if named := os.environ.get("CADDY"):
        return shutil.which(named)
    return shutil.which("caddy", path=str(Path(sys.executable).parent)) or shutil.which("caddy")


def addresses(host: str, port: int) -> list[str]:
    """The addresses of a host that can be listened on at a port: `localhost` has two where there is IPv6."""
    found = []
    for family, _, _, _, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(place)
            except OSError:
                continue
        found.append(f"[{place[0]}]" if family == socket.AF_INET6 else str(place[0]))
    return found


def replica(number: int, port: int, replicas: int) -> Command:
    """One process of the app, which only Caddy reaches."""
    line = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.headless", "true"]
    line += ["--server.address", "127.0.0.1", "--server.port", str(port), "--logger.level", "warning"]
    # A visitor's training takes a core; together the replicas train no more at once than one alone would.
    workers = os.environ.get("GRU_VIZ_WORKERS", str(max(1, cores() // replicas)))
    return Command(f"replica {number}", line, {"GRU_VIZ_WORKERS": workers})


def front(program: str, port: int, bind: Sequence[str], ports: Sequence[int]) -> Command:
    """Caddy before the replicas on these ports."""
    to = " ".join(["to", *(f"127.0.0.1:{port}" for port in ports)])
    environment = {"GRU_VIZ_SITE": f"http://:{port}", "GRU_VIZ_BIND": " ".join(bind), "GRU_VIZ_REPLICAS": to}
    return Command("Caddy", [program, "run", "--adapter", "caddyfile", "--config", str(CADDYFILE)], environment)


async def kept(command: Command) -> None:
    """Run a command for ever: when it ends it is started again. Cancelled, it is ended."""
    pause = SOON
    while True:
        begun = monotonic()
        # A session of its own: Ctrl-C in the terminal reaches us alone, and we end what we started.
        process = await asyncio.create_subprocess_exec(
            *command.line, cwd=ROOT, env=os.environ | command.environment, stdout=DEVNULL, start_new_session=True
        )
        try:
            code = await process.wait()
        finally:
            await _end(process)
        pause = SOON if monotonic() - begun > LATEST else min(2 * pause, LATEST)
        print(f"{command.name} ended with {code}; it is started again in {pause:.0f} s", file=sys.stderr, flush=True)
        await asyncio.sleep(pause)


async def _end(process: asyncio.subprocess.Process) -> None:
    for how in (signal.SIGTERM, signal.SIGKILL):
        if process.returncode is not None:
            return
        process.send_signal(how)
        try:
            await asyncio.wait_for(process.wait(), timeout=4)
        except TimeoutError:
            continue


async def _all_answer(doors: Sequence[tuple[int, str]]) -> None:
    async with asyncio.timeout(PATIENCE):
        for port, host in doors:
            while not await asyncio.to_thread(healthy, port, host):
                await asyncio.sleep(0.2)


async def serve(replicas: int, host: str, port: int, program: str, bind: Sequence[str]) -> None:
    """Keep everything running until we are asked to stop.

    Raises:
        TimeoutError: the app did not answer in time.
    """
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    ports = [free_port() for _ in range(replicas)]
    commands = [replica(number, at, replicas) for number, at in enumerate(ports, 1)]
    commands.append(front(program, port, bind, ports))
    tasks = [asyncio.create_task(kept(command)) for command in commands]
    here = "localhost" if host in ("0.0.0.0", "::") else host
    up = asyncio.create_task(_all_answer([*((at, "127.0.0.1") for at in ports), (port, here)]))
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([up, stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        if up.done():
            up.result()
            print(f"GRU Explorer: http://{here}:{port} · replicas: {replicas} · Ctrl-C ends them", flush=True)
        await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        up.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicas", type=int, default=cores())
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--host", default="localhost")
    options = parser.parse_args()
    if options.replicas < 1:
        sys.exit("At least one replica is needed.")
    program = caddy()
    if program is None:
        sys.exit(MISSING)
    bind = addresses(options.host, options.port)
    if not bind:
        sys.exit(f"Nothing can listen on {options.host}:{options.port}: the port is taken, or the host is not here.")
    try:
        asyncio.run(serve(options.replicas, options.host, options.port, program, bind))
    except TimeoutError:
        sys.exit(f"The app did not answer within {PATIENCE:.0f} seconds.")


if __name__ == "__main__":
    main()
