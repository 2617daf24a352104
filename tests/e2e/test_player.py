"""The player in a real Chromium, on real traces: it plays, it can be steered, and its numbers are the trace's."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Page, expect
from torch import nn

import gru_viz as gv
from gru_viz.locale import translate
from gru_viz.locale.digits import rounded
from tools.app import ROOT

PAGE = "player_page.py"

NAME = "rossellini"
WAY = {"GRU": ["r", "z", "n", "h"], "LSTM": ["f", "i", "g", "c", "o", "h"], "RNN": ["h"]}


@pytest.fixture
def opened(stage: str, page: Page):
    """Open the page with some query; the player is drawn, and no error was raised in it."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))

    def open_(query: str) -> Page:
        page.goto(f"{stage}/?{query}")
        expect(page.get_by_test_id("play")).to_be_visible()
        return page

    yield open_
    assert faults == []


def names() -> tuple[gv.Trace, dict[str, gv.GateTerms]]:
    model = gv.load("names")
    trace = model.trace(NAME)
    return trace, gv.terms(model.rnn, trace)


def here(page: Page) -> int:
    """The step the player stands at, from 0."""
    return int(page.get_by_test_id("scrub").get_attribute("aria-valuenow") or 0) - 1


def numbers(text: str) -> list[float]:
    return [float(n) for n in re.findall(r"-?\d+\.\d+", text.replace("\N{MINUS SIGN}", "-"))]


def shown(page: Page, name: str) -> float:
    return numbers(page.get_by_test_id(f"equation-{name}").locator(".value").inner_text())[0]


def click_cell(page: Page, strip: str, step: int, steps: int, share: float) -> None:
    """Click a strip in the column of a step, at a share of its height."""
    box = page.get_by_test_id(f"strip-{strip}").bounding_box()
    assert box
    page.mouse.click(box["x"] + (step + 0.5) * box["width"] / steps, box["y"] + share * box["height"])


def test_play_goes_on_to_the_last_step_and_stops(opened) -> None:
    page = opened("step=0")
    assert here(page) == 0
    page.get_by_test_id("speed").select_option("8")
    page.get_by_test_id("play").click()
    expect(page.get_by_test_id("scrub")).to_have_attribute("aria-valuenow", str(len(NAME)))
    expect(page.get_by_test_id("play")).to_have_attribute("aria-label", translate("en", "player.act.play"))
    expect(page.get_by_text(f"committed: step {len(NAME) - 1}")).to_be_visible()


def test_nothing_is_sent_while_it_plays_and_is_hovered(opened, page: Page) -> None:
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    opened("cell=GRU&T=30&H=16&step=0")
    page.wait_for_timeout(500)
    sent.clear()
    page.get_by_test_id("speed").select_option("4")
    page.get_by_test_id("play").click()
    box = page.get_by_test_id("strip-n").bounding_box()
    assert box
    for share in (0.1, 0.5, 0.9):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + share * box["height"])
    page.wait_for_timeout(700)
    assert here(page) > 2
    assert sent == []


def test_loop_begins_again(opened) -> None:
    page = opened(f"step={len(NAME) - 2}")
    page.get_by_test_id("speed").select_option("4")
    page.get_by_test_id("loop").click()
    page.get_by_test_id("play").click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('*')].map((n) => n.shadowRoot?.querySelector('.ribbon')).find(Boolean)"
        ".getAttribute('aria-valuenow') === '2'"
    )


