"""Training: the loop, its checkpoints, and the command that rebuilds the zoo."""

from gru_viz.training.best import EarlyStop
from gru_viz.training.loop import Hooks, Keep, Progress, Stopped, Training, fit
from gru_viz.training.options import Options
from gru_viz.training.rebuild import checkpoint_of, rebuild
from gru_viz.training.remeasure import remeasure

__all__ = [
    "EarlyStop",
    "Hooks",
    "Keep",
    "Options",
    "Progress",
    "Stopped",
    "Training",
    "checkpoint_of",
    "fit",
    "rebuild",
    "remeasure",
]
