"""Numbers as people have them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru_viz.errors import InputError
from gru_viz.ui.tables import decoded, parsed, scaled

GOOD = [
    ("1 2 3 4", ("1",), [[1], [2], [3], [4]]),
    ("1,2,3", ("1",), [[1], [2], [3]]),
    ("1\n2\n3\n", ("1",), [[1], [2], [3]]),
    ("a,b\n1,2\n3,4", ("a", "b"), [[1, 2], [3, 4]]),
    ("a;b\n1,5;2\n3,25;4\n", ("a", "b"), [[1.5, 2], [3.25, 4]]),
    ("1;2\n3;4", ("1", "2"), [[1, 2], [3, 4]]),
    (" 1\t2\n3\t4", ("1", "2"), [[1, 2], [3, 4]]),
    ("x\n1\n2", ("x",), [[1], [2]]),
    ("−1 2\n3 4", ("1", "2"), [[-1, 2], [3, 4]]),
    ('"v","w"\n"1","2"\n"3","4"', ("v", "w"), [[1, 2], [3, 4]]),
    ("a,a\n1,2\n3,4", ("1", "2"), [[1, 2], [3, 4]]),
]


@pytest.mark.parametrize(("text", "names", "values"), GOOD)
def test_reads(text: str, names: tuple[str, ...], values: list[list[float]]) -> None:
    table, rows = parsed(text, 100)
    assert table.names == names
    assert rows == len(values)
    assert table.values(list(names)).tolist() == values


def test_columns_of_words_are_left_out_and_may_not_be_picked() -> None:
    table, _ = parsed("day,v\nmonday,2\ntuesday,3", 100)
    assert table.numeric() == ["v"]
    with pytest.raises(InputError, match=r"Column day has 'monday' in line 2"):
        table.values(["day"])


BAD = [
    ("", "table.empty"),
    (" \n\n", "table.empty"),
    ("5", "table.one_row"),
    ("a,b\n1,2", "table.one_row"),
    ("a,b\n1,2\n3", "table.ragged"),
]


@pytest.mark.parametrize(("text", "code"), BAD)
def test_refuses(text: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        parsed(text, 100)
    assert caught.value.code == code


@pytest.mark.parametrize("cell", ["", "nan", "NaN", "NA", "null", "x", "inf", "1e999", "1_000"])
def test_a_cell_that_is_no_finite_number_is_named(cell: str) -> None:
    table, _ = parsed(f"v,w\n1,2\n{cell},3\n4,5", 100)
    with pytest.raises(InputError, match=r"Column v has .* line 3"):
        table.values(["v"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_encodings(encoding: str) -> None:
    assert decoded("温度,湿度\n1,2\n".encode(encoding)) == "温度,湿度\n1,2\n"


def test_western_files_and_files_that_are_no_text() -> None:
    assert "temp" in decoded("température;x\n1;2\n".encode("cp1252"))
    for data, code in ((b"", "table.empty"), (b"\xef\xbb\xbf\n", "table.empty"), (bytes(range(256)), "table.encoding")):
        with pytest.raises(InputError) as caught:
            decoded(data)
        assert caught.value.code == code


@given(st.binary(max_size=300))
def test_no_bytes_whatever_raise_anything_else(data: bytes) -> None:
    try:
        table, _ = parsed(decoded(data), 50)
        table.values(table.numeric())
    except InputError:
        pass


def test_too_many_rows_are_cut_but_counted() -> None:
    table, rows = parsed("\n".join("12345" * 10), 20)
    assert (len(table.rows), rows) == (20, 50)


def test_normalising() -> None:
    values = np.array([[1.0, 5.0], [3.0, 5.0]])
    assert scaled(values, "zscore").tolist() == [[-1, 0], [1, 0]]
    assert scaled(values, "minmax").tolist() == [[0, 0], [1, 0]]
    assert scaled(values, "none") is values
