from __future__ import annotations

import csv
import dataclasses
import datetime
import decimal
import enum
import io
import sys
import uuid

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from flask_responsekit import ConverterNotFoundError
from flask_responsekit import CSVRenderer
from flask_responsekit.converters import BUILT_IN
from flask_responsekit.libraries import formulas
from flask_responsekit.libraries.html_table import TABLE_PAGE
from flask_responsekit.libraries.pandas import list_records
from flask_responsekit.libraries.pandas import list_representations
from flask_responsekit.libraries.pandas import list_values
from flask_responsekit.libraries.pandas import write_csv
from flask_responsekit.libraries.pandas import write_parquet
from flask_responsekit.plain import to_plain

NAN = float("nan")
INFINITY = float("inf")
DAY = datetime.datetime(2024, 1, 2)
UTC_DAY = DAY.replace(tzinfo=datetime.timezone.utc)
ID = uuid.UUID(int=1)
PARQUET = "application/vnd.apache.parquet"
SECRET = "secret"


@dataclasses.dataclass
class User:
    password: str = SECRET


class Secretive:
    def __repr__(self):
        return SECRET


class Color(str, enum.Enum):
    RED = "red"


def never(cls):
    return False


def show(value):
    """Tell values apart that are equal, but of other types."""
    return repr(value)


def make_objects(*values):
    return pd.Series(values, dtype=object)


def make_arrow(values, arrow_type):
    return pd.Series(values, dtype=pd.ArrowDtype(arrow_type))


def write(frame, mode="escape", is_converted=never):
    return write_csv(frame, mode, is_converted)


def write_html(frame):
    return TABLE_PAGE.render(to_plain(frame, BUILT_IN)).decode()


def read(data):
    return [*csv.reader(io.StringIO(data.decode(), newline=""))]


# Values


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        pytest.param(pd.Series([1, 2]), [1, 2], id="int"),
        pytest.param(pd.Series([1.5, NAN, INFINITY]), [1.5, None, None], id="float"),
        pytest.param(pd.Series([True]), [True], id="bool"),
        pytest.param(pd.Series(["a", None]), ["a", None], id="text"),
        pytest.param(pd.Series([1j]), [1j], id="complex"),
        pytest.param(pd.Series([DAY, pd.NaT]), [DAY, None], id="time"),
        pytest.param(
            pd.Series([pd.Timestamp("2024-01-02 00:00:00.000000001")]),
            [DAY],
            id="nanoseconds",
        ),
        pytest.param(
            pd.Series([datetime.timedelta(1), pd.NaT]),
            [datetime.timedelta(1), None],
            id="timedelta",
        ),
        pytest.param(pd.Series([], dtype=object), [], id="empty"),
        pytest.param(pd.Series([1, None], dtype="Int64"), [1, None], id="Int64"),
        pytest.param(
            pd.Series([1.5, None], dtype="Float64"), [1.5, None], id="Float64"
        ),
        pytest.param(
            pd.Series([INFINITY], dtype="Float64"), [None], id="Float64-infinity"
        ),
        pytest.param(
            pd.Series([True, None], dtype="boolean"), [True, None], id="boolean"
        ),
        pytest.param(
            pd.Series(["a", None], dtype="string[python]"), ["a", None], id="string"
        ),
        pytest.param(
            pd.Series(["a", None], dtype="string[pyarrow]"),
            ["a", None],
            id="arrow-text",
        ),
        pytest.param(
            make_arrow([1, None], pa.int64()), [1, None], id="arrow-backed-int"
        ),
        pytest.param(
            make_arrow([DAY, None], pa.timestamp("ns")), [DAY, None], id="arrow-time"
        ),
        pytest.param(
            pd.Series(["b", "a", None, "b"], dtype="category"),
            ["b", "a", None, "b"],
            id="category",
        ),
        pytest.param(
            pd.Series([DAY, None], dtype="category"), [DAY, None], id="time-category"
        ),
        pytest.param(pd.Series(pd.arrays.SparseArray([0, 2])), [0, 2], id="sparse"),
        pytest.param(
            pd.Series([pd.Period("2024-01"), pd.NaT]), ["2024-01", None], id="period"
        ),
        pytest.param(
            pd.Series([pd.Interval(0, 1), None]), ["(0.0, 1.0]", None], id="interval"
        ),
        pytest.param(pd.Index([1, 2]), [1, 2], id="index"),
        pytest.param(pd.RangeIndex(2), [0, 1], id="range"),
        pytest.param(pd.DatetimeIndex([DAY]), [DAY], id="time-index"),
        pytest.param(
            pd.CategoricalIndex(["a", None]), ["a", None], id="category-index"
        ),
        pytest.param(
            pd.MultiIndex.from_tuples([("a", DAY), ("b", pd.NaT)]),
            [["a", DAY], ["b", None]],
            id="levels",
        ),
        pytest.param(pd.MultiIndex.from_arrays([[], []]), [], id="empty-levels"),
    ],
)
def test_values_become_those_of_python(series, expected):
    assert show(list_values(series)) == show(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(NAN, None, id="nan"),
        pytest.param(-INFINITY, None, id="infinity"),
        pytest.param(None, None, id="none"),
        pytest.param(pd.NaT, None, id="no-time"),
        pytest.param(pd.NA, None, id="na"),
        pytest.param(np.float32(NAN), None, id="numpy-nan"),
        pytest.param(np.int8(1), 1, id="numpy-int"),
        pytest.param(decimal.Decimal("NaN"), None, id="decimal-nan"),
        pytest.param(decimal.Decimal("1.0"), decimal.Decimal("1.0"), id="decimal"),
        pytest.param(pd.Timestamp(DAY), DAY, id="time"),
        pytest.param(pd.Timestamp(DAY) + pd.Timedelta(1), DAY, id="nanoseconds"),
        pytest.param(pd.Timestamp(UTC_DAY), UTC_DAY, id="aware"),
        pytest.param(pd.Timedelta(1, "D"), datetime.timedelta(1), id="timedelta"),
        pytest.param(pd.Period("2024-01"), "2024-01", id="period"),
        pytest.param(pd.Interval(0, 1), "(0, 1]", id="interval"),
    ],
)
def test_objects_of_libraries_become_those_of_python(value, expected):
    assert show(list_values(make_objects(value, "a"))) == show([expected, "a"])


