"""What the Bi-GRU page concludes from the cards, word by word in both languages."""

from __future__ import annotations

import pytest

from gru_viz.locale import LANGUAGES, speaker
from gru_viz.story import readers
from gru_viz.story import readers_concluded as concluded
from gru_viz.ui.bigru.view import TOKENS
from tests.unit.golden import agrees_with


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_shipped_readers(language: str) -> None:
    say, lines = speaker(language), []
    for example, text, places in (("syntax", "define", TOKENS), ("names", "nakamura", ("token",))):
        reading = readers.read(example, text, "cpu")
        lines += [f"# {example}", *concluded.of_accuracy(reading, say)]
        lines += [concluded.of_position(reading, what, say) for what in places]
    told = "\n".join(lines) + "\n"
    assert "bigru." not in told
    assert "{" not in told
    agrees_with(f"bigru.{language}.txt", told)
