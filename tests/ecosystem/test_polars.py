from __future__ import annotations

import csv
import datetime
import decimal
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_responsekit import ConverterNotFoundError
from flask_responsekit.converters import BUILT_IN
from flask_responsekit.libraries import formulas
from flask_responsekit.libraries.html_table import TABLE_PAGE
from flask_responsekit.libraries.polars import list_records
from flask_responsekit.libraries.polars import list_representations
from flask_responsekit.libraries.polars import list_values
from flask_responsekit.libraries.polars import write_csv
from flask_responsekit.libraries.polars import write_parquet
from flask_responsekit.plain import to_plain

NAN = float("nan")
INFINITY = float("inf")
DAY = datetime.datetime(2024, 1, 2)
DATE = DAY.date()
DECIMAL = decimal.Decimal("-1.20")
SECRET = "secret"


class User:
    def __repr__(self):
        return SECRET


def never(cls):
    return False


def show(value):
    """Tell values apart that are equal, but of other types."""
    return repr(value)


def write(frame, mode="escape", is_converted=never):
    return write_csv(frame, mode, is_converted)


def write_html(frame):
    return TABLE_PAGE.render(to_plain(frame, BUILT_IN)).decode()


def read(data):
    return [*csv.reader(io.StringIO(data.decode(), newline=""))]


def read_parquet(data):
    return pl.read_parquet(io.BytesIO(data))


# Values


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        pytest.param(pl.Series([1, None]), [1, None], id="int"),
        pytest.param(pl.Series([2**64 - 1], dtype=pl.UInt64), [2**64 - 1], id="u64"),
        pytest.param(
            pl.Series([1.5, NAN, None, INFINITY, -INFINITY]),
            [1.5, None, None, None, None],
            id="float",
        ),
        pytest.param(
            pl.Series([1.5, NAN], dtype=pl.Float32), [1.5, None], id="short-float"
        ),
        pytest.param(pl.Series([1e308, 1e308]), [1e308, 1e308], id="great-float"),
        pytest.param(pl.Series([True]), [True], id="bool"),
        pytest.param(pl.Series(["a", None]), ["a", None], id="text"),
        pytest.param(
            pl.Series(["a", None], dtype=pl.Categorical), ["a", None], id="categorical"
        ),
        pytest.param(
            pl.Series(["a", None], dtype=pl.Enum(["b", "a"])), ["a", None], id="enum"
        ),
        pytest.param(pl.Series([DECIMAL]), [DECIMAL], id="decimal"),
        pytest.param(pl.Series([DATE]), [DATE], id="date"),
        pytest.param(pl.Series([DAY, None]), [DAY, None], id="datetime"),
        pytest.param(pl.Series([DAY]).cast(pl.Datetime("ns")), [DAY], id="nanoseconds"),
        pytest.param(pl.Series([DAY.time()]), [DAY.time()], id="time"),
        pytest.param(
            pl.Series([datetime.timedelta(1)]), [datetime.timedelta(1)], id="duration"
        ),
        pytest.param(pl.Series([b"a"]), [b"a"], id="binary"),
        pytest.param(pl.Series([None]), [None], id="null"),
        pytest.param(pl.Series([]), [], id="empty"),
        pytest.param(pl.Series([], dtype=pl.Float64), [], id="no-floats"),
        pytest.param(
            pl.Series([[1.5, NAN], None]), [[1.5, None], None], id="list-of-floats"
        ),
        pytest.param(pl.Series([[DAY]]), [[DAY]], id="list-of-times"),
        pytest.param(
            pl.Series([[1.5, NAN]], dtype=pl.Array(pl.Float64, 2)),
            [[1.5, None]],
            id="array",
        ),
        pytest.param(
            pl.Series([{"a": NAN, "b": [{"c": INFINITY, "d": DECIMAL}]}]),
            [{"a": None, "b": [{"c": None, "d": DECIMAL}]}],
            id="struct",
        ),
    ],
)
def test_values_become_those_of_python(series, expected):
    assert show(list_values(series)) == show(expected)


def test_objects_stay_as_they_are():
    user = User()
    assert list_values(pl.Series([user], dtype=pl.Object))[0] is user


def test_aware_times_stay_aware():
    series = pl.Series([datetime.datetime(2024, 7, 1, 10)])
    series = series.dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Berlin")
    assert list_values(series)[0].isoformat() == "2024-07-01T12:00:00+02:00"


@given(st.lists(st.floats() | st.none()))
def test_floats_are_finite(floats):
    values = list_values(pl.Series(floats, dtype=pl.Float64))
    assert values == [
        x if x is not None and abs(x) < INFINITY else None for x in floats
    ]


# Records


def test_records_have_the_values_of_rows_by_column():
    frame = pl.DataFrame({"id": [1, 2], "at": [DAY, None], "x": [NAN, 1.5]})
    assert list_records(frame) == [
        {"id": 1, "at": DAY, "x": None},
        {"id": 2, "at": None, "x": 1.5},
    ]


def test_frame_without_columns_or_rows_has_no_records():
    assert list_records(pl.DataFrame()) == []
    assert list_records(pl.DataFrame({"a": []})) == []


