from __future__ import annotations

import collections
import collections.abc
import contextlib
import dataclasses
import datetime
import decimal
import enum
import functools
import gc
import io
import ipaddress
import itertools
import json
import pathlib
import re
import sqlite3
import tempfile
import types
import typing as t
import uuid
import xml.etree.ElementTree as ET

import attrs
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from flask_responsekit import ConverterNotFoundError
from flask_responsekit import ResponseKit
from flask_responsekit import to_plain
from flask_responsekit.conversion import convert
from flask_responsekit.converters import BUILT_IN
from flask_responsekit.converters import from_set
from flask_responsekit.converters import from_timedelta

T = t.TypeVar("T")
UTC = datetime.timezone.utc
ID = uuid.UUID(int=1)


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"
    NONE = None


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Mode(str, enum.Enum):
    FAST = "fast"


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Bits(enum.IntFlag):
    ONE = 1
    TWO = 2


class Mixed(enum.Enum):
    TEXT = "a"
    NUMBER = 1
    DAY = datetime.timedelta(1)
    PAIR = (1, 2)


class Rate(float, enum.Enum):
    HALF = 0.5


class Count(int):
    pass


class Ratio(float):
    pass


class Bag(collections.abc.Mapping):
    def __getitem__(self, key):
        return key.upper()

    def __iter__(self):
        return iter("ab")

    def __len__(self):
        return 2


@pytest.fixture(autouse=True, scope="module")
def classes_are_freed():
    """What is made of values depends on the classes that exist."""
    yield
    gc.collect()


def respond(value, **config):
    """The response of an app whose view returns a value."""
    app = Flask("app")
    app.config.update(TESTING=True, **config)
    ResponseKit(app)
    app.add_url_rule("/", "view", lambda: value)
    return app.test_client().get("/", buffered=True)


def select_row():
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute("SELECT 1 AS b, NULL AS a").fetchone()


# The table

WRITTEN = {
    "int": (3, 3),
    "int subclass": (Count(3), 3),
    "float": (1.5, 1.5),
    "float subclass": (Ratio(1.5), 1.5),
    "dict": ({"a": 1}, {"a": 1}),
    "list": ([1, None], [1, None]),
    "OrderedDict": (collections.OrderedDict(b=1, a=2), {"a": 2, "b": 1}),
    "defaultdict": (collections.defaultdict(int, a=1), {"a": 1}),
    "ChainMap": (collections.ChainMap({"a": 1}, {"b": 2}), {"a": 1, "b": 2}),
    "UserDict": (collections.UserDict(a=1), {"a": 1}),
    "MappingProxyType": (types.MappingProxyType({"a": 1}), {"a": 1}),
    "Mapping": (Bag(), {"a": "A", "b": "B"}),
    "list subclass": (type("L", (list,), {})([1]), [1]),
    "deque": (collections.deque([1, 2]), [1, 2]),
    "set": ({3, 1, 2}, [1, 2, 3]),
    "frozenset": (frozenset("ba"), ["a", "b"]),
    "empty set": (set(), []),
    "set of enums": ({Color.RED, Color.BLUE}, ["blue", "red"]),
    "set of flags": (set(Access), [1, 2]),
    "set of UUIDs": ({ID}, [str(ID)]),
    "enum": (Color.RED, "red"),
    "enum of null": (Color.NONE, None),
    "enum of timedelta": (Mixed.DAY, "P1D"),
    "enum of tuple": (Mixed.PAIR, [1, 2]),
    "IntEnum": (Level.HIGH, 2),
    "Flag": (Access.READ | Access.WRITE, 3),
    "IntFlag": (Bits.ONE | Bits.TWO, 3),
    "float enum": (Rate.HALF, 0.5),
    "date": (datetime.date(2026, 1, 2), "Fri, 02 Jan 2026 00:00:00 GMT"),
    "datetime": (
        datetime.datetime(2026, 1, 2, 3, 4, 5, 6, UTC),
        "Fri, 02 Jan 2026 03:04:05 GMT",
    ),
    "time": (datetime.time(3, 4, 5, 60), "03:04:05.000060"),
    "time with zone": (datetime.time(3, tzinfo=UTC), "03:00:00+00:00"),
    "timedelta": (datetime.timedelta(hours=1), "PT1H"),
    "Decimal": (decimal.Decimal("1.10"), "1.10"),
    "UUID": (ID, str(ID)),
    "IPv4Address": (ipaddress.ip_address("1.2.3.4"), "1.2.3.4"),
    "IPv6Address": (ipaddress.ip_address("::1"), "::1"),
    "IPv4Network": (ipaddress.ip_network("10.0.0.0/8"), "10.0.0.0/8"),
    "IPv6Network": (ipaddress.ip_network("::/8"), "::/8"),
    "IPv4Interface": (ipaddress.ip_interface("10.0.0.1/8"), "10.0.0.1/8"),
    "IPv6Interface": (ipaddress.ip_interface("::1/8"), "::1/8"),
    "PurePosixPath": (pathlib.PurePosixPath("/a/b"), "/a/b"),
    "PureWindowsPath": (pathlib.PureWindowsPath("C:/a"), "C:\\a"),
    "Path": (pathlib.Path("a"), "a"),
    "sqlite3.Row": (select_row(), {"a": None, "b": 1}),
}
table = pytest.mark.parametrize(
    ("value", "expected"), WRITTEN.values(), ids=WRITTEN.keys()
)


