"""Clicks faster than the server answers, held keys, and clicks at a person's speed: the page lives, and the last press
wins.

Streamlit has the browser remember large messages and refers to them. A request says what the browser holds as it is
sent; the browser forgets a message three finished runs after it was last shown. Where requests overtake runs, a
reference reaches a browser that has forgotten: "Cached ForwardMsg MISS", and only a reload helps. So no message may be
one that is remembered (`global.minCachedMessageSize`); that is looked at besides, as it hangs on no machine's speed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

BURSTS = 2
CLICKS = 10


class Heard:
    """What the server sends to a page."""

    def __init__(self, page: Page) -> None:
        self.messages: list[ForwardMsg] = []
        page.on("websocket", lambda socket: socket.on("framereceived", self._hear))

    def _hear(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            self.messages.append(ForwardMsg.FromString(frame))

    def remembered(self) -> list[str]:
        """Of what kind those are that the browser is to remember, or is believed to."""
        return [
            "a reference" if one.HasField("ref_hash") else str(one.delta.new_element.WhichOneof("type"))
            for one in self.messages
            if one.metadata.cacheable or one.HasField("ref_hash")
        ]


@pytest.fixture
def heard(page: Page) -> Iterator[Heard]:
    """At the end the page still stands and no message was one that is remembered."""
    found = Heard(page)
    yield found
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".stException")).to_have_count(0)
    assert found.messages
    assert not found.remembered()


def trained(page: Page, app_url: str) -> None:
    """Train's player, which stands once something was trained."""
    page.goto(f"{app_url}/train?task=sunspots&cells=gru&steps=10")
    page.locator(".st-key-train-start button").first.click(timeout=60_000)
    page.get_by_test_id("ribbon-token").first.wait_for(timeout=120_000)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("path", ["?tab=predictions", "bi-gru?text=def%20define&cells=on", "compare", "train"])
def test_a_page_lives_through_fast_clicks_and_the_last_press_wins(app_url: str, page: Page, path: str) -> None:
    if path == "train":
        trained(page, app_url)
    else:
        page.goto(f"{app_url}/{path}")
        page.get_by_test_id("step-words").nth(2 if "cells" in path else 0).wait_for(timeout=60_000)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    words = page.get_by_test_id("step-words").first
    steps = int(words.inner_text().split()[-1])
    box = page.locator(".ribbon").first.bounding_box()
    assert box is not None

    def click(step: int) -> None:
        page.mouse.click(box["x"] + (step + 0.5) * box["width"] / steps, box["y"] + box["height"] / 2)

    dice = random.Random(0)
    for _ in range(BURSTS):
        for _ in range(CLICKS):
            click(dice.randrange(min(steps, 4)))
            page.wait_for_timeout(50)
        page.wait_for_timeout(300)
    for _ in range(12):
        page.keyboard.down("ArrowRight")
    page.keyboard.up("ArrowRight")
    for step in (3, 0, 2):
        click(step)
        page.wait_for_timeout(250)
    click(1)
    expect(words).to_have_text(f"step 2 of {steps}")
    if path != "train":
        page.wait_for_function("() => new URL(location).searchParams.get('step') === '1'")
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(words).to_have_text(f"step 2 of {steps}")
