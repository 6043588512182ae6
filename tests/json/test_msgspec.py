from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import gc
import http
import io
import json
import math
import sys
import threading
import types
import typing as t
import uuid
import weakref

import attrs
import flask
import msgspec
import pydantic
import pytest
from flask import Blueprint
from flask import Flask
from flask import jsonify
from flask import request
from flask import Response
from flask import session
from flask.json.provider import DefaultJSONProvider
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import ImATeapot

from flask_responsekit import ConversionLoopError
from flask_responsekit import ConverterNotFoundError
from flask_responsekit import ResponseKit
from flask_responsekit.json import MsgspecJSONProvider

NAN = math.nan
DAY = datetime.date(2020, 2, 3)


class Money:
    amount = 5


class Opaque:
    pass


class Level(enum.IntEnum):
    TOP = 1


class Colour(enum.Enum):
    RED = "red"


class EnumOfMany(enum.Enum):
    PAIR = (1, 2)


@dataclasses.dataclass
class Item:
    name: object = "a"
    price: object = 1


@dataclasses.dataclass
class Node:
    next: object = None


class Model(pydantic.BaseModel):
    b: int = 1
    a: t.Any = None


def make_app(*converters, prepare=None, **config):
    app = Flask(__name__)
    app.secret_key = "key"
    app.config |= config
    if prepare is not None:
        prepare(app)
    kit = ResponseKit(app, json="msgspec")
    for key, converter in converters:
        kit.add_converter(key, converter)
    return app


def get(app, view, **kwargs):
    app.add_url_rule("/", "view", view, methods=["GET", "POST"])
    method = "POST" if {"data", "json"} & kwargs.keys() else "GET"
    return app.test_client().open("/", method=method, **kwargs)


def dumps(value, *converters, **kwargs):
    app = make_app(*converters)
    with app.app_context():
        return app.json.dumps(value, **kwargs)


def raise_error(error):
    raise error


