"""Structs are what msgspec says of them, wherever they stand."""

from __future__ import annotations

import datetime
import decimal
import enum
import json
import typing as t
import uuid

import msgspec
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec import UnsetType

from flask_responsekit import ResponseKit
from flask_responsekit.libraries.msgspec import has_plain_fields
from flask_responsekit.libraries.msgspec import make_opener

DAY = datetime.datetime(2024, 1, 2)
ID = uuid.UUID(int=1)
SECRET = "secret"
T = t.TypeVar("T")


class Color(enum.Enum):
    RED = "red"


class Empty(msgspec.Struct):
    pass


class Plain(msgspec.Struct):
    id: int
    name: str = "é"
    tags: list[str] = []
    inner: t.Any = None


class Child(Plain):
    more: int = 1


class Frozen(Plain, frozen=True):
    pass


class KeywordOnly(msgspec.Struct, kw_only=True):
    x: int = 1
    y: int


class Renamed(msgspec.Struct, rename="camel"):
    first_name: str = "Ada"
    x: int = 1


class RenamedByDict(msgspec.Struct, rename={"a": "b", "b": "a"}):
    a: int = 1
    b: int = 2


class RenamedField(msgspec.Struct):
    x: int = msgspec.field(name="eks", default=1)


class RenamedChild(Renamed, rename="upper"):
    own_name: str = "o"


class Tagged(msgspec.Struct, tag=True):
    x: int = 1


class TaggedByNumber(msgspec.Struct, tag=7, tag_field="kind"):
    x: int = 1


class TaggedByFunction(msgspec.Struct, tag=str.lower):
    x: int = 1


class Array(msgspec.Struct, array_like=True):
    x: int = 1
    y: t.Any = None


class TaggedArray(msgspec.Struct, array_like=True, tag=True):
    x: int = 1


class Omitting(msgspec.Struct, omit_defaults=True):
    required: int
    x: int = 1
    text: str = "a" * 3
    number: float = 1.0
    nothing: t.Optional[int] = None  # noqa: UP045
    items: list[t.Any] = []
    named: dict[str, int] = {}
    members: set[int] = msgspec.field(default_factory=set)
    made: list[int] = msgspec.field(default_factory=lambda: [1])
    last: t.Any = None


class OmittingOnlyKeywords(msgspec.Struct, omit_defaults=True, kw_only=True):
    x: int = 1
    required: int
    y: int = 2


class OmittingArray(msgspec.Struct, omit_defaults=True, array_like=True):
    x: int = 1
    y: int = 2


class OmittingTagged(msgspec.Struct, omit_defaults=True, tag=True, rename="upper"):
    x: int = 1
    y: int = 2


class Lacking(msgspec.Struct):
    x: t.Union[int, UnsetType] = UNSET  # noqa: UP007
    y: t.Union[int, UnsetType] = UNSET  # noqa: UP007
    z: int = 1


class LackingByAnnotation(msgspec.Struct):
    x: int | UnsetType = UNSET


Maybe = t.Union[int, UnsetType]  # noqa: UP007


class LackingByAlias(msgspec.Struct):
    x: Maybe


class LackingByDefault(msgspec.Struct):
    x: t.Any = UNSET


class Unresolved(msgspec.Struct):
    x: OnlyForTypeCheckers  # noqa: F821


class Generic(msgspec.Struct, t.Generic[T]):
    items: list[T]


class Private(msgspec.Struct):
    _x: int = 1
    y: int = 2


class Open(msgspec.Struct, dict=True):
    x: int = 1

    def __post_init__(self):
        self.undeclared = SECRET


class Computed(msgspec.Struct):
    x: int = 2

    @property
    def square(self):
        return self.x**2


