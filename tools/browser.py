"""The Chromium that tests and benchmarks drive: find one, and install one where there is none.

    python -m tools.browser      # prints the path; installs one if it must; says what is missing if it cannot

In order: the one `CHROMIUM` names, the system's own, Playwright's download, and, for root, Debian's package with fonts
for Chinese.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

SYSTEM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DEBIAN = ("chromium", "fonts-noto-cjk")
MISSING = (
    "There is no Chromium for the browser tests: install one (Debian: apt-get install chromium fonts-noto-cjk), "
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
    """An installed Chromium, or None."""
    return system() or _playwrights()


def system() -> Path | None:
    """The Chromium that `CHROMIUM` names, or one on the path."""
    if named := os.environ.get("CHROMIUM"):
        if not (found := shutil.which(named)):
            sys.exit(f"The variable CHROMIUM names {named}, and there is no such program.")
        return Path(found)
    return next((Path(found) for name in SYSTEM if (found := shutil.which(name))), None)


def _playwrights() -> Path | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = Path(playwright.chromium.executable_path)
    return found if found.is_file() else None


def install() -> None:
    """Playwright's download; if that cannot be had and we are root on Debian, Debian's package."""
    downloaded = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if downloaded.returncode and _root_on_debian():
        subprocess.run(["apt-get", "update", "-q"], check=False)
        quietly = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *DEBIAN], check=False, env=quietly)


def _root_on_debian() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def main() -> int:
    """Print the browser's path; 1 and a sentence if there is none and none can be installed."""
    found = find()
    if found is None:
        install()
        found = find()
    print(found or MISSING, file=sys.stdout if found else sys.stderr)
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