# What is written.


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(None, "null", id="null"),
        pytest.param([True, 1, -1.5, "é"], '[true,1,-1.5,"é"]', id="scalars"),
        pytest.param({"b": 1, "a": 2}, '{"b":1,"a":2}', id="order-of-dict"),
        pytest.param((1, (2,)), "[1,[2]]", id="tuples"),
        pytest.param(DAY, '"2020-02-03"', id="date"),
        pytest.param(
            datetime.datetime(2020, 2, 3, 4, 5, 6, 7),
            '"2020-02-03T04:05:06.000007"',
            id="datetime",
        ),
        pytest.param(
            datetime.datetime(2020, 2, 3, tzinfo=datetime.timezone.utc),
            '"2020-02-03T00:00:00Z"',
            id="utc",
        ),
        pytest.param(datetime.time(1, 2, 3), '"01:02:03"', id="time"),
        pytest.param(datetime.timedelta(1, 2, 500_000), '"P1DT2.5S"', id="duration"),
        pytest.param(decimal.Decimal("1.50"), '"1.50"', id="decimal"),
        pytest.param(
            uuid.UUID(int=0), '"00000000-0000-0000-0000-000000000000"', id="uuid"
        ),
        pytest.param(b"\xff\x00", '"/wA="', id="bytes"),
        pytest.param([NAN, math.inf, -math.inf], "[null,null,null]", id="constants"),
        pytest.param({"a": [Item(NAN)]}, '{"a":[{"name":null,"price":1}]}', id="deep"),
        pytest.param([[NAN]] * 8, "[" + "[null]," * 7 + "[null]]", id="rows"),
        pytest.param(Level.TOP, "1", id="int-enum"),
        pytest.param([Colour.RED, EnumOfMany.PAIR], '["red",[1,2]]', id="enums"),
        pytest.param(http.HTTPStatus.OK, "200", id="status"),
        pytest.param(collections.deque([1]), "[1]", id="deque"),
        pytest.param(types.MappingProxyType({"a": 1}), '{"a":1}', id="mapping"),
        pytest.param({1}, "[1]", id="set"),
        pytest.param(Item(), '{"name":"a","price":1}', id="dataclass"),
        pytest.param(Model(), '{"b":1,"a":null}', id="model"),
        pytest.param([2**64, -(2**63) - 1], f"[{2**64},{-(2**63) - 1}]", id="long"),
        pytest.param([2**64 - 1, -(2**63)], f"[{2**64 - 1},{-(2**63)}]", id="64-bit"),
        pytest.param("\ud800", '"\\ud800"', id="surrogate"),
        pytest.param({"\ud800": "é"}, '{"\\ud800":"\\u00e9"}', id="surrogate-in-key"),
        pytest.param('\0\n"\\', '"\\u0000\\n\\"\\\\"', id="escapes"),
        pytest.param({1: 1, "a": 2}, '{"1":1,"a":2}', id="keys-of-two-types"),
        pytest.param(
            {None: 1, True: 2, False: 3}, '{"null":1,"true":2,"false":3}', id="names"
        ),
        pytest.param({uuid.UUID(int=0): 1}, f'{{"{uuid.UUID(int=0)}":1}}', id="key"),
        pytest.param({DAY: 1, "a": 2}, '{"2020-02-03":1,"a":2}', id="date-as-key"),
        pytest.param({b"a": 1}, '{"YQ==":1}', id="bytes-as-key"),
        pytest.param({Colour.RED: 1, 2: 3}, '{"red":1,"2":3}', id="enum-as-key"),
    ],
)
def test_value_is_written_compactly_and_to_standards(value, text):
    assert dumps(value) == text
    app = make_app()
    with app.app_context():
        assert app.json.response(value).get_data(as_text=True) == text
        file = io.StringIO()
        flask.json.dump(value, file)
        assert file.getvalue() == text


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"b": {"d": 1, "c": 2}, "a": 3}, id="dicts"),
        pytest.param([Item()] * 9, id="dataclasses"),
        pytest.param([Model()] * 9, id="models"),
        pytest.param({"b": [Model()] * 9, "a": Model(a={"d": 1, "c": 2})}, id="model"),
        pytest.param({"b": 1, 2: 3}, id="keys-of-two-types"),
        pytest.param({"b": 2**70, "a": 1}, id="long-int"),
    ],
)
@pytest.mark.parametrize("is_asked", [True, False])
def test_keys_are_sorted_on_demand(value, is_asked):
    app = make_app()
    app.json.sort_keys = not is_asked
    kwargs = {"sort_keys": True} if is_asked else {}
    with app.app_context():
        text = app.json.dumps(value, **kwargs)
        assert text == json.dumps(
            json.loads(text), sort_keys=True, separators=(",", ":")
        )
        assert text != app.json.dumps(value, sort_keys=False) or "b" not in text[:3]
        if not is_asked:
            assert app.json.response(value).get_data(as_text=True) == text


def test_members_of_a_set_may_be_unlike():
    for write in (dumps, lambda value: dumps({"a": value})[5:-1]):
        assert sorted(json.loads(write({1, "a", None})), key=str) == [1, None, "a"]


def test_sets_are_sorted_with_the_keys():
    members = {f"member {number}" for number in range(20)}
    written = json.loads(dumps({"a": members}, sort_keys=True))
    assert written == {"a": sorted(members)}