STRUCTS = [
    pytest.param(Empty, id="empty"),
    pytest.param(lambda: Plain(1), id="plain"),
    pytest.param(lambda: Plain(1, tags=["a"], inner=Plain(2)), id="nested"),
    pytest.param(lambda: Plain(1, inner=[Renamed(), Tagged()]), id="nested-otherwise"),
    pytest.param(lambda: Child(1), id="child"),
    pytest.param(lambda: Frozen(1), id="frozen"),
    pytest.param(lambda: KeywordOnly(y=2), id="keywords"),
    pytest.param(Renamed, id="renamed"),
    pytest.param(RenamedByDict, id="renamed-by-dict"),
    pytest.param(RenamedField, id="renamed-field"),
    pytest.param(RenamedChild, id="renamed-child"),
    pytest.param(Tagged, id="tagged"),
    pytest.param(TaggedByNumber, id="tagged-by-number"),
    pytest.param(TaggedByFunction, id="tagged-by-function"),
    pytest.param(Array, id="array"),
    pytest.param(lambda: Array(1, Array(2, Renamed())), id="nested-array"),
    pytest.param(TaggedArray, id="tagged-array"),
    pytest.param(lambda: Omitting(1), id="omitting"),
    pytest.param(
        lambda: Omitting(1, 1, "aaa", 1.0, None, [], {}, set(), [1], None),
        id="omitting-equals",
    ),
    pytest.param(
        lambda: Omitting(1, 2, "b", 2.0, 3, [None], {"a": 1}, {1}, [2], 4),
        id="omitting-nothing",
    ),
    pytest.param(lambda: Omitting(1, last=[]), id="omitting-another-empty"),
    pytest.param(lambda: Omitting(1, x=True, number=1), id="omitting-other-types"),
    pytest.param(lambda: OmittingOnlyKeywords(required=1), id="omitting-keywords"),
    pytest.param(OmittingArray, id="omitting-array"),
    pytest.param(lambda: OmittingTagged(y=3), id="omitting-tagged"),
    pytest.param(Lacking, id="unset"),
    pytest.param(lambda: Lacking(y=1), id="set"),
    pytest.param(LackingByAnnotation, id="unset-by-annotation"),
    pytest.param(lambda: LackingByAlias(UNSET), id="unset-by-alias"),
    pytest.param(LackingByDefault, id="unset-by-default"),
    pytest.param(lambda: Unresolved(UNSET), id="unset-by-unknown"),
    pytest.param(lambda: Unresolved(1), id="unknown"),
    pytest.param(lambda: Generic(items=[1, Plain(1)]), id="generic"),
    pytest.param(Private, id="private-name"),
    pytest.param(Open, id="undeclared"),
    pytest.param(Computed, id="property"),
]

PLACES = {
    "alone": lambda make: make(),
    "in-list": lambda make: [make()],
    "in-long-list": lambda make: [make() for _ in range(10)],
    "in-dict": lambda make: {"a": make(), "b": [make() for _ in range(10)]},
    "in-struct": lambda make: Plain(1, inner=make()),
}
PROVIDERS = pytest.mark.parametrize("provider", [None, "msgspec"])
WITH_PLACES = pytest.mark.parametrize("place", PLACES)
WITH_STRUCTS = pytest.mark.parametrize("make", STRUCTS)


def make_app(provider, **options):
    app = Flask("example", static_folder=None)
    app.kit = ResponseKit(app, json=provider, **options)
    app.json.sort_keys = False
    return app


def write(app, value):
    """Write what a view returns."""
    with app.test_request_context():
        return app.make_response(value).data


# What msgspec says


@PROVIDERS
@WITH_PLACES
@WITH_STRUCTS
def test_struct_is_what_msgspec_says(make, place, provider):
    expected = msgspec.to_builtins(PLACES[place](make))
    found = json.loads(write(make_app(provider), PLACES[place](make)))
    # With the order of the keys.
    assert json.dumps(found) == json.dumps(expected)


@pytest.mark.parametrize("name", ["xml", "csv", "yaml", "msgpack", "ndjson", "text"])
@PROVIDERS
@WITH_STRUCTS
def test_renderers_write_what_msgspec_says(make, provider, name):
    app = make_app(provider, renderers=[name])
    values = [make() for _ in range(10)]
    found, expected = write(app, values), write(app, msgspec.to_builtins(values))
    assert found == expected


