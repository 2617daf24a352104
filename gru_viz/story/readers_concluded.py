"""What follows from the readers' figures, in words: every sentence is put together from the numbers it speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gru_viz.analysis.clock import Timing
from gru_viz.analysis.comparisons import chosen
from gru_viz.analysis.evidence import Figure, Gain, gain, left_of
from gru_viz.cells.spec import FORWARD
from gru_viz.locale import Say, digits
from gru_viz.locale.digits import bound, count, decimals, percent
from gru_viz.story.concluded import sentences
from gru_viz.story.labels import class_word
from gru_viz.story.readers import BOTH, Readers
from gru_viz.story.readers_evidence import accuracies, at_place, by_class, gained, group, helps, verdict
from gru_viz.story.readers_measured import WIDE_BOTH, WIDE_ONE, Price, by_place, card, live_steps, metrics


def of_accuracy(reading: Readers, say: Say) -> list[str]:
    """Whether two directions help these models, how much, and where."""
    figures = accuracies(reading)
    found = verdict(figures)
    single, both = figures[found.single], figures[BOTH]
    scores = say("bigru.list").join(
        say("bigru.help.score", name=reader(way, say), accuracy=ranged(figure, say)) for way, figure in figures.items()
    )
    sizes = [int(card(reading, way)["parameters"]) for way in figures]
    told = [
        say(
            "bigru.help.scores",
            what=_what(reading, both.n, say),
            scores=scores,
            least=count(min(sizes)),
            most=count(max(sizes)),
        )
    ]
    if found.better == BOTH:
        told.append(_help(single, both, found.single, say))
    elif found.better:
        told.append(say("bigru.help.worse", single=reader(found.single, say)))
    else:
        paired = gain(single, both) is not None
        told.append(say("bigru.help.tie" if paired else "bigru.help.tie_alone", single=reader(found.single, say)))
    if both.runs == 1:
        told.append(say("bigru.help.one_run"))
    told += [sentence for one in chosen(figures.values()) if (sentence := sentences([one], say))]
    return told + (_where(reading, found.single, say) if reading.example == "syntax" else _end(say))


def _what(reading: Readers, pieces: int, say: Say) -> str:
    """On what the readers were measured: so many characters of so many files, or so many names."""
    found = metrics(reading, BOTH)
    if reading.example == "names":
        return say("bigru.help.measured_names", count=count(found["held_out_names"]))
    return say("bigru.help.measured_syntax", count=count(found["held_out_characters"]), files=pieces)


def _help(single: Figure, both: Figure, name: str, say: Say) -> str:
    """How much of the mistakes is left, and how surely."""
    share, bounds = left_of(single, both)
    left = percent(share)
    if bounds is None:
        return say("bigru.help.better_by_far", single=reader(name, say), left=left)
    low, high = (percent(one) for one in bounds)
    return say("bigru.help.better", single=reader(name, say), left=left, low=low, high=high, count=both.n)


def _where(reading: Readers, single: str, say: Say) -> list[str]:
    """The classes that gain, the one that gains most if one does, those that lose, and those not told apart."""
    gains = by_class(reading, single)
    found = helps(gains)
    one, two = (metrics(reading, way)["accuracy_by_class"] for way in (single, BOTH))

    def wrong(kind: str) -> str:
        told = {"kind": class_word(kind, say), "before": thousand(one[kind]), "after": thousand(two[kind])}
        return say("bigru.help.kind", gain=fewer(gains[kind], say), **told)

    def all_of(kinds: Sequence[str]) -> str:
        return say("bigru.help.between").join(wrong(kind) for kind in kinds)

    told = []
    if found.gains:
        told.append(say("bigru.help.where", single=reader(single, say), each=all_of(found.gains)))
    if found.most is not None:
        told.append(say("bigru.help.most", kind=class_word(found.most, say)))
    if found.loses:
        told.append(say("bigru.help.least", each=all_of(found.loses)))
    if found.unsure:
        told.append(
            say("bigru.help.unsure", kinds=say("bigru.list").join(class_word(kind, say) for kind in found.unsure))
        )
    return told


def _end(say: Say) -> list[str]:
    """What the readers have read when they answer at a name's last letter."""
    return [say("bigru.help.end", tab=say("bigru.tab.position"))]


