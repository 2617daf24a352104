"""The app's server, telling when it heard of a letter, how long the trace and the player's blob took, and when it sent
the blob: for `benchmarks.keystroke`, which reads the file.

    python -m benchmarks.keystroke_marks FILE run app.py …     # what follows the file goes to Streamlit
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.runtime import Runtime
from streamlit.web import cli
from streamlit.web.server.starlette.starlette_websocket import StarletteSessionClient

from gru_viz.models.sequence import SequenceModel
from gru_viz.ui.kit import player_view


def main() -> None:
    # Open as long as the server lives.
    out = Path(sys.argv[1]).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115

    def mark(name: str, value: float) -> None:
        out.write(json.dumps([name, value]) + "\n")

    def timed(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        def measured(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return call(*args, **kwargs)
            finally:
                mark(name, (time.perf_counter() - start) * 1000)

        return measured

    def told(name: str, call: Callable[..., Any], wanted: Callable[[Any], bool]) -> Callable[..., Any]:
        @wraps(call)
        def marked(*args: Any, **kwargs: Any) -> Any:
            if wanted(args[-1]):
                mark(name, time.time() * 1000)
            return call(*args, **kwargs)

        return marked

    def carries_a_blob(said: ForwardMsg) -> bool:
        return said.WhichOneof("type") == "delta" and bool(said.delta.new_element.bidi_component.bytes)

    SequenceModel.trace = timed("trace", SequenceModel.trace)
    SequenceModel.predict = timed("trace", SequenceModel.predict)
    player_view.blob = timed("blob", player_view.blob)
    Runtime.handle_backmsg = told("heard", Runtime.handle_backmsg, lambda said: said.HasField("rerun_script"))
    StarletteSessionClient.write_forward_msg = told("sent", StarletteSessionClient.write_forward_msg, carries_a_blob)
    cli.main(sys.argv[2:], prog_name="streamlit")


if __name__ == "__main__":
    main()