@pytest.mark.parametrize(
    ("kwargs", "text"),
    [
        pytest.param(
            {"indent": 1}, '{\n "b": "é",\n "a": "2020-02-03"\n}', id="indentation"
        ),
        pytest.param(
            {"separators": (", ", ": ")}, '{"b": "é", "a": "2020-02-03"}', id="blanks"
        ),
        pytest.param(
            {"separators": (",", ":")}, '{"b":"é","a":"2020-02-03"}', id="compact"
        ),
        pytest.param(
            {"separators": (",", ":"), "indent": 0},
            '{\n"b":"é",\n"a":"2020-02-03"\n}',
            id="lines",
        ),
        pytest.param(
            {"ensure_ascii": True}, '{"b": "\\u00e9", "a": "2020-02-03"}', id="ascii"
        ),
        pytest.param(
            {"sort_keys": True, "indent": None, "ensure_ascii": False},
            '{"a": "2020-02-03", "b": "é"}',
            id="sorted",
        ),
        pytest.param(
            {"cls": json.JSONEncoder}, '{"b": "é", "a": "2020-02-03"}', id="encoder"
        ),
    ],
)
def test_dumps_takes_what_the_standard_library_takes(kwargs, text):
    assert dumps({"b": "é", "a": DAY}, **kwargs) == text


@pytest.mark.parametrize("kwargs", [{}, {"indent": 1}, {"sort_keys": True}])
def test_default_is_asked_about_what_no_converter_takes(kwargs):
    def default(value):
        return f"default of {type(value).__name__}"

    value = [Opaque(), Money()]
    convert = (Money, lambda value: value.amount)
    written = json.loads(dumps(value, convert, default=default, **kwargs))
    assert written == ["default of Opaque", 5]


@pytest.mark.parametrize("name", ["indent", "ensure_ascii", "separators", "cls"])
def test_constants_are_null_whoever_writes(name):
    value = {"indent": 1, "ensure_ascii": True, "separators": ("; ", ": "), "cls": None}
    text = dumps([{"a": NAN}, Item(math.inf)], **{name: value[name]})
    assert "NaN" not in text
    assert "Infinity" not in text


@pytest.mark.parametrize("key", [NAN, math.inf, -math.inf, 1e16, 0.5])
def test_number_as_a_key_has_one_text(key):
    app = make_app()
    texts = {*app.json.to_plain({key: 1})}
    with app.app_context():
        for value in ({key: 1}, [{key: 1}], {"a": [{key: 1, "b": 2}]}):
            texts.add(find_key(json.loads(app.json.dumps(value))))
            texts.add(find_key(json.loads(app.json.dumps(value, indent=1))))
    assert len(texts) == 1


def find_key(value):
    while not (isinstance(value, dict) and 1 in value.values()):
        (value,) = value if isinstance(value, list) else value.values()
    return next(iter(value))


@pytest.mark.parametrize(
    ("keys", "kwargs"),
    [
        pytest.param({1: 2, "a": 3}, {"indent": 1}, id="two-types"),
        pytest.param({None: 2, "a": 3}, {"indent": 1}, id="null"),
        pytest.param({DAY: 2, "a": 3}, {"separators": (", ", ": ")}, id="date"),
    ],
)
def test_keys_can_be_sorted_whoever_writes(keys, kwargs):
    expected = json.loads(dumps(keys, sort_keys=True))
    assert json.loads(dumps(keys, sort_keys=True, **kwargs)) == expected


# What cannot be written.


def make_cycle(kind):
    if kind is Node:
        node = Node()
        node.next = node
        return node
    value = kind()
    value.append(value) if kind is list else value.update(a=value)
    return value