def test_keys_move_step_and_unit(opened) -> None:
    page = opened("step=4&unit=7")
    page.get_by_test_id("player").focus()
    for key, step in (("ArrowLeft", 3), ("ArrowRight", 4), ("Home", 0), ("End", len(NAME) - 1)):
        page.keyboard.press(key)
        assert here(page) == step
    page.keyboard.press("ArrowDown")
    assert page.get_by_test_id("unit").input_value() != "7"
    page.keyboard.press("ArrowUp")
    expect(page.get_by_test_id("unit")).to_have_value("7")
    page.keyboard.press("?")
    expect(page.get_by_test_id("keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    page.keyboard.press(" ")
    expect(page.get_by_test_id("play")).to_have_attribute("aria-label", translate("en", "player.act.pause"))


def test_buttons_and_scrubbing(opened) -> None:
    page = opened("step=4")
    page.get_by_test_id("step-forward").click()
    assert here(page) == 5
    page.get_by_test_id("step-back").click()
    assert here(page) == 4
    box = page.get_by_test_id("scrub").bounding_box()
    assert box
    page.mouse.move(box["x"] + 5, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 20, steps=4)
    page.mouse.up()
    assert here(page) == 7
    expect(page.get_by_text("committed: step 7")).to_be_visible()


def test_a_click_on_a_cell_selects_it_and_the_equations_are_the_traces(opened) -> None:
    page = opened("step=9")
    trace, terms = names()
    layer = trace.layer(0).numpy()
    for share, step in ((0.13, 7), (0.52, 2), (0.97, 5)):
        click_cell(page, "n", step, len(NAME), share)
        assert here(page) == step
        unit = int(page.get_by_test_id("unit").input_value())
        place = step, 0, unit
        for name in "rznh":
            value = float(layer[name][place])
            digits = len(page.get_by_test_id(f"equation-{name}").locator(".value").inner_text().split(".")[1])
            assert shown(page, name) == float(format(value, f".{digits}f"))
        assert_summands(page, terms, place)


def assert_summands(page: Page, terms: dict[str, gv.GateTerms], place: tuple[int, int, int]) -> None:
    for gate in "rz":
        found = numbers(page.get_by_test_id(f"equation-{gate}").locator(".sum").inner_text().replace(" ", ""))
        term = terms[gate]
        parts = [float(part[place]) for part in (term.input, term.recurrent, term.bias_ih, term.bias_hh)]
        for seen, exact in zip(found[:4], parts, strict=True):
            assert abs(abs(seen) - abs(exact)) <= 0.0005
        assert found[4] == pytest.approx(sum(parts), abs=0.001)


COMBINED: dict[str, Callable[[Sequence[Decimal]], Decimal]] = {
    "sum": lambda p: sum(p, Decimal(0)),
    "reset": lambda p: p[0] + p[1] + p[2] * (p[3] + p[4]),
    "blend": lambda p: p[0] * p[1] + (1 - p[0]) * p[2],
    "carry": lambda p: p[0] * p[1] + p[2] * p[3],
}
"""How the parts of an equation make its total: a gate's sum, r inside the candidate, a GRU's h, an LSTM's c."""

SQUASHED = {"sigmoid": lambda x: 1 / (1 + math.exp(-x)), "tanh": math.tanh, None: float}


@pytest.mark.parametrize(
    ("kind", "squash", "count"), [("sum", "sigmoid", 4), ("reset", "tanh", 5), ("blend", None, 3), ("carry", None, 4)]
)
def test_displayed_numbers_are_rounded_right_and_add_up(page: Page, kind: str, squash: str | None, count: int) -> None:
    """A reader with a calculator finds nothing wrong, ties and tiny numbers included."""
    dice = np.random.default_rng(0)
    parts = dice.normal(size=(200, count)) * 10.0 ** dice.integers(-4, 1, (200, 1))
    if kind in ("blend", "carry"):
        parts[:, :: count - 1 if kind == "blend" else 2] = np.abs(
            np.tanh(parts[:, :: count - 1 if kind == "blend" else 2])
        )
    sums = parts.astype(np.float32).tolist()
    sums += [[0.0625] + [0.0] * (count - 1), [0.3333333] * count, [-1e-9] * (count - 1) + [1e-9]]
    exact = [float(COMBINED[kind]([Decimal(part) for part in row])) for row in sums]
    values = [float(np.float32(SQUASHED[squash](total))) for total in exact]
    source = (ROOT / "gru_viz" / "draw" / "player" / "web" / "digits.js").read_text(encoding="utf-8")
    found = page.evaluate(
        """async ([source, rows, values, kind, squash]) => {
            const d = await import("data:text/javascript," + encodeURIComponent(source));
            return rows.map((parts, k) => {
                const seen = d.shown(parts, d.COMBINE[kind], values[k], squash ? d.SQUASH[squash] : null);
                return [seen.parts.map(d.written), d.written(seen.total), d.written(seen.value)];
            });
        }""",
        [source, sums, values, kind, squash],
    )
    for row, value, seen in zip(sums, values, found, strict=True):
        displayed = [decimal(part) for part in seen[0]]
        total, answer = decimal(seen[1]), decimal(seen[2])
        assert displayed == [rounded(part, places(shown)) for part, shown in zip(row, displayed, strict=True)]
        assert places(displayed[0]) - 1 <= places(total) <= places(displayed[0])
        with localcontext() as context:
            context.prec = 60
            assert round(COMBINED[kind](displayed), places(total)) == total
        assert answer == rounded(value, places(answer))
        assert abs(Decimal(SQUASHED[squash](float(total))) - answer) <= Decimal(1).scaleb(-places(answer)) / 2
    assert sum(len(seen[2].split(".")[1]) == 3 for seen in found) > 0.9 * len(found), "three decimals where they do"


def decimal(text: str) -> Decimal:
    return Decimal(text.replace("\N{MINUS SIGN}", "-"))


def places(number: Decimal) -> int:
    return -int(number.as_tuple().exponent)


def test_the_largest_contributors_are_the_candidates_own_summands(opened) -> None:
    page = opened("step=7&unit=41")
    model, trace = gv.load("names"), names()[0]
    layer = trace.layer(0)
    row = model.rnn.weight_hh_l0.chunk(3)[2][41] * layer.h_prev[7, 0] * layer.r[7, 0, 41]
    lines = page.get_by_test_id("contributors").locator(".line").all_inner_texts()
    remembered = [line for line in lines if "h[" in line]
    best = row.abs().argsort(descending=True)[: len(remembered)].tolist()
    assert best
    for line, unit in zip(remembered, best, strict=True):
        assert f"r·W·h[{unit}]" in line
        assert numbers(line)[0] == pytest.approx(row[unit].item(), abs=6e-4)


def test_a_strips_colour_is_its_value(opened) -> None:
    page = opened("cell=GRU&T=10&H=8&step=9")
    torch.manual_seed(0)
    page.get_by_test_id("order").select_option("1")
    pixel = (
        page.get_by_test_id("strip-z")
        .locator("canvas")
        .evaluate(
            """(canvas) => {
                const at = [0.35 * canvas.width, 0.44 * canvas.height];
                return [...canvas.getContext("2d").getImageData(...at, 1, 1).data.slice(0, 3)];
            }"""
        )
    )
    click_cell(page, "z", 3, 10, 0.44)
    assert page.get_by_test_id("unit").input_value() == "3"
    z = shown(page, "z")
    low, high = np.array([0xFB, 0xFB, 0xF8]), np.array([0x00, 0x72, 0xB2])
    share = ((np.array(pixel) - low) / (high - low)).mean()
    assert share == pytest.approx(z, abs=1 / 254 + 0.004)


def test_the_convention_turns_the_writing_never_the_numbers_behind_it(opened) -> None:
    page = opened("step=7&unit=41")
    before = {name: shown(page, name) for name in "rznh"}
    page.get_by_test_id("convention").click()
    expect(page.get_by_test_id("convention")).to_have_text(translate("en", "player.z.new"))
    after = {name: shown(page, name) for name in "rznh"}
    assert after["z"] == pytest.approx(1 - before["z"], abs=1e-9)
    assert {n: after[n] for n in "rnh"} == {n: before[n] for n in "rnh"}
    expect(page.get_by_test_id("equation-h")).to_contain_text("z·n + (1−z)·h′")


@pytest.mark.parametrize("cell", ["GRU", "LSTM", "RNN", "before"])
def test_every_cell_has_its_own_diagram_strips_and_equations(opened, cell: str) -> None:
    page = opened(f"cell={cell}&T=9&H=6")
    rows = page.locator(".equation").evaluate_all("(nodes) => nodes.map((n) => n.dataset.testid)")
    kind = "GRU" if cell == "before" else cell
    assert rows == [f"equation-{name}" for name in WAY[kind]]
    assert page.get_by_test_id("diagram").locator(".valve").count() == {"GRU": 3, "LSTM": 3, "RNN": 0}[kind]
    for name in WAY[kind]:
        expect(page.get_by_test_id(f"strip-{name}")).to_be_visible()
    states = seeded_states(cell, 9, 6)
    unit = int(page.get_by_test_id("unit").input_value())
    assert shown(page, "h") == pytest.approx(float(states[8, unit]), abs=0.00051)


def seeded_states(cell: str, steps: int, width: int) -> NDArray[np.float32]:
    """h (T, H) of the page's seeded module, from torch."""
    torch.manual_seed(0)
    makes = {"LSTM": nn.LSTM, "RNN": nn.RNN, "GRU": nn.GRU}
    rnn = gv.GRU(8, width, reset_after=False) if cell == "before" else makes[cell](8, width)
    rows = torch.randn(26, 8) * 2
    letters = torch.randint(0, 26, (steps,))
    with torch.no_grad():
        return rnn(rows[letters][:, None])[0][:, 0].numpy()


def test_another_layer_is_fetched(opened) -> None:
    page = opened("cell=LSTM&T=6&H=5&L=2&D=2")
    first = page.get_by_test_id("equation-h").inner_text()
    page.get_by_test_id("layer-1-backward").click()
    expect(page.get_by_test_id("layer-1-backward")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("equation-h")).not_to_have_text(first)


def test_what_if_shows_b_and_where_it_parts(opened) -> None:
    page = opened("cell=GRU&T=8&H=6&clamp=1&step=3")
    expect(page.get_by_test_id("partings")).to_contain_text("step 3")
    page.get_by_test_id("version-a").click()
    a = shown(page, "h")
    page.get_by_test_id("version-b").click()
    assert shown(page, "z") == 1.0
    expect(page.get_by_test_id("equation-z")).to_contain_text(translate("en", "player.clamped"))
    assert shown(page, "h") != a


def test_dragging_over_a_strip_chooses_units_and_steps(opened) -> None:
    page = opened("cell=GRU&T=8&H=6")
    box = page.get_by_test_id("strip-z").bounding_box()
    assert box
    column = box["width"] / 8
    page.mouse.move(box["x"] + 2.5 * column, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] + 4.5 * column, box["y"] + box["height"] - 4, steps=5)
    page.mouse.up()
    expect(page.get_by_text("'units': [0, 1, 2, 3, 4, 5], 'first': 2, 'last': 5")).to_be_visible()


def test_slow_motion_walks_through_three_phases(opened) -> None:
    page = opened("step=3")
    page.get_by_test_id("slow").click()
    page.get_by_test_id("speed").select_option("4")
    page.get_by_test_id("play").click()
    for phase in ("1", "2", "3"):
        expect(page.get_by_test_id("diagram")).to_have_attribute("data-phase", phase)


def test_long_traces_scroll_and_fetch_what_is_looked_at(opened) -> None:
    page = opened("cell=GRU&T=400&H=256&step=0")
    expect(page.get_by_test_id("minimap")).to_be_visible()
    assert page.get_by_test_id("ribbon-token").count() < 120
    page.get_by_test_id("step-end").click()
    expect(page.locator(".equations.waiting")).to_have_count(0)
    assert here(page) == 399
    expect(page.locator("[data-testid=ribbon-token][data-step='399']")).to_be_visible()


@pytest.mark.parametrize("length", [5, 400, 20_000])
def test_a_damaged_blob_says_so(stage: str, page: Page, length: int) -> None:
    page.goto(f"{stage}/?broken={length}")
    expect(page.get_by_test_id("damaged")).to_be_visible()
    assert len(page.get_by_test_id("damaged").inner_text()) > 10


def test_in_chinese_and_without_motion(stage: str, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{stage}/?lang=zh")
    expect(page.get_by_test_id("convention")).to_have_text(translate("zh", "player.z.keep"))
    assert page.get_by_test_id("play").get_attribute("aria-label") == translate("zh", "player.act.play")
    duration = page.locator(".playhead").evaluate("(node) => getComputedStyle(node).transitionDuration")
    assert duration in ("0s", "")


def test_a_picture_can_be_saved(opened) -> None:
    page = opened("step=3")
    with page.expect_download() as saved:
        page.get_by_test_id("picture").click()
    assert saved.value.suggested_filename.endswith(".png")
    assert saved.value.path().stat().st_size > 20_000


def test_a_film_can_be_saved_and_ended_early(opened) -> None:
    page = opened("cell=GRU&T=60&H=6&step=3")
    page.get_by_test_id("speed").select_option("16")
    with page.expect_download() as saved:
        page.get_by_test_id("film").click()
        expect(page.get_by_test_id("film")).to_have_attribute("aria-pressed", "true")
        expect(page.get_by_test_id("scrub")).not_to_have_attribute("aria-valuenow", "4")  # it films from the start
        page.get_by_test_id("film").click()
    expect(page.get_by_test_id("film")).not_to_have_attribute("aria-pressed", "true")
    assert here(page) == 3, "back where it stood"
    assert saved.value.suggested_filename.endswith(".webm")
    film = base64.b64encode(saved.value.path().read_bytes()).decode()
    width, height = page.evaluate(
        """async (film) => {
            const video = document.createElement("video");
            const ready = new Promise((done, fail) => Object.assign(video, { onloadeddata: done, onerror: fail }));
            video.src = "data:video/webm;base64," + film;
            await ready;
            return [video.videoWidth, video.videoHeight];
        }""",
        film,
    )
    assert width > 1000
    assert height > 500


def test_a_drag_let_go_outside_the_strip_chooses_what_was_framed(opened) -> None:
    page = opened("cell=GRU&T=8&H=6")
    box = page.get_by_test_id("strip-z").bounding_box()
    assert box
    column = box["width"] / 8
    page.mouse.move(box["x"] + 2.5 * column, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] + 4.5 * column, box["y"] + 20, steps=5)
    page.mouse.move(box["x"] + 4.5 * column, box["y"] - 300, steps=5)
    page.mouse.up()
    expect(page.get_by_text("'first': 2, 'last': 5")).to_be_visible()
    expect(page.locator(".marquee")).to_be_hidden()
    click_cell(page, "n", 6, 8, 0.5)
    assert here(page) == 6, "the next click is a click"


def test_one_step_is_played_in_slow_motion(opened) -> None:
    page = opened("cell=GRU&T=1&H=6")
    page.get_by_test_id("slow").click()
    page.get_by_test_id("play").click()
    for phase in ("1", "2", "3"):
        expect(page.get_by_test_id("diagram")).to_have_attribute("data-phase", phase)


def test_the_difference_turns_with_the_convention(opened) -> None:
    page = opened("cell=GRU&T=8&H=6&clamp=1&step=3")
    page.get_by_test_id("order").select_option("1")
    unit = int(page.get_by_test_id("unit").input_value())
    canvas = page.get_by_test_id("strip-z").locator("canvas")
    pixel = """(canvas, share) => [...canvas.getContext("2d").getImageData(
        3.25 / 8 * canvas.width, share * canvas.height, 1, 1).data]"""
    red, _, blue, _ = canvas.evaluate(pixel, (unit + 0.3) / 6)
    assert red > blue, "z was raised to 1"
    expect(page.locator(".of-gates")).to_be_hidden()
    page.get_by_test_id("convention").click()
    red, _, blue, _ = canvas.evaluate(pixel, (unit + 0.3) / 6)
    assert blue > red, "so the tutorial's z was lowered to 0"
    page.get_by_test_id("version-a").click()
    expect(page.locator(".of-gates")).to_be_visible()


def test_what_is_nearly_all_is_not_written_as_all(page: Page) -> None:
    source = (ROOT / "gru_viz" / "draw" / "player" / "web" / "digits.js").read_text(encoding="utf-8")
    found = page.evaluate(
        """async ([source, shares]) => {
            const { percent } = await import("data:text/javascript," + encodeURIComponent(source));
            return [...shares.map((share) => percent(share)), percent(0.99996, 1), percent(0.0004, 1), percent(1, 1)];
        }""",
        [source, [0, 0.004, 0.5, 0.996, 1, -1.5, 2.5]],
    )
    assert found == ["0", "<1", "50", ">99", "100", "\N{MINUS SIGN}150", "250", ">99.9", "<0.1", "100.0"]


def test_pinned_units_are_named_beside_their_lines(opened) -> None:
    page = opened("step=4&unit=7")
    page.get_by_test_id("player").focus()
    page.keyboard.press("p")
    page.get_by_test_id("unit").fill("30")
    page.get_by_test_id("unit").press("Enter")
    expect(page.get_by_test_id("pinned")).to_have_text("7")
    page.get_by_test_id("unit").fill("")
    page.get_by_test_id("unit").press("Enter")
    expect(page.get_by_test_id("unit")).to_have_value("30")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_letters_in_a_gates_hue_can_be_read(opened, page: Page, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    opened("step=4")
    expect(page.locator(f".player[data-theme={theme}]")).to_be_visible()
    for letters in (".equation b[class*=q-]", ".equation > i", ".valve .name", ".note.named", ".node.squash text"):
        for ratio in page.locator(letters).evaluate_all(CONTRAST):
            assert ratio >= 4.5, letters


CONTRAST = """(nodes) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const light = (colour) => {
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        const parts = [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((v) => v / 255);
        const [r, g, b] = parts.map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    };
    return nodes.map((node) => {
        const style = getComputedStyle(node);
        const rect = node.closest(".squash")?.querySelector("rect");
        const ground = rect ? getComputedStyle(rect).fill : getComputedStyle(node.closest(".player")).backgroundColor;
        const [one, two] = [light(node instanceof SVGElement ? style.fill : style.color), light(ground)];
        return Math.max(one, two) / Math.min(one, two);
    });
}"""
"""The contrast of letters with what is behind them, by WCAG 2."""
