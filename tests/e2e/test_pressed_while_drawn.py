"""What is pressed while a page is still being drawn is not lost: neither where it was pressed nor in the address.

What the server sends is held back here and let through message by message, so that nothing depends on how fast a
machine is: the player is pressed as soon as it stands, and what came before the answer reaches the page with it.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tools.player import TOKENS, wait_for_tokens


class Held:
    """The messages of the server, on their way to a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.waiting: list[str | bytes] = []
        self.open = False
        self.sockets: list[WebSocketRoute] = []
        self.asked: list[str | bytes] = []
        page.route_web_socket("**/_stcore/stream", self._connect)

    def _connect(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        server = socket.connect_to_server()
        socket.on_message(lambda message: (self.asked.append(message), server.send(message)))
        server.on_message(lambda message: socket.send(message) if self.open else self.waiting.append(message))

    def until_it_stands(self, tokens: str) -> None:
        """Let messages through one by one until the page shows a player that reads these tokens."""
        for _ in range(2000):
            if self.page.evaluate(f"(wanted) => {{ {TOKENS} return tokens() === wanted; }}", tokens):
                return
            if self.waiting:
                self.sockets[-1].send(self.waiting.pop(0))
            self.page.wait_for_timeout(30)
        pytest.fail("the player never stood")

    def up_to(self, words: bytes) -> None:
        """Let through what comes before the first message that says so."""
        for _ in range(2000):
            if self.waiting and words in _bytes(self.waiting[0]):
                return
            if self.waiting:
                self.sockets[-1].send(self.waiting.pop(0))
            self.page.wait_for_timeout(30)
        pytest.fail("the server never said so")

    def until_said(self, words: bytes) -> None:
        """Wait until the server has said so; the page has heard none of it yet."""
        for _ in range(1000):
            if any(words in _bytes(message) for message in self.waiting):
                return
            self.page.wait_for_timeout(30)
        pytest.fail("the server never answered")

    def told(self) -> list[int]:
        """The numbers under which the player told where it stands, each once."""
        found = [re.findall(rb'"count": ?([0-9]+)', _bytes(message)) for message in self.asked]
        return sorted({int(number) for numbers in found for number in numbers})

    def let_go(self) -> None:
        """Let everything through, all that waits at once."""
        self.open = True
        for message in self.waiting:
            self.sockets[-1].send(message)
        self.waiting.clear()


def _bytes(message: str | bytes) -> bytes:
    return message.encode() if isinstance(message, str) else message


def asked(page: Page, name: str) -> str | None:
    return page.evaluate("(name) => new URL(location).searchParams.get(name)", name)


PAGES = [
    ("compare", "rossellini"),
    ("", "rossellini"),
    ("?model=english", "In␣the␣beginning␣"),
    ("bi-gru?text=def%20define", "def␣define"),
]


@pytest.mark.parametrize(
    ("path", "tokens", "later"), [(*page, False) for page in PAGES] + [(*PAGES[k], True) for k in (0, 2)]
)
def test_a_step_pressed_while_the_page_is_drawn_stays(
    app_url: str, page: Page, path: str, tokens: str, later: bool
) -> None:
    """`later`: pressed not at once, but before the page's other writers of the address have come."""
    held = Held(page)
    page.goto(f"{app_url}/{path}")
    held.until_it_stands(tokens)
    if later:
        held.up_to(b"address-of-")
    page.get_by_test_id("step-start").click()
    page.get_by_test_id("step-forward").click()
    held.until_said(b'"step", "1"')
    held.let_go()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.wait_for_function("() => new URL(location).searchParams.get('step') === '1'")
    page.wait_for_timeout(500)  # whoever writes an older address has done so by now
    assert asked(page, "step") == "1"
    expect(page.get_by_test_id("step-words")).to_have_text(f"step 2 of {len(tokens)}")
    page.reload()
    wait_for_tokens(page, tokens)
    expect(page.get_by_test_id("step-words")).to_have_text(f"step 2 of {len(tokens)}")


@pytest.mark.parametrize(("path", "tokens"), [("compare", "rossellini"), ("?model=english", "In␣the␣beginning␣")])
def test_another_theme_leaves_the_address_as_it_was(app_url: str, page: Page, path: str, tokens: str) -> None:
    """Every part of a page that writes the address does so again then, with what it knew when it was drawn."""
    page.goto(f"{app_url}/{path}")
    wait_for_tokens(page, tokens)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.get_by_test_id("step-start").click()
    page.wait_for_function("() => new URL(location).searchParams.get('step') === '0'")
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".player").first).to_have_attribute("data-theme", "dark")
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.wait_for_timeout(500)
    assert asked(page, "step") == "0"


