from __future__ import annotations

import collections
import csv
import dataclasses
import datetime
import decimal
import enum
import fractions
import io
import json
import pathlib
import types
import uuid

import pytest

from flask_responsekit.renderers.csv import CSVRenderer


@dataclasses.dataclass
class Line:
    note: object
    price: object


class Color(str, enum.Enum):
    RED = "-red"


Point = collections.namedtuple("Point", "x y")


class ToPlain:
    """What a kit gives, for the types below."""

    def __call__(self, value):
        value = self.shallow(value)
        if isinstance(value, dict):
            return {key: self(item) for key, item in value.items()}
        return [*map(self, value)] if isinstance(value, list) else value

    def shallow(self, value):
        if isinstance(value, (collections.deque, set, frozenset, tuple)):
            return [*value]
        if isinstance(value, types.MappingProxyType):
            return {**value}
        if isinstance(value, Line):
            return vars(value)
        if isinstance(value, complex):
            return {"re": value.real, "im": value.imag}
        if isinstance(value, enum.Enum):
            return value.value
        known = type(value) in (type(None), bool, int, float, str, list, dict)
        return value if known else str(value)


def write_raw(value, **options):
    return CSVRenderer(**options).render_value(value, type(value), ToPlain()).decode()


# Records


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param([{"a": 1, "b": 2}], "a,b\r\n1,2\r\n", id="dicts"),
        pytest.param(
            [{"b": 1}, {"a": 2, "b": 3}], "b,a\r\n1,\r\n3,2\r\n", id="keys-united"
        ),
        pytest.param({"a": 1}, "a\r\n1\r\n", id="dict-alone"),
        pytest.param([[1, 2], [3]], "1,2\r\n3\r\n", id="lists"),
        pytest.param([1, "b", None], '1\r\nb\r\n""\r\n', id="scalars"),
        pytest.param([1, [2, 3]], "1\r\n2,3\r\n", id="scalars-and-lists"),
        pytest.param("text", "text\r\n", id="text-alone"),
        pytest.param(5, "5\r\n", id="number-alone"),
        pytest.param(None, '""\r\n', id="None-alone"),
        pytest.param([], "", id="nothing"),
        pytest.param([{}, {}], '""\r\n""\r\n""\r\n', id="dicts-without-keys"),
        pytest.param({}, '""\r\n""\r\n', id="dict-without-keys-alone"),
        pytest.param([[], [""]], '""\r\n""\r\n', id="lists-without-cells"),
        pytest.param([{"": ""}], '""\r\n""\r\n', id="key-without-characters"),
        pytest.param([["", ""]], ",\r\n", id="cells-without-characters"),
    ],
)
def test_items_become_records(value, text):
    assert CSVRenderer().render(value).decode() == text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        pytest.param(None, ",", id="None"),
        pytest.param(True, "true,", id="true"),
        pytest.param(False, "false,", id="false"),
        pytest.param(-1, "-1,", id="int"),
        pytest.param(-1e22, "-1e+22,", id="float"),
        pytest.param("a", "a,", id="text"),
        pytest.param(" a ", " a ,", id="spaces"),
        pytest.param('a"b', '"a""b",', id="quote"),
        pytest.param("a,b", '"a,b",', id="comma"),
        pytest.param("a\r\nb", '"a\r\nb",', id="line-end"),
        pytest.param("a\rb", '"a\rb",', id="carriage-return"),
        pytest.param("a\0\x0b\x7fb", "a\0\x0b\x7fb,", id="control-characters"),
        pytest.param("é\u2028\U0001f600", "é\u2028\U0001f600,", id="unicode"),
        pytest.param(["é", None, {"b": 1.5}], '"[""é"",null,{""b"":1.5}]",', id="data"),
        pytest.param([], "[],", id="empty-list"),
        pytest.param({}, "{},", id="empty-dict"),
        pytest.param([-1], "[-1],", id="list-of-number"),
    ],
)
def test_cell_is_written_as(cell, text):
    assert CSVRenderer().render([[cell, ""]]).decode() == f"{text}\r\n"


