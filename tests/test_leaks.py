from __future__ import annotations

import abc
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
import pytest
from flask import Flask
from flask.json.provider import DefaultJSONProvider
from flask.json.provider import JSONProvider
from werkzeug.test import create_environ
from werkzeug.test import run_wsgi_app

from flask_responsekit import ResponseKit
from flask_responsekit import to_plain

SECRET = "1902"
PUBLIC = "shown"


# Kinds of value. Each has something that its converter leaves out.


class Ordinary:
    def __init__(self):
        self.secret = SECRET

    def __repr__(self):
        return f"Ordinary({self.secret})"


class Marked(Ordinary):
    def __html__(self):
        return SECRET


@dataclasses.dataclass(frozen=True)
class Data:
    secret: str = SECRET


class Base:
    pass


@dataclasses.dataclass(frozen=True)
class DataOfBase(Base):
    secret: str = SECRET


class DictOfBase(Base, dict):
    pass


@dataclasses.dataclass(frozen=True)
class DataOfData(Data):
    more: str = SECRET


class Point(t.NamedTuple):
    secret: str = SECRET
    other: int = 0


class Level(enum.IntEnum):
    TOP = int(SECRET)


class Word(str, enum.Enum):
    TOP = SECRET


class Colour(enum.Enum):
    RED = SECRET


class Shape(abc.ABC):  # noqa: B024
    pass


@Shape.register
@dataclasses.dataclass(frozen=True)
class Square:
    secret: str = SECRET


@Shape.register
class Cube(t.NamedTuple):
    secret: str = SECRET


@t.runtime_checkable
class HasArea(t.Protocol):
    def area(self) -> int: ...


class Circle(dict):
    def area(self):
        return 0


@attrs.frozen
class Slotted:
    secret: str = SECRET


@attrs.frozen(slots=False)
class Open:
    secret: str = SECRET


def as_record(value):
    return {"name": PUBLIC}


def as_text(value):
    return PUBLIC


def subclass(base, value):
    """The kind of a subclass of what encoders, or the kit, know."""
    cls = type(f"Own{base.__name__}", (base,), {})
    return pytest.param(cls(value), cls, as_text, id=f"{base.__name__}-subclass")


KINDS = [
    pytest.param(Ordinary(), Ordinary, as_record, id="class"),
    pytest.param(Ordinary(), Ordinary, lambda value: [PUBLIC], id="class-as-list"),
    pytest.param(Ordinary(), Ordinary, as_text, id="class-as-text"),
    pytest.param(Marked(), Ordinary, as_record, id="class-with-html"),
    pytest.param(Data(), Data, as_record, id="dataclass"),
    pytest.param(DataOfBase(), Base, as_record, id="dataclass-of-class"),
    pytest.param(DataOfData(), Data, as_record, id="dataclass-of-dataclass"),
    pytest.param(DictOfBase(a=SECRET), Base, as_record, id="dict-of-class"),
    pytest.param(Point(), Point, as_record, id="namedtuple"),
    pytest.param(Level.TOP, Level, as_text, id="int-enum"),
    pytest.param(Level.TOP, enum.Enum, as_text, id="int-enum-of-enum"),
    pytest.param(Word.TOP, Word, as_text, id="str-enum"),
    pytest.param(Colour.RED, Colour, as_text, id="enum"),
    subclass(str, SECRET),
    subclass(int, SECRET),
    subclass(float, SECRET),
    subclass(bytes, SECRET.encode()),
    subclass(dict, {"a": SECRET}),
    subclass(list, [SECRET]),
    subclass(tuple, [SECRET]),
    subclass(frozenset, [SECRET]),
    subclass(collections.deque, [SECRET]),
    subclass(collections.UserDict, {"a": SECRET}),
    subclass(decimal.Decimal, SECRET),
    subclass(uuid.UUID, SECRET * 8),
    pytest.param(datetime.date(1902, 1, 1), datetime.date, as_text, id="date"),
    pytest.param(Square(), Shape, as_record, id="dataclass-of-abc"),
    pytest.param(Cube(), Shape, as_record, id="namedtuple-of-abc"),
    pytest.param(Circle(a=SECRET), HasArea, as_record, id="dict-of-protocol"),
    pytest.param(Slotted(), Slotted, as_record, id="attrs"),
    pytest.param(Open(), Open, as_record, id="attrs-with-dict"),
    pytest.param(Data(), "leaky_shop.Data", as_record, id="dataclass-by-name"),
    pytest.param(Point(), "leaky_shop.Point", as_record, id="namedtuple-by-name"),
    pytest.param(Ordinary(), object, as_record, id="class-of-object"),
]


