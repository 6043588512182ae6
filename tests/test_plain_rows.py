from __future__ import annotations

import abc
import collections
import dataclasses
import enum
import functools
import json
import sqlite3
import types
import typing as t

import attrs
import pytest
from flask import Flask
from flask.json.provider import DefaultJSONProvider
from flask.json.provider import JSONProvider
from hypothesis import given
from hypothesis import strategies as st

from flask_responsekit import ConversionLoopError
from flask_responsekit import ConverterNotFoundError
from flask_responsekit import ConverterRegistry
from flask_responsekit import ResponseKit
from flask_responsekit import Stream
from flask_responsekit.converters import BUILT_IN
from flask_responsekit.json import get_to_plain
from flask_responsekit.plain import Plain

SECRET = "secret"


# What is told apart from plain data by its repr.


class Name(str):
    def __repr__(self):
        return f"Name({self})"


class Count(int):
    def __repr__(self):
        return "Count"


class Level(enum.IntEnum):
    LOW = 1


class Color(str, enum.Enum):
    RED = "red"


@dataclasses.dataclass(frozen=True)
class Money:
    amount: int = 1


# Rows of two attributes. Those that are not declared are secret.


class Base:
    pass


class Named(abc.ABC):  # noqa: B024
    """What some rows are registered with."""


@dataclasses.dataclass
class Point(Base):
    x: object = 0
    y: object = 0


@Named.register
@dataclasses.dataclass(frozen=True)
class Frozen:
    x: object = 0
    y: object = 0


@dataclasses.dataclass(slots=True)
class Slots:
    x: object = 0
    y: object = 0


class SlotsAndDict(Slots):
    pass


@dataclasses.dataclass
class Child(Point):
    z: object = 0


class Undecorated(Point):
    secret = SECRET


@dataclasses.dataclass
class Keeping(Base):
    x: object = 0
    y: object = 0

    def __post_init__(self):
        self.secret = SECRET


@dataclasses.dataclass
class Masked:
    x: object = 0
    y: object = 0


class Mask:
    """Shows another value than what the instance holds."""

    def __get__(self, instance, owner):
        return "***"

    def __set__(self, instance, value):
        vars(instance)["x"] = SECRET


Masked.x = Mask()


@dataclasses.dataclass
class Cached:
    x: object = 0
    y: object = 0

    @functools.cached_property
    def secret(self):
        return SECRET


@attrs.define
class Attrs:
    x: object = 0
    y: object = 0


@attrs.define(slots=False)
class OpenAttrs:
    x: object = 0
    y: object = 0


class Pair(t.NamedTuple):
    x: object
    y: object


@dataclasses.dataclass
class DataDict(dict):
    x: object = 0
    y: object = 0


ROWS = [
    *(Point, Frozen, Slots, SlotsAndDict, Child, Undecorated, Keeping, Masked, Cached),
    *(Attrs, OpenAttrs, Pair, DataDict),
    lambda x, y: {"x": x, "y": y},
    lambda x, y: {"y": x, "x": y},
    lambda x, y: {Name("x"): x, Color.RED: y},
    lambda x, y: {1: x, None: y},
    lambda x, y: {(1, 2): x, "y": y},
    lambda x, y: (x, y),
    lambda x, y: [x, y],
    lambda x, y: types.MappingProxyType({"x": x, "y": y}),
    lambda x, y: collections.OrderedDict(x=x, y=y),
    lambda x, y: collections.UserDict(x=x, y=y),
    lambda x, y: x,
    lambda x, y: None,
]


def keep(value):
    pass


def add_secret(value):
    vars(value)["secret"] = SECRET


def add_secret_first(value):
    held = {**vars(value)}
    vars(value).clear()
    vars(value).update({"secret": SECRET, **held})


def move_first_to_the_end(value):
    vars(value)["x"] = vars(value).pop("x")


def let_go(value):
    # What is left is the default of the class, which attrs does not keep there.
    if hasattr(type(value), "y"):
        del vars(value)["y"]


def put_another_in_its_place(value):
    let_go(value)
    add_secret(value)


CHANGES = [
    *(keep, keep, keep, add_secret, add_secret_first, move_first_to_the_end),
    *(let_go, put_another_in_its_place),
]

