"""What is said of a "what if": what is held, what is edited, and where the two runs part."""

from __future__ import annotations

from gru_viz.analysis.what_if import BeliefChange, Change, WhatIf
from gru_viz.cells.quantities import Quantity
from gru_viz.locale import Say
from gru_viz.locale.digits import decimals, probability, short
from gru_viz.models import SequenceModel
from gru_viz.story import changes
from gru_viz.story.changes import Hold, TextEdit
from gru_viz.story.labels import label
from gru_viz.story.scene import Convention
from gru_viz.story.symbols import visible


def held(hold: Hold, steps: int, convention: Convention, say: Say) -> str:
    """What is held, at what value, in which units, for which of so many steps."""
    named = changes.runs_of(hold.units).replace(".", ", ")
    number = "one_unit" if hold.units is not None and len(hold.units) == 1 else "some_units"
    units = say("what.all_units") if hold.units is None else say(f"what.{number}", units=named)
    last = steps if hold.last is None else min(hold.last, steps)
    turned = hold.quantity == Quantity.Z and convention == "new"
    value = decimals(1 - hold.value if turned else hold.value, 2)
    key = "what.beyond" if hold.first >= steps else "what.held_one" if last == hold.first + 1 else "what.held"
    told = {"symbol": hold.quantity, "value": value, "units": units, "layer": hold.layer + 1}
    return say(key, first=hold.first + 1, last=last, **told)


def edited(put: TextEdit, tokens: tuple[str, ...], say: Say) -> str:
    """Which character stands in the place of which."""
    before = tokens[put.step] if put.step < len(tokens) else ""
    return say("what.edited", step=put.step + 1, before=visible(before), after=visible(put.character))


def outcome(found: WhatIf, model: SequenceModel, convention: Convention, say: Say) -> list[str]:
    """Where A and B first part, how far they part at most, and what that did to the belief."""
    told = [_parting(name, first, found.largest[name], convention, say) for name, first in found.first.items()]
    return told if found.belief is None else [*told, _belief(found.belief, model, say)]


def _parting(name: str, first: Change | None, largest: Change | None, convention: Convention, say: Say) -> str:
    if first is None or largest is None:
        return say("what.same", symbol=name)
    turned = name == Quantity.Z and convention == "new"
    a, b = (1 - first.a, 1 - first.b) if turned else (first.a, first.b)
    return say(
        "what.parts",
        symbol=name,
        step=first.step + 1,
        unit=first.unit,
        a=decimals(a, 3),
        b=decimals(b, 3),
        most_step=largest.step + 1,
        most_unit=largest.unit,
        most=decimals(-largest.by if turned else largest.by, 3),
    )


def _belief(change: BeliefChange, model: SequenceModel, say: Say) -> str:
    if change.first is None:
        return say("what.belief_same")
    before, after = change.end
    if model.kind == "forecast":
        return say("what.forecast", step=change.first + 1, a=short(before.probability), b=short(after.probability))
    names = {"a": label(model, before.label, say), "b": label(model, after.label, say)}
    shares = {"p": probability(before.probability), "q": probability(after.probability)}
    key = "what.belief_stays" if before.index == after.index else "what.belief_moves"
    return say(key, step=change.first + 1, **names, **shares)
