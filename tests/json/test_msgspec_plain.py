from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import json
import typing as t
import uuid

import attrs
import msgspec
import pydantic
import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from flask_responsekit import ConverterRegistry
from flask_responsekit import ResponseKit
from flask_responsekit.converters import BUILT_IN
from flask_responsekit.json import MsgspecJSONProvider
from flask_responsekit.json.fields import has_fields
from flask_responsekit.json.fields import is_written_amiss
from flask_responsekit.json.msgspec_plain import MsgspecPlain
from flask_responsekit.json.msgspec_plain import PartlyPlain

NAN = float("nan")


class Money:
    def __init__(self, amount=5):
        self.amount = amount


class Pence(Money):
    pass


@dataclasses.dataclass
class Item:
    a: object = 1
    b: object = 2


@dataclasses.dataclass
class One:
    a: object = 1


@dataclasses.dataclass
class Odd:
    __a: int = 1
    b: int = 2


@dataclasses.dataclass
class Text(str):
    a: int = 1


@attrs.define
class Slotted:
    a: int = 1


@attrs.define(slots=False)
class Open:
    a: int = 1


@attrs.define
class Private:
    _a: int = 1


class HasSlot:
    __slots__ = ("more",)


@attrs.define
class OpenBySlot(HasSlot):
    a: int = 1


class Struct(msgspec.Struct):
    a: int = 1


class Pair(t.NamedTuple):
    a: int = 1


class Model(pydantic.BaseModel):
    b: int = 1
    a: str = "a"


class Wide(pydantic.BaseModel):
    b: t.Any = 1
    a: str = "a"


class OwnDate(datetime.date):
    pass


class OwnDatetime(datetime.datetime):
    pass


class OwnTime(datetime.time):
    pass


class OwnDelta(datetime.timedelta):
    pass


class OwnDecimal(decimal.Decimal):
    pass


class OwnUUID(uuid.UUID):
    pass


class OwnBytes(bytes):
    pass


class OwnFloat(float):
    pass


class Colour(enum.Enum):
    RED = "red"


class Trusting(MsgspecJSONProvider):
    """Gives msgspec values as they are, as in a process where it writes none amiss."""

    def _make_encoding(self, converters, generation):
        encoding = super()._make_encoding(converters, generation)
        return encoding._replace(walks=False)


def make_app(cls, *converters):
    app = Flask(__name__)
    app.json = cls(app)
    kit = ResponseKit(app)
    for key, converter in converters:
        kit.add_converter(key, converter)
    return app


def registry_of(*converters):
    registry = ConverterRegistry(built_in=BUILT_IN)
    for key, converter in converters:
        registry.add(key, converter)
    return registry


ZONE = datetime.timezone.utc


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        pytest.param(OwnDate(2020, 2, 3), "2020-02-03", id="date"),
        pytest.param(OwnDatetime(2020, 2, 3), "2020-02-03T00:00:00", id="datetime"),
        pytest.param(
            OwnDatetime(2020, 2, 3, 4, 5, 6, 7, ZONE),
            "2020-02-03T04:05:06.000007Z",
            id="datetime-with-zone",
        ),
        pytest.param(OwnTime(1, 2, 3, 4), "01:02:03.000004", id="time"),
        pytest.param(OwnTime(1, 2, tzinfo=ZONE), "01:02:00Z", id="time-with-zone"),
        pytest.param(OwnDelta(1, 2, 500_000), "P1DT2.5S", id="duration"),
        pytest.param(OwnDecimal("1.50"), "1.50", id="decimal"),
        pytest.param(OwnUUID(int=0), str(uuid.UUID(int=0)), id="uuid"),
        pytest.param(OwnBytes(b"abc"), "YWJj", id="bytes"),
        pytest.param(bytearray(b"abc"), "YWJj", id="bytearray"),
        pytest.param(memoryview(b"abc"), "YWJj", id="memoryview"),
        pytest.param(memoryview(b"a-b-c-")[::2], "YWJj", id="view-with-gaps"),
        pytest.param(OwnFloat(1.5), 1.5, id="float"),
        pytest.param(OwnFloat("nan"), None, id="constant"),
    ],
)
@pytest.mark.parametrize("cls", [MsgspecJSONProvider, Trusting])
def test_subclass_is_written_as_its_base(value, plain, cls):
    app = make_app(cls)
    with app.app_context():
        for put in (lambda one: [one], lambda one: {"a": Item(one)}):
            expected = put(plain)
            if isinstance(expected, dict):
                expected = {"a": {"a": plain, "b": 2}}
            assert json.loads(app.json.dumps(put(value))) == expected
            assert app.json.to_plain(put(value)) == expected


