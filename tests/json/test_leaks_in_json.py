"""What a converter leaves out must not show, whatever msgspec would write by itself."""

from __future__ import annotations

import abc
import base64
import collections
import dataclasses
import datetime
import decimal
import enum
import gc
import io
import json
import sys
import types
import typing as t
import uuid

import attrs
import flask
import msgspec
import pydantic
import pytest
from flask import Blueprint
from flask import Flask

from flask_responsekit import EventStream
from flask_responsekit import Problem
from flask_responsekit import ResponseKit
from flask_responsekit import ServerSentEvent
from flask_responsekit.json import MsgspecJSONProvider
from flask_responsekit.json.fields import has_fields
from flask_responsekit.json.msgspec_plain import NATIVE_TYPES

SECRET = "1902"
PUBLIC = "shown"
#: What base64 makes of the secret, wherever it stands.
ENCODED = base64.b64encode(SECRET.encode()).decode().rstrip("=")
MAY_HOLD = pydantic.ConfigDict(arbitrary_types_allowed=True)
T = t.TypeVar("T")


# Kinds of value. Each has something that its converter leaves out.


class Base:
    """What some converters are registered for."""

    def area(self):
        return 0


@t.runtime_checkable
class HasArea(t.Protocol):
    def area(self) -> int: ...


class Ordinary(Base):
    def __init__(self):
        self.secret = SECRET

    def __repr__(self):
        return SECRET


class Marked(Ordinary):
    def __html__(self):
        return SECRET


@dataclasses.dataclass
class Data(Base):
    secret: str = SECRET


@dataclasses.dataclass(frozen=True)
class FrozenData(Base):
    secret: str = SECRET


@dataclasses.dataclass(frozen=True, slots=True)
class SlottedData:
    secret: str = SECRET


@dataclasses.dataclass(frozen=True)
class SubData(FrozenData):
    more: str = SECRET


class UndecoratedData(FrozenData):
    pass


@dataclasses.dataclass(frozen=True)
class GenericData(Base, t.Generic[T]):
    secret: str = SECRET


@dataclasses.dataclass(eq=False)
class TextData(Base, str):
    secret: str = SECRET


@attrs.frozen
class Slotted:
    secret: str = SECRET


@attrs.frozen(slots=False)
class Open(Base):
    secret: str = SECRET


@attrs.frozen
class Private:
    _secret: str = SECRET


class UndecoratedAttrs(Slotted):
    pass


class Struct(msgspec.Struct, frozen=True):
    secret: str = SECRET


class RenamedStruct(msgspec.Struct, frozen=True, rename="upper", tag=SECRET):
    secret: str = SECRET


class SparseStruct(msgspec.Struct, frozen=True, omit_defaults=True):
    secret: object = None


class ListStruct(msgspec.Struct, frozen=True, array_like=True):
    secret: str = SECRET


class SubStruct(Struct, frozen=True):
    more: str = SECRET


class Pair(t.NamedTuple):
    secret: str = SECRET


class SubPair(Base, Pair):
    pass


class OwnDict(Base, dict):
    pass


class OwnList(Base, list):
    pass


class OwnTuple(Base, tuple):
    pass


class OwnSet(Base, frozenset):
    pass


class OwnDeque(Base, collections.deque):
    pass


class OwnMapping(Base, collections.UserDict):
    pass


class OwnText(Base, str):
    pass


class OwnInt(Base, int):
    pass


class OwnFloat(Base, float):
    pass


class OwnBytes(Base, bytes):
    pass


class OwnTime(Base, datetime.datetime):
    pass


class OwnDate(Base, datetime.date):
    pass


class OwnDelta(Base, datetime.timedelta):
    pass


class OwnDecimal(Base, decimal.Decimal):
    pass


class OwnUUID(Base, uuid.UUID):
    pass


class Colour(Base, enum.Enum):
    RED = SECRET


class Level(Base, enum.IntEnum):
    TOP = int(SECRET)


class Word(Base, str, enum.Enum):
    TOP = SECRET


class Right(Base, enum.IntFlag):
    READ = 2048


