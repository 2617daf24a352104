"""What follows from the figures, in words: every sentence is put together from the numbers it speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gru_viz.analysis.clock import Timing
from gru_viz.analysis.comparisons import chosen
from gru_viz.analysis.evidence import Figure, Gain, gain, left_of
from gru_viz.locale import digits
from gru_viz.locale.digits import percent
from gru_viz.story.concluded import sentences
from gru_viz.story.labels import class_word
from gru_viz.story.readers import BOTH, FORWARD, Readers
from gru_viz.ui.bigru.evidence import accuracies, at_place, by_class, gained, group, helps, verdict
from gru_viz.ui.bigru.measures import (
    WIDE_BOTH,
    WIDE_ONE,
    Price,
    by_place,
    card,
    live_steps,
    metrics,
)
from gru_viz.ui.kit.i18n import speaker, t


def of_accuracy(reading: Readers) -> list[str]:
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
        paired = gain(single, both) is not None
        told.append(t("bigru.help.tie" if paired else "bigru.help.tie_alone", single=reader(found.single)))
    if both.runs == 1:
        told.append(t("bigru.help.one_run"))
    told += [sentence for one in chosen(figures.values()) if (sentence := sentences([one], speaker()))]
    return told + (_where(reading, found.single) if reading.example == "syntax" else _end())


def _what(reading: Readers, pieces: int) -> str:
    """On what the readers were measured: so many characters of so many files, or so many names."""
    found = metrics(reading, BOTH)
    if reading.example == "names":
        return t("bigru.help.measured_names", count=f"{found['held_out_names']:,}")
    return t("bigru.help.measured_syntax", count=f"{found['held_out_characters']:,}", files=pieces)


def _help(single: Figure, both: Figure, name: str) -> str:
    """How much of the mistakes is left, and how surely."""
    share, bounds = left_of(single, both)
    left = percent(share)
    if bounds is None:
        return t("bigru.help.better_by_far", single=reader(name), left=left)
    low, high = (percent(bound) for bound in bounds)
    return t("bigru.help.better", single=reader(name), left=left, low=low, high=high, count=both.n)


def _where(reading: Readers, single: str) -> list[str]:
    """The classes that gain, the one that gains most if one does, those that lose, and those not told apart."""
    say, gains = speaker(), by_class(reading, single)
    found = helps(gains)
    one, two = (metrics(reading, way)["accuracy_by_class"] for way in (single, BOTH))

    def wrong(kind: str) -> str:
        told = {"kind": class_word(kind, say), "before": thousand(one[kind]), "after": thousand(two[kind])}
        return t("bigru.help.kind", gain=fewer(gains[kind]), **told)

    def all_of(kinds: Sequence[str]) -> str:
        return t("bigru.help.between").join(wrong(kind) for kind in kinds)

    told = []
    if found.gains:
        told.append(t("bigru.help.where", single=reader(single), each=all_of(found.gains)))
    if found.most is not None:
        told.append(t("bigru.help.most", kind=class_word(found.most, say)))
    if found.loses:
        told.append(t("bigru.help.least", each=all_of(found.loses)))
    if found.unsure:
        told.append(t("bigru.help.unsure", kinds=t("bigru.list").join(class_word(kind, say) for kind in found.unsure)))
    return told


def _end() -> list[str]:
    """What the readers have read when they answer at a name's last letter."""
    return [t("bigru.help.end", tab=t("bigru.tab.position"))]


def of_position(reading: Readers, what: str) -> str:
    """What was measured at the first and the last place, how surely, and no more: other characters stand at each."""
    curves = by_place(reading, what)
    first, *_, last = curves[BOTH]
    told: dict[str, object] = {"first": first, "last": last}
    if reading.example == "names":
        for side, place in (("first", first), ("last", last)):
            at = at_place(reading, curves, place)
            told |= {f"forward_{side}": ranged(at[FORWARD]), f"both_{side}": ranged(at[BOTH])}
        return t("bigru.position.names", count=f"{metrics(reading, BOTH)['held_out_names']:,}", **told)
    for side, place in (("first", first), ("last", last)):
        told |= {f"forward_{side}": thousand(curves[FORWARD][place]), f"both_{side}": thousand(curves[BOTH][place])}
    kind = "typed" if what == "typed" else "syntax"
    said, gap = t(f"bigru.position.{kind}", **told), _gap(reading, what, first, last)
    return t("narrate.join", one=said, two=gap) if gap else said


def _gap(reading: Readers, what: str, first: str, last: str) -> str:
    """The difference of the two readers at two places, with its interval and the characters it is of."""
    told: dict[str, object] = {"first": first, "last": last}
    files = 0
    for side, place in (("first", first), ("last", last)):
        name = f"{what}/{place}"
        found, of = gained(reading, FORWARD, name), group(reading, BOTH, name)
        if found is None or of is None or of.pieces is None:
            return ""
        files = max(files, of.n)
        told |= {f"gap_{side}": fewer(found), f"count_{side}": f"{of.pieces.counts.sum():,.0f}"}
    return t("bigru.position.gap_typed" if what == "typed" else "bigru.position.gap", files=files, **told)


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
            doubt = times[one].doubt + times[two].doubt
            counted = t(
                "bigru.price.clocked",
                counted=counted,
                us=microseconds(us),
                us_both=microseconds(us_both),
                time=digits.ratio(us_both / us, doubt),
            )
        told.append(t("bigru.price.sentence", said=counted))
    return told


def of_waiting(reading: Readers) -> str:
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


def fewer(found: Gain) -> str:
    """How many of a thousand are no longer wrong, with the 95 % interval; of a loss, less than nothing."""
    low, high = found.interval
    return t(
        "bigru.help.fewer",
        fewer=_signed(1000 * found.value),
        low=_signed(1000 * low),
        high=_signed(1000 * high),
    )


def _signed(value: float) -> str:
    """One decimal, or the first that is not nought: on which side of it a bound lies is what is claimed."""
    near = 0.001 <= abs(value) < 0.05
    written = f"{value:.1g}" if near else f"{value:.1f}"
    return written.replace("-", "−")


def exact(accuracy: float) -> str:
    """An accuracy in percent as exact as the cards keep it."""
    return t("number.percent", value=percent(accuracy, 2))


def ranged(figure: Figure) -> str:
    """A share of right answers with its interval, where it has one."""
    if figure.interval is None:
        return exact(figure.value)
    low, high = (percent(bound, 2) for bound in figure.interval)
    return t("bigru.help.ranged", accuracy=exact(figure.value), low=low, high=high)


def ratio(value: float) -> str:
    """A ratio with three digits."""
    return f"{value:.2f}"


def microseconds(seconds: float) -> str:
    """A time of one character."""
    return f"{1e6 * seconds:.1f}"
