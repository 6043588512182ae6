from __future__ import annotations

import contextlib
import enum
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_responsekit import ConverterRegistry
from flask_responsekit.converters import BUILT_IN
from flask_responsekit.plain import Plain
from flask_responsekit.renderers.json_rows import find_quick_encoder
from flask_responsekit.renderers.json_rows import write_batches
from flask_responsekit.renderers.json_rows import write_items
from flask_responsekit.renderers.json_rows import write_line
from flask_responsekit.renderers.json_rows import write_lines
from flask_responsekit.renderers.protocol import as_it_is

NAN = float("nan")


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


# What some encoder writes in its own way.
HOSTILE = ["\ud800", "\udfff", "\0", "\x1f", "\x7f", "\x80", "\x85", "\u2028", "\ufeff"]
HOSTILE += ["\U0001f600", '"', "\\", "/", "\n", "\r", "é", "null", "NaN", "<"]
LARGE = [2**63, 2**64 - 1, 2**64, -(2**63) - 1, 10**40]
NO_NUMBERS = [NAN, float("inf"), -float("inf")]

texts = st.lists(st.text(max_size=3) | st.sampled_from(HOSTILE), max_size=3).map(
    "".join
)
exact = st.none() | st.booleans() | st.integers() | st.sampled_from(LARGE) | texts
finite = exact | st.floats(allow_nan=False, allow_infinity=False)
any_scalars = finite | st.sampled_from(NO_NUMBERS)


def rows_of(scalars):
    records = st.dictionaries(texts, scalars, max_size=3)
    nested = st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner),
        max_leaves=5,
    )
    alike = st.lists(records, max_size=3) | st.lists(scalars, max_size=3)
    return alike | st.lists(records | nested, max_size=3)


def write_slowly(row):
    """A row as the standard library writes it, which is what is to be written."""
    return json.dumps(row, separators=(",", ":"), allow_nan=False)


def read(chunks):
    """What came before an error, and what it says."""
    written = []
    try:
        for chunk in chunks:
            written.append(chunk)
    except ValueError as error:
        return written, str(error)
    return written, ""


# The laws


@given(rows_of(exact))
def test_each_row_is_written_as_the_standard_library_writes_it(rows):
    lines = [write_slowly(row) for row in rows]
    as_lines = "".join(f"{line}\n" for line in lines).encode()
    as_items = ",".join(lines).encode()
    assert (write_lines(rows), write_items(rows)) == (as_lines, as_items)
    with without_msgspec():
        assert (write_lines(rows), write_items(rows)) == (as_lines, as_items)


@given(rows_of(finite))
def test_numbers_are_read_back_as_they_were(rows):
    expected = repr([json.loads(write_slowly(row)) for row in rows])
    for context in (contextlib.nullcontext, without_msgspec):
        with context():
            written = write_lines(rows)
            items = b"[%b]" % write_items(rows)
        assert repr([json.loads(line) for line in written.splitlines()]) == expected
        assert repr(json.loads(items)) == expected
        assert written.isascii() and items.isascii()


def holds_no_number(row):
    try:
        write_slowly(row)
    except ValueError:
        return True
    return False


@given(st.lists(rows_of(any_scalars), max_size=3))
def test_rows_are_written_up_to_the_first_that_json_does_not_have(batches):
    rows = [row for batch in batches for row in batch]
    bad = [place for place, row in enumerate(rows) if holds_no_number(row)]
    whole = rows[: bad[0]] if bad else rows
    expected = repr([json.loads(write_slowly(row)) for row in whole])
    for context in (contextlib.nullcontext, without_msgspec):
        with context():
            written, message = read(write_batches(batches, as_it_is, write_lines))
        lines = b"".join(written).splitlines()
        assert repr([json.loads(line) for line in lines]) == expected
        assert message.partition(" cannot")[0] == (
            f"Record {bad[0] + 1}" if bad else ""
        )


# By example


@pytest.mark.parametrize(
    ("row", "text"),
    [
        pytest.param("\x7f", r'"\u007f"', id="DEL"),
        pytest.param("\x85\u2028\u2029", r'"\u0085\u2028\u2029"', id="line-ends"),
        pytest.param("\U0001f600", r'"\ud83d\ude00"', id="astral"),
        pytest.param("a\ud800b", r'"a\ud800b"', id="lone-surrogate"),
        pytest.param({'"é\n': 1}, r'{"\"\u00e9\n":1}', id="key"),
        pytest.param("\0\b\f\n\r\t", r'"\u0000\b\f\n\r\t"', id="control-characters"),
        pytest.param("</script>", '"</script>"', id="slash"),
        pytest.param(2**70, str(2**70), id="more-than-64-bits"),
        pytest.param([2**70, None, "é"], rf'[{2**70},null,"\u00e9"]', id="all-of-it"),
        pytest.param(-0.0, "-0.0", id="negative-zero"),
        pytest.param({"b": None, "a": 0.5}, '{"b":null,"a":0.5}', id="null"),
        pytest.param([None, [0.5]], "[null,[0.5]]", id="null-in-list"),
        pytest.param({}, "{}", id="empty"),
    ],
)
def test_row_is_written_as(row, text, is_quick):
    assert write_line(row) == text
    assert write_lines([row, row]).decode() == f"{text}\n{text}\n"
    assert write_items([row, row]).decode() == f"{text},{text}"


