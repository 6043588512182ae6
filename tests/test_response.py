from __future__ import annotations

import copy
import dataclasses
import gzip
import http
import pickle
from xml.etree import ElementTree

import flask
import pytest
import werkzeug
from flask import Flask
from flask.json.provider import DefaultJSONProvider
from markupsafe import Markup
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.exceptions import NotFound
from werkzeug.test import Client
from werkzeug.test import create_environ
from werkzeug.wsgi import FileWrapper

from flask_responsekit import ConverterNotFoundError
from flask_responsekit import KitResponse
from flask_responsekit import ResponseKit

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
JSON = "application/json"
XML = "application/xml; charset=utf-8"
UNKNOWN = "application/octet-stream"
NOSNIFF = "X-Content-Type-Options"

DOCUMENT = '<?xml version="1.0"?><a/>'
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg"/>'
PAGE = "<h1>Hi</h1>"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
GZIP = gzip.compress(PAGE.encode(), mtime=0)
ZSTD = b"\x28\xb5\x2f\xfd" + bytes(16)
BINARY = b"\x01\x02\x03\x00"
MISSING = NotFound().get_response().data.strip()


class Text(str):
    """Text of a class of its own."""


class Thing:
    """What a converter takes."""


class Tag:
    def __html__(self):
        return PAGE


@dataclasses.dataclass
class Point:
    x: int = 1


@dataclasses.dataclass
class MarkedPoint(Point, Tag):
    """Both a dataclass and markup."""


class Own:
    def __init__(self, result):
        self.result = result

    def __response__(self):
        return self.result


@dataclasses.dataclass
class OwnPoint(MarkedPoint):
    def __response__(self):
        return [self.x]


@pytest.fixture
def app():
    app = Flask("example")
    app.kit = ResponseKit(app)
    return app


def send(view, *, converter=None, response_class=None, **config):
    """Answer a request with what a view returns."""
    app = Flask("example")
    app.config.update({"TESTING": True, **config})
    if response_class is not None:
        app.response_class = response_class
    kit = ResponseKit(app)
    if converter is not None:
        kit.add_converter(Thing, converter)
    app.add_url_rule("/", view_func=lambda: view(), endpoint="view")
    # That of Flask makes the response again, by the class of the app.
    return Client(app).get("/", buffered=True)


# A body without a content type


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param('{"a": 1}', JSON, id="str-json"),
        pytest.param(DOCUMENT, XML, id="str-xml"),
        pytest.param(DRAWING, "image/svg+xml; charset=utf-8", id="str-svg"),
        pytest.param(b'{"a": 1}', JSON, id="bytes-json"),
        pytest.param(DOCUMENT.encode(), "application/xml", id="bytes-xml"),
        pytest.param(DRAWING.encode(), "image/svg+xml", id="bytes-svg"),
        pytest.param(PNG, "image/png", id="bytes-png"),
        pytest.param(GZIP, "application/gzip", id="bytes-gzip"),
        pytest.param(BINARY, UNKNOWN, id="bytes-unknown"),
        pytest.param(bytearray(b"[1, 2]"), JSON, id="bytearray-json"),
        pytest.param(bytearray(PNG), "image/png", id="bytearray-png"),
    ],
)
def test_body_without_type_gets_that_of_its_content(body, content_type):
    response = KitResponse(body)
    assert response.headers.getlist("Content-Type") == [content_type]
    assert response.headers.getlist(NOSNIFF) == ["nosniff"]
    assert response.data == (body.encode() if isinstance(body, str) else body)


@pytest.mark.parametrize(
    "body",
    [
        *(None, "", b"", bytearray(), "Hello", PAGE, b"Hello", Text("[1]"), ["[1]"]),
        *(Markup("[1]"), Markup(DRAWING), iter(["[1]"]), (part for part in ["[1]"])),
        FileWrapper(None),
    ],
    ids=lambda body: type(body).__name__,
)
def test_default_type_stays_where_content_says_nothing(body):
    response = KitResponse(body)
    assert response.headers["Content-Type"] == HTML
    assert NOSNIFF not in response.headers