@pytest.fixture(autouse=True)
def leaky_shop(monkeypatch):
    module = types.ModuleType("leaky_shop")
    vars(module).update(Data=Data, Point=Point)
    monkeypatch.setitem(sys.modules, "leaky_shop", module)


@pytest.fixture
def collector():
    yield
    gc.collect()


def saying(cls, *args):
    """Make a value of a class of its own, so that none is left after a test: as long as
    there is a class that converts itself, encoders get plain data only.
    """
    namespace = {"__response__": lambda self: PUBLIC}
    return lambda: type("Saying", (cls,), namespace)(*args)


KINDS_WITH_RESPONSE = [
    pytest.param(saying(Ordinary), id="class"),
    pytest.param(saying(Data), id="dataclass"),
    pytest.param(saying(Slotted), id="attrs"),
    pytest.param(saying(str, SECRET), id="str"),
    pytest.param(saying(int, SECRET), id="int"),
    pytest.param(saying(dict, {"a": SECRET}), id="dict"),
    pytest.param(saying(list, [SECRET]), id="list"),
    pytest.param(saying(tuple, [SECRET]), id="tuple"),
    pytest.param(saying(Point), id="namedtuple"),
]


# Places: what a view returns that has the value in it.


@dataclasses.dataclass
class OuterData:
    inner: object


@attrs.define
class OuterAttrs:
    inner: object


class OuterTuple(t.NamedTuple):
    inner: object


class Box:
    def __init__(self, inner):
        self.inner = inner


class TroubleError(Exception):
    pass


def fail(value):
    raise TroubleError(value)


def dump(value):
    file = io.StringIO()
    flask.json.dump([value], file)
    return file.getvalue()


def dumps_by(default):
    return lambda value: flask.json.dumps(value, default=default)


def render(template):
    return lambda value: flask.render_template_string(template, v=value)


dumps_as_str = dumps_by(str)
dumps_as_dict = dumps_by(dataclasses.asdict)
dumps_as_vars = dumps_by(vars)
PLACES = {
    "top level": lambda value: value,
    "list": lambda value: [value],
    "dict": lambda value: {"a": value},
    "deep inside": lambda value: {"a": [{"b": [1, value]}]},
    "tuple": lambda value: [(value,)],
    "deque": lambda value: collections.deque([value]),
    "deque inside": lambda value: [collections.deque([value])],
    "mapping": lambda value: types.MappingProxyType({"a": value}),
    "mapping inside": lambda value: [collections.UserDict(a=value)],
    "dict subclass": lambda value: collections.OrderedDict(a=value),
    "dict subclass inside": lambda value: [collections.OrderedDict(a=value)],
    "namedtuple": lambda value: [OuterTuple(value)],
    "dataclass": lambda value: OuterData(value),
    "dataclass inside": lambda value: [OuterData([value])],
    "dataclass in dataclass": lambda value: OuterData(OuterData(value)),
    "attrs": lambda value: OuterAttrs(value),
    "attrs inside": lambda value: {"a": OuterAttrs(value)},
    "attrs in dataclass": lambda value: OuterData(OuterAttrs((value,))),
    "jsonify": lambda value: flask.jsonify(value),
    "jsonify several": lambda value: flask.jsonify(1, value),
    "jsonify keyword": lambda value: flask.jsonify(a=value),
    "jsonify inside": lambda value: flask.jsonify({"a": [value]}),
    "tojson": render("{{ v|tojson }} {{ {'a': v}|tojson(2) }}"),
    "dumps": lambda value: flask.json.dumps(value),
    "dumps inside": lambda value: flask.json.dumps({"a": [value]}, indent=1),
    "dump": dump,
    "default": lambda value: dumps_as_str([value]),
    "default of dataclass": lambda value: dumps_as_str(OuterData(value)),
    "default of deque": lambda value: dumps_as_str(collections.deque([value])),
    "default of asdict": lambda value: dumps_as_dict(OuterData(value)),
    "default of vars": lambda value: dumps_as_vars(OuterData(value)),
    "error handler": fail,
    "with status": lambda value: (value, 201),
    "with headers": lambda value: (value, {"X-A": "1"}),
    "dict with status": lambda value: ({"a": value}, 201),
    "list with status": lambda value: ([value], 201, {"X-A": "1"}),
    "make_response": lambda value: flask.make_response(value, 202),
    "make_response of list": lambda value: flask.make_response([value]),
    "to_plain": lambda value: json.dumps(
        flask.current_app.json.to_plain([value, OuterData(value)])
    ),
}
PLACES_OF_CONVERTER = {
    "result": Box,
    "result inside": lambda value: [Box(value)],
    "result with status": lambda value: (Box(value), 201),
}
PLACES_OF_HASHABLE = {
    "set": lambda value: {value},
    "set inside": lambda value: {"a": {value}},
    "frozenset": lambda value: [frozenset([value])],
    "set in dataclass": lambda value: OuterData({value}),
    "default of set": lambda value: dumps_as_str({value}),
}
PLACES_OF_KEYS = {
    "key": lambda value: {value: 1},
    "key inside": lambda value: [{value: 1}],
    "key beside text": lambda value: {"a": {"b": 1, value: 1}},
    "key of dict subclass": lambda value: [collections.OrderedDict({value: 1})],
    "key of mapping": lambda value: types.MappingProxyType({value: 1}),
    "key in dataclass": lambda value: OuterData({value: 1}),
    "key in jsonify": lambda value: flask.jsonify({value: 1}),
    "key in dumps": lambda value: flask.json.dumps({value: 1}),
    "key in tojson": render("{{ {v: 1}|tojson }}"),
}


