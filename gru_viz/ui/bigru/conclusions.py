"""What follows from the figures, in words: every sentence is put together from the numbers it speaks of."""

from __future__ import annotations

from collections.abc import Mapping

from gru_viz.analysis.clock import Timing
from gru_viz.ui.bigru.classes import word
from gru_viz.ui.bigru.measures import (
    WIDE_BOTH,
    WIDE_ONE,
    Price,
    by_place,
    card,
    level,
    live_steps,
    metrics,
    samples,
    verdict,
    ways,
)
from gru_viz.ui.bigru.readers import BOTH, FORWARD, Reading
from gru_viz.ui.i18n import t

GAP = 0.001
"""A difference of accuracies smaller than one in a thousand is called none."""


def of_accuracy(reading: Reading) -> list[str]:
    """Whether two directions help, how much, and where most."""
    accuracy = {way: float(metrics(reading, way)["accuracy"]) for way in ways(reading)}
    found = verdict(accuracy, samples(reading))
    scores = t("bigru.list").join(
        t("bigru.help.score", name=reader(way), accuracy=exact(accuracy[way])) for way in accuracy
    )
    sizes = [int(card(reading, way)["parameters"]) for way in accuracy]
    what = t(f"bigru.help.measured_{reading.example}", count=f"{samples(reading):,}")
    told = [t("bigru.help.scores", what=what, scores=scores, least=f"{min(sizes):,}", most=f"{max(sizes):,}")]
    told.append(
        t(
            "bigru.help.better" if found.better == BOTH else "bigru.help.worse" if found.better else "bigru.help.tie",
            single=reader(found.single),
            left=f"{100 * found.left:.0f}",
        )
    )
    return told + (_most(reading, found.single) if reading.example == "syntax" else _end())


def _most(reading: Reading, single: str) -> list[str]:
    """The class that gains most."""
    one, two = (metrics(reading, way)["accuracy_by_class"] for way in (single, BOTH))
    gains = {kind: two[kind] - one[kind] for kind in one if kind in two}
    best = max(gains, key=lambda kind: gains[kind])
    if gains[best] < GAP:
        return []
    wrong = {"before": thousand(one[best]), "after": thousand(two[best])}
    told = [t("bigru.help.most", kind=word(best), single=reader(single), **wrong)]
    worst = min(gains, key=lambda kind: gains[kind])
    if gains[worst] <= -GAP:
        wrong = {"before": thousand(one[worst]), "after": thousand(two[worst])}
        told.append(t("bigru.help.least", kind=word(worst), single=reader(single), **wrong))
    return told


def _end() -> list[str]:
    """Why the answer at a name's last letter gains nothing from the right."""
    return [t("bigru.help.end")]


def of_position(reading: Reading, what: str) -> str:
    """Where the reader from the left falls behind, and whether it catches up."""
    curves = by_place(reading, what)
    first, *_, last = curves[BOTH]
    before, after = (curves[BOTH][place] - curves[FORWARD][place] for place in (first, last))
    code = "catches_up" if after < before / 2 else "stays_behind" if before >= GAP else "no_gap"
    kind = reading.example
    if kind == "names" and level(curves[FORWARD][last], curves[BOTH][last], samples(reading)):
        code = "level"
    elif kind == "names" and after < 0:
        code = "overtakes"
    elif kind == "syntax" and what == "typed":
        kind, code = "typed", "grows" if after > before else "shrinks"
    write = exact if kind == "names" else thousand
    return t(
        f"bigru.position.{kind}_{code}",
        first=first,
        last=last,
        forward_first=write(curves[FORWARD][first]),
        both_first=write(curves[BOTH][first]),
        forward_last=write(curves[FORWARD][last]),
        both_last=write(curves[BOTH][last]),
    )


def of_price(prices: Mapping[str, Price], times: Mapping[str, Timing] | None) -> list[str]:
    """What two directions cost, at equal parameters and at equal width: by counting, and by the clock where it could
    tell."""
    told = []
    for code, one, two in (("equal_parameters", FORWARD, BOTH), ("equal_width", WIDE_ONE, WIDE_BOTH)):
        single, double = prices[one], prices[two]
        counted = t(
            f"bigru.price.{code}",
            products=f"{single.products:,}",
            products_both=f"{double.products:,}",
            work=ratio(double.products / single.products),
            width=double.width,
        )
        if times is not None:
            us, us_both = times[one].seconds, times[two].seconds
            counted = t(
                "bigru.price.clocked",
                counted=counted,
                us=microseconds(us),
                us_both=microseconds(us_both),
                time=ratio(us_both / us),
            )
        told.append(t("bigru.price.sentence", said=counted))
    return told


def of_waiting(reading: Reading) -> str:
    """When the first answer can come, and what it costs to keep all answers up to date while one types."""
    steps = len(reading.tokens)
    typed = live_steps(steps)
    key = "bigru.price.waiting_one" if steps == 1 else "bigru.price.waiting"
    return t(key, steps=steps, forward=f"{typed[FORWARD]:,}", both=f"{typed[BOTH]:,}")


def reader(way: str) -> str:
    """What a reader is called."""
    return t(f"bigru.lane.{way}")


def thousand(accuracy: float) -> str:
    """How many of a thousand are wrong."""
    return f"{1000 * (1 - accuracy):.1f}"


def exact(accuracy: float) -> str:
    """An accuracy in percent as exact as the cards keep it."""
    return t("number.percent", value=f"{100 * accuracy:.2f}")


def ratio(value: float) -> str:
    """A ratio with three digits."""
    return f"{value:.2f}"


def microseconds(seconds: float) -> str:
    """A time of one character."""
    return f"{1e6 * seconds:.1f}"
