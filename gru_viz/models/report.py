"""A trace as a small table of plain text: what `gru-viz trace` prints."""

from __future__ import annotations

from gru_viz.errors import InputError
from gru_viz.models.sequence import SequenceModel
from gru_viz.quantities import SHOWN
from gru_viz.trace import Trace

UNKNOWN_MARK = " (unknown)"
CONVENTION = "z near 1 keeps the old state (PyTorch's convention)"


def numbers_from(text: str, columns: int) -> list[list[float]]:
    """ "5 11 16" → a row each where the model reads one column; else rows are what stands between ; or line ends."""
    parts = [part.replace(",", " ").split() for part in text.replace("\n", ";").split(";") if part.strip()]
    try:
        rows = [[float(cell) for cell in part] for part in parts]
    except ValueError as error:
        raise InputError(
            "array.not_numeric", "These are not numbers in rows of equal length: {reason}.", reason=str(error)
        ) from error
    return [[value] for row in rows for value in row] if columns == 1 else rows


def table(model: SequenceModel, trace: Trace, layer: int = 0) -> str:
    """One line a step: the token, the mean over units of each quantity, and what the model then believes."""
    kept = trace.layer(layer)
    shown = SHOWN[trace.cell]
    tokens = trace.tokens or tuple(str(step + 1) for step in range(len(trace)))
    beliefs = _beliefs(model, trace)
    head = f"{model.name}: {trace.cell}, layer {layer} of {trace.num_layers}, {trace.hidden_size} units; {CONVENTION}"
    means = [kept.quantity(quantity).mean((1, 2)).tolist() for quantity in shown]
    labels = [_visible(token) + (UNKNOWN_MARK if _is_unknown(model, token) else "") for token in tokens]
    width = max(5, *(len(label) for label in labels))
    lines = [
        head,
        f"{'step':>4}  {'token':<{width}}" + "".join(f"  {'mean ' + q.value:>7}" for q in shown) + "  prediction",
    ]
    for step, (label, belief) in enumerate(zip(labels, beliefs, strict=True)):
        values = "".join(f"  {mean[step]:>7.3f}" for mean in means)
        lines.append(f"{step + 1:>4}  {label:<{width}}{values}  {belief}".rstrip())
    return "\n".join(lines)


def _beliefs(model: SequenceModel, trace: Trace) -> list[str]:
    if model.kind == "none":
        return ["none (untrained)"] * len(trace)
    predicted = model.predict(trace)
    if model.kind == "forecast":
        return [f"{value:.1f}" for value in predicted[:, 0].tolist()]
    best = predicted.max(-1)
    pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
    return [f"{_visible(model.labels[index])} {probability:.2f}" for index, probability in pairs]


def _is_unknown(model: SequenceModel, token: str) -> bool:
    return model.vocabulary is not None and model.vocabulary.id(token) == 0


def _visible(token: str) -> str:
    """A token that a terminal shows as one visible thing: spaces and controls are escaped."""
    return repr(token) if token.isspace() or not token.isprintable() else token