@pytest.mark.parametrize("cls", [MsgspecJSONProvider, Trusting])
@pytest.mark.parametrize("sort_keys", [False, True])
@pytest.mark.parametrize(
    ("rows", "text"),
    [
        pytest.param([], "[]", id="none"),
        pytest.param([1] * 9, "[1,1,1,1,1,1,1,1,1]", id="scalars"),
        pytest.param([Item()] * 8, '{"a":1,"b":2}', id="dataclasses"),
        pytest.param([One(NAN)] * 8, '{"a":null}', id="dataclasses-of-one"),
        pytest.param([Item([NAN], Item())] * 8, None, id="dataclasses-in-each-other"),
        pytest.param([Odd()] * 8, '{"_Odd__a":1,"b":2}', id="odd-names"),
        pytest.param([Slotted()] * 8, '{"a":1}', id="attrs"),
        pytest.param([Struct()] * 8, '{"a":1}', id="structs"),
        pytest.param([Pair()] * 8, "[1]", id="namedtuples"),
        pytest.param([Model()] * 8, '{"b":1,"a":"a"}', id="models"),
        pytest.param([Wide()] * 8, '{"b":1,"a":"a"}', id="models-of-anything"),
        pytest.param([Wide(b=Model())] * 8, None, id="models-in-models"),
        pytest.param([Wide(b=NAN)] * 8, '{"b":null,"a":"a"}', id="constants"),
        pytest.param([Money()] * 8, '{"amount":5}', id="converted"),
        pytest.param([Pence(NAN)] * 8, '{"amount":null}', id="constants-converted"),
        pytest.param([Money(Item()), *[Money()] * 7], None, id="converted-unlike"),
        pytest.param([Money(), *[Pence()] * 8], '{"amount":5}', id="unlike"),
        pytest.param([Item(), *[Model()] * 8], None, id="others"),
        pytest.param([collections.deque([NAN])] * 8, "[null]", id="deques"),
        pytest.param([{"a": NAN}] * 8, '{"a":null}', id="dicts"),
        pytest.param([{"a": 1}, {"b": 2}] * 4, '{"a":1}', id="unlike-dicts"),
        pytest.param([{1: NAN, "a": 1}] * 8, '{"1":null,"a":1}', id="odd-keys"),
        pytest.param([[NAN, Item()]] * 8, '[null,{"a":1,"b":2}]', id="lists"),
        pytest.param([Colour.RED] * 8, '"red"', id="enums"),
    ],
)
def test_rows_are_written_as_each_of_them_is(rows, text, sort_keys, cls):
    convert = (Money, lambda value: {"amount": value.amount})
    app = make_app(cls, convert)
    with app.app_context():
        written = app.json.dumps(rows, sort_keys=sort_keys)
        one_by_one = [app.json.dumps(row, sort_keys=sort_keys) for row in rows]
        assert written == f"[{','.join(one_by_one)}]"
        assert app.json.dumps({"a": rows}, sort_keys=sort_keys) == f'{{"a":{written}}}'
        assert app.json.to_plain(rows) == json.loads(written)
    if text is not None and rows and not sort_keys:
        assert one_by_one[0] == text or written == text


@pytest.mark.parametrize("cls", [MsgspecJSONProvider, Trusting])
def test_single_values_are_written_in_any_form(cls):
    app = make_app(cls, (Money, lambda value: [value.amount]))
    with app.app_context():
        for value, text in [
            (Money(), "[5]"),
            (Item(Money()), '{"a":[5],"b":2}'),
            ((Money(),), "[[5]]"),
            (Model(), '{"b":1,"a":"a"}'),
            (Wide(b=Money()), '{"a":"a","b":[5]}'),
            ("text", '"text"'),
            (NAN, "null"),
        ]:
            assert json.loads(app.json.dumps(value)) == json.loads(text)


