"""What the renderers write of rows that come in batches."""

from __future__ import annotations

import collections
import contextlib
import csv
import dataclasses
import decimal
import enum
import io
import itertools
import json
import re
import sqlite3
import sys

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_responsekit import ConverterRegistry
from flask_responsekit import CSVRenderer
from flask_responsekit import JSONRenderer
from flask_responsekit import NDJSONRenderer
from flask_responsekit.converters import BUILT_IN
from flask_responsekit.plain import Plain
from flask_responsekit.renderers.json_rows import find_quick_encoder
from flask_responsekit.renderers.protocol import as_it_is

NAN = float("nan")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Color(enum.Enum):
    RED = "red"


class Name(str):
    pass


@dataclasses.dataclass
class Point:
    x: object = 0
    y: object = 0


@dataclasses.dataclass(slots=True)
class Slots:
    x: object = 0
    y: object = 0


@attrs.define(slots=False)
class Attrs:
    x: object = 0
    y: object = 0


@dataclasses.dataclass
class Hidden:
    x: object
    y: object


Pair = collections.namedtuple("Pair", "x y")


def make_plain(*pairs, default=None):
    converters = ConverterRegistry(BUILT_IN)
    for cls, converter in pairs:
        converters.add(cls, converter)
    return Plain(converters, default, text_keys=True)


to_plain = make_plain()


@contextlib.contextmanager
def without_msgspec():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "msgspec", None)
        find_quick_encoder.cache_clear()
        yield
    find_quick_encoder.cache_clear()


@pytest.fixture(params=[True, False], ids=["msgspec", "json"])
def is_quick(request):
    """With the quicker encoder, and without."""
    with contextlib.nullcontext() if request.param else without_msgspec():
        yield request.param


def split(rows, sizes):
    """Rows in batches of these sizes, and one of what is left."""
    rest = iter(rows)
    batches = [[*itertools.islice(rest, size)] for size in sizes]
    return [*batches, [*rest]]


def write(renderer, batches, to_plain=to_plain):
    return b"".join(renderer.render_rows(batches, to_plain))


def attempt(renderer, batches, to_plain=to_plain):
    """What is written, and the error that comes then."""
    written = []
    try:
        for chunk in renderer.render_rows(batches, to_plain):
            written.append(chunk)
    except Exception as error:
        return b"".join(written), f"{type(error).__name__}: {error}"
    return b"".join(written), None


def write_by_columns(batches, to_plain=to_plain, **options):
    return write(CSVRenderer(**options), batches, to_plain).decode()


# What is written of rows of many sorts

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
texts |= st.sampled_from(["", '"', ",", "a,b", "a\r\nb", "\n", "\r", " ", "'", ";"])
texts |= st.builds(str.__add__, st.sampled_from(FORMULA_STARTS), texts)
floats = st.floats(allow_nan=False, allow_infinity=False)
floats |= st.sampled_from([-0.0, 1e16, 1e-5, 5e-324, 1e300, 0.1])
#: What each encoder of JSON writes in the same way.
plain_floats = st.floats(0.0001, 1e15) | st.floats(-1e15, -0.0001) | st.just(-0.0)
integers = st.integers() | st.sampled_from([2**63, 2**64, -(10**40)])
nested = st.lists(texts | integers | st.none(), max_size=2)
nested |= st.dictionaries(texts, plain_floats | st.booleans(), max_size=2)
KINDS = [st.none(), st.booleans(), integers, floats, texts, nested]
#: Columns of one type, with gaps, and of all types.
kinds = st.sampled_from(KINDS)
kinds |= st.builds(st.one_of, kinds, st.just(st.none())) | st.just(st.one_of(KINDS))


@st.composite
def tables(draw):
    """A header, and lists of as many cells."""
    names = draw(st.lists(texts, min_size=1, max_size=3, unique=True))
    columns = [draw(kinds) for _ in names]
    return names, draw(st.lists(st.tuples(*columns).map(list), max_size=5))


batch_sizes = st.lists(st.integers(0, 3), max_size=5)
modes = st.sampled_from(["escape", "raw"])


def write_cell(cell, formulas):
    if cell is None or cell is True or cell is False:
        return {None: "", True: "true", False: "false"}[cell]
    if not isinstance(cell, str):
        is_data = isinstance(cell, (list, dict))
        options = {"ensure_ascii": False, "separators": (",", ":")}
        return json.dumps(cell, **options) if is_data else repr(cell)
    is_formula = formulas == "escape" and cell.startswith(FORMULA_STARTS)
    return f"'{cell}" if is_formula else cell