scalars = st.none() | st.booleans() | st.integers() | st.text() | st.floats()
special = st.builds(st.just, st.sampled_from([Money(), Name("n"), Level.LOW, Count()]))
cells = scalars | st.lists(scalars, max_size=2) | special.flatmap(lambda one: one)
changes = st.sampled_from(CHANGES)


@st.composite
def rows_of(draw, makers):
    make, change, x, y = draw(makers), draw(changes), draw(cells), draw(cells)
    row = make(x, y)
    if {"x", "y"} <= getattr(row, "__dict__", {}).keys():
        change(row)
    return row


alike = st.sampled_from(ROWS).flatmap(
    lambda make: st.lists(rows_of(st.just(make)), max_size=4)
)
unlike = st.lists(rows_of(st.sampled_from(ROWS)), max_size=4)


def show(value):
    return {"shown": type(value).__name__}


REGISTERED = {
    "nothing": [],
    "the class": [(Point, show), (OpenAttrs, show), (Pair, show)],
    "a base": [(Base, show)],
    "an ABC": [(Named, show)],
    "what fields hold": [(Money, show), (Name, str.upper), (Level, show)],
    "plain types": [(dict, show), (tuple, show), (str, show), (int, show)],
    "everything": [(object, show)],
}


def refuse(value):
    raise TypeError("not serializable")


def show_points(value):
    return show(value) if isinstance(value, (Point, Attrs)) else refuse(value)


DEFAULTS = {"nothing": None, "refuses": refuse, "some": show_points, "all": show}


def registry_of(pairs):
    converters = ConverterRegistry(BUILT_IN)
    for key, converter in pairs:
        converters.add(key, converter)
    return converters


def attempt(function, *arguments):
    """What a function gives, or fails with, to be compared to the letter."""
    try:
        return repr(function(*arguments))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def look_into(value):
    return repr((value, getattr(value, "__dict__", None)))


@pytest.mark.parametrize("default", DEFAULTS.values(), ids=DEFAULTS)
@pytest.mark.parametrize("registered", REGISTERED.values(), ids=REGISTERED)
@given(rows=alike | unlike, text_keys=st.booleans())
def test_rows_are_made_plain_as_each_of_them_is(registered, default, rows, text_keys):
    to_plain = Plain(registry_of(registered), default, text_keys=text_keys)
    before = [*map(look_into, rows)]
    expected = attempt(lambda: [*map(to_plain, rows)])
    assert attempt(to_plain.each, rows) == expected
    assert [*map(look_into, rows)] == before


@given(alike | unlike)
def test_what_is_not_declared_shows_in_no_row(rows):
    to_plain = Plain(registry_of([]), text_keys=True)
    assert SECRET not in attempt(to_plain.each, rows)


class OwnJSON(JSONProvider):
    """An encoder of which nothing is known but what it writes."""

    def dumps(self, obj, **kwargs):
        return json.dumps(obj, default=self.write, **kwargs)

    def loads(self, s, **kwargs):
        return json.loads(s, **kwargs)

    def write(self, value):
        return value.x if isinstance(value, Point) else refuse(value)


class OwnDefault(DefaultJSONProvider):
    @staticmethod
    def default(value):
        return show_points(value)


@pytest.mark.parametrize("provider", [OwnJSON, OwnDefault, DefaultJSONProvider])
@given(rows=alike | unlike)
def test_provider_of_the_app_says_what_rows_are(provider, rows):
    app = Flask("app")
    app.json = provider(app)
    kit = ResponseKit(app)
    kit.add_converter(Money, show)
    to_plain = get_to_plain(app, kit.converters)
    with app.app_context():
        expected = attempt(lambda: [*map(to_plain, rows)])
        assert attempt(to_plain.each, rows) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([], [], id="no-rows"),
        pytest.param(
            [Point(1, 2), Point()], [{"x": 1, "y": 2}, {"x": 0, "y": 0}], id="dataclass"
        ),
        pytest.param([OpenAttrs(1, "a")], [{"x": 1, "y": "a"}], id="attrs"),
        pytest.param([Slots(1, "a")], [{"x": 1, "y": "a"}], id="slots"),
        pytest.param([Masked(1, 2)], [{"x": "***", "y": 2}], id="descriptor"),
        pytest.param([(1, "a"), ()], [[1, "a"], []], id="tuples"),
        pytest.param([Pair(1, Level.LOW)], [[1, 1]], id="namedtuple"),
        pytest.param([{"x": (1,)}], [{"x": [1]}], id="dicts-that-hold-something"),
        pytest.param([{1: 2}], [{"1": 2}], id="key-that-is-no-text"),
        pytest.param(
            [{"x": 1}, {"y": "a"}] * 5, [{"x": 1}, {"y": "a"}] * 5, id="unlike-dicts"
        ),
        pytest.param(
            [[{"x": 1}, {"y": "a"}] * 5], [[{"x": 1}, {"y": "a"}] * 5], id="in-a-list"
        ),
        pytest.param([1, None, "a", (1,)], [1, None, "a", [1]], id="unlike"),
        pytest.param([[], [1]], [[], [1]], id="lists"),
        pytest.param([Point(Point())], [{"x": {"x": 0, "y": 0}, "y": 0}], id="nested"),
    ],
)
def test_rows_become_plain_data(rows, expected):
    assert repr(Plain(registry_of([]), text_keys=True).each(rows)) == repr(expected)


