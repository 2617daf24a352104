"""Reads the player in a browser, as a person would: from what is drawn."""

from __future__ import annotations

from playwright.sync_api import Page

TOKENS = """
const tokens = () => [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")]
  .flatMap((host) => [...(host.shadowRoot?.querySelectorAll("[data-testid=ribbon-token]") ?? [])])
  .sort((a, b) => a.dataset.step - b.dataset.step).map((token) => token.firstChild.textContent).join("");
"""
"""`tokens()`: the characters above the columns, from left to right; a component's document is a shadow root."""


def wait_for_tokens(page: Page, wanted: str) -> None:
    """Wait until the player's columns stand under these characters."""
    page.wait_for_function(f"(wanted) => {{ {TOKENS} return tokens() === wanted; }}", arg=wanted, timeout=60_000)


def choose(page: Page, key: str, words: str) -> None:
    """Press the choice of these words in a Streamlit control: a radio in some of them, a button in others."""
    page.locator(f".st-key-{key}").get_by_role("radio", name=words).or_(
        page.locator(f".st-key-{key}").get_by_role("button", name=words)
    ).first.click()
