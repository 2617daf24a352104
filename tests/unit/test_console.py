"""The command line as a real process: on any console, into a pipe that closes, with odd arguments: no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gru_viz.cli import main
from gru_viz.models.report import how_read, numbers_from
from gru_viz.tracing.trace import Trace


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A line of bash, in which $GV is the command; its status is the command's."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    variables = inherited | {"GV": f"{sys.executable} -m gru_viz.cli", "OMP_NUM_THREADS": "1"} | environment
    done = subprocess.run(["bash", "-c", line], capture_output=True, env=variables, timeout=300, check=False)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    assert b"Error" not in done.stderr, done.stderr.decode()
    return done


@pytest.mark.parametrize("encoding", ["cp1252", "gbk"])
def test_a_console_that_lacks_a_letter_shows_its_code(encoding: str) -> None:
    done = shell('$GV trace names "Łuk\N{SNOWMAN}" --save missing/😀', PYTHONIOENCODING=encoding)
    assert done.returncode == 2
    assert r"\U0001f600" in done.stderr.decode(encoding)
    done = shell('$GV trace names "Łuk\N{SNOWMAN}"', PYTHONIOENCODING=encoding)
    assert done.returncode == 0
    lines = done.stdout.decode(encoding).splitlines()
    assert len(lines) == 6
    assert r"\u0141" in lines[2]
    assert "(unknown)" in lines[5]


@pytest.mark.parametrize(
    ("command", "reader"),
    [
        ("trace names anna", "exec <&-; sleep 1"),  # gone before anything is written
        ("trace names anna", "head -1"),
        ("--help", "exec <&-; sleep 1"),
        ("train recall --steps 2 --out $OUT", "exec <&-; sleep 1"),
    ],
)
def test_a_reader_that_goes_away_ends_a_command_quietly(tmp_path: Path, command: str, reader: str) -> None:
    done = shell(f"$GV {command} | {{ {reader}; }}; exit ${{PIPESTATUS[0]}}", OUT=str(tmp_path))
    assert done.stderr == b""
    assert done.returncode in ((141,) if "sleep" in reader else (0, 141))


def test_a_full_device_is_one_sentence() -> None:
    done = shell("$GV trace names anna > /dev/full")
    assert done.returncode == 2
    assert done.stderr == b"gru-viz: the output cannot be written: No space left on device.\n"


def test_closed_streams_are_no_trouble(tmp_path: Path) -> None:
    file = tmp_path / "t"
    assert shell(f"$GV trace names anna --save {file} <&- >&- 2>&-").returncode == 0
    assert len(Trace.load(file)) == 4


@pytest.mark.parametrize("line", ["trace names -anna", "trace names --", "trace names", "trace names x -anna"])
def test_a_text_that_looks_like_an_option_gets_a_hint(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(line.split())
    assert caught.value.code == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.endswith("a text that begins with - goes last, behind --: gru-viz trace names -- -anna")


def test_behind_two_dashes_any_text_is_a_text(capsys: pytest.CaptureFixture[str]) -> None:
    for line in (["names", "--", "-anna"], ["--layer", "0", "names", "--", "-anna"], ["--", "names", "-anna"]):
        assert main(["trace", *line]) == 0
        assert [row.split()[1] for row in capsys.readouterr().out.splitlines()[2:]] == list("-anna")
    assert main(["trace", "sunspots", "-5.5"]) == 0
    assert main(["trace", "sunspots", "-5 3"]) == 0
    assert main(["trace", "names", "--", "--"]) == 0


def test_a_missing_folder_is_said_before_anything_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "nomes", "anna", "--save", str(tmp_path / "no" / "t")]) == 2
    said = capsys.readouterr()
    assert (
        said.err == f"gru-viz: There is no folder {tmp_path / 'no'} to save t in; make it first, or save elsewhere.\n"
    )
    assert said.out == ""
    assert main(["trace", "names", "anna", "--save", ""]) == 2
    assert main(["trace", "names", "anna", "--save", str(tmp_path)]) == 2


def test_home_is_a_folder_to_save_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["trace", "names", "anna", "--save", "~/t"]) == 0
    assert (tmp_path / "t").is_file()


@pytest.mark.parametrize("layer", ["a", "1.0", "", "1e3"])
def test_a_layer_is_a_whole_number(layer: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["trace", "names", "anna", "--layer", layer])
    assert caught.value.code == 2
    assert "--layer" in capsys.readouterr().err
    for outside in ("-1", "1", "99999999999999999999"):
        assert main(["trace", "names", "anna", "--layer", outside]) == 2
        assert f"There is no layer {outside}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "columns", "rows", "says"),
    [
        ("5,5 11,2", 1, [[5.5], [11.2]], "5,5 is read as 5.5, a decimal comma"),
        ("5,5; 11", 1, [[5.5], [11.0]], "5,5 is read as 5.5, a decimal comma"),
        ("-1,5e2", 1, [[-150.0]], "-1,5e2 is read as -1.5e2, a decimal comma"),
        ("5,5 11,2; 1 2", 2, [[5.5, 11.2], [1.0, 2.0]], "5,5 is read as 5.5, a decimal comma"),
        ("1,2;3,4", 2, [[1.0, 2.0], [3.0, 4.0]], "1,2 is read as 1 and 2; write a decimal sign as a point"),
        ("1,2,3", 1, [[1.0], [2.0], [3.0]], "1,2,3 is read as 1 and 2 and 3"),
        ("1.5,2.5", 1, [[1.5], [2.5]], "1.5,2.5 is read as 1.5 and 2.5"),
        ("1,234.5", 1, [[1.0], [234.5]], "1,234.5 is read as 1 and 234.5"),
        ("1, 2, 3", 1, [[1.0], [2.0], [3.0]], None),
        ("1 2, 3", 1, [[1.0], [2.0], [3.0]], None),
        ("1 2; 3 4;", 2, [[1.0, 2.0], [3.0, 4.0]], None),
        ("5\N{FULLWIDTH COMMA}11\N{FULLWIDTH SEMICOLON}16", 1, [[5.0], [11.0], [16.0]], None),
        ("1.5 -2 3e4", 1, [[1.5], [-2.0], [3e4]], None),
    ],
)
def test_a_comma_is_read_one_way_and_that_is_said(text: str, columns: int, rows: list, says: str | None) -> None:
    assert numbers_from(text, columns) == rows
    said = how_read(text, columns)
    assert said is None if says is None else (said or "").startswith(says)


def test_the_word_on_commas_stands_beside_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "sunspots", "5,5 11,2"]) == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 4
    assert said.err == "gru-viz: 5,5 is read as 5.5, a decimal comma; write spaces between numbers.\n"
    assert main(["trace", "sunspots", "5 11"]) == 0
    assert capsys.readouterr().err == ""