@pytest.mark.parametrize("body", ["[1]", PNG], ids=["str", "bytes"])
@pytest.mark.parametrize(
    "given",
    [
        *({"mimetype": "a/b"}, {"content_type": "a/b"}),
        *({"headers": {"Content-Type": "a/b"}}, {"headers": {"content-type": "a/b"}}),
        {"headers": [("X-A", "1"), ("CONTENT-TYPE", "a/b")]},
        {"headers": Headers({"cOnTent-tYpe": "a/b"})},
    ],
    ids=repr,
)
def test_explicit_type_wins(body, given):
    response = KitResponse(body, **given)
    assert response.headers.getlist("Content-Type") == ["a/b"]
    assert NOSNIFF not in response.headers


def test_body_of_direct_passthrough_is_left_alone():
    response = KitResponse(PNG, direct_passthrough=True)
    assert response.headers["Content-Type"] == HTML
    assert NOSNIFF not in response.headers


def test_body_set_later_is_left_alone():
    response = KitResponse("Hello")
    response.data = '{"a": 1}'
    assert response.headers["Content-Type"] == HTML


@pytest.mark.parametrize(
    ("setting", "body", "content_type"),
    [
        pytest.param(True, "Hello", HTML, id="on-text"),
        pytest.param(True, "[1]", JSON, id="on-json"),
        pytest.param(False, "[1]", HTML, id="off-json"),
        pytest.param(False, PNG, HTML, id="off-png"),
        pytest.param("strict", PAGE, HTML, id="strict-html"),
        pytest.param("strict", "[1]", JSON, id="strict-json"),
        pytest.param("strict", "é", TEXT, id="strict-text"),
        pytest.param("strict", b"caf\xc3\xa9", TEXT, id="strict-utf-8"),
        pytest.param("strict", b"a" * 1444 + b"\xc3\xa9" * 2, TEXT, id="strict-cut"),
        pytest.param("strict", b"caf\xe9", "text/plain", id="strict-latin-1"),
    ],
)
def test_configuration_says_how_bodies_are_sniffed(setting, body, content_type):
    response = send(lambda: body, RESPONSEKIT_SNIFF=setting)
    assert response.headers["Content-Type"] == content_type
    assert (NOSNIFF in response.headers) is (content_type != HTML)


def test_apps_with_other_configuration_do_not_meet():
    apps = []
    for setting in (True, False, "strict"):
        apps.append(Flask("example"))
        apps[-1].config["RESPONSEKIT_SNIFF"] = setting
        apps[-1].config["RESPONSEKIT_NOSNIFF"] = setting is True
        apps[-1].add_url_rule("/<path:text>", view_func=lambda text: text)
        ResponseKit(apps[-1])
    for path, types in [("/[1]", [JSON, HTML, JSON]), ("/a", [HTML, HTML, TEXT])]:
        headers = [Client(app).get(path).headers for app in apps]
        assert [one["Content-Type"] for one in headers] == types
        assert [NOSNIFF in one for one in headers] == [path == "/[1]", False, False]


# X-Content-Type-Options

TYPED = [
    pytest.param(lambda: {"a": 1}, id="dict"),
    pytest.param(lambda: [1], id="list"),
    pytest.param(Point, id="dataclass"),
    pytest.param(lambda: '{"a": 1}', id="json-str"),
    pytest.param(lambda: PNG, id="png"),
    pytest.param(lambda: ElementTree.Element("a"), id="element"),
]


@pytest.mark.parametrize("view", TYPED)
def test_body_the_kit_typed_forbids_guessing_unless_configured(view):
    assert send(view).headers.getlist(NOSNIFF) == ["nosniff"]
    assert NOSNIFF not in send(view, RESPONSEKIT_NOSNIFF=False).headers


class CarefulResponse(flask.Response):
    automatically_set_content_length = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.headers[NOSNIFF] = "nosniff"


@pytest.mark.parametrize("view", TYPED)
def test_nosniff_of_the_app_is_sent_once(view):
    for name in (NOSNIFF, NOSNIFF.lower()):
        response = send(lambda name=name: (view(), [(name, "nosniff")]))
        assert response.headers.getlist(NOSNIFF) == ["nosniff"]
    response = send(view, response_class=CarefulResponse)
    assert response.headers.getlist(NOSNIFF) == ["nosniff"]


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(lambda: PAGE, id="html"),
        pytest.param(lambda: Markup("<b>"), id="markup"),
        pytest.param(lambda: flask.Response("[1]", mimetype=JSON), id="response"),
        pytest.param(lambda: flask.jsonify(a=1), id="jsonify"),
        pytest.param(lambda: flask.redirect("/"), id="redirect"),
        pytest.param(lambda: iter(["[1]"]), id="iterator"),
        pytest.param(lambda: ("[1]", {"Content-Type": "a/b"}), id="explicit"),
        pytest.param(NotFound, id="exception"),
    ],
)
def test_body_typed_by_others_has_no_nosniff(view):
    assert NOSNIFF not in send(view).headers


