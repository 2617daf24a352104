"""The Chromium that tests and benchmarks drive: find one, and install one where there is none.

    python -m tools.browser      # prints the path; installs one if it must; says what is missing if it cannot

In order: the one `CHROMIUM` names; for tests a headless shell, which root on Debian gets with fonts for Chinese; the
system's own; Playwright's download; and, for root, Debian's package. Benchmarks take the shell last.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

SHELL = ("chromium-headless-shell", "chrome-headless-shell")
"""Chromium without a window, a toolbar and their own pages: the same page takes half the processor's time in it."""

SYSTEM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FONTS = "fonts-noto-cjk"
MISSING = (
    f"There is no Chromium for the browser tests: install one (Debian: apt-get install {SHELL[0]} {FONTS}), "
    "or run `playwright install chromium`, or name one in the variable CHROMIUM."
)

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Root may start it, and nothing in it calls home while it is measured."""


def find() -> Path | None:
    """The Chromium that benchmarks drive, which is what a visitor has; or None."""
    return _named() or _on_path(*SYSTEM) or _playwrights() or _on_path(*SHELL)


def for_tests() -> Path | None:
    """The Chromium that tests drive; None where Playwright's own is to be tried."""
    return _named() or _on_path(*SHELL, *SYSTEM)


def _named() -> Path | None:
    if named := os.environ.get("CHROMIUM"):
        if not (found := shutil.which(named)):
            sys.exit(f"The variable CHROMIUM names {named}, and there is no such program.")
        return Path(found)
    return None


def _on_path(*names: str) -> Path | None:
    return next((Path(found) for name in names if (found := shutil.which(name))), None)


def _playwrights() -> Path | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = Path(playwright.chromium.executable_path)
    return found if found.is_file() else None


def install() -> None:
    """For root on Debian the shell; where that leaves none at all, Playwright's download, or Debian's."""
    if not _named() and not _on_path(*SHELL) and _root_on_debian():
        _debians(SHELL[0], FONTS)
    if find() is None:
        downloaded = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
        if downloaded.returncode and _root_on_debian():
            _debians(SYSTEM[0], FONTS)


def _debians(*packages: str) -> None:
    subprocess.run(["apt-get", "update", "-q"], check=False)
    quietly = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    line = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    subprocess.run(line, check=False, env=quietly)


def _root_on_debian() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def main() -> int:
    """Print the browser's path; 1 and a sentence if there is none and none can be installed."""
    install()
    found = for_tests() or find()
    print(found or MISSING, file=sys.stdout if found else sys.stderr)
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
