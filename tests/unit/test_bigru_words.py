"""What the Bi-GRU page concludes from the cards, word by word in both languages."""

from __future__ import annotations

import pytest

from gru_viz.locale import LANGUAGES
from gru_viz.story import readers
from gru_viz.ui.bigru import conclusions
from gru_viz.ui.bigru.view import TOKENS
from gru_viz.ui.kit import i18n
from tests.unit.golden import agrees_with


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_shipped_readers(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "spoken", lambda: language)
    lines = []
    for example, text, places in (("syntax", "define", TOKENS), ("names", "nakamura", ("token",))):
        reading = readers.read(example, text, "cpu")
        lines += [f"# {example}", *conclusions.of_accuracy(reading)]
        lines += [conclusions.of_position(reading, what) for what in places]
    told = "\n".join(lines) + "\n"
    assert "bigru." not in told
    assert "{" not in told
    agrees_with(f"bigru.{language}.txt", told)