# Content-Encoding


@pytest.mark.parametrize("name", ["Content-Encoding", "content-encoding"])
@pytest.mark.parametrize("body", [GZIP, ZSTD, BINARY, PNG, b"[1]"], ids=ascii)
def test_encoded_bytes_are_not_sniffed(body, name):
    response = KitResponse(body, headers={name: "gzip"})
    assert response.headers["Content-Type"] == HTML
    assert NOSNIFF not in response.headers


@pytest.mark.parametrize("body", [GZIP, ZSTD, BINARY], ids=["gzip", "zstd", "unknown"])
@pytest.mark.parametrize(
    ("change", "content_type"),
    [
        pytest.param({"Content-Encoding": "gzip"}, HTML, id="encoding"),
        pytest.param({"content-encoding": "x"}, HTML, id="lower-case"),
        pytest.param(
            {"Content-Encoding": "gzip", "Content-Type": "a/b"}, "a/b", id="and-type"
        ),
        pytest.param({"X-Other": "1"}, None, id="other"),
    ],
)
def test_default_comes_back_when_encoding_is_set_later(body, change, content_type):
    def view():
        response = flask.make_response(body)
        response.headers.update(change)
        return response

    sniffed = KitResponse(body).headers["Content-Type"]
    response = send(view)
    assert response.headers.getlist("Content-Type") == [content_type or sniffed]
    assert response.data == body


@pytest.mark.parametrize(
    ("default", "content_type"), [("application/xml", XML), (None, UNKNOWN)]
)
def test_default_that_comes_back_is_that_of_the_response_class(default, content_type):
    class Other(KitResponse):
        default_mimetype = default

    response = Other.force_type(KitResponse(BINARY))
    before = list(response.headers)
    response.headers["Content-Encoding"] = "br"
    headers = response.get_wsgi_headers(create_environ())
    assert headers["Content-Type"] == content_type
    assert list(response.headers) == [*before, ("Content-Encoding", "br")]


