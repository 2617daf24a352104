"""What serving the first picture does not load: large packages that only a drawer, another page or a file needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import gru_viz as gv

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
assert any('"rossellini"' in one.proto.json for one in page.get("bidi_component")), "the field holds the example"
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


def test_a_program_that_asks_for_nothing_waits_for_nothing() -> None:
    program = "import sys, gru_viz.cli, gru_viz.ui.serving; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "torch" not in done.stdout.split()


def test_every_public_name_is_fetched_from_its_home_and_no_other() -> None:
    assert sorted(name for names in gv._HOMES.values() for name in names) == sorted(gv.__all__)
    assert all(getattr(gv, name).__module__.startswith("gru_viz.") for name in gv.__all__)
    assert set(gv.__all__) <= set(dir(gv))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = gv.nonsense  # type: ignore[attr-defined]
