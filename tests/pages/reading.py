"""What every test of a page asks of it: that it is sound, what it says, and what its components were sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import ElementTree

from gru_viz.locale import catalogue

KEYS = set(catalogue("en"))
FIELD = "gru_viz.text"
_COUNTS = count(1)
KINDS = ("markdown", "caption", "warning", "error", "info", "html", "button", "tabs", "progress")


def asked(app: AppTest, query: dict[str, str]) -> AppTest:
    """The page as a link opens it."""
    for name, value in query.items():
        app.query_params[name] = value
    return sound(app.run())


def sound(app: AppTest) -> AppTest:
    """No traceback, and no key that nobody translated."""
    assert not app.exception, [e.message for e in app.exception]
    for text in words(app):
        assert text not in KEYS, f"untranslated: {text}"
    return app


def words(app: AppTest) -> list[str]:
    """Everything a visitor can read outside the components, as far as AppTest sees it."""
    found = []
    for kind in KINDS:
        for element in app.get(kind):
            found += [str(getattr(element, name, "") or "") for name in ("label", "value", "text")]
    return found


def control(app: AppTest, key: str) -> Any:
    """A widget that AppTest finds by key only."""
    return app.get_by_key(key)


def links(app: AppTest) -> set[str]:
    """What the links to files say."""
    found = "".join(element.proto.body for element in app.get("html"))
    return set(re.findall(r'class="gv-download".*?</span>(.*?)</a>', found))


def notices(app: AppTest) -> str:
    return "\n".join(element.value for element in app.warning).replace("\\", "")


def _field(app: AppTest) -> Any:
    return next(e.proto for e in app.get("bidi_component") if e.proto.component_name == FIELD)


def field(app: AppTest) -> dict[str, Any]:
    """What the page's text field was told."""
    return json.loads(_field(app).json)


def held(app: AppTest) -> str:
    """What the page's text field was told to hold."""
    return field(app)["text"]


@contextmanager
def typing(app: AppTest, text: str, first: bool = False) -> Iterator[None]:
    """Runs inside hear of this text as a browser tells it, before or after all else; AppTest tells of no component."""
    said = {"typed": {"text": text, "stamp": field(app)["stamp"], "count": next(_COUNTS)}}
    state = WidgetState(id=_field(app).id, json_value=json.dumps(said))
    told = ElementTree.get_widget_states

    def and_this(tree: ElementTree) -> WidgetStates:
        others = told(tree).widgets
        return WidgetStates(widgets=[state, *others] if first else [*others, state])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ElementTree, "get_widget_states", and_this)
        yield


def typed(app: AppTest, text: str) -> AppTest:
    """The page once the visitor typed this into its text field."""
    with typing(app, text):
        return sound(app.run())


def sent(app: AppTest, component: str) -> list[bytes]:
    """What the components of this name were sent."""
    return [e.proto.bytes for e in app.get("bidi_component") if e.proto.component_name == component]


def taken_apart(blob: bytes, entry: str) -> tuple[dict[str, Any], dict[str, NDArray[np.generic]]]:
    """A blob's JSON, kept in its metadata under `entry`, and its tensors."""
    size = int.from_bytes(blob[:8], "little")
    return json.loads(json.loads(blob[8 : 8 + size])["__metadata__"][entry]), load(blob)