def nest(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("kwargs", [{}, {"sort_keys": True}, {"indent": 1}])
@pytest.mark.parametrize(
    ("value", "place"),
    [
        pytest.param({"a": [1, Opaque()]}, r"value\['a'\]\[1\] is a Opaq", id="class"),
        pytest.param([Opaque()] * 10, r"value\[0\] is a Opaque", id="rows"),
        pytest.param([Item(Opaque())], r"value\[0\]\['name'\]", id="dataclass"),
        pytest.param([Item], "class Item, not an instance", id="class-itself"),
        pytest.param({"a": iter([])}, r"value\['a'\] is a list_it", id="iterator"),
        pytest.param([(i for i in [])], r"value\[0\] is a generator", id="generator"),
        pytest.param({"a": {(1,): 2}}, r"value\['a'\] has the key \(1,\)", id="key"),
        pytest.param([{Opaque: 2}], r"value\[0\] has the key", id="class-as-key"),
        pytest.param({EnumOfMany.PAIR: 2}, "value has the key", id="enum-as-key"),
        pytest.param(object(), "value is a object", id="object"),
    ],
)
def test_error_names_the_place(value, place, kwargs):
    with pytest.raises(TypeError, match=place):
        dumps(value, **kwargs)


@pytest.mark.parametrize("kwargs", [{}, {"sort_keys": True}, {"indent": 1}])
@pytest.mark.parametrize(
    ("value", "place"),
    [
        pytest.param(make_cycle(list), r"value\[0\] contains itself", id="list"),
        pytest.param(make_cycle(dict), r"value\['a'\] contains itself", id="dict"),
        pytest.param(make_cycle(Node), r"value\['next'\] contains", id="dataclass"),
        pytest.param([make_cycle(Node)] * 10, r"value\[0\]\['next'\]", id="rows"),
        pytest.param(nest(100_000), "nested too deeply", id="deep"),
    ],
)
def test_data_without_end_is_a_loop(value, place, kwargs):
    with pytest.raises(ConversionLoopError, match=place):
        dumps(value, **kwargs)


def test_deep_data_is_written():
    assert dumps(nest(100)) == "[" * 101 + "]" * 101


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ImATeapot(), id="http"),
        pytest.param(LookupError("mine"), id="lookup"),
        pytest.param(OSError("mine"), id="os"),
        pytest.param(msgspec.ValidationError("mine"), id="msgspec"),
        pytest.param(ValueError("mine"), id="value"),
        pytest.param(TypeError("mine"), id="type"),
        pytest.param(UnicodeError("mine"), id="unicode"),
    ],
)
@pytest.mark.parametrize("kwargs", [{}, {"sort_keys": True}, {"indent": 1}])
@pytest.mark.parametrize("put", [lambda value: [value], lambda value: [value] * 10])
def test_error_of_a_converter_comes_out(error, kwargs, put):
    with pytest.raises(type(error)) as caught:
        dumps(put(Money()), (Money, lambda value: raise_error(error)), **kwargs)
    assert caught.value is error


def test_http_error_of_a_converter_is_answered():
    app = make_app((Money, lambda value: raise_error(ImATeapot())))
    assert get(app, lambda: [Money()]).status_code == 418


@pytest.mark.parametrize(
    ("converter", "error", "text"),
    [
        pytest.param(lambda value: None, TypeError, "returned None", id="none"),
        pytest.param(lambda value: Money, TypeError, "the class Money", id="class"),
        pytest.param(
            lambda value: value, ConversionLoopError, "Money -> Money", id="itself"
        ),
        pytest.param(
            lambda value: Money(), ConversionLoopError, "Money -> Money", id="another"
        ),
        pytest.param(
            lambda value: [value], ConversionLoopError, "Money", id="list-of-itself"
        ),
        pytest.param(
            lambda value: Response("a"), TypeError, "body of a response", id="response"
        ),
        pytest.param(lambda value: iter([1]), TypeError, "body of a", id="iterator"),
        pytest.param(
            lambda value: raise_error(RecursionError()),
            ConversionLoopError,
            "Money",
            id="recursion",
        ),
        pytest.param(
            lambda value: Opaque(), ConverterNotFoundError, "Opaque", id="unknown"
        ),
    ],
)
@pytest.mark.parametrize("kwargs", [{}, {"sort_keys": True}, {"indent": 1}])
@pytest.mark.parametrize("put", [lambda value: [value], lambda value: [value] * 10])
def test_converter_that_gives_no_data_is_an_error(converter, error, text, kwargs, put):
    with pytest.raises(error, match=text):
        dumps(put(Money()), (Money, converter), **kwargs)