def expect_csv(lines, formulas="escape"):
    """What the standard library writes."""
    file = io.StringIO(newline="")
    texts = [[write_cell(cell, formulas) for cell in line] for line in lines]
    csv.writer(file).writerows(texts)
    return texts, file.getvalue()


@given(tables(), modes, batch_sizes)
def test_csv_is_that_of_the_standard_library(table, formulas, sizes):
    names, lines = table
    texts, expected = expect_csv([names, *lines], formulas)
    dicts = [dict(zip(names, line, strict=True)) for line in lines]
    options = {"formulas": formulas, "columns": names}
    for rows in (lines, [*map(tuple, lines)], dicts):
        for batches in ([rows], split(rows, sizes)):
            assert write_by_columns(batches, **options) == expected
    if lines:
        assert write_by_columns(split(dicts, sizes), formulas=formulas) == expected
    assert [*csv.reader(io.StringIO(expected, newline=""))] == texts
    with without_msgspec():
        assert write_by_columns([dicts], **options) == expected


@given(tables(), modes)
def test_csv_is_the_same_row_by_row(table, formulas):
    names, lines = table
    _, expected = expect_csv([names, *lines], formulas)
    # One row that is unlike the others has each of them written by itself.
    renderer = CSVRenderer(columns=names, formulas=formulas)
    written, error = attempt(renderer, [[*lines, {}]])
    if lines:
        assert written.decode() == expected
        assert error.startswith(f"ValueError: Row {len(lines) + 1} is a dict, and row")


@given(tables(), batch_sizes)
def test_refused_formula_is_that_of_the_first_cell_that_has_one(table, sizes):
    names, lines = table
    renderer = CSVRenderer(columns=names, formulas="reject")
    found = [
        (number, name)
        for number, line in enumerate([names, *lines])
        for name, cell in zip(names, line, strict=True)
        if isinstance(cell, str) and cell.startswith(FORMULA_STARTS)
    ]
    for batches in ([lines], split(lines, sizes)):
        written, error = attempt(renderer, batches)
        whole = [names, *lines]
        if found:
            # The header goes out with the first row.
            whole = whole[: found[0][0]] if found[0][0] > 1 else []
        assert written.decode() == expect_csv(whole, "raw")[1]
        if found:
            number, name = found[0]
            place = f"Row {number}" if number else "The header"
            assert error.startswith(f"ValueError: {place}, column {name!r}: ")
        else:
            assert error is None


@st.composite
def dicts_with_gaps(draw):
    """Dicts, of which the first has all keys, and each its own order of them."""
    names, lines = draw(tables())
    rows = [dict(zip(names, line, strict=True)) for line in lines]
    orders = st.lists(st.sampled_from(names), unique=True)
    return rows[:1] + [{name: row[name] for name in draw(orders)} for row in rows[1:]]


@given(dicts_with_gaps(), batch_sizes)
def test_csv_of_a_stream_is_that_of_a_list_with_the_same_keys(rows, sizes):
    buffered = CSVRenderer().render_value(rows, list, to_plain)
    assert write(CSVRenderer(), split(rows, sizes)) == buffered
    assert write(CSVRenderer(), split(rows, sizes), as_it_is) == buffered


MAKERS = [
    *(Point, Slots, Attrs, Pair),
    lambda x, y: {"x": x, "y": y},
    lambda x, y: collections.OrderedDict(y=y, x=x),
    lambda x, y: (x, y),
    lambda x, y: [x],
    lambda x, y: x,
    lambda x, y: {"x": x, "z": y},
]
cells = st.none() | st.booleans() | integers | plain_floats | texts | nested
cells |= st.decimals() | st.sampled_from([*Color, NAN, Point(1, 2)])
alike = st.sampled_from(MAKERS).flatmap(
    lambda make: st.lists(st.builds(make, cells, cells), max_size=5)
)
unlike = [st.builds(make, cells, cells) for make in MAKERS]
unlike = st.lists(st.one_of(unlike), max_size=5)
RENDERERS = {
    "json": JSONRenderer(),
    "ndjson": NDJSONRenderer(),
    "csv": CSVRenderer(),
    "csv with columns": CSVRenderer(columns=["y", "x"]),
    "csv without formulas": CSVRenderer(formulas="reject"),
}
PLAIN = {
    "built in": to_plain,
    "converters": make_plain((Point, lambda point: {"x": 0}), (Color, str)),
    "default": make_plain(default=str),
}


