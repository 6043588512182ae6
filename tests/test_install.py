from __future__ import annotations

import collections
import dataclasses
import http
import typing as t

import flask
import pytest
from flask import abort
from flask import Blueprint
from flask import Flask
from flask import Response
from flask.json.provider import DefaultJSONProvider
from flask.views import MethodView
from werkzeug.datastructures import Headers

from flask_responsekit import KitResponse
from flask_responsekit import ResponseKit
from flask_responsekit.json import MsgspecJSONProvider


class Money:
    amount = 5


@dataclasses.dataclass
class User:
    name: str = "Ada"


class Point(t.NamedTuple):
    x: object = 1
    y: object = 2


class BrokeError(Exception):
    pass


AMOUNT = {"amount": 5}
PROBLEM = "application/problem+json"


@pytest.fixture
def app():
    return Flask(__name__)


@pytest.fixture
def kit(app):
    kit = ResponseKit(app)
    kit.add_converter(Money, lambda money: {"amount": money.amount})
    return kit


def request(app, path="/", **kwargs):
    return app.test_client().open(path, **kwargs)


# Where a value may come from.


async def async_view():
    return Money()


class Resource(MethodView):
    def get(self):
        return Money()

    async def post(self):
        return Money(), 201


def add_view(app):
    app.add_url_rule("/", view_func=Money)


def add_async_view(app):
    app.add_url_rule("/", view_func=async_view)


def add_method_view(app):
    app.add_url_rule("/", view_func=Resource.as_view("resource"))


def add_blueprint(app):
    parent, child = Blueprint("parent", __name__), Blueprint("child", __name__)
    child.add_url_rule("/", view_func=async_view)
    parent.register_blueprint(child)
    app.register_blueprint(parent)


def add_before_request(app):
    app.before_request(Money)


def add_async_before_request(app):
    app.before_request(async_view)
    app.add_url_rule("/", "index", lambda: abort(500))


def add_before_request_of_blueprint(app):
    blueprint = Blueprint("child", __name__)
    blueprint.before_request(Money)
    blueprint.add_url_rule("/", "index", lambda: abort(500))
    app.register_blueprint(blueprint)


def add_error_handler(app):
    app.register_error_handler(404, lambda error: (Money(), 200))


def add_handler_of_error(app):
    app.register_error_handler(ZeroDivisionError, lambda error: Money())
    app.add_url_rule("/", "index", lambda: 1 / 0)


def add_handler_of_blueprint(app):
    blueprint = Blueprint("child", __name__)
    blueprint.register_error_handler(410, lambda error: (Money(), 200))
    blueprint.add_url_rule("/", "index", lambda: abort(410))
    app.register_blueprint(blueprint)


def add_handler_of_500(app):
    app.register_error_handler(500, lambda error: (Money(), 200))
    app.add_url_rule("/", "index", lambda: 1 / 0)


def add_made_response(app):
    app.add_url_rule("/", "index", lambda: flask.make_response(Money()))


def add_error_with_response(app):
    app.add_url_rule("/", "index", lambda: abort(flask.make_response(Money())))


SOURCES = [
    *(add_view, add_async_view, add_method_view, add_blueprint),
    *(add_before_request, add_async_before_request, add_before_request_of_blueprint),
    *(add_error_handler, add_handler_of_error, add_handler_of_blueprint),
    *(add_handler_of_500, add_made_response, add_error_with_response),
]


@pytest.mark.parametrize("add", SOURCES)
def test_value_converts_wherever_it_comes_from(app, kit, add):
    add(app)
    response = request(app)
    assert (response.status_code, response.json) == (200, AMOUNT)
    assert response.mimetype == "application/json"
    head = request(app, method="HEAD")
    assert (head.status_code, head.data) == (200, b"")
    assert head.content_length == response.content_length


