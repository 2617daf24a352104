"""What follows from the figures, in words: every sentence is put together from the numbers it speaks of."""

from __future__ import annotations

from collections.abc import Mapping

from gru_viz.analysis.clock import Timing
from gru_viz.analysis.evidence import Figure, better, left_of
from gru_viz.ui.bigru.classes import word
from gru_viz.ui.bigru.evidence import accuracies, at_place, by_class, course, gained, helps, verdict
from gru_viz.ui.bigru.measures import (
    WIDE_BOTH,
    WIDE_ONE,
    Price,
    by_place,
    card,
    live_steps,
    metrics,
)
from gru_viz.ui.bigru.readers import BOTH, FORWARD, Reading
from gru_viz.ui.i18n import t

MOST_KINDS = 3
"""How many classes are named where several gain."""


def of_accuracy(reading: Reading) -> list[str]:
    """Whether two directions help these models, how much, and where."""
    figures = accuracies(reading)
    found = verdict(figures)
    single, both = figures[found.single], figures[BOTH]
    scores = t("bigru.list").join(
        t("bigru.help.score", name=reader(way), accuracy=ranged(figure)) for way, figure in figures.items()
    )
    sizes = [int(card(reading, way)["parameters"]) for way in figures]
    told = [
        t(
            "bigru.help.scores",
            what=_what(reading, both.n),
            scores=scores,
            least=f"{min(sizes):,}",
            most=f"{max(sizes):,}",
        )
    ]
    if found.better == BOTH:
        told.append(_help(single, both, found.single))
    elif found.better:
        told.append(t("bigru.help.worse", single=reader(found.single)))
    else:
        told.append(t("bigru.help.tie", single=reader(found.single)))
    if both.runs == 1:
        told.append(t("bigru.help.one_run"))
    return told + (_where(reading, found.single) if reading.example == "syntax" else _end())


def _what(reading: Reading, pieces: int) -> str:
    """On what the readers were measured: so many characters of so many files, or so many names."""
    found = metrics(reading, BOTH)
    if reading.example == "names":
        return t("bigru.help.measured_names", count=f"{found['held_out_names']:,}")
    return t("bigru.help.measured_syntax", count=f"{found['held_out_characters']:,}", files=pieces)


def _help(single: Figure, both: Figure, name: str) -> str:
    """How much of the mistakes is left, and how surely."""
    share, bounds = left_of(single, both)
    left = f"{100 * share:.0f}"
    if bounds is None:
        return t("bigru.help.better_by_far", single=reader(name), left=left)
    low, high = (f"{100 * bound:.0f}" for bound in bounds)
    return t("bigru.help.better", single=reader(name), left=left, low=low, high=high, count=both.n)


def _where(reading: Reading, single: str) -> list[str]:
    """The classes that gain, the one that gains most if one does, and those that lose."""
    found = helps(by_class(reading, single))
    one, two = (metrics(reading, way)["accuracy_by_class"] for way in (single, BOTH))

    def wrong(kind: str) -> dict[str, str]:
        return {"kind": word(kind), "before": thousand(one[kind]), "after": thousand(two[kind])}

    told = []
    if found.most is not None:
        told.append(t("bigru.help.most", single=reader(single), **wrong(found.most)))
    elif found.gains:
        each = t("bigru.list").join(t("bigru.help.kind", **wrong(kind)) for kind in found.gains[:MOST_KINDS])
        told.append(t("bigru.help.where", single=reader(single), each=each))
    if found.loses:
        told.append(t("bigru.help.least", single=reader(single), **wrong(found.loses[0])))
    return told


def _end() -> list[str]:
    """Why the answer at a name's last letter gains nothing from the right."""
    return [t("bigru.help.end")]


def of_position(reading: Reading, what: str) -> str:
    """Where the reader from the left falls behind, and whether it catches up, as far as the evidence tells."""
    curves = by_place(reading, what)
    first, *_, last = curves[BOTH]
    kind, write = reading.example, thousand
    if kind == "names":
        at, write = at_place(reading, curves, last), exact
        ahead = better(at[FORWARD], at[BOTH])
        code = "overtakes" if ahead else "stays_behind" if better(at[BOTH], at[FORWARD]) else "level"
    else:
        before, after = (gained(reading, FORWARD, f"{what}/{place}") for place in (first, last))
        code = course(before, after)
        if what == "typed":
            grows = before is not None and after is not None and after.less(before).sign > 0
            kind, code = "typed", "grows" if grows else "plain"
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


def ranged(figure: Figure) -> str:
    """A share of right answers with its interval, where it has one."""
    if figure.interval is None:
        return exact(figure.value)
    low, high = (f"{100 * bound:.2f}" for bound in figure.interval)
    return t("bigru.help.ranged", accuracy=exact(figure.value), low=low, high=high)


def ratio(value: float) -> str:
    """A ratio with three digits."""
    return f"{value:.2f}"


def microseconds(seconds: float) -> str:
    """A time of one character."""
    return f"{1e6 * seconds:.1f}"
