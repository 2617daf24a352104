"""Early stop: a run's best moment so far, its weights, and whether that was too long ago."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

from torch import Tensor, nn

from gru_viz.tasks.task import RISES


class Best:
    """The moment of a run with the best score, and the weights it had then.

    Attributes:
        step: when it was; None before the first look.
        score: how good it was; smaller is better.
        weights: name -> a copy.
    """

    def __init__(self) -> None:
        self.step: int | None = None
        self.score = inf
        self.weights: dict[str, Tensor] = {}

    def look(self, step: int, score: float, model: nn.Module) -> None:
        """Keep the weights of `model` if this score is better than all before; one that is no number never is."""
        if score < self.score:
            copies = {name: value.detach().clone() for name, value in model.state_dict().items()}
            self.step, self.score, self.weights = step, score, copies

    def waited(self, step: int) -> int:
        """Steps without a better score."""
        return step - (self.step or 0)

    def go_back(self, model: nn.Module) -> None:
        """Give `model` the weights of the best moment, if there was one."""
        if self.weights:
            model.load_state_dict(self.weights)


class EarlyStop:
    """End a run when its score no longer gets better, and go back to its best weights. One for one run.

    Args:
        score: asked after every step for what is watched, such as a held-out loss; smaller is better; None where
            there is no look.
        patience: steps without a better score until the run ends.

    Attributes:
        best: the best moment so far.
        stopped: the step at which it ended the run; None if it did not.
    """

    def __init__(self, score: Callable[[int], float | None], patience: int) -> None:
        self._score, self._patience = score, patience
        self.best = Best()
        self.stopped: int | None = None

    def enough(self, step: int, model: nn.Module) -> bool:
        """True when the score has not got better for too long."""
        score = self._score(step)
        if score is None:
            return False
        self.best.look(step, score, model)
        if self.best.waited(step) >= self._patience:
            self.stopped = step
        return self.stopped is not None

    def state(self) -> dict[str, Any]:
        """What a checkpoint has to hold for it to go on."""
        best = self.best
        return {"step": best.step, "score": best.score, "weights": best.weights, "stopped": self.stopped}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave."""
        self.best.step, self.best.score, self.best.weights = state["step"], state["score"], dict(state["weights"])
        self.stopped = state["stopped"]


WATCHED = {"weights": "held_out"}
"""On what a watched run's weights were chosen, as cards keep it (`gru_viz.models.card`)."""


def told(patience: int, steps_done: int, best_step: int | None) -> dict[str, Any]:
    """What a card says of a run that was watched: where it ended, and which step's weights these are."""
    return {
        "patience": patience,
        "steps_done": steps_done,
        "best_step": best_step,
        "chosen_by": "the held-out value of the learning curve; where the metrics are measured on the same data, they "
        "flatter a little",
    }


def score_of(metric: str, value: float) -> float:
    """A held-out value as a score: smaller is better."""
    return -value if RISES[metric] else value