def test_error_goes_to_the_log_and_not_to_the_client():
    app = make_app(PROPAGATE_EXCEPTIONS=False)
    response = get(app, lambda: {"secret": [Opaque()]})
    assert response.status_code == 500
    assert b"Opaque" not in response.data


# What is read.


def read(loads, text):
    try:
        return loads(text)
    except ValueError:
        return ValueError


PROVIDER = MsgspecJSONProvider(Flask(__name__))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
TEXTS = st.one_of(
    st.text(),
    st.text('[]{}:,"\\ue+-.0123456789 \n\ttruefalsnNaI\ufeff\x00\x1f'),
    JSON.map(json.dumps),
    JSON.map(lambda value: json.dumps(value, ensure_ascii=False, indent=1)),
    st.from_regex(r"-?[0-9]{0,30}(\.[0-9]{0,30})?([eE][+-]?[0-9]{0,4})?\Z"),
)


def encode(text, encoding):
    return text.encode(encoding, "surrogatepass")


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-32-be"]
BYTES = st.one_of(
    st.binary(),
    st.builds(encode, TEXTS, st.sampled_from(ENCODINGS)),
)


@given(TEXTS | BYTES)
def test_text_is_read_as_the_standard_library_does(text):
    # By repr, in which NaN is NaN and 1 is not 1.0.
    assert repr(read(PROVIDER.loads, text)) == repr(read(json.loads, text))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ufeff1", id="mark-in-text"),
        pytest.param(b"\xef\xbb\xbf1", id="mark-in-bytes"),
        pytest.param('"a"'.encode("utf-16"), id="utf-16"),
        pytest.param('"a"'.encode("utf-32-be"), id="utf-32"),
        pytest.param("NaN", id="nan"),
        pytest.param("[-Infinity]", id="infinity"),
        pytest.param("1e999", id="large"),
        pytest.param("9" * 400, id="long-int"),
        pytest.param("1" * 5000, id="too-long-int"),
        pytest.param(f"0.{'1' * 400}", id="long-fraction"),
        pytest.param("-0", id="negative-zero"),
        pytest.param("-0.0", id="negative-zero-float"),
        pytest.param("18446744073709551616", id="65-bit"),
        pytest.param('{"a": 1, "a": 2}', id="key-twice"),
        pytest.param('"\\ud800"', id="escaped-surrogate"),
        pytest.param('"\ud800"', id="surrogate"),
        pytest.param('"\\ud83d\\ude00"', id="pair-of-surrogates"),
        pytest.param('"\n"', id="control-character"),
        pytest.param(b'"\xff"', id="no-utf-8"),
        pytest.param("[1,]", id="comma"),
        pytest.param("", id="empty"),
        pytest.param(b"", id="no-bytes"),
        pytest.param("\u00a01", id="blank"),
        pytest.param("01", id="zero"),
        pytest.param(bytearray(b"[1]"), id="bytearray"),
    ],
)
def test_odd_text_is_read_as_the_standard_library_does(text):
    assert repr(read(PROVIDER.loads, text)) == repr(read(json.loads, text))


def test_loads_takes_what_the_standard_library_takes():
    text = '{"b": 1.50, "a": NaN}'
    assert PROVIDER.loads(text, parse_float=decimal.Decimal, parse_constant=str) == {
        "b": decimal.Decimal("1.50"),
        "a": "NaN",
    }
    assert PROVIDER.loads(text, object_pairs_hook=list)[0] == ("b", 1.5)
    assert PROVIDER.load(io.StringIO("[1]")) == [1]
    assert PROVIDER.load(io.BytesIO(b"[1]"), parse_int=str) == ["1"]


