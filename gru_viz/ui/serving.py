"""The server itself: started, prepared while it waits for its first visitor, and shown in a browser.

Nothing here needs torch: a server answers within a second, and prepares beside whoever comes meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from ctypes import CDLL
from pathlib import Path

import click
from streamlit import cli_util, config, runtime
from streamlit.starlette import App
from streamlit.web import cli
from streamlit.web.server.server_util import get_display_address, get_url

_ARENA_MAX = -8
"""The number that malloc.h gives `M_ARENA_MAX`."""
ARENAS = 2
_SAID = {"line": ""}
"""What is printed when all is prepared; nothing where Streamlit itself has named the address."""


def serve(script: Path, port: int | None, host: str | None, browser: bool, options: Sequence[str]) -> None:
    """Run the app until it is ended; print one line with its address as soon as it is prepared.

    Args:
        script: the app's.
        port: None for Streamlit's own, or the next one that is free.
        host: the address it listens at; None for this machine alone.
        browser: open it, where there is one.
        options: more of `streamlit run`, as it takes them; they come last and win.

    Raises:
        KeyboardInterrupt: Ctrl-C ended it.
        SystemExit: it could not start; Streamlit has said why.
    """
    _SAID["line"] = "GRU Explorer: {address}  (Ctrl-C ends it)"
    told = ["--server.port", str(port)] if port is not None else []
    told += ["--server.address", host or "localhost"]
    told += [] if browser else ["--server.headless", "true"]
    told += ["--server.showEmailPrompt", "false", "--logger.hideWelcomeMessage", "true"]
    try:
        cli.main(["run", str(script), *told, *options], prog_name="streamlit", standalone_mode=False)
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)


@asynccontextmanager
async def prepared(_: App) -> AsyncIterator[None]:
    """What surrounds the server's life: the browser is opened, and the page is made once while nobody waits for it."""
    _few_arenas()
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    os.environ.setdefault("GRU_VIZ_FAST", "off")  # numba would take 115 MB, and a letter gains little by it
    if not config.get_option("server.headless"):
        cli_util.open_browser(_address())
    making = asyncio.create_task(_make_once())
    try:
        yield
    finally:
        making.cancel()


def _few_arenas() -> None:
    """Have glibc serve all threads from two heaps. By itself it makes up to eight a core, and each keeps what runs for
    visitors who have left once needed; of the threads only one computes at a time."""
    with suppress(OSError, AttributeError):  # another system, or another C library: nothing is lost but some memory
        CDLL(None).mallopt(_ARENA_MAX, ARENAS)


async def _make_once() -> None:
    """Run the script as for a visitor whom nobody sees: it imports the pages, loads the first model and traces with it.

    Whoever comes meanwhile is served beside it, and finds made what has been made by then; if it fails, they are told.
    """
    await runtime.get_instance().does_script_run_without_error()
    if _SAID["line"]:
        print(_SAID["line"].format(address=_address()), flush=True)


def _address() -> str:
    told = next((name for name in ("browser.serverAddress", "server.address") if config.is_manually_set(name)), None)
    return get_url(get_display_address(config.get_option(told)) if told else "localhost")
