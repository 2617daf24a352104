"""The Compare page's view: what a link to it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from gru_viz.cells.kind import ROLES
from gru_viz.limits import GAME_DELAY
from gru_viz.story import links
from gru_viz.story.compared import EQUALS
from gru_viz.story.links import View, one_of, param, whole
from gru_viz.story.trio import GAMES, TASKS
from gru_viz.ui.kit import link

TABS = ("memory", "curves", "parts", "data")
TABLES = ("steps", "predictions", "ledger", "memory", "curves")
COUNTS = (100, 500, 2000)


@dataclass(frozen=True)
class CompareView(View):
    """Everything a link to the Compare page says. None means: as the page would choose by itself.

    Attributes:
        task: what the three models were trained on; text: what they read, numbers too.
        role: which part of each cell the lanes show.
        step: what is selected, from 0; None follows the last step.
        equal: whether the ledger compares the shipped models or fresh ones of one width.
        tab: which of the drawers below is open.
        game: whose accuracy against delay is shown; delay, count, draw: sequences run now, and the seed they are
            drawn with (None: none were asked for yet).
        picture: as what a figure is saved; table: which table is shown.
    """

    task: str = param("names", one_of(*TASKS))
    text: str | None = links.text()
    role: str = param("memory", one_of(*ROLES))
    step: int | None = links.place()
    equal: str = param("parameters", one_of(*EQUALS))
    tab: str = links.drawer(*TABS, opened="memory")
    game: str | None = param(None, one_of(*GAMES))
    delay: int = param(100, whole(0, GAME_DELAY))
    count: int = param(500, lambda raw: int(one_of(*map(str, COUNTS))(raw)), "n")
    draw: int | None = param(None, whole(0))
    picture: str = links.picture()
    table: str = param("steps", one_of(*TABLES))


def view() -> CompareView:
    """This session's view of the page, while it is open."""
    return cast(CompareView, link.current())