def places_of(value, has_converter):
    places = dict(PLACES)
    if has_converter:
        places |= PLACES_OF_CONVERTER
    if type(value).__hash__ is not None:
        places |= PLACES_OF_HASHABLE
    if isinstance(value, (str, int, float)):
        places |= PLACES_OF_KEYS
    return places


# Providers: each shows all of what it is given and does not know.


class Page:
    """A type that only the app's own JSON knows."""

    def __init__(self, inner):
        self.inner = inner


def reveal(value):
    if isinstance(value, Page):
        return {"a": value.inner, "b": [value.inner]}
    if dataclasses.is_dataclass(value):
        return dataclasses.asdict(value)
    if attrs.has(type(value)):
        return attrs.asdict(value)
    return str(value)


class StaticDefault(DefaultJSONProvider):
    default = staticmethod(reveal)


class MethodDefault(DefaultJSONProvider):
    def default(self, value):
        return super().default(value)


class AttrsDefault(DefaultJSONProvider):
    def default(self, value):
        if attrs.has(type(value)):
            return attrs.asdict(value)
        return super().default(value)


class DeafDumps(DefaultJSONProvider):
    def dumps(self, obj, **kwargs):
        return json.dumps(obj, default=reveal)


class SelfDefaultDumps(DefaultJSONProvider):
    def dumps(self, obj, **kwargs):
        return json.dumps(obj, default=self.default)


class Around(DefaultJSONProvider):
    def dumps(self, obj, **kwargs):
        return super().dumps(obj, **kwargs)


class RevealingEncoder(json.JSONEncoder):
    def default(self, value):
        return reveal(value)


class OwnEncoder(DefaultJSONProvider):
    def dumps(self, obj, **kwargs):
        return json.dumps(obj, cls=RevealingEncoder, **kwargs)


class OwnProvider(JSONProvider):
    def dumps(self, obj, **kwargs):
        return json.dumps(obj, default=reveal)

    def loads(self, text, **kwargs):
        return json.loads(text, **kwargs)


class Envelope(DefaultJSONProvider):
    def response(self, *args, **kwargs):
        data = self._prepare_response_obj(args, kwargs)
        return self._app.response_class(self.dumps({"data": data}))


def use(cls):
    return lambda app: setattr(app, "json", cls(app))


def ask(function):
    return lambda app: setattr(app.json, "default", function)


def unchanged(app):
    pass