@pytest.mark.parametrize(
    ("view", "content_type"),
    [
        pytest.param(lambda: {"a": 1}, JSON, id="dict"),
        pytest.param(lambda: '{"a": 1}', JSON, id="json-str"),
        pytest.param(lambda: b'{"a": 1}', JSON, id="json-bytes"),
        pytest.param(lambda: DOCUMENT, XML, id="xml"),
    ],
)
def test_compressing_later_keeps_type_of_content(app, view, content_type):
    @app.after_request
    def compress(response):
        response.set_data(gzip.compress(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
        return response

    app.add_url_rule("/", view_func=view, endpoint="view")
    response = Client(app).get("/")
    assert response.headers["Content-Type"] == content_type


# As flask.Response


def set_in_upper_case(self, value):
    self.response = [value.upper()]


@pytest.mark.parametrize(
    "given",
    [
        *({}, {"response": "é"}, {"response": b"a"}, {"response": bytearray(b"a")}),
        *({"response": ["a", "b"]}, {"response": ("a", b"b")}, {"response": None}),
        *({"status": 201}, {"status": 999}, {"status": "404"}, {"status": 204}),
        *({"status": "404 Gone fishing"}, {"status": http.HTTPStatus.ACCEPTED}),
        *({"status": 304}, {"headers": {}}, {"headers": []}, {"headers": Headers()}),
        {"headers": {"X-A": "1", "Set-Cookie": ["a=1", "b=2"]}},
        *({"headers": [("X-A", "1"), ("X-A", "2")]}, {"headers": Headers({"A": "1"})}),
        *({"headers": {"Content-Length": "1"}}, {"headers": [("content-length", "7")]}),
        {"headers": {"Content-Type": "a/b", "X-A": "1"}},
        {"headers": [("content-type", "a/b"), ("X-A", "1")], "mimetype": "c/d"},
        {"headers": {"Location": "/é"}, "status": 302},
        *({"mimetype": "text/html"}, {"mimetype": "TEXT/Plain"}, {"mimetype": ""}),
        *({"mimetype": "application/json"}, {"mimetype": "image/svg+xml"}),
        *({"content_type": "text/html"}, {"content_type": ""}, {"mimetype": "a/b"}),
        {"content_type": "a/b", "mimetype": "text/html"},
    ],
    ids=ascii,
)
@pytest.mark.parametrize(
    "namespace",
    [
        *({}, {"automatically_set_content_length": False}, {"default_status": 202}),
        *({"set_data": set_in_upper_case}, {"default_mimetype": None}),
        {"default_mimetype": "text/csv"},
    ],
    ids=lambda namespace: "-".join(namespace) or "as-it-is",
)
def test_untyped_response_is_as_flask_makes_it(given, namespace):
    written = []
    for base in (flask.Response, KitResponse):
        arguments = {"response": "Hello", **given}
        if isinstance(given.get("headers"), Headers):
            arguments["headers"] = given["headers"].copy()
        response = type("R", (base,), namespace)(**arguments)
        body, status, headers = response.get_wsgi_response(create_environ())
        written.append((b"".join(body), status, headers, list(response.headers)))
    assert written[0] == written[1]


@pytest.mark.parametrize("headers", [Headers(), Headers({"X-A": "1"})], ids=repr)
def test_headers_object_is_shared_as_werkzeug_shares_it(headers):
    assert flask.Response("a", headers=headers).headers is headers
    assert KitResponse("a", headers=headers).headers is headers


# force_type


@pytest.mark.parametrize("cls", [flask.Response, werkzeug.Response, KitResponse])
def test_response_becomes_one_of_the_class_anywhere(cls):
    response = cls("[1]", 201, {"X-A": "1"})
    headers = list(response.headers)
    assert KitResponse.force_type(response) is response
    assert type(response) is KitResponse
    assert (response.status_code, list(response.headers)) == (201, headers)


@pytest.mark.parametrize(
    ("make_value", "content_type", "body"),
    [
        pytest.param(Point, JSON, b'{"x":1}', id="dataclass"),
        pytest.param(Thing, JSON, b'{"thing":1}', id="registered"),
        pytest.param(lambda: {"a": 1}, JSON, b'{"a":1}', id="dict"),
        pytest.param(lambda: "[1]", JSON, b"[1]", id="str"),
        pytest.param(lambda: bytearray(PNG), "image/png", PNG.strip(), id="bytearray"),
        pytest.param(lambda: iter(["a", "b"]), HTML, b"ab", id="iterator"),
        pytest.param(lambda: werkzeug.Response("a").__call__, TEXT, b"a", id="wsgi"),
    ],
)
def test_value_becomes_a_response(app, make_value, content_type, body):
    app.kit.add_converter(Thing, lambda thing: {"thing": 1})
    with app.app_context():
        made = KitResponse.force_type(make_value(), create_environ())
    assert type(made) is KitResponse
    assert made.headers["Content-Type"] == content_type
    assert made.data.strip() == body


@pytest.mark.parametrize(
    "value",
    [None, Point, Thing(), create_environ],
    ids=["none", "class", "unknown", "application-without-environ"],
)
def test_what_no_converter_takes_is_a_type_error(app, value):
    with app.app_context(), pytest.raises(TypeError):
        KitResponse.force_type(value)


def test_error_for_an_unknown_value_names_view_and_type():
    with pytest.raises(ConverterNotFoundError, match="'view'.* Thing.*add_converter"):
        send(Thing)


def test_conversion_needs_an_app_with_a_kit():
    with pytest.raises(RuntimeError, match="application context"):
        KitResponse.force_type(Point())
    app = Flask("bare")
    with app.app_context(), pytest.raises(RuntimeError, match=r"'bare'.*Kit\(app\)"):
        KitResponse.force_type(Point())


def test_http_error_keeps_its_status_body_and_headers(app):
    error = MethodNotAllowed(["GET", "PUT"])
    with app.app_context():
        made = KitResponse.force_type(error)
    assert (made.status_code, made.headers["Allow"]) == (405, "GET, PUT")
    assert made.data == error.get_response().data


def test_redirect_of_routing_is_not_converted(app):
    app.kit.add_converter(HTTPException, lambda error: {"code": error.code})
    app.add_url_rule("/a/", view_func=lambda: "")
    client = Client(app)
    response = client.get("/a?b=1")
    assert (response.status_code, response.location) == (308, "http://localhost/a/?b=1")
    assert client.get("/missing").json == {"code": 404}


def test_response_given_to_abort_is_not_shared_between_requests(app):
    full = flask.Response("full", 503, {"Retry-After": "9"})
    before = list(full.headers)
    app.kit.add_converter(HTTPException, lambda error: {"code": error.code})
    app.add_url_rule("/", view_func=lambda: flask.abort(full), endpoint="view")

    @app.after_request
    def count(response):
        response.headers.add("X-Count", "1")
        return response

    for _ in range(2):
        response = Client(app).get("/")
        assert (response.status_code, response.data) == (503, b"full")
        assert response.headers.getlist("X-Count") == ["1"]
    assert (type(full), list(full.headers)) == (flask.Response, before)


# What converters and values say


@pytest.mark.parametrize(
    ("make_result", "content_type"),
    [
        pytest.param(lambda: PAGE, TEXT, id="str"),
        pytest.param(lambda: "", TEXT, id="empty"),
        pytest.param(lambda: Text(PAGE), TEXT, id="str-subclass"),
        pytest.param(lambda: PAGE.encode(), TEXT, id="bytes"),
        pytest.param(lambda: bytearray(PAGE.encode()), TEXT, id="bytearray"),
        pytest.param(lambda: (part for part in [PAGE]), TEXT, id="generator"),
        pytest.param(lambda: iter([PAGE]), TEXT, id="iterator"),
        pytest.param(lambda: (PAGE, 201), TEXT, id="with-status"),
        pytest.param(lambda: Own(PAGE), TEXT, id="chain"),
        pytest.param(lambda: '{"a": 1}', JSON, id="json"),
        pytest.param(lambda: DOCUMENT, TEXT, id="xml"),
        pytest.param(lambda: DRAWING.encode(), TEXT, id="svg"),
        pytest.param(lambda: PNG, "image/png", id="png"),
        pytest.param(lambda: Markup(PAGE), HTML, id="markup"),
        pytest.param(Tag, HTML, id="__html__"),
        pytest.param(lambda: flask.Response(PAGE), HTML, id="response"),
        pytest.param(lambda: werkzeug.Response(PAGE), TEXT, id="foreign-response"),
        pytest.param(
            lambda: (PAGE, 201, [("content-type", "text/html")]),
            "text/html",
            id="explicit",
        ),
    ],
)
def test_text_of_a_converter_is_html_only_if_it_says_so(make_result, content_type):
    response = send(Thing, converter=lambda thing: make_result())
    assert response.headers.getlist("Content-Type") == [content_type]


@pytest.mark.parametrize(
    ("default", "sniff", "content_type"),
    [
        pytest.param("text/html", False, TEXT, id="html-not-sniffed"),
        pytest.param("application/xhtml+xml", "strict", TEXT, id="xhtml"),
        pytest.param("text/csv", False, "text/csv; charset=utf-8", id="csv"),
        pytest.param("text/csv", True, JSON, id="csv-sniffed"),
        pytest.param(None, False, TEXT, id="none"),
    ],
)
def test_text_of_a_converter_has_any_other_default(default, sniff, content_type):
    class Other(flask.Response):
        default_mimetype = default

    text = PAGE if sniff == "strict" else "[1]"
    response = send(
        Thing,
        converter=lambda thing: text,
        response_class=Other,
        RESPONSEKIT_SNIFF=sniff,
    )
    assert response.headers["Content-Type"] == content_type


def test_explicit_type_of_a_converter_has_no_nosniff():
    response = send(Thing, converter=lambda thing: (PAGE, {"Content-Type": "a/b"}))
    assert NOSNIFF not in response.headers


@pytest.mark.parametrize(
    ("value", "status", "content_type", "body"),
    [
        pytest.param(Own("<b>"), 200, TEXT, b"<b>", id="str"),
        pytest.param(Own(Markup("<b>")), 200, HTML, b"<b>", id="markup"),
        pytest.param(Own({"a": 1}), 200, JSON, b'{"a":1}', id="dict"),
        pytest.param(Own(Point()), 200, JSON, b'{"x":1}', id="dataclass"),
        pytest.param(Own(({"a": 1}, 201)), 201, JSON, b'{"a":1}', id="status"),
        pytest.param(
            Own(("a", 201, {"Content-Type": "a/b"})), 201, "a/b", b"a", id="headers"
        ),
        pytest.param(Own(flask.Response("a", 202)), 202, HTML, b"a", id="response"),
        pytest.param(Own(CarefulResponse("a")), 200, HTML, b"a", id="own-response"),
        pytest.param(Own(NotFound()), 404, HTML, MISSING, id="exception"),
        pytest.param(Tag(), 200, HTML, PAGE.encode(), id="__html__"),
        pytest.param(MarkedPoint(), 200, JSON, b'{"x":1}', id="dataclass-first"),
        pytest.param(OwnPoint(), 200, JSON, b"[1]", id="__response__-first"),
    ],
)
def test_value_says_itself_what_it_becomes(value, status, content_type, body):
    response = send(lambda: value)
    assert (response.status_code, response.data.strip()) == (status, body)
    assert response.headers.getlist("Content-Type") == [content_type]


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: flask.current_app.response_class("<p>"), id="default"),
        pytest.param(lambda: OwnResponse("<p>"), id="class of its own"),
    ],
)
def test_explicit_type_takes_back_only_what_the_kit_said(make):
    app = flask.Flask(__name__)
    ResponseKit(app)
    header = {"X-Content-Type-Options": "nosniff"}
    app.add_url_rule("/", view_func=lambda: (make(), {"Content-Type": "a/b"}))
    app.add_url_rule("/own", "own", lambda: (make(), {"Content-Type": "a/b", **header}))
    client = Client(app)
    assert "X-Content-Type-Options" not in client.get("/").headers
    assert client.get("/own").headers["X-Content-Type-Options"] == "nosniff"


