"""The project's own files agree with each other: pins, paths, stamps, and what a wheel carries."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(name: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==([\w.]+)$", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return {package.lower(): version for package, version in found}


def version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def test_every_dependency_of_the_package_is_pinned_and_the_pin_satisfies_it() -> None:
    pinned = pins("requirements.txt")
    wanted = dict(re.fullmatch(r"([\w-]+)>=([\d.]+)", line).groups() for line in PROJECT["project"]["dependencies"])
    assert wanted.keys() == pinned.keys()
    for package, least in wanted.items():
        assert version(pinned[package]) >= version(least), package


def test_no_package_is_pinned_twice() -> None:
    files = ("requirements.txt", "requirements-dev.txt", "requirements-train.txt", "requirements-serve.txt")
    packages = [package for name in files for package in pins(name)]
    assert len(packages) == len(set(packages))


def test_every_path_a_config_file_names_is_there() -> None:
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    named = [*wheel["only-include"], *wheel["force-include"], *PROJECT["project"]["license-files"]]
    named += [PROJECT["project"]["readme"], *PROJECT["tool"]["pyright"]["include"]]
    named += PROJECT["tool"]["pytest"]["ini_options"]["testpaths"]
    for path in named:
        assert (ROOT / path).exists(), path
    for layer in PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]:
        for module in re.findall(r"gru_viz[\w.]*", layer):
            place = ROOT / module.replace(".", "/")
            assert place.is_dir() or place.with_suffix(".py").is_file(), module


def test_an_installed_environment_is_not_installed_again(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    for stamp in ("bin/pip", ".run-installed", ".test-installed"):
        (venv / stamp).touch()
    for target in ("run", "test", "lint"):
        plan = subprocess.run(
            ["make", "-n", target, f"VENV={venv}"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        assert "pip install" not in plan
    fresh = subprocess.run(
        ["make", "-n", "run", f"VENV={tmp_path / 'none'}"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert "pip install" in fresh
    assert "gru_viz.cli run" in fresh


def test_ci_runs_lint_and_the_readmes_test_command() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.findall(r"^make \w+$", script, re.MULTILINE) == ["make lint", "make test"]