@table
def test_type_is_plain_data(value, expected):
    made = to_plain({"a": [value]}, ResponseKit().converters)
    assert json.dumps(made, sort_keys=True) == json.dumps({"a": [expected]})
    assert to_plain(made, ResponseKit().converters) == made


@table
def test_type_is_json_at_the_top_level_and_nested(value, expected):
    for returned, written in [(value, expected), ({"a": (value,)}, {"a": [expected]})]:
        response = respond(returned)
        assert (response.status_code, response.mimetype) == (200, "application/json")
        assert json.dumps(response.json) == json.dumps(written)


def test_text_enum_is_its_text():
    assert to_plain([Mode.FAST], ResponseKit().converters) == ["fast"]
    assert respond([Mode.FAST]).json == ["fast"]


def test_every_type_of_the_table_is_contained():
    for key in [
        dict,
        set,
        enum.Enum,
        uuid.UUID,
        ipaddress.IPv4Address,
        pathlib.PurePath,
    ]:
        assert key in ResponseKit().converters
    assert "ipaddress.IPv4Address" in BUILT_IN and "sqlite3.Row" in BUILT_IN
    assert bool not in BUILT_IN and str not in BUILT_IN and tuple not in BUILT_IN


def test_nobody_registers_among_the_built_in_ones():
    with pytest.raises(AssertionError):
        BUILT_IN.add(Count, print)


def describe(value):
    return f"a {type(value).__name__}"


@table
def test_own_converter_takes_the_place_of_a_built_in_one(value, expected):
    kit = ResponseKit()
    kit.add_converter(type(value), describe)
    made = convert(value, kit.converters)[0]
    assert made == describe(value)


# Sets


@pytest.mark.parametrize(
    "members",
    [
        pytest.param([1, "a"], id="text and number"),
        pytest.param([None, 1], id="null and number"),
        pytest.param([(1,), "a"], id="tuple and text"),
        pytest.param([Color.RED, 1], id="enum and number"),
    ],
)
def test_set_of_unlike_members_is_an_error(members):
    with pytest.raises(TypeError, match=r"are unlike.*Return a list"):
        from_set(set(members))


@dataclasses.dataclass(frozen=True)
class Frozen:
    number: int


LIKE = {
    "numbers": [1, 2.5, decimal.Decimal(9), True],
    "texts": [*"abcdefghij"],
    "enums": list(Mixed),
    "dataclasses": [Frozen(number) for number in range(9)],
    "tuples": [(1, None), (1, "a"), (2, None), (1, 2)],
    "sets": [frozenset({number}) for number in range(9)],
    "tuples of sets": [(frozenset({number}),) for number in range(9)],
}


@pytest.mark.parametrize("members", LIKE.values(), ids=LIKE)
def test_equal_sets_are_listed_in_the_same_order(members):
    for pair in itertools.combinations(members, 2):
        assert from_set(set(pair)) == from_set(set(reversed(pair)))
    assert set(from_set(set(members))) == set(members)


@given(st.sets(st.integers()) | st.sets(st.text()) | st.sets(st.floats(-9, 9)))
def test_set_is_listed_in_order(members):
    assert from_set(members) == sorted(members)


# Durations


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, "PT0S"),
        ({"days": 1}, "P1D"),
        ({"weeks": 2}, "P14D"),
        ({"hours": 25}, "P1DT1H"),
        ({"minutes": 90}, "PT1H30M"),
        ({"seconds": 1}, "PT1S"),
        ({"milliseconds": 500}, "PT0.5S"),
        ({"microseconds": 1}, "PT0.000001S"),
        ({"minutes": 1, "microseconds": 10}, "PT1M0.00001S"),
        ({"days": -1}, "-P1D"),
        ({"seconds": -1}, "-PT1S"),
        ({"microseconds": -1}, "-PT0.000001S"),
        ({"hours": -36}, "-P1DT12H"),
        ({"days": 999999999}, "P999999999D"),
        ({"days": -999999999}, "-P999999999D"),
    ],
)
def test_duration_is_iso_8601(arguments, expected):
    assert from_timedelta(datetime.timedelta(**arguments)) == expected


DURATION = re.compile(
    r"(-)?P(?=.)(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?)?"
)


