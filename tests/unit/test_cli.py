"""The command line, as a person at a terminal meets it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from gru_viz import cli
from gru_viz.cli import main
from gru_viz.models import load, seeded
from gru_viz.models.report import numbers_from, table
from gru_viz.tracing.trace import Trace
from gru_viz.training.rebuild import write
from gru_viz.ui import serving

SEEDED = """\
seeded: GRU, layer 0 of 1, 3 units; z near 1 keeps the old state (PyTorch's convention)
step  token   mean z   mean r   mean n   mean h  prediction
   1  1        0.396    0.489    0.118    0.072  none (untrained)
   2  2        0.419    0.499    0.095    0.085  none (untrained)
   3  3        0.397    0.540    0.180    0.155  none (untrained)
"""


def test_trace_prints_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = seeded(2, hidden_size=3, seed=0)
    write(model, model.card, tmp_path / "seeded")
    assert main(["trace", str(tmp_path / "seeded"), "1 0; 1,1\n0.5 0.25"]) == 0
    assert capsys.readouterr().out == SEEDED


def test_the_table_says_what_the_model_computed_and_believed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "names", "Łuk7"]) == 0
    lines = capsys.readouterr().out.splitlines()
    model = load("names")
    trace = model.trace("Łuk7")
    beliefs = model.predict(trace)
    assert len(lines) == 6
    for step, (token, line) in enumerate(zip(("Ł", "u", "k", "7"), lines[2:], strict=True)):
        cells = line.split()
        assert cells[:2] == [str(step + 1), token]
        assert ("(unknown)" in line) == (token == "7")
        z = trace.layer(0).z[step].mean().item()
        assert f"{z:.3f}" in cells
        assert line.endswith(f"{model.labels[int(beliefs[step].argmax())]} {beliefs[step].max().item():.2f}")


def test_unprintable_tokens_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "english", "a\n\x1b[31m b"]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "'\\n'" in out
    assert "'\\x1b' (unknown)" in out


def test_trace_saves_what_it_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "one.safetensors"
    assert main(["trace", "names", "rossellini", "--save", str(file)]) == 0
    assert capsys.readouterr().out.endswith(f"wrote {file}\n")
    kept, again = Trace.load(file), load("names").trace("rossellini")
    torch.testing.assert_close(kept.layer(0).h, again.layer(0).h)
    assert kept.tokens == tuple("rossellini")


def test_a_deeper_layer_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "example", "1 2 3 4 5", "--layer", "1"]) == 0
    assert "layer 1 of 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["trace", "nomes", "x"], "There is no model 'nomes'"),
        (["trace", "names", ""], "There is no text to read"),
        (["trace", "sunspots", "5 eleven"], "not numbers"),
        (["trace", "example", "1 2 3"], "3 column(s); this model reads 5"),
        (["trace", "names", "x", "--layer", "1"], "There is no layer 1"),
        (["train", "nomes"], "There is no task 'nomes'"),
        (["train", "example", "--steps", "-1"], "must be 0 or more"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_status_two(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert said.err.startswith("gru-viz: ")
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_train_writes_a_model_where_it_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "mine.txt"
    text.write_text("".join(f"line {i} of a small book\n" for i in range(4000)), encoding="utf-8")
    assert (
        main(["train", "english", "--data", str(text), "--out", str(tmp_path), "--steps", "2", "--threads", "1"]) == 0
    )
    out = capsys.readouterr().out.splitlines()
    assert out[-2].startswith("step      2 of 2   loss ")
    assert out[-1] == f"wrote {tmp_path / 'english'}"
    assert load(tmp_path / "english").kind == "next"


@pytest.mark.parametrize("threads", ["0", "-2", "two", "1.5"])
def test_threads_must_be_a_positive_number(threads: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["train", "example", "--threads", threads])
    assert caught.value.code == 2
    assert "--threads" in capsys.readouterr().err


def test_run_hands_its_options_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "app.py"
    script.touch()
    served: list[object] = []
    monkeypatch.setattr(cli, "APPS", (tmp_path / "absent.py", script))
    monkeypatch.setattr(serving, "serve", lambda *told: served.append(told))
    assert main(["run"]) == main(["run", "--port", "8600", "--host", "::", "--no-browser"]) == 0
    assert main(["run", "--no-browser", "--", "--server.baseUrlPath", "gru"]) == 0
    assert served == [
        (script, None, None, True, []),
        (script, 8600, "::", False, []),
        (script, None, None, False, ["--server.baseUrlPath", "gru"]),
    ]


def test_run_without_the_app_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(cli, "APPS", ())
    assert main(["run"]) == 2
    assert "app.py is not installed" in capsys.readouterr().err


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gru_viz.cli", "--help"], capture_output=True, text=True, check=True, timeout=120
    )
    assert all(command in done.stdout for command in ("train", "trace", "run"))


def test_numbers_are_read_by_rows_or_one_by_one() -> None:
    assert numbers_from("1 2, 3", columns=1) == [[1.0], [2.0], [3.0]]
    assert numbers_from("1 2; 3 4;", columns=2) == [[1.0, 2.0], [3.0, 4.0]]
    assert numbers_from("1,2\n3,4\n", columns=2) == [[1.0, 2.0], [3.0, 4.0]]


def test_a_table_has_a_line_a_step_after_two_lines_of_heading() -> None:
    model = seeded(1)
    assert len(table(model, model.trace([1.0] * 5)).splitlines()) == 7
