"""Training: the loop, and the command that rebuilds the zoo."""

from gru_viz.training.loop import Progress, fit
from gru_viz.training.rebuild import rebuild

__all__ = ["Progress", "fit", "rebuild"]
