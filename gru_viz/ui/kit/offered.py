"""Files made when they are asked for, each at one address as long as its visitor is here.

Streamlit's own deferred downloads change their address with every run, and drop the file made as soon as two runs of
anybody have ended: of twenty presses on a server with twenty visitors eight came to nothing.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from urllib.parse import quote
from weakref import WeakValueDictionary

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

FOLDER = "downloads"


class Offer:
    """One visitor's file.

    Attributes:
        file: its name, its media type, and what makes its content. Called when no page is running, in a thread of its
            own: it must not ask for the visitor's language or colours.
    """

    def __init__(self) -> None:
        self.file: tuple[str, str, Callable[[], bytes]] = "", "", bytes
        self._token = secrets.token_urlsafe(24)  # the address is all that is asked of who fetches it
        _OFFERS[self._token] = self

    @property
    def address(self) -> str:
        """Seen from any page."""
        return f"./{FOLDER}/{self._token}"


_OFFERS: WeakValueDictionary[str, Offer] = WeakValueDictionary()
"""An offer goes with the session that holds it."""


def route(base: str) -> Route:
    """The files' addresses, below the app's own."""
    return Route(f"{base}/{FOLDER}/{{token}}", _answer)


async def _answer(request: Request) -> Response:
    offer = _OFFERS.get(request.path_params["token"])
    if offer is None:
        return PlainTextResponse("This page is no longer open: load it again.", status_code=404)
    name, kind, make = offer.file
    content = await asyncio.to_thread(make)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=kind, headers=headers)