def test_what_is_read_only_is_not_changed():
    rows = [Item([1], {"b": NAN}) for _ in range(9)]
    dicts = [{"a": NAN, "b": [NAN]} for _ in range(9)]
    before = repr((rows, dicts))
    app = make_app(MsgspecJSONProvider)
    with app.app_context():
        app.json.dumps({"rows": rows, "dicts": dicts})
        plain = app.json.to_plain({"rows": rows, "dicts": dicts})
    assert repr((rows, dicts)) == before
    plain["rows"][0]["a"].append(2)
    plain["dicts"][0]["b"].append(2)
    assert repr((rows, dicts)) == before


@pytest.mark.parametrize("cls", [MsgspecJSONProvider, Trusting])
def test_form_has_the_first_value_of_each_name(cls):
    form = MultiDict([("a", "1"), ("a", "2")])
    app = make_app(cls)
    with app.app_context():
        assert app.json.dumps(form) == '{"a":"1"}'
        assert app.json.response(form=form).get_data() == b'{"form":{"a":"1"}}'
        assert app.json.dumps({"a": 1, "b": form}) == '{"a":1,"b":{"a":"1"}}'


def test_leaves_stay_unless_a_converter_takes_them():
    day = datetime.date(2020, 2, 3)
    assert PartlyPlain(registry_of())({"a": (day,)}) == {"a": [day]}
    taking = PartlyPlain(registry_of((datetime.date, lambda value: value.year)))
    assert taking({"a": (day,)}) == {"a": [2020]}
    # A datetime is a date.
    moment = datetime.datetime(2020, 2, 3)
    assert taking([moment]) == [2020]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        pytest.param(datetime.date(2020, 2, 3), "2020-02-03", id="date"),
        pytest.param(uuid.UUID(int=0), str(uuid.UUID(int=0)), id="uuid"),
        pytest.param(b"abc", "YWJj", id="bytes"),
        pytest.param(decimal.Decimal("1.50"), "1.50", id="decimal"),
        pytest.param(Colour.RED, "red", id="enum"),
        pytest.param(OwnDate(2020, 2, 3), "2020-02-03", id="subclass"),
        pytest.param(OwnFloat(1.5), "1.5", id="float"),
        pytest.param(Money(), "5", id="converted"),
        pytest.param(None, "null", id="none"),
        pytest.param(True, "true", id="true"),
        pytest.param(1, "1", id="int"),
    ],
)
def test_key_becomes_a_text(key, text):
    registry = registry_of((Money, lambda value: value.amount))
    assert MsgspecPlain(registry, text_keys=True)({key: 1}) == {text: 1}
    app = make_app(Trusting, (Money, lambda value: value.amount))
    with app.app_context():
        for value in ({key: 1}, {key: 1, "a": 2}, Item({key: 1}), [{key: 1}] * 9):
            assert f'{{"{text}":1' in app.json.dumps(value)


@pytest.mark.parametrize(
    "key", [(1,), object(), Item, Colour], ids=["tuple", "object", "class", "enum"]
)
def test_key_without_a_text_is_an_error(key):
    with pytest.raises(TypeError, match="JSON keys are text"):
        MsgspecPlain(registry_of(), text_keys=True)({key: 1})


@pytest.mark.parametrize("cls", [Item, Slotted, Struct, Text, Open])
def test_class_has_fields(cls):
    assert has_fields(cls)
    assert has_fields(type("Sub", (cls,), {}))


@pytest.mark.parametrize("cls", [Money, Pair, Model, Colour, dict])
def test_class_has_no_fields(cls):
    assert not has_fields(cls)


@pytest.mark.parametrize("cls", [Open, Private, OpenBySlot, Text])
def test_class_is_written_amiss(cls):
    assert is_written_amiss(cls)


@pytest.mark.parametrize("cls", [Item, Slotted, Struct, Pair, Money, Model, Colour])
def test_class_is_written_as_it_should_be(cls):
    assert not is_written_amiss(cls)


@pytest.mark.parametrize("cls", [MsgspecJSONProvider, Trusting])
def test_loop_is_found_beside_another_fault(cls):
    cycle = []
    cycle.append(cycle)
    rows = [{"a": 1, "b": cycle}, {"a": object(), "b": 1}] * 5
    app = make_app(cls)
    with app.app_context(), pytest.raises(ValueError, match="contains itself"):
        app.json.dumps(rows)