@pytest.mark.parametrize(
    "value",
    [
        pytest.param([NAN], id="list"),
        pytest.param({"a": 1}, id="dict"),
        pytest.param(np.array([1]), id="array"),
        pytest.param(User(), id="object"),
        pytest.param(datetime.date(2024, 1, 2), id="date"),
    ],
)
def test_other_objects_stay_as_they_are(value):
    assert list_values(make_objects(value, None))[0] is value


def test_aware_times_stay_aware():
    series = pd.Series(pd.to_datetime(["2024-07-01 12:00", None]))
    time, missing = list_values(series.dt.tz_localize("Europe/Berlin"))
    assert type(time) is datetime.datetime
    assert time.isoformat() == "2024-07-01T12:00:00+02:00"
    assert missing is None


# Records


def test_records_have_the_values_of_rows_by_column():
    frame = pd.DataFrame({"id": [1, 2], "note": ["a", None]}, index=[7, 8])
    assert list_records(frame) == [{"id": 1, "note": "a"}, {"id": 2, "note": None}]


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        pytest.param([-1, 0], ["-1", "0"], id="numbers"),
        pytest.param([None, DAY.date()], ["None", "2024-01-02"], id="objects"),
        pytest.param(
            pd.MultiIndex.from_tuples([("city", ""), ("price", "mean")]),
            ["city", "price_mean"],
            id="levels",
        ),
        pytest.param(
            pd.MultiIndex.from_tuples([("a", 1), ("a", 2)]), ["a_1", "a_2"], id="number"
        ),
    ],
)
def test_names_are_text_in_every_format(columns, names):
    frame = pd.DataFrame([[1, 2]], columns=columns)
    assert [*list_records(frame)[0]] == names
    assert read(write(frame, "raw"))[0] == names
    assert pa.parquet.read_table(io.BytesIO(write_parquet(frame))).column_names == names
    assert "".join(f"<th>{name}</th>" for name in names) in write_html(frame)


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param(["1", "1"], id="text"),
        pytest.param(["1", 1], id="text-and-number"),
    ],
)
def test_name_that_is_there_twice_is_refused_but_in_csv(columns):
    frame = pd.DataFrame([[1, 2]], columns=columns)
    for refuse in (list_records, write_parquet, write_html):
        with pytest.raises(ValueError, match="Two columns are named '1'.*Rename one"):
            refuse(frame)
    assert read(write(frame)) == [["1", "1"], ["1", "2"]]
    assert read(write(frame.replace(2, "=2")))[1] == ["1", "'=2"]


