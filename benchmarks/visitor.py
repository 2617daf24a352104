"""A visitor without a browser: speaks Streamlit's own websocket protocol, as Streamlit's front end does.

It opens a page, finds the field that is live among the elements it is sent, and tells what is typed in it: the states
of all widgets it knows (each with the value it was drawn with), the page, the fragment the field is drawn by, and what
the browser says of itself. What a browser sends was read from Chromium; a player sends nothing until it is clicked.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

PATIENCE = 60.0
"""Seconds until an answer counts as lost."""
_DONE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


@dataclass
class Answer:
    """What came back for one message.

    Attributes:
        seconds: from sending to the end of the run: all it drew has arrived before that.
        bytes, messages: received meanwhile.
        kinds: of the messages; drawn: of the elements among them.
        blob: what a player was sent.
    """

    seconds: float = 0.0
    bytes: int = 0
    messages: int = 0
    kinds: list[str] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)
    blob: bytes = b""


class Failed(Exception):
    """The page showed an error, or sent no end of its run."""


@dataclass
class Visitor:
    """One tab.

    Attributes:
        page: the path of the page, "" for the first.
        query: of its address.
    """

    page: str = ""
    query: str = "lang=en"
    _socket: ClientConnection | None = None
    _widgets: dict[str, WidgetState] = field(default_factory=dict)
    _field: str = ""
    _stamp: int = 0
    _told: int = 0
    _fragment: str = ""
    _hash: str = ""
    _address: str = ""

    async def open(self, address: str) -> Answer:
        """Open the page; what its first run drew."""
        self._address = f"{address}/{self.page}"
        stream = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
        self._socket = await connect(
            stream, subprotocols=[Subprotocol("streamlit")], max_size=None, compression=None, open_timeout=PATIENCE
        )
        answer = await self._ask()
        if not self._field:
            raise Failed("no live field was drawn")
        return answer

    async def type(self, text: str) -> Answer:
        """Let the field hold this text; what the run drew."""
        self._write(text)
        return await self._ask(self._fragment)

    async def tell(self, text: str) -> None:
        """The same without waiting for what comes of it."""
        self._write(text)
        await self._send(self._fragment)

    def _write(self, text: str) -> None:
        state = self._widgets[self._field]
        if state.HasField("string_value"):
            state.string_value = text
        else:
            self._told += 1
            state.json_value = json.dumps({"typed": {"text": text, "stamp": self._stamp, "count": self._told}})

    async def close(self) -> None:
        """Leave."""
        if self._socket is not None:
            await self._socket.close()

    async def _ask(self, fragment: str = "") -> Answer:
        start = time.perf_counter()
        await self._send(fragment)
        answer = await self.answer()
        answer.seconds = time.perf_counter() - start
        return answer

    async def _send(self, fragment: str) -> None:
        assert self._socket is not None
        said = BackMsg()
        state = said.rerun_script
        state.query_string, state.page_script_hash, state.fragment_id = self.query, self._hash, fragment
        state.page_name = "" if self._hash else self.page
        state.widget_states.widgets.extend(self._widgets.values())
        context = state.context_info
        context.timezone, context.timezone_offset, context.locale = "UTC", 0, "en-US"
        context.url, context.is_embedded, context.color_scheme = self._address, False, "light"
        await self._socket.send(said.SerializeToString())

    async def answer(self, patience: float = PATIENCE) -> Answer:
        """All until the end of a run.

        Raises:
            Failed: an element says an error.
            TimeoutError, ConnectionClosed: nothing more came.
        """
        assert self._socket is not None
        answer = Answer()
        while True:
            blob = await asyncio.wait_for(self._socket.recv(decode=False), patience)
            said = ForwardMsg.FromString(blob)
            answer.bytes += len(blob)
            answer.messages += 1
            kind = said.WhichOneof("type")
            answer.kinds.append(kind or "")
            if kind == "delta":
                self._see(said.delta, answer)
            elif kind == "navigation":
                self._hash = said.navigation.page_script_hash
            elif kind == "script_finished" and said.script_finished in _DONE:
                return answer

    def _see(self, delta: Delta, answer: Answer) -> None:
        """Take over an element as a browser would: a widget begins with the value it is drawn with."""
        if delta.WhichOneof("type") != "new_element":
            return
        element = delta.new_element
        kind = element.WhichOneof("type")
        answer.drawn.append(kind or "")
        if kind == "exception":
            raise Failed(element.exception.message)
        if kind == "text_input":
            one = element.text_input
            state = self._widgets.setdefault(one.id, WidgetState(id=one.id, string_value=one.default))
            if one.set_value:
                state.string_value = one.value
            if one.live_debounce_ms:
                self._field, self._fragment = one.id, delta.fragment_id
        elif kind == "bidi_component" and element.bidi_component.bytes:
            answer.blob = element.bidi_component.bytes
        elif kind == "bidi_component" and element.bidi_component.component_name == "gru_viz.text":
            self._field, self._fragment = element.bidi_component.id, delta.fragment_id
            self._stamp = json.loads(element.bidi_component.json)["stamp"]
            self._widgets.setdefault(self._field, WidgetState(id=self._field))
        elif kind == "button_group":
            group = element.button_group
            state = self._widgets.setdefault(group.id, WidgetState(id=group.id))
            chosen = list(group.raw_values) if group.set_value else [group.options[k].content for k in group.default]
            if group.set_value or not state.HasField("string_array_value"):
                state.string_array_value.data[:] = chosen
