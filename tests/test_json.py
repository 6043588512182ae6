from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import json
import math
import re
import types
import typing as t
import uuid

import flask
import pytest
from flask import Flask
from flask import jsonify
from flask import make_response
from flask.json.provider import DefaultJSONProvider
from flask.json.provider import JSONProvider
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from flask_responsekit import ConversionLoopError
from flask_responsekit import ConverterNotFoundError
from flask_responsekit import ConverterRegistry
from flask_responsekit import ResponseKit
from flask_responsekit.json import get_to_plain
from flask_responsekit.json import install

NAN = math.nan
SECRET = "s3cret"


class Money:
    amount = 5


class Unrelated(t.NamedTuple):
    field: int = 1


@dataclasses.dataclass
class Item:
    name: object = "a"
    price: object = decimal.Decimal("1.50")


@dataclasses.dataclass
class Node:
    next: object = None


class Priority(enum.IntEnum):
    HIGH = 1


class Suit(str, enum.Enum):
    HEARTS = "hearts"


class Access(enum.Flag):
    READ = 1


class Loud(str):
    def __str__(self):
        return "LOUD"


class Odd(int):
    def __repr__(self):
        return "odd"


class Html:
    def __repr__(self):
        return "Html()"

    def __html__(self):
        return "<b>"


def make_app(*converters, prepare=None):
    app = Flask(__name__)
    if prepare is not None:
        prepare(app)
    kit = ResponseKit(app)
    for key, converter in converters:
        kit.add_converter(key, converter)
    return app


def ask(app, *views):
    """The answers of views."""
    for number, view in enumerate(views):
        app.add_url_rule(f"/{number}", f"view{number}", view)
    client = app.test_client()
    return [client.get(f"/{number}") for number in range(len(views))]


def get(app, view):
    return ask(app, view)[0]


# The app's own JSON is the one truth.


