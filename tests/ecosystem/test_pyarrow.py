from __future__ import annotations

import csv
import datetime
import decimal
import io

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_responsekit.libraries import formulas
from flask_responsekit.libraries.html_table import TABLE_PAGE
from flask_responsekit.libraries.pyarrow import get_item
from flask_responsekit.libraries.pyarrow import list_records
from flask_responsekit.libraries.pyarrow import list_representations
from flask_responsekit.libraries.pyarrow import list_values
from flask_responsekit.libraries.pyarrow import write_arrow_stream
from flask_responsekit.libraries.pyarrow import write_csv
from flask_responsekit.libraries.pyarrow import write_parquet

NAN = float("nan")
INFINITY = float("inf")
DAY = datetime.datetime(2024, 1, 2)
DATE = DAY.date()
DECIMAL = decimal.Decimal("-1.20")
SECOND = datetime.timedelta(seconds=1)

NANOSECONDS = pa.timestamp("ns")
#: A day, and a nanosecond.
MOMENT = pa.scalar(DAY, NANOSECONDS).value + 1


def never(cls):
    return False


def show(value):
    """Tell values apart that are equal, but of other types."""
    return repr(value)


def write(table, mode="escape", is_converted=never):
    return write_csv(table, mode, is_converted)


def read(data):
    return [*csv.reader(io.StringIO(data.decode(), newline=""))]


def write_directly(table):
    file = io.BytesIO()
    pa.csv.write_csv(table, file)
    return file.getvalue()


def is_written(array):
    """Whether a release writes a type into a CSV file."""
    try:
        return bool(write_directly(pa.table({"x": array})))
    except pa.ArrowNotImplementedError:
        return False


# Values

VALUES = [
    pytest.param([1, None], pa.int8(), [1, None], id="int"),
    pytest.param([1.5, NAN, -INFINITY], pa.float64(), [1.5, None, None], id="float"),
    pytest.param([1.5, NAN, None], pa.float32(), [1.5, None, None], id="short-float"),
    pytest.param([1e308, 1e308], pa.float64(), [1e308, 1e308], id="great-float"),
    pytest.param([], pa.float64(), [], id="no-floats"),
    pytest.param([True], pa.bool_(), [True], id="bool"),
    pytest.param(["a", None], pa.string(), ["a", None], id="text"),
    pytest.param(["a"], pa.large_string(), ["a"], id="large-text"),
    pytest.param([b"a"], pa.binary(), [b"a"], id="binary"),
    pytest.param([DECIMAL], pa.decimal128(5, 2), [DECIMAL], id="decimal"),
    pytest.param([DATE], pa.date32(), [DATE], id="date"),
    pytest.param([DAY], pa.timestamp("s"), [DAY], id="time"),
    pytest.param([MOMENT, None], NANOSECONDS, [DAY, None], id="nanoseconds"),
    pytest.param([SECOND], pa.duration("s"), [SECOND], id="duration"),
    pytest.param([10**9 + 1], pa.duration("ns"), [SECOND], id="long-duration"),
    pytest.param([DAY.time()], pa.time32("s"), [DAY.time()], id="time-of-day"),
    pytest.param([1], pa.time64("ns"), [DAY.time()], id="nanosecond-of-day"),
    pytest.param([None], pa.null(), [None], id="null"),
    pytest.param(
        [[1.5, NAN], None], pa.list_(pa.float64()), [[1.5, None], None], id="list"
    ),
    pytest.param([[MOMENT]], pa.list_(NANOSECONDS), [[DAY]], id="list-of-times"),
    pytest.param([[MOMENT]], pa.large_list(NANOSECONDS), [[DAY]], id="large-list"),
    pytest.param([[MOMENT]], pa.list_(NANOSECONDS, 1), [[DAY]], id="fixed-list"),
    pytest.param(
        [{"a": NAN, "at": [MOMENT]}, None],
        pa.struct([("a", pa.float64()), ("at", pa.list_(NANOSECONDS))]),
        [{"a": None, "at": [DAY]}, None],
        id="struct",
    ),
    pytest.param(
        [[("a", MOMENT)]], pa.map_(pa.string(), NANOSECONDS), [[["a", DAY]]], id="map"
    ),
]


@pytest.mark.parametrize(("values", "arrow_type", "expected"), VALUES)
def test_values_become_those_of_python(values, arrow_type, expected):
    array = pa.array(values, arrow_type)
    assert show(list_values(array)) == show(expected)
    assert show(list_values(pa.chunked_array([array, array]))) == show(expected * 2)
    assert show(list_values(pa.chunked_array([], arrow_type))) == "[]"