# Columns


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param([], "b,a\r\n", id="no-rows"),
        pytest.param([{"a": 1, "c": 2}], "b,a\r\n,1\r\n", id="dicts"),
        pytest.param([[1, 2]], "b,a\r\n1,2\r\n", id="lists"),
    ],
)
def test_declared_columns_are_the_header(value, text):
    renderer = CSVRenderer(columns=iter(["b", "a"]))
    assert renderer.render(value).decode() == text
    assert renderer.render(value).decode() == text


@pytest.mark.parametrize("row", [[1], [1, 2, 3], [], 1], ids=repr)
def test_row_of_another_length_than_declared_is_refused(row):
    with pytest.raises(ValueError, match="Row 2 has the length .* 2 columns .*: b, a"):
        CSVRenderer(columns=["b", "a"]).render([[1, 2], row])


@pytest.mark.parametrize("value", [[{"a": 1}, [1]], [1, {"a": 1}], [{"a": 1}, None]])
def test_rows_are_all_dicts_or_none(value):
    with pytest.raises(ValueError, match="Row 2 is .*dict, and row 1 is"):
        CSVRenderer().render(value)


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        pytest.param([], ValueError, id="none"),
        pytest.param(["a", "b", "a"], ValueError, id="twice"),
        pytest.param("ab", TypeError, id="text"),
        pytest.param(["a", 1], TypeError, id="number"),
    ],
)
def test_columns_that_are_no_names_are_refused(columns, error):
    with pytest.raises(error, match="columns="):
        CSVRenderer(columns=columns)


# Formulas

FORMULAS = ["=1+1", "+1", "-1", "@a", "\ta", "\ra", "="]


@pytest.mark.parametrize("text", FORMULAS, ids=repr)
def test_text_that_a_spreadsheet_computes_is_escaped(text):
    written = CSVRenderer().render([{text: text, "a": "b" + text}]).decode()
    rows = [*csv.reader(io.StringIO(written, newline=""))]
    assert rows == [[f"'{text}", "a"], [f"'{text}", f"b{text}"]]
    assert CSVRenderer(columns=[text]).render([]).startswith((b"'", b"\"'"))


@pytest.mark.parametrize("text", FORMULAS, ids=repr)
def test_formulas_are_left_alone_on_demand(text):
    written = CSVRenderer(formulas="raw").render([{text: text}]).decode()
    assert [*csv.reader(io.StringIO(written, newline=""))] == [[text], [text]]


@pytest.mark.parametrize("text", FORMULAS, ids=repr)
def test_formulas_are_refused_on_demand(text):
    renderer = CSVRenderer(formulas="reject")
    with pytest.raises(ValueError, match="Row 2, column 'a': .*formulas='escape'"):
        renderer.render([{"a": 1}, {"a": text}])
    with pytest.raises(ValueError, match="Row 1, column 2: .*'raw'"):
        renderer.render([[1, text]])
    with pytest.raises(ValueError, match="The header, column"):
        renderer.render([{text: 1}])


def test_mode_is_one_of_three():
    with pytest.raises(ValueError, match="'escpae' is none of escape, raw, reject"):
        CSVRenderer(formulas="escpae")


# Values that are not plain


