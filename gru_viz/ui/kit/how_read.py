"""How a table was read: one quiet line beside it, and a field for each guess where it can be changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields

import streamlit as st

from gru_viz.errors import InputError
from gru_viz.tasks.tables.dates import DAY, MONTH, Dates
from gru_viz.tasks.tables.encoding import NAMES
from gru_viz.tasks.tables.table import OPTIONS, Choices, Guess, Table
from gru_viz.ui.kit.i18n import speaker, t
from gru_viz.ui.kit.link import settle
from gru_viz.ui.kit.markdown import plain

AUTO = ""
_QUOTED = 24


def choices(key: str, kept: str | None) -> Choices:
    """What this visitor has chosen in the fields of one table, or a link has; `kept` as `Choices` writes it."""
    before = Choices.of(kept or "")
    named = {one.name: getattr(before, one.name) or AUTO for one in fields(Choices)}
    said = {name: st.session_state.get(_field(key, name), value) for name, value in named.items()}
    return Choices(**{name: value or None for name, value in said.items()})


def forget(key: str) -> None:
    """Another file is read as it is itself, not as the one before it."""
    for one in fields(Choices):
        st.session_state.pop(_field(key, one.name), None)


def read_as(key: str, chosen: Choices, read: Callable[[Choices], Table], typed: bool, numbers: bool = True) -> Table:
    """Read a table, say how, and offer the choices; they are offered, too, where it cannot be read as it is.

    Args:
        read: the reading of what was given.
        typed: whether it was typed or pasted: then it has no encoding.

    Raises:
        InputError: whatever `read` raises, after the choices are drawn.
    """
    try:
        found = read(chosen)
    except InputError:
        _line(key, t("how.failed"), chosen, None, _asks(None, typed, numbers))
        raise
    _line(key, said(found, numbers), chosen, found, _asks(found, typed, numbers))
    return found


def said(found: Table, numbers: bool = True) -> str:
    """How a table was read, in one line."""
    return t("how.read", parts=t("how.between").join(_parts(found, numbers)))


def encoding_line(key: str, chosen: Choices, encoding: str | None) -> None:
    """The same for a plain text, of which only the encoding can be guessed."""
    said = t("how.failed") if encoding is None else t("how.read", parts=_encoding(encoding))
    _line(key, said, chosen, None, ("encoding",), encoding)


def _field(key: str, name: str) -> str:
    return f"{key}-how-{name}"


def _asks(found: Table | None, typed: bool, numbers: bool) -> Sequence[str]:
    """Which choices make a difference for this table."""
    asks = [] if typed else ["encoding"]
    asks += ["delimiter", "decimal", "header"] if numbers else ["delimiter", "header"]
    if found is None or found.guess.hashes:
        asks.append("comments")
    if found is not None and numbers and len(found.names) > 1:
        asks.append("dates")
        if any(one.order in (DAY, MONTH) for one in found.guess.dates.values()):
            asks.append("order")
    return asks


def _line(
    key: str, sentence: str, chosen: Choices, found: Table | None, asks: Sequence[str], encoding: str | None = None
) -> None:
    with st.container(key=f"{key}-how", horizontal=True, gap="small", vertical_alignment="center"):
        st.caption(sentence, width="stretch")
        with st.popover(t("how.change"), icon=":material/tune:", type="tertiary", key=f"{key}-how-open"):
            for name in asks:
                _choice(key, name, chosen, found, encoding)


def _choice(key: str, name: str, chosen: Choices, found: Table | None, encoding: str | None) -> None:
    own = getattr(chosen, name) or AUTO
    options = [AUTO, *OPTIONS[name]]
    if name == "dates":
        options += [str(place) for place in range(len(found.names) + 1)] if found else [own] * bool(own)
    guessed = None if own else (found and _guessed(found, name)) or (encoding if name == "encoding" else None)
    say = speaker()

    def shown(option: str) -> str:
        if option == AUTO:
            return say("how.auto_is", what=_called(say, name, guessed, found)) if guessed else say("how.auto")
        return _called(say, name, option, found)

    settle(_field(key, name), own if own in options else AUTO)
    st.selectbox(t(f"how.ask.{name}"), options, format_func=shown, key=_field(key, name))


def _called(say: Callable[..., str], name: str, option: str, found: Table | None) -> str:
    if name == "encoding":
        return _encoding(option)
    if name == "dates":
        return say("how.dates.none") if option == "0" or found is None else found.names[int(option) - 1][:_QUOTED]
    return say(f"how.option.{name}.{option}")


def _encoding(name: str) -> str:
    return NAMES.get(name, name)


def _guessed(found: Table, name: str) -> str | None:
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


def _parts(found: Table, numbers: bool) -> Iterator[str]:
    guess = found.guess
    if guess.encoding:
        yield _encoding(guess.encoding) if guess.certain else t("how.perhaps", what=_encoding(guess.encoding))
    yield t(f"how.between_values.{guess.delimiter}") if guess.series else t(f"how.columns.{guess.delimiter}")
    if guess.sep_line:
        yield t("how.sep_line")
    yield from _of_numbers(guess)
    if not guess.series:
        yield t("how.named" if guess.header else "how.unnamed")
    if guess.comments:
        yield t("how.comments_out", count=guess.comments)
    if guess.index is not None:
        yield t("how.index_out")
    for name, one in guess.dates.items() if numbers else ():
        yield _dates(name, one)
    if guess.empty:
        yield t("how.empty_out", count=guess.empty)


def _of_numbers(guess: Guess) -> Iterator[str]:
    if guess.sample is not None:
        raw, value = guess.sample
        said = {"raw": plain(raw[:_QUOTED]), "value": plain(f"{value:.12g}")}
        yield t(f"how.open.{guess.decimal}", **said) if guess.open else t(f"how.sample.{guess.decimal}", **said)
    if guess.units:
        yield t("how.units_out", units=plain(" ".join(guess.units)))


def _dates(name: str, one: Dates) -> str:
    name = plain(name[:_QUOTED])
    span = t("how.dates_span", name=name, first=plain(one.first), last=plain(one.last))
    said = [span if one.first else t("how.dates_some", name=name)]
    if one.order in (DAY, MONTH):
        said.append(t(f"how.order_is_{one.order}") if one.sure else t(f"how.order_may_be_{one.order}"))
    if one.falling:
        said.append(t("how.falling"))
    return t("how.dates_out", dates=t("how.comma").join(said))