@pytest.mark.parametrize(("values", "arrow_type", "expected"), VALUES)
def test_scalar_becomes_what_it_is_in_an_array(values, arrow_type, expected):
    scalars = [*pa.array(values, arrow_type)]
    assert show([*map(get_item, scalars)]) == show(expected)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        pytest.param(pa.array(["a", None, "a"]), ["a", None, "a"], id="text"),
        pytest.param(pa.array([1.5, NAN]), [1.5, None], id="float"),
        pytest.param(pa.array([MOMENT], NANOSECONDS), [DAY], id="time"),
    ],
)
def test_dictionary_has_its_values(array, expected):
    array = array.dictionary_encode()
    assert show(list_values(array)) == show(expected)
    assert show([*map(get_item, array)]) == show(expected)


def test_half_floats_are_floats():
    array = pa.array([np.float16(1.5), None, np.float16(NAN)], pa.float16())
    assert show(list_values(array)) == "[1.5, None, None]"


def test_aware_times_stay_aware():
    moment = datetime.datetime(2024, 7, 1, 10, tzinfo=datetime.timezone.utc)
    for unit in ("us", "ns"):
        array = pa.array([moment], pa.timestamp(unit, "Europe/Berlin"))
        assert list_values(array)[0].isoformat() == "2024-07-01T12:00:00+02:00"


@given(st.lists(st.floats() | st.none()))
def test_floats_are_finite(floats):
    values = list_values(pa.array(floats, pa.float64()))
    assert values == [
        x if x is not None and abs(x) < INFINITY else None for x in floats
    ]


# Records


def make_batch(columns):
    (batch,) = pa.table(columns).to_batches()
    return batch


@pytest.fixture(params=[pa.table, make_batch], ids=["table", "batch"])
def make(request):
    """Make a table, or a record batch, of columns by name."""
    return request.param


def test_records_have_the_values_of_rows_by_column(make):
    table = make({"id": [1, 2], "at": [DAY, None], "x": [NAN, 1.5]})
    assert list_records(table) == [
        {"id": 1, "at": DAY, "x": None},
        {"id": 2, "at": None, "x": 1.5},
    ]


def test_table_without_columns_has_no_records():
    assert list_records(pa.table({})) == []


def test_name_that_is_there_twice_is_refused_but_in_csv():
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(ValueError, match="Two columns are named 'a'.*Rename one"):
        list_records(table)
    assert read(write(table)) == [["a", "a"], ["1", "2"]]


# CSV


def test_csv_is_that_of_arrow(make):
    columns = {
        "id": [1, -2],
        "x": [-0.5, None],
        "text": ["a,b", 'é"\r'],
        "at": [DAY] * 2,
    }
    table = make(columns)
    expected = write_directly(pa.table(columns))
    assert write(table) == expected
    assert write(table, "reject") == write(table, "raw") == expected


@pytest.mark.parametrize(
    ("array", "texts"),
    [
        pytest.param(pa.array([-1.5, NAN, INFINITY]), ["-1.5", "", ""], id="float"),
        pytest.param(
            pa.array([-1.5, NAN]).dictionary_encode(), ["-1.5", ""], id="dictionary"
        ),
        pytest.param(pa.array([None, True]), ["", "true"], id="bool"),
        pytest.param(pa.array([DATE]), ["2024-01-02"], id="date"),
        pytest.param(pa.array([DAY.time()]), ["00:00:00.000000"], id="time"),
        pytest.param(pa.nulls(2), ["", ""], id="null"),
        pytest.param(pa.array(["a\r\nb", "\n"]), ["a\r\nb", "\n"], id="lines"),
    ],
)
@pytest.mark.parametrize("mode", ["escape", "reject", "raw"])
def test_values_are_written_as_text(array, texts, mode):
    table = pa.table({"id": range(len(array)), "x": array})
    assert [row[1] for row in read(write(table, mode))[1:]] == texts


DECIMALS = pa.array([DECIMAL])


def test_decimals_are_written_as_numbers_by_releases_that_can():
    expected = b'"x"\n-1.20\n' if is_written(DECIMALS) else None
    assert write(pa.table({"x": DECIMALS})) == expected


@pytest.mark.parametrize(
    "array",
    [
        pytest.param(pa.array([[1]]), id="list"),
        pytest.param(pa.array([{"a": 1}]), id="struct"),
        pytest.param(pa.array([b"a"]), id="binary"),
        pytest.param(pa.array([SECOND]), id="duration"),
        pytest.param(pa.array([b"a"]).dictionary_encode(), id="dictionary"),
        pytest.param(pa.array([np.float16(1)], pa.float16()), id="half-float"),
        pytest.param(pa.array([DAY], pa.timestamp("s", "No/Where")), id="no-zone"),
    ],
)
def test_rows_are_left_to_the_caller_if_arrow_has_no_text(array):
    assert write(pa.table({"id": [1], "x": array})) is None


