"""The pages for contributors name what is there: every file and folder, every function they name by its module."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "gru_viz"
DOCUMENTS = ("docs/architecture.md", "docs/how-it-works.md", "CONTRIBUTING.md")
PATH = re.compile(r"[\w./-]+(\.(py|js|json|md|toml|css)|/)")
CALL = re.compile(r"(?:\w+\.)*(\w+)\.(\w+)(?:\(.*\))?")


def quoted(document: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", (ROOT / document).read_text(encoding="utf-8")))


def called(name: str) -> list[str]:
    """The modules of this name, as Python imports them."""
    files = [*PACKAGE.rglob(f"{name}.py"), *PACKAGE.rglob(f"{name}/__init__.py")]
    return [".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_and_folder_it_names_is_there(document: str) -> None:
    named = {text for text in quoted(document) if PATH.fullmatch(text)}
    assert named
    lost = [text for text in named if not (ROOT / text).exists() and not any(PACKAGE.rglob(text.rstrip("/")))]
    assert not lost


@pytest.mark.parametrize("document", DOCUMENTS[:2])
def test_every_function_it_names_by_its_module_is_there(document: str) -> None:
    named = {text: found for text in quoted(document) if not PATH.fullmatch(text) and (found := CALL.fullmatch(text))}
    homes = {text: called(found[1]) for text, found in named.items()}
    assert any(homes.values())
    lost = [
        text
        for text, modules in homes.items()
        if modules and not any(hasattr(import_module(module), named[text][2]) for module in modules)
    ]
    assert not lost
