"""What a letter costs, told by the messages of a real server to a visitor without a browser."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.visitor import Answer, Visitor

pytestmark = pytest.mark.e2e
PAGES = ["", "compare", "bi-gru"]


@pytest.mark.parametrize("page", PAGES)
def test_a_letter_sends_what_follows_it_and_nothing_else_of_the_page(app_url: str, page: str) -> None:
    async def typed() -> tuple[Answer, Answer]:
        visitor = Visitor(page)
        first = await visitor.open(app_url)
        second = await visitor.type("quvzhabc")
        await visitor.close()
        return first, second

    first, second = asyncio.run(typed())
    assert {"page_config_changed", "navigation"} <= set(first.kinds)
    assert not {"page_config_changed", "navigation"} & set(second.kinds)
    # The language, the models and the examples stay; so does the style sheet.
    assert first.drawn.count("button_group") - second.drawn.count("button_group") == 3
    assert second.messages < first.messages - 8


@pytest.mark.parametrize("page", PAGES)
def test_a_burst_of_ten_letters_is_worth_two_runs(app_url: str, page: str) -> None:
    text = "quvzhabcdefgh"

    async def burst() -> tuple[int, Answer]:
        visitor = Visitor(page)
        await visitor.open(app_url)
        for end in range(4, 14):
            await visitor.tell(text[:end])
        runs, last = 0, Answer()
        try:
            while True:
                last = await visitor.answer(patience=3)
                runs += last.kinds.count("new_session")  # of those that were stopped, too
        except TimeoutError:
            await visitor.close()
        return runs, last

    runs, last = asyncio.run(burst())
    assert 1 <= runs <= 2
    assert b'"tokens":["q","u","v","z","h","a","b","c","d","e","f","g","h"]' in last.blob.replace(b"\\", b"")
