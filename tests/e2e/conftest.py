"""A running app and a real Chromium for the browser tests. Without a Chromium they fail and say so; none is skipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright, expect

from tools.app import ROOT, free_port, serving, streamlit, tail
from tools.browser import FLAGS, MISSING, system

LOG = pytest.StashKey[Path]()

expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("e2e")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], playwright: Playwright) -> dict[str, Any]:
    """pytest-playwright's own fixture, told which Chromium to start."""
    found = system() or Path(playwright.chromium.executable_path)
    if not found.is_file():
        pytest.fail(MISSING, pytrace=False)
    return browser_type_launch_args | {"executable_path": str(found), "args": list(FLAGS)}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """The window the pages are designed for."""
    return browser_context_args | {"viewport": {"width": 1440, "height": 900}, "locale": "en-US"}


@pytest.fixture(scope="session")
def app_url(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, started once for all browser tests."""
    port = free_port()
    log = pytestconfig.stash[LOG] = tmp_path_factory.mktemp("app") / "streamlit.log"
    with serving(streamlit(ROOT / "app.py", port), port, log) as address:
        yield address


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page that holds nothing but one player: the module's `PAGE`."""
    port = free_port()
    log = tmp_path_factory.mktemp("stage") / "streamlit.log"
    with serving(streamlit(ROOT / "tests" / "e2e" / request.module.PAGE, port), port, log) as address:
        yield address


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A browser test that fails shows what the app wrote."""
    report = yield
    log = item.config.stash.get(LOG, None)
    if report.failed and log is not None and log.is_file():
        report.sections.append(("the app's log", tail(log)))
    return report