@pytest.mark.parametrize("renderer", RENDERERS.values(), ids=RENDERERS)
@given(name=st.sampled_from([*PLAIN]), rows=alike | unlike, sizes=batch_sizes)
def test_batches_of_any_size_give_the_same(renderer, name, rows, sizes):
    to_plain = PLAIN[name]
    expected = attempt(renderer, [rows], to_plain)
    assert attempt(renderer, split(rows, sizes), to_plain) == expected
    assert attempt(renderer, [[row] for row in rows], to_plain) == expected


# JSON arrays


@pytest.mark.parametrize(
    ("batches", "chunks"),
    [
        pytest.param([], [b"[]"], id="nothing"),
        pytest.param([[], []], [b"", b"", b"[]"], id="no-rows"),
        pytest.param([[1]], [b"[1", b"]"], id="one"),
        pytest.param([[1, 2], [3]], [b"[1,2", b",3", b"]"], id="some"),
        pytest.param([[], [1], [], [2]], [b"", b"[1", b"", b",2", b"]"], id="gaps"),
        pytest.param([[None], [""]], [b"[null", b',""', b"]"], id="nothing-in-it"),
    ],
)
def test_rows_are_the_items_of_an_array(batches, chunks, is_quick):
    assert [*JSONRenderer().render_rows(batches, as_it_is)] == chunks


def test_array_does_not_end_after_an_error(is_quick):
    written, error = attempt(JSONRenderer(), [[1], [2, {"a": NAN}, 3]])
    assert written == b"[1,2"
    assert error.startswith("ValueError: Record 3 cannot be written")


def test_array_does_not_begin_if_the_first_row_is_an_error(is_quick):
    written, error = attempt(JSONRenderer(), [[], [NAN, 1]])
    assert (written, error[:20]) == (b"", "ValueError: Record 1")


# The header of a CSV file


@pytest.mark.parametrize("batches", [[], [[]], [[], []]], ids=repr)
def test_file_of_no_rows_has_the_header_that_is_declared(batches):
    assert write_by_columns(batches) == ""
    assert write_by_columns(batches, columns=["b", "a"]) == "b,a\r\n"


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        pytest.param([{"a": 1}, {"a": 2}], "a\r\n1\r\n2\r\n", id="dicts"),
        pytest.param(
            [{1: 2, None: 3}], "1,null\r\n2,3\r\n", id="keys-that-are-no-text"
        ),
        pytest.param([{}, {}], '""\r\n""\r\n""\r\n', id="dicts-without-keys"),
        pytest.param([Point(1, "a")], "x,y\r\n1,a\r\n", id="dataclass"),
        pytest.param([Pair(1, 2), (3, 4)], "1,2\r\n3,4\r\n", id="tuples"),
        pytest.param([[1, 2], [3], []], '1,2\r\n3\r\n""\r\n', id="lists"),
        pytest.param([1, "=a", None], '1\r\n\'=a\r\n""\r\n', id="scalars"),
        pytest.param([None], '""\r\n', id="None"),
        pytest.param([decimal.Decimal("-1")], "-1\r\n", id="number"),
        pytest.param([{"a": ""}, {"a": None}], 'a\r\n""\r\n""\r\n', id="empty"),
        pytest.param([{"": 1}], '""\r\n1\r\n', id="key-without-characters"),
        pytest.param([{"=a": 1}], "'=a\r\n1\r\n", id="formula"),
    ],
)
def test_first_row_says_what_the_header_is(rows, text):
    assert write_by_columns([rows]) == text
    assert write_by_columns([[row] for row in rows]) == text


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        pytest.param([{"a": 1, "c": 0}, {"c": 3}], "b,a\r\n,1\r\n,\r\n", id="dicts"),
        pytest.param([Point(1, 2)], "b,a\r\n,\r\n", id="dataclass"),
        pytest.param([[1, 2]], "b,a\r\n1,2\r\n", id="lists"),
        pytest.param([Pair(1, 2), Pair(3, 4)], "b,a\r\n1,2\r\n3,4\r\n", id="tuples"),
    ],
)
def test_declared_columns_are_the_header(rows, text):
    assert write_by_columns([rows], columns=["b", "a"]) == text


