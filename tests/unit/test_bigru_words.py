"""What the Bi-GRU page concludes from the cards, word by word in both languages."""

from __future__ import annotations

from functools import partial

import pytest

from gru_viz.locale import LANGUAGES, translate
from gru_viz.ui.bigru import charts, classes, conclusions, readers
from gru_viz.ui.bigru.view import TOKENS
from tests.unit.golden import agrees_with


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_shipped_readers(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (conclusions, classes, charts):
        monkeypatch.setattr(module, "t", partial(translate, language))
    lines = []
    for example, text, places in (("syntax", "define", TOKENS), ("names", "nakamura", ("token",))):
        reading = readers.read(example, text, "cpu")
        lines += [f"# {example}", *conclusions.of_accuracy(reading)]
        lines += [conclusions.of_position(reading, what) for what in places]
    told = "\n".join(lines) + "\n"
    assert "bigru." not in told
    assert "{" not in told
    agrees_with(f"bigru.{language}.txt", told)
