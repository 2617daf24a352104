"""Bytes to text. A mark or valid UTF-8 decides; else charset-normalizer says what could be, and likelihood what is.

A detector that measures disorder alone cannot tell ``Größe`` from ``Gr鲞e`` in a table: two bytes of it are not ASCII.
What remains possible is therefore ranked by how likely people are to write such characters (`likelihood`), and by the
visitor's own language, which is also what a spreadsheet program goes by when it saves.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

from gru_viz.errors import InputError
from gru_viz.limits import FILE_BYTES
from gru_viz.tasks.tables.likelihood import LEGACY, SAMPLE, likelihood, usual
from gru_viz.tasks.tables.no_table import refuse_binary

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NAMES = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252 (Latin-1)",
    "gb18030": "GB18030 (GBK)",
    "cp932": "Shift-JIS",
    "big5hkscs": "Big5",
    "cp949": "EUC-KR (CP949)",
    "euc_jp": "EUC-JP",
    "iso2022_jp": "ISO-2022-JP",
    "cp1251": "Windows-1251",
    "koi8_r": "KOI8-R",
    "cp1250": "Windows-1250",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "cp1255": "Windows-1255",
    "cp1256": "Windows-1256",
    "cp874": "Windows-874",
    "mac_roman": "Mac Roman",
    "cp850": "DOS 850",
    "cp437": "DOS 437",
}
"""What can be chosen, and what it is called."""
_DISTURBED, _MANY = 8.0, 200


@dataclass(frozen=True)
class Decoded:
    """A file's text, and how it was read. `sure` is false where the encoding is a guess."""

    text: str
    encoding: str
    sure: bool


def decoded(data: bytes, encoding: str | None = None, locale: str = "") -> Decoded:
    """The text of a file.

    Args:
        encoding: what the visitor says it is; None to find out.
        locale: the visitor's language ("de-DE"), which decides between what is equally possible.

    Raises:
        InputError: too large; nothing in it; no text, with what it is instead; or not in the encoding asked for.
    """
    check_size(len(data))
    mark = next((mark for mark, _ in MARKS if data.startswith(mark)), b"")
    if not data.removeprefix(mark).strip(b" \r\n\t\0"):
        raise InputError("table.empty", "There is nothing to read: the file or the field is empty.")
    refuse_binary(data)
    if encoding is not None:
        return Decoded(_as_asked(data, encoding), encoding, True)
    found = _marked(data) or _unicode(data) or _legacy(data, locale)
    if found is None or _is_noise(found.text):
        raise InputError(
            "table.encoding", "The file is not a text file in an encoding known here: save it as UTF-8, as plain text."
        )
    return found


def check_size(size: int) -> None:
    """InputError for more bytes than are read here."""
    if size > FILE_BYTES:
        raise InputError(
            "table.large",
            "The file has {size} MB; at most {most} MB can be read here: give a part of it.",
            size=f"{size / 2**20:.1f}",
            most=FILE_BYTES // 2**20,
        )


def _as_asked(data: bytes, encoding: str) -> str:
    try:
        return data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except (UnicodeDecodeError, UnicodeError, LookupError) as error:
        raise InputError(
            "table.not_in",
            "The file is not written in {encoding}: choose another encoding, or let it be found out.",
            encoding=NAMES.get(encoding, encoding),
        ) from error


def _marked(data: bytes) -> Decoded | None:
    """By a byte order mark."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            try:
                return Decoded(data.decode(encoding), encoding.removesuffix("-sig"), True)
            except UnicodeDecodeError:
                return None
    return None


def _unicode(data: bytes) -> Decoded | None:
    """By being valid where chance would not be: UTF-8, UTF-16 without a mark, ISO 2022."""
    zeros = [data[:SAMPLE][side::2].count(0) for side in (0, 1)]
    if max(zeros) * 4 > len(data[:SAMPLE]) and min(zeros) * 8 < max(zeros):
        tries: tuple[str, ...] = ("utf-16-be" if zeros[0] > zeros[1] else "utf-16-le",)
    elif re.search(rb"\x1b\$[B@]", data) and data.isascii():
        tries = ("iso2022_jp",)
    else:
        tries = ("utf-8",)
    for encoding in tries:
        try:
            return Decoded(data.decode(encoding), encoding, encoding == "utf-8")
        except UnicodeDecodeError:
            continue
    return None


def _legacy(data: bytes, locale: str) -> Decoded | None:
    if b"\0" in data:
        return None
    texts = {}
    for encoding in LEGACY:
        try:
            texts[encoding] = data.decode(encoding)
        except UnicodeDecodeError:
            continue
    if not texts:
        return None
    calm = _undisturbed(data, list(texts))
    if not calm and sum(byte > 127 for byte in data[:SAMPLE]) > _MANY:
        return None  # disorder in every encoding

    def weight(name: str) -> float:
        # Where only signs are foreign (€, °, “) there are no words whose disorder could be told.
        worded = any(c.isalpha() and not c.isascii() for c in texts[name])
        return likelihood(texts[name], name) + usual(name, locale) - _DISTURBED * (worded and name not in calm)

    best = texts[max(texts, key=weight)]
    alike = [
        name for name, text in texts.items() if text == best
    ]  # called by the commonest encoding that gives this text
    return Decoded(best, max(alike, key=lambda name: usual(name, locale)), False)


def _undisturbed(data: bytes, encodings: list[str]) -> set[str]:
    """What charset-normalizer does not rule out for disorder."""
    from charset_normalizer import from_bytes

    matches = from_bytes(data[: SAMPLE * 4], cp_isolation=encodings, threshold=0.3, enable_fallback=False)
    found = {name for match in matches for name in match.could_be_from_charset}
    return found & set(encodings)


def _is_noise(text: str) -> bool:
    """Whether control characters say that it is no text."""
    controls = sum(unicodedata.category(c) == "Cc" and c not in "\t\n\r\f\x1a\x1c\x1d\x1e\x85" for c in text[:SAMPLE])
    return "\0" in text or controls * 50 > min(len(text), SAMPLE)
