"""Tables, traces and figures as files to take away."""

from __future__ import annotations

import io
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from gru_viz.draw.palette import Palette
from gru_viz.tracing.storage import to_bytes
from gru_viz.tracing.trace import Trace

if TYPE_CHECKING:
    import pandas as pd


_BEGINS_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def csv(table: pd.DataFrame) -> bytes:
    """A table as CSV, in UTF-8 with the mark by which a spreadsheet knows it. Words that it would run as a formula have
    an apostrophe in front: then it takes them for words."""
    told = table.map(_no_formula).rename(columns=_no_formula)
    return told.to_csv(index=False).encode("utf-8-sig")


def _no_formula(cell: Any) -> Any:
    """A lone sign is none, and no number is one."""
    if not isinstance(cell, str) or len(cell) < 2 or not cell.startswith(_BEGINS_FORMULA):
        return cell
    try:
        float(cell)
    except ValueError:
        return "'" + cell
    return cell


def parquet(table: pd.DataFrame) -> bytes:
    """A table as Parquet."""
    file = io.BytesIO()
    table.to_parquet(file, index=False)
    return file.getvalue()


def safetensors(trace: Trace) -> bytes:
    """A trace as `Trace.load` reads it."""
    return to_bytes(trace)


def interactive(figure: go.Figure) -> bytes:
    """One figure as a page of HTML that needs neither this app nor the internet."""
    return figure.to_html(include_plotlyjs=True, config={"displaylogo": False}).encode("utf-8")


def web_page(title: str, figures: Iterable[tuple[str, go.Figure]], colours: Palette, style: str = "") -> bytes:
    """Figures on one page of HTML that needs neither this app nor the internet.

    Args:
        figures: heading (or none) and figure.
        style: CSS for the body, besides its colours.
    """
    body = ""
    for place, (heading, figure) in enumerate(figures):
        body += f"<h2>{escape(heading)}</h2>" if heading else ""
        body += figure.to_html(full_html=False, include_plotlyjs=place == 0, config={"displaylogo": False})
    look = f"body {{ background: {colours.paper}; color: {colours.ink}; {style} }}"
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{look}</style>'
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()