@PROVIDERS
@WITH_STRUCTS
def test_nothing_shows_that_is_not_declared(make, provider):
    for place in PLACES.values():
        assert SECRET not in write(make_app(provider), place(make)).decode()


@PROVIDERS
def test_values_are_those_of_the_provider(provider):
    class Event(msgspec.Struct, rename="upper"):
        at: datetime.datetime = DAY
        on: datetime.date = DAY.date()
        time: datetime.time = DAY.time()
        took: datetime.timedelta = datetime.timedelta(1)
        price: decimal.Decimal = decimal.Decimal("1.20")
        id: uuid.UUID = ID
        color: Color = Color.RED
        pair: tuple[int, int] = (1, 2)
        numbers: dict[int, int] = {}

    app = make_app(provider)
    fields = Event.__struct_fields__
    event = Event(numbers={1: 2})
    same = {name.upper(): getattr(event, name) for name in fields}
    assert write(app, event) == write(app, same)
    if provider == "msgspec":
        assert json.loads(write(app, event)) == json.loads(msgspec.json.encode(event))


@PROVIDERS
@settings(max_examples=50)
@given(
    st.builds(
        Omitting,
        required=st.integers(-9, 9),
        x=st.integers(0, 2),
        text=st.sampled_from(["aaa", "", "b"]),
        number=st.sampled_from([1.0, 2.0]),
        nothing=st.none() | st.integers(0, 1),
        items=st.lists(st.integers(0, 1), max_size=1),
        named=st.dictionaries(st.text(max_size=1), st.integers(0, 1), max_size=1),
        members=st.sets(st.integers(0, 1), max_size=1),
        made=st.lists(st.integers(1, 1), max_size=1),
        last=st.none() | st.just(()) | st.just([]) | st.just(0),
    )
)
def test_omissions_are_those_of_msgspec(provider, struct):
    found = json.loads(write(make_app(provider), struct))
    assert json.dumps(found) == json.dumps(msgspec.to_builtins(struct))


# Converters of the app


@PROVIDERS
@WITH_PLACES
def test_converter_of_what_stands_in_a_struct_holds(place, provider):
    app = make_app(provider)
    app.kit.add_converter(datetime.datetime, lambda value: "own")
    for cls in (Plain, Array, OmittingTagged, Renamed):
        found = write(app, PLACES[place](lambda cls=cls: cls(DAY))).decode()
        assert '"own"' in found
        assert "2024" not in found


@PROVIDERS
@WITH_PLACES
@pytest.mark.parametrize("cls", [Open, Array, Tagged, Omitting])
def test_converter_of_a_struct_holds(cls, place, provider):
    app = make_app(provider)
    app.kit.add_converter(cls, lambda struct: {"own": True})
    found = write(app, PLACES[place](lambda: cls(5))).decode()
    expected = msgspec.to_builtins(PLACES[place](lambda: {"own": True}))
    assert json.loads(found) == expected


# Each function


@pytest.mark.parametrize(
    ("cls", "is_plain"),
    [
        *((Empty, True), (Plain, True), (Child, True), (Frozen, True), (Open, True)),
        *((KeywordOnly, True), (Private, True), (Generic, True), (Computed, True)),
        *((Renamed, False), (RenamedField, False), (RenamedByDict, False)),
        *((Tagged, False), (Array, False), (Omitting, False), (Lacking, False)),
        *((LackingByAnnotation, False), (LackingByAlias, False)),
        *((LackingByDefault, False), (Unresolved, False)),
    ],
)
def test_plain_classes_are_told_from_others(cls, is_plain):
    assert has_plain_fields(cls) is is_plain


@WITH_STRUCTS
def test_opener_opens_one_level(make):
    opened = make_opener(type(make()))(make())
    assert msgspec.to_builtins(opened) == msgspec.to_builtins(make())


def test_what_stands_in_a_struct_stays_what_it_is():
    inner = Plain(2)
    assert make_opener(Plain)(Plain(1, inner=inner))["inner"] is inner
    assert make_opener(Array)(Array(1, inner))[1] is inner