def test_frame_without_columns_has_records_without_items():
    assert list_records(pd.DataFrame(index=[1, 2])) == [{}, {}]
    assert write_html(pd.DataFrame(index=[1, 2])).count("<tr></tr>") == 3


def test_frame_without_rows_has_no_records():
    assert list_records(pd.DataFrame({"a": []})) == []


# CSV


def test_csv_is_that_of_pandas():
    frame = pd.DataFrame({"id": [1, -2], "text": ["a,b", 'é"'], "ok": [True, False]})
    frame["time"] = pd.to_datetime([DAY, DAY])
    expected = frame.to_csv(index=False, lineterminator="\r\n").encode()
    assert write(frame) == expected
    assert write(frame, "reject") == write(frame, "raw") == expected


@pytest.mark.parametrize(
    ("series", "texts"),
    [
        pytest.param(pd.Series([1.5, NAN, INFINITY]), ["1.5", "", ""], id="float"),
        pytest.param(
            pd.Series([-INFINITY, 1, None], dtype="Float64"),
            ["", "1.0", ""],
            id="Float64",
        ),
        pytest.param(
            make_arrow([INFINITY, -1.5, None], pa.float64()),
            ["", "-1.5", ""],
            id="arrow-float",
        ),
        pytest.param(pd.Series([1, None], dtype="Int64"), ["1", ""], id="Int64"),
        pytest.param(make_objects("a", None, NAN), ["a", "", ""], id="text"),
        pytest.param(
            make_objects(1, "a", 1.5, pd.NA), ["1", "a", "1.5", ""], id="mixed"
        ),
        pytest.param(make_objects(decimal.Decimal("-1.0")), ["-1.0"], id="decimal"),
        pytest.param(make_objects(ID), [str(ID)], id="uuid"),
        pytest.param(
            make_objects(DAY.date(), DAY.time()), ["2024-01-02", "00:00:00"], id="date"
        ),
        pytest.param(
            make_objects(pd.Timestamp(UTC_DAY), pd.NaT),
            ["2024-01-02 00:00:00+00:00", ""],
            id="aware",
        ),
        pytest.param(
            pd.Series(["a", None], dtype="category"), ["a", ""], id="category"
        ),
        pytest.param(pd.Series([-1], dtype="category"), ["-1"], id="number-category"),
        pytest.param(pd.Series([pd.Period("2024-01")]), ["2024-01"], id="period"),
        pytest.param(pd.Series([pd.Interval(-1, 1)]), ["(-1, 1]"], id="interval"),
        pytest.param(make_arrow([-1, None], pa.int64()), ["-1", ""], id="arrow-int"),
        pytest.param(make_objects("a\0b"), ["a\0b"], id="nul"),
        pytest.param(make_objects("a\r\nb", "\n"), ["a\r\nb", "\n"], id="lines"),
    ],
)
def test_values_are_written_as_text(series, texts):
    data = write(pd.DataFrame({"id": range(len(series)), "x": series}))
    lines = data.decode().replace("\0", "\N{SYMBOL FOR NULL}")
    rows = [*csv.reader(io.StringIO(lines, newline=""))]
    texts = [text.replace("\0", "\N{SYMBOL FOR NULL}") for text in texts]
    assert [row[1] for row in rows[1:]] == texts


