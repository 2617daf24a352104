"""The page opens with the instrument's skeleton in place, and nothing that stands moves when it fills."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tools.player import wait_for_tokens

WATCHED = {
    "title": ".gv-title",
    "language": ".st-key-lang",
    "text": ".st-key-text",
    "models": ".st-key-model",
    "instrument": ".st-key-player",
    "drawers": ".st-key-tab",
}

WATCH = """
window.seen = {};
const look = () => {
  for (const [name, where] of Object.entries(WATCHED)) {
    const found = document.querySelector(where);
    const box = found?.getBoundingClientRect();
    if (!box?.height) continue;
    const last = (seen[name] ??= []).at(-1), now = [box.x, box.y, name === "instrument" ? box.height : 0];
    if (!last || last.some((edge, side) => Math.abs(edge - now[side]) > 1)) seen[name].push(now.map(Math.round));
  }
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_nothing_jumps_when_the_page_fills(app_url: str, browser: Browser, theme: str, width: int, height: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme, locale="en-US")  # type: ignore[arg-type]
    page = context.new_page()
    page.add_init_script(WATCH.replace("WATCHED", repr({"skeleton": ".gv-skeleton"} | WATCHED)))
    page.goto(app_url)
    wait_for_tokens(page, "rossellini")
    expect(page.locator(".st-key-tab")).to_be_attached()
    page.wait_for_timeout(500)
    seen = page.evaluate("seen")
    assert {name: len(places) for name, places in seen.items()} == dict.fromkeys({"skeleton", *WATCHED}, 1), seen
    (skeleton,), (instrument,) = seen["skeleton"], seen["instrument"]
    assert skeleton[:2] == pytest.approx(instrument[:2], abs=1)
    context.close()


def test_where_nothing_will_fill_it_no_skeleton_stays(app_url: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{app_url}/train")
    expect(page.locator(".st-key-masthead")).to_be_visible()
    expect(page.locator(".gv-skeleton")).to_have_count(0)
    page.close()


def test_the_skeleton_is_gone_for_good_once_the_page_is_there(app_url: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(app_url)
    wait_for_tokens(page, "rossellini")
    expect(page.locator(".gv-skeleton")).to_have_count(0)
    page.close()