class OwnResponse(flask.Response):
    pass


# A content type that is set later.


def set_header(response):
    response.headers["Content-Type"] = "text/csv"


def set_mimetype(response):
    response.mimetype = "text/csv"


def set_content_type(response):
    response.content_type = "text/csv; charset=utf-8"


@pytest.mark.parametrize("change", [set_header, set_mimetype, set_content_type])
@pytest.mark.parametrize("value", ["<p>", '{"a": 1}', {"a": 1}], ids=repr)
def test_type_that_is_set_later_may_be_guessed(value, change):
    app = Flask(__name__)
    ResponseKit(app)
    app.add_url_rule("/", view_func=lambda: value)

    @app.after_request
    def change_type(response):
        change(response)
        return response

    response = app.test_client().get("/")
    assert response.mimetype == "text/csv"
    assert "X-Content-Type-Options" not in response.headers


@pytest.mark.parametrize("value", ["nosniff", "own"])
def test_what_the_app_says_of_guessing_is_kept(value):
    app = Flask(__name__)
    ResponseKit(app)
    app.add_url_rule("/", view_func=lambda: '{"a": 1}')

    @app.after_request
    def secure(response):
        response.headers["X-Content-Type-Options"] = value
        response.headers["Content-Type"] = "text/csv"
        return response

    headers = app.test_client().get("/").headers
    assert headers.getlist("X-Content-Type-Options") == [value]