def test_a_step_pressed_again_after_another_text_is_told_again(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/compare")
    wait_for_tokens(page, "rossellini")
    page.get_by_test_id("step-start").click()
    for _ in range(5):
        page.get_by_test_id("step-forward").click()
    page.wait_for_function("() => new URL(location).searchParams.get('step') === '5'")
    field = page.locator(".st-key-compare-text input")
    field.fill("ro")
    wait_for_tokens(page, "ro")
    expect(page.get_by_test_id("step-words")).to_have_text("step 2 of 2")
    field.fill("rossel")
    wait_for_tokens(page, "rossel")
    expect(page.get_by_test_id("step-words")).to_have_text("step 6 of 6")
    page.wait_for_function("() => !new URL(location).searchParams.has('step')")
    field.fill("rossellini")
    wait_for_tokens(page, "rossellini")
    expect(page.get_by_test_id("step-words")).to_have_text("step 10 of 10")
    for _ in range(4):
        page.get_by_test_id("step-back").click()
    page.wait_for_function("() => new URL(location).searchParams.get('step') === '5'")


@pytest.mark.parametrize(("path", "tokens"), [("compare", "rossellini"), ("?model=english", "In␣the␣beginning␣")])
def test_what_is_pressed_while_a_run_goes_on_is_worth_one_more(
    app_url: str, page: Page, path: str, tokens: str
) -> None:
    held = Held(page)
    held.open = True
    page.goto(f"{app_url}/{path}")
    wait_for_tokens(page, tokens)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    held.open = False
    page.get_by_test_id("step-start").click()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("step-words")).to_have_text(f"step 5 of {len(tokens)}")
    assert held.told() == [1]
    held.until_said(b'"step", "0"')
    held.let_go()
    page.wait_for_function("() => new URL(location).searchParams.get('step') === '4'")
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    assert held.told() == [1, 2]
    expect(page.get_by_test_id("step-words")).to_have_text(f"step 5 of {len(tokens)}")


def test_a_file_asked_for_while_a_run_goes_on_is_the_newest(app_url: str, page: Page) -> None:
    """The page still shows what stood there before the last letter; the server has forgotten it."""
    held = Held(page)
    held.open = True
    page.goto(f"{app_url}/?tab=data&text=anna")
    wait_for_tokens(page, "anna")
    link = page.locator("#download-csv")
    expect(link).to_be_visible()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    held.open = False
    page.locator(".st-key-text input").fill("annal")
    held.until_said(b'"text", "annal"')
    page.wait_for_timeout(500)  # the run has come to its end, and what nobody holds is gone
    for _ in range(2):
        with page.expect_download() as download:
            link.click()
        assert download.value.suggested_filename == "names-layer1.csv"
        rows = download.value.path().read_text(encoding="utf-8-sig").splitlines()[1:]
        assert len(rows) == 5 * 96, "a row for each letter and unit"
    held.let_go()
    wait_for_tokens(page, "annal")


def test_nothing_can_be_pressed_before_the_player_listens(app_url: str, page: Page) -> None:
    """The component's markup comes with its script, and whoever sees it is heard."""
    page.add_init_script(
        """
        const open = Element.prototype.attachShadow;
        window.early = [];
        Element.prototype.attachShadow = function (options) {
          const root = open.call(this, options);
          new MutationObserver(() => {
            const button = root.querySelector("[data-testid=step-start]");
            const heard = root.querySelector(".player")?.classList.contains("ready");
            if (button) window.early.push(heard || getComputedStyle(button).visibility === "hidden");
          }).observe(root, { childList: true, subtree: true });
          return root;
        };
        """
    )
    page.goto(app_url)
    wait_for_tokens(page, "rossellini")
    early = page.evaluate("window.early")
    assert early
    assert all(early)
    expect(page.get_by_test_id("step-start")).to_be_visible()


LATE = """async ([name, key, data]) => {
  const { src } = [...document.querySelectorAll("script[type=module]")].find((one) => one.src.includes(`/${name}-`));
  const place = document.querySelector(`.st-key-${key} [data-testid=stBidiComponentIsolated]`).shadowRoot;
  const { default: shown } = await import(src);
  shown({ data: data ?? new Uint8Array(0), parentElement: place, setStateValue() {} })();
}"""
"""What Streamlit does when newer data come while the last are on their way into a component: it lets it take those, and
then ends what they made, though the component stands."""


def test_a_player_goes_on_playing_when_newer_data_overtake_older(app_url: str, page: Page) -> None:
    page.goto(app_url)
    wait_for_tokens(page, "rossellini")
    page.get_by_test_id("loop").click()
    page.get_by_test_id("play").click()
    page.evaluate(LATE, ["player", "player", None])
    stands = page.get_by_test_id("step-words")
    for _ in range(3):
        seen = stands.inner_text()
        expect(stands).not_to_have_text(seen)


def test_a_field_stays_shut_without_a_server_when_newer_data_overtake_older(app_url: str, page: Page) -> None:
    page.goto(app_url)
    wait_for_tokens(page, "rossellini")
    field = page.locator(".st-key-text input")
    data = {"text": "anna", "stamp": 1, "session": "s", "heard": 0, "label": "", "placeholder": "", "several": False}
    page.evaluate(LATE, ["text", "text", data])
    expect(field).to_have_value("anna")
    page.get_by_test_id("stApp").evaluate("app => { app.dataset.testConnectionState = 'DISCONNECTED'; }")
    expect(field).to_be_disabled()