def of_position(reading: Readers, what: str, say: Say) -> str:
    """What was measured at the first and the last place, how surely, and no more: other characters stand at each."""
    curves = by_place(reading, what)
    first, *_, last = curves[BOTH]
    told: dict[str, object] = {"first": first, "last": last}
    if reading.example == "names":
        for side, place in (("first", first), ("last", last)):
            at = at_place(reading, curves, place)
            told |= {f"forward_{side}": ranged(at[FORWARD], say), f"both_{side}": ranged(at[BOTH], say)}
        return say("bigru.position.names", count=count(metrics(reading, BOTH)["held_out_names"]), **told)
    for side, place in (("first", first), ("last", last)):
        told |= {f"forward_{side}": thousand(curves[FORWARD][place]), f"both_{side}": thousand(curves[BOTH][place])}
    kind = "typed" if what == "typed" else "syntax"
    said, gap = say(f"bigru.position.{kind}", **told), _gap(reading, what, first, last, say)
    return say("narrate.join", one=said, two=gap) if gap else said


def _gap(reading: Readers, what: str, first: str, last: str, say: Say) -> str:
    """The difference of the two readers at two places, with its interval and the characters it is of."""
    told: dict[str, object] = {"first": first, "last": last}
    files = 0
    for side, place in (("first", first), ("last", last)):
        name = f"{what}/{place}"
        found, of = gained(reading, FORWARD, name), group(reading, BOTH, name)
        if found is None or of is None or of.pieces is None:
            return ""
        files = max(files, of.n)
        told |= {f"gap_{side}": fewer(found, say), f"count_{side}": count(of.pieces.counts.sum())}
    return say("bigru.position.gap_typed" if what == "typed" else "bigru.position.gap", files=files, **told)


def of_price(prices: Mapping[str, Price], times: Mapping[str, Timing] | None, say: Say) -> list[str]:
    """What two directions cost, at equal parameters and at equal width: by counting, and by the clock where it could
    tell."""
    told = []
    for code, one, two in (("equal_parameters", FORWARD, BOTH), ("equal_width", WIDE_ONE, WIDE_BOTH)):
        single, double = prices[one], prices[two]
        counted = say(
            f"bigru.price.{code}",
            products=count(single.products),
            products_both=count(double.products),
            work=decimals(double.products / single.products, 2),
            width=double.width,
        )
        if times is not None:
            us, us_both = times[one].seconds, times[two].seconds
            doubt = times[one].doubt + times[two].doubt
            counted = say(
                "bigru.price.clocked",
                counted=counted,
                us=decimals(1e6 * us, 1),
                us_both=decimals(1e6 * us_both, 1),
                time=digits.ratio(us_both / us, doubt),
            )
        told.append(say("bigru.price.sentence", said=counted))
    return told


def of_waiting(reading: Readers, say: Say) -> str:
    """When the first answer can come, and what it costs to keep all answers up to date while one types."""
    steps = len(reading.tokens)
    typed = live_steps(steps)
    key = "bigru.price.waiting_one" if steps == 1 else "bigru.price.waiting"
    return say(key, steps=steps, forward=count(typed[FORWARD]), both=count(typed[BOTH]))


def reader(way: str, say: Say) -> str:
    """What a reader is called."""
    return say(f"bigru.lane.{way}")


def thousand(accuracy: float) -> str:
    """How many of a thousand are wrong."""
    return decimals(1000 * (1 - accuracy), 1)


def fewer(found: Gain, say: Say) -> str:
    """How many of a thousand are no longer wrong, with the 95 % interval; of a loss, less than nothing."""
    low, high = found.interval
    return say(
        "bigru.help.fewer",
        fewer=bound(1000 * found.value),
        low=bound(1000 * low),
        high=bound(1000 * high),
    )


def exact(accuracy: float, say: Say) -> str:
    """An accuracy in percent as exact as the cards keep it."""
    return say("number.percent", value=percent(accuracy, 2))


def ranged(figure: Figure, say: Say) -> str:
    """A share of right answers with its interval, where it has one."""
    if figure.interval is None:
        return exact(figure.value, say)
    low, high = (percent(one, 2) for one in figure.interval)
    return say("bigru.help.ranged", accuracy=exact(figure.value, say), low=low, high=high)