class Model(pydantic.BaseModel, Base):
    model_config = pydantic.ConfigDict(frozen=True)
    secret: str = SECRET


class OpenModel(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="allow")


class SubModel(Model):
    more: str = SECRET


class Root(pydantic.RootModel[str]):
    model_config = pydantic.ConfigDict(frozen=True)


@pydantic.dataclasses.dataclass(frozen=True)
class PydanticData:
    secret: str = SECRET


DAY = datetime.date(1902, 1, 1)
HEX = SECRET * 8
VALUES = {
    "class": Ordinary(),
    "class with html": Marked(),
    "dataclass": Data(),
    "frozen dataclass": FrozenData(),
    "dataclass with slots": SlottedData(),
    "subclass of dataclass": SubData(),
    "undecorated subclass of dataclass": UndecoratedData(),
    "generic dataclass": GenericData[int](),
    "dataclass that is text": TextData(SECRET),
    "attrs": Slotted(),
    "attrs without slots": Open(),
    "attrs with private name": Private(),
    "undecorated subclass of attrs": UndecoratedAttrs(),
    "struct": Struct(),
    "renamed struct": RenamedStruct(),
    "sparse struct": SparseStruct(SECRET),
    "struct as list": ListStruct(),
    "subclass of struct": SubStruct(),
    "namedtuple": Pair(),
    "subclass of namedtuple": SubPair(),
    "dict": OwnDict(a=SECRET),
    "list": OwnList([SECRET]),
    "tuple": OwnTuple([SECRET]),
    "frozenset": OwnSet([SECRET]),
    "deque": OwnDeque([SECRET]),
    "mapping": OwnMapping(a=SECRET),
    "text": OwnText(SECRET),
    "int": OwnInt(SECRET),
    "float": OwnFloat(SECRET),
    "bytes": OwnBytes(SECRET.encode()),
    "subclass of datetime": OwnTime(1902, 1, 1),
    "subclass of date": OwnDate(1902, 1, 1),
    "subclass of timedelta": OwnDelta(1902),
    "subclass of Decimal": OwnDecimal(SECRET),
    "subclass of UUID": OwnUUID(HEX),
    "enum": Colour.RED,
    "int enum": Level.TOP,
    "text enum": Word.TOP,
    "flag": Right.READ,
    "model": Model(),
    "open model": OpenModel(secret=SECRET),
    "subclass of model": SubModel(),
    "root model": Root(SECRET),
    "pydantic dataclass": PydanticData(),
}
#: What has no base of its own.
BUILT_IN = {
    "datetime": datetime.datetime(1902, 1, 1),
    "date": DAY,
    "time": datetime.time(19, 2, 19, 2),
    "timedelta": datetime.timedelta(1902),
    "Decimal": decimal.Decimal(SECRET),
    "UUID": uuid.UUID(HEX),
    "set": {SECRET},
    "frozenset": frozenset([SECRET]),
    "deque": collections.deque([SECRET]),
    "OrderedDict": collections.OrderedDict(a=SECRET),
    "defaultdict": collections.defaultdict(list, a=SECRET),
}


# Ways to register. The name of a module is one that nobody has.


def by_nobody(kit, value, converter):
    pass


def by_class(kit, value, converter):
    kit.add_converter(type(value), converter)


def by_base(kit, value, converter):
    kit.add_converter(Base, converter)


def by_nearest_base(kit, value, converter):
    kit.add_converter(type(value).__mro__[1], converter)


def by_abc(kit, value, converter):
    abstract = abc.ABCMeta("Abstract", (), {})
    abstract.register(type(value))
    kit.add_converter(abstract, converter)


def by_protocol(kit, value, converter):
    kit.add_converter(HasArea, converter)


def by_name(kit, value, converter):
    kit.add_converter("leaky_json.Kind", converter)


def by_object(kit, value, converter):
    kit.add_converter(object, converter)


def by_enum(kit, value, converter):
    kit.add_converter(enum.Enum, converter)


def in_scope(kit, value, converter):
    kit.scoped.add_converter(type(value), converter)