# CSV


def test_csv_is_that_of_polars():
    frame = pl.DataFrame(
        {"id": [1, -2], "x": [-0.5, None], "text": ["a,b", 'é"\r'], "ok": [True, False]}
    ).with_columns(at=pl.lit(DAY), day=pl.lit(DATE), time=pl.lit(DAY.time()))
    expected = frame.write_csv(line_terminator="\r\n").encode()
    assert write(frame) == expected
    assert write(frame, "reject") == write(frame, "raw") == expected


@pytest.mark.parametrize(
    ("series", "texts"),
    [
        pytest.param(pl.Series([-1.5, NAN, INFINITY]), ["-1.5", "", ""], id="float"),
        pytest.param(pl.Series([DECIMAL]), ["-1.20"], id="decimal"),
        pytest.param(pl.Series([None, None]), ["", ""], id="null"),
        pytest.param(
            pl.Series(["a", None], dtype=pl.Categorical), ["a", ""], id="categorical"
        ),
        pytest.param(pl.Series(["a"], dtype=pl.Enum(["=1", "a"])), ["a"], id="enum"),
        pytest.param(pl.Series(["a\r\nb", "\n"]), ["a\r\nb", "\n"], id="lines"),
    ],
)
@pytest.mark.parametrize("mode", ["escape", "reject", "raw"])
def test_values_are_written_as_text(series, texts, mode):
    frame = pl.DataFrame({"id": range(len(series)), "x": series})
    assert [row[1] for row in read(write(frame, mode))[1:]] == texts


@pytest.mark.parametrize(
    "series",
    [
        pytest.param(pl.Series([[1]]), id="list"),
        pytest.param(pl.Series([[1]], dtype=pl.Array(pl.Int64, 1)), id="array"),
        pytest.param(pl.Series([{"a": 1}]), id="struct"),
        pytest.param(pl.Series([User()], dtype=pl.Object), id="object"),
        pytest.param(pl.Series([b"a"]), id="binary"),
        pytest.param(pl.Series([datetime.timedelta(1)]), id="duration"),
    ],
)
def test_rows_are_left_to_the_caller_if_polars_has_no_text(series):
    assert write(pl.DataFrame({"id": [1], "x": series})) is None


@pytest.mark.parametrize(
    ("series", "cls"),
    [
        pytest.param(pl.Series([1]), int, id="int"),
        pytest.param(pl.Series([1.5]), float, id="float"),
        pytest.param(pl.Series([True]), bool, id="bool"),
        pytest.param(pl.Series(["a"]), str, id="text"),
        pytest.param(pl.Series(["a"], dtype=pl.Categorical), str, id="categorical"),
        pytest.param(pl.Series(["a"], dtype=pl.Enum(["a"])), str, id="enum"),
        pytest.param(pl.Series([DECIMAL]), decimal.Decimal, id="decimal"),
        pytest.param(pl.Series([DATE]), datetime.date, id="date"),
        pytest.param(pl.Series([DAY]), datetime.datetime, id="datetime"),
        pytest.param(pl.Series([DAY.time()]), datetime.time, id="time"),
        pytest.param(pl.Series(["a", None]), type(None), id="missing"),
        pytest.param(pl.Series([1.5, NAN]), type(None), id="nan"),
    ],
)
def test_rows_are_left_to_the_caller_if_a_converter_takes_values(series, cls):
    assert write(series, is_converted=lambda kind: kind is cls) is None
    assert write(series, is_converted=lambda kind: kind is bytes) is not None


def test_converter_of_none_is_not_asked_for_if_nothing_is_missing():
    assert write(pl.Series([1]), is_converted=lambda kind: kind is type(None))


def make_texts(values, kind):
    is_enum = kind == "enum"
    dtypes = {"text": pl.String, "categorical": pl.Categorical}
    names = [*dict.fromkeys(filter(None, [*values, "unused"]))]
    return pl.Series(values, dtype=pl.Enum(names) if is_enum else dtypes[kind])


@pytest.mark.parametrize("kind", ["text", "categorical", "enum"])
@pytest.mark.parametrize("start", formulas.STARTS)
def test_formulas_are_escaped_refused_or_left(kind, start):
    text = f"{start}1+1"
    frame = pl.DataFrame({"id": [-1, 0, 1], "x": make_texts([None, "a", text], kind)})
    before = frame.clone()
    assert [row[1] for row in read(write(frame))] == ["x", "", "a", f"'{text}"]
    assert [row[1] for row in read(write(frame, "raw"))] == ["x", "", "a", text]
    with pytest.raises(ValueError) as caught:
        write(frame, "reject")
    assert str(caught.value).startswith(f"Column 'x': {text!r} would be computed")
    assert frame.equals(before)