def test_nothing_is_written_of_no_rows(is_quick):
    assert (write_lines([]), write_items([])) == (b"", b"")


@pytest.mark.parametrize("number", NO_NUMBERS, ids=repr)
@pytest.mark.parametrize("write", [write_lines, write_items])
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda number: number, id="alone"),
        pytest.param(lambda number: {"a": number}, id="flat"),
        pytest.param(lambda number: {"a": None, "b": number}, id="beside-None"),
        pytest.param(lambda number: {"a": {"b": number}}, id="in-a-dict"),
        pytest.param(lambda number: {"a": [None, number]}, id="in-a-list"),
        pytest.param(lambda number: [number, None], id="list"),
        pytest.param(lambda number: {"a": "é", "b": number}, id="beside-text"),
        pytest.param(lambda number: {"a": 2**70, "b": number}, id="beside-large"),
    ],
)
def test_number_that_json_does_not_have_is_refused(make, write, number, is_quick):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write([{"a": None}, make(number)])
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_line(make(number))


class Part(float):
    pass


@pytest.mark.parametrize("row", [{"a": (NAN,)}, {"a": Part("nan")}], ids=repr)
def test_what_is_not_quite_plain_is_refused_as_well(row, is_quick):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_lines([row])


# Batches


def write(batches, to_plain=as_it_is):
    return write_batches(batches, to_plain, write_lines)


def test_each_batch_is_written_at_once(is_quick):
    batches = [[{"a": 1}], [], [{"a": 2}, "é"], []]
    written = [b'{"a":1}\n', b"", b'{"a":2}\n"\\u00e9"\n', b""]
    assert [*write(batches)] == written


def test_record_that_cannot_be_written_is_named(is_quick):
    batches = [[1, 2], [], [3, {"a": [NAN]}, 5], [6]]
    written, message = read(write(batches))
    assert b"".join(written) == b"1\n2\n3\n"
    assert message.startswith("Record 4 cannot be written as JSON (")
    assert message.endswith("Give None for a number that is NaN or infinite.")


def test_what_else_is_wrong_with_a_record_is_not_said_to_be_its_numbers(is_quick):
    endless = []
    endless.append(endless)
    written, message = read(write([[1, endless]]))
    assert written == [b"1\n"]
    assert message.startswith("Record 2 cannot be written as JSON (Circular")
    assert "infinite" not in message


class Color(enum.Enum):
    RED = "red"


def test_rows_are_made_plain(is_quick):
    to_plain = Plain(ConverterRegistry(BUILT_IN), text_keys=True)
    batches = [[{"c": Color.RED, 1: (2,)}], [Color.RED, {2, 1}]]
    written = [b'{"c":"red","1":[2]}\n', b'"red"\n[1,2]\n']
    assert [*write(batches, to_plain)] == written


def test_error_of_a_conversion_comes_after_what_precedes_it_and_stays_as_it_is():
    def refuse(value):
        raise ValueError("as it is")

    converters = ConverterRegistry(BUILT_IN)
    converters.add(Color, refuse)
    written = []
    with pytest.raises(ValueError, match="^as it is$"):
        for line in write([[1, 2, Color.RED, 3]], Plain(converters)):
            written.append(line)
    assert written == [b"1\n", b"2\n"]


class OneByOne:
    """Makes rows plain, though not all together."""

    def __call__(self, value):
        return value

    def each(self, values):
        raise RuntimeError


def test_batch_that_is_no_trouble_row_by_row_is_written():
    batches = [[1, 2], [3, NAN]]
    written, message = read(write(batches, OneByOne()))
    assert written == [b"1\n", b"2\n", b"3\n"]
    assert message.startswith("Record 4 cannot")


def test_error_of_the_source_comes_after_what_precedes_it():
    def read_rows():
        yield [1]
        raise KeyError("broken")

    batches = write(read_rows())
    assert next(batches) == b"1\n"
    with pytest.raises(KeyError, match="broken"):
        next(batches)


def test_batch_is_read_when_the_one_before_is_written():
    read_so_far = []
    batches = write([read_so_far.append(number)] for number in range(3))
    next(batches)
    assert read_so_far == [0]


# The encoder


def test_quick_encoder_is_there_if_its_library_is(is_quick):
    encoder = find_quick_encoder()
    assert (encoder is not None) is is_quick
    assert find_quick_encoder() is encoder


def test_libraries_are_imported_when_rows_are_written():
    statements = [
        "import sys, flask_responsekit as kit",
        "kit.ResponseKit(renderers=[kit.NDJSONRenderer(), kit.CSVRenderer()])",
        "print(sorted({'msgspec', 'sqlite3'} & sys.modules.keys()))",
    ]
    command = [sys.executable, "-c", "\n".join(statements)]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    assert result.stdout.strip() == "[]"
