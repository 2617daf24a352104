"""A visitor's table: bytes or text in, columns out, and every guess said and open to change."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gru_viz.errors import InputError
from gru_viz.limits import FILE_BYTES
from gru_viz.tasks.tables.encoding import NAMES, decoded
from gru_viz.tasks.tables.numerals import number, scaled
from gru_viz.tasks.tables.reader import FOUND_OUT, read
from gru_viz.tasks.tables.records import DELIMITERS
from gru_viz.tasks.tables.table import DECIMALS, Choices

NAN = float("nan")


@dataclass(frozen=True)
class Case:
    """A file, the numeric columns that must come of it, and what must be said of how it was read."""

    given: bytes | str
    columns: dict[str, list[float]]
    said: dict[str, Any] = field(default_factory=dict)
    locale: str = ""


def case(given: bytes | str, columns: dict[str, list[float]], locale: str = "", **said: Any) -> Case:
    return Case(given, columns, said, locale)


SEMI = {"delimiter": "semicolon", "decimal": "comma"}
CASES = {
    "one line": case("1 2 3 4", {"1": [1, 2, 3, 4]}, delimiter="space", series=True),
    "commas": case("1,2,3", {"1": [1, 2, 3]}, delimiter="comma", series=True),
    "decimal commas between spaces": case(
        "5,5 11,2", {"1": [5.5, 11.2]}, delimiter="space", decimal="comma", series=True, sample=("5,5", 5.5)
    ),
    "thousands between spaces": case(
        "1,234.5 2,000", {"1": [1234.5, 2000]}, decimal="point", sample=("1,234.5", 1234.5)
    ),
    "a list of Python": case("[1.5, 2, -3]", {"1": [1.5, 2, -3]}, delimiter="comma"),
    "full width": case("１，５　２，５", {"1": [1.5, 2.5]}, delimiter="space", decimal="comma"),
    "full width, lines": case("－１．５\n２．５\n３\n", {"1": [-1.5, 2.5, 3]}, decimal="point"),
    "full-width commas": case("155，154，140", {"1": [155, 154, 140]}, delimiter="comma"),
    "enumeration commas": case("1、2、3", {"1": [1, 2, 3]}, delimiter="enumeration"),
    "a column": case("1\n2\n3\n", {"1": [1, 2, 3]}, delimiter="none", header=False),
    "named": case("x\n1\n2", {"x": [1, 2]}, header=True),
    "two named": case("a,b\n1,2\n3,4", {"a": [1, 3], "b": [2, 4]}, delimiter="comma", header=True),
    "old Mac line ends": case(b"a,b\r1,2\r3,4\r", {"a": [1, 3], "b": [2, 4]}),
    "tabs": case("a\tb\n1\t2\n3\t4", {"a": [1, 3], "b": [2, 4]}, delimiter="tab"),
    "bars": case("a|b\n1.5|2\n3|4", {"a": [1.5, 3], "b": [2, 4]}, delimiter="pipe"),
    "runs of spaces": case("a    b\n1  2\n 3   4", {"a": [1, 3], "b": [2, 4]}, delimiter="space"),
    "a German file": case(
        b"Datum;Wert\n01.01.2020;1,5\n02.01.2020;2,5\n", {"Wert": [1.5, 2.5]}, **SEMI, header=True, sample=("1,5", 1.5)
    ),
    "German thousands": case("a;b\n1.234,5;1\n2.000;2", {"a": [1234.5, 2000], "b": [1, 2]}, **SEMI, groups=(".",)),
    "a column of decimal commas": case("1,5\n2,5\n3,5", {"1": [1.5, 2.5, 3.5]}, delimiter="none", decimal="comma"),
    "the same, named": case(b"Wert\n1,5\n2,5\n", {"Wert": [1.5, 2.5]}, delimiter="none", decimal="comma", header=True),
    "the same, some whole": case("1,5\n2,25\n3", {"1": [1.5, 2.25, 3]}, delimiter="none", decimal="comma"),
    "hundredths": case("1,05\n2,50\n3,75", {"1": [1.05, 2.5, 3.75]}, delimiter="none", decimal="comma"),
    "two numbers a line": case("1, 5\n2, 6\n3, 7", {"1": [1, 2, 3], "2": [5, 6, 7]}, delimiter="comma"),
    "counted rows": case(
        "\n".join(f"{i},{i * i}" for i in range(9)),
        {"1": [*range(9)], "2": [i * i for i in range(9)]},
        delimiter="comma",
    ),
    "the same, in America": case("1,5\n2,5\n3,5", {"1": [1.5, 2.5, 3.5]}, "en-US", delimiter="none", decimal="comma"),
    "quoted thousands": case(
        'a,b\n"1,234.5",2\n"2,000.5",3', {"a": [1234.5, 2000.5], "b": [2, 3]}, delimiter="comma", groups=(",",)
    ),
    "quoted commas and newlines": case(
        'name,"v\nw"\n"a, b",1\n"c\nd",2\n"e ""f""",3', {"v\nw": [1, 2, 3]}, delimiter="comma", header=True
    ),
    "quoted separators": case('a;b\n1;"x;y"\n2;z', {"a": [1, 2]}, delimiter="semicolon"),
    "Excel's sep=": case(b"sep=;\r\na;b\r\n1,5;2\r\n3;4\r\n", {"a": [1.5, 3], "b": [2, 4]}, **SEMI, sep_line=True),
    "sep= of a comma": case("sep=,\na,b\n1,2\n3,4", {"a": [1, 3], "b": [2, 4]}, delimiter="comma", sep_line=True),
    "comments": case("# by hand\na,b\n1,2\n#9,9\n3,4", {"a": [1, 3], "b": [2, 4]}, comments=2),
    "pandas' index": case(b",value\n0,1.5\n1,2.5", {"value": [1.5, 2.5]}, index="1"),
    "pandas' index of other rows": case(b",value\n7,1.5\n3,2.5", {"value": [1.5, 2.5]}, index="1"),
    "pandas' index and numbered columns": case(b",0,1\n0,1.5,2\n1,2.5,3", {"2": [1.5, 2.5], "3": [2, 3]}, index="1"),
    "an index called index": case("index,v\n0,1.5\n1,2.5", {"v": [1.5, 2.5]}, index="index"),
    "R's row names": case('"x" "y"\n"1" 5 6\n"2" 7 8\n', {"x": [5, 7], "y": [6, 8]}, header=True, index="1"),
    "signs": case("−1 +2\n–3 －4", {"1": [-1, -3], "2": [2, -4]}),
    "powers": case("1.5e-3 2E5 -1e+2", {"1": [0.0015, 2e5, -100]}, decimal="point"),
    "per cent": case("x\n12%\n13.5 %", {"x": [12, 13.5]}, units=("%",)),
    "money": case("p\n€ 1.234,50\n2,00 €\n-3,10 €", {"p": [1234.5, 2, -3.1]}, decimal="comma", units=("€",)),
    "spaces between thousands": case("1 234,5;2\n2\u00a0345,5;3", {"1": [1234.5, 2345.5], "2": [2, 3]}, groups=(" ",)),
    "apostrophes between thousands": case("x\n1'234.5\n12’345", {"x": [1234.5, 12345]}, groups=("'",)),
    "Indian thousands": case('x;y\n"12,34,567.5";1\n"1,00,000";2', {"x": [1234567.5, 1e5], "y": [1, 2]}),
    "years": case("year,spots\n1979,155.4\n1980,154.6", {"spots": [155.4, 154.6]}),
    "numbers that are no years": case("v,w\n1979,1\n1980,2", {"v": [1979, 1980], "w": [1, 2]}, dates={}),
    "dates and times": case("t,v\n2020-01-01 12:00,1\n2020-01-02 13:30,2", {"v": [1, 2]}, delimiter="comma"),
    "dates run together": case("date,v\n20200101,1\n20200102,2", {"v": [1, 2]}),
    "no dates run together": case("id,v\n20200101,1\n20200102,2", {"id": [20200101, 20200102], "v": [1, 2]}),
    "Chinese dates": case("日期,值\n2020年1月1日,1\n2020年1月2日,2", {"值": [1, 2]}),
    "times": case("t;v\n12:30;1\n13:30;2", {"v": [1, 2]}),
    "words": case("day,v\nmonday,2\ntuesday,3", {"v": [2, 3]}),
    "only words": case("a,b\nx,y\nz,w", {}),
    "the same name twice": case("a,a\n1,2\n3,4", {"1": [1, 3], "2": [2, 4]}, header=True),
    "a first row that is missing one": case("NA,1.5\n2,3\n4,5", {"1": [NAN, 2, 4], "2": [1.5, 3, 5]}, header=False),
    "trailing separators": case(b"d,x,\n1,2,\n3,4,\n", {"d": [1, 3], "x": [2, 4]}, empty=1),
    "trailing separators below": case(b"d,x\n1,2,\n3,4,\n", {"d": [1, 3], "x": [2, 4]}),
    "empty rows": case(b"a;b\n1;2\n;\n\n3;4\n;;\n", {"a": [1, 3], "b": [2, 4]}),
    "open: thousands or decimals": case("1,234\n5,678", {"1": [1234, 5678]}, decimal="point", open=True),
    "open, in Germany": case("1,234\n5,678", {"1": [1.234, 5.678]}, "de-DE", decimal="comma", open=True),
    "open, between semicolons": case("1,234;2\n5,678;3", {"1": [1.234, 5.678], "2": [2, 3]}, "en-US", open=True),
    "not open": case("1,234\n5,6789", {"1": [1.234, 5.6789]}, decimal="comma", open=False),
    "a nought before": case("0,125\n0,250", {"1": [0.125, 0.25]}, decimal="comma", open=False),
}