def in_scope_and_kit(kit, value, converter):
    kit.add_converter(type(value), lambda value: SECRET)
    kit.scoped.add_converter(type(value), converter)


def as_text(value):
    return PUBLIC


def as_record(value):
    return {"name": PUBLIC}


def as_list(value):
    return [PUBLIC]


def as_data(value):
    return GenericData(PUBLIC)


def list_cases():
    for name, value in (VALUES | BUILT_IN).items():
        yield pytest.param(value, by_class, as_text, id=f"{name}-by-class")
        yield pytest.param(value, by_class, as_record, id=f"{name}-as-record")
        yield pytest.param(value, by_name, as_text, id=f"{name}-by-name")
        yield pytest.param(value, in_scope, as_text, id=f"{name}-in-scope")
    for name, value in VALUES.items():
        yield pytest.param(value, by_abc, as_text, id=f"{name}-by-abc")
        if isinstance(value, Base):
            yield pytest.param(value, by_base, as_text, id=f"{name}-by-base")
            yield pytest.param(value, by_protocol, as_text, id=f"{name}-by-protocol")
    for name in ("dataclass", "attrs", "struct", "namedtuple", "model", "class"):
        yield pytest.param(VALUES[name], by_class, as_list, id=f"{name}-as-list")
    for name in (
        *("subclass of dataclass", "undecorated subclass of dataclass"),
        *("undecorated subclass of attrs", "subclass of struct", "subclass of model"),
    ):
        case = (VALUES[name], by_nearest_base, as_text)
        yield pytest.param(*case, id=f"{name}-by-its-own-base")
        case = (VALUES[name], in_scope_and_kit, as_text)
        yield pytest.param(*case, id=f"{name}-in-scope-and-kit")
    for name in ("enum", "int enum", "text enum", "flag"):
        yield pytest.param(VALUES[name], by_enum, as_text, id=f"{name}-by-enum")
    yield pytest.param(Ordinary(), by_object, as_text, id="class-by-object")
    yield pytest.param(Ordinary(), by_object, as_record, id="class-by-object-as-record")
    yield pytest.param(Ordinary(), by_class, as_data, id="class-as-dataclass")


# Places: what a value stands in.


@dataclasses.dataclass
class DataBox:
    inner: object


@dataclasses.dataclass(slots=True)
class SlottedBox:
    inner: object


@attrs.define
class AttrsBox:
    inner: object


@attrs.define(slots=False)
class OpenBox:
    inner: object


class StructBox(msgspec.Struct):
    inner: object


class TaggedBox(msgspec.Struct, tag=True, rename="upper", omit_defaults=True):
    inner: object = None


class ListBox(msgspec.Struct, array_like=True):
    inner: object


class TupleBox(t.NamedTuple):
    inner: object


class ModelBox(pydantic.BaseModel):
    model_config = MAY_HOLD
    inner: t.Any


class RowsBox(pydantic.BaseModel):
    model_config = MAY_HOLD
    rows: list[t.Any]


class AliasBox(pydantic.BaseModel):
    model_config = MAY_HOLD | pydantic.ConfigDict(serialize_by_alias=True)
    inner: t.Any = pydantic.Field(alias="Inner")


