"""Values that msgspec, left to itself, would write otherwise than the kit does.

None of them is of an attrs class. Run by itself, this prints what is written of them in
a process in which no class is known to be written amiss.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import functools
import gc
import json
import sys
import typing as t
import uuid

import msgspec
from flask import Flask
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.datastructures import MultiDict

from flask_responsekit import ResponseKit
from flask_responsekit.json.fields import exist_amiss

SECRET = "1902"


@dataclasses.dataclass
class Declared:
    a: object = 1
    _b: int = 2


@dataclasses.dataclass
class Keeping:
    a: int = 1

    def __post_init__(self):
        self.secret = SECRET


class Undecorated(Keeping):
    later = SECRET


@dataclasses.dataclass
class Decorated(Keeping):
    b: int = 2


@dataclasses.dataclass(slots=True)
class Slotted:
    a: int = 1
    _b: int = 2


class SlottedAndMore(Slotted):
    pass


@dataclasses.dataclass
class Cached:
    a: int = 1

    @functools.cached_property
    def secret(self):
        return SECRET


@dataclasses.dataclass
class TroubleError(Exception):
    a: int = 1


class ShortSet(frozenset):
    def __iter__(self):
        return iter([1])


class Loud(str):
    def __str__(self):
        return "LOUD"


class Odd(int):
    def __repr__(self):
        return "odd"


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    TOP = 3


class Access(enum.IntFlag):
    READ = 1
    WRITE = 2


class Pair(t.NamedTuple):
    a: int = 1
    b: object = None


class OwnPair(Pair):
    pass


class Struct(msgspec.Struct):
    a: object = 1
    _b: int = 2


class OpenStruct(msgspec.Struct, dict=True):
    a: int = 1


class Renamed(msgspec.Struct, rename="camel", tag="t", omit_defaults=True):
    first_name: str
    last_name: str = "x"
    rest: list[int] = []


class AsList(msgspec.Struct, array_like=True):
    a: int = 1
    b: int = 2


class Unset(msgspec.Struct):
    a: int | msgspec.UnsetType = msgspec.UNSET
    b: int = 2


def with_secret(value):
    value.secret = SECRET
    return value


def after(value, name):
    getattr(value, name)
    return value


def without(value, name):
    delattr(value, name)
    return value


class Mask:
    """Shows another value than what the instance holds."""

    def __get__(self, instance, owner):
        return "***"

    def __set__(self, instance, value):
        vars(instance)["name"] = SECRET


# Classes of which msgspec must be given no instance. Each is there for its case only.


def make_masked(annotation):
    cls = dataclasses.make_dataclass("Masked", [("name", annotation, "")])
    cls.name = Mask()
    return cls


def make_computed():
    def get(self):
        return vars(self)["name"][:1]

    def put(self, name):
        vars(self)["name"] = name

    cls = dataclasses.make_dataclass("Computed", ["name"])
    cls.name = property(get, put)
    return cls(SECRET)


def make_enum():
    class Own(enum.Enum):
        A = SECRET

        @property
        def value(self):
            return "own"

    return Own.A


def make_enum_of_base():
    class Base(enum.Enum):
        @property
        def value(self):
            return "own"

    return Base("Own", {"A": SECRET}).A


def make_defaults():
    @dataclasses.dataclass
    class Defaults:
        a: int = 1
        b: int = dataclasses.field(init=False, default=5)
        c: dataclasses.InitVar[int] = 3
        d: t.ClassVar[int] = 4

    return Defaults()


def make_dict():
    class ShortDict(dict):
        def items(self):
            return [("a", 1)]

    return ShortDict(secret=SECRET)


def make_list():
    class ShortList(list):
        def __iter__(self):
            return iter([1])

    return ShortList([SECRET])


def make_tuple():
    class ShortTuple(tuple):
        def __iter__(self):
            return iter([1])

    return ShortTuple([SECRET])


def moved():
    value = collections.OrderedDict(a=1, b=2)
    value.move_to_end("a")
    return value


DAY = datetime.date(2020, 2, 3)
TIMES = [("a", "1"), ("a", SECRET)]
#: Values, and what is plain of them.
CASES = {
    "dataclass": (Declared(), {"a": 1, "_b": 2}),
    "dataclass that keeps more": (Keeping(), {"a": 1}),
    "undecorated subclass": (Undecorated(), {"a": 1}),
    "decorated subclass": (Decorated(), {"a": 1, "b": 2}),
    "slots": (Slotted(), {"a": 1, "_b": 2}),
    "slots and more": (with_secret(SlottedAndMore()), {"a": 1, "_b": 2}),
    "cached property": (after(Cached(), "secret"), {"a": 1}),
    "deleted attribute": (without(Declared(), "_b"), {"a": 1, "_b": 2}),
    "error": (TroubleError(), {"a": 1}),
    "form": (MultiDict(TIMES), {"a": "1"}),
    "query": (ImmutableMultiDict(TIMES), {"a": "1"}),
    "order of dict": (moved(), {"b": 2, "a": 1}),
    "members of set": (ShortSet([SECRET]), [1]),
    "text": (Loud("quiet"), "quiet"),
    "int": (Odd(5), 5),
    "enum": (Colour.RED, "red"),
    "int enum": (Level.TOP, 3),
    "flags": (Access.READ | Access.WRITE, 3),
    "key of enum": ({Colour.RED: 1, Level.TOP: 2}, {"red": 1, "3": 2}),
    "namedtuple": (Pair(), [1, None]),
    "subclass of namedtuple": (OwnPair(2), [2, None]),
    "struct": (Struct(), {"a": 1, "_b": 2}),
    "struct with more": (with_secret(OpenStruct()), {"a": 1}),
    "renamed struct": (Renamed("y"), {"type": "t", "firstName": "y"}),
    "struct as list": (AsList(), [1, 2]),
    "unset field": (Unset(), {"b": 2}),
    "constants": ([float("nan"), {"a": float("inf")}], [None, {"a": None}]),
    "constant in dataclass": (Declared(float("-inf")), {"a": None, "_b": 2}),
    "constant in struct": (Struct(float("nan")), {"a": None, "_b": 2}),
    "date": (DAY, "2020-02-03"),
    "dates": (
        {"a": [DAY], "b": {DAY: 1}},
        {"a": ["2020-02-03"], "b": {"2020-02-03": 1}},
    ),
    "time": (datetime.time(1, 2, 3), "01:02:03"),
    "datetime": (datetime.datetime(2020, 2, 3, 4), "2020-02-03T04:00:00"),
    "duration": (datetime.timedelta(1, 2), "P1DT2S"),
    "Decimal": (decimal.Decimal("1.50"), "1.50"),
    "UUID": (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    "bytes": ([b"abc", bytearray(b"abc"), memoryview(b"abc")], ["YWJj"] * 3),
    "long int": ([2**64, -(2**64)], [2**64, -(2**64)]),
    "long int in dataclass": (Declared(2**99), {"a": 2**99, "_b": 2}),
    "keys": ({None: 1, True: 2, 3: 4}, {"null": 1, "true": 2, "3": 4}),
    "keys of two types": ({1: 2, "a": 3}, {"1": 2, "a": 3}),
    "surrogate": ({"a": "\ud800"}, {"a": "\ud800"}),
    "surrogate in dataclass": (Declared("\ud800"), {"a": "\ud800", "_b": 2}),
}
MADE = {
    "descriptor": (lambda: make_masked(str)(), {"name": "***"}),
    "descriptor of any": (lambda: make_masked(object)(), {"name": "***"}),
    "descriptor of base": (
        lambda: type("Undecorated", (make_masked(str),), {})(),
        {"name": "***"},
    ),
    "property": (make_computed, {"name": "1"}),
    "default of class": (make_defaults, {"a": 1, "b": 5}),
    "items of dict": (make_dict, {"a": 1}),
    "items of list": (make_list, [1]),
    "items of tuple": (make_tuple, [1]),
    "value of enum": (make_enum, "own"),
    "value of base of enum": (make_enum_of_base, "own"),
}
#: What the documentation says msgspec writes otherwise, unless all is looked through.
DIFFERENT = {"deleted attribute", "form", "order of dict", "query"}
#: How the values stand in what is written.
PLACES = {
    "top": (lambda value: value, lambda plain: plain),
    "list": (lambda value: [1, value], lambda plain: [1, plain]),
    "ten": (lambda value: [value] * 10, lambda plain: [plain] * 10),
    "dict": (lambda value: {"a": value}, lambda plain: {"a": plain}),
    "lists in list": (lambda value: [[[value]]], lambda plain: [[[plain]]]),
    "tuple": (lambda value: (value,), lambda plain: [plain]),
    "dataclass": (Declared, lambda plain: {"a": plain, "_b": 2}),
    "ten dataclasses": (
        lambda value: [Declared(value) for _ in range(10)],
        lambda plain: [{"a": plain, "_b": 2}] * 10,
    ),
    "struct": (Struct, lambda plain: {"a": plain, "_b": 2}),
}


def attempt(write):
    try:
        return write()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def make_app():
    app = Flask(__name__)
    return app, ResponseKit(app, json="msgspec")


def find_differences(name):
    """What is written of a value that is not what is plain of it, by place and way."""
    if name in MADE:
        make, plain = MADE[name]
        value = make()
    else:
        value, plain = CASES[name]
    app, kit = make_app()
    provider = app.json
    ways = {
        "dumps": lambda value: json.loads(provider.dumps(value)),
        "sorted": lambda value: json.loads(provider.dumps(value, sort_keys=True)),
        "indented": lambda value: json.loads(provider.dumps(value, indent=1)),
        "response": lambda value: json.loads(provider.response(value).get_data()),
        "to_plain": kit.to_plain,
    }
    found = {}
    with app.app_context():
        for place, (put, expect) in PLACES.items():
            for way, write in ways.items():
                written = attempt(lambda put=put, write=write: write(put(value)))
                # By text, in which the order of keys counts, and 1 is not True.
                expected = json.dumps(expect(plain), sort_keys=way == "sorted")
                if json.dumps(written) != expected:
                    found[f"{place}, {way}"] = written
    return found


def find_all_differences():
    for name in (*CASES, *MADE):
        gc.collect()
        assert not exist_amiss(), name
        yield name, find_differences(name)


if __name__ == "__main__":
    print(json.dumps(dict(find_all_differences())))
    assert "attr" not in sys.modules
