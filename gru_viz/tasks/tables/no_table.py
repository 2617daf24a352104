"""What a file is that is no table of text, whatever its name says: told by its first bytes."""

from __future__ import annotations

import io
import json
import re
import zipfile

from gru_viz.errors import InputError

_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "RAR"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"RIFF", "RIFF (WAV, AVI, WebP)"),
    (b"OggS", "Ogg"),
    (b"ID3", "MP3"),
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"FEA1", "Feather"),
    (b"ORC", "ORC"),
    (b"Obj\x01", "Avro"),
    (b"\x89HDF", "HDF5"),
    (b"CDF\x01", "NetCDF"),
    (b"CDF\x02", "NetCDF"),
    (b"\x93NUMPY", "NumPy"),
    (b"MATLAB 5.0", "MATLAB"),
    (b"SQLite format 3", "SQLite"),
    (b"$FL2", "SPSS"),
    (b"<stata_dta>", "Stata"),
    (b"RDX", "R"),
    (b"{\\rtf", "RTF"),
    (b"\x7fELF", "ELF"),
    (b"\xca\xfe\xba\xbe", "Java"),
    (b"\0asm", "WebAssembly"),
)
"""First bytes, and the name of what starts with them. Source: Wikipedia, List of file signatures."""
_PACKED = ("gzip", "bzip2", "xz", "7z", "RAR", "Zstandard", "ZIP")
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
_MARKUP = re.compile(r"\s*<(!doctype|html|head|body|table|\?xml|svg|div)\b", re.IGNORECASE)
_OFFICE = {
    "xl/": "Excel, .xlsx",
    "word/": "Word, .docx",
    "ppt/": "PowerPoint, .pptx",
    "Index/": "Numbers, .numbers",
}
_SPREADSHEETS = ("Excel, .xlsx", "Excel, .xls", "OpenDocument, .ods", "Numbers, .numbers")


def refuse_binary(data: bytes) -> None:
    """InputError for a file that holds no plain text: names what it is, and what to do."""
    what = _kind(data)
    if what in _SPREADSHEETS:
        raise InputError(
            "table.spreadsheet",
            "This is a spreadsheet ({what}), whatever its name says: open it and save the sheet as CSV UTF-8.",
            what=what,
        )
    if what in _PACKED:
        raise InputError(
            "table.packed",
            "This is a packed file ({what}), whatever its name says: unpack it and give the text file inside.",
            what=what,
        )
    if what is not None:
        _refuse(what)


def refuse_markup(text: str) -> None:
    """InputError for JSON, HTML or XML, where a table is wanted."""
    if _MARKUP.match(text):
        _refuse("XML" if "<?xml" in text[:200] else "HTML")
    start = text.lstrip()[:1]
    if start in ("{", "[") and _is_json(text):
        _refuse("JSON")


def _refuse(what: str) -> None:
    raise InputError(
        "table.other_file",
        "This is a file of the kind {what}, not a table of text, whatever its name says: save its table as CSV.",
        what=what,
    )


def _kind(data: bytes) -> str | None:
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return "Excel, .xls" if "Workbook".encode("utf-16-le") in data or b"Book" in data[:4096] else "Office 97"
    if _PICKLE.match(data) and data.rstrip().endswith(b"."):
        return "Python pickle"
    if data[4:8] == b"ftyp":
        return "MP4"
    if data[:2] == b"MZ" and b"\0" in data[:64]:
        return "Windows program"
    if data[:2] == b"BM" and data[6:10] == b"\0\0\0\0":
        return "BMP"
    return next((name for magic, name in _MAGIC if data.startswith(magic)), None)


def _zipped(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            inside = packed.namelist()
            if "mimetype" in inside and b"spreadsheet" in packed.read("mimetype"):
                return "OpenDocument, .ods"
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError):
        inside = [
            part for part in _OFFICE if part.encode() in data[:4096]
        ]  # cut off: the names stand at each file, too
    return next((what for part, what in _OFFICE.items() if any(name.startswith(part) for name in inside)), "ZIP")


def _is_json(text: str) -> bool:
    """Whether a text is JSON, or has an object of JSON in its first line."""
    for whole in (text, text.strip().split("\n", 1)[0]):
        try:
            found = json.loads(whole)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) or whole is text:
            return True
    return False