@pytest.mark.parametrize("name", CASES)
def test_reads_and_says_how(name: str) -> None:
    asked = CASES[name]
    for made in {asked.given, asked.given.encode() if isinstance(asked.given, str) else asked.given}:
        found = read(made, locale=asked.locale)
        assert found.numeric() == list(asked.columns)
        said = {what: getattr(found.guess, what) for what in asked.said}
        assert said == asked.said
        for column, values in asked.columns.items():
            if not np.isnan(values).any():
                assert found.values([column])[:, 0].tolist() == values


TEXTS = {
    "cp1252": [
        "Größe;Wert",
        "température;x",
        "Año;Valor",
        "Straße;Fläche (m²)",
        "Preis (€)",
        "Preis\n5€\n6€",
        "“a”;b",
        "Überschuß",
        "Prénom;âge",
    ],
    "latin-1": ["Größe", "Niño;mañana", "Zürich;Genève"],
    "gb18030": ["温度,湿度", "日期,值", "数量", "年份,太阳黑子数", "姓名,类别", "标签,文本", "价格（元）,数量"],
    "gbk": ["温度", "编号,名称"],
    "cp932": ["温度,湿度", "日付,値", "気温(℃)", "名前,ラベル", "データ", "数量,単価"],
    "euc_jp": ["温度,湿度", "データ"],
    "cp949": ["온도,습도", "날짜,값", "이름,라벨", "가격"],
    "big5": ["溫度,濕度", "日期,數值", "姓名,類別", "價格,數量"],
    "cp1251": ["Дата;Значение", "Температура", "Год;Число", "Цена"],
    "iso2022_jp": ["温度,湿度"],
    "utf-8": ["Größe", "温度", "Дата", "😀"],
    "utf-8-sig": ["Größe", "x"],
    "utf-16": ["Größe", "温度", "x"],
    "utf-16-le": ["Größe;Wert und noch mehr", "value;other"],
    "utf-16-be": ["value;other"],
    "utf-32": ["温度"],
}


