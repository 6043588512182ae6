from __future__ import annotations

import collections
import collections.abc as cabc
import dataclasses
import datetime
import decimal
import enum
import io
import json
import string
import types
import typing as t
import uuid

import pytest
from flask import Flask
from flask import Response
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.datastructures import MultiDict

from flask_responsekit import ConversionLoopError
from flask_responsekit import ConverterNotFoundError
from flask_responsekit import ConverterRegistry
from flask_responsekit import ResponseKit
from flask_responsekit import ResponseKitError
from flask_responsekit import to_plain
from flask_responsekit.converters import BUILT_IN
from flask_responsekit.plain import Plain
from flask_responsekit.typing import PLAIN_TYPES


class Point(t.NamedTuple):
    x: object
    y: object


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Color(str, enum.Enum):
    RED = "red"
    BLUE = "blue"


class Text(str):
    def __str__(self):
        return "something else"


class Odd(int):
    def __int__(self):
        return 42

    def __repr__(self):
        return "odd"


class Part(float):
    def __float__(self):
        return 42.0

    def __repr__(self):
        return "part"


class Ratio(float):
    pass


class Count(int):
    pass


class Coin(str, enum.Enum):
    """The value is not the text."""

    CENT = ("cent", 1)

    def __new__(cls, text, value):
        self = str.__new__(cls, text)
        self._value_ = value
        return self


class Secretive(dict):
    def items(self):
        return [("shown", 1)]


@dataclasses.dataclass
class Row:
    key: object
    value: object = None


@dataclasses.dataclass(frozen=True)
class Money:
    amount: int
    currency: str = "EUR"


class Opaque:
    pass


class Marked:
    def __html__(self):
        return "<p>"


def registry_of(rows=(), built_in=BUILT_IN):
    registry = ConverterRegistry(built_in)
    for key, converter in dict(rows).items():
        registry.add(key, converter)
    return registry


def plain(value, rows=()):
    return to_plain(value, registry_of(rows))


def dumps_in_app(value, rows=()):
    app = Flask("app")
    kit = ResponseKit(app)
    for key, converter in dict(rows).items():
        kit.add_converter(key, converter)
    return app.json.dumps(value)


def is_plain(value):
    if type(value) is dict:
        return all(is_plain(part) for row in value.items() for part in row)
    if type(value) is list:
        return all(map(is_plain, value))
    return type(value) in PLAIN_TYPES


def typed(value):
    """Tell ``True`` from ``1``."""
    return repr(value)


# What becomes of a value


@pytest.mark.parametrize("value", [None, True, 0, 1.5, "text", [], {}, {"a": [{}]}])
def test_plain_data_is_equal_but_never_shared(value):
    made = plain(value)
    assert typed(made) == typed(value)
    assert made is not value or type(value) not in (list, dict)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param((1, (2,)), [1, [2]], id="tuple"),
        pytest.param(Point(1, Point(2, 3)), [1, [2, 3]], id="namedtuple"),
        pytest.param(Markup("<b>"), "<b>", id="markup"),
        pytest.param(Text("text"), "text", id="str"),
        pytest.param(Level.LOW, 1, id="int enum"),
        pytest.param(Color.RED, "red", id="str enum"),
        pytest.param(Odd(1), 1, id="int"),
        pytest.param(Part(1.5), 1.5, id="float"),
        pytest.param(Coin.CENT, "cent", id="enum that is another text"),
        pytest.param(MultiDict([("a", 1), ("a", 2)]), {"a": 1}, id="multi dict"),
        pytest.param(ImmutableMultiDict({"a": "b"}), {"a": "b"}, id="request.args"),
        pytest.param(collections.Counter("aa"), {"a": 2}, id="counter"),
        pytest.param(Secretive(hidden=1), {"shown": 1}, id="items"),
        pytest.param(Row(Row(1)), {"key": {"key": 1, "value": None}, "value": None}),
        pytest.param(
            {Text("a"): 1, Color.RED: 2, "b": 3}, {"a": 1, "red": 2, "b": 3}, id="keys"
        ),
        pytest.param({Level.LOW: 1, 2: 2}, {"1": 1, "2": 2}, id="int keys"),
        pytest.param({1.5: 1}, {"1.5": 1}, id="float key"),
        pytest.param({True: 1}, {"true": 1}, id="bool key"),
        pytest.param({None: 1}, {"null": 1}, id="null key"),
    ],
)
def test_value_becomes_what_json_says(value, expected):
    assert typed(plain(value)) == typed(expected)
    assert is_plain(plain(value))
    assert json.loads(dumps_in_app([value])) == json.loads(json.dumps([expected]))