def test_encoder_of_the_app_may_convert_anything():
    app = Flask("app")
    app.json = OwnJSON(app)
    kit = ResponseKit(app)
    to_plain = get_to_plain(app, kit.converters)
    assert to_plain.is_converted(int)
    assert to_plain.get_attributes(Point) is None
    assert not Plain(kit.converters).is_converted(int)


@pytest.mark.parametrize("number", [1, 2])
def test_attribute_that_is_missing_is_an_error(number):
    cls = dataclasses.make_dataclass("Pair", ["x", "y"])
    rows = [cls(1, 2) for _ in range(number)]
    del rows[-1].y
    rows[-1].z = 3
    with pytest.raises(AttributeError, match="no attribute 'y'"):
        Plain(registry_of([])).each(rows)


def test_row_that_nothing_takes_is_an_error():
    with pytest.raises(ConverterNotFoundError, match="complex"):
        Plain(registry_of([])).each([1j, 1j])


def test_stream_is_no_part_of_a_row():
    with pytest.raises(TypeError, match="Stream objects are read while .* a list"):
        Plain(registry_of([])).each([{"a": Stream([])}])


@pytest.mark.parametrize("method", ["__call__", "shallow"])
def test_row_that_is_never_plain_is_an_error(method):
    to_plain = Plain(registry_of([]), lambda value: type(value)())
    with pytest.raises(ConversionLoopError, match="complex"):
        getattr(to_plain, method)(1j)
    with pytest.raises(ConversionLoopError, match="complex"):
        to_plain.each([1j, 1j])


@pytest.mark.parametrize(
    ("cls", "names"),
    [
        *((cls, ("x", "y")) for cls in (Point, Frozen, Slots, SlotsAndDict, Masked)),
        *((cls, ("x", "y")) for cls in (Undecorated, Keeping, Attrs, OpenAttrs)),
        (Child, ("x", "y", "z")),
        *((cls, None) for cls in (Pair, DataDict, dict, tuple, str, int, type(None))),
        *((cls, None) for cls in (complex, Color, sqlite3.Row, collections.UserDict)),
    ],
)
def test_class_is_taken_by_its_declared_attributes(cls, names):
    assert Plain(registry_of([])).get_attributes(cls) == names


@pytest.mark.parametrize("registered", [Point, Base, Named, object], ids=repr)
def test_attributes_of_a_class_that_has_a_converter_are_not_taken(registered):
    to_plain = Plain(registry_of([(registered, show)]))
    assert (to_plain.get_attributes(Point) is None) is (registered in (Point, Base))
    assert (to_plain.get_attributes(Frozen) is None) is (registered is Named)


def test_attributes_are_not_taken_if_the_provider_may_say_otherwise():
    assert Plain(registry_of([]), refuse).get_attributes(Point) is None


def test_attributes_are_taken_again_when_the_provider_is_gone():
    class Provider:
        def default(self, value):
            refuse(value)

    provider = Provider()
    to_plain = Plain(registry_of([]), provider.default)
    assert to_plain.get_attributes(Point) is None
    del provider
    assert to_plain.get_attributes(Point) == ("x", "y")


def test_converter_that_is_registered_later_is_followed():
    converters = registry_of([])
    to_plain = Plain(converters)
    rows = [Point(1, SECRET), Point(2, SECRET)]
    assert SECRET in repr(to_plain.each(rows))
    converters.add(Base, show)
    assert to_plain.each(rows) == [{"shown": "Point"}] * 2
