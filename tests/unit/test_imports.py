"""What serving the first picture does not load: large packages that only a drawer, another page or a file needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LARGE = (
    "pandas",
    "pyarrow",
    "sympy",
    "torch._dynamo",
    "scipy.stats",
    "plotly.graph_objs._figure",
)

EXPLORE = f"""
import sys
from streamlit.testing.v1 import AppTest

page = AppTest.from_file({str(ROOT / "app.py")!r}, default_timeout=120).run()
assert not page.exception, page.exception
assert page.text_input(key="text").value == "rossellini"
assert page.text_input(key="text").proto.live_debounce_ms == 60, "the pause after which a keystroke is told"
print(*sorted(sys.modules))
"""

LIBRARY = """
import sys
import gru_viz as gv
from gru_viz.models import available

for name in available():
    gv.load(name)
print(*sorted(sys.modules))
"""


@pytest.mark.parametrize(("program", "unwanted"), [(EXPLORE, LARGE), (LIBRARY, (*LARGE, "scipy", "plotly", "babel"))])
def test_what_the_first_picture_needs_not_is_not_imported(program: str, unwanted: tuple[str, ...]) -> None:
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "gru_viz.models.zoo" in loaded
    assert loaded.isdisjoint(unwanted), loaded.intersection(unwanted)
