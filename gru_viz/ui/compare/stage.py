"""The three cells' player, the picker of what of each it shows, and where they foretell numbers, these over time."""

from __future__ import annotations

from gru_viz.cells.kind import ROLES
from gru_viz.draw.compared_figures import forecast_figure
from gru_viz.story.trio import Trio
from gru_viz.story.trio_lanes import trio_lanes
from gru_viz.ui.compare.view import view
from gru_viz.ui.kit import address, appearance, lanes_view
from gru_viz.ui.kit.figures import show
from gru_viz.ui.kit.i18n import speaker, spoken
from gru_viz.ui.kit.link import keep
from gru_viz.ui.kit.parts import part
from gru_viz.ui.kit.pickers import pick

KEY = "compare-lanes"


@part
def stage(trio: Trio) -> None:
    """The role picker and the player: a committed step draws nothing else."""
    role = pick("role", ROLES, "compare.role", "compare.role.{}", key="compare-role")
    shown = trio_lanes(trio, role, selected(trio), spoken())
    lanes_view.lanes(shown, key=KEY, on_commit=_committed)
    address.write()


def selected(trio: Trio) -> int | None:
    """The view's step; None where it is the last one, or beyond."""
    step = view().step
    if step is not None and step >= len(trio) - 1:
        step = None
        keep(step=None)
    return step


def _committed() -> None:
    keep(step=lanes_view.committed(KEY))


def forecasts(trio: Trio) -> None:
    """The chart; nothing where the models choose among classes or symbols."""
    drawn = forecast_figure(trio, appearance.colours(), speaker())
    if drawn is not None:
        show(drawn, "forecast", key="figure-forecast")
