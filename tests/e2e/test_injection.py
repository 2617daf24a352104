"""What strangers write is shown as they wrote it: nothing of it runs, loads or is read as markup. And nothing is taken
in from another site.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlparse

import pytest
from playwright.sync_api import Page, expect
from streamlit import config

from gru_viz.limits import SENT_MEGABYTES
from tools.app import ROOT

EVIL = (
    "<img src=x onerror=hacked=1>",
    "<script>hacked=1</script>",
    "<svg onload=hacked=1>",
    "[a](javascript:hacked=1) ![b](https://evil.example/b.png)",
    "$$\\href{javascript:hacked=1}{x}$$ :material/close: :red[c]",
)
FOUND = """() => {
  const all = (root) => [...root.querySelectorAll("*")]
    .flatMap((one) => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])]);
  return {
    hacked: typeof hacked !== "undefined",
    made: all(document).filter((one) => one.hasAttribute("onerror") || one.hasAttribute("onload")
      || (one.getAttribute("href") ?? one.getAttribute("xlink:href") ?? "").startsWith("javascript:")
      || (one.getAttribute("src") ?? "").match(/^x$|evil/)).map((one) => one.outerHTML),
  };
}"""
"""What ran, and what was made of it, in the page and in the components' own documents."""


@dataclass
class Watched:
    """A page, and what it asked of other servers."""

    page: Page
    outside: list[str] = field(default_factory=list)

    def rests(self) -> None:
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        self.page.wait_for_timeout(300)


def _strange(url: str) -> bool:
    """Whether nobody but a stranger's markup would ask for it."""
    asked = urlparse(url)
    return asked.hostname not in ("localhost", None) or asked.path.endswith("/x")


@pytest.fixture
def watched(page: Page) -> Iterator[Watched]:
    """At the end nothing ran, nothing was made of it, and nobody else was asked for anything."""
    found = Watched(page)
    page.on("request", lambda one: found.outside.append(one.url) if _strange(one.url) else None)
    yield found
    found.rests()
    assert page.evaluate(FOUND) == {"hacked": False, "made": []}
    assert not found.outside
    expect(page.locator(".stException")).to_have_count(0)


@pytest.mark.parametrize("path", ["?tab=predictions", "bi-gru", "compare"])
def test_text_is_text(app_url: str, watched: Watched, path: str) -> None:
    page, evil = watched.page, "".join(EVIL[:4])
    page.goto(f"{app_url}/{path}{'&' if '?' in path else '?'}text={quote(evil)}")
    tokens = page.get_by_test_id("ribbon-token")
    tokens.first.wait_for(timeout=60_000)
    watched.rests()
    tokens.nth(2).hover()
    for name in ("data", "parts", "help"):
        page.goto(f"{app_url}/{path.partition('?')[0]}?tab={name}&text={quote(evil)}&model={quote(EVIL[0])}")
        tokens.first.wait_for(timeout=60_000)
        watched.rests()


def test_a_link_with_markup_for_values_is_quoted(app_url: str, watched: Watched) -> None:
    page = watched.page
    page.goto(f"{app_url}/?step={quote(EVIL[3])}&layer={quote(EVIL[0])}&unit={quote(EVIL[4])}")
    expect(page.locator(".st-key-notices")).to_contain_text(EVIL[0])
    expect(page.locator(".st-key-notices a, .st-key-notices img")).to_have_count(0)


def test_a_tables_headers_and_cells_are_text(app_url: str, watched: Watched, tmp_path: Path) -> None:
    page, file = watched.page, tmp_path / "<img src=x onerror=hacked=1>.csv"
    rows = [f"{k},{k * 2},{EVIL[k % 3]}" for k in range(30)]
    file.write_text("\n".join([f"{EVIL[0]},{EVIL[1]},{EVIL[3]}", *rows]), encoding="utf-8")
    page.goto(f"{app_url}/?model=numbers")
    page.locator(".st-key-file input[type=file]").set_input_files(file, timeout=60_000)
    expect(page.locator(".stMain")).to_contain_text("onerror")
    watched.rests()


def test_classes_names_are_text(app_url: str, watched: Watched, tmp_path: Path) -> None:
    page, file = watched.page, tmp_path / "classes.csv"
    rows = [f"some text {k} {EVIL[k % 3]},{EVIL[k % 3]}" for k in range(60)]
    file.write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    page.goto(f"{app_url}/train?task=table&cells=gru&steps=10&width=8")
    page.locator(".st-key-train-file-table input[type=file]").set_input_files(file, timeout=60_000)
    page.locator(".st-key-train-start button:enabled").first.click(timeout=60_000)
    page.get_by_test_id("ribbon-token").first.wait_for(timeout=120_000)
    page.get_by_test_id("ribbon-token").first.hover()
    page.locator(".st-key-train-open button").click()
    page.wait_for_url(lambda address: urlparse(address).path == "/")
    expect(page.get_by_test_id("belief-now")).to_contain_text("<", timeout=60_000)


def test_uploads_need_the_sites_own_token(app_url: str) -> None:
    """Cross-site request forgery: a file that another page sends in a visitor's name is refused."""
    connection = HTTPConnection(urlparse(app_url).netloc)
    with closing(connection):
        headers = {"Origin": "https://evil.example"}
        connection.request("PUT", "/_stcore/upload_file/somebody/something", b"x", headers)
        assert connection.getresponse().status == 403


def test_the_servers_own_caps_are_ours() -> None:
    shipped = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert f"maxUploadSize = {SENT_MEGABYTES}\n" in shipped
    assert "Xsrf" not in shipped
    assert "enableCORS" not in shipped
    assert config.get_config_options()["server.enableXsrfProtection"].default_val is True
