"""How a table was read, in words: its encoding, its columns, what was left out, which dates were found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from gru_viz.locale import Say
from gru_viz.locale.digits import typed_as
from gru_viz.tasks.tables.dates import DAY, MONTH, Dates
from gru_viz.tasks.tables.encoding import NAMES
from gru_viz.tasks.tables.table import Guess, Table

Quote = Callable[[str], str]
"""What stands in a file -> how it is quoted in a sentence, so that it stays what it says."""
_QUOTED = 24


def said(found: Table, say: Say, quote: Quote, numbers: bool = True) -> str:
    """How a table was read, in one line."""
    return say("how.read", parts=say("how.between").join(_parts(found, say, quote, numbers)))


def said_of_encoding(encoding: str | None, say: Say) -> str:
    """The same for a plain text, of which only the encoding can be guessed; None: it cannot be read."""
    return say("how.failed") if encoding is None else say("how.read", parts=encoding_name(encoding))


def asks(found: Table | None, typed: bool, numbers: bool) -> Sequence[str]:
    """Which choices make a difference for this table; None for one that cannot be read."""
    choices = [] if typed else ["encoding"]
    choices += ["delimiter", "decimal", "header"] if numbers else ["delimiter", "header"]
    if found is None or found.guess.hashes:
        choices.append("comments")
    if found is not None and numbers and len(found.names) > 1:
        choices.append("dates")
        if any(one.order in (DAY, MONTH) for one in found.guess.dates.values()):
            choices.append("order")
    return choices


def called(say: Say, name: str, option: str, found: Table | None) -> str:
    """What an option of a choice is called."""
    if name == "encoding":
        return encoding_name(option)
    if name == "dates":
        return say("how.dates.none") if option == "0" or found is None else found.names[int(option) - 1][:_QUOTED]
    return say(f"how.option.{name}.{option}")


def guessed(found: Table, name: str) -> str | None:
    """What was found out, as the option it is."""
    guess = found.guess
    dated = next(iter(guess.dates), None)
    return {
        "encoding": guess.encoding,
        "delimiter": guess.delimiter,
        "decimal": guess.decimal,
        "header": "yes" if guess.header else "no",
        "comments": "skip" if guess.comments else "keep",
        "dates": "0" if dated is None else str(found.names.index(dated) + 1),
        "order": next((one.order for one in guess.dates.values() if one.order in (DAY, MONTH)), None),
    }[name]


def encoding_name(name: str) -> str:
    """An encoding as people call it."""
    return NAMES.get(name, name)


def _parts(found: Table, say: Say, quote: Quote, numbers: bool) -> Iterator[str]:
    guess = found.guess
    if guess.encoding:
        named = encoding_name(guess.encoding)
        yield named if guess.certain else say("how.perhaps", what=named)
    yield say(f"how.between_values.{guess.delimiter}") if guess.series else say(f"how.columns.{guess.delimiter}")
    if guess.sep_line:
        yield say("how.sep_line")
    yield from _of_numbers(guess, say, quote)
    if not guess.series:
        yield say("how.named" if guess.header else "how.unnamed")
    if guess.comments:
        yield say("how.comments_out", count=guess.comments)
    if guess.index is not None:
        yield say("how.index_out")
    for name, one in guess.dates.items() if numbers else ():
        yield _dates(name, one, say, quote)
    if guess.empty:
        yield say("how.empty_out", count=guess.empty)


def _of_numbers(guess: Guess, say: Say, quote: Quote) -> Iterator[str]:
    if guess.sample is not None:
        raw, value = guess.sample
        shown = {"raw": quote(raw[:_QUOTED]), "value": quote(typed_as(value))}
        yield say(f"how.open.{guess.decimal}", **shown) if guess.open else say(f"how.sample.{guess.decimal}", **shown)
    if guess.units:
        yield say("how.units_out", units=quote(" ".join(guess.units)))


def _dates(name: str, one: Dates, say: Say, quote: Quote) -> str:
    name = quote(name[:_QUOTED])
    span = say("how.dates_span", name=name, first=quote(one.first), last=quote(one.last))
    told = [span if one.first else say("how.dates_some", name=name)]
    if one.order in (DAY, MONTH):
        told.append(say(f"how.order_is_{one.order}") if one.sure else say(f"how.order_may_be_{one.order}"))
    if one.falling:
        told.append(say("how.falling"))
    return say("how.dates_out", dates=say("how.comma").join(told))