@given(st.timedeltas())
def test_duration_can_be_read_back(value):
    sign, *parts, fraction = DURATION.fullmatch(from_timedelta(value)).groups()
    days, hours, minutes, seconds = (int(part or 0) for part in parts)
    read = datetime.timedelta(
        days, seconds, int((fraction or "").ljust(6, "0")), 0, minutes, hours
    )
    assert (-read if sign else read) == value


# Dataclasses and attrs


@dataclasses.dataclass
class Plain:
    x: int = 1
    y: int = 2


@dataclasses.dataclass
class Child(Plain):
    z: int = 3


class Undecorated(Plain):
    secret = "secret"


@dataclasses.dataclass(slots=True)
class Slots:
    x: int = 1


class SlotsAndDict(Slots):
    pass


@dataclasses.dataclass
class Init:
    x: int = 1
    secret: dataclasses.InitVar[str] = "secret"
    also: t.ClassVar[str] = "secret"
    _: dataclasses.KW_ONLY
    y: int = 2

    def __post_init__(self, secret):
        self.password = secret


@dataclasses.dataclass
class Cached:
    x: int = 1

    @functools.cached_property
    def secret(self):
        return "secret"

    @property
    def other(self):
        return "secret"


class Masked:
    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner):
        return "***"

    def __set__(self, instance, value):
        vars(instance)[self.name] = "secret"


@dataclasses.dataclass
class Descriptor:
    x: str = Masked()


class Guarded:
    """Cannot be set, but deleted, so it comes before what the instance holds."""

    def __get__(self, instance, owner):
        return "***"

    def __delete__(self, instance):
        pass


@dataclasses.dataclass
class Deletable:
    x: str = "secret"

    def __init__(self):
        vars(self)["x"] = "secret"


Deletable.x = Guarded()


class Weak:
    """Does not come before what the instance holds."""

    def __get__(self, instance, owner):
        return "class"


@dataclasses.dataclass
class Default:
    x: str = Weak()


@dataclasses.dataclass
class Calling:
    x: object = property


@dataclasses.dataclass
class Generic(t.Generic[T]):
    x: T


@attrs.define
class Attrs:
    x: int = 1
    _y: int = 2


@attrs.define(slots=False)
class AttrsChild(Attrs):
    z: int = attrs.field(default=3, repr=False)


@attrs.define(slots=False)
class AttrsCached:
    x: int = 1

    @functools.cached_property
    def secret(self):
        return "secret"


class AttrsUndecorated(AttrsChild):
    pass


def with_more(value, *touched, **more):
    """Let an instance hold more than what is declared."""
    for name in touched:
        getattr(value, name)
    for name, extra in more.items():
        setattr(value, name, extra)
    return value


def reordered():
    value = Plain()
    del value.x
    value.x = 1
    return value


DECLARED = {
    "dataclass": (Plain(), {"x": 1, "y": 2}),
    "in another order": (reordered(), {"x": 1, "y": 2}),
    "extra": (with_more(Plain(), secret="secret"), {"x": 1, "y": 2}),
    "inherited": (with_more(Child(), secret="secret"), {"x": 1, "y": 2, "z": 3}),
    "undecorated": (with_more(Undecorated(), z="secret"), {"x": 1, "y": 2}),
    "default of the class": (with_more(Plain(), x=5), {"x": 5, "y": 2}),
    "slots": (Slots(), {"x": 1}),
    "slots and dict": (with_more(SlotsAndDict(), secret="secret"), {"x": 1}),
    "InitVar and ClassVar": (Init(), {"x": 1, "y": 2}),
    "cached_property": (with_more(Cached(), "secret"), {"x": 1}),
    "descriptor": (Descriptor("secret"), {"x": "***"}),
    "descriptor that deletes": (Deletable(), {"x": "***"}),
    "descriptor that only reads": (Default("own"), {"x": "own"}),
    "default that is a class": (Calling(1), {"x": 1}),
    "generic": (Generic[int](1), {"x": 1}),
    "generated": (dataclasses.make_dataclass("M", ["x"], frozen=True)(1), {"x": 1}),
    "empty": (with_more(dataclasses.make_dataclass("E", [])(), x="secret"), {}),
    "attrs": (Attrs(), {"x": 1, "_y": 2}),
    "attrs inherited": (AttrsChild(), {"x": 1, "_y": 2, "z": 3}),
    "attrs extra": (
        with_more(AttrsChild(), secret="secret"),
        {"x": 1, "_y": 2, "z": 3},
    ),
    "attrs undecorated": (
        with_more(AttrsUndecorated(), secret="secret"),
        {"x": 1, "_y": 2, "z": 3},
    ),
    "attrs cached_property": (with_more(AttrsCached(), "secret"), {"x": 1}),
    "attrs frozen": (attrs.make_class("F", ["x"], frozen=True)(1), {"x": 1}),
}


