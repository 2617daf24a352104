"""The READMEs: their examples run and print what they say they print, and both tell the same story."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BOTH = ("README.md", "README.zh-CN.md")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(readme: str) -> list[tuple[str, str]]:
    return BLOCK.findall((ROOT / readme).read_text(encoding="utf-8"))


@pytest.mark.parametrize("readme", BOTH)
def test_every_example_prints_what_stands_below_it(
    readme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    found = blocks(readme)
    shown = [(code, found[place + 1]) for place, (language, code) in enumerate(found) if language == "python"]
    assert len(shown) >= 5
    for code, (kind, expected) in shown:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, readme, "exec"), names)
        assert kind == "text"
        assert printed.getvalue() == expected


def test_both_languages_show_the_same_code_and_headings() -> None:
    english, chinese = (blocks(readme) for readme in BOTH)
    assert [b for b in english if b[0] != "sh"] == [b for b in chinese if b[0] != "sh"]
    commands = [
        [line.split("#")[0].strip() for kind, code in b if kind == "sh" for line in code.splitlines()]
        for b in (english, chinese)
    ]
    assert commands[0] == commands[1] == ["make run", "make test"]
    levels = [re.findall(r"^#+", (ROOT / readme).read_text(encoding="utf-8"), re.MULTILINE) for readme in BOTH]
    assert levels[0] == levels[1]


@pytest.mark.parametrize("readme", BOTH)
def test_every_file_the_readme_names_is_there(readme: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / readme).read_text(encoding="utf-8")):
        assert (ROOT / target).is_file(), target