@pytest.mark.parametrize(
    ("array", "cls"),
    [
        pytest.param(pa.array([1]), int, id="int"),
        pytest.param(pa.array([1.5]), float, id="float"),
        pytest.param(pa.array([True]), bool, id="bool"),
        pytest.param(pa.array(["a"]), str, id="text"),
        pytest.param(pa.array(["a"]).dictionary_encode(), str, id="dictionary"),
        pytest.param(pa.array([DATE]), datetime.date, id="date"),
        pytest.param(pa.array([DAY]), datetime.datetime, id="datetime"),
        pytest.param(pa.array([DAY.time()]), datetime.time, id="time"),
        pytest.param(pa.array(["a", None]), type(None), id="missing"),
        pytest.param(pa.array([1.5, NAN]), type(None), id="nan"),
    ],
)
def test_rows_are_left_to_the_caller_if_a_converter_takes_values(array, cls):
    table = pa.table({"x": array, "more": array})
    assert write(table, is_converted=lambda kind: kind is cls) is None
    assert write(table, is_converted=lambda kind: kind is bytes) is not None


def test_converter_of_none_is_not_asked_for_if_nothing_is_missing():
    assert write(pa.table({"x": [1]}), is_converted=lambda kind: kind is type(None))


def make_texts(values, kind):
    array = pa.array(values, pa.large_string() if kind == "large" else pa.string())
    return array.dictionary_encode() if kind == "dictionary" else array


KINDS = pytest.mark.parametrize("kind", ["text", "large", "dictionary"])


@KINDS
@pytest.mark.parametrize("start", formulas.STARTS)
def test_formulas_are_escaped_refused_or_left(kind, start, make):
    text = f"{start}1+1"
    table = make({"id": [-1, 0, 1], "x": make_texts([None, "a", text], kind)})
    assert [row[1] for row in read(write(table))] == ["x", "", "a", f"'{text}"]
    assert [row[1] for row in read(write(table, "raw"))] == ["x", "", "a", text]
    with pytest.raises(ValueError) as caught:
        write(table, "reject")
    assert str(caught.value).startswith(f"Column 'x': {text!r} would be computed")


@KINDS
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
    table = pa.table({"id": range(len(texts)), "x": make_texts(texts, kind)})
    data = write(table, "reject")
    assert data == write(table, "raw") == write(table) == write_directly(table)


@pytest.mark.parametrize("name", ["=a", "@a", "-1", '+"\r'])
def test_names_are_escaped_refused_or_left(name):
    table = pa.table({name: [-1], f"'{name}": [2]})
    assert read(write(table)) == [[f"'{name}", f"'{name}"], ["-1", "2"]]
    assert read(write(table, "raw"))[0] == [name, f"'{name}"]
    with pytest.raises(ValueError) as caught:
        write(table, "reject")
    assert str(caught.value).startswith(f"The header, column {name!r}: {name!r} would")


@given(st.lists(st.tuples(st.text() | st.none(), st.integers(-99, 99)), min_size=1))
def test_csv_has_each_text_and_no_formula(rows):
    texts, numbers = zip(*rows, strict=True)
    table = pa.table({"x": pa.array(texts, pa.string()), "n": numbers})
    # Python 3.10 reads no NUL.
    lines = write(table).decode().replace("\0", "\N{SYMBOL FOR NULL}")
    _, *written = csv.reader(io.StringIO(lines, newline=""))
    for (text, number), (cell, written_number) in zip(rows, written, strict=True):
        text = (text or "").replace("\0", "\N{SYMBOL FOR NULL}")
        assert cell == (f"'{text}" if text.startswith(formulas.STARTS) else text)
        assert written_number == str(number)


def test_missing_value_in_the_only_column_is_no_empty_line():
    # Which readers skip.
    assert write(pa.table({"x": ["a", None]})) is None
    assert write(pa.table({"x": ["a", ""]})) == b'"x"\n"a"\n""\n'


# Files


def test_parquet_has_all_values(make):
    table = make({"a": [1, 2], "b": [[1.5], None]})
    read_table = pa.parquet.read_table(io.BytesIO(write_parquet(table)))
    assert read_table.to_pydict() == table.to_pydict()


def test_arrow_stream_has_all_values(make):
    table = make({"a": [1, 2], "b": [[1.5], None]})
    read_table = pa.ipc.open_stream(write_arrow_stream(table)).read_all()
    assert read_table.to_pydict() == table.to_pydict()


def test_representations_are_csv_parquet_an_arrow_stream_and_html():
    assert list_representations() == [
        ("text/csv", None),
        ("application/vnd.apache.parquet", write_parquet),
        ("application/vnd.apache.arrow.stream", write_arrow_stream),
        ("text/html", TABLE_PAGE),
    ]