def test_other_methods_convert_and_options_stay(app, kit):
    add_method_view(app)
    created = request(app, method="POST")
    assert (created.status_code, created.json) == (201, AMOUNT)
    options = request(app, method="OPTIONS")
    assert (options.status_code, options.data) == (200, b"")
    assert set(options.allow) == {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize(
    ("args", "status"),
    [
        pytest.param((Money(),), 200, id="value"),
        pytest.param((Money(), 202), 202, id="status"),
        pytest.param((Money(), 202, {"X-A": "1"}), 202, id="status-headers"),
        pytest.param(((Money(), 203),), 203, id="tuple"),
    ],
)
def test_flask_make_response_converts(app, kit, args, status):
    def view():
        response = flask.make_response(*args)
        assert isinstance(response, KitResponse)
        response.headers["X-Made"] = "1"
        return response

    app.add_url_rule("/", view_func=view)
    response = request(app)
    assert (response.status_code, response.json) == (status, AMOUNT)
    assert response.headers["X-Made"] == "1"
    assert response.headers.get("X-A") == ("1" if len(args) == 3 else None)


@pytest.mark.parametrize(
    ("value", "body"),
    [
        pytest.param("text", b"text", id="str"),
        pytest.param((b"a", 201), b"a", id="tuple"),
        pytest.param({"a": [1]}, b'{"a":[1]}\n', id="dict"),
        pytest.param([1], b"[1]\n", id="list"),
        pytest.param(Response("made"), b"made", id="response"),
    ],
)
def test_what_flask_takes_needs_no_context(app, kit, value, body):
    assert app.make_response(value).data == body


def test_value_converts_outside_a_request(app, kit):
    with app.app_context():
        assert app.make_response((Money(), 201)).json == AMOUNT
        assert app.make_response([Money()]).json == [AMOUNT]


def test_after_request_functions_see_a_response(app, kit):
    def stamp(response):
        response.headers["X-Seen"] = f"{type(response).__name__} {response.json}"
        return response

    app.add_url_rule("/", view_func=Money)
    app.after_request(stamp)
    assert request(app).headers["X-Seen"] == f"KitResponse {AMOUNT}"


# Tuples.

VALUES = [
    pytest.param("text", b"text", id="str"),
    pytest.param(b"bytes", b"bytes", id="bytes"),
    pytest.param({"a": 1}, b'{"a":1}\n', id="dict"),
    pytest.param([1, 2], b"[1,2]\n", id="list"),
    pytest.param(collections.OrderedDict(a=1), b'{"a":1}\n', id="dict-subclass"),
    pytest.param({"a": Money()}, b'{"a":{"amount":5}}\n', id="nested"),
    pytest.param(User(), b'{"name":"Ada"}\n', id="dataclass"),
    pytest.param(Money(), b'{"amount":5}\n', id="own-type"),
    pytest.param(Point(), b'{"x":1}\n', id="namedtuple"),
    pytest.param({2, 1}, b"[1,2]\n", id="set"),
    pytest.param(1.5, b"1.5\n", id="number"),
]
FORMS = [
    pytest.param(lambda value: (value, 201), 201, None, id="status"),
    pytest.param(lambda value: (value, http.HTTPStatus.CREATED), 201, None, id="enum"),
    pytest.param(lambda value: (value, "201 MADE"), 201, None, id="text"),
    pytest.param(lambda value: (value, {"X-A": "1"}), 200, ["1"], id="dict"),
    pytest.param(lambda value: (value, [("X-A", "1")]), 200, ["1"], id="list"),
    pytest.param(lambda value: (value, (("X-A", "1"),)), 200, ["1"], id="tuple"),
    pytest.param(
        lambda value: (value, Headers([("X-A", "1"), ("X-A", "2")])),
        200,
        ["1", "2"],
        id="headers",
    ),
    pytest.param(lambda value: (value, None, {"X-A": "1"}), 200, ["1"], id="none"),
    pytest.param(lambda value: (value, 201, None), 201, None, id="no-headers"),
    pytest.param(
        lambda value: (value, 201, {"X-A": ["1", "2"]}), 201, ["1", "2"], id="lists"
    ),
]


@pytest.mark.parametrize(("form", "status", "header"), FORMS)
@pytest.mark.parametrize(("value", "body"), VALUES)
def test_tuple_of_each_form_takes_each_kind(
    app, kit, value, body, form, status, header
):
    kit.add_converter(Point, lambda point: {"x": point.x})
    app.add_url_rule("/", view_func=lambda: form(value))
    response = request(app)
    assert (response.status_code, response.data) == (status, body)
    assert response.headers.getlist("X-A") == (header or [])
    assert response.headers.getlist("Content-Length") == [str(len(body))]


def test_content_type_beside_a_value_holds(app, kit):
    headers = {"Content-Type": "application/vnd.money+json"}
    app.add_url_rule("/", view_func=lambda: (Money(), headers))
    assert request(app).content_type == "application/vnd.money+json"
    assert request(app).json == AMOUNT


@pytest.mark.parametrize(
    "value",
    [
        pytest.param((Money(),), id="one"),
        pytest.param((Money(), 201, {}, None), id="four"),
        pytest.param((), id="none"),
    ],
)
def test_tuple_of_another_length_is_refused_as_by_flask(app, kit, value):
    app.add_url_rule("/", view_func=lambda: value)
    app.testing = True
    with pytest.raises(TypeError, match="response tuple"):
        request(app)


def test_namedtuple_without_converter_is_unpacked_as_by_flask(app, kit):
    app.add_url_rule("/", view_func=lambda: Point(Money(), 201))
    app.add_url_rule("/text", "text", lambda: Point("text", {"X-A": "1"}))
    response = request(app)
    assert (response.status_code, response.json) == (201, AMOUNT)
    response = request(app, "/text")
    assert (response.text, response.headers["X-A"]) == ("text", "1")


@pytest.mark.parametrize("value", [Point(), (1, 2), (1, 2, 3), (1.5, 2.5)])
def test_tuple_of_numbers_is_no_response(app, kit, value):
    app.add_url_rule("/", view_func=lambda: value)
    assert request(app).status_code == 500


def test_namedtuple_with_converter_is_a_value(app, kit):
    kit.add_converter(Point, lambda point: {"x": point.x})
    app.add_url_rule("/", view_func=Point)
    app.add_url_rule("/status", "status", lambda: (Point("a", 404), 202))
    assert (request(app).status_code, request(app).json) == (200, {"x": 1})
    response = request(app, "/status")
    assert (response.status_code, response.json) == (202, {"x": "a"})


# Methods that others have made their own.

#: What their make_response makes of values that neither Flask nor the kit takes.
REPLACED = {type(None): "none", complex: "complex"}
SEEN_BY_MAKE_RESPONSE = [
    pytest.param("text", id="str"),
    pytest.param(b"bytes", id="bytes"),
    pytest.param({"a": 1}, id="dict"),
    pytest.param([1], id="list"),
    pytest.param(("text", 201), id="tuple"),
    pytest.param(({"a": 1}, 201, {}), id="tuple-of-dict"),
    pytest.param(Response("made"), id="response"),
    pytest.param(None, id="none"),
    pytest.param(1j, id="complex"),
    pytest.param(Point("text", 201), id="namedtuple"),
]


class Recording(Flask):
    def make_response(self, rv):
        self.seen.append(rv)
        response = super().make_response(REPLACED.get(rv.__class__, rv))
        response.headers.add("X-Own", "1")
        return response


def replace_before(app):
    inner = app.make_response

    def make_response(rv):
        app.seen.append(rv)
        response = inner(REPLACED.get(rv.__class__, rv))
        response.headers.add("X-Own", "1")
        return response

    app.make_response = make_response


def make_recording(how):
    app = Recording(__name__) if how == "subclass" else Flask(__name__)
    app.seen = []
    if how == "before":
        replace_before(app)
    kit = ResponseKit(app)
    kit.add_converter(Money, lambda money: AMOUNT)
    if how == "after":
        replace_before(app)
    return app


@pytest.mark.parametrize("how", ["subclass", "before", "after"])
@pytest.mark.parametrize("value", SEEN_BY_MAKE_RESPONSE)
def test_own_make_response_sees_what_it_saw(how, value):
    app = make_recording(how)
    app.add_url_rule("/", view_func=lambda: value)
    assert request(app).status_code in (200, 201)
    assert len(app.seen) == 1
    assert app.seen[0] is value


@pytest.mark.parametrize("how", ["subclass", "before", "after"])
@pytest.mark.parametrize(
    "view",
    [
        pytest.param(lambda: "text", id="str"),
        pytest.param(lambda: {"a": 1}, id="dict"),
        pytest.param(lambda: {"a": Money()}, id="nested"),
        pytest.param(lambda: Response("made"), id="flask-response"),
        pytest.param(lambda: flask.jsonify(1), id="jsonify"),
        pytest.param(lambda: flask.redirect("/"), id="redirect"),
        pytest.param(lambda: abort(404), id="abort"),
        pytest.param(Money, id="own-type"),
        pytest.param(lambda: (Money(), 201), id="own-type-with-status"),
        pytest.param(User, id="dataclass"),
    ],
)
def test_own_make_response_makes_each_response_once(how, view):
    app = make_recording(how)
    app.add_url_rule("/", view_func=view)
    assert request(app).headers.getlist("X-Own") == ["1"]


@pytest.mark.parametrize("how", ["subclass", "before", "after"])
def test_own_make_response_makes_the_response_of_an_error_handler_once(how):
    app = make_recording(how)
    app.register_error_handler(404, lambda error: (Money(), 404))
    response = request(app)
    assert (response.status_code, response.json) == (404, AMOUNT)
    assert response.headers.getlist("X-Own") == ["1"]


def test_response_of_own_make_response_stays_what_it_is():
    class Own(Flask):
        def make_response(self, rv):
            return OwnResponse(f"own {rv}")

    app = Own(__name__)
    ResponseKit(app)
    app.add_url_rule("/", "index", lambda: "text")
    app.after_request(lambda response: OwnResponse(type(response).__name__))
    assert request(app).text == "OwnResponse"


@pytest.mark.parametrize("name", ["dispatch_request", "preprocess_request"])
@pytest.mark.parametrize("is_subclass", [True, False])
def test_own_dispatching_sees_what_the_view_returned(name, is_subclass):
    seen = []

    def method(self, *args):
        value = getattr(Flask, name)(self, *args)
        seen.append(value)
        return value

    cls = type("Own", (Flask,), {name: method}) if is_subclass else Flask
    app = cls(__name__)
    if not is_subclass:
        setattr(app, name, lambda *args: method(app, *args))
    ResponseKit(app).add_converter(Money, lambda money: AMOUNT)
    money = Money()
    if name == "preprocess_request":
        app.before_request(lambda: money)
    app.add_url_rule("/", view_func=lambda: money)
    assert request(app).json == AMOUNT
    assert seen == [money]


@pytest.mark.parametrize("name", ["dispatch_request", "preprocess_request"])
def test_dispatching_outside_a_request_stays_an_error(app, kit, name):
    # From Flask 3.2 on, they take the context as an argument.
    with pytest.raises((RuntimeError, TypeError)):
        getattr(app, name)()


# What is replaced after, or made before.


class IsoProvider(DefaultJSONProvider):
    mimetype = "application/vnd.iso+json"


class OwnResponse(Response):
    default_mimetype = "text/x-own"


def test_provider_that_comes_later_is_taught(app, kit):
    app.json = IsoProvider(app)
    app.add_url_rule("/", view_func=lambda: [Money()])
    assert request(app).json == [AMOUNT]
    assert request(app).mimetype == IsoProvider.mimetype


def test_response_class_that_comes_later_is_composed(app, kit):
    app.response_class = OwnResponse
    app.add_url_rule("/", view_func=Money)
    app.add_url_rule("/text", "text", lambda: "text")
    app.add_url_rule("/png", "png", lambda: b"\x89PNG\r\n\x1a\n")
    assert request(app).json == AMOUNT
    assert request(app, "/text").mimetype == "text/x-own"
    assert request(app, "/png").mimetype == "image/png"


def test_provider_that_is_replaced_keeps_its_options(app):
    app.json.sort_keys = False
    app.json.compact = True
    app.json.mimetype = "application/vnd.own+json"
    app.json.ensure_ascii = False
    ResponseKit(app, json="msgspec")
    app.add_url_rule("/", view_func=lambda: {"b": 1, "a": 2})
    app.debug = True
    assert request(app).data == b'{"b":1,"a":2}'
    assert request(app).mimetype == "application/vnd.own+json"


def test_options_that_were_not_set_are_those_of_the_new_provider(app):
    ResponseKit(app, json="msgspec")
    assert {"sort_keys", "compact", "mimetype"}.isdisjoint(vars(app.json))


def test_provider_may_be_the_class_of_an_app():
    class App(Flask):
        json_provider_class = MsgspecJSONProvider

    app = App(__name__)
    ResponseKit(app).add_converter(Money, lambda money: AMOUNT)
    app.add_url_rule("/", view_func=lambda: [Money()])
    assert request(app).data == b'[{"amount":5}]'


@pytest.mark.parametrize("provider", [None, "msgspec"])
@pytest.mark.parametrize("when", ["before", "between", "after"])
def test_tojson_follows_the_converters(app, when, provider):
    if when == "before":
        assert app.jinja_env
    kit = ResponseKit(app, json=provider)
    if when == "between":
        assert app.jinja_env
    kit.add_converter(Money, lambda money: {"html": "</script>"})
    app.add_url_rule(
        "/",
        view_func=lambda: flask.render_template_string(
            "{{ v|tojson }} {{ [v]|tojson }}", v=Money()
        ),
    )
    text = r'{"html": "\u003c/script\u003e"}'
    text = text if provider is None else text.replace(" ", "")
    assert request(app).text == f"{text} [{text}]"


@pytest.mark.parametrize("provider", [None, "msgspec"])
def test_own_function_of_tojson_stays(app, provider):
    app.jinja_env.policies["json.dumps_function"] = lambda value, **kwargs: "own"
    ResponseKit(app, json=provider)
    with app.app_context():
        assert flask.render_template_string("{{ 1|tojson }}") == "own"