@pytest.mark.parametrize(
    "number",
    [-1, -1.5, decimal.Decimal("-1.50"), fractions.Fraction(-1, 2)],
    ids=repr,
)
@pytest.mark.parametrize("formulas", ["escape", "reject"])
def test_numbers_are_no_formulas(number, formulas):
    written = f"{number}\r\n"
    assert write_raw([[number]], formulas=formulas) == written
    assert write_raw([number], formulas=formulas) == written
    assert write_raw(number, formulas=formulas) == written
    assert write_raw([{"n": number}], formulas=formulas) == f"n\r\n{written}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param((1, 2), "1\r\n2\r\n", id="tuple"),
        pytest.param({1}, "1\r\n", id="set"),
        pytest.param(collections.deque([1]), "1\r\n", id="deque"),
        pytest.param((n for n in (1, 2)), "1\r\n2\r\n", id="generator"),
        pytest.param(range(2), "0\r\n1\r\n", id="range"),
        pytest.param({"a": 1}.values(), "1\r\n", id="values-of-dict"),
        pytest.param(types.MappingProxyType({"a": 1}), "a\r\n1\r\n", id="mapping"),
        pytest.param(Line("=a", 1), "note,price\r\n'=a,1\r\n", id="object"),
        pytest.param(uuid.UUID(int=0), f"{uuid.UUID(int=0)}\r\n", id="scalar"),
        pytest.param(b"ab", "b'ab'\r\n", id="bytes"),
    ],
)
def test_value_is_opened(value, text):
    assert write_raw(value) == text


@pytest.mark.parametrize(
    ("row", "text"),
    [
        pytest.param(Line((1, Line(1, 2)), None), "note,price", id="object"),
        pytest.param(Point(1, "=a"), "1,'=a", id="namedtuple"),
        pytest.param((True, Color.RED), "true,'-red", id="tuple"),
        pytest.param(Color.RED, "'-red", id="text"),
        pytest.param(1 + 2j, "re,im\r\n1.0,2.0", id="number-with-items"),
        pytest.param(datetime.date(2020, 1, 2), "2020-01-02", id="scalar"),
    ],
)
def test_row_is_opened(row, text):
    assert write_raw([row]).startswith(f"{text}\r\n")


def test_cell_that_holds_data_is_plain_json():
    text = write_raw([Line((1, Line("é", decimal.Decimal("-2"))), None)])
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert json.loads(row["note"]) == [1, {"note": "é", "price": "-2"}]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        pytest.param(True, "true", id="bool"),
        pytest.param(None, "null", id="None"),
        pytest.param(2, "2", id="int"),
        pytest.param(1.5, "1.5", id="float"),
        pytest.param(-1, "'-1", id="text-of-number"),
        pytest.param(Color.RED, "'-red", id="enum"),
        pytest.param(uuid.UUID(int=0), str(uuid.UUID(int=0)), id="object"),
    ],
)
def test_keys_are_names_as_in_json(key, name):
    assert write_raw([{key: 0}]) == f"{name}\r\n0\r\n"


def test_key_that_holds_something_is_refused():
    with pytest.raises(TypeError, match=r"key \(1, 2\) became a list"):
        write_raw([{(1, 2): 0}])


@pytest.mark.parametrize(
    "cell",
    ["a\ud800", "\udfff", "a\udfffb", ["\ud800"], float("nan"), [float("inf")]],
    ids=ascii,
)
@pytest.mark.parametrize("formulas", ["escape", "raw", "reject"])
def test_what_cannot_be_written_is_named(cell, formulas):
    renderer = CSVRenderer(formulas=formulas)
    with pytest.raises(ValueError, match="Row 2, column 'a': "):
        renderer.render([{"a": 0}, {"a": cell}])


def test_error_of_a_conversion_stays_as_it_is():
    class Failing(ToPlain):
        def __call__(self, value):
            raise UnicodeError("as it is")

    with pytest.raises(UnicodeError, match="^as it is$"):
        CSVRenderer().render_value([[1]], list, Failing())


@pytest.mark.parametrize(
    ("cls", "can"),
    [
        *((cls, True) for cls in (list, dict, tuple, set, Line, types.GeneratorType)),
        *((cls, False) for cls in (str, bytes, int, float, bool, type(None), Color)),
        *((cls, False) for cls in (decimal.Decimal, datetime.datetime, datetime.time)),
        *((cls, False) for cls in (datetime.timedelta, uuid.UUID, pathlib.Path)),
    ],
)
def test_scalars_have_no_rows(cls, can):
    assert CSVRenderer().can_render(cls) is can