@pytest.mark.parametrize(
    "series",
    [
        pytest.param(make_objects([1]), id="list"),
        pytest.param(make_objects({"a": 1}), id="dict"),
        pytest.param(make_objects(User()), id="object"),
        pytest.param(make_objects(Color.RED), id="kind-of-text"),
        pytest.param(make_objects(b"a"), id="bytes"),
        pytest.param(make_objects(datetime.timedelta(1)), id="timedelta-object"),
        pytest.param(pd.Series([datetime.timedelta(1)]), id="timedelta"),
        pytest.param(pd.Series([1j]), id="complex"),
        pytest.param(pd.Series(pd.arrays.SparseArray([1.5])), id="sparse"),
        pytest.param(make_objects("a", INFINITY), id="infinity-among-objects"),
        pytest.param(
            pd.Series([1.5, INFINITY], dtype="category"), id="infinity-among-categories"
        ),
        pytest.param(make_arrow([[1]], pa.list_(pa.int64())), id="arrow-list"),
        pytest.param(make_arrow([b"a"], pa.binary()), id="arrow-bytes"),
        pytest.param(make_objects("\ud800"), id="no-text-in-utf-8"),
    ],
)
@pytest.mark.parametrize("mode", ["escape", "reject", "raw"])
def test_rows_are_left_to_the_caller_if_pandas_has_no_text(series, mode):
    assert write(pd.DataFrame({"id": 1, "x": series}), mode) is None


@pytest.mark.parametrize(
    ("series", "cls"),
    [
        pytest.param(pd.Series([1]), int, id="int"),
        pytest.param(pd.Series([1], dtype="uint8"), int, id="unsigned"),
        pytest.param(pd.Series([1.5]), float, id="float"),
        pytest.param(pd.Series([True]), bool, id="bool"),
        pytest.param(pd.Series(["a"]), str, id="text"),
        pytest.param(pd.Series(["a"], dtype="category"), str, id="category"),
        pytest.param(pd.Series([pd.Period("2024-01")]), str, id="period"),
        pytest.param(pd.Series([DAY]), datetime.datetime, id="time"),
        pytest.param(pd.Series([UTC_DAY]), datetime.datetime, id="aware"),
        pytest.param(make_objects(pd.Timestamp(DAY)), datetime.datetime, id="object"),
        pytest.param(
            make_objects(1, decimal.Decimal(1)), decimal.Decimal, id="decimal"
        ),
        pytest.param(
            make_arrow([DAY], pa.timestamp("us")), datetime.datetime, id="arrow"
        ),
        pytest.param(pd.Series(["a", None]), type(None), id="missing-text"),
        pytest.param(pd.Series([1.5, NAN]), type(None), id="nan"),
        pytest.param(pd.Series([DAY, pd.NaT]), type(None), id="no-time"),
        pytest.param(pd.Series([1.5, INFINITY]), type(None), id="infinity"),
    ],
)
def test_rows_are_left_to_the_caller_if_a_converter_takes_values(series, cls):
    frame = pd.DataFrame({"x": series})
    assert write(frame, is_converted=lambda kind: kind is cls) is None
    assert write(frame, is_converted=lambda kind: kind is bytes) is not None


def test_converter_of_none_is_not_asked_for_if_nothing_is_missing():
    assert write(pd.Series([1]), is_converted=lambda kind: kind is type(None))


TEXTS = [
    pytest.param("object", id="object"),
    pytest.param("category", id="category"),
    pytest.param("string[python]", id="string"),
    pytest.param("string[pyarrow]", id="arrow-text"),
    pytest.param(pd.ArrowDtype(pa.string()), id="arrow"),
    pytest.param(
        pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string())), id="dictionary"
    ),
    pytest.param(pd.Series(["a"]).dtype, id="default"),
]


def make_texts(values, dtype):
    if getattr(dtype, "pyarrow_dtype", None) is not None:
        array = pa.array(values, pa.string())
        if pa.types.is_dictionary(dtype.pyarrow_dtype):
            array = array.dictionary_encode()
        return pd.Series(pd.arrays.ArrowExtensionArray(array))
    return pd.Series(values, dtype=dtype)