ROWS = {
    "chain": ({Money: lambda m: Level(m.amount), Level: lambda v: [v.name]}, ["LOW"]),
    "set": ({Money: lambda m: {m.amount}}, [1]),
    "with status": ({Money: lambda m: ([m.amount], 201, {"X": "1"})}, [1]),
    "of object": ({Opaque: lambda o: 1}, {"amount": 1, "currency": "EUR"}),
    "text": ({Money: lambda m: Text("text")}, "text"),
}
PLACES = {
    "alone": lambda value: value,
    "list": lambda value: [value],
    "tuple": lambda value: [(value,)],
    "dict": lambda value: {"a": {"b": value}},
    "set in enum": lambda value: enum.Enum("E", {"M": [value]}).M,
    "deque": lambda value: collections.deque([value]),
    "mapping": lambda value: types.MappingProxyType({"a": value}),
    "dataclass": lambda value: Row("k", value),
    "namedtuple": lambda value: {"p": Point(1, value)},
    "enum": lambda value: enum.Enum("E", {"M": value}).M,
    "defaultdict": lambda value: collections.defaultdict(list, a=value),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize(("rows", "expected"), ROWS.values(), ids=ROWS)
def test_converter_applies_in_every_place(rows, expected, place):
    made = plain(place(Money(1)), rows)
    assert made == plain(place(Money(1)), {Money: lambda money: expected})
    assert json.loads(dumps_in_app(place(Money(1)), rows)) == made


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (Point, Point("secret", 1)),
        (tuple, Point("secret", 1)),
        (Row, Row("secret")),
        (Level, Level.HIGH),
        (enum.Enum, Level.HIGH),
        (Text, Text("secret")),
        (Odd, Odd(2)),
        (Part, Part(2)),
        (dict, collections.OrderedDict(secret=2)),
        (t.SupportsIndex, Level.HIGH),
        (cabc.Hashable, Point("secret", 2)),
    ],
)
def test_what_a_converter_leaves_out_does_not_show(key, value):
    rows = {key: lambda value: "hidden"}
    for dumps in (lambda *args: json.dumps(plain(*args)), dumps_in_app):
        text = dumps({"a": [value]}, rows)
        assert "hidden" in text
        assert "secret" not in text and "2" not in text


@pytest.mark.parametrize("key", [Text("secret"), Level.HIGH, Odd(2), Part(2.0)])
def test_key_that_the_encoder_would_write_is_converted(key):
    rows = {type(key): lambda value: "hidden"}
    assert plain({key: 1}, rows) == {"hidden": 1}
    assert json.loads(dumps_in_app({key: 1}, rows)) == {"hidden": 1}


@pytest.mark.parametrize("result", [{}, [1], {1}, Row(1)])
def test_key_that_does_not_become_text_is_an_error(result):
    with pytest.raises(TypeError, match="The key .*HIGH.* became a"):
        plain({Level.HIGH: 1}, {Level: lambda value: result})


@pytest.mark.parametrize("value", ["", 0, [], {}, None, True, 1.5, ()])
def test_plain_values_inside_data_are_never_converted(value):
    rows = {type(value): lambda value: "taken"}
    assert plain([value], rows) == [[] if value == () else value]


@pytest.mark.parametrize("value", [Point(1, 2), Text("text"), Markup("<b>")])
def test_converter_for_object_leaves_what_flask_knows(value):
    rows = {object: lambda value: "taken"}
    assert plain([value, Opaque()], rows) == [*plain([value]), "taken"]
    assert json.loads(dumps_in_app([value], rows)) == plain([value])


def test_converter_for_what_views_return_leaves_data_as_it_is():
    rows = {dict: lambda value: Response("all")}
    value = {"a": collections.OrderedDict(b={"c": 1})}
    assert plain(value, rows) == {"a": {"b": {"c": 1}}}
    assert json.loads(dumps_in_app(value, rows)) == {"a": {"b": {"c": 1}}}


# The app's own default


class Default:
    """Knows everything, and shows it, apart from bytes."""

    def method(self, value):
        if isinstance(value, bytes):
            raise TypeError("No bytes here.")
        return f"default: {value}"


def plain_in_app(value, default, rows=()):
    app = Flask("app")
    app.json.default = default
    kit = ResponseKit(app)
    for key, converter in dict(rows).items():
        kit.add_converter(key, converter)
    with app.app_context():
        made = kit.to_plain(value)
    assert json.loads(app.json.dumps(value)) == made
    return made