def test_header_goes_with_the_first_row():
    chunks = CSVRenderer().render_rows(iter([[], [{"a": 1, "b": 2}]]), to_plain)
    assert [*chunks] == [b"", b"a,b\r\n1,2\r\n"]


# Rows that do not fit


@pytest.mark.parametrize(
    ("batches", "written", "message"),
    [
        pytest.param(
            [[{"a": 1, "b": 2}], [{"a": 3, "b": 4}, {"b": 5, "c": 6}, {"a": 7}]],
            "a,b\r\n1,2\r\n3,4\r\n",
            r"Row 3 has 'c', but the header, .* has a, b\. Declare all .*columns=",
            id="new-column",
        ),
        pytest.param(
            [[{"a": 1, "b": 2}], [{"a": 3, "b": 4, "c": 5, "d": 6}]],
            "a,b\r\n1,2\r\n",
            "Row 2 has 'c', 'd', but the header",
            id="more-columns",
        ),
        pytest.param(
            [[Point(1, 2)], [{"x": 3, "y": 4}, Attrs(5, 6), {"x": 7, "z": 8}]],
            "x,y\r\n1,2\r\n3,4\r\n5,6\r\n",
            "Row 4 has 'z', but the header",
            id="new-column-of-another-type",
        ),
        pytest.param(
            [[{}], [{"a": 1}]],
            '""\r\n""\r\n',
            "Row 2 has 'a', but the header, which .*, has no columns",
            id="column-after-none",
        ),
        pytest.param(
            [[{"a": 1, "b": 2}, [3, 4]]],
            "a,b\r\n1,2\r\n",
            "Row 2 is no dict, and row 1 is a dict. Make all rows dicts, or none",
            id="list-after-dict",
        ),
        pytest.param(
            [[Point(1, 2)], [Pair(3, 4)]],
            "x,y\r\n1,2\r\n",
            "Row 2 is no dict, and row 1 is a dict",
            id="tuple-after-dataclass",
        ),
        pytest.param(
            [[{"a": 1, "b": 2}], [None]],
            "a,b\r\n1,2\r\n",
            "Row 2 is no dict, and row 1 is a dict",
            id="None-after-dict",
        ),
        pytest.param(
            [[[1, 2]], [[3, 4], {"a": 5}]],
            "1,2\r\n3,4\r\n",
            "Row 3 is a dict, and row 1 is no dict",
            id="dict-after-list",
        ),
        pytest.param(
            [[None, 1], [Point(1, 2)]],
            '""\r\n1\r\n',
            "Row 3 is a dict, and row 1 is no dict",
            id="dataclass-after-scalar",
        ),
    ],
)
def test_row_that_does_not_fit_is_an_error(batches, written, message):
    found, error = attempt(CSVRenderer(), batches)
    assert found.decode() == written
    assert re.match(f"ValueError: {message}", error)


@pytest.mark.parametrize(
    ("batches", "written", "message"),
    [
        pytest.param(
            [[[1, 2]], [[3, 4], [5]]],
            "1,2\r\n3,4\r\n",
            "Row 3 has the length 1, but 2 columns are declared: b, a",
            id="shorter",
        ),
        pytest.param(
            [[Pair(1, 2), (1, 2, 3)]],
            "1,2\r\n",
            "Row 2 has the length 3, but 2 columns",
            id="longer",
        ),
        pytest.param([[[1]]], "", "Row 1 has the length 1, but 2", id="first"),
        pytest.param([[None]], "", "Row 1 has the length 1, but 2", id="None"),
        pytest.param(
            [[[1, 2], {"a": 1, "b": 2}]],
            "1,2\r\n",
            "Row 2 is a dict, and row 1 is no dict",
            id="dict-after-list",
        ),
    ],
)
def test_row_that_does_not_fit_declared_columns_is_an_error(batches, written, message):
    found, error = attempt(CSVRenderer(columns=["b", "a"]), batches)
    # Without a first row, there is no header either.
    assert found.decode() == (f"b,a\r\n{written}" if written else "")
    assert re.match(f"ValueError: {message}", error)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        pytest.param("=b", "'=b' would be computed .* Choose ", id="formula"),
        pytest.param(NAN, ".* None ", id="NaN"),
        pytest.param([NAN], ".* None ", id="NaN-inside"),
        pytest.param("\ud800", ".* surrogates not allowed", id="surrogate"),
        pytest.param(["\ud800"], ".* surrogates not allowed", id="surrogate-inside"),
    ],
)
def test_cell_that_cannot_be_written_is_named_with_its_row(cell, message):
    renderer = CSVRenderer(formulas="reject")
    good, bad = {"a": 1, "b": "é"}, {"b": cell, "a": 1}
    written, error = attempt(renderer, [[good], [], [good, good, bad, good]])
    assert written.decode() == "a,b\r\n1,é\r\n1,é\r\n1,é\r\n"
    assert re.match(f"ValueError: Row 4, column 'b': {message}", error)
    written, error = attempt(renderer, [[[1, 2], [1, cell]]])
    assert written == b"1,2\r\n"
    assert re.match(f"ValueError: Row 2, column 2: {message}", error)


