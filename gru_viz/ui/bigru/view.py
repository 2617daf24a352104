"""The Bi-GRU page's view: what a link to it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from gru_viz.story import links
from gru_viz.story.links import View, one_of, param
from gru_viz.story.readers import EXAMPLES
from gru_viz.ui.kit import link

TABS = ("help", "position", "price", "data")
TOKENS = ("token", "keyword", "name", "typed")


@dataclass(frozen=True)
class BiGruView(View):
    """Everything a link to the Bi-GRU page says. None means: as the page would choose by itself.

    Attributes:
        example: what is read: code or surnames.
        text: what was typed; None for the example's own.
        step: the selected character, from 0; None follows the last.
        cells: "on" shows each direction's cell as Explore does.
        unit, unit_back: the selected unit of h→ and of h←.
        z, order: how those cells are drawn, as on Explore.
        tab: which of the drawers below is open.
        tokens: of which tokens accuracy by position is drawn; "typed": by how much of a text is there.
        picture: the format in which a figure is saved.
    """

    example: str = param("syntax", one_of(*EXAMPLES), "model")
    text: str | None = links.text()
    step: int | None = links.place()
    cells: str = param("off", one_of("off", "on"))
    unit: int | None = links.place()
    unit_back: int | None = links.place("unit-back")
    z: str = links.convention()
    order: str = links.unit_order()
    tab: str | None = links.drawer(*TABS)
    tokens: str = param("token", one_of(*TOKENS), "of")
    picture: str = links.picture()


def view() -> BiGruView:
    """This session's view of the page, while it is open."""
    return cast(BiGruView, link.current())
