"""Opens pages with some models of the zoo damaged, in a process of its own, and prints what they say and show.

python -m tests.faults.damaged_models FOLDER     # a copy of assets/models
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from gru_viz.models import zoo

APP = Path(__file__).parents[2] / "app.py"
PAGES = {
    "explore": {},
    "explore_other": {"model": "english"},
    "bi-gru": {},
    "bi-gru_other": {"model": "names"},
    "compare": {},
    "compare_other": {"task": "sunspots"},
}


def seen(page: str, query: dict[str, str]) -> dict[str, object]:
    """What a page says, and which components it shows."""
    app = AppTest.from_file(str(APP), default_timeout=120)
    for name, value in query.items():
        app.query_params[name] = value
    address = page.partition("_")[0]
    if address != "explore":
        app._page_hash = calc_hash(address)
    app.run()
    return {
        "exceptions": [one.message for one in app.exception],
        "said": [one.value for kind in ("warning", "error") for one in app.get(kind)],
        "shown": [one.proto.component_name for one in app.get("bidi_component")],
    }


if __name__ == "__main__":
    zoo.ROOTS = (Path(sys.argv[1]),)
    print(json.dumps({page: seen(page, query) for page, query in PAGES.items()}))
