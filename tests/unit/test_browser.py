"""Which Chromium is driven: the one that is named, else for tests the lighter one, and for benchmarks a visitor's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import browser


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A path with two Chromiums on it, and none of Playwright's."""
    for name in ("chromium", "chromium-headless-shell", "mine"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(browser, "_playwrights", lambda: None)
    return tmp_path


def test_tests_take_the_shell_and_benchmarks_what_a_visitor_has(programs: Path) -> None:
    assert (browser.for_tests(), browser.find()) == (programs / "chromium-headless-shell", programs / "chromium")


@pytest.mark.parametrize("only", ["chromium", "chromium-headless-shell"])
def test_either_serves_both_where_it_is_the_only_one(programs: Path, only: str) -> None:
    for other in {"chromium", "chromium-headless-shell"} - {only}:
        (programs / other).unlink()
    assert browser.for_tests() == browser.find() == programs / only


def test_the_one_that_is_named_is_taken_and_must_exist(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "mine")
    assert browser.for_tests() == browser.find() == programs / "mine"
    monkeypatch.setenv("CHROMIUM", "nobodys")
    with pytest.raises(SystemExit, match="no such program"):
        browser.for_tests()


def test_without_any_the_shell_is_installed_and_then_playwright_is_asked(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(browser, "_root_on_debian", lambda: True)
    monkeypatch.setattr(browser.subprocess, "run", lambda line, **_: asked.append(line[-1]) or _Failed())
    browser.install()
    assert asked == [], "nothing is missing"
    (programs / "chromium-headless-shell").unlink()
    browser.install()
    assert asked == ["-q", browser.FONTS], "there is another"
    asked.clear()
    (programs / "chromium").unlink()
    browser.install()
    assert asked == ["-q", browser.FONTS, "chromium", "-q", browser.FONTS]


class _Failed:
    returncode = 1
