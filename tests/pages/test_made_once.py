"""A scene is a value: how often text is encoded, a trace run, its terms and what is told of it made, for what one does.

A keystroke makes each once; a click, a visitor who asks the same and the way back make nothing again; another language
makes words only. Texts are new in every test, so that no other test's are found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from gru_viz.draw.palette import DARK, LIGHT
from gru_viz.draw.player import lanes, wire
from gru_viz.models import sequence
from gru_viz.models.reading import Vocabulary
from gru_viz.story import cell_scene, readers, readers_lanes, readers_told, runs, trio, trio_lanes
from gru_viz.story.revisions import Answers
from gru_viz.story.runs import Given, Place
from gru_viz.story.scene import Selection
from tests.pages.reading import asked, control, sent, sound, typed

APP = Path(__file__).parents[2] / "app.py"


class Made(Counter[str]):
    """How often each was made since it was asked last."""

    def since(self) -> dict[str, int]:
        found = {name: count for name, count in self.items() if count}
        self.clear()
        return found


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    counted = Made()

    def count(place: Any, name: str, called: str) -> None:
        before: Callable[..., Any] = getattr(place, name)

        def counting(*args: Any, **kwargs: Any) -> Any:
            counted[called] += 1
            return before(*args, **kwargs)

        monkeypatch.setattr(place, name, counting)

    count(Vocabulary, "read", "encode")
    count(sequence, "run_and_keep", "trace")
    count(runs.gv, "terms", "terms")
    count(wire, "terms", "terms")
    count(wire, "_told", "blob")
    count(runs, "memory_of", "memory")
    count(cell_scene, "narrate", "narrate")
    count(cell_scene, "sentence", "sentence")
    count(cell_scene, "belief_row", "row")
    count(readers, "two_ways", "two ways")
    count(readers_told, "_readers", "sentence")
    count(trio_lanes, "sentence", "sentence")
    count(lanes, "_lane", "lane")
    return counted


def everything(text: str) -> dict[str, int]:
    return dict.fromkeys(("encode", "trace", "terms", "memory", "narrate", "row", "blob"), 1) | {"sentence": len(text)}


def words(text: str) -> dict[str, int]:
    return {"sentence": len(text), "row": 1, "blob": 1}


def opened(**query: str) -> AppTest:
    return asked(AppTest.from_file(str(APP), default_timeout=60), query)


def committed(app: AppTest, **changes: Any) -> AppTest:
    app.session_state["view"] = replace(app.session_state["view"], **changes)
    return sound(app.run())


def test_a_keystroke_makes_each_once_and_nothing_else_makes_any_again(made: Made) -> None:
    app = opened(text="quvz")
    made.clear()
    typed(app, "quvzh")
    assert made.since() == everything("quvzh")
    for change in ({"step": 2}, {"unit": 5}, {"pins": "3.5"}, {"z": "new"}, {"order": "activity"}, {"step": None}):
        before = sent(app, "gru_viz.player")
        committed(app, **change)
        assert made.since() == {}, change
        assert sent(app, "gru_viz.player") != before, change
    typed(app, "quvz")
    assert made.since() == {}, "the way back"
    opened(text="quvzh", unit="7")
    assert made.since() == {}, "a second visitor"


def test_a_first_draw_makes_each_once(made: Made) -> None:
    opened(text="warm")  # the model is loaded, warmed up, and its units ordered on its own examples
    made.clear()
    opened(text="quvyx")
    assert made.since() == everything("quvyx")


def test_another_language_makes_words_only_and_only_once(made: Made) -> None:
    app = opened(text="quvxyz")
    made.clear()
    sound(control(app, "lang").set_value("zh").run())
    assert made.since() == words("quvxyz")
    sound(control(app, "lang").set_value("en").run())
    assert made.since() == {}


def test_what_is_held_makes_the_other_run_once(made: Made) -> None:
    app = opened(text="quvwx")
    made.clear()
    committed(app, hold="z:1:3:*:0")
    other = everything("quvwx")
    del other["encode"]  # it reads the same text
    assert made.since() == other | {"blob": 2}, "both sides of another scene"
    committed(app, step=2)
    assert made.since() == {}


def test_another_theme_makes_nothing_again(made: Made) -> None:
    run = runs.run(runs.load("names", "cpu"), Given("quvz-"))
    scene = cell_scene.scene(run, Selection(follows=True), "en")
    wire.blob(scene, LIGHT)
    made.clear()
    dark = wire.blob(cell_scene.scene(run, Selection(follows=True), "en"), DARK)
    assert DARK.classes[0].encode() in dark
    assert LIGHT.classes[0].encode() not in dark
    assert made.since() == {"blob": 1}


@pytest.mark.parametrize(("example", "text", "ways"), [("syntax", "quv = 'z'", 3), ("names", "quvzz", 2)])
def test_the_readers_of_a_text_share_its_encoding_and_tell_it_once(
    example: str, text: str, ways: int, made: Made
) -> None:
    warm = readers.read(example, "warm", "cpu")
    said = {way: Answers.first(warm.tokens, warm.answers(way)) for way in warm.runs}
    readers_lanes.readers_lanes(warm, said, None, "en")  # the units are ordered on the model's own examples
    made.clear()
    found = readers.read(example, text, "cpu")
    assert made.since() == {"encode": 1, "trace": ways, "two ways": 1}
    answers = {way: Answers.first(found.tokens, found.answers(way)) for way in found.runs}
    for language in ("en", "zh"):
        first = readers_lanes.readers_lanes(found, answers, None, language)
        lanes.blob(first, LIGHT)
        assert made.since() == {"sentence": len(text), "lane": ways + 3}, "the truth and two memories, too"
        again = readers_lanes.readers_lanes(readers.read(example, text, "cpu"), answers, 1, language)
        assert again.sentences == first.sentences
        assert lanes.blob(again, LIGHT) != lanes.blob(first, LIGHT), "another step"
        assert made.since() == {}, "another step, or another visitor"
    for _ in range(2):
        for direction in ("forward", "backward"):
            at = Selection(1, place=Place(0, direction))
            cell_scene.scene(found.half(direction), at, "en")
    halves = {"terms": 2, "memory": 2, "narrate": 2, "row": 2, "sentence": 2 * len(text)}
    assert made.since() == halves


def test_three_cells_share_a_texts_encoding_and_tell_it_once(made: Made) -> None:
    loaded = trio.load_three("names", "cpu")
    trio_lanes.trio_lanes(trio.run_three("names", loaded, Given("warm")), "memory", None, "en")
    made.clear()
    found = trio.run_three("names", loaded, Given("quvzw"))
    assert made.since() == {"encode": 1, "trace": 3}
    for language in ("en", "zh"):
        lanes.blob(trio_lanes.trio_lanes(found, "memory", None, language), LIGHT)
        assert made.since() == {"sentence": 5, "lane": 3}
        again = trio.run_three("names", loaded, Given("quvzw"))
        lanes.blob(trio_lanes.trio_lanes(again, "memory", 2, language), LIGHT)
        assert made.since() == {}, "another step, another visitor"
        lanes.blob(trio_lanes.trio_lanes(again, "kept", 2, language), LIGHT)
        assert made.since() == {"lane": 3}, "another role"