PROVIDERS = [
    pytest.param(unchanged, unchanged, id="flask"),
    pytest.param(use(StaticDefault), unchanged, id="static-default"),
    pytest.param(use(MethodDefault), unchanged, id="method-default"),
    pytest.param(use(AttrsDefault), unchanged, id="attrs-default"),
    pytest.param(ask(reveal), unchanged, id="attribute-before"),
    pytest.param(unchanged, ask(reveal), id="attribute-after"),
    pytest.param(unchanged, ask(str), id="str"),
    pytest.param(use(DeafDumps), unchanged, id="own-dumps-without-options"),
    pytest.param(use(SelfDefaultDumps), unchanged, id="own-dumps-by-default"),
    pytest.param(use(Around), unchanged, id="dumps-around-super"),
    pytest.param(use(OwnEncoder), unchanged, id="own-encoder"),
    pytest.param(use(OwnProvider), unchanged, id="own-provider"),
    pytest.param(use(Envelope), unchanged, id="own-response"),
    pytest.param(unchanged, use(StaticDefault), id="replaced-by-static-default"),
    pytest.param(unchanged, use(OwnProvider), id="replaced-by-own-provider"),
]


def make_app(key, converter, before=unchanged, after=unchanged):
    app = Flask(__name__)
    before(app)
    kit = ResponseKit(app)
    if key is not None:
        kit.add_converter(key, converter)
        kit.add_converter(Box, lambda box: {"a": box.inner})
    after(app)
    app.register_error_handler(TroubleError, lambda error: ({"a": error.args[0]}, 400))
    return app


def find_wrong(app, value, has_converter=True):
    """The bodies that have the secret, or lack what is public, by place."""
    places = places_of(value, has_converter)
    app.add_url_rule("/<name>", "view", lambda name: places[name](value))
    environ = create_environ()
    wrong = {}
    for name in places:
        # Much faster than a test client, and there are many.
        chunks, _, _ = run_wsgi_app(app, {**environ, "PATH_INFO": f"/{name}"})
        body = b"".join(chunks).decode()
        if SECRET in body or PUBLIC not in body:
            wrong[name] = body
    return wrong


@pytest.mark.parametrize(("before", "after"), PROVIDERS)
@pytest.mark.parametrize(("value", "key", "converter"), KINDS)
def test_what_a_converter_leaves_out_never_shows(value, key, converter, before, after):
    assert find_wrong(make_app(key, converter, before, after), value) == {}


@pytest.mark.usefixtures("collector")
@pytest.mark.parametrize(("before", "after"), PROVIDERS)
@pytest.mark.parametrize("make", KINDS_WITH_RESPONSE)
def test_what_a_value_leaves_out_that_converts_itself_never_shows(make, before, after):
    app = make_app(None, None, before, after)
    assert find_wrong(app, make(), has_converter=False) == {}


@pytest.mark.parametrize(("before", "after"), PROVIDERS)
@pytest.mark.parametrize(
    "hold",
    [
        pytest.param(lambda value: collections.UserList([value]), id="UserList"),
        pytest.param(lambda value: {"a": value}.values(), id="dict-values"),
        pytest.param(lambda value: {"a": value}.items(), id="dict-items"),
        pytest.param(lambda value: {value: 1}.keys(), id="dict-keys"),
    ],
)
def test_collection_without_a_converter_never_shows_what_is_in_it(hold, before, after):
    values = [Ordinary(), Data(), Point(), Colour.RED, Slotted()]
    for value in values:
        app = make_app(type(value), as_text, before, after)
        app.add_url_rule("/", view_func=lambda value=value: [[hold(value)]])
        app.add_url_rule("/str", "str", lambda value=value: dumps_as_str([hold(value)]))
        for path in ("/", "/str"):
            assert SECRET not in app.test_client().get(path).text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(use(StaticDefault), unchanged, id="static-default"),
        pytest.param(unchanged, ask(reveal), id="attribute"),
    ],
)
# Not the last: a converter for object takes the page itself.
@pytest.mark.parametrize(("value", "key", "converter"), KINDS[:-1])
def test_what_the_apps_default_gives_is_converted(value, key, converter, before, after):
    app = make_app(key, converter, before, after)
    app.add_url_rule("/", view_func=lambda: [Page(value)])
    body = app.test_client().get("/").text
    assert body.count(PUBLIC) == 2
    assert SECRET not in body


@pytest.mark.parametrize(("value", "key", "converter"), KINDS)
def test_early_answer_shows_what_the_converter_gives(value, key, converter):
    app = make_app(key, converter)
    app.before_request(lambda: value)
    body = app.test_client().get("/").text
    assert PUBLIC in body
    assert SECRET not in body