@pytest.mark.parametrize("value", [None, 1, object()], ids=["none", "int", "object"])
def test_what_is_no_text_cannot_be_read(value):
    with pytest.raises(TypeError):
        PROVIDER.loads(value)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b'{"a": 1}', 200, id="good"),
        pytest.param(b"\xef\xbb\xbf[1]", 200, id="mark"),
        pytest.param(b"{", 400, id="end"),
        pytest.param(b"", 400, id="empty"),
        pytest.param(b'"\xff"', 400, id="no-utf-8"),
        pytest.param(b"1" * 5000, 400, id="too-long-int"),
    ],
)
def test_bad_json_is_a_bad_request(body, status):
    app = make_app()
    response = get(
        app, lambda: [request.get_json()], data=body, content_type="application/json"
    )
    assert response.status_code == status


# Responses.


@pytest.mark.parametrize(
    ("compact", "debug", "is_compact"),
    [
        pytest.param(None, False, True, id="production"),
        pytest.param(None, True, False, id="debug"),
        pytest.param(True, True, True, id="compact"),
        pytest.param(False, False, False, id="not-compact"),
    ],
)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"a": [1, {"b": None}], "c": []}, id="data"),
        pytest.param([2**70, "\ud800", {1: 2, "a": 3}], id="odd-data"),
        pytest.param([Item(), Model()], id="objects"),
        pytest.param("text", id="text"),
    ],
)
def test_response_is_compact_unless_debugging(compact, debug, is_compact, value):
    app = make_app()
    app.debug = debug
    app.json.compact = compact
    with app.app_context():
        text = app.json.response(value).get_data(as_text=True)
        plain = json.loads(app.json.dumps(value))
    options = {"separators": (",", ":")} if is_compact else {"indent": 2}
    is_ascii = text.isascii()
    assert text == json.dumps(plain, ensure_ascii=is_ascii, **options)


def test_response_has_the_mimetype_of_the_provider():
    app = make_app()
    app.json.mimetype = "application/vnd.shop+json"
    with app.app_context():
        response = app.json.response(1)
    assert response.mimetype == "application/vnd.shop+json"
    assert type(response) is app.response_class


@pytest.mark.parametrize(
    ("args", "kwargs", "expected"),
    [
        pytest.param((), {}, None, id="nothing"),
        pytest.param((1,), {}, 1, id="one"),
        pytest.param((1, 2), {}, [1, 2], id="several"),
        pytest.param((), {"a": 1}, {"a": 1}, id="keywords"),
    ],
)
def test_jsonify_takes_what_flask_takes(args, kwargs, expected):
    app = make_app()
    response = get(app, lambda: jsonify(*args, **kwargs))
    assert response.get_json() == expected
    assert response.mimetype == "application/json"


def test_jsonify_takes_no_arguments_beside_keywords():
    app = make_app()
    with app.app_context(), pytest.raises(TypeError):
        jsonify(1, a=2)


def test_body_is_what_msgspec_wrote():
    app = make_app()
    with app.app_context():
        assert app.json.response(["é"]).response == [b'["\xc3\xa9"]']


# The rest of Flask.


def test_tojson_escapes_what_would_end_a_script():
    app = make_app((Money, lambda value: "</script>&'"))

    def view():
        return flask.render_template_string(
            "{{ v|tojson }}{{ v|tojson(1) }}", v=[Money()]
        )

    text = get(app, view).text
    escaped = "\\u003c/script\\u003e\\u0026\\u0027"
    assert text == f'["{escaped}"][\n "{escaped}"\n]'


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(1, id="int"),
        pytest.param({"a": [1, (2, 3)]}, id="tuple"),
        pytest.param(b"\xff", id="bytes"),
        pytest.param(uuid.UUID(int=1), id="uuid"),
        pytest.param(
            datetime.datetime(2020, 2, 3, tzinfo=datetime.timezone.utc), id="datetime"
        ),
        pytest.param({" t": 1}, id="tag"),
        pytest.param("é\u2028", id="text"),
    ],
)
def test_session_keeps_what_it_keeps_with_flask(value):
    app = make_app()
    app.add_url_rule("/read", "read", lambda: repr(session["a"]))

    def view():
        session["a"] = value
        return ""

    app.add_url_rule("/", "view", view)
    client = app.test_client()
    client.get("/")
    assert client.get("/read").text == repr(value)


