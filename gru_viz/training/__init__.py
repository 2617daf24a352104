"""Training: the loop, its checkpoints, and the command that rebuilds the zoo."""

from gru_viz.training.loop import EarlyStop, Hooks, Keep, Progress, Stopped, Training, fit
from gru_viz.training.rebuild import checkpoint_of, rebuild

__all__ = ["EarlyStop", "Hooks", "Keep", "Progress", "Stopped", "Training", "checkpoint_of", "fit", "rebuild"]