@pytest.mark.parametrize(("value", "key", "converter"), KINDS)
def test_plain_data_shows_what_the_converter_gives(value, key, converter):
    kit = ResponseKit()
    kit.add_converter(key, converter)
    data = [value, OuterData(value), OuterAttrs([value]), (value,)]
    for text in (repr(kit.to_plain(data)), repr(to_plain(data, kit.converters))):
        assert PUBLIC in text
        assert SECRET not in text


# What comes into the process, or into the app, after the first request.


@pytest.mark.usefixtures("collector")
@pytest.mark.parametrize(
    ("bases", "args", "converts_itself"),
    [
        pytest.param((Base, dict), [{"a": SECRET}], False, id="dict"),
        pytest.param((Base, list), [[SECRET]], False, id="list"),
        pytest.param((Base, tuple), [[SECRET]], False, id="tuple"),
        pytest.param((Base, str), [SECRET], False, id="str"),
        pytest.param((Base, int), [SECRET], False, id="int"),
        pytest.param((str,), [SECRET], True, id="str-with-response"),
        pytest.param((Point,), [], True, id="namedtuple-with-response"),
    ],
)
def test_class_that_is_imported_late_shows_what_its_converter_gives(
    monkeypatch, bases, args, converts_itself
):
    namespace = {"__response__": as_text} if converts_itself else {}

    def view(name):
        # As an import in a view makes it.
        monkeypatch.setitem(sys.modules, "late_module", types.ModuleType("late_module"))
        return PLACES[name](type("Late", bases, namespace)(*args))

    app = make_app(Base, as_text)
    app.add_url_rule("/first", "first", lambda: flask.jsonify([Base()]))
    app.add_url_rule("/<name>", "view", view)
    client = app.test_client()
    assert client.get("/first").json == [PUBLIC]
    assert client.get("/top level").text == PUBLIC
    for name in ("list", "jsonify"):
        body = client.get(f"/{name}").text
        assert PUBLIC in body
        assert SECRET not in body


def test_module_that_comes_late_shows_what_the_converters_give(monkeypatch):
    app = make_app("late_shop.Point", as_text)
    module = types.ModuleType("late_shop")
    module.Point = Point

    def view():
        monkeypatch.setitem(sys.modules, "late_shop", module)
        return [Point()]

    app.add_url_rule("/", view_func=view)
    app.add_url_rule("/before", "before", lambda: [1])
    client = app.test_client()
    client.get("/before")
    for _ in range(2):
        assert client.get("/").json == [PUBLIC]


def test_class_that_joins_an_abc_late_shows_what_the_converter_gives():
    class Joined(Point):
        pass

    app = make_app(Shape, as_text)
    with app.app_context():
        assert SECRET in flask.json.dumps([Joined()])
        Shape.register(Joined)
        assert flask.json.dumps([Joined()]) == f'["{PUBLIC}"]'


@pytest.mark.parametrize("cls", [StaticDefault, OwnProvider, Around])
def test_provider_that_comes_late_is_taught_at_the_next_request(cls):
    app = make_app(Data, as_record, unchanged, use(cls))
    app.add_url_rule("/", "view", lambda: "")
    app.test_client().get("/")
    with app.app_context():
        assert SECRET not in flask.json.dumps([Data()])
        assert SECRET not in app.json.response([Data()]).get_data(as_text=True)
        assert SECRET not in render("{{ [v]|tojson }}")(Data())


def test_undeclared_attributes_never_show():
    data, open_ = OuterData(1), Open(1)
    data.undeclared = open_.__dict__["undeclared"] = SECRET
    app = make_app(None, None)
    app.add_url_rule("/", view_func=lambda: [data, open_])
    app.add_url_rule("/top", "top", lambda: data)
    client = app.test_client()
    assert client.get("/").json == [{"inner": 1}, {"secret": 1}]
    assert client.get("/top").json == {"inner": 1}


def test_private_attributes_of_unknown_types_never_show():
    app = make_app(None, None)
    app.add_url_rule("/<name>", "view", lambda name: PLACES[name](Ordinary()))
    client = app.test_client()
    for name in PLACES:
        if "default" not in name:
            response = client.get(f"/{name}")
            assert response.status_code == 500
            assert SECRET not in response.text
