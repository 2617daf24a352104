"""Dockerfile, compose.yaml and Caddyfile agree with each other and with the project; what can be run of them runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest

from tools import serve

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DYNAMIC = re.sub(
    r"^ +", "", COMPOSE.partition("GRU_VIZ_REPLICAS: |-\n")[2].partition("    volumes:")[0], flags=re.MULTILINE
)


def copied() -> list[str]:
    """What the Dockerfile takes from the project's folder."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def test_what_the_image_takes_is_there_and_is_sent_to_the_builder() -> None:
    rules = [
        line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    ]
    assert rules[0] == "*"
    kept = [rule[1:] for rule in rules if rule.startswith("!")]
    dropped = [rule for rule in rules[1:] if not rule.startswith("!")]
    assert {"gru_viz", "app.py", ".streamlit", "requirements.txt"} <= set(copied())
    for source in copied():
        assert (ROOT / source).exists(), source
        assert source.split("/")[0] in kept
        assert not any(fnmatch(source, rule) for rule in dropped)


def test_the_image_carries_what_the_wheel_carries() -> None:
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    for path in (*wheel["only-include"], *wheel["force-include"]):
        assert any(path == source or path.startswith(f"{source}/") for source in copied()), path


def test_its_python_is_one_the_project_runs_on() -> None:
    builder, runner = re.findall(r"^FROM python:([\d.]+)-slim", DOCKERFILE, re.MULTILINE)
    assert builder == runner, "a virtual environment belongs to the Python that made it"
    least = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert [int(part) for part in runner.split(".")] >= [int(part) for part in least.split(".")]


def test_nobody_in_the_container_is_root_or_may_become_it() -> None:
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE) == ["1000"]
    app = COMPOSE[COMPOSE.index("  app:") : COMPOSE.index("  front:")]
    for line in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "memory:"):
        assert line in app
    assert "/tmp:size=" in app, "the only place that can be written"
    written = re.findall(r"(?:HOME|CACHE\w*|DIR)=(\S+)", DOCKERFILE)
    assert written
    assert all(place.startswith("/tmp") for place in written)


def test_one_port_from_the_app_to_caddy() -> None:
    (port,) = re.findall(r"STREAMLIT_SERVER_PORT=(\d+)", DOCKERFILE)
    assert re.findall(r"^EXPOSE (\d+)", DOCKERFILE, re.MULTILINE) == [port]
    assert f'expose: ["{port}"]' in COMPOSE
    assert f"port {port}\n" in DYNAMIC


class Health(BaseHTTPRequestHandler):
    """An app that is ready or not."""

    status = 200
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_health_check_asks_the_app_and_believes_it(status: int, healthy: bool) -> None:
    _, line = re.findall(r"^HEALTHCHECK (.*) \\\n +CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)[0]
    program, *arguments = json.loads(line)
    assert program == "python"
    server = HTTPServer(("127.0.0.1", 0), type("Answering", (Health,), {"status": status, "asked": []}))
    Thread(target=server.serve_forever, daemon=True).start()
    port = str(server.server_address[1])
    done = subprocess.run(
        [sys.executable, *arguments], env=os.environ | {"STREAMLIT_SERVER_PORT": port}, capture_output=True, timeout=60
    )
    server.shutdown()
    server.server_close()
    assert server.RequestHandlerClass.asked == ["/_stcore/health"]
    assert (done.returncode == 0) is healthy


@pytest.mark.parametrize("replicas", ["to 127.0.0.1:8502 127.0.0.1:8503", DYNAMIC], ids=["make serve", "compose"])
def test_caddy_reads_the_caddyfile(replicas: str) -> None:
    program = serve.caddy()
    assert program is not None, serve.MISSING
    variables = os.environ | {"GRU_VIZ_REPLICAS": replicas}
    line = [program, "adapt", "--adapter", "caddyfile", "--config", str(serve.CADDYFILE), "--validate"]
    done = subprocess.run(line, env=variables, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    (server,) = json.loads(done.stdout)["apps"]["http"]["servers"].values()
    (proxy,) = (way for route in server["routes"] for way in route["handle"] if way["handler"] == "reverse_proxy")
    assert proxy["load_balancing"]["selection_policy"]["policy"] == "cookie"
    assert [up["dial"] for up in proxy.get("upstreams", [])] == re.findall(r"127\S+", replicas)
    assert ("dynamic_upstreams" in proxy) is replicas.startswith("dynamic")