@pytest.mark.parametrize(("encoding", "head"), [(name, head) for name, heads in TEXTS.items() for head in heads])
def test_the_encoding_is_found_even_of_a_single_line(encoding: str, head: str) -> None:
    text = f"{head}\n1;2\n3;4\n"
    assert decoded(text.encode(encoding)).text == text


@pytest.mark.parametrize(
    ("locale", "encoding", "head"),
    [
        ("ru-RU", "cp1251", "ДАТА;ЦЕНА"),
        ("cs-CZ", "cp1250", "Hodnota;Číslo řádku"),
        ("hu", "cp1250", "Mérték;Idő"),
        ("el-GR", "cp1253", "Ημερομηνία;Τιμή"),
        ("tr-TR", "cp1254", "Değer;Ölçüm;Işık"),
        ("zh-TW", "big5", "品名;單價"),
        ("zh-CN", "gb18030", "产量;啤酒"),
        ("ja", "euc_jp", "海;山"),
        ("ko-KR", "cp949", "뚜껑;꿀"),
        ("zh-CN", "cp1252", "Größe;Länge"),
        ("ru", "cp1252", "Größe;température"),
    ],
)
def test_the_visitors_language_decides_what_could_be_either(locale: str, encoding: str, head: str) -> None:
    text = f"{head}\n1;2\n"
    assert decoded(text.encode(encoding), locale=locale).text == text