class OpenModelBox(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")


class RootBox(pydantic.RootModel[t.Any]):
    pass


class ComputedBox(pydantic.BaseModel):
    _inner: t.Any = pydantic.PrivateAttr()

    @pydantic.computed_field
    @property
    def computed(self) -> t.Any:
        return self._inner


def make_computed_box(value):
    box = ComputedBox()
    box._inner = value
    return box


PLACES = {
    "top": lambda value: value,
    "list of one": lambda value: [value],
    "list of ten": lambda value: [value] * 10,
    "list of unlike": lambda value: [1, value, "a", None, value, [value]],
    "list of many unlike": lambda value: [*range(9), value],
    "list in dict": lambda value: {"a": [value] * 10},
    "list in list": lambda value: [[value, value]] * 10,
    "dict": lambda value: {"a": value},
    "dicts": lambda value: [{"a": value, "b": 1}] * 10,
    "unlike dicts": lambda value: [{"a": value}, {"b": value}] * 5,
    "dict in dict": lambda value: {"a": {"b": {"c": value}}},
    "tuple": lambda value: (value,),
    "tuples": lambda value: [(value, 1)] * 10,
    "dict subclass": lambda value: collections.OrderedDict(a=value),
    "defaultdict": lambda value: collections.defaultdict(list, a=[value]),
    "mapping": lambda value: types.MappingProxyType({"a": value}),
    "deque": lambda value: [collections.deque([value])],
    "dataclass": DataBox,
    "dataclasses": lambda value: [DataBox(value)] * 10,
    "dataclass in dataclass": lambda value: DataBox(DataBox([value])),
    "dataclasses with slots": lambda value: [SlottedBox(value)] * 10,
    "attrs": AttrsBox,
    "attrs objects": lambda value: [AttrsBox(value)] * 10,
    "open attrs": lambda value: [OpenBox(value)],
    "struct": StructBox,
    "structs": lambda value: [StructBox(value)] * 10,
    "tagged struct": lambda value: [TaggedBox(value)] * 10,
    "struct as list": lambda value: [ListBox(value)] * 10,
    "namedtuple": TupleBox,
    "namedtuples": lambda value: [TupleBox(value)] * 10,
    "model": lambda value: ModelBox(inner=value),
    "models": lambda value: [ModelBox(inner=value)] * 10,
    "model in model": lambda value: ModelBox(inner=ModelBox(inner=value)),
    "model in list of models": lambda value: RowsBox(rows=[ModelBox(inner=value)] * 10),
    "model in dict of model": lambda value: ModelBox(inner={"a": [value]}),
    "model with alias": lambda value: AliasBox(Inner=value),
    "model with extra": lambda value: [OpenModelBox(extra=value)] * 10,
    "root model": RootBox,
    "model with computed": make_computed_box,
    "model in dataclass": lambda value: DataBox(ModelBox(inner=value)),
    "dataclass in model": lambda value: ModelBox(inner=DataBox(value)),
}
PLACES_OF_HASHABLE = {
    "set": lambda value: {value},
    "frozenset in dict": lambda value: {"a": frozenset([value])},
    "sets": lambda value: [{value}] * 10,
    "set in dataclass": lambda value: [DataBox({value})],
    "set in model": lambda value: ModelBox(inner={value}),
}
PLACES_OF_KEYS = {
    "key": lambda value: {value: 1},
    "key beside text": lambda value: {"a": 1, value: 2},
    "key in rows": lambda value: [{value: 1}] * 10,
    "key in dataclass": lambda value: [DataBox({value: 1})] * 10,
    "key in dict subclass": lambda value: collections.OrderedDict({value: 1}),
    "key in mapping": lambda value: types.MappingProxyType({value: 1}),
    "key in model": lambda value: ModelBox(inner={value: 1}),
    "key in struct": lambda value: StructBox({value: 1}),
}


def list_places(value, has_text):
    """The places for a value.

    :param has_text: whether it becomes a text.
    """
    places = dict(PLACES)
    if type(value).__hash__ is not None:
        places |= PLACES_OF_HASHABLE
        if has_text:
            places |= PLACES_OF_KEYS
    if isinstance(value, frozenset):
        # As a key, pydantic refuses it.
        places.pop("key in model", None)
    return places


# Ways to write.


def dump(value):
    file = io.StringIO()
    flask.json.dump(value, file)
    return file.getvalue()


def read(response):
    return response.get_data(as_text=True)


def render(value):
    return flask.render_template_string("{{ v|tojson }}", v=value)


WRITERS = {
    "response": lambda kit, value: read(flask.current_app.json.response(value)),
    "dumps": lambda kit, value: flask.json.dumps(value),
    "dumps sorted": lambda kit, value: flask.json.dumps(value, sort_keys=True),
    "dumps indented": lambda kit, value: flask.json.dumps(value, indent=1),
    "dumps with default": lambda kit, value: flask.json.dumps(value, default=str),
    "to_plain": lambda kit, value: json.dumps(kit.to_plain(value)),
}
FEW_WRITERS = {name: WRITERS[name] for name in ("response", "dumps sorted")}
#: Others, for a few places only.
MORE_WRITERS = {
    "dump": lambda kit, value: dump(value),
    "jsonify": lambda kit, value: read(flask.jsonify(value)),
    "jsonify keyword": lambda kit, value: read(flask.jsonify(a=value, b=1)),
    "jsonify several": lambda kit, value: read(flask.jsonify(1, value)),
    "tojson": lambda kit, value: render(value),
    "kit.response": lambda kit, value: read(kit.response(value)),
    "default of vars": lambda kit, value: flask.json.dumps(value, default=vars),
}


class TroubleError(Exception):
    pass


def fail(error):
    raise error


#: What a view does, and what the client accepts.
SENT = {
    "view": (lambda kit, value: value, None),
    "view with status": (lambda kit, value: (value, 201), None),
    "list": (lambda kit, value: [value], None),
    "list of ten": (lambda kit, value: [value] * 10, "application/json"),
    "error handler": (lambda kit, value: fail(TroubleError([value])), None),
    "problem": (lambda kit, value: Problem(409, item=value, items=[value]), None),
    "problem raised": (lambda kit, value: fail(Problem(409, a={"b": value})), None),
    "stream": (lambda kit, value: kit.stream([value] * 10), "application/json"),
    "stream of lines": (lambda kit, v: kit.stream([{"a": v}]), "application/x-ndjson"),
    "stream of csv": (lambda kit, value: kit.stream([{"a": value}] * 10), "text/csv"),
    "events": (lambda kit, value: EventStream([[value]]), None),
    "event": (lambda kit, value: EventStream([ServerSentEvent([value])]), None),
    "xml": (lambda kit, value: {"a": [value]}, "application/xml"),
    "yaml": (lambda kit, value: {"a": [value] * 10}, "application/yaml"),
    "csv": (lambda kit, value: [{"a": value}] * 10, "text/csv"),
    "lines": (lambda kit, value: [{"a": value}] * 10, "application/x-ndjson"),
    "msgpack": (lambda kit, value: {"a": [value]}, "application/vnd.msgpack"),
}


@pytest.fixture
def make_app(monkeypatch):
    """Make an app and its kit, where a value is registered in one way."""
    module = types.ModuleType("leaky_json")
    monkeypatch.setitem(sys.modules, "leaky_json", module)

    def make(value, claim, converter, provider=MsgspecJSONProvider):
        module.Kind = type(value)
        app = Flask(__name__)
        app.config["PROPAGATE_EXCEPTIONS"] = False
        app.view = None
        names = ["json", "xml", "csv", "yaml", "ndjson", "msgpack"]
        app.json = provider(app)
        kit = ResponseKit(app, renderers=names)
        blueprint = Blueprint("shop", __name__, url_prefix="/shop")
        kit.scoped = kit.scope(blueprint)
        claim(kit, value, converter)
        blueprint.add_url_rule("/", "show", lambda: flask.current_app.view())
        blueprint.errorhandler(TroubleError)(lambda error: error.args[0])
        app.register_blueprint(blueprint)
        return app, kit

    return make


@pytest.fixture
def collector():
    yield
    gc.collect()


def shows_secret(text):
    is_date = "-" in text and "19:02:19" in text
    return SECRET in text or ENCODED in text or "2048" in text or is_date


def find_leaks(app, kit, writers, places, value):
    """What is written amiss, by where the value stands and what writes it."""
    leaks = {}
    with app.test_request_context("/shop/"):
        for place, put in places.items():
            for writer, write in writers.items():
                text = write(kit, put(value))
                if shows_secret(text) or PUBLIC not in text:
                    leaks[place, writer] = text
    return leaks


@pytest.mark.parametrize(
    "value", [pytest.param(value, id=name) for name, value in VALUES.items()]
)
def test_without_a_converter_each_value_would_show(value, make_app):
    app, kit = make_app(value, by_nobody, as_text)
    with app.test_request_context("/shop/"):
        assert shows_secret(flask.json.dumps([value], default=repr))


def saying(cls, *args):
    """Make a value of a class of its own, so that none is left after a test: as long as
    there is a class that converts itself, msgspec gets plain data only.
    """

    def fill(namespace):
        namespace["__response__"] = lambda self: PUBLIC

    return lambda: types.new_class("Saying", (cls,), {}, fill)(*args)


def deriving(cls):
    """Make a value of a decorated subclass."""
    return lambda: dataclasses.dataclass(type(saying(cls)()))()


SAYING = {
    "class": saying(Ordinary),
    "dataclass": saying(Data),
    "frozen dataclass": saying(FrozenData),
    "dataclass with slots": saying(SlottedData),
    "decorated subclass": deriving(Data),
    "attrs": saying(Slotted),
    "open attrs": saying(Open),
    "struct": saying(Struct),
    "struct as list": saying(ListStruct),
    "namedtuple": saying(Pair),
    "dict": saying(dict, {"a": SECRET}),
    "list": saying(list, [SECRET]),
    "tuple": saying(tuple, [SECRET]),
    "set": saying(frozenset, [SECRET]),
    "text": saying(str, SECRET),
    "int": saying(int, SECRET),
    "float": saying(float, SECRET),
    "date": saying(datetime.date, 1902, 1, 1),
    "Decimal": saying(decimal.Decimal, SECRET),
    "UUID": saying(uuid.UUID, HEX),
    "model": saying(Model),
}


@pytest.mark.parametrize("name", SAYING)
def test_only_what_an_object_says_of_itself_shows(name, make_app, collector):
    value = SAYING[name]()
    app, kit = make_app(value, by_nobody, as_text)
    places = list_places(value, has_text=True)
    assert find_leaks(app, kit, WRITERS, places, value) == {}


@pytest.mark.parametrize(("value", "claim", "converter"), [*list_cases()])
def test_only_what_the_converter_gives_shows(value, claim, converter, make_app):
    app, kit = make_app(value, claim, converter)
    places = list_places(value, converter is as_text)
    # How a type is found does not depend on who asks.
    writers = WRITERS if claim is by_class else FEW_WRITERS
    assert find_leaks(app, kit, writers, places, value) == {}


class Trusting(MsgspecJSONProvider):
    """Does as in a process where there is no class that msgspec writes amiss."""

    def _make_encoding(self, converters, generation):
        encoding = super()._make_encoding(converters, generation)
        return encoding._replace(walks=converters.claims(NATIVE_TYPES, has_fields))


#: What msgspec does not know.
UNKNOWN = (Ordinary, Model, OpenModel, Root)


@pytest.mark.parametrize(
    ("value", "claim", "converter"),
    [case for case in list_cases() if isinstance(case.values[0], UNKNOWN)],
)
def test_it_does_not_show_where_msgspec_asks(value, claim, converter, make_app):
    app, kit = make_app(value, claim, converter, Trusting)
    places = list_places(value, converter is as_text)
    del places["open attrs"]
    assert find_leaks(app, kit, WRITERS, places, value) == {}


@pytest.mark.parametrize(
    ("value", "claim", "converter"),
    [case for case in list_cases() if case.values[1] in (by_class, in_scope)],
)
def test_only_what_the_converter_gives_is_sent(value, claim, converter, make_app):
    app, kit = make_app(value, claim, converter)
    some = {name: PLACES[name] for name in ("list of ten", "dict", "list of unlike")}
    assert find_leaks(app, kit, MORE_WRITERS, some, value) == {}
    client = app.test_client()
    leaks = {}
    for name, (view, accept) in SENT.items():
        app.view = lambda view=view: view(kit, value)
        response = client.get("/shop/", headers={"Accept": accept or "*/*"})
        text = response.data.decode("latin-1")
        if shows_secret(text) or PUBLIC not in text:
            leaks[name] = response.status_code, text
    assert leaks == {}