def test_type_is_known_where_other_headers_come_first():
    class Provider(DefaultJSONProvider):
        def response(self, *args, **kwargs):
            headers = {"X-A": "1", "Content-Type": "application/json"}
            return self._app.response_class(self.dumps(args[0]), headers=headers)

    app = Flask(__name__)
    app.json = Provider(app)
    ResponseKit(app)
    app.add_url_rule("/", view_func=lambda: {"a": 1})
    headers = app.test_client().get("/").headers
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("make_copy", [copy.copy, copy.deepcopy])
@pytest.mark.parametrize("mimetype", ["text/plain", None])
def test_copy_says_of_guessing_what_the_original_says(make_copy, mimetype):
    response = KitResponse("{}", mimetype=mimetype)
    for one in (response, make_copy(response)):
        one.headers["Content-Type"] = "text/csv"
        assert "X-Content-Type-Options" not in one.get_wsgi_headers(create_environ())


def test_header_that_the_app_removed_is_not_put_back():
    response = KitResponse("{}")
    del response.headers["X-Content-Type-Options"]
    for one in (response, pickle.loads(pickle.dumps(response)), copy.copy(response)):
        assert "X-Content-Type-Options" not in one.headers


@pytest.mark.parametrize("status", ["201 Made", 201])
def test_status_is_taken_as_flask_takes_it(status):
    app = Flask(__name__)
    ResponseKit(app, renderers=["json", "csv"])
    app.add_url_rule("/", view_func=lambda: ({"a": 1}, status, {"X-A": "1"}))
    assert app.test_client().get("/").status_code == 201