@pytest.mark.parametrize(("value", "expected"), DECLARED.values(), ids=DECLARED)
def test_only_declared_fields_show_in_their_order(value, expected):
    made = to_plain([value, {"a": value}], ResponseKit().converters)
    assert json.dumps(made) == json.dumps([expected, {"a": expected}])
    for returned in (value, [value], {"a": (value,)}):
        response = respond(returned)
        assert response.mimetype == "application/json"
        assert "secret" not in response.text
    assert respond(value).json == expected


def test_value_is_not_changed_by_what_is_made_of_it():
    value = Plain([1], {2})
    made = to_plain(value, ResponseKit().converters)
    made["x"].append(2)
    assert value == Plain([1], {2})


# Types before structure


class Marked:
    def __html__(self):
        return "<p>é</p>"


class Own:
    def __response__(self):
        return ("own", 202)


@dataclasses.dataclass
class Both(Attrs):
    z: int = 3


@dataclasses.dataclass
class Counter(dict):
    x: int = 1


HTML = "<p>é</p>"
ORDER = {
    "response, dict": ([Own, dict], None, "own"),
    "response, dataclass": ([Own], dataclasses.dataclass, "own"),
    "response, attrs": ([Own], attrs.define, "own"),
    "response, html": ([Marked, Own], None, "own"),
    "dict, dataclass": ([Counter], None, {}),
    "mapping, html": ([Marked, collections.UserDict], None, {}),
    "dataclass, attrs": ([Both], None, {"z": 3}),
    "dataclass, html": ([Marked], dataclasses.dataclass, {}),
    "attrs, html": ([Marked], attrs.define, {}),
    "html": ([Marked], None, HTML),
}


@pytest.mark.parametrize(("bases", "decorator", "expected"), ORDER.values(), ids=ORDER)
def test_structure_is_asked_in_order_and_after_types(bases, decorator, expected):
    cls = type("Structured", tuple(bases), {})
    value = cls() if decorator is None else decorator(cls)()
    response = respond(value)
    assert (response.json if response.is_json else response.text) == expected
    assert to_plain({"a": value}, ResponseKit().converters) == {"a": expected}


# Bodies

PNG = b"\x89PNG\r\n\x1a\n"


def open_file(path):
    path.joinpath("a.csv").write_bytes(b"a,b\n")
    return path.joinpath("a.csv").open("rb")


BODIES = {
    "html": (lambda path: Marked(), "text/html; charset=utf-8", HTML.encode()),
    "bytes": (lambda path: io.BytesIO(PNG), "image/png", PNG),
    "text": (lambda path: io.StringIO("<p>"), "text/html; charset=utf-8", b"<p>"),
    "file": (open_file, "text/csv; charset=utf-8", b"a,b\n"),
    "temporary file": (
        lambda path: tempfile.NamedTemporaryFile(suffix=".png"),
        "image/png",
        b"",
    ),
}


@pytest.mark.parametrize(("make", "content_type", "body"), BODIES.values(), ids=BODIES)
def test_body_is_sent_with_its_type(make, content_type, body, tmp_path):
    response = respond(make(tmp_path))
    assert response.content_type == content_type
    assert response.data == body


@pytest.mark.parametrize("make", [lambda element: element, ET.ElementTree])
def test_element_tree_is_sent_as_xml(make):
    element = ET.fromstring("<a>é</a>")
    response = respond(make(element))
    assert response.content_type == "application/xml; charset=utf-8"
    assert ET.tostring(ET.fromstring(response.data)) == ET.tostring(element)


def test_file_that_cannot_be_sent_is_closed(tmp_path):
    file = tmp_path.joinpath("a").open("wb")
    with pytest.raises(io.UnsupportedOperation, match="not open for reading"):
        respond(file)
    assert file.closed


def test_markup_inside_data_is_text():
    tree = ET.ElementTree(ET.Element("a"))
    assert to_plain(tree.getroot(), ResponseKit().converters).endswith("<a />")
    assert respond([tree]).json[0].endswith("<a />")
    assert respond([Marked()]).json == [HTML]


@pytest.mark.parametrize("value", [io.BytesIO(PNG), io.StringIO("x")])
def test_body_inside_data_is_an_error_that_names_its_type(value):
    with pytest.raises(TypeError, match=type(value).__name__):
        to_plain({"a": [value]}, ResponseKit().converters)
    with pytest.raises(TypeError, match=type(value).__name__):
        respond([value])


@pytest.mark.parametrize("value", [b"bytes", range(3), {}.keys(), memoryview(b""), 1j])
def test_what_is_not_in_the_table_is_not_written(value):
    with pytest.raises(ConverterNotFoundError):
        to_plain([value], ResponseKit().converters)
