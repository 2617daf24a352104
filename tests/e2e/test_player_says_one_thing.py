"""What the player says in one place it says in every other: diagram, equations, hover, strips, in both conventions."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from urllib.parse import quote

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect
from torch import nn

import gru_viz as gv
from tools.app import ROOT

PAGE = "player_page.py"


def numbers(text: str) -> list[float]:
    plain = text.replace("\N{MINUS SIGN}", "-").replace("- ", "-").replace("+ ", "+").replace(",", "")
    return [float(n) for n in re.findall(r"[-+]?\d+(?:\.\d+)?", plain)]


def note(page: Page, reading: str) -> float:
    """The number beside a wire of the diagram."""
    found = page.locator(f"[data-reading='{reading}']").text_content() or ""
    return numbers(found)[-1]


def valve(page: Page, name: str) -> float:
    texts = page.locator(".valve .name").all_text_contents()
    return numbers(next(text for text in texts if text.startswith(name)))[-1]


@pytest.mark.parametrize("query", ["", "cell=GRU&T=9", "cell=before&T=9"])
@pytest.mark.parametrize("convention", ["keep", "new"])
def test_wires_valves_and_equations_say_the_same(stage: str, page: Page, query: str, convention: str) -> None:
    page.goto(f"{stage}/?{query}&z={convention}&step=4&unit=3")
    expect(page.get_by_test_id("equation-z")).to_be_visible()
    for gate, opened in (("z", "write" if convention == "new" else "keep"), ("r", "reset")):
        row = page.get_by_test_id(f"equation-{gate}")
        x, h, b, b_, total = numbers(row.locator(".sum").inner_text())[:5]
        assert note(page, f"{gate}.x") == pytest.approx(x, abs=0.0051)
        assert note(page, f"{gate}.h") == pytest.approx(h, abs=0.0051)
        assert note(page, f"{gate}.b") == pytest.approx(b + b_, abs=0.0061)
        said = sum(note(page, f"{gate}.{part}") for part in "xhb")
        assert said == pytest.approx(total, abs=0.016), "what goes into σ is what the equation says"
        value = numbers(row.locator(".value").inner_text())[0]
        assert value == pytest.approx(1 / (1 + math.exp(-total)), abs=0.001)
        assert valve(page, opened) == pytest.approx(value, abs=0.0051)


def test_a_plain_rnns_wires_add_up_to_its_total(stage: str, page: Page) -> None:
    page.goto(f"{stage}/?cell=RNN&T=9&step=4&unit=3")
    row = page.get_by_test_id("equation-h")
    x, h, b, b_, total = numbers(row.locator(".sum").inner_text())[:5]
    assert [note(page, f"h.{part}") for part in "xh"] == pytest.approx([x, h], abs=0.0051)
    assert note(page, "h.b") == pytest.approx(b + b_, abs=0.0061)
    assert note(page, "h.total") == pytest.approx(total, abs=0.0051)


@pytest.mark.parametrize(("ways", "name", "count"), [("1", "h of layer 1", 6), ("2", "h→ and h← of layer 1", 12)])
def test_a_second_layer_reads_the_first_ones_h(stage: str, page: Page, ways: str, name: str, count: int) -> None:
    page.goto(f"{stage}/?cell=GRU&L=2&D={ways}&I=5&H=6&T=4&unit=1")
    expect(page.get_by_test_id("equation-z")).to_contain_text("from “")
    page.get_by_test_id("layer-1-forward").click()
    for gate in "rzn":
        expect(page.get_by_test_id(f"equation-{gate}")).to_contain_text(f"from {name}")
    diagram = page.get_by_test_id("diagram")
    expect(diagram).to_contain_text(f"x = {name}")
    expect(diagram).to_contain_text(f"{count} numbers")
    for place in ("diagram", "contributors"):
        expect(page.get_by_test_id(place)).not_to_contain_text("“")


def test_layer_means_say_whose_the_equations_are(stage: str, page: Page) -> None:
    page.goto(f"{stage}/?unit=3")
    expect(page.get_by_test_id("whose")).to_have_text("Unit 3")
    page.get_by_test_id("mode").click()
    expect(page.get_by_test_id("whose")).to_contain_text("the equations unit 3")
    expect(page.get_by_test_id("whose")).to_contain_text("the mean of a product is not the product of the means")
    page.goto(f"{stage}/?unit=3&lang=zh")
    page.get_by_test_id("mode").click()
    expect(page.get_by_test_id("whose")).to_contain_text("等式属于单元 3")
    expect(page.get_by_test_id("whose")).to_contain_text("乘积的平均不等于平均的乘积")


def test_what_is_kept_and_written_is_named_at_its_own_part(stage: str, page: Page) -> None:
    page.goto(f"{stage}/?unit=3")
    for step in range(10):
        page.get_by_test_id("step-start" if step == 0 else "step-forward").click()
        bar = page.get_by_test_id("mix").bounding_box()
        assert bar
        for part, (word, side) in enumerate((("kept", "left"), ("written", "right"))):
            inside = page.locator(f".mix .{word} span")
            below = page.get_by_test_id("mix-words").locator("span").nth(part)
            said = inside if inside.inner_text() else below
            assert re.match(rf"unit 3: [<>\d]+ % {word}, ", said.inner_text())
            box = said.bounding_box()
            assert box
            gap = box["x"] - bar["x"] if side == "left" else bar["x"] + bar["width"] - box["x"] - box["width"]
            assert abs(gap) < 12, (step, word)


@pytest.mark.parametrize(("cell", "gate"), [("GRU", "n"), ("before", "n"), ("LSTM", "g"), ("RNN", "h")])
def test_the_largest_terms_are_those_of_the_candidates_sum(stage: str, page: Page, cell: str, gate: str) -> None:
    """Input, memory and biases in one list, by size; of a memory that was empty nothing is listed."""
    page.goto(f"{stage}/?cell={cell}&T=9&H=4&step=4&unit=3")
    torch.manual_seed(0)
    makes = {"LSTM": nn.LSTM, "RNN": nn.RNN, "GRU": nn.GRU}
    rnn = gv.GRU(8, 4, reset_after=False) if cell == "before" else makes[cell](8, 4)
    rows, letters = torch.randn(26, 8) * 2, torch.randint(0, 26, (9,))
    with torch.no_grad():
        trace = gv.trace(rnn, rows[letters][:, None])
        layer, term = trace.layer(0), gv.terms(rnn, trace)[gate]
        w = rnn.weight_hh_l0.detach().view(-1, 4, 4)[0 if cell == "RNN" else 2, 3]
    for step in (4, 0):
        reset = layer.r[step, 0] if cell in ("GRU", "before") else torch.ones(4)
        outer = float(reset[3]) if cell == "GRU" else 1.0
        inner = reset if cell == "before" else torch.ones(4)
        wrapped = {"GRU": "r·W·h[{}]", "before": "W·(r·h[{}])"}.get(cell, "W·h[{}]")
        parts = {wrapped.format(j): outer * float(w[j] * inner[j] * layer.h_prev[step, 0, j]) for j in range(4)}
        parts["x"] = float(term.input[step, 0, 3])
        parts["b"] = float(term.bias_ih[step, 0, 3])
        parts["r·b′" if cell == "GRU" else "b′"] = outer * float(term.bias_hh[step, 0, 3])
        wanted = sorted(((n, v) for n, v in parts.items() if v), key=lambda part: -abs(part[1]))[:5]
        expect(page.get_by_test_id("contributors").locator(".line")).to_have_count(min(5, len(wanted)))
        for (name, value), line in zip(wanted, page.get_by_test_id("contributors").locator(".line").all(), strict=True):
            said, number = line.locator("span").inner_text(), numbers(line.locator("b").inner_text())[0]
            assert said.split(" “")[0] == name
            assert number == pytest.approx(value, abs=6e-4)
        page.get_by_test_id("step-start").click()
    expect(page.locator(".sum-of")).to_have_text(f"The largest terms of the sum of {gate}")
    expect(page.get_by_test_id("contributors")).to_contain_text("Nothing from memory: it was empty.")


@pytest.mark.parametrize("query", ["cell=names&unit=43", "cell=LSTM&T=9", "cell=GRU&T=9&z=new"])
def test_kept_and_written_come_to_the_shown_state(stage: str, page: Page, query: str) -> None:
    page.goto(f"{stage}/?{query}&step=0")
    state = "c" if "LSTM" in query else "h"
    steps = 9 if "T=9" in query else 10
    for step in range(steps):
        expect(page.get_by_test_id("step-words")).to_have_text(f"step {step + 1} of {steps}")
        total = page.get_by_test_id(f"equation-{state}").locator(".value").inner_text()
        said = [page.locator(f".mix .{word} span").inner_text() for word in ("kept", "written")]
        below = page.get_by_test_id("mix-words").locator("span").all_inner_texts()
        parts = [(a or b).rsplit(", ", 1)[1] for a, b in zip(said, below, strict=True)]
        exact = sum(Decimal(p.replace("\N{MINUS SIGN}", "-")) for p in parts)
        shown = Decimal(total.replace("\N{MINUS SIGN}", "-"))
        assert abs(exact - shown) < Decimal(1).scaleb(int(shown.as_tuple().exponent)) / 2, (step, parts, total)
        page.get_by_test_id("step-forward").click()


def test_a_gate_that_is_nearly_shut_is_nowhere_written_as_0(page: Page) -> None:
    """One number, one reading of it: as a value of its own, as 1 − z and z of h, as r inside n, as i and f of c."""
    source = (ROOT / "gru_viz" / "draw" / "player" / "web" / "digits.js").read_text(encoding="utf-8")
    found = page.evaluate(
        """async (source) => {
            const d = await import("data:text/javascript," + encodeURIComponent(source));
            const z = 0.0000283;
            const h = (1 - z) * -0.983 + z * 0.961;
            const blend = d.shown([1 - z, -0.983, 0.961], d.COMBINE.blend, h, null, { shares: [0] });
            const gate = d.shown([-10.4726], d.COMBINE.sum, z, d.SQUASH.sigmoid, { gate: true });
            const carry = d.shown([z, 2, 1e-30, 1], d.COMBINE.carry, 2 * z, null, { gates: [0, 2] });
            const kept = d.comingTo([0.8434, -0.0036], { whole: 840n, digits: 3 });
            return [blend.parts[0], gate.value, carry.parts[0], carry.parts[2], ...kept].map(d.written);
        }""",
        source,
    )
    assert found == ["0.999972", "0.000028", "0.000028", "<0.001", "0.8434", "\N{MINUS SIGN}0.0036"]


PIXELS = """(canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return [...new Set(new Uint32Array(data.buffer))];
}"""


def test_a_difference_colours_what_is_read_too_and_names_what_lies_beyond(stage: str, page: Page) -> None:
    """The layer below was not touched: white where B − A is 0. h was held far beyond the colours: that is said."""
    page.goto(f"{stage}/?cell=GRU&T=6&H=4&L=2&layer=1&at=1&clamp=h&reads=1&step=3&unit=1")
    expect(page.get_by_test_id("version-diff")).to_have_attribute("aria-pressed", "true")
    belief = page.get_by_test_id("belief").locator("canvas").first
    assert len([word for word in belief.evaluate(PIXELS) if word >> 24 & 255 == 255]) == 1
    expect(page.get_by_test_id("ends")).to_contain_text("B − A of h is coloured from")
    expect(page.get_by_test_id("ends")).to_contain_text("a dark bar marks what lies beyond, up to ±")
    said = page.get_by_test_id("partings").inner_text()
    assert re.search(r"h first parts at step 3, by \N{MINUS SIGN}\d\.\d{3}\.", said)
    page.get_by_test_id("version-a").click()
    assert len(belief.evaluate(PIXELS)) > 5
    expect(page.get_by_test_id("ends")).to_be_hidden()


def test_layer_means_say_how_the_sentence_weighs(stage: str, page: Page) -> None:
    page.goto(f"{stage}/?unit=3")
    expect(page.get_by_test_id("whose")).not_to_contain_text("weighs")
    page.get_by_test_id("mode").click()
    expect(page.get_by_test_id("whose")).to_contain_text("weighs each unit’s z by how much memory it holds (|h′|)")
    page.get_by_test_id("convention").click()
    expect(page.get_by_test_id("whose")).to_contain_text("weighs each unit’s 1 − z by")
    page.goto(f"{stage}/?cell=LSTM&lang=zh")
    page.get_by_test_id("mode").click()
    expect(page.get_by_test_id("whose")).to_contain_text("（|c′|）给它的 f 加权")


@pytest.mark.parametrize(("lang", "sure", "hardly"), [("en", ">99.9 %", "<0.1 %"), ("zh", ">99.9%", "<0.1%")])
def test_a_belief_is_the_models_and_nearly_sure_is_not_sure(
    stage: str, page: Page, lang: str, sure: str, hardly: str
) -> None:
    page.goto(f"{stage}/?cell=GRU&T=5&sure=Dutch&step=3&unit=2&lang={lang}")
    rows = page.get_by_test_id("belief-now").locator(".line b")
    expect(rows).to_have_text([sure, hardly, "0.0 %" if lang == "en" else "0.0%"])
    page.get_by_test_id("belief").hover()
    tip = page.get_by_test_id("tip")
    expect(tip).to_contain_text(f"Dutch {sure}")
    expect(tip).not_to_contain_text("unit" if lang == "en" else "单元")
    page.get_by_test_id("strip-h").hover()
    expect(tip).to_contain_text("unit" if lang == "en" else "单元")


def test_names_are_read_whole_and_the_mark_for_unknown_ones_where_it_stands(stage: str, page: Page) -> None:
    name = "another character, outside the 2,000"
    page.goto(f"{stage}/?cell=GRU&T=5&sure={quote(name)}")
    listed = page.get_by_test_id("belief-now").locator(".line span").first
    expect(listed).to_have_text(name)
    assert listed.evaluate(
        "(node) => node.scrollWidth <= node.clientWidth && node.scrollHeight <= node.clientHeight + 1"
    )
    page.goto(f"{stage}/?cell=english&unknown={quote('another character')}")
    expect(page.get_by_test_id("unknown-name")).to_have_text("※ = another character")
    expect(page.get_by_test_id("river-names")).to_have_attribute("title", "※ = another character")


@pytest.mark.parametrize(
    ("width", "text"), [(1440, "rossellini"), (390, "rossellini"), (390, "schmidt-x"), (1440, "ivanova")]
)
def test_a_rivers_names_stand_at_their_peaks_with_that_steps_share(
    stage: str, page: Page, width: int, text: str
) -> None:
    model = gv.load("names")
    with torch.no_grad():
        p = model.predict(model.trace(text)).numpy()
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{stage}/?text={text}")
    names = page.get_by_test_id("river-names")
    expect(names).to_be_visible()
    labels = json.loads(names.get_attribute("data-labels") or "")
    room = names.evaluate("(canvas) => canvas.clientWidth")
    for label in labels:
        name, share = label["text"].split(" ")[:2]
        assert share == f"{100 * p[label['step'], model.labels.index(name)]:.0f}", label
        assert label["x"] - label["half"] >= 0
        assert label["x"] + label["half"] <= room
        assert p[label["step"], model.labels.index(name)] >= p[:, model.labels.index(name)].max() / 2
    last = max(labels, key=lambda label: label["x"])
    assert last["text"].split(" ")[0] == model.labels[int(p[-1].argmax())]
    assert last["step"] == len(text) - 1
    if (width, text) == (1440, "rossellini"):
        peaks = {label["text"].split(" ")[0]: label["step"] for label in labels if label is not last}
        assert len(peaks) > 3
        assert peaks == {name: int(p[:, model.labels.index(name)].argmax()) for name in peaks}
    above = "(canvas) => Number(getComputedStyle(canvas).zIndex)"
    assert names.evaluate(above) > page.locator(".playhead").evaluate(above)


def test_a_valve_that_is_nearly_shut_is_not_said_to_be(stage: str, page: Page) -> None:
    page.goto(f"{stage}/?unit=43&step=9")
    expect(page.get_by_test_id("equation-z").locator(".value")).to_have_text("0.004")
    expect(page.locator(".valve .name", has_text="keep")).to_have_text("keep z < 0.01")
    expect(page.locator(".valve .name", has_text="write")).to_have_text("write 1 − z > 0.99")


TEXT = ("In the beginning God created the heaven and the earth. And the earth was without form. " * 30)[:2000]


def test_every_reading_of_a_long_text_is_near_the_trace(stage: str, page: Page) -> None:
    """english-lstm over 2,000 characters: some of its units count, up to |c| = 1,900; the hover says what it knows."""
    with torch.no_grad():
        layer = gv.load("english-lstm").trace(TEXT).layer(0)
    true = {name: layer.quantity(name)[:, 0].numpy() for name in "figoch"}
    page.goto(f"{stage}/?cell=english-lstm&step=1999&text={quote(TEXT)}")
    expect(page.get_by_test_id("equation-c")).to_be_visible()
    expect(page.get_by_test_id("ends")).to_contain_text("a dark bar marks what lies beyond")
    page.get_by_test_id("order").select_option(label="by number")
    page.locator(".scroll").evaluate("(node) => { node.scrollLeft = 3000; }")
    box = page.get_by_test_id("strip-c").bounding_box()
    left = page.locator(".scroll").bounding_box()
    assert box
    assert left
    seen = 0
    for share in np.linspace(0.02, 0.98, 25):
        page.mouse.move(left["x"] + 100 + 12 * (seen % 5), box["y"] + share * box["height"])
        head, *lines = page.get_by_test_id("tip").locator("div").all_inner_texts()
        step, unit = numbers(head)[0], int(numbers(head.split("·")[-1])[-1])
        for line in lines:
            name, value = line.split()[0], numbers(line.split("(")[0])[0]
            group = [int(n) for n in numbers(line.split("(")[1])] if "(" in line else [unit]
            wanted = float(true[name][int(step) - 1, group].mean())
            digits = re.search(r"\d(?:\.(\d+))?(?!.*\d)", line.split("(")[0])
            assert digits
            places = len(digits[1] or "")
            trailing = (
                len(line.split("(")[0].strip()) - len(line.split("(")[0].strip().rstrip("0")) if not places else 0
            )
            assert abs(value - wanted) <= 10.0 ** (trailing - places), (line, wanted)
            seen += 1
    assert seen > 100


def test_what_a_long_trace_has_no_room_for_comes_when_it_is_looked_at(stage: str, page: Page) -> None:
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(f"{stage}/?cell=GRU&T=2600&H=8&I=16&reads=1&step=0&unit=3")
    expect(page.get_by_test_id("narration")).to_contain_text("Step 1:")
    page.get_by_test_id("step-end").click()
    expect(page.get_by_test_id("narration")).to_contain_text("Step 2600:")
    expect(page.get_by_test_id("equation-h").locator(".value")).to_have_text(re.compile(r"^.?\d\.\d+$"))
    box = page.get_by_test_id("belief").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] - 9, box["y"] + 9)
    expect(page.get_by_test_id("tip")).to_contain_text("2600")
    page.locator(".scroll").evaluate("(node) => { node.scrollLeft = 0; }")
    seen = page.locator(".scroll").bounding_box()
    assert seen
    page.mouse.move(seen["x"] + 60, box["y"] + 12)
    expect(page.get_by_test_id("tip")).to_contain_text("≈")
    assert not failed


CANNOT = {
    "no recorder": ("delete window.MediaRecorder", "cannot record films"),
    "no WebM": ("MediaRecorder.isTypeSupported = () => false", "cannot record films"),
    "no stream": ("delete HTMLCanvasElement.prototype.captureStream", "cannot record films"),
    "refuses": (
        "MediaRecorder.prototype.start = () => { throw new Error('no') }",
        "failed",
    ),
    "breaks off": (
        "const start = MediaRecorder.prototype.start;"
        " MediaRecorder.prototype.start = function (ms) { start.call(this, ms);"
        " setTimeout(() => this.onerror({ error: new Error('encoder') }), 100) }",
        "failed",
    ),
}


@pytest.mark.parametrize("why", CANNOT)
def test_a_film_that_cannot_be_made_says_so_and_offers_a_picture(stage: str, page: Page, why: str) -> None:
    script, said = CANNOT[why]
    page.add_init_script(script)
    page.goto(f"{stage}/?step=3")
    expect(page.get_by_test_id("notice")).to_be_hidden()
    page.get_by_test_id("film").click()
    expect(page.get_by_test_id("notice")).to_contain_text(said)
    expect(page.get_by_test_id("film")).not_to_have_attribute("aria-pressed", "true")
    expect(page.locator(".player")).not_to_have_class(re.compile("filming"))
    expect(page.get_by_test_id("step-words")).to_have_text("step 4 of 10")
    with page.expect_download() as waiting:
        page.get_by_test_id("film-instead").click()
    assert waiting.value.suggested_filename.endswith(".png")


def test_a_film_that_cannot_be_made_says_so_in_chinese(stage: str, page: Page) -> None:
    page.add_init_script(CANNOT["no WebM"][0])
    page.goto(f"{stage}/?lang=zh")
    page.get_by_test_id("film").click()
    expect(page.get_by_test_id("notice")).to_contain_text("此浏览器无法录制影片")
    expect(page.get_by_test_id("film-instead")).to_contain_text("PNG")