@pytest.mark.parametrize("dtype", TEXTS)
@pytest.mark.parametrize("start", formulas.STARTS)
def test_formulas_are_escaped_refused_or_left(dtype, start):
    text = f"{start}1+1"
    frame = pd.DataFrame({"id": [-1, 0, 1, 2]})
    frame["x"] = make_texts([None, "a", text, ""], dtype)
    before = frame.copy()
    assert [row[1] for row in read(write(frame))] == ["x", "", "a", f"'{text}", ""]
    assert [row[1] for row in read(write(frame, "raw"))] == ["x", "", "a", text, ""]
    with pytest.raises(ValueError) as caught:
        write(frame, "reject")
    assert str(caught.value).startswith(f"Column 'x': {text!r} would be computed")
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("dtype", TEXTS)
def test_text_that_is_no_formula_stays(dtype):
    texts = ["1", "a\n=1", "a\0=1", "", "'=1", " =1", "ä", "?", "B"]
    frame = pd.DataFrame({"id": 1, "x": make_texts(texts, dtype)})
    data = write(frame, "reject")
    assert data == write(frame, "raw") == write(frame, "escape")
    assert data.count(b"'") == 1


@pytest.mark.parametrize("name", ["=a", "@a", "-1"])
def test_names_are_escaped_refused_or_left(name):
    frame = pd.DataFrame({name: [-1], f"'{name}": [2]})
    assert read(write(frame)) == [[f"'{name}", f"'{name}"], ["-1", "2"]]
    assert read(write(frame, "raw"))[0] == [name, f"'{name}"]
    with pytest.raises(ValueError) as caught:
        write(frame, "reject")
    assert str(caught.value).startswith(f"The header, column {name!r}: {name!r} would")


@pytest.mark.parametrize("number", range(1, 128))
def test_formulas_are_those_of_the_csv_renderer(number):
    text = f"{chr(number)}1"
    ((cell,),) = read(CSVRenderer().render([[text]]))
    assert cell == (f"'{text}" if text.startswith(formulas.STARTS) else text)


def test_category_that_no_row_has_is_no_formula():
    categories = pd.CategoricalDtype(["a", "=1"])
    series = pd.Series(["a"], dtype=categories, name="x")
    assert write(series, "reject") == b"x\r\na\r\n"


def test_mixed_objects_are_escaped_if_they_are_text():
    frame = pd.DataFrame({"x": make_objects(-1, "-1", decimal.Decimal(-1), -1.5, None)})
    rows = read(write(frame))
    assert rows == [["x"], ["-1"], ["'-1"], ["-1"], ["-1.5"], [""]]


@pytest.mark.parametrize(
    ("series", "name"),
    [
        pytest.param(pd.Series([1]), "value", id="no-name"),
        pytest.param(pd.Series([1], name="x"), "x", id="name"),
        pytest.param(pd.Series([1], name=0), "0", id="number"),
        pytest.param(pd.Series([1], name=("a", 1)), "a_1", id="levels"),
    ],
)
def test_series_is_a_frame_of_one_column(series, name):
    assert write(series) == f"{name}\r\n1\r\n".encode()
    table = pa.parquet.read_table(io.BytesIO(write_parquet(series)))
    assert table.to_pydict() == {name: [1]}
    assert "<th>value</th>" in write_html(series)


def test_frame_without_columns_is_an_empty_header():
    assert (
        write(pd.DataFrame())
        == pd.DataFrame().to_csv(index=False, lineterminator="\r\n").encode()
    )


def test_frame_is_not_changed_by_any_writer():
    frame = pd.DataFrame(
        {0: [1.5, INFINITY], 1: [2.5, 3.5], "text": ["=1", "a"], "more": ["=2", "b"]}
    )
    before = frame.copy(deep=True)
    view = frame.iloc[:, 1:]
    write(frame), write(view), write_parquet(frame), write_html(frame)
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(view, before.iloc[:, 1:])


@given(st.lists(st.tuples(st.text() | st.none(), st.integers(-99, 99)), min_size=1))
def test_csv_has_each_text_and_no_formula(rows):
    texts, numbers = zip(*rows, strict=True)
    frame = pd.DataFrame({"x": pd.Series(texts, dtype=object), "n": numbers})
    # Python 3.10 reads no NUL.
    lines = write(frame).decode().replace("\0", "\N{SYMBOL FOR NULL}")
    _, *written = csv.reader(io.StringIO(lines, newline=""))
    for (text, number), (cell, written_number) in zip(rows, written, strict=True):
        text = (text or "").replace("\0", "\N{SYMBOL FOR NULL}")
        assert cell == (f"'{text}" if text.startswith(formulas.STARTS) else text)
        assert written_number == str(number)


