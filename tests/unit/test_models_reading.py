"""How models read text. Laws, for any text whatever:

- the tokens joined are the NFC-normalised text (lone surrogates aside): nothing is dropped, nothing added;
- tokens, ids and positions are aligned, and id 0 marks exactly the unknown positions;
- reading is blind to how the text was composed (NFC or NFD).
"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gru_viz as gv
from gru_viz.models.reading import UNKNOWN, Vocabulary, clusters, folded, narrowed

LATIN = Vocabulary.of("abcdefghijklmnopqrstuvwxyz '-", folds=True)
EXACT = Vocabulary.of("ab\n\té", folds=False)
ANY_TEXT = st.text(st.characters(), max_size=60)
STORABLE_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


@given(STORABLE_TEXT)
def test_tokens_joined_are_the_normalised_text(text: str) -> None:
    assert "".join(clusters(text)) == unicodedata.normalize("NFC", text)


@given(ANY_TEXT)
@pytest.mark.parametrize("vocabulary", [LATIN, EXACT], ids=["folding", "exact"])
def test_id_zero_marks_exactly_the_unknown_positions(vocabulary: Vocabulary, text: str) -> None:
    reading = vocabulary.read(text)
    assert len(reading) == len(reading.tokens) == len(reading.ids)
    assert reading.unknown == tuple(t for t, index in enumerate(reading.ids.tolist()) if index == 0)
    assert all(0 <= index < len(vocabulary) for index in reading.ids.tolist())


@given(STORABLE_TEXT)
def test_composition_of_the_text_does_not_matter(text: str) -> None:
    composed, decomposed = LATIN.read(text), LATIN.read(unicodedata.normalize("NFD", text))
    assert composed.tokens == decomposed.tokens
    assert composed.ids.tolist() == decomposed.ids.tolist()


@given(ANY_TEXT)
def test_every_reading_can_be_stored_as_utf8(text: str) -> None:
    "".join(LATIN.read(text).tokens).encode("utf-8")


@pytest.mark.parametrize(
    ("typed", "read"),
    list(zip("ŁłØĐßẞÆıİÉğñøħ’–\u00a0", "llodssaiiegnoh'- ", strict=True)),
)
def test_names_fold_case_and_accents(typed: str, read: str) -> None:
    assert folded(typed) == read
    assert LATIN.read(typed).ids.tolist() == [LATIN.id(read)]


KANA = Vocabulary.of("ガア ー，,a1", folds=False)


@pytest.mark.parametrize(
    ("vocabulary", "typed", "read"),
    [
        (LATIN, "Ａｎｎａ", "anna"),
        (LATIN, "Ｊosé　ｄａ－ｓｉｌｖａ", "jose da-silva"),
        (EXACT, "ａｂ", "ab"),
        (KANA, "ｶﾞｱｰ", "ガアー"),
        (KANA, "ａ１\u00a0\u3000", "a1  "),
    ],
)
def test_a_character_of_another_width_is_read_as_the_one_that_is_known(
    vocabulary: Vocabulary, typed: str, read: str
) -> None:
    reading = vocabulary.read(typed)
    assert reading.ids.tolist() == [vocabulary.id(token) for token in read]
    assert all(reading.ids)
    assert "".join(reading.tokens) == unicodedata.normalize("NFC", typed)


def test_what_a_vocabulary_holds_is_not_narrowed() -> None:
    ids = {token: KANA.id(token) for token in "，,"}
    assert len(set(ids.values())) == 2
    assert all(KANA.symbols[index] == token for token, index in ids.items())
    poet = gv.load("tang").vocabulary
    assert poet is not None
    assert poet.symbols[poet.id("，")] == "，"


@pytest.mark.parametrize("typed", ["ａ", "Ａ", "²", "½", "①", "ﬁ", "…"])
def test_only_the_width_is_changed(typed: str) -> None:
    digits = Vocabulary.of("0123456789/.fi")
    assert digits.read(typed).unknown == (0,)


@given(STORABLE_TEXT)
def test_narrowing_keeps_the_tokens_aligned(text: str) -> None:
    reading = KANA.read(text)
    assert reading.tokens == clusters(text)
    for token, index in zip(reading.tokens, reading.ids.tolist(), strict=True):
        assert index == 0 or KANA.symbols[index] in (token, narrowed(token), "\n")


@pytest.mark.parametrize("typed", ["ж", "李", "5", "ﬁ", "\0", "\x1b", "🙂", "👩‍👩‍👧", UNKNOWN, "\n", "\ud800"])
def test_what_a_vocabulary_does_not_hold_is_unknown_and_stays(typed: str) -> None:
    reading = LATIN.read(f"a{typed}b")
    assert len(reading) == 3
    assert reading.unknown == (1,)
    assert reading.ids[[0, 2]].tolist() == [LATIN.id("a"), LATIN.id("b")]


def test_a_text_vocabulary_does_not_fold() -> None:
    assert EXACT.read("aAé").unknown == (1,)
    assert EXACT.read("e\u0301").ids.tolist() == [EXACT.id("é")]


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n", "\u2028", "\u0085"])
def test_every_line_end_is_one_newline(line_end: str) -> None:
    reading = EXACT.read(f"a{line_end}b")
    assert reading.ids.tolist() == [EXACT.id("a"), EXACT.id("\n"), EXACT.id("b")]


def test_a_family_emoji_is_one_token() -> None:
    assert clusters("👩‍👩‍👧é🇹🇷") == ("👩‍👩‍👧", "é", "🇹🇷")


def test_an_empty_text_is_an_empty_reading() -> None:
    reading = LATIN.read("")
    assert (len(reading), reading.ids.shape, reading.unknown) == (0, (0,), ())


def test_the_unknown_symbol_is_id_zero_whatever_a_vocabulary_is_made_of() -> None:
    assert Vocabulary.of(["b", UNKNOWN, "a"]).symbols == (UNKNOWN, "a", "b")
