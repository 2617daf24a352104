"""The truth about Python's characters, and the models that were taught it."""

from __future__ import annotations

import keyword
import sysconfig
import unicodedata
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gru_viz.errors import ModelError
from gru_viz.models import load
from gru_viz.models.reading import Vocabulary, clusters
from gru_viz.tasks import python_code, syntax
from gru_viz.tasks.syntax import Marked, Syntax, SyntaxProblem, measured
from gru_viz.tasks.syntax_truth import CLASSES, spans, trouble, truth
from gru_viz.tasks.task import held_out

SHORT = {"blank": "_", "comment": "#", "keyword": "k", "name": "n", "number": "0", "operator": "+", "string": "s"}


def short(text: str) -> str | None:
    found = truth(text)
    return None if found is None else "".join(SHORT[kind] for kind in found)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("def defined(x): return x", "kkk_nnnnnnn+n++_kkkkkk_n"),
        ("x = 1_000.5e3  # é\n", "n_+_000000000__###_"),
        ("None is not True", "kkkk_kk_kkk_kkkk"),
        ("f'{a!r} b' + x", "ssssssssss_+_n"),
        ("print(f'{f\"{x}\"}')", "nnnnn+sssssssssss+"),
        ("rb'''a\nb'''", "s" * 11),
        ("match x:\n  case 1: pass", "nnnnn_n+___nnnn_0+_kkkk"),
        ("type X = int", "nnnn_n_+_nnn"),
        ("x = 1 + \\\n  2", "n_+_0_+_____0"),
        ("a\r\nb\rc\u2028d", "n_n_n_n"),
        ("\x0cx=1", "_n+0"),
        ("x = (  # open\n", "n_+_+__######_"),
        ("é = 'e\u0301🙂👩‍👩‍👧'", "n_+_sssss"),
        ("", ""),
        ("   ", "___"),
    ],
)
def test_every_character_gets_the_class_of_its_token(text: str, kinds: str) -> None:
    assert short(text) == kinds


@pytest.mark.parametrize("text", ["x = 'abc", "x = '''abc", "a $ b", "x = ?", "if x:\n    y\n  z", "a\0b"])
def test_what_cannot_be_cut_has_no_truth(text: str) -> None:
    assert truth(text) is None
    assert spans(text) is None
    assert trouble(text) is not None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x = 's", "string"),
        ('x = "\n1', "string"),
        ("x = '''s\n", "string"),
        ("if x:\n    y\n  z", "indentation"),
        ("x = ?", "sign"),
        ("f(", None),
        ("x = 1", None),
    ],
)
def test_what_cannot_be_cut_says_why(text: str, why: str | None) -> None:
    assert trouble(text) == why


@given(st.text(st.sampled_from("ab1 .,'\"#\n\r\t()[]{}:=+\\f\u00e9\u0301🙂\u2028\x0c"), max_size=30))
def test_the_truth_is_as_long_as_what_a_model_reads(text: str) -> None:
    found = truth(text)
    if found is None:
        return
    tokens = clusters(text)
    assert len(found) == len(tokens)
    assert set(found) <= set(CLASSES)
    for token, kind in zip(tokens, found, strict=True):
        # A character is white space exactly where it is blank, but for those inside strings and comments.
        assert kind in ("string", "comment") or (token.isspace() or token == "\\") == (kind == "blank")


def test_the_truth_of_a_library_file_puts_it_together_again() -> None:
    text = (Path(sysconfig.get_paths()["stdlib"]) / "json" / "decoder.py").read_text(encoding="utf-8")
    words = {text[start:end]: kind for start, end, kind in spans(text) or [] if kind in ("keyword", "name")}
    assert {word for word, kind in words.items() if kind == "keyword"} == {w for w in words if keyword.iskeyword(w)}
    assert {"JSONDecoder", "scanstring", "_decode_uXXXX"} <= set(words)
    assert unicodedata.is_normalized("NFC", text)


def test_windows_begin_outside_tokens_and_know_the_place_in_the_token() -> None:
    text = '"""one\ntwo\n"""\nif x:\n    yes = 1\n'
    vocabulary = Vocabulary.of(text)
    marked = Marked.of([text, "a $ b", text], vocabulary)
    assert len(marked.ids) == 2 * len(text)
    begins = [text.index(part) for part in ('"""one', "\nif", "if", "    yes")]
    begins[1] = 0  # the line end after the quotes begins no line
    assert marked.starts.tolist() == sorted({*begins, *(len(text) + place for place in begins)})
    place = text.index("yes")
    assert marked.positions[place : place + 5].tolist() == [1, 2, 3, 0, 1]
    assert [CLASSES[index] for index in marked.classes[place : place + 5]] == ["name"] * 3 + ["blank", "operator"]