def test_session_is_written_by_converters():
    app = make_app((Money, lambda value: value.amount))
    app.add_url_rule("/read", "read", lambda: [session["a"]])

    def view():
        session["a"] = [Money()]
        return ""

    app.add_url_rule("/", "view", view)
    client = app.test_client()
    client.get("/")
    assert client.get("/read").get_json() == [[5]]


def test_test_client_writes_and_reads_by_it():
    app = make_app((Money, lambda value: value.amount))
    response = get(app, lambda: [request.json], json={"a": DAY, "b": Money()})
    assert response.json == [{"a": "2020-02-03", "b": 5}]


# Installing.


@pytest.mark.parametrize("is_kit_first", [True, False])
def test_provider_that_an_app_is_given_learns_the_converters(is_kit_first):
    app = Flask(__name__)
    kit = ResponseKit(app) if is_kit_first else ResponseKit()
    app.json = MsgspecJSONProvider(app)
    if not is_kit_first:
        kit.init_app(app)
    kit.add_converter(Money, lambda value: {"amount": value.amount})
    response = get(app, lambda: [Money(), DAY])
    assert response.data == b'[{"amount":5},"2020-02-03"]'
    with app.test_request_context():
        assert kit.to_plain({"a": (DAY, Money())}) == {
            "a": ["2020-02-03", {"amount": 5}]
        }


def test_provider_that_replaces_another_is_the_one_that_writes():
    app = make_app((Money, lambda value: value.amount))
    app.json = DefaultJSONProvider(app)
    response = get(app, lambda: [Money(), DAY])
    assert response.get_json() == [5, "Mon, 03 Feb 2020 00:00:00 GMT"]
    app.json = MsgspecJSONProvider(app)
    assert app.test_client().get("/").data == b'[5,"2020-02-03"]'


@pytest.mark.parametrize("is_kit_first", [True, False])
def test_default_of_the_app_is_asked(is_kit_first):
    app = Flask(__name__)
    if is_kit_first:
        ResponseKit(app, json="msgspec")
    app.json.default = lambda value: f"default of {type(value).__name__}"
    if not is_kit_first:
        ResponseKit(app, json="msgspec")
    response = get(app, lambda: [Opaque(), DAY])
    assert response.get_json() == ["default of Opaque", "2020-02-03"]


def test_provider_without_a_kit_knows_the_built_in_converters():
    app = Flask(__name__)
    app.json = MsgspecJSONProvider(app)
    response = get(app, lambda: {"a": {1}, "b": collections.deque([DAY, Item()])})
    assert response.data == b'{"a":[1],"b":["2020-02-03",{"name":"a","price":1}]}'


def test_provider_may_be_subclassed():
    class Sorted(MsgspecJSONProvider):
        sort_keys = True
        compact = False
        mimetype = "text/json"

    app = Flask(__name__)
    app.json = Sorted(app)
    ResponseKit(app)
    response = get(app, lambda: {"b": 1, "a": 2})
    assert response.data == b'{\n  "a": 2,\n  "b": 1\n}'
    assert response.mimetype == "text/json"


def test_each_app_has_its_own_converters():
    kit = ResponseKit(json="msgspec")
    apps = [Flask(__name__), Flask(__name__)]
    for app in apps:
        kit.init_app(app)
    other = make_app((Money, lambda value: "other"))
    kit.add_converter(Money, lambda value: "kit")
    written = [get(app, lambda: [Money()]).get_json() for app in (*apps, other)]
    assert written == [["kit"], ["kit"], ["other"]]


def test_missing_library_is_named_with_what_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "msgspec", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install .*\[msgspec\]"):
        MsgspecJSONProvider(Flask(__name__))


