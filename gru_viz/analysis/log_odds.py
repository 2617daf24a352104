"""What an influence is asked for: the direction of h in which a model's answer moves.

The question is the log-odds of an answer, ``log(p / (1 - p))``, and not its log-probability: where a model is sure, the
gradient of log p dies, which looks like forgetting and is not.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gru_viz.errors import ModelError
from gru_viz.models.reading import Reading
from gru_viz.models.sequence import SequenceModel
from gru_viz.tracing.trace import Trace

NOTHING = -1
"""Where nothing is asked: the direction is 0, and so is the influence."""


def what_came_next(reading: Reading) -> Tensor:
    """`(T,)` the id that follows each step of a text; `NOTHING` at the last."""
    return torch.cat([reading.ids[1:], torch.tensor([NOTHING])])


def likeliest(model: SequenceModel, trace: Trace, batch: int = 0) -> Tensor:
    """`(T,)` the answer a model believes in most at each step.

    Raises:
        InputError, ModelError: as `SequenceModel.predict`.
    """
    return model.predict(trace, batch).argmax(-1).cpu()


def directions(model: SequenceModel, trace: Trace, answers: Tensor | int, batch: int = 0) -> Tensor:
    """`(T, D·H)`, gradients of an answer's log-odds at h of the last layer: the v that `gru_viz.influence` is given.

    Args:
        answers: `(T,)` the index among the model's labels that is asked for at each step, or one for all steps;
            `NOTHING` where none is. A forecast has one answer, its value, whatever is given.

    Raises:
        ModelError: the model has no head.
    """
    if model.head is None:
        raise ModelError("model.no_head", "The model {name} has no head: it predicts nothing.", name=model.name)
    trace.check_batch(batch)
    top = torch.cat([trace.layer(-1, way).h[:, batch] for way in trace.directions], -1)
    wanted = torch.as_tensor(answers, device=top.device).expand(len(top))
    with torch.enable_grad():
        h = top.detach().clone().requires_grad_()
        scores = model.head(h)
        asked = scores[:, 0] if model.kind == "forecast" else _log_odds(scores, wanted.clamp(min=0))
        (found,) = torch.autograd.grad(asked.sum(), h)
    return found.masked_fill((wanted == NOTHING).unsqueeze(-1), 0) if model.kind != "forecast" else found


def _log_odds(scores: Tensor, wanted: Tensor) -> Tensor:
    """`(T,)`: the wanted score against all others together, ``log p - log (1 - p)``."""
    own = torch.nn.functional.one_hot(wanted, scores.shape[-1]).bool()
    return scores[own] - scores.masked_fill(own, -torch.inf).logsumexp(-1)
