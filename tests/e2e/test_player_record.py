"""A cell the player has never heard of is drawn from its record alone."""

from __future__ import annotations

import math
import re

import pytest
from playwright.sync_api import Page, expect

PAGE = "player_page.py"


def numbers(text: str) -> list[float]:
    plain = text.replace("\N{MINUS SIGN}", "-").replace("- ", "-").replace("+ ", "+")
    return [float(n) for n in re.findall(r"[-+]?\d+(?:\.\d+)?", plain)]


def equation(page: Page, quantity: str) -> tuple[str, list[float], float]:
    row = page.get_by_test_id(f"equation-{quantity}")
    said = row.locator(".sum").inner_text()
    return said, numbers(said), numbers(row.locator(".value").inner_text())[0]


@pytest.mark.parametrize("function", ["identity", "positive"])
def test_a_cell_without_a_plan_shows_what_its_record_says(stage: str, page: Page, function: str) -> None:
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(f"{stage}/?cell=GRU&alone={function}&T=9&step=4&unit=3&lang=en")
    expect(page.locator(".equation")).to_have_count(3)
    expect(page.get_by_test_id("diagram")).to_be_hidden()
    expect(page.get_by_test_id("mode")).to_be_hidden()
    expect(page.get_by_test_id("contributors")).to_contain_text("this cell's candidate is made from x alone")
    assert page.get_by_test_id("contributors").locator(".line").count() == 2
    for quantity in "znh":
        expect(page.get_by_test_id(f"strip-{quantity}")).to_be_visible()

    said, (x, b, total), z = equation(page, "z")
    assert "memory" not in said
    assert x + b == pytest.approx(total, abs=1e-9)
    assert z == pytest.approx(1 / (1 + math.exp(-total)), abs=0.00051)
    said, found, n = equation(page, "n")
    assert "memory" not in said
    assert ("g(" in said) == (function == "positive")
    assert sum(found[:2]) == pytest.approx(n if function == "identity" else found[2], abs=1e-9)
    if function == "positive":
        assert n == pytest.approx(found[2] + 0.5 if found[2] >= 0 else 1 / (1 + math.exp(-found[2])), abs=0.00051)
    said, found, h = equation(page, "h")
    one, kept, shown, kept_again, before = (found[0], -found[1], *found[2:5])  # (1 − z) · n + z · h′
    assert said.endswith("(1−z)·n + z·h′")
    assert (1 - kept) * shown + kept_again * before == pytest.approx(h, abs=0.00051)
    assert (one, kept) == (1, kept_again)
    expect(page.get_by_test_id("mix")).to_be_visible()

    page.get_by_test_id("convention").click()
    _, (x_, b_, total_), new = equation(page, "z")
    assert (x_, b_, total_) == (-x, -b, -total)
    assert new == pytest.approx(1 - z, abs=0.00051)
    assert equation(page, "h")[0].endswith("z·n + (1−z)·h′")
    assert not failed


@pytest.mark.parametrize("cell", ["GRU", "before", "LSTM", "RNN", "MinGRU", "positive"])
def test_everything_in_a_plan_has_its_number(stage: str, page: Page, cell: str) -> None:
    page.goto(f"{stage}/?cell={cell}&T=9&step=4&unit=3")
    diagram = page.get_by_test_id("diagram")
    expect(diagram.locator("svg")).to_be_visible()
    assert "–" not in diagram.inner_text()
    widths = diagram.locator(".wire").evaluate_all("nodes => nodes.map((node) => parseFloat(node.style.strokeWidth))")
    assert widths
    assert min(widths) > 0