@pytest.mark.parametrize("value", [uuid.UUID(int=1), {1}, Row(1), Opaque(), Marked()])
def test_own_default_is_asked_before_a_built_in_converter(value):
    default = Default()
    assert plain_in_app([value], default.method) == [f"default: {value}"]
    assert plain_in_app([value], default.method, {Level: repr}) == [f"default: {value}"]


def refuse(value):
    raise TypeError("Never.")


@pytest.mark.parametrize("value", [{2, 1}, Row(Row(1)), uuid.UUID(int=1)])
def test_built_in_converter_is_asked_where_the_default_refuses(value):
    assert plain_in_app([value], refuse) == plain([value])


def test_error_of_the_default_stays():
    default = Default()
    with pytest.raises(TypeError, match="No bytes here."):
        plain_in_app([b"bytes"], default.method)


HOLDERS = {
    "alone": lambda value: value,
    "set": lambda value: {value},
    "deque": lambda value: collections.deque([None, "x", value]),
    "mapping": lambda value: types.MappingProxyType({"a": 1, "b": {"c": value}}),
    "dataclass": lambda value: Row(1, Row("x", [value])),
    "enum": lambda value: enum.Enum("E", {"M": value}).M,
    "namedtuple": lambda value: Row(Point(1, value)),
}


@pytest.mark.parametrize("hold", HOLDERS.values(), ids=HOLDERS)
@pytest.mark.parametrize("default", [Default().method, str])
def test_default_does_not_see_what_a_converter_takes(default, hold):
    made = str(plain_in_app([hold(Money(77))], default, {Money: lambda money: 0}))
    assert "77" not in made and "Money" not in made


# What cannot be plain


@pytest.mark.parametrize("place", ["alone", "list", "dict", "mapping", "dataclass"])
@pytest.mark.parametrize("value", [Opaque(), b"bytes", 1j, object(), iter(()), Opaque])
def test_value_without_converter_is_an_error_that_names_its_type(value, place):
    with pytest.raises(ConverterNotFoundError) as raised:
        plain(PLACES[place](value))
    assert raised.value.type is type(value)
    message = str(raised.value)
    assert f"Object of type {type(value).__name__} is not JSON" in message
    assert f"kit.add_converter({type(value).__qualname__}, ...)" in message
    assert isinstance(raised.value, TypeError)
    assert isinstance(raised.value, ResponseKitError)


@pytest.mark.parametrize("body", [Response("x"), iter("x"), io.BytesIO(b"x")])
def test_body_of_a_response_inside_data_is_an_error(body):
    with pytest.raises(TypeError, match="A Opaque became the body of a response"):
        plain([Opaque()], {Opaque: lambda value: body})


def make_cycle(kind):
    if kind is dict:
        value = {}
        value["self"] = [value]
    elif kind is list:
        value = []
        value.append({"self": value})
    else:
        value = Row(1)
        value.value = value
    return value


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (make_cycle(list), "value[0]['self'] contains itself."),
        (make_cycle(dict), "value['self'][0] contains itself."),
        (make_cycle(Row), "contains itself."),
        ([make_cycle(list)], "value[0][0]['self'] contains itself."),
    ],
)
def test_cycle_is_an_error_that_says_where(value, found):
    with pytest.raises(ConversionLoopError) as raised:
        plain(value)
    assert found in str(raised.value)
    assert isinstance(raised.value, ValueError)
    assert isinstance(raised.value, ResponseKitError)


@pytest.mark.parametrize(
    "converter",
    [
        lambda value: value,
        lambda value: {"again": value},
        lambda value: [Opaque()],
        lambda value: {Opaque()},
        lambda value: Row(value),
    ],
    ids=["itself", "inside", "another", "set", "dataclass"],
)
def test_conversion_without_end_is_a_loop(converter):
    with pytest.raises(ConversionLoopError, match="Opaque"):
        plain(Opaque(), {Opaque: converter})


def test_converter_that_recurses_is_a_loop():
    def converter(value):
        return converter(value)

    with pytest.raises(ConversionLoopError, match="never ends"):
        plain([Opaque()], {Opaque: converter})


def test_data_nested_beyond_measure_is_a_loop():
    value = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(ConversionLoopError, match="never ends"):
        plain(value)