# Scopes and threads.


def make_scoped_app(number):
    app = Flask(__name__)
    kit = ResponseKit(app, json="msgspec")
    kit.add_converter(Money, lambda value: "kit")
    for index in range(number):
        blueprint = Blueprint(f"b{index}", __name__, url_prefix=f"/{index}")
        scope = kit.scope(blueprint)
        scope.add_converter(Money, lambda value, index=index: f"scope {index}")
        scope.add_converter(Item, lambda value, index=index: {"id": index})

        @blueprint.get("/")
        def view():
            return {"a": [Money(), Item()], "b": [Item()] * 20, "c": Node(Money())}

        app.register_blueprint(blueprint)
    app.add_url_rule("/", "view", lambda: {"a": [Money(), Item()]})
    return app


def test_scope_has_the_converters_of_its_requests():
    client = make_scoped_app(2).test_client()
    assert client.get("/").get_json() == {"a": ["kit", {"name": "a", "price": 1}]}
    for index in (0, 1):
        assert client.get(f"/{index}/").get_json() == {
            "a": [f"scope {index}", {"id": index}],
            "b": [{"id": index}] * 20,
            "c": {"next": f"scope {index}"},
        }


def test_threads_in_scopes_do_not_meet():
    app = make_scoped_app(8)
    start = threading.Barrier(8)
    wrong = []

    def ask(index):
        client = app.test_client()
        start.wait()
        for _ in range(30):
            data = client.get(f"/{index}/").get_json()
            if data["a"] != [f"scope {index}", {"id": index}]:
                wrong.append(data)

    threads = [threading.Thread(target=ask, args=[index]) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# Memory.


def make_dataclass():
    return dataclasses.make_dataclass("Made", ["a"])(1)


def make_slots():
    return dataclasses.make_dataclass("Made", ["a"], slots=True)(1)


def make_attrs():
    return attrs.make_class("Made", ["a"])(1)


def make_open_attrs():
    return attrs.make_class("Made", ["a"], slots=False)(1)


def make_struct():
    return msgspec.defstruct("Made", ["a"])(1)


def make_renamed():
    return msgspec.defstruct("Made", ["a"], rename="upper", tag=True)(1)


def make_model():
    return pydantic.create_model("Made", a=(int, 1))()


def make_namedtuple():
    return collections.namedtuple("Made", "a")(1)  # noqa: PYI024


def make_enum():
    return enum.Enum("Made", "A").A


def make_text():
    return type("Made", (str,), {})("a")


def make_dict():
    return type("Made", (dict,), {})(a=1)


MAKERS = {
    name.removeprefix("make_"): globals()[name]
    for name in (
        *("make_dataclass", "make_slots", "make_attrs", "make_open_attrs"),
        *("make_struct", "make_renamed", "make_model", "make_namedtuple", "make_enum"),
        *("make_text", "make_dict"),
    )
}


@pytest.mark.parametrize("name", MAKERS)
def test_class_is_freed_though_it_was_written(name):
    app = make_app((Money, lambda value: value.amount))
    value = MAKERS[name]()
    freed = weakref.ref(type(value))
    with app.app_context():
        for put in (lambda v: v, lambda v: [v] * 10, lambda v: {"a": Item(v)}):
            app.json.dumps(put(value))
            app.json.dumps(put(value), sort_keys=True)
            app.json.dumps(put(value), indent=1)
            app.json.to_plain(put(value))
    value = None
    gc.collect()
    assert freed() is None


@pytest.mark.parametrize("make", [Item, Money, Model])
def test_app_is_freed_with_its_last_reference(make):
    app = make_app((Money, lambda value: value.amount))
    get(app, lambda: [make()])
    gc.collect()
    freed = weakref.ref(app)
    gc.disable()
    try:
        app = None
        assert freed() is None
    finally:
        gc.enable()