def test_a_window_covers_the_text_without_a_gap_where_lines_are_short() -> None:
    text = "x = 1\n" * 200
    windows = Marked.of([text], Vocabulary.of(text)).windows()
    assert max(len(ids) for ids, _, _ in windows) == syntax.WINDOW
    assert sum(len(ids) for ids, _, _ in windows) >= len(text) - 6 * len(windows)


@pytest.fixture(scope="module")
def held() -> list[str]:
    """Every eighth held-out file of the library: enough to measure on, and quickly read."""
    texts = python_code.sources(Path(sysconfig.get_paths()["stdlib"]))
    return [text for path, text in texts.items() if held_out(path, syntax.HELD_OUT)][::8]


NAMES = ("syntax", "syntax-bigru", "syntax-backward", "syntax-lstm", "syntax-rnn")


@pytest.mark.parametrize("name", NAMES)
def test_shipped_models_are_as_good_as_their_cards_say(name: str, held: list[str]) -> None:
    model = load(name)
    assert model.vocabulary is not None
    found, said = measured(model, Marked.of(held, model.vocabulary).windows()), model.card["metrics"]
    assert found["accuracy"] == pytest.approx(said["accuracy"], abs=0.02)
    assert said["accuracy"] > 2 * said["baseline_accuracy"]
    assert model.card["labels_at"] == "every step"


def test_two_directions_know_what_one_cannot() -> None:
    one, both, back = (load(name).card["metrics"] for name in NAMES[:3])
    assert one["accuracy"] >= 0.949
    assert both["accuracy"] >= 0.993
    assert both["accuracy"] > back["accuracy"]
    # The first character of a keyword could begin a name: only who has read on knows.
    at_first = [metrics["accuracy_by_position_in_word"]["keyword"]["1"] for metrics in (one, both)]
    assert at_first[1] > at_first[0] + 0.03
    errors = [1 - metrics["accuracy"] for metrics in (one, both)]
    assert errors[1] < errors[0] / 2


def test_the_lesson_of_define() -> None:
    """At the f of `def defined`, the forward reader cannot tell the two; the other side can."""
    text = "def defined(x): return x"
    first, second = text.index("f"), text.index("f", 3)
    both = load("syntax-bigru")
    belief = both.predict(both.trace(text))
    assert [both.labels[i] for i in belief[[first, second]].argmax(-1).tolist()] == ["keyword", "name"]


@pytest.mark.parametrize("name", NAMES[:3])
def test_a_text_may_end_anywhere(name: str) -> None:
    """Half a line is what a visitor's text looks like most of the time."""
    typed = load(name).card["metrics"]["accuracy_by_characters_typed"]
    assert min(typed.values()) > 0.85
    assert list(typed) == [str(k) for k in syntax.TYPED]


def test_a_prepared_problem_learns_and_measures() -> None:
    lines = "def f(x):\n    return x + 1  # more\n" * 30
    facts = python_code.source_facts(own=True)
    problem = SyntaxProblem([lines], [lines[:200]], 0, facts)
    before = problem.probe()
    optimiser = torch.optim.Adam(problem.model.parameters(), 1e-2)
    for _ in range(15):
        optimiser.zero_grad()
        problem.loss().backward()
        optimiser.step()
    name, after = problem.probe()
    assert name == before[0] == "accuracy"
    assert after > before[1] + 0.2
    metrics = problem.metrics()
    assert metrics["held_out_characters"] == 185  # the second window begins with the first line after the first one
    assert set(metrics["accuracy_by_class"]) <= set(CLASSES)
    assert problem.facts()["data"] == "Python files of a folder given with --data"


def test_windows_can_be_cut_to_what_has_been_typed() -> None:
    windows = Marked.of(["x = 1\n" * 40], Vocabulary.of("x = 1\n")).windows()
    assert {len(part) for window in syntax.cut(windows, 5) for part in window} == {5}
    assert sum(len(ids) for ids, _, _ in syntax.cut(windows, 1000)) == sum(len(ids) for ids, _, _ in windows)


def test_too_few_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("x = 1\n")
    with pytest.raises(ModelError) as caught:
        Syntax().prepare(tmp_path)
    assert caught.value.code == "corpus.small"