@pytest.mark.parametrize("values", [["a", None, ""], [1.5, NAN], [None]])
def test_missing_value_in_the_only_column_is_no_empty_line(values):
    # Which readers skip.
    data = write(pd.DataFrame({"x": values}))
    assert data.splitlines()[-1] == b'""'
    assert len(data.splitlines()) == len(values) + 1


# Parquet


def test_parquet_has_the_columns_and_no_index():
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None]}, index=["i", "j"])
    table = pa.parquet.read_table(io.BytesIO(write_parquet(frame)))
    assert table.to_pydict() == {"a": [1, 2], "b": ["x", None]}


def test_representations_are_csv_parquet_and_html():
    assert list_representations() == [
        ("text/csv", None),
        (PARQUET, write_parquet),
        ("text/html", TABLE_PAGE),
    ]


def test_parquet_is_left_out_if_nothing_is_installed_that_writes_it():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "pyarrow", None)
        patch.setitem(sys.modules, "fastparquet", None)
        assert list_representations() == [("text/csv", None), ("text/html", TABLE_PAGE)]


# HTML


HOSTILE = """<script>alert('1') & "2"</script>"""
ESCAPED = "&lt;script&gt;alert(&#39;1&#39;) &amp; &#34;2&#34;&lt;/script&gt;"


def test_html_is_a_page_with_a_table():
    frame = pd.DataFrame({"n": [1, None], "text": ["a", None]})
    page = write_html(frame)
    assert page.startswith("<!doctype html>\n<meta charset=utf-8>\n<title>")
    assert "<thead>\n<tr><th>n</th><th>text</th></tr>\n</thead>\n" in page
    rows = "<tr><td>1.0</td><td>a</td></tr>\n<tr><td></td><td></td></tr>\n"
    assert f"<tbody>\n{rows}</tbody>\n</table>" in page


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(HOSTILE, id="text"),
        pytest.param([HOSTILE], id="list"),
        pytest.param({HOSTILE: {"a": [HOSTILE]}}, id="dict"),
        pytest.param(np.array([HOSTILE]), id="array"),
        pytest.param(Markup(HOSTILE), id="markup"),
    ],
)
def test_hostile_text_is_escaped(value):
    page = write_html(pd.DataFrame({HOSTILE: make_objects(value)}))
    assert "<script" not in page
    assert f"<th>{ESCAPED}</th>" in page
    assert page.count("&lt;script&gt;") >= 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(True, "true", id="bool"),
        pytest.param(np.int8(1), "1", id="numpy"),
        pytest.param(pd.Timestamp(DAY), "Tue, 02 Jan 2024 00:00:00 GMT", id="time"),
        pytest.param(pd.Timedelta(1, "D"), "P1D", id="timedelta"),
        pytest.param(pd.NaT, "", id="no-time"),
        pytest.param(ID, str(ID), id="uuid"),
        pytest.param([1, None, "ä"], '[1, null, "ä"]', id="list"),
        pytest.param([datetime.timedelta(1), pd.NA], '["P1D", null]', id="scalars"),
        pytest.param(np.array([1.5, NAN]), "[1.5, null]", id="array"),
        pytest.param([np.int8(1), np.array([2])], "[1, [2]]", id="nested"),
        pytest.param(Color.RED, "red", id="enum"),
    ],
)
def test_cell_is_what_json_says(value, text):
    page = write_html(make_objects("a", value))
    assert f"<td>{text}</td>".replace('"', "&#34;") in page


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(Secretive(), id="object"),
        pytest.param([Secretive()], id="in-list"),
        pytest.param({"a": (Secretive(),)}, id="in-dict"),
        pytest.param(np.array([Secretive()], object), id="in-array"),
    ],
)
def test_object_without_a_text_is_refused_and_not_shown(value):
    with pytest.raises(ConverterNotFoundError, match="Secretive") as caught:
        write_html(pd.DataFrame({"x": make_objects(value)}))
    assert SECRET not in str(caught.value)