@pytest.mark.parametrize("word", ["Müller", "año", "température", "Fähre", "São Paulo", "smörgåsbord", "Muñoz"])
def test_a_long_file_of_few_words_is_read_as_one_line_of_them(word: str) -> None:
    text = "name;label\n" + "".join(f"{word} {i};{i % 3}\n" for i in range(300))
    found = decoded(text.encode("cp1252"))
    assert (found.text, found.encoding) == (text, "cp1252")


def test_an_encoding_that_was_guessed_is_no_certainty_and_can_be_said_to_be_another() -> None:
    blob = "Größe;x\n1;2\n3;4".encode("cp1252")
    found = read(blob)
    assert (found.names[0], found.guess.encoding, found.guess.certain) == ("Größe", "cp1252", False)
    assert read(blob, Choices(encoding="cp1250")).guess.certain
    assert read("x\n1\n2".encode("utf-16")).guess.certain
    assert read(blob, Choices(encoding="gb18030")).names[0] == "Gr鲞e"
    with pytest.raises(InputError, match="not written in UTF-8"):
        read(blob, Choices(encoding="utf-8"))


def zipped(*names: str, **contents: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name in names:
            packed.writestr(name, b"<xml/>")
        for name, content in contents.items():
            packed.writestr(name, content)
    return stream.getvalue()


ODS = b"application/vnd.oasis.opendocument.spreadsheet"
OTHER = [
    (zipped("[Content_Types].xml", "xl/workbook.xml"), "table.spreadsheet", "Excel, .xlsx"),
    (zipped("[Content_Types].xml", "xl/workbook.xml")[:90], "table.spreadsheet", "Excel, .xlsx"),
    (zipped("content.xml", mimetype=ODS), "table.spreadsheet", "OpenDocument, .ods"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "Workbook".encode("utf-16-le"), "table.spreadsheet", ".xls"),
    (zipped("word/document.xml"), "table.other_file", "Word, .docx"),
    (zipped("data.csv"), "table.packed", "ZIP"),
    (gzip.compress(b"a,b\n1,2\n"), "table.packed", "gzip"),
    (b"%PDF-1.7\n%\xe2\xe3", "table.other_file", "PDF"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "table.other_file", "PNG"),
    (b"\xff\xd8\xff\xe0\0\x10JFIF", "table.other_file", "JPEG"),
    (b"PAR1\x15\x04\x15\0PAR1", "table.other_file", "Parquet"),
    (b"\x93NUMPY\x01\0v\0{'descr': '<f8'}", "table.other_file", "NumPy"),
    (b"\x89HDF\r\n\x1a\n", "table.other_file", "HDF5"),
    (b"SQLite format 3\0", "table.other_file", "SQLite"),
    (json.dumps([{"a": 1}, {"a": 2}]).encode(), "table.other_file", "JSON"),
    (json.dumps({"a": [1, 2]}, indent=1).encode("utf-16"), "table.other_file", "JSON"),
    (b'{"a": 1}\n{"a": 2}\n', "table.other_file", "JSON"),
    (b"<!DOCTYPE html><html><table><tr><td>1", "table.other_file", "HTML"),
    (b'<?xml version="1.0"?><a/>', "table.other_file", "XML"),
]


@pytest.mark.parametrize(("blob", "code", "what"), OTHER, ids=[what for _, _, what in OTHER])
def test_another_kind_of_file_is_called_what_it_is(blob: bytes, code: str, what: str) -> None:
    with pytest.raises(InputError) as caught:
        read(blob)
    assert caught.value.code == code
    assert what in str(caught.value)
    assert "CSV" in str(caught.value) or "unpack" in str(caught.value)


BAD = [
    (b"", "table.empty"),
    (b"\xef\xbb\xbf\n", "table.empty"),
    (" \n\n", "table.empty"),
    ("# nothing else", "table.empty"),
    ("sep=;\n", "table.empty"),
    ("5", "table.one_row"),
    ("a,b\n1,2", "table.one_row"),
    ("a,b\n1,2\n3", "table.ragged"),
    ("1 2\n3 4 5\n6 7", "table.ragged"),
    (bytes(range(256)), "table.encoding"),
    (b"a,b\n1,\x002\n3,4\n", "table.encoding"),
    (b"\xff\xfe\x00\xd8\x00\x00", "table.encoding"),
    (b"1,2\n" * (FILE_BYTES // 4 + 1), "table.large"),
]


@pytest.mark.parametrize(("made", "code"), BAD)
def test_refuses(made: bytes | str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read(made)
    assert caught.value.code == code


def test_a_row_that_is_too_long_or_short_is_named_by_its_line() -> None:
    with pytest.raises(InputError, match=r"Line 5 has 3 column\(s\) and most others 2"):
        read('a,b\n\n"x\ny",2\n3,4,5\n6,7\n8,9\n')


@pytest.mark.parametrize(
    "cell", ["", "nan", "NaN", "NA", "n/a", "null", "-", "–", "?", "x", "inf", "1e999", "1_000", "5²"]
)
def test_a_cell_that_is_no_finite_number_is_named(cell: str) -> None:
    with pytest.raises(InputError, match=r"Column v has .* line 3"):
        read(f"v,w\n1,2\n{cell},3\n4,5").values(["v"])


def test_columns_of_words_are_left_out_and_may_not_be_picked() -> None:
    with pytest.raises(InputError, match=r"Column day has 'monday' in line 2"):
        read("day,v\nmonday,2\ntuesday,3").values(["day"])


@pytest.mark.parametrize(
    ("cells", "order", "first", "sure"),
    [
        (["13/01/2020", "02/02/2020"], "dmy", "2020-01-13", True),
        (["01/13/2020", "02/02/2020"], "mdy", "2020-01-13", True),
        (["01/02/2020", "01/03/2020", "01/04/2020"], "dmy", "2020-02-01", False),
        (["01/31/2020", "02/01/2020"], "mdy", "2020-01-31", True),
        (["05/01/2020", "06/01/2020", "07/01/2020", "08/01/2020"], "dmy", "2020-01-05", False),
        (["01.02.2020", "01.03.2020"], "dmy", "2020-02-01", False),
        (["2020-02-01", "2020-03-01"], "ymd", "2020-02-01", True),
        (["2020/2/1", "2020/3/1"], "ymd", "2020-02-01", True),
    ],
)
def test_dates_are_said_with_their_order(cells: list[str], order: str, first: str, sure: bool) -> None:
    found = read("d;v\n" + "\n".join(f"{cell};{i}" for i, cell in enumerate(cells)))
    one = found.guess.dates["d"]
    assert (one.order, one.first, one.sure) == (order, first, sure)
    assert found.numeric() == ["v"]


def test_what_is_open_in_dates_is_decided_by_the_language_or_by_the_visitor() -> None:
    text = "d,v\n01/02/2020,1\n02/01/2020,2\n"
    assert read(text, locale="en-US").guess.dates["d"].first == "2020-01-02"
    assert read(text, locale="en-GB").guess.dates["d"].first == "2020-02-01"
    assert read(text, Choices(order="mdy"), locale="en-GB").guess.dates["d"].first == "2020-01-02"
    assert read(text, locale="en-GB").guess.dates["d"].falling
    assert read(text, Choices(dates="0")).guess.dates == {}
    assert read("a,b\n1,2\n3,4", Choices(dates="1")).numeric() == ["b"]


CHANGES = [
    ("1,2\n3,4\n5,6", Choices(delimiter="comma"), {"1": [1, 3, 5], "2": [2, 4, 6]}),
    ("1,234\n5,678", Choices(decimal="comma"), {"1": [1.234, 5.678]}),
    ("1.234;1\n5.678;2", Choices(decimal="comma"), {"1": [1234, 5678], "2": [1, 2]}),
    ("2019;2020\n1;2\n3;4", Choices(header="yes"), {"2019": [1, 3], "2020": [2, 4]}),
    ("a,b\n1,2\n3,4", Choices(header="no"), None),
    ("5,5 11,2", Choices(delimiter="comma"), None),
    ("1 234\n5 678", Choices(delimiter="none"), {"1": [1234, 5678]}),
    ("1;2\n#3;4\n5;6", Choices(comments="keep"), {"2": [2, 4, 6]}),
]


@pytest.mark.parametrize(("text", "choices", "columns"), CHANGES)
def test_what_was_guessed_can_be_changed(text: str, choices: Choices, columns: dict[str, list[float]] | None) -> None:
    before, after = read(text), read(text, choices)
    assert (before.rows, before.guess.decimal, before.names) != (after.rows, after.guess.decimal, after.names)
    for name, values in (columns or {}).items():
        assert after.values([name])[:, 0].tolist() == values


def test_choices_are_written_into_a_link_and_read_back() -> None:
    made = Choices(encoding="cp1252", delimiter="tab", decimal="comma", header="no", dates="2", order="mdy")
    assert Choices.of(str(made)) == made
    assert Choices.of("") == FOUND_OUT
    for wrong in ("delimiter:star", "colour:red", "nonsense", "dates:x", "header"):
        with pytest.raises(ValueError, match=r".*"):
            Choices.of(wrong)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_texts_with_anything_in_them_come_back(delimiter: str, encoding: str) -> None:
    rows = [(f'Größe {i}, "so"; a|b\tc\nnext', "xyz"[i % 3]) for i in range(30)]
    blob = pd.DataFrame(rows, columns=["name", "label"]).to_csv(sep=delimiter, index=False).encode(encoding)
    found = read(blob, numbers=False)
    assert (found.names, found.rows) == (("name", "label"), tuple(rows))


def test_a_text_may_begin_with_a_hash_and_no_number_is_made_of_it() -> None:
    found = read("# comment\ntext,label\n#happy,a\n１２,b\nx,a\ny,b", numbers=False)
    assert found.cells("text") == ["#happy", "１２", "x", "y"]
    assert found.guess.comments == 1


def test_too_many_rows_are_cut_but_counted() -> None:
    found = read("\n".join("12345" * 10), most=20)
    assert (len(found.rows), found.guess.given) == (20, 50)


def test_normalising() -> None:
    values = np.array([[1.0, 5.0], [3.0, 5.0]])
    assert scaled(values, "zscore").tolist() == [[-1, 0], [1, 0]]
    assert scaled(values, "minmax").tolist() == [[0, 0], [1, 0]]
    assert scaled(values, "none") is values


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_whatever_raise_anything_else(data: bytes, numbers: bool) -> None:
    try:
        found = read(data, most=50, numbers=numbers)
        found.values(found.numeric())
    except InputError:
        pass


@given(st.text("0123456789.,;:/-# \n\t'\"|abN年一", max_size=60), st.booleans())
def test_no_text_whatever_raises_anything_else(text: str, numbers: bool) -> None:
    try:
        found = read(text, most=50, numbers=numbers)
        found.values(found.numeric())
    except InputError:
        pass


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([".", ","]))
def test_a_number_is_read_to_the_last_bit(value: float, mark: str) -> None:
    found = number(repr(value).replace(".", mark), mark)
    assert found is not None
    assert found.value == value


@st.composite
def tables(draw: st.DrawFn) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Random floats, and a way of writing them that pandas has and people use."""
    columns, rows = draw(st.integers(1, 4)), draw(st.integers(2, 8))
    values = st.floats(-1e6, 1e6).map(lambda value: round(value, draw(st.integers(1, 6))))
    data = draw(st.lists(st.lists(values, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    names = draw(
        st.lists(
            st.sampled_from(["Größe", "Höhe (m)", "a, b", "x;y", 'so "genannt"', "two\nlines", "Länge", "v1", "v 2"]),
            min_size=columns,
            max_size=columns,
            unique=True,
        )
    )
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    written = {
        "sep": delimiter,
        "decimal": draw(st.sampled_from([".", ","])),
        "encoding": draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])),
        "quoting": draw(st.sampled_from([0, 1])),
        "header": draw(st.booleans()),
        "index": draw(st.booleans()),
    }
    return pd.DataFrame(data, columns=names), written


@settings(max_examples=300, deadline=None)
@given(tables())
def test_what_pandas_writes_is_read_back_or_the_guess_is_changed_to_what_it_was(
    made: tuple[pd.DataFrame, dict[str, Any]],
) -> None:
    frame, how = made
    buffer = io.StringIO()
    written = {name: value for name, value in how.items() if name != "encoding"}
    frame.to_csv(buffer, **written, lineterminator="\r\n")
    blob = buffer.getvalue().encode(how["encoding"])
    true = Choices(
        delimiter=next(name for name, sign in DELIMITERS.items() if sign == how["sep"]) if _wide(frame, how) else None,
        decimal=next(name for name, sign in DECIMALS.items() if sign == how["decimal"]),
        header="yes" if how["header"] else "no",
    )
    expected = frame.to_numpy()
    found = read(blob)
    if not _same(found, expected):
        said = found.guess
        differs = {
            name: value
            for name in ("delimiter", "decimal")
            if (value := getattr(true, name)) not in (None, getattr(said, name))
        }
        differs |= {"header": true.header} if said.header != how["header"] else {}
        assert differs, "read wrongly, and every guess is right"
        found = read(blob, replace(FOUND_OUT, **differs))
    numeric = found.numeric()
    index = (
        how["index"] and not how["header"] and len(numeric) > frame.shape[1]
    )  # nothing tells such an index from data
    assert found.values(numeric[index:]).tolist() == expected.tolist()
    if how["header"]:
        assert [name for name in found.names if name in numeric[index:]] == list(frame.columns)


def _wide(frame: pd.DataFrame, how: dict[str, Any]) -> bool:
    return frame.shape[1] + how["index"] > 1


def _same(found: Any, expected: np.ndarray) -> bool:
    try:
        values = found.values(found.numeric())
    except InputError:
        return False
    return values.shape[0] == len(expected) and values[:, -expected.shape[1] :].tolist() == expected.tolist()


def test_every_encoding_that_can_be_chosen_is_there() -> None:
    for name in NAMES:
        assert "x".encode(name)