@pytest.mark.parametrize("name", ["=a", "a\ud800"], ids=ascii)
def test_header_that_cannot_be_written_is_an_error_before_anything_is_written(name):
    renderer = CSVRenderer(formulas="reject")
    written, error = attempt(renderer, [[{name: 1}]])
    assert (written, error[:31]) == (b"", "ValueError: The header, column ")
    written, error = attempt(CSVRenderer(columns=[name], formulas="reject"), [])
    assert (written, error[:31]) == (b"", "ValueError: The header, column ")


def test_key_that_holds_something_is_an_error_after_what_precedes_it():
    written, error = attempt(CSVRenderer(), [[{"a": 1, "b": 2}, {(1, 2): 3, "b": 4}]])
    assert written == b"a,b\r\n1,2\r\n"
    assert error == (
        "TypeError: The key (1, 2) became a list; the names of columns are text."
    )


# Rows and cells that converters take


def with_secret(row):
    vars(row)["secret"] = "secret"
    return row


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        pytest.param([Point(1, 2)] * 2, "x,y\r\n1,2\r\n1,2\r\n", id="rows"),
        pytest.param([with_secret(Point(1, 2))], "x,y\r\n1,2\r\n", id="undeclared"),
        pytest.param([with_secret(Attrs(1, 2))], "x,y\r\n1,2\r\n", id="attrs"),
        pytest.param([Slots(Color.RED, -1)], "x,y\r\nRED!,-1\r\n", id="cell"),
        pytest.param([{"x": Color.RED, "y": 1}], "x,y\r\nRED!,1\r\n", id="in-dict"),
        pytest.param(
            [Point(Pair(Color.RED, 1), 2)],
            'x,y\r\n"[""RED!"",1]",2\r\n',
            id="inside-cell",
        ),
        pytest.param(
            [Color.RED, Color.RED], "RED!\r\nRED!\r\n", id="row-without-columns"
        ),
        pytest.param([{Color.RED: 1, "a": 2}], "RED!,a\r\n1,2\r\n", id="key"),
        pytest.param([{Name("a"): 1, "b": 2}], "A,b\r\n1,2\r\n", id="key-of-text"),
        pytest.param([Hidden(1, 2)] * 2, "shown\r\n1\r\n1\r\n", id="class"),
    ],
)
def test_converters_say_what_rows_and_cells_are(rows, text):
    converters = [
        (Color, lambda color: f"{color.name}!"),
        (Name, str.upper),
        (Hidden, lambda hidden: {"shown": hidden.x}),
    ]
    assert write_by_columns([rows], make_plain(*converters)) == text


def test_key_is_not_found_by_what_its_converter_hides():
    upper = make_plain((Name, str.upper))
    rows = [{Name("a"): 1, "b": 2}]
    assert write_by_columns([rows], upper, columns=["a", "b"]) == "a,b\r\n,2\r\n"
    assert write_by_columns([rows], upper, columns=["A", "b"]) == "A,b\r\n1,2\r\n"


@pytest.mark.parametrize(
    ("renderer", "text"),
    [
        pytest.param(JSONRenderer(), '[{"id":1,"name":"a"},{"id":2,"name":null}]'),
        pytest.param(NDJSONRenderer(), '{"id":1,"name":"a"}\n{"id":2,"name":null}\n'),
        pytest.param(CSVRenderer(), "id,name\r\n1,a\r\n2,\r\n"),
    ],
)
def test_rows_of_a_cursor_are_dicts(renderer, text):
    query = "SELECT 1 AS id, 'a' AS name UNION SELECT 2, NULL ORDER BY 1"
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = sqlite3.Row
        assert write(renderer, [[*connection.execute(query)]]).decode() == text