@pytest.mark.parametrize("kind", ["text", "categorical"])
@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(["a", "B", "ä", "\U0001f600"], id="letters"),
        pytest.param(["1", "a", "9" * 20], id="digits"),
        pytest.param(["", "'=1", " =1", "?", "a\n=1", "<"], id="others"),
        pytest.param([None, None], id="missing"),
        pytest.param([], id="empty"),
    ],
)
def test_text_that_is_no_formula_stays(texts, kind):
    frame = pl.DataFrame({"id": range(len(texts)), "x": make_texts(texts, kind)})
    data = write(frame, "reject")
    assert data == write(frame, "raw") == write(frame, "escape")
    assert data == frame.write_csv(line_terminator="\r\n").encode()


@pytest.mark.parametrize("name", ["=a", "@a", "-1", '+"\r'])
def test_names_are_escaped_refused_or_left(name):
    frame = pl.DataFrame({name: [-1], f"'{name}": [2]})
    assert read(write(frame)) == [[f"'{name}", f"'{name}"], ["-1", "2"]]
    assert read(write(frame, "raw"))[0] == [name, f"'{name}"]
    with pytest.raises(ValueError) as caught:
        write(frame, "reject")
    assert str(caught.value).startswith(f"The header, column {name!r}: {name!r} would")


@pytest.mark.parametrize("name", ["", "x"])
def test_series_is_a_frame_of_one_column(name):
    series = pl.Series(name, [1])
    assert write(series) == f"{name or 'value'}\r\n1\r\n".encode()
    assert read_parquet(write_parquet(series)).to_dicts() == [{name or "value": 1}]
    assert "<th>value</th>" in write_html(series)


@given(st.lists(st.tuples(st.text() | st.none(), st.integers(-99, 99)), min_size=1))
def test_csv_has_each_text_and_no_formula(rows):
    texts, numbers = zip(*rows, strict=True)
    frame = pl.DataFrame({"x": pl.Series(texts, dtype=pl.String), "n": numbers})
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
    data = write(pl.DataFrame({"x": values}))
    assert data.splitlines()[-1] == b'""'
    assert len(data.splitlines()) == len(values) + 1


# Parquet


def test_parquet_has_all_values():
    frame = pl.DataFrame({"a": [1, 2], "b": [[1.5, NAN], None], "c": [DAY, None]})
    assert read_parquet(write_parquet(frame)).equals(frame)


def test_representations_are_csv_parquet_and_html():
    assert list_representations() == [
        ("text/csv", None),
        ("application/vnd.apache.parquet", write_parquet),
        ("text/html", TABLE_PAGE),
    ]


# HTML


HOSTILE = """<script>alert('1') & "2"</script>"""
ESCAPED = "&lt;script&gt;alert(&#39;1&#39;) &amp; &#34;2&#34;&lt;/script&gt;"


def test_html_is_a_page_with_a_table():
    page = write_html(pl.DataFrame({"n": [1, None], "text": ["a", None]}))
    assert page.startswith("<!doctype html>\n<meta charset=utf-8>\n<title>")
    assert "<thead>\n<tr><th>n</th><th>text</th></tr>\n</thead>\n" in page
    rows = "<tr><td>1</td><td>a</td></tr>\n<tr><td></td><td></td></tr>\n"
    assert f"<tbody>\n{rows}</tbody>\n</table>" in page
    assert "td:nth-child(1) { text-align: right }" in page


def test_html_of_nothing_is_a_page():
    assert "<tbody>\n</tbody>" in write_html(pl.DataFrame())


@pytest.mark.parametrize(
    "series",
    [
        pytest.param(pl.Series([HOSTILE]), id="text"),
        pytest.param(pl.Series([[HOSTILE]]), id="list"),
        pytest.param(pl.Series([{HOSTILE: HOSTILE}]), id="struct"),
        pytest.param(pl.Series([HOSTILE], dtype=pl.Categorical), id="categorical"),
    ],
)
def test_hostile_text_is_escaped(series):
    page = write_html(pl.DataFrame({HOSTILE: series}))
    assert "<script" not in page
    assert f"<th>{ESCAPED}</th>" in page
    assert page.count("&lt;script&gt;") >= 2


@pytest.mark.parametrize(
    ("series", "text"),
    [
        pytest.param(pl.Series([DECIMAL]), "-1.20", id="decimal"),
        pytest.param(pl.Series([DAY]), "Tue, 02 Jan 2024 00:00:00 GMT", id="datetime"),
        pytest.param(pl.Series([[True, None]]), "[true, null]", id="list"),
        pytest.param(pl.Series([[{"a": 1.5}]]), '[{"a": 1.5}]', id="struct"),
    ],
)
def test_cell_is_what_json_says(series, text):
    assert f"<td>{text}</td>".replace('"', "&#34;") in write_html(series)


@pytest.mark.parametrize(
    ("series", "name"),
    [
        pytest.param(pl.Series("x", [User()], dtype=pl.Object), "User", id="object"),
        pytest.param(pl.Series("x", [b"a"]), "bytes", id="binary"),
        pytest.param(pl.Series("x", [[b"a"]]), "bytes", id="in-list"),
    ],
)
def test_object_without_a_text_is_refused_and_not_shown(series, name):
    with pytest.raises(ConverterNotFoundError, match=f"of type {name} is") as caught:
        write_html(series)
    assert SECRET not in str(caught.value)
