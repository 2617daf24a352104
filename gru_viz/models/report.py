"""A trace as a small table of plain text: what `gru-viz trace` prints."""

from __future__ import annotations

import re

from gru_viz.cells import KINDS
from gru_viz.errors import InputError
from gru_viz.locale.digits import probability
from gru_viz.models.sequence import SequenceModel
from gru_viz.tracing.trace import Trace

UNKNOWN_MARK = " (unknown)"
CONVENTION = "z near 1 keeps the old state (PyTorch's convention)"


_COMMA = re.compile(r"(?<=\d),(?=\d)")
_DECIMAL = re.compile(r"[+-]?\d+,\d+(e[+-]?\d+)?", re.IGNORECASE)
_OTHER_SIGNS = str.maketrans("\N{FULLWIDTH COMMA}\N{IDEOGRAPHIC COMMA}\N{FULLWIDTH SEMICOLON}", "  ;")


def numbers_from(text: str, columns: int) -> list[list[float]]:
    """ "5 11 16" → a row each where the model reads one column; else rows are what stands between ; or line ends.

    A comma parts numbers, or is the decimal sign of each of them: see `how_read`.
    """
    rows = _rows(text, decimal=_has_decimal_commas(text, columns))
    try:
        numbers = [[float(cell) for cell in row] for row in rows]
    except ValueError as error:
        raise InputError(
            "array.not_numeric", "These are not numbers in rows of equal length: {reason}.", reason=str(error)
        ) from error
    return [[value] for row in numbers for value in row] if columns == 1 else numbers


def how_read(text: str, columns: int) -> str | None:
    """In one sentence what `numbers_from` takes commas between digits for; None where there are none.

    They are decimal signs where every number with a comma has just one, none has a point, and the rows then have the
    columns that the model reads ("5,5 11,2" in one column is 5.5 and 11.2); everywhere else they part numbers.
    """
    written = _with_commas(text)
    if not written:
        return None
    if _has_decimal_commas(text, columns):
        return f"{written[0]} is read as {_COMMA.sub('.', written[0])}, a decimal comma; write spaces between numbers."
    return f"{written[0]} is read as {_COMMA.sub(' and ', written[0])}; write a decimal sign as a point."


def _has_decimal_commas(text: str, columns: int) -> bool:
    written = _with_commas(text)
    if not written or "." in text or not all(_DECIMAL.fullmatch(cell) for cell in written):
        return False
    return columns == 1 or all(len(row) == columns for row in _rows(text, decimal=True))


def _with_commas(text: str) -> list[str]:
    """The numbers with a comma between digits, as they are written."""
    cells = re.split(r"[\s;]+", text.translate(_OTHER_SIGNS))
    return [cell.strip(",") for cell in cells if _COMMA.search(cell)]


def _rows(text: str, *, decimal: bool) -> list[list[str]]:
    """The numbers row by row as `float` takes them, where a comma between digits is or is not a decimal sign."""
    text = _COMMA.sub("." if decimal else " ", text.translate(_OTHER_SIGNS)).replace(",", " ")
    return [part.split() for part in text.replace("\n", ";").split(";") if part.strip()]


def table(model: SequenceModel, trace: Trace, layer: int = 0) -> str:
    """One line a step: the token, the mean over units of each quantity, and what the model then believes."""
    kept = trace.layer(layer)
    shown = KINDS[trace.cell].shown
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
    return [f"{_visible(model.labels[index])} {probability(share)}" for index, share in pairs]


def _is_unknown(model: SequenceModel, token: str) -> bool:
    return model.vocabulary is not None and model.vocabulary.id(token) == 0


def _visible(token: str) -> str:
    """A token that a terminal shows as one visible thing: spaces and controls are escaped."""
    return repr(token) if token.isspace() or not token.isprintable() else token