def test_error_of_a_converter_is_its_own():
    with pytest.raises(ZeroDivisionError):
        plain([Opaque()], {Opaque: lambda value: 1 / 0})


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ([1, {"a": float("nan")}], "value[1]['a'] is nan, which JSON does not have"),
        ({"a": Ratio("inf")}, "value['a'] is inf, which JSON does not have"),
        ({"a": [{(1, 2): 3}]}, "value['a'][0] has the key (1, 2); JSON keys are text"),
        ([{1: 1, "a": 2}], "value[0] has keys that are text and keys that are not"),
        ([Row(float("nan"))], "value[0]['key'] is nan"),
        ([(1, Opaque())], "value[0][1] is a Opaque."),
    ],
)
def test_fault_is_located(value, fault):
    app = Flask("app")
    ResponseKit(app)
    with app.app_context(), pytest.raises((TypeError, ValueError)) as raised:
        app.json.response(value)
    assert fault in str(raised.value)


# The laws

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.builds(Text, st.text()),
    st.builds(Markup, st.text()),
    st.builds(Ratio, st.floats(-9, 9)),
    st.builds(Count, st.integers()),
    st.sampled_from([*Level, *Color]),
    st.decimals(),
    st.uuids(),
    st.dates(min_value=datetime.date(1000, 1, 1)),
    st.datetimes(min_value=datetime.datetime(1000, 1, 1)),
    st.times(),
    st.timedeltas(),
    st.ip_addresses(),
    st.sets(st.integers()),
    st.frozensets(st.text()),
    st.builds(Money, st.integers()),
)
NAMES = st.text(string.ascii_lowercase, max_size=3)
KEYS = [NAMES, st.sampled_from([*map(Text, "ABC"), *Color])]


def containers(parts):
    mappings = st.dictionaries(st.one_of(KEYS), parts, max_size=3)
    lists = st.lists(parts, max_size=3)
    return st.one_of(
        lists,
        mappings,
        st.builds(tuple, lists),
        st.builds(collections.deque, lists),
        st.builds(collections.UserDict, mappings),
        st.builds(collections.OrderedDict, mappings),
        st.builds(types.MappingProxyType, mappings),
        st.builds(Row, parts, parts),
        st.builds(Point, parts, parts),
        st.dictionaries(st.integers(), parts, max_size=2),
        st.dictionaries(st.sampled_from(Level), parts, max_size=2),
    )


VALUES = st.recursive(SCALARS, containers, max_leaves=8)


def describe(value):
    return {"type": type(value).__name__}


# What may stand as a key becomes text.
OWN_CONVERTERS = dict.fromkeys([object, Level, Text], repr) | dict.fromkeys(
    [Money, Point, Row, tuple, dict, uuid.UUID, collections.OrderedDict], describe
)
OWN = st.sets(st.sampled_from(list(OWN_CONVERTERS)), max_size=2).map(
    lambda keys: {key: OWN_CONVERTERS[key] for key in keys}
)


@given(VALUES, OWN)
def test_plain_data_is_plain(value, rows):
    made = plain(value, rows)
    assert is_plain(made)
    assert typed(plain(made, rows)) == typed(made)


@given(VALUES, OWN)
def test_plain_data_is_what_json_says(value, rows):
    said = json.loads(dumps_in_app(value, rows))
    expected = json.dumps(plain(value, rows), sort_keys=True)
    assert json.dumps(said, sort_keys=True) == expected


@given(VALUES)
def test_app_says_the_same_through_the_kit(value):
    app = Flask("app")
    kit = ResponseKit(app)
    assert typed(kit.to_plain(value)) == typed(plain(value))
    with app.app_context():
        assert typed(kit.to_plain(value)) == typed(plain(value))


@given(st.decimals() | st.dates(datetime.date(1000, 1, 1)) | st.uuids())
def test_dates_and_numbers_are_as_flask_writes_them(value):
    assert isinstance(value, (decimal.Decimal, datetime.date, uuid.UUID))
    assert json.dumps(plain([value])) == Flask("app").json.dumps([value])


def test_key_that_json_has_no_text_for_is_named():
    with pytest.raises(TypeError, match=r"The key UUID\(.*\) is a UUID; JSON keys"):
        plain({uuid.UUID(int=1): 1})


def test_one_step_that_never_ends_is_an_error():
    class Endless:
        pass

    converters = ConverterRegistry()
    walk = Plain(converters, lambda value: Endless())
    with pytest.raises(ConversionLoopError, match="Endless"):
        walk.shallow(Endless())


def test_one_step_leaves_what_is_inside_as_it_is():
    walk = Plain(BUILT_IN)
    inside = decimal.Decimal(1)
    assert walk.shallow((inside,)) == (inside,)
    assert walk.shallow(collections.deque([inside]))[0] is inside
    assert walk.shallow(Level.LOW) == 1
