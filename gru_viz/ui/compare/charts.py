"""The page's charts as one file of HTML that needs neither this app nor the internet."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import plotly.graph_objects as go

from gru_viz.analysis.stopwatch import Outcome
from gru_viz.draw.palette import Palette
from gru_viz.story.trio import games
from gru_viz.ui.compare import curves, ledger, parts
from gru_viz.ui.compare import games as memory

Say = Callable[..., str]


def page(task: str, device: str, equal: str, found_times: Outcome | None, colours: Palette, say: Say) -> bytes:
    """The ledger, the matrices, every game's accuracy against delay, the learning curves.

    Args:
        found_times: what the ledger shows.
        say: key and parameters -> words; given, because a download is made when no page is running.
    """
    models = ledger.three(task, device, equal)
    found: list[tuple[str, go.Figure]] = [
        (say("compare.ledger"), ledger.figure(models, found_times, equal, colours, say))
    ]
    found.append((say("compare.tab.parts"), parts.figure(task, device, equal, colours, say)))
    for game in games():
        for budget in memory.BUDGETS:
            drawn = memory.figure(game, device, budget, colours, None, say)
            if drawn is not None:
                found.append((say(f"compare.task.{game}"), drawn))
    drawn = curves.figure(task, device, colours, say)
    if drawn is not None:
        found.append((say("compare.tab.curves"), drawn))
    body = "".join(
        f"<h2>{escape(title)}</h2>{one.to_html(full_html=False, include_plotlyjs=place == 0)}"
        for place, (title, one) in enumerate(found)
    )
    style = f"body {{ background: {colours.paper}; color: {colours.ink}; font-family: sans-serif; max-width: 60rem; }}"
    title = escape(f"{say('app.title')}: {say(f'compare.task.{task}')}")
    head = f'<meta charset="utf-8"><title>{title}</title><style>{style}</style>'
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()
