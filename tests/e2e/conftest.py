"""A running app and a real Chromium for the browser tests. Without a Chromium they fail and say so; none is skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect

from tools.app import ROOT, free_port, serving, streamlit, tail
from tools.browser import FLAGS, MISSING, for_tests

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
    chosen = browser_type_launch_args | {"args": list(FLAGS)}
    if found := for_tests():
        return chosen | {"executable_path": str(found)}
    if not Path(playwright.chromium.executable_path).is_file():
        pytest.fail(MISSING, pytrace=False)
    return chosen


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """The window the pages are designed for."""
    return browser_context_args | {"viewport": {"width": 1440, "height": 900}, "locale": "en-US"}


@pytest.fixture(scope="session")
def warmed(browser: Browser, browser_context_args: dict[str, Any]) -> Callable[[], BrowserContext]:
    """Gives the window that holds Streamlit's scripts, compiled once; another one, should a test have closed it."""
    kept = [browser.new_context(**browser_context_args)]

    def window() -> BrowserContext:
        if kept[0] not in browser.contexts:
            kept[0] = browser.new_context(**browser_context_args)
        return kept[0]

    return window


@pytest.fixture
def context(warmed: Callable[[], BrowserContext]) -> Iterator[BrowserContext]:
    """pytest-playwright's own fixture: each test comes as a visitor of whom nothing is remembered."""
    window = warmed()
    yield window
    if window not in window.browser.contexts:
        return
    page = window.pages[0] if window.pages else window.new_page()
    window.new_cdp_session(page).send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
    for page in window.pages:
        page.close()
    window.clear_cookies()
    window.clear_permissions()
    window.set_offline(False)
    window.unroute_all()


@pytest.fixture(scope="session")
def app_url(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, started once for all browser tests."""
    port = free_port()
    log = pytestconfig.stash[LOG] = tmp_path_factory.mktemp("app") / "streamlit.log"
    with serving(streamlit(ROOT / "app.py", port), port, log) as address:
        yield address


@pytest.fixture(scope="session")
def stages_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the pages that hold nothing but one player, started once for all browser tests."""
    port = free_port()
    log = tmp_path_factory.mktemp("stages") / "streamlit.log"
    with serving(streamlit(ROOT / "tests" / "e2e" / "stages.py", port), port, log) as address:
        yield address


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest, stages_url: str) -> str:
    """The address of the page that the module names: its `PAGE`."""
    return f"{stages_url}/{Path(request.module.PAGE).stem}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A browser test that fails shows what the app wrote."""
    report = yield
    log = item.config.stash.get(LOG, None)
    if report.failed and log is not None and log.is_file():
        report.sections.append(("the app's log", tail(log)))
    return report
