"""What lies below a page's instrument, a drawer each: only the one that is open runs, so the others cost nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gru_viz.ui.kit.pickers import pick


def one_open(
    panels: Mapping[str, Callable[[], None]], words: str, *, label: str = "tab.label", key: str = "tab", **style: Any
) -> None:
    """Draw the names of the drawers, and the one that is open as the view's `tab` has it.

    Args:
        panels: name -> what draws it, in the order of the page.
        words: the family of keys of their names: "tab.{}".
        style: `required=False` where all may be closed.
    """
    opened = pick("tab", list(panels), label, words, key=key, **style)
    if opened is not None:
        panels[opened]()