def own_default(value):
    """Write what Flask's would not, and some of the rest in another way."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, (set, frozenset)):
        return {"set": sorted(value)}
    if dataclasses.is_dataclass(value):
        return {"type": type(value).__name__, **dataclasses.asdict(value)}
    if isinstance(value, Html):
        return "own"
    if isinstance(value, (collections.deque, collections.UserDict, enum.Enum)):
        return str(value)
    raise TypeError(f"no {type(value).__name__}")


class StaticDefault(DefaultJSONProvider):
    default = staticmethod(own_default)


class MethodDefault(DefaultJSONProvider):
    def default(self, value):
        try:
            return own_default(value)
        except TypeError:
            return super().default(value)


class Encoder(json.JSONEncoder):
    def default(self, value):
        return own_default(value)


class OwnEncoder(DefaultJSONProvider):
    def dumps(self, obj, **kwargs):
        return json.dumps(obj, cls=Encoder, **kwargs)


class DeafDumps(DefaultJSONProvider):
    def dumps(self, obj, **kwargs):
        return json.dumps(obj, default=own_default)


class Around(DefaultJSONProvider):
    def dumps(self, obj, **kwargs):
        return super().dumps({"around": obj}, **{**kwargs, "indent": 1})


class Envelope(DefaultJSONProvider):
    def response(self, *args, **kwargs):
        text = self.dumps({"data": self._prepare_response_obj(args, kwargs)})
        return self._app.response_class(text, 202, mimetype="application/x-envelope")


class Bare(JSONProvider):
    def dumps(self, obj, **kwargs):
        return json.dumps(obj, default=own_default, **kwargs)

    def loads(self, text, **kwargs):
        return json.loads(text, **kwargs)


def use(cls):
    return lambda app: setattr(app, "json", cls(app))


def options(**values):
    return lambda app: vars(app.json).update(values)


PROVIDERS = [
    pytest.param(lambda app: None, id="flask"),
    pytest.param(use(StaticDefault), id="static-default"),
    pytest.param(use(MethodDefault), id="method-default"),
    pytest.param(options(default=own_default), id="default-attribute"),
    pytest.param(options(default=str), id="str"),
    pytest.param(use(OwnEncoder), id="own-encoder"),
    pytest.param(use(DeafDumps), id="own-dumps"),
    pytest.param(use(Around), id="around"),
    pytest.param(use(Envelope), id="envelope"),
    pytest.param(use(Bare), id="own-provider"),
    pytest.param(options(sort_keys=False), id="unsorted"),
    pytest.param(options(ensure_ascii=False), id="not-ascii"),
    pytest.param(options(compact=False), id="not-compact"),
    pytest.param(options(mimetype="application/x-own"), id="mimetype"),
    pytest.param(lambda app: setattr(app, "debug", True), id="debug"),
]
VALUES = {
    "datetime": datetime.datetime(2020, 1, 2, 3, 4, 5, 6),
    "datetime with zone": datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc),
    "date": datetime.date(2020, 1, 2),
    "decimal": decimal.Decimal("1.50"),
    "uuid": uuid.UUID(int=1),
    "dataclass": Item(),
    "nested dataclass": Item([Item(price=None)], {"a": (Item(1, 2),)}),
    "markup": Markup("<b>"),
    "html": Html(),
    "int enum": Priority.HIGH,
    "str enum": [Suit.HEARTS],
    "enum": [Access.READ],
    "str subclass": Loud("quiet"),
    "int subclass": [Odd(3)],
    "namedtuple": collections.namedtuple("Point", "x y")(1, datetime.date(2020, 1, 2)),
    "ordered dict": collections.OrderedDict(b=1, a=[2]),
    "default dict": collections.defaultdict(list, b=1, a=2),
    "counter": collections.Counter("abb"),
    "multi dict": MultiDict([("a", "1"), ("a", "2"), ("b", "3")]),
    "user dict": collections.UserDict(a=1),
    "deque": collections.deque([1]),
    "set": {"a", "b"},
    "tuple": (1, (2, [3]), ()),
    "texts": ["ü", "\U0001f600", "\x00\u2028</"],
    "numbers": [0, -1, 10**30, 1.0, -0.0, 1e-7, 1e30, True],
    "nothing": [None, {}, [], ""],
    "int keys": {2: "a", 10: "b"},
    "bool keys": {True: 1},
    "none key": {None: 1},
    "float keys": {1.5: 1},
    "enum keys": {Priority.HIGH: {Suit.HEARTS: 1}},
    "subclass keys": [{Loud("quiet"): 1}, {Odd(3): 1}],
    "mixed keys": {1: 1, "a": 2},
    "unsorted": {"b": {"d": 1, "c": 2}, "a": 3},
}
CONVERTERS = [
    pytest.param([], id="none"),
    pytest.param([(Money, vars)], id="class"),
    # The encoder knows what these take, so it must get plain data.
    pytest.param([(Unrelated, list), (Node, vars)], id="native"),
]


def everything_written(app):
    """What an app writes of each value; values that it refuses are left out."""
    written = {}
    with app.test_request_context():
        template = flask.current_app.jinja_env.from_string("{{ v|tojson }}")
        for name, value in VALUES.items():
            for way, write in {
                "jsonify": jsonify,
                "keyword": lambda value: jsonify(a=value),
                "dumps": flask.json.dumps,
                "tojson": lambda value: template.render(v=value),
            }.items():
                try:
                    result = write(value)
                except TypeError:
                    continue
                if way in ("jsonify", "keyword"):
                    result = result.status, result.mimetype, result.data
                written[name, way] = result
    return written


@pytest.mark.parametrize("converters", CONVERTERS)
@pytest.mark.parametrize("prepare", PROVIDERS)
def test_what_the_app_writes_without_the_kit_stays_as_it_is(prepare, converters):
    bare = Flask(__name__)
    prepare(bare)
    expected = everything_written(bare)
    found = everything_written(make_app(*converters, prepare=prepare))
    assert len(expected) > 4 * 20
    assert {key: found.get(key) for key in expected} == expected


@pytest.mark.parametrize("converters", CONVERTERS)
@pytest.mark.parametrize("prepare", PROVIDERS)
def test_what_a_view_returns_is_written_as_by_jsonify(prepare, converters):
    app = make_app(*converters, prepare=prepare)
    data = {"b": datetime.date(2020, 1, 2), "a": [Item(), (1, "ü"), Suit.HEARTS]}
    by_view, by_jsonify = ask(app, lambda: data, lambda: jsonify(data))
    assert by_view.status == by_jsonify.status != "500 INTERNAL SERVER ERROR"
    assert by_view.data == by_jsonify.data
    assert by_view.content_type == by_jsonify.content_type


def test_app_default_is_asked_before_the_built_in_converters():
    app = make_app(prepare=use(MethodDefault))
    data = [{2, 1}, datetime.date(2020, 1, 2), datetime.time(1)]
    assert get(app, lambda: data).json == [{"set": [1, 2]}, "2020-01-02", "01:00:00"]


@pytest.mark.parametrize("converters", CONVERTERS)
def test_converter_is_asked_before_the_app_default(converters):
    app = make_app(
        *converters, (Item, lambda item: item.name), prepare=use(StaticDefault)
    )
    assert get(app, lambda: {"a": Item(), "b": [Item("b")]}).json == {
        "a": "a",
        "b": ["b"],
    }


class Recorder(json.JSONEncoder):
    def encode(self, value):
        self.seen = value
        return super().encode(value)


@pytest.mark.parametrize(
    ("converter", "is_left"),
    [
        pytest.param((Money, vars), True, id="class"),
        pytest.param((Unrelated, list), False, id="namedtuple"),
    ],
)
def test_encoder_gets_a_value_as_it_is_where_it_asks_for_all_that_converters_take(
    converter, is_left
):
    encoders = []

    def make_encoder(**kwargs):
        encoders.append(Recorder(**kwargs))
        return encoders[-1]

    value = [Item()]
    with make_app(converter).app_context():
        flask.json.dumps(value, cls=make_encoder)
    assert (encoders[0].seen is value) is is_left


def test_session_is_as_it_was():
    app = make_app((dict, lambda value: "x"), (Unrelated, list))
    app.secret_key = "k"

    def view():
        seen = flask.session.get("v")
        flask.session["v"] = value = {
            "t": (1, "a"),
            "b": b"b",
            "m": Markup("<"),
            "n": None,
        }
        return str(seen == value)

    client = app.test_client()
    app.add_url_rule("/", view_func=view)
    assert [client.get("/").text for _ in range(2)] == ["False", "True"]


# What JSON cannot say.


@dataclasses.dataclass
class Measure:
    value: float


class Ratio(float):
    pass


NO_NUMBERS = [
    pytest.param(lambda value: {"a": value}, "value['a']", id="dict"),
    pytest.param(lambda value: [0, [value]], "value[1][0]", id="list"),
    pytest.param(lambda value: value, "value", id="top"),
    pytest.param(lambda value: Measure(value), "value['value']", id="dataclass"),
    pytest.param(lambda value: [Measure(value)], "value[0]['value']", id="inside"),
    pytest.param(lambda value: jsonify(a=value), "value['a']", id="jsonify"),
    pytest.param(lambda value: ({"a": value}, 201), "value['a']", id="tuple"),
    pytest.param(lambda value: [Ratio(value)], "value[0]", id="subclass"),
]


@pytest.mark.parametrize("prepare", PROVIDERS[:3:2])
@pytest.mark.parametrize("converters", CONVERTERS)
@pytest.mark.parametrize("number", [NAN, -math.inf])
@pytest.mark.parametrize(("make", "place"), NO_NUMBERS)
def test_number_that_json_does_not_have_is_never_sent(
    make, place, number, converters, prepare
):
    app = make_app(*converters, prepare=prepare)
    response = get(app, lambda: make(number))
    assert response.status_code == 500
    assert not re.search("NaN|Infinity", response.text)
    app.testing = True
    with pytest.raises(ValueError, match=re.escape(f"{place} is {number!r}")):
        app.test_client().get("/0")


def refuse(constant):
    raise AssertionError(f"{constant} was sent")


@pytest.mark.parametrize("prepare", PROVIDERS)
@pytest.mark.parametrize("make", [Measure, jsonify, lambda value: [value]])
@pytest.mark.parametrize("number", [NAN, math.inf, -math.inf])
def test_no_provider_sends_what_json_does_not_have(number, make, prepare):
    app = make_app(prepare=prepare)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    response = get(app, lambda: make(number))
    if response.status_code != 500:
        json.loads(response.data, parse_constant=refuse)


@pytest.mark.parametrize("prepare", PROVIDERS)
def test_text_that_only_looks_like_a_number_is_sent(prepare):
    data = {"NaN": "-Infinity"}
    app = make_app(prepare=prepare)
    for response in ask(app, lambda: data, lambda: jsonify(data)):
        assert response.status_code in (200, 202)
        assert "-Infinity" in response.text


class OtherFormat(DefaultJSONProvider):
    def dumps(self, obj, **kwargs):
        return f"callback({json.dumps(obj)})"


def test_provider_that_writes_no_json_may_write_what_it_likes():
    response = get(make_app(prepare=use(OtherFormat)), lambda: {"a": NAN})
    assert response.text == 'callback({"a": NaN})\n'


def test_nan_in_a_template_stays_as_it_was():
    app = make_app((Unrelated, list))
    render = flask.render_template_string
    response = get(app, lambda: render("{{ v|tojson }}", v={"a": NAN}))
    assert response.text == '{"a": NaN}'
    with app.app_context():
        assert flask.json.dumps([NAN, math.inf]) == "[NaN, Infinity]"


def cycle_of_lists():
    value = [1]
    value.append({"a": [0, value]})
    return value


def cycle_of_dicts():
    value = {}
    value["a"] = [1, value]
    return value


def cycle_of_dataclasses():
    value = Node()
    value.next = [value]
    return value


def cycle_of_values():
    value = collections.deque()
    value.append({"a": value})
    return {"x": value}


FAULTS = [
    pytest.param(cycle_of_lists, "value[1]['a'][1]", id="cycle-of-lists"),
    pytest.param(cycle_of_dicts, "value['a'][1]", id="cycle-of-dicts"),
    pytest.param(cycle_of_dataclasses, "value['next'][0]", id="cycle-of-dataclasses"),
    pytest.param(cycle_of_values, "value['x'][0]['a']", id="cycle-of-values"),
    pytest.param(lambda: {"a": [1, {"b": {1, "x"}}]}, "value['a'][1]['b']", id="set"),
    pytest.param(lambda: {"a": [object()]}, "value['a'][0] is a object", id="unknown"),
    pytest.param(lambda: [{"b": b"bytes"}], "value[0]['b'] is a bytes", id="bytes"),
    pytest.param(
        lambda: {"a": [{(1, 2): 3}]}, "value['a'][0] has the key (1, 2)", id="tuple-key"
    ),
    pytest.param(lambda: [{b"k": 3}], "value[0] has the key b'k'", id="bytes-key"),
    pytest.param(lambda: {"a": {1: 1, "b": 2}}, "value['a'] has keys", id="mixed-keys"),
    pytest.param(
        lambda: collections.OrderedDict(a=[object()]), "value['a'][0]", id="subclass"
    ),
    pytest.param(lambda: [Item({"k": object()})], "value[0]['name']['k']", id="field"),
    pytest.param(
        lambda: types.MappingProxyType({"a": (object(),)}),
        "value['a'][0]",
        id="mapping",
    ),
]


@pytest.mark.parametrize("converters", CONVERTERS)
@pytest.mark.parametrize(("make", "place"), FAULTS)
def test_fault_is_named_with_its_place(make, place, converters):
    app = make_app(*converters)
    app.testing = True
    app.add_url_rule("/jsonify", "jsonify", lambda: jsonify(make()))
    app.add_url_rule("/view", "view", make)
    for path in ("/jsonify", "/view"):
        with pytest.raises((TypeError, ValueError), match=re.escape(place)) as caught:
            app.test_client().get(path)
        assert not isinstance(caught.value, RecursionError)


LOOPS = [
    pytest.param(lambda value: value, "Money", id="itself"),
    pytest.param(lambda value: Money(), "Money", id="same-type"),
    pytest.param(lambda value: [value], "Money", id="list-of-itself"),
    pytest.param(lambda value: {"a": value}, "Money", id="dict-of-itself"),
    pytest.param(lambda value: [Money()], "Money", id="fresh-objects"),
    pytest.param(lambda value: {"a": (Money(),)}, "Money", id="fresh-in-tuple"),
    pytest.param(lambda value: Node(Money()), "Money", id="fresh-in-dataclass"),
    pytest.param(lambda value: 1j, "Money -> complex -> Money", id="two-types"),
    # What recurs here is the converter.
    pytest.param(lambda value: jsonify(value), "never ends", id="jsonify"),
    pytest.param(lambda value: jsonify([value]), "never ends", id="jsonify-list"),
    pytest.param(lambda value: flask.json.dumps([value]), "never ends", id="dumps"),
    pytest.param(lambda value: make_response(value), "never ends", id="make-response"),
]


@pytest.mark.parametrize("make", [lambda v: v, lambda v: [v], lambda v: {"a": {v}}])
@pytest.mark.parametrize("converters", CONVERTERS[::2])
@pytest.mark.parametrize(("converter", "words"), LOOPS)
def test_conversion_without_end_is_a_named_error(converter, words, converters, make):
    own = [(Money, converter), (complex, lambda value: Money())]
    app = make_app(*converters, *own)
    response = get(app, lambda: make(Money()))
    assert response.status_code == 500
    app.testing = True
    with pytest.raises(ConversionLoopError, match=words):
        app.test_client().get("/0")


def test_nesting_beyond_measure_is_a_named_error():
    value = []
    for _ in range(200_000):
        value = [value]
    app = make_app()
    app.testing = True
    with pytest.raises(ConversionLoopError, match="nested too deeply"):
        get(app, lambda: jsonify(value))


BAD = {
    "cycle": cycle_of_lists,
    "nan": lambda: {"a": NAN, "b": SECRET},
    "set": lambda: {"a": {1, SECRET}},
    "key": lambda: {("k", SECRET): 1},
    "late": lambda: [SECRET * 10_000, 1j],
    "class": lambda: {"a": Money},
    "endless": lambda: [Money()],
    "unknown": lambda: type(SECRET, (), {})(),
}


@pytest.mark.parametrize("handled", [True, False])
@pytest.mark.parametrize("status", [None, 201])
@pytest.mark.parametrize("name", BAD)
def test_failure_is_a_whole_answer_that_tells_nothing(name, status, handled):
    def broken(value):
        raise ValueError(f"the {SECRET}")

    app = make_app((Money, lambda money: [Money()]), (complex, broken))
    if handled:
        app.register_error_handler(500, lambda error: ("<h1>Sorry</h1>", 500))
    body = BAD[name]()
    response = get(app, lambda: body if status is None else (body, status))
    assert response.status_code == 500
    assert SECRET not in response.text + str(response.headers)
    assert response.content_length == len(response.data)
    assert response.text.startswith("<h1>Sorry" if handled else "<!doctype html>")
    assert response.mimetype == "text/html"


# Sets.


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({3, 1, 2}, [1, 2, 3], id="int"),
        pytest.param({"b", "a"}, ["a", "b"], id="str"),
        pytest.param({2.5, 1}, [1, 2.5], id="numbers"),
        pytest.param(frozenset({"b", "a"}), ["a", "b"], id="frozenset"),
        pytest.param({(2, 1), (1, 2)}, [[1, 2], [2, 1]], id="tuples"),
        pytest.param({Priority.HIGH}, [1], id="enum"),
        pytest.param(set(), [], id="empty"),
        pytest.param({None}, [None], id="none"),
        pytest.param(
            {decimal.Decimal("2"), decimal.Decimal("1.5")}, ["1.5", "2"], id="decimal"
        ),
    ],
)
def test_set_is_written_in_order(value, expected):
    app = make_app()
    inside, top = ask(app, lambda: {"a": value}, lambda: value)
    assert inside.json == {"a": expected}
    assert top.json == expected


def test_equal_sets_of_sets_are_written_alike():
    members = [frozenset({n, n * 7919 % 101}) for n in range(40)]
    app = make_app()
    with app.app_context():
        assert flask.json.dumps(set(members)) == flask.json.dumps(set(members[::-1]))


# Converters for what is plain data already.


def nothing(value):
    return "", 204


def test_converter_of_none_gives_204():
    app = make_app((type(None), nothing))
    answers = ask(
        app,
        lambda: None,
        lambda: (None, 204),
        lambda: (None, {"X-A": "1"}),
        lambda: (None, 204, {"X-A": "1"}),
    )
    assert [(one.status_code, one.data) for one in answers] == [(204, b"")] * 4
    assert [one.headers.get("X-A") for one in answers] == [None, None, "1", "1"]


def test_converter_of_none_leaves_nulls():
    app = make_app((type(None), nothing))
    answers = ask(
        app,
        lambda: {"a": [None]},
        lambda: Node(),
        lambda: jsonify(None),
        lambda: jsonify(),
        lambda: jsonify({None: None}),
    )
    assert [one.json for one in answers] == [
        *({"a": [None]}, {"next": None}, None, None),
        {"null": None},
    ]


def test_none_of_a_converter_is_taken_by_the_converter_of_none():
    app = make_app((type(None), nothing), (Money, lambda money: None))
    top, inside = ask(app, Money, lambda: [Money()])
    assert top.status_code == 204
    assert inside.json == [None]


def test_converter_of_bool_takes_what_views_return():
    app = make_app((bool, lambda value: {"ok": value}))
    answers = ask(
        app,
        lambda: True,
        lambda: (False, 202),
        lambda: [True, {"a": False}],
        lambda: {True: 1},
        lambda: 1,
    )
    assert [one.json for one in answers] == [
        *({"ok": True}, {"ok": False}, [True, {"a": False}], {"true": 1}, 1)
    ]


PLAIN = {"dict": {"a": 1}, "list": [1], "str": "text", "rest": [5, 1.5, None, True]}


@pytest.mark.parametrize(
    ("cls", "value"),
    [
        pytest.param(dict, {"a": 1}, id="dict"),
        pytest.param(list, [1], id="list"),
        pytest.param(str, "text", id="str"),
        pytest.param(bytes, b"bytes", id="bytes"),
        pytest.param(int, 5, id="int"),
        pytest.param(float, 1.5, id="float"),
        pytest.param(tuple, (1, 2), id="tuple"),
    ],
)
@pytest.mark.parametrize("converters", CONVERTERS[::2])
def test_exact_converter_takes_what_views_return(cls, value, converters):
    def take(value):
        return flask.Response(f"taken {value!r}")

    app = make_app(*converters, (cls, take))
    app.register_error_handler(KeyError, lambda error: value)
    app.before_request(lambda: value if "early" in flask.request.args else None)
    answers = ask(
        app,
        lambda: value,
        lambda: {}["error"],
        lambda: flask.make_response(value),
        lambda: jsonify(PLAIN),
        lambda: jsonify([PLAIN, (1,)]),
        lambda: Measure(PLAIN),
        lambda: flask.Response(flask.json.dumps(PLAIN)),
    )
    early = app.test_client().get("/missing?early")
    taken, nested = [early, *answers[:3]], answers[3:]
    assert [one.text for one in taken] == [f"taken {value!r}"] * 4
    assert [json.loads(one.data) for one in nested] == [
        *(PLAIN, [PLAIN, [1]], {"value": PLAIN}, PLAIN)
    ]


def test_exact_converter_takes_the_body_of_a_tuple_and_the_result_of_a_converter():
    app = make_app(
        (dict, lambda value: "taken"),
        (str, lambda value: jsonify(text=value)),
    )
    in_tuple, chain = ask(app, lambda: ("a", 201, {"X-A": "1"}), dict)
    assert (in_tuple.status_code, in_tuple.json) == (201, {"text": "a"})
    assert in_tuple.headers["X-A"] == "1"
    assert chain.json == {"text": "taken"}


def test_exact_converter_leaves_subclasses_inside_as_they_are():
    data = {
        "dict": collections.OrderedDict(a=1),
        "str": [Markup("<b>"), Suit.HEARTS],
        "list": [type("Own", (list,), {})([1])],
        Suit.HEARTS: collections.Counter("a"),
    }
    converters = [(cls, lambda value: jsonify("taken")) for cls in (dict, list, str)]
    app = make_app(*converters)
    with app.app_context():
        written = flask.json.dumps(data)
    with Flask(__name__).app_context():
        assert written == flask.json.dumps(data)


def test_key_that_becomes_no_text_is_named():
    app = make_app((Suit, lambda suit: {"a": 1}))
    app.testing = True
    with pytest.raises(TypeError, match="Suit.HEARTS.* became a dict"):
        get(app, lambda: {Suit.HEARTS: 1})


def test_converter_not_found_names_the_place_and_the_type():
    app = make_app((Money, lambda money: {"a": [1j]}))
    app.testing = True
    with pytest.raises(ConverterNotFoundError, match=r"value\['a'\]\[0\]") as caught:
        get(app, Money)
    assert caught.value.type is complex


class NothingClaimed(ConverterRegistry):
    def claims(self, types):
        return False


def test_own_encoder_gets_the_very_value_where_no_converter_takes_part():
    seen = []

    class Own(JSONProvider):
        def dumps(self, obj, **kwargs):
            seen.append(obj)
            return "null"

        def loads(self, s, **kwargs):
            return json.loads(s)

    provider = Own(Flask(__name__))
    registry = NothingClaimed()
    install(provider, lambda: registry)
    value = [Item()]
    assert provider.dumps(value) == "null"
    assert seen[0] is value


def test_error_of_the_encoder_is_not_its_own_cause():
    with make_app().app_context(), pytest.raises(TypeError) as caught:
        flask.json.dumps([object()])
    assert caught.value.__cause__ is None


def test_rows_of_csv_are_what_an_encoder_of_the_apps_own_shows():
    class HidingProvider(JSONProvider):
        def dumps(self, obj, **kwargs):
            return json.dumps(obj, default=lambda value: {"name": value.name})

        def loads(self, s, **kwargs):
            return json.loads(s)

    @dataclasses.dataclass
    class Account:
        name: str
        password: str

    app = Flask(__name__)
    app.json = HidingProvider(app)
    kit = ResponseKit(app)
    rows = [Account("Ada", "secret"), Account("Bob", "secret")]
    app.add_url_rule("/", "rows", lambda: kit.stream(rows, mimetype="text/csv"))
    assert app.test_client().get("/").text == "name\r\nAda\r\nBob\r\n"


def test_cells_of_csv_are_what_an_encoder_of_the_apps_own_makes_of_text():
    class MaskingProvider(JSONProvider):
        def dumps(self, obj, **kwargs):
            return json.dumps(obj).replace("secret", "***")

        def loads(self, s, **kwargs):
            return json.loads(s)

    app = Flask(__name__)
    app.json = MaskingProvider(app)
    kit = ResponseKit(app, renderers=["csv"])
    rows = [{"name": "Ada", "password": "secret"}]
    app.add_url_rule("/rows", "rows", lambda: kit.stream(rows))
    app.add_url_rule("/list", "list", lambda: rows)
    for path in ("/rows", "/list"):
        response = app.test_client().get(path, buffered=True)
        assert response.text == "name,password\r\nAda,***\r\n"


def test_encoder_of_the_apps_own_says_nothing_of_attributes():
    class EchoProvider(JSONProvider):
        def dumps(self, obj, **kwargs):
            return json.dumps(obj)

        def loads(self, s, **kwargs):
            return json.loads(s)

    @dataclasses.dataclass
    class Account:
        name: str

    app = Flask(__name__)
    assert get_to_plain_of(app).get_attributes(Account) == ("name",)
    app = Flask(__name__)
    app.json = EchoProvider(app)
    assert get_to_plain_of(app).get_attributes(Account) is None


def get_to_plain_of(app):
    return get_to_plain(app, ResponseKit(app).converters)
