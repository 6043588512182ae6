"""Models are what they say of themselves, wherever they stand."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import functools
import json
import typing as t
import uuid
import warnings

import msgspec
import pydantic
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from flask_responsekit import ResponseKit
from flask_responsekit.libraries.pydantic import _dump_around
from flask_responsekit.libraries.pydantic import dump
from flask_responsekit.libraries.pydantic import write_json
from flask_responsekit.libraries.pydantic import write_many
from flask_responsekit.libraries.pydantic_parts import dump_except
from flask_responsekit.libraries.pydantic_parts import get_parts

VERSION = tuple(map(int, pydantic.VERSION.split(".")[:2]))
NAN = float("nan")
DAY = datetime.datetime(2024, 1, 2)
ID = uuid.UUID(int=1)
SECRET = "secret"
T = t.TypeVar("T")


class Color(enum.Enum):
    RED = "red"


class Simple(pydantic.BaseModel):
    """All that is written as it is held."""

    id: int = 1
    name: str = "é"
    x: float = 1.5
    is_on: bool = True
    nothing: None = None
    maybe: t.Optional[int] = None  # noqa: UP045
    at: datetime.datetime = DAY
    on: datetime.date = DAY.date()
    code: uuid.UUID = ID
    tags: list[str] = ["a"]
    counts: dict[str, int] = {"a": 1}


class Rich(pydantic.BaseModel):
    """What is written otherwise than it is held, or not by msgspec."""

    color: Color = Color.RED
    price: decimal.Decimal = decimal.Decimal("1.20")
    took: datetime.timedelta = datetime.timedelta(days=1, seconds=1)
    time: datetime.time = DAY.time()
    pair: tuple[int, str] = (1, "a")
    names: set[str] = {"a"}
    data: bytes = b"a"
    numbers: dict[int, float] = {1: 1.5}
    anything: t.Any = {"a": (1, Color.RED)}


class Inner(pydantic.BaseModel):
    x: int = 1


class Outer(pydantic.BaseModel):
    inner: Inner = Inner()
    inners: list[Inner] = [Inner(x=2)]
    named: dict[str, Inner] = {"a": Inner(x=3)}


class SecretInner(Inner):
    secret: str = SECRET


class Aliased(pydantic.BaseModel):
    first_name: str = pydantic.Field("Ada", alias="firstName")
    last_name: str = pydantic.Field("L", serialization_alias="lastName")


class Partial(pydantic.BaseModel):
    id: int = 1
    password: str = pydantic.Field(SECRET, exclude=True)
    _token: str = pydantic.PrivateAttr(SECRET)

    @functools.cached_property
    def cached(self):
        return SECRET


class Nameless(pydantic.BaseModel):
    hidden: str = pydantic.Field(SECRET, exclude=True)


class Computed(pydantic.BaseModel):
    x: int = 2

    @pydantic.computed_field
    @property
    def square(self) -> int:
        return self.x**2


class Open(pydantic.BaseModel, extra="allow"):
    id: int = 1


class Root(pydantic.RootModel[list[int]]):
    pass


class RootOfModels(pydantic.RootModel[dict[str, Inner]]):
    pass


class Page(pydantic.BaseModel, t.Generic[T]):
    items: list[T]


class Cat(pydantic.BaseModel):
    kind: t.Literal["cat"] = "cat"
    lives: int = 9


class Dog(pydantic.BaseModel):
    kind: t.Literal["dog"] = "dog"


class Pet(pydantic.BaseModel):
    pet: t.Union[Cat, Dog] = pydantic.Field(  # noqa: UP007
        Cat(), discriminator="kind"
    )


class Guarded(pydantic.BaseModel):
    password: pydantic.SecretStr = pydantic.SecretStr(SECRET)


class FieldSerialized(pydantic.BaseModel):
    x: int = 1
    y: int = 2

    @pydantic.field_serializer("x")
    def write_x(self, x: int) -> str:
        return f"<{x}>"


class AllSerialized(pydantic.BaseModel):
    x: int = 1

    @pydantic.field_serializer("*", check_fields=False)
    def write_any(self, value: t.Any) -> str:
        return f"<{value}>"


class ModelSerialized(pydantic.BaseModel):
    x: int = 1

    @pydantic.model_serializer
    def write(self) -> dict[str, t.Any]:
        return {"only": self.x}


class WrapSerialized(pydantic.BaseModel):
    x: int = 1

    @pydantic.model_serializer(mode="wrap")
    def write(self, write: t.Any) -> dict[str, t.Any]:
        return {**write(self), "more": 1}


Even = t.Annotated[int, pydantic.PlainSerializer(lambda x: x * 2, return_type=int)]


class Annotated(pydantic.BaseModel):
    x: Even = 1
    xs: list[Even] = [1, 2]


class OwnDump(pydantic.BaseModel):
    x: int = 1

    def model_dump(self, **options):
        return {"own": self.x}


class Validated(pydantic.BaseModel):
    x: int = 1

    @pydantic.field_validator("x")
    @classmethod
    def check(cls, x):
        return x

    @pydantic.model_validator(mode="after")
    def check_all(self):
        return self


class FieldValidated(pydantic.BaseModel):
    x: int = 1

    @pydantic.field_validator("x")
    @classmethod
    def check(cls, x):
        return x


class Frozen(pydantic.BaseModel, frozen=True, title="F", from_attributes=True):
    x: int = 1


class Seconds(pydantic.BaseModel, ser_json_timedelta="float"):
    took: datetime.timedelta = datetime.timedelta(minutes=1)


class Base64(pydantic.BaseModel, ser_json_bytes="base64"):
    data: bytes = b"\xff\xfe"


class EnumValues(pydantic.BaseModel, use_enum_values=True):
    color: Color = Color.RED


with warnings.catch_warnings():
    # An option of old, which is back since pydantic 2.1.
    warnings.simplefilter("ignore")

    class Encoded(pydantic.BaseModel):
        model_config = {"json_encoders": {int: lambda number: f"<{number}>"}}
        x: int = 1


def with_cached():
    model = Partial()
    assert model.cached == SECRET
    return model


def with_undeclared():
    model = Simple()
    vars(model)["undeclared"] = SECRET
    return model


MODELS = [
    pytest.param(Simple, id="simple"),
    pytest.param(Rich, id="rich"),
    pytest.param(Inner, id="inner"),
    pytest.param(Outer, id="nested"),
    pytest.param(
        lambda: Outer(
            inner=SecretInner(), inners=[SecretInner()], named={"a": SecretInner()}
        ),
        id="subclass-in-field",
    ),
    pytest.param(SecretInner, id="subclass"),
    pytest.param(Aliased, id="aliases"),
    pytest.param(Partial, id="excluded"),
    pytest.param(with_cached, id="cached"),
    pytest.param(Nameless, id="all-excluded"),
    pytest.param(Computed, id="computed"),
    pytest.param(lambda: Open(more=DAY), id="extra"),
    pytest.param(lambda: Root([1, 2]), id="root"),
    pytest.param(lambda: RootOfModels({"a": SecretInner()}), id="root-of-models"),
    pytest.param(lambda: Page[int](items=[1]), id="generic"),
    pytest.param(lambda: Page[Inner](items=[SecretInner()]), id="generic-of-models"),
    pytest.param(lambda: Page(items=[DAY, Inner()]), id="generic-of-anything"),
    pytest.param(Pet, id="union"),
    pytest.param(Guarded, id="secret"),
    pytest.param(FieldSerialized, id="field-serializer"),
    pytest.param(AllSerialized, id="serializer-of-all-fields"),
    pytest.param(ModelSerialized, id="model-serializer"),
    pytest.param(WrapSerialized, id="wrap-serializer"),
    pytest.param(Annotated, id="annotated"),
    pytest.param(OwnDump, id="own-dump"),
    pytest.param(Validated, id="validators"),
    pytest.param(Frozen, id="config"),
    pytest.param(Seconds, id="timedelta"),
    pytest.param(Base64, id="bytes"),
    pytest.param(EnumValues, id="enum-values"),
    pytest.param(Encoded, id="json-encoders"),
    pytest.param(lambda: Inner.model_construct(x="no number"), id="constructed"),
    pytest.param(lambda: Inner.model_construct(), id="constructed-default"),
    pytest.param(
        lambda: Simple.model_construct(_fields_set=set(), tags=[Inner()]),
        id="constructed-amiss",
    ),
]

if VERSION >= (2, 11):

    class ByAlias(pydantic.BaseModel, serialize_by_alias=True):
        first_name: str = pydantic.Field("Ada", alias="firstName")

        @pydantic.computed_field(alias="theSquare")
        @property
        def square(self) -> int:
            return 4

    MODELS.append(pytest.param(ByAlias, id="by-alias"))

PLACES = {
    "alone": lambda make: make(),
    "in-list": lambda make: [make()],
    "in-long-list": lambda make: [make() for _ in range(10)],
    "in-dict": lambda make: {"a": make(), "b": [make() for _ in range(10)]},
}
PROVIDERS = pytest.mark.parametrize("provider", [None, "msgspec"])
WITH_PLACES = pytest.mark.parametrize("place", PLACES)
WITH_MODELS = pytest.mark.parametrize("make", MODELS)
#: Of what does not fit its field, pydantic warns when it is written.
FITS = pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")


def make_app(provider, **options):
    app = Flask("example", static_folder=None)
    app.kit = ResponseKit(app, json=provider, **options)
    app.json.sort_keys = False
    return app


def write(app, value):
    """Write what a view returns."""
    with app.test_request_context():
        return app.make_response(value).data


# What pydantic says


@FITS
@PROVIDERS
@WITH_PLACES
@WITH_MODELS
def test_model_is_its_own_dump(make, place, provider):
    expected = PLACES[place](lambda: make().model_dump(mode="json"))
    found = write(make_app(provider), PLACES[place](make))
    # With the order of the keys.
    assert json.dumps(json.loads(found)) == json.dumps(expected)


@FITS
@PROVIDERS
@WITH_MODELS
def test_nothing_shows_that_pydantic_leaves_out(make, provider):
    for place in PLACES.values():
        found = write(make_app(provider), place(make)).decode()
        assert found.count(SECRET) == place(
            lambda: json.dumps(make().model_dump(mode="json"))
        ).__str__().count(SECRET)


@PROVIDERS
def test_what_is_held_but_not_declared_does_not_show(provider):
    for place in PLACES.values():
        assert SECRET not in write(make_app(provider), place(with_undeclared)).decode()


@FITS
@PROVIDERS
@WITH_MODELS
def test_sorted_keys_are_sorted_inside_models(make, provider):
    app = make_app(provider)
    app.json.sort_keys = True
    for place in PLACES.values():
        found = json.loads(write(app, place(make)))
        assert json.dumps(found) == json.dumps(found, sort_keys=True)


@FITS
@PROVIDERS
@pytest.mark.parametrize("name", ["xml", "csv", "yaml", "msgpack", "ndjson", "text"])
@WITH_MODELS
def test_renderers_write_what_pydantic_says(make, name, provider):
    app = make_app(provider, renderers=[name])
    found, expected = (
        write(app, [value() for _ in range(10)])
        for value in (make, lambda: make().model_dump(mode="json"))
    )
    assert found.replace(b"\r\n", b"\n") == expected.replace(b"\r\n", b"\n")


SCALARS = st.fixed_dictionaries(
    {
        "id": st.integers(-(2**63), 2**63 - 1),
        "name": st.text(),
        "x": st.floats(allow_nan=False, allow_infinity=False),
        "is_on": st.booleans(),
        "maybe": st.none() | st.integers(-9, 9),
        "at": st.datetimes() | st.datetimes(timezones=st.just(datetime.timezone.utc)),
        "on": st.dates(),
        "code": st.uuids(),
        "tags": st.lists(st.text()),
        "counts": st.dictionaries(st.text(), st.integers(-9, 9)),
    }
)
RICH = st.fixed_dictionaries(
    {
        "price": st.decimals(allow_nan=False, allow_infinity=False, places=2),
        "took": st.timedeltas(datetime.timedelta(-999), datetime.timedelta(999)),
        "time": st.times(),
        "pair": st.tuples(st.integers(-9, 9), st.text()),
        "data": st.text().map(str.encode),
        "numbers": st.dictionaries(st.integers(), st.integers(-9, 9).map(float)),
    }
)


@PROVIDERS
@pytest.mark.parametrize("count", [1, 10])
@settings(max_examples=50)
@given(data=st.data())
def test_quick_ways_give_what_pydantic_writes(provider, count, data):
    cls, values = data.draw(st.sampled_from([(Simple, SCALARS), (Rich, RICH)]))
    models = [cls(**data.draw(values)) for _ in range(count)]
    found = json.loads(write(make_app(provider), models))
    assert found == [json.loads(model.model_dump_json()) for model in models]


# Numbers that JSON does not have


MODES = ["null", "constants", "strings"][: 3 if VERSION >= (2, 8) else 2]


@pytest.mark.skipif(VERSION < (2, 4), reason="an option of pydantic 2.4")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("x", [NAN, float("inf"), -float("inf")])
def test_msgspec_writes_null_for_what_the_dump_says_is_no_number(mode, x):
    class Float(pydantic.BaseModel, ser_json_inf_nan=mode):
        x: float

    for place in PLACES.values():
        found = json.loads(write(make_app("msgspec"), place(lambda: Float(x=x))))
        assert found == place(lambda: {"x": None})


@pytest.mark.parametrize("x", [NAN, float("inf")])
def test_default_provider_writes_what_the_dump_says_or_refuses_it(x):
    class Float(pydantic.BaseModel):
        x: float

    value = Float(x=x).model_dump(mode="json")["x"]
    for place in PLACES.values():
        if value is None:
            found = json.loads(write(make_app(None), place(lambda: Float(x=x))))
            assert found == place(lambda: {"x": None})
        else:
            with pytest.raises(ValueError, match="JSON"):
                write(make_app(None), place(lambda: Float(x=x)))


# Converters of the app


class Person(pydantic.BaseModel):
    name: str = "Ada"
    born: datetime.date = DAY.date()
    seen: list[datetime.datetime] = [DAY]
    color: Color = Color.RED
    inner: Inner = Inner()
    inners: dict[str, Inner] = {"a": Inner()}


CONVERTED = [
    pytest.param(
        datetime.date, {"born": "own", "seen": ["own"]}, id="date-and-datetime"
    ),
    pytest.param(datetime.datetime, {"seen": ["own"]}, id="datetime"),
    pytest.param(Color, {"color": "own"}, id="enum"),
    pytest.param(Inner, {"inner": "own", "inners": {"a": "own"}}, id="model"),
]


@PROVIDERS
@WITH_PLACES
@pytest.mark.parametrize(("cls", "changes"), CONVERTED)
def test_converter_of_what_stands_in_a_model_holds(cls, changes, place, provider):
    app = make_app(provider)
    app.kit.add_converter(cls, lambda value: "own")
    found = json.loads(write(app, PLACES[place](Person)))
    dumped = {**Person().model_dump(mode="json"), **changes}
    assert found == PLACES[place](lambda: dumped)


@PROVIDERS
@WITH_PLACES
def test_converter_of_a_model_holds(place, provider):
    app = make_app(provider)
    app.kit.add_converter(Person, lambda person: {"name": person.name})
    found = json.loads(write(app, PLACES[place](Person)))
    assert found == PLACES[place](lambda: {"name": "Ada"})


@PROVIDERS
@WITH_PLACES
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(Partial, id="excluded"),
        pytest.param(Guarded, id="secret"),
        pytest.param(with_undeclared, id="undeclared"),
        pytest.param(ModelSerialized, id="model-serializer"),
        pytest.param(FieldSerialized, id="field-serializer"),
        pytest.param(OwnDump, id="own-dump"),
        pytest.param(AllSerialized, id="serializer-of-all-fields"),
    ],
)
def test_converter_shows_nothing_that_the_model_does_not(make, place, provider):
    app = make_app(provider)
    app.kit.add_converter(str, lambda text: f"own {text}")
    app.kit.add_converter(complex, lambda value: "unused")
    found = write(app, PLACES[place](make)).decode()
    assert SECRET not in found
    if make in (ModelSerialized, FieldSerialized, OwnDump, AllSerialized):
        assert json.loads(found) == PLACES[place](
            lambda: make().model_dump(mode="json")
        )


@PROVIDERS
@pytest.mark.skipif(VERSION < (2, 11), reason="an option of pydantic 2.11")
def test_converted_part_has_the_name_that_the_model_gives_it(provider):
    class Named(pydantic.BaseModel, serialize_by_alias=True):
        born: datetime.date = pydantic.Field(DAY.date(), alias="bornOn")
        died: datetime.date = pydantic.Field(DAY.date(), serialization_alias="diedOn")
        plain: datetime.date = DAY.date()

        @pydantic.computed_field(alias="seenOn")
        @property
        def seen(self) -> datetime.date:
            return DAY.date()

    app = make_app(provider)
    app.kit.add_converter(datetime.date, lambda day: "own")
    names = ["bornOn", "diedOn", "plain", "seenOn"]
    assert {*json.loads(write(app, Named()))} == {*names}
    assert json.loads(write(app, [Named()] * 10)) == [dict.fromkeys(names, "own")] * 10


@PROVIDERS
@pytest.mark.parametrize(
    ("make", "expected"),
    [
        pytest.param(lambda: Open(more=DAY), {"id": 1, "more": "own"}, id="extra"),
        pytest.param(
            lambda: pydantic.RootModel[list[datetime.datetime]]([DAY]),
            ["own"],
            id="root",
        ),
        pytest.param(lambda: Root([1]), [1], id="other-root"),
        pytest.param(
            lambda: Page[datetime.datetime](items=[DAY]),
            {"items": ["own"]},
            id="generic",
        ),
        pytest.param(lambda: Page[int](items=[1]), {"items": [1]}, id="untouched"),
    ],
)
def test_converter_holds_in_models_of_all_kinds(make, expected, provider):
    app = make_app(provider)
    app.kit.add_converter(datetime.datetime, lambda value: "own")
    assert json.loads(write(app, make())) == expected
    assert json.loads(write(app, [make()] * 10)) == [expected] * 10


# Each function


@FITS
@WITH_MODELS
def test_dump_is_that_of_the_model(make):
    assert dump(make()) == make().model_dump(mode="json")


@FITS
@WITH_MODELS
def test_json_is_what_the_dump_says_or_left_to_the_caller(make):
    written = write_json(make())
    if written is None:
        assert make is OwnDump
    else:
        assert json.loads(written) == make().model_dump(mode="json")


@FITS
@WITH_MODELS
@pytest.mark.parametrize("is_fluid", [False, True])
def test_many_are_what_the_dumps_say_or_left_to_the_caller(make, is_fluid):
    models = [make(), make()]
    written = write_many(type(models[0]), is_fluid, models)
    if written is not None:
        expected = [model.model_dump(mode="json") for model in models]
        assert json.loads(msgspec.json.encode(written, enc_hook=dump)) == expected
    else:
        assert is_fluid or make is OwnDump


class Newer:
    """What says of itself what models of new releases of pydantic say."""

    model_dump = pydantic.BaseModel.model_dump
    model_fields = {"x": None, "y": None}
    __pydantic_core_schema__ = {
        "type": "model",
        "config": {"title": "Newer"},
        "schema": {
            "type": "model-fields",
            "fields": {
                "x": {"type": "model-field", "schema": {"type": "int"}},
                "y": {
                    "type": "model-field",
                    "schema": {"type": "list", "items_schema": {"type": "str"}},
                },
            },
        },
    }

    def __init__(self):
        self.x = 1
        self.y = ["a"]


class NewerSerialized(Newer):
    __pydantic_core_schema__ = {
        **Newer.__pydantic_core_schema__,
        "schema": {
            "type": "model-fields",
            "fields": {
                "x": {"type": "model-field", "schema": {"type": "int"}},
                "y": {
                    "type": "model-field",
                    "schema": {"type": "str", "serialization": {}},
                },
            },
        },
    }


def test_models_are_known_by_what_new_releases_say_of_them():
    assert write_many(Newer, True, [Newer()] * 2) == [{"x": 1, "y": ["a"]}] * 2
    assert write_many(NewerSerialized, True, [NewerSerialized()] * 2) is None
    other = Newer()
    other.undeclared = SECRET
    assert write_many(Newer, True, [Newer(), other]) is None


@pytest.mark.parametrize("cls", [Simple, Inner, FieldValidated, Frozen])
def test_simple_models_are_taken_by_what_they_hold(cls):
    models = [cls(), cls()]
    written = write_many(cls, True, models)
    # Old releases wrap what they say of a class in more than is known here.
    assert written == [*map(vars, models)] or (VERSION < (2, 11) and written is None)


@pytest.mark.parametrize(
    "make",
    [
        *(Rich, Outer, Partial, Computed, Guarded, FieldSerialized, AllSerialized),
        *(ModelSerialized, WrapSerialized, Annotated, OwnDump, Seconds, Base64),
        *(
            Aliased,
            Validated,
            EnumValues,
            lambda: Open(a=1),
            lambda: Root([1]),
            with_cached,
        ),
        with_undeclared,
    ],
)
def test_other_models_are_not_taken_by_what_they_hold(make):
    assert write_many(type(make()), True, [make(), make()]) is None


def test_numbers_that_json_does_not_have_are_left_to_the_caller():
    class Float(pydantic.BaseModel, **_CONSTANTS):
        x: float
        y: Even = 1

    if _CONSTANTS:
        assert write_json(Float(x=NAN)) is None
        assert write_many(Float, False, [Float(x=NAN)]) is None
    assert json.loads(write_json(Float(x=1))) == {"x": 1, "y": 2}


_CONSTANTS = {"ser_json_inf_nan": "constants"} if VERSION >= (2, 4) else {}


@pytest.mark.parametrize(
    ("make", "parts"),
    [
        pytest.param(Inner, {"x": 1}, id="fields"),
        pytest.param(Partial, {"id": 1, "password": SECRET}, id="excluded"),
        pytest.param(Computed, {"x": 2, "square": 4}, id="computed"),
        pytest.param(lambda: Open(more=2), {"id": 1, "more": 2}, id="extra"),
        pytest.param(lambda: Root([1]), {"root": [1]}, id="root"),
        pytest.param(FieldSerialized, {"y": 2}, id="field-serializer"),
        pytest.param(Annotated, {"xs": [1, 2]}, id="annotated"),
        pytest.param(AllSerialized, {}, id="serializer-of-all-fields"),
        pytest.param(ModelSerialized, {}, id="model-serializer"),
        pytest.param(OwnDump, {}, id="own-dump"),
    ],
)
def test_parts_are_what_no_serializer_takes(make, parts):
    assert get_parts(make()) == parts


def test_what_is_held_but_not_declared_is_no_part():
    assert "cached" not in get_parts(with_cached())
    assert "undeclared" not in get_parts(with_undeclared())


class Day(datetime.date):
    """What is taken."""


@dataclasses.dataclass
class Event:
    day: datetime.date
    note: str = "n"


ON = Day(2024, 1, 2)


class Held(pydantic.BaseModel):
    """What may be at any depth."""

    value: t.Any = 1


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        pytest.param(Inner, {"x": 1}, id="nothing"),
        pytest.param(lambda: Held(value=ON), {"value": ON}, id="field"),
        pytest.param(lambda: Held(value=[ON, 1]), {"value": [ON, 1]}, id="list"),
        pytest.param(lambda: Held(value=(ON, (1,))), {"value": [ON, [1]]}, id="tuple"),
        pytest.param(lambda: Held(value={"a": ON}), {"value": {"a": ON}}, id="dict"),
        pytest.param(lambda: Held(value={ON: 1}), {"value": {ON: 1}}, id="key"),
        pytest.param(
            lambda: Held(value=Held(value=ON)), {"value": {"value": ON}}, id="model"
        ),
        pytest.param(
            lambda: Held(value=Event(ON)),
            {"value": {"day": ON, "note": "n"}},
            id="dataclass",
        ),
        pytest.param(
            lambda: pydantic.RootModel[list[t.Any]]([ON]), [ON], id="root-model"
        ),
        pytest.param(
            lambda: Held(value=pydantic.RootModel[t.Any](ON)),
            {"value": ON},
            id="nested-root-model",
        ),
        pytest.param(lambda: Open(more=ON), {"id": 1, "more": ON}, id="extra"),
        pytest.param(Computed, {"x": 2, "square": 4}, id="computed"),
        pytest.param(FieldSerialized, {"x": "<1>", "y": 2}, id="field-serializer"),
        pytest.param(ModelSerialized, {"only": 1}, id="model-serializer"),
        pytest.param(OwnDump, {"own": 1}, id="own-dump"),
        pytest.param(Partial, {"id": 1}, id="excluded"),
        pytest.param(
            lambda: Held(value=ModelSerialized(x=5)),
            {"value": {"only": 5}},
            id="nested-serializer",
        ),
    ],
)
def test_what_is_taken_stays_in_its_place_at_any_depth(make, expected):
    found = dump_except(make(), lambda cls: cls is Day)
    assert found == expected
    assert json.dumps(found, default=str, skipkeys=True) == json.dumps(
        expected, default=str, skipkeys=True
    )


def as_text(value):
    return "text"


class PartlySerialized(pydantic.BaseModel):
    """A serializer has the last word, wherever it stands."""

    inners: list[t.Annotated[Inner, pydantic.PlainSerializer(as_text)]] = [Inner()]
    dicts: list[t.Annotated[dict[str, t.Any], pydantic.PlainSerializer(as_text)]] = [
        {"a": ON}
    ]
    lists: list[t.Annotated[list[t.Any], pydantic.PlainSerializer(as_text)]] = [[ON]]
    others: list[t.Any] = [ON]


def test_what_a_serializer_takes_is_not_put_back():
    assert dump_except(PartlySerialized(), lambda cls: cls is Day) == {
        "inners": ["text"],
        "dicts": ["text"],
        "lists": ["text"],
        "others": [ON],
    }


def test_what_is_taken_has_the_name_that_the_model_gives_it():
    class Named(pydantic.BaseModel):
        # An option of pydantic 2.11.
        model_config = {"serialize_by_alias": True}
        a: t.Any = pydantic.Field(ON, alias="x")
        b: t.Any = pydantic.Field(ON, serialization_alias="y")
        c: t.Any = ON

    found = dump_except(Named(), lambda cls: cls is Day)
    if VERSION >= (2, 11):
        assert found == {"x": ON, "y": ON, "c": ON}
    else:
        assert found["c"] == ON


class Thing:
    def __repr__(self):
        # Which some releases show instead of the type.
        return "<Thing>"


class Holder(pydantic.BaseModel, arbitrary_types_allowed=True):
    thing: Thing = Thing()
    things: list[Thing] = []
    note: str = "n"
    number: int = pydantic.Field(1, alias="No")


class Failing(pydantic.BaseModel):
    x: int = 1

    @pydantic.field_serializer("x")
    def write_x(self, x: int) -> int:
        raise ValueError("no luck")


@PROVIDERS
def test_object_that_nothing_is_known_of_is_an_error_that_names_it(provider):
    for place in PLACES.values():
        with pytest.raises(TypeError, match="Thing"):
            write(make_app(provider), place(Holder))


class OldSerializer:
    def to_python(self, model, *, mode, by_alias, fallback):
        assert (mode, by_alias) == ("json", False)
        return {"a": [fallback(model.thing)]}


class OldModel:
    """It has the names of models, as old releases have them."""

    thing = object()
    __pydantic_serializer__ = OldSerializer()

    def model_dump(self, *, mode): ...


class NewModel(OldModel):
    def model_dump(self, *, mode, fallback):
        return {"a": [fallback(self.thing)]}


@pytest.mark.parametrize("cls", [OldModel, NewModel])
def test_releases_are_asked_for_what_they_do_not_know_in_their_way(cls):
    assert _dump_around(cls()) == {"a": [cls.thing]}


def test_what_pydantic_does_not_know_stays_as_it_is():
    thing = Thing()
    dumped = dump(Holder(thing=thing, things=[thing]))
    assert dumped["thing"] is dumped["things"][0] is thing


@PROVIDERS
def test_error_of_a_serializer_is_not_hidden(provider):
    with pytest.raises(ValueError, match="no luck"):
        dump(Failing())
    for place in PLACES.values():
        with pytest.raises(ValueError, match="no luck"):
            write(make_app(provider), place(Failing))


@PROVIDERS
@WITH_PLACES
def test_object_is_taken_by_its_converter(place, provider):
    app = make_app(provider)
    app.kit.add_converter(Thing, lambda thing: "own")
    found = json.loads(write(app, PLACES[place](Holder)))
    expected = {"thing": "own", "things": [], "note": "n", "number": 1}
    assert found == PLACES[place](lambda: expected)


def test_what_is_read_once_is_refused_where_a_converter_may_take_something():
    class Reading(pydantic.BaseModel):
        names: t.Any

    with pytest.raises(TypeError, match="'names' of a .*Reading .* Give it a list"):
        get_parts(Reading(names=iter(["a"])))
    assert get_parts(Reading(names=["a"])) == {"names": ["a"]}
